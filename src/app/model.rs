//! The model: the world, what has been watched of it, and how the person looks at it.

use super::at_home::AtHome;
use super::breakpoints::{Breakpoint, BreakpointError, Breakpoints};
use super::challenges::Challenging;
use super::deeds::Deed;
use super::history::{LagHistory, Outage};
use super::holding::Holding;
use super::keeping::Keeping;
use super::marks::Mark;
use super::moment::Moment;
use super::msg::{ChartSpan, ChartUnit};
use super::notice::Notice;
use super::outcomes::Outcomes;
use super::refusal::RefusedSetting;
use super::roads::{Branch, BranchNameError};
use super::same_day::Comparing;
use super::searching::Searching;
use super::seeking::SeekDraft;
use super::timeline::Timeline;
use super::tour::Stop;
use super::ways_out::WayTaken;
use crate::check::{Costs, Ledger, Listed};
use crate::log::{RecordRef, TopicId, TopicPartition};
use crate::scenario::Scenario;
use crate::sim::{Command, ServiceId, World};
use crate::sorted::SortedSet;
use crate::time::{Instant, Span};

/// How many flights are kept for the next frame; more cannot be told apart by eye.
pub(super) const FLIGHTS_MAX: usize = 240;

/// How many times faster than the clock on the wall simulated time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed {
    per_mille: u32,
}

impl Speed {
    /// The speeds that the page offers.
    pub const OFFERED: [Self; 9] = [
        Self { per_mille: 100 },
        Self { per_mille: 250 },
        Self { per_mille: 500 },
        Self { per_mille: 1_000 },
        Self { per_mille: 2_000 },
        Self { per_mille: 5_000 },
        Self { per_mille: 20_000 },
        Self { per_mille: 100_000 },
        Self { per_mille: 1_000_000 },
    ];

    /// As fast as the clock on the wall.
    pub const REAL_TIME: Self = Self { per_mille: 1_000 };

    /// The highest speed at which an eye can follow what comes in.
    pub const FOLLOWED_MAX: Self = Self { per_mille: 5_000 };

    /// The simulated time that goes by in `real`.
    pub fn simulated(self, real: Span) -> Span {
        Span::from_us(real.as_us().saturating_mul(u64::from(self.per_mille)) / 1_000)
    }

    /// As it is written: `0.25`, `1`, `1000`.
    pub fn label(self) -> String {
        let (whole, part) = (self.per_mille / 1_000, self.per_mille % 1_000);
        if part == 0 { whole.to_string() } else { format!("{whole}.{part:03}").trim_end_matches('0').to_owned() }
    }
}

/// The colours of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// What the device prefers.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A record on its way, for the picture only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The service it comes from or goes to; `None` is the person at the page.
    pub service: Option<ServiceId>,
    /// The partition it goes to or comes from.
    pub partition: TopicPartition,
    /// Whether it is being published.
    pub inbound: bool,
}

/// Everything the page knows.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) scenario: Scenario,
    pub(super) moment: Moment,
    pub(super) timeline: Timeline,
    pub(super) flights: Vec<Flight>,
    pub(super) playing: bool,
    pub(super) speed: Speed,
    /// Simulated time that has gone by on the wall and not in the world.
    pub(super) owed: Span,
    pub(super) is_too_slow: bool,
    pub(super) selected: Option<RecordRef>,
    pub(super) looked_into: Option<TopicPartition>,
    pub(super) opened_service: Option<ServiceId>,
    pub(super) opened_list: Option<(ServiceId, Listed)>,
    pub(super) has_unfolded_promises: bool,
    pub(super) seek_draft: SeekDraft,
    /// The topics that stand beside and are shown all the same.
    pub(super) unfolded: SortedSet<TopicId>,
    /// The service whose place the lanes of a topic show instead of the newest records.
    pub(super) followed: Option<(TopicId, ServiceId)>,
    pub(super) holding: Holding,
    /// When another road was taken, if time has not gone on since.
    pub(super) road_taken: Option<Instant>,
    /// The settings whose last change was refused: each of them once.
    pub(super) refused_settings: Vec<RefusedSetting>,
    /// The way out that was taken last from the record that is looked at.
    pub(super) way_taken: Option<WayTaken>,
    pub(super) breakpoints: Breakpoints,
    pub(super) stepped: Option<String>,
    pub(super) notice: Option<Notice>,
    pub(super) chart_span: ChartSpan,
    pub(super) chart_unit: ChartUnit,
    pub(super) theme: Theme,
    pub(super) lane_cells: u32,
    /// Which of the page's runs this is, from 0.
    pub(super) run_id: u32,
    pub(super) comparing: Comparing,
    pub(super) searching: Searching,
    pub(super) keeping: Keeping,
    pub(super) challenging: Challenging,
    /// Where the tour stands, while it goes on.
    pub(super) tour: Option<Stop>,
    pub(super) at_home: AtHome,
}

impl Model {
    /// The beginning of a run.
    pub fn new(scenario: Scenario, seed: u64) -> Self {
        let moment = Moment::new(scenario.world.clone(), seed);
        Self {
            timeline: Timeline::new(&moment),
            moment,
            flights: Vec::new(),
            playing: false,
            speed: Speed::REAL_TIME,
            owed: Span::ZERO,
            is_too_slow: false,
            selected: None,
            looked_into: None,
            opened_service: None,
            opened_list: None,
            has_unfolded_promises: false,
            seek_draft: SeekDraft::default(),
            unfolded: SortedSet::new(),
            followed: None,
            holding: Holding::default(),
            road_taken: None,
            refused_settings: Vec::new(),
            way_taken: None,
            breakpoints: Breakpoints::default(),
            stepped: None,
            notice: None,
            chart_span: ChartSpan::default(),
            chart_unit: ChartUnit::default(),
            theme: Theme::default(),
            lane_cells: 12,
            run_id: 0,
            comparing: Comparing::default(),
            searching: Searching::default(),
            keeping: Keeping::default(),
            challenging: Challenging::default(),
            tour: None,
            at_home: AtHome::default(),
            scenario,
        }
    }

    /// A run at the moment at which its scenario wants to be met.
    pub fn opened(scenario: Scenario, seed: u64) -> Self {
        let mut model = Self::new(scenario, seed);
        model.advance_to(model.scenario.opens_at);
        model.flights.clear();
        model
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The world, to be looked at.
    pub fn world(&self) -> &World {
        &self.moment.world
    }

    /// What became of every record.
    pub fn ledger(&self) -> &Ledger {
        &self.moment.ledger
    }

    /// What people outside have seen.
    pub fn outcomes(&self) -> &Outcomes {
        &self.moment.outcomes
    }

    /// What redelivery has cost.
    pub fn costs(&self) -> &Costs {
        &self.moment.costs
    }

    /// How lag went over time.
    pub fn lag_history(&self) -> &LagHistory {
        &self.moment.lag
    }

    /// When services were away.
    pub fn outages(&self) -> &[Outage] {
        &self.moment.outages
    }

    /// Whether simulated time runs.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Which of the page's runs this is, from 0.
    pub fn run_id(&self) -> u32 {
        self.run_id
    }

    /// How fast simulated time runs.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// Whether the device is too slow for the speed that was chosen.
    pub fn is_too_slow(&self) -> bool {
        self.is_too_slow
    }

    /// The colours of the page.
    pub fn theme(&self) -> Theme {
        self.theme
    }

    /// Whether the promises are shown one by one.
    pub fn has_unfolded_promises(&self) -> bool {
        self.has_unfolded_promises
    }

    /// What there is to tell the person.
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// How far the run has come, whatever instant of it is looked at.
    pub fn end(&self) -> Instant {
        self.timeline.end()
    }

    /// About how many bytes all that is kept takes to go back in time.
    pub fn checkpoint_bytes(&self) -> u64 {
        self.timeline.weight_bytes()
    }

    /// When services were away, in all of the run.
    pub fn all_outages(&self) -> &[Outage] {
        self.timeline.outages()
    }

    /// What else happened when, in all of the run.
    pub fn marks(&self) -> impl DoubleEndedIterator<Item = &Mark> {
        self.timeline.marks().iter()
    }

    /// What a person did that is neither an absence nor a mark, in all of the run.
    pub fn deeds(&self) -> impl DoubleEndedIterator<Item = &Deed> {
        self.timeline.deeds().iter()
    }

    /// What the run is held at, in the order in which it was asked for.
    pub fn breakpoints(&self) -> impl Iterator<Item = &Breakpoint> {
        self.breakpoints.all()
    }

    /// Has the run held at something.
    pub fn hold_at(&mut self, point: Breakpoint) -> Result<(), BreakpointError> {
        self.breakpoints.add(point, &self.moment)
    }

    /// Calls a road that was left something else.
    pub fn rename_branch(&mut self, index: usize, name: &str) -> Result<(), BranchNameError> {
        self.timeline.roads_mut().rename(index, name)
    }

    /// Forgets a road that was left. Returns whether there is one with this number.
    pub fn forget_branch(&mut self, index: usize) -> bool {
        self.timeline.roads_mut().take(index).is_some()
    }

    /// Whether something can be taken back, and whether something can be done again.
    pub fn can_undo_redo(&self) -> (bool, bool) {
        self.timeline.can(&self.moment)
    }

    /// The roads that were left, the oldest first.
    pub fn branches(&self) -> &[Branch] {
        self.timeline.roads().all()
    }

    /// Looks at another instant of the run.
    pub fn seek(&mut self, at: Instant) {
        self.stay_held(); // the link is not to what is looked at any more
        self.timeline.seek(&mut self.moment, at);
        self.look_anew();
    }

    /// Goes back to the event before.
    pub fn step_back(&mut self) {
        self.timeline.step_back(&mut self.moment);
        self.look_anew();
    }

    /// Takes back what was done last. Returns what that was, in order.
    pub fn undo(&mut self) -> Option<Vec<Command>> {
        let undone = self.timeline.undo(&mut self.moment);
        self.look_anew();
        undone
    }

    /// Does again what was taken back last. Returns what that is, in order.
    pub fn redo(&mut self) -> Option<Vec<Command>> {
        let again = self.timeline.redo(&mut self.moment);
        self.look_anew();
        again
    }

    /// Goes back to a road that was left. Returns whether there is one with this number.
    pub fn take_branch(&mut self, index: usize) -> bool {
        let is_there = self.timeline.take(&mut self.moment, index);
        self.look_anew();
        is_there
    }

    /// What was on its way, or was said of the instant before, is of another time.
    fn look_anew(&mut self) {
        self.flights.clear();
        self.owed = Span::ZERO;
        self.breakpoints.look_at(&self.moment);
        self.look_at_challenges(false);
        (self.stepped, self.notice, self.way_taken, self.road_taken) = (None, None, None, None);
        self.holding = Holding::default();
    }

    /// The records that have set out since the last call, for the picture.
    pub fn take_flights(&mut self) -> Vec<Flight> {
        std::mem::take(&mut self.flights)
    }

    /// Begins another run in the same page: what belongs to the page stays.
    pub fn begin(&mut self, mut run: Self) {
        if run.is_opening() {
            run.count_own_challenges(&self.challenging);
        }
        let is_same_scenario = self.scenario.name == run.scenario.name;
        let mut breakpoints = std::mem::take(&mut self.breakpoints);
        breakpoints.appointment = None;
        breakpoints.look_at(&run.moment);
        // A run that is gone on with brings what was found in it.
        let searching = if run.has_searched() { run.searching.clone() } else { std::mem::take(&mut self.searching) };
        *self = Self {
            breakpoints: if is_same_scenario { breakpoints } else { Breakpoints::default() },
            run_id: self.run_id + 1,
            playing: self.is_going_on(),
            speed: self.speed,
            theme: self.theme,
            lane_cells: self.lane_cells,
            chart_span: self.chart_span,
            comparing: self.comparing.beside(&run.moment.world),
            chart_unit: self.chart_unit,
            has_unfolded_promises: self.has_unfolded_promises,
            tour: self.tour,
            challenging: std::mem::take(&mut self.challenging).go_on(&run.challenging),
            searching,
            at_home: std::mem::take(&mut self.at_home),
            ..run
        };
    }
}

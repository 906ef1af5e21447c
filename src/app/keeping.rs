//! Keeping a run, and opening one that was kept or sent. A run is opened by running it again, a slice at a time, so
//! that a long one does not hold up the page.

use super::course::Course;
use super::embed::Copied;
use super::kept::Kept;
use super::model::Model;
use super::msg::Effect;
use super::notice::Notice;
use super::roads::Branch;
use super::searching::{self, Searching};
use super::sharing::{self, Sharing};
use super::timeline::Timeline;
use crate::run::{LinkError, Road, Run, file_of, is_run_file, link_of, of_file, of_link};
use crate::scenario::{self, Scenario};
use crate::time::{Instant, Span};
use std::rc::Rc;

/// How much simulated time is run again between two looks at the clock on the wall.
const SLICE: Span = Span::from_ms(1_000);

/// What a person does about keeping and sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepMsg {
    /// Send this run at this instant.
    Share,
    /// Copy the link once more, or what embeds the run.
    Copy(Copied),
    /// This of it lies on the clipboard, or could not be put there.
    Copied(Copied, bool),
    /// The link has been sent: the run goes on, if it was held for that.
    CloseSharing,
    /// The person has read that the run was sent, or saved, and is held.
    DismissArrival,
    /// Put this run into a file.
    Save,
    /// Open the run of a link.
    OpenLink(String),
    /// A run of an earlier visit is there to be gone on with.
    Offer(Rc<Kept>),
    /// A run was left for this one, before the page was loaded again.
    SetAside(Rc<Kept>),
    /// Go on with it.
    GoOn,
    /// Leave it.
    Decline,
    /// Do not run the rest of the run that is being opened.
    StopOpening,
}

/// Where a run came from that was opened and is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A link.
    Link,
    /// A file.
    File,
}

/// A run that is being opened.
#[derive(Clone, Debug)]
struct Opening {
    at: Instant,
    trace_hash: Option<u64>,
    commands: usize,
    playing: bool,
}

/// What the model holds of all this.
#[derive(Clone, Debug, Default)]
pub(super) struct Keeping {
    pub(super) sharing: Option<Sharing>,
    /// Whether the run was going on when it was held to be sent, and is to go on after that.
    pub(super) is_held_to_share: bool,
    /// Where the run came from that was opened, until the person has it go on.
    arrival: Option<Arrival>,
    offer: Option<Rc<Kept>>,
    /// Whether the run that is offered was left a moment ago, for another.
    is_set_aside: bool,
    opening: Option<Opening>,
}

impl Model {
    /// The run as it can be kept and sent.
    pub fn run(&self) -> Run {
        let road = |branch: &Branch| {
            let Branch { name, commands, presses, end, .. } = branch.clone();
            Road { name, commands, presses, end }
        };
        Run {
            scenario: self.scenario.clone(),
            seed: self.moment.world.seed(),
            commands: self.timeline.commands(&self.moment),
            presses: self.timeline.presses().clone(),
            at: self.moment.now(),
            end: self.timeline.end(),
            trace_hash: Some(self.moment.world.trace_hash()),
            roads: self.timeline.roads().all().iter().map(road).collect(),
        }
    }

    /// The run as the browser keeps it.
    pub fn kept(&self) -> Kept {
        Kept { run: self.run(), playing: self.is_going_on(), speed: self.speed, search: self.searching.kept() }
    }

    /// A run that was kept or sent, held at the instant that was looked at.
    pub fn of_run(run: Run) -> Self {
        let mut model = Self::opening(run);
        model.finish_opening();
        model
    }

    /// The same, before anything of it was run: [`Model::open_on`] does that.
    pub fn opening(run: Run) -> Self {
        let mut model = Self::new(run.scenario, run.seed);
        let branch = |Road { name, commands, presses, end }| {
            let course = Course::default();
            Branch { name, commands, presses, end, course }
        };
        model.keeping.opening =
            Some(Opening { at: run.at, trace_hash: run.trace_hash, commands: run.commands.len(), playing: false });
        let branches = run.roads.into_iter().map(branch).collect();
        model.moment.challenges.count_after(run.at);
        model.timeline = Timeline::of_run(&model.moment, (run.commands, run.presses), run.end, branches);
        model
    }

    /// A run that the browser has kept, as it was looked at, before anything of it was run.
    pub fn of_kept(kept: Kept) -> Self {
        let mut model = Self::opening(kept.run);
        model.speed = kept.speed;
        model.searching = kept.search.as_deref().and_then(Searching::of_kept).unwrap_or_default();
        if let Some(opening) = &mut model.keeping.opening {
            opening.playing = kept.playing;
        }
        model
    }

    /// How far the run that is being opened has been run again, in hundredths.
    pub fn opened_percent(&self) -> Option<u64> {
        let part = self.moment.now().as_us() * 100 / self.end().as_us().max(1);
        self.keeping.opening.as_ref().map(|_| part.min(100))
    }

    /// Whether a run is being opened.
    pub fn is_opening(&self) -> bool {
        self.keeping.opening.is_some()
    }

    /// Runs the run that is being opened on by a slice. Returns whether there is more.
    pub fn open_on(&mut self) -> bool {
        if !self.is_opening() {
            return false;
        }
        let until = (self.moment.now() + SLICE).min(self.end());
        let notice = self.notice.take();
        self.advance_to(until);
        self.notice = notice; // what there was to tell then is told no longer
        if self.moment.now() >= self.end() {
            self.end_opening();
        }
        self.is_opening()
    }

    /// Runs all of the run that is being opened: whoever does something to it wants to do it at the right instant.
    pub fn finish_opening(&mut self) {
        while self.open_on() {}
    }

    fn end_opening(&mut self) {
        let Some(opening) = self.keeping.opening.take() else { return };
        let commands = self.timeline.commands(&self.moment).len();
        let notice = self.notice.take();
        self.seek(opening.at);
        self.notice = notice;
        self.playing = opening.playing;
        let is_same = opening.trace_hash.is_none_or(|hash| hash == self.moment.world.trace_hash());
        if !is_same || commands < opening.commands {
            self.notice = Some(Notice::new(went_otherwise(opening.commands - commands), true));
        }
    }

    /// Whether time runs, or does again once the link to the run is closed: what begins, is kept or gone back to goes on likewise.
    pub fn is_going_on(&self) -> bool {
        self.playing || self.is_held_to_share()
    }

    /// The person takes time into their own hands.
    pub(super) fn take_time_in_hand(&mut self) {
        self.forget_held();
        self.playing = false;
    }

    /// Where the run came from, while it is still held as it was opened.
    pub fn arrival(&self) -> Option<Arrival> {
        self.keeping.arrival.filter(|_| !self.playing && !self.is_opening())
    }

    /// The person has the run go on, or holds it: no more is to be said of that, or done about it.
    pub(super) fn forget_held(&mut self) {
        (self.keeping.is_held_to_share, self.keeping.arrival) = (false, None);
    }

    /// A run of an earlier visit.
    pub fn offer(&self) -> Option<&Kept> {
        self.keeping.offer.as_deref()
    }

    /// Whether the run that is offered was left a moment ago, for another; otherwise it is of an earlier visit.
    pub fn is_set_aside(&self) -> bool {
        self.keeping.is_set_aside
    }

    /// The run that was left for this one, if it can be gone back to.
    pub fn left_run(&self) -> Option<&Rc<Kept>> {
        self.keeping.offer.as_ref().filter(|_| self.is_set_aside())
    }

    /// Whether taking back leads to the run that was left: nothing was done in this one.
    pub(super) fn undo_leads_to_left_run(&self) -> bool {
        let is_untouched = self.timeline.commands(&self.moment).is_empty() && self.branches().is_empty();
        self.left_run().is_some() && is_untouched
    }

    /// The fragment of a link to the run at this instant.
    pub fn link(&self) -> Result<String, LinkError> {
        link_of(&self.run())
    }

    pub(super) fn complain(&mut self, text: String) {
        self.notice = Some(Notice::new(text, true));
    }
}

/// What is said when a run does not come out as it did.
fn went_otherwise(refused: usize) -> String {
    let refused = match refused {
        0 => String::new(),
        1 => " One of its commands was refused.".to_owned(),
        count => format!(" {count} of its commands were refused."),
    };
    format!(
        "This run was recorded with another version of Catchup, or changed by hand: from the same beginning it goes another way \
         here.{refused}"
    )
}

/// Takes in what a person does about keeping and sending.
pub(super) fn update(model: &mut Model, msg: KeepMsg) -> Vec<Effect> {
    match msg {
        KeepMsg::Share => return sharing::share(model, None),
        KeepMsg::Copy(what) => return sharing::copy(model, what).into_iter().collect(),
        KeepMsg::Copied(what, is_done) => return sharing::copied(model, what, is_done),
        KeepMsg::CloseSharing => return sharing::close(model),
        KeepMsg::Save => return save(model),
        KeepMsg::OpenLink(link) => match of_link(&link) {
            Ok(run) => return begin_arrived(model, run, Arrival::Link),
            Err(error) => model.complain(format!("{error} Nothing has changed.")),
        },
        KeepMsg::DismissArrival => model.keeping.arrival = None,
        KeepMsg::Offer(kept) => (model.keeping.offer, model.keeping.is_set_aside) = (Some(kept), false),
        KeepMsg::SetAside(left) => (model.keeping.offer, model.keeping.is_set_aside) = (Some(left), true),
        KeepMsg::GoOn => go_back(model),
        KeepMsg::Decline => model.keeping.offer = None,
        KeepMsg::StopOpening => stop_opening(model),
    }
    Vec::new()
}

/// Begins another run. If something was done in the present one, it can be gone back to; otherwise what could be before still can.
pub(super) fn set_aside(model: &mut Model, run: Model) {
    let left = model.kept();
    begin_beside(model, run, left);
}

/// A run that is opened is held until all of it was run again.
fn begin(model: &mut Model, run: Model) {
    let (left, speed) = (model.kept(), run.speed);
    model.take_time_in_hand();
    begin_beside(model, run, left);
    model.speed = speed;
}

fn begin_beside(model: &mut Model, run: Model, left: Kept) {
    let (offer, is_set_aside) = (model.keeping.offer.take(), model.keeping.is_set_aside);
    model.begin(run);
    let has_work = !left.run.commands.is_empty() || !left.run.roads.is_empty();
    model.keeping.offer = if has_work { Some(Rc::new(left)) } else { offer };
    model.keeping.is_set_aside = has_work || is_set_aside;
}

/// Begins the run anew, with this seed.
pub(super) fn begin_anew(model: &mut Model, seed: u64) {
    let run = Model::opened(model.scenario.clone(), seed);
    set_aside(model, run);
}

/// Goes back to the run that is offered. If something was done in the present one, that is offered in its place.
pub(super) fn go_back(model: &mut Model) {
    if let Some(kept) = model.keeping.offer.take() {
        begin(model, Model::of_kept(Kept::clone(&kept)));
    }
}

/// Opens a run that comes from elsewhere.
fn begin_arrived(model: &mut Model, run: Run, from: Arrival) -> Vec<Effect> {
    let before = model.scenario.name.clone();
    begin(model, Model::opening(run));
    model.keeping.arrival = Some(from);
    searching::forget_other(model, &before)
}

fn save(model: &mut Model) -> Vec<Effect> {
    match file_of(&model.run()) {
        Ok(text) => {
            let name = format!("catchup-{}-{}.json", model.scenario.name, model.moment.world.seed());
            vec![Effect::Download { name, text }]
        }
        Err(error) => {
            model.complain(error.to_string());
            Vec::new()
        }
    }
}

/// Opens the run or the scenario in a file. A file with a mistake leaves a notice and changes nothing else.
pub(super) fn open_file(model: &mut Model, text: &str, seed: u64) -> Vec<Effect> {
    let refusal = if is_run_file(text) {
        match of_file(text) {
            Ok(run) => return begin_arrived(model, run, Arrival::File),
            Err(error) => format!("{error} Nothing has changed."),
        }
    } else {
        match scenario::parse(text) {
            Ok(scenario) => return begin_scenario(model, scenario, seed),
            Err(error) => format!("This file was not opened, and nothing has changed. {error}"),
        }
    };
    model.complain(refusal);
    Vec::new()
}

/// Begins a run of another scenario. What was sought in the one before is forgotten, if it is another system.
pub(super) fn begin_scenario(model: &mut Model, scenario: Scenario, seed: u64) -> Vec<Effect> {
    let before = model.scenario.name.clone();
    set_aside(model, Model::opened(scenario, seed));
    searching::forget_other(model, &before)
}

/// The run is what has been run again of it by now.
fn stop_opening(model: &mut Model) {
    model.keeping.opening = None;
    model.timeline.cut(&model.moment);
}

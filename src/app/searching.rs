//! "Find an outage that breaks a promise": what the page asks a search to do, what it hears of it, and how what was found is played.
//!
//! The search itself runs apart from the page, in a worker. Both speak in texts: a run file there, a report back.

mod outlook;
mod report;
#[cfg(test)]
mod tests;

pub use outlook::{Change, Outlook};
pub use report::{FoundRun, Report, report_of};

use super::breakpoints::Appointment;
use super::keeping;
use super::model::Model;
use super::msg::Effect;
use crate::check::promises::Promise;
use crate::json::quoted;
use crate::run::{FileError, Presses, Run, file_of, of_file};
use crate::search::{Base, HORIZON, HORIZON_MS, SEED_MAX, Search, Stage, settings_of};
use crate::sim::StampedCommand;
use crate::time::Instant;

/// How many schedules a search tries before it gives up.
pub const TRIES_MAX: u32 = 2_000;
/// What the focus goes to when something was found.
const HEADING: &str = "search-title";
/// The promises that can be chosen. Until somebody does, the first is that the settings allow to be broken.
pub const SOUGHT: [Promise; 7] = [
    Promise::NothingIsLost,
    Promise::NothingTwice,
    Promise::InOrder,
    Promise::AcknowledgedIsThere,
    Promise::RetriedOnce,
    Promise::WrittenOnce,
    Promise::SentInOrder,
];

/// What is asked of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchOptions {
    /// The name of the promise to be broken.
    pub promise: String,
    /// How many schedules to try.
    pub tries_max: u32,
    /// The seed that is tried first; that of the run, if none is given.
    pub seed: Option<u64>,
    /// How long each run is, in milliseconds.
    pub horizon_ms: u64,
}

impl Default for SearchOptions {
    fn default() -> Self {
        let promise = SOUGHT[0].name().to_owned();
        Self { promise, tries_max: TRIES_MAX, seed: None, horizon_ms: HORIZON.as_ms() }
    }
}

/// What a search is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchJob {
    /// A run file with the scenario, the seed and the settings, which ends where each run of the search does.
    pub file: String,
    /// The name of the promise.
    pub promise: &'static str,
    /// How many schedules to try.
    pub tries_max: u32,
}

/// What a person does about the search, and what is heard of it.
#[derive(Clone, Debug, PartialEq)]
pub enum SearchMsg {
    /// Choose the promise to be broken, by its name.
    Choose(String),
    /// Begin with this seed; with that of the run, if it is empty.
    SetSeed(String),
    /// Let each run be so many seconds long.
    SetHorizon(String),
    /// Begin.
    Start,
    /// Leave it.
    Cancel,
    /// It tells how far it is, with how many schedules it tries a second, in tenths.
    Report(Report, u64),
    /// It cannot be run, and this is why.
    Fail(String),
    /// Play what was found, from just before.
    Play,
}

/// How a search stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SearchState {
    /// There is none.
    #[default]
    Idle,
    /// It is on, as far as is known.
    Running(Option<(Report, u64)>),
    /// It is over: it has found something, or tried all it was to.
    Over(Report, u64),
    /// Somebody left it.
    Cancelled(u32),
    /// It could not be run.
    Failed(String),
}

/// What the model holds of all this.
#[derive(Clone, Debug)]
pub(super) struct Searching {
    /// The promise that somebody has chosen, or that a search was begun for.
    pub(super) chosen: Option<Promise>,
    /// As somebody has typed them.
    pub(super) seed: String,
    pub(super) horizon_s: String,
    pub(super) state: SearchState,
}

impl Default for Searching {
    fn default() -> Self {
        let horizon_s = (HORIZON.as_ms() / 1_000).to_string();
        Self { chosen: None, seed: String::new(), horizon_s, state: SearchState::Idle }
    }
}

impl Searching {
    fn options(&self, promise: Promise) -> Result<SearchOptions, String> {
        let seed = match self.seed.trim() {
            "" => None,
            seed => Some(seed.parse().map_err(|_| wrong_seed(seed))?),
        };
        let seconds: Option<u64> = self.horizon_s.trim().parse().ok();
        let horizon_ms = seconds.and_then(|seconds| seconds.checked_mul(1_000));
        Ok(SearchOptions {
            promise: promise.name().to_owned(),
            seed,
            horizon_ms: horizon_ms.ok_or_else(|| wrong_horizon(&format!("{} seconds", self.horizon_s)))?,
            ..SearchOptions::default()
        })
    }

    /// What is kept of it over a reload: what was found, or that nothing was.
    pub(super) fn kept(&self) -> Option<String> {
        let SearchState::Over(report, per_second) = &self.state else { return None };
        Some(format!("{} {per_second} {}", self.chosen?.name(), report.text))
    }

    /// What [`Searching::kept`] has given.
    pub(super) fn of_kept(text: &str) -> Option<Self> {
        let [promise, per_second, report] = *text.splitn(3, ' ').collect::<Vec<_>>() else { return None };
        let report = Report::read(report).filter(Report::is_over)?;
        let state = SearchState::Over(report, per_second.parse().ok()?);
        Some(Self { chosen: sought(promise).ok(), state, ..Self::default() })
    }
}

fn sought(name: &str) -> Result<Promise, String> {
    SOUGHT.into_iter().find(|promise| promise.name() == name).ok_or_else(|| {
        let known = SOUGHT.map(Promise::name).join(", ");
        format!("promise is {}; it must be one of {known}", quoted(name))
    })
}

fn wrong_seed(seed: &str) -> String {
    format!("seed is {seed}; it must be a whole number from 0 to {SEED_MAX}")
}

fn wrong_horizon(horizon: &str) -> String {
    let (least, most) = (HORIZON_MS.start(), HORIZON_MS.end());
    format!("horizon is {horizon}; it must be from {least} to {most} milliseconds")
}

/// The search that a job asks for.
pub fn search_of(file: &str, promise: &str, tries_max: u32) -> Result<Search, String> {
    let promise = sought(promise)?;
    let run = of_file(file).map_err(|error| error.to_string())?;
    let settings = run.commands.into_iter().map(|stamped| stamped.command).collect();
    let horizon = run.end.since(Instant::START);
    Ok(Search::new(Base { spec: run.scenario.world, seed: run.seed, settings, promise, tries_max, horizon }))
}

impl Model {
    /// Whether a search is over, and what it has found worth keeping.
    pub fn has_searched(&self) -> bool {
        matches!(self.searching.state, SearchState::Over(..))
    }

    /// The promise that a search would try to break: the one that was chosen, or else one that the settings allow to be broken.
    pub fn promise_sought(&self) -> Promise {
        let is_likely = |promise: &Promise| matches!(self.outlook(*promise), Outlook::Likely(_));
        self.searching.chosen.unwrap_or_else(|| SOUGHT.into_iter().find(is_likely).unwrap_or(SOUGHT[0]))
    }

    /// What a search for a broken promise has to do, set as the run is at the instant that is looked at.
    pub fn search_job(&self, options: &SearchOptions) -> Result<SearchJob, String> {
        let promise = sought(&options.promise)?;
        let seed = options.seed.unwrap_or(self.world().seed());
        if options.seed.is_some_and(|seed| seed > SEED_MAX) {
            return Err(wrong_seed(&seed.to_string()));
        }
        if !HORIZON_MS.contains(&options.horizon_ms) {
            return Err(wrong_horizon(&options.horizon_ms.to_string()));
        }
        let at_once = |command| StampedCommand { at: Instant::START, command };
        let run = Run {
            seed,
            commands: settings_of(self.world()).into_iter().map(at_once).collect(),
            at: Instant::START,
            end: Instant::from_ms(options.horizon_ms),
            presses: Presses::default(),
            trace_hash: None,
            roads: Vec::new(),
            ..self.run()
        };
        let file = file_of(&run).map_err(|error: FileError| error.to_string())?;
        Ok(SearchJob { file, promise: promise.name(), tries_max: options.tries_max })
    }
}

/// Takes in what a person does about the search, and what is heard of it.
pub(super) fn update(model: &mut Model, msg: SearchMsg) -> Vec<Effect> {
    let is_running = matches!(model.searching.state, SearchState::Running(_));
    match msg {
        SearchMsg::Choose(word) if !is_running => {
            let searching = &mut model.searching;
            (searching.chosen, searching.state) = (sought(&word).ok(), SearchState::Idle);
        }
        SearchMsg::SetSeed(seed) => model.searching.seed = seed,
        SearchMsg::SetHorizon(horizon_s) => model.searching.horizon_s = horizon_s,
        SearchMsg::Start => return start(model),
        SearchMsg::Cancel => {
            let tries = match &model.searching.state {
                SearchState::Running(Some((report, _))) => report.tries,
                SearchState::Running(None)
                | SearchState::Idle
                | SearchState::Over(..)
                | SearchState::Cancelled(_)
                | SearchState::Failed(_) => 0,
            };
            model.searching.state = SearchState::Cancelled(tries);
            return vec![Effect::StopSearch];
        }
        SearchMsg::Report(report, per_second) if is_running => return hear(model, report, per_second),
        SearchMsg::Fail(reason) => {
            model.searching.state = SearchState::Failed(reason);
            return vec![Effect::StopSearch];
        }
        SearchMsg::Play => {
            play(model);
            return vec![Effect::Reveal("top")];
        }
        SearchMsg::Choose(_) | SearchMsg::Report(..) => {}
    }
    Vec::new()
}

fn start(model: &mut Model) -> Vec<Effect> {
    let promise = model.promise_sought();
    match model.searching.options(promise).and_then(|options| model.search_job(&options)) {
        Ok(job) => {
            model.searching.chosen = Some(promise);
            model.searching.state = SearchState::Running(None);
            vec![Effect::StartSearch(job)]
        }
        Err(reason) => {
            model.searching.state = SearchState::Failed(reason);
            Vec::new()
        }
    }
}

fn hear(model: &mut Model, report: Report, per_second: u64) -> Vec<Effect> {
    match report.stage {
        Stage::Trying | Stage::Shrinking => {
            model.searching.state = SearchState::Running(Some((report, per_second)));
            Vec::new()
        }
        Stage::Found | Stage::NotFound => {
            model.searching.state = SearchState::Over(report, per_second);
            vec![Effect::StopSearch, Effect::FocusId(HEADING)]
        }
    }
}

/// Forgets what was sought: it was about another system. What is still going on is stopped.
pub(super) fn forget(model: &mut Model) -> Vec<Effect> {
    match std::mem::take(&mut model.searching).state {
        SearchState::Running(_) => vec![Effect::StopSearch],
        SearchState::Idle | SearchState::Over(..) | SearchState::Cancelled(_) | SearchState::Failed(_) => Vec::new(),
    }
}

/// The same, if the run is one of another system than the one `before`.
pub(super) fn forget_other(model: &mut Model, before: &str) -> Vec<Effect> {
    if *model.scenario.name == *before { Vec::new() } else { forget(model) }
}

/// Opens what was found, at the instant just before, and lets it go on to where it comes about.
fn play(model: &mut Model) {
    let SearchState::Over(Report { found: Some(found), .. }, _) = &model.searching.state else { return };
    let run = Model::of_run(found.run.clone());
    let appointment =
        model.searching.chosen.map(|promise| Appointment { promise, service: found.service.clone(), at: found.at });
    keeping::set_aside(model, run);
    model.breakpoints.appointment = appointment;
    model.playing = true;
}

//! "Find an outage that breaks a promise": what the page asks a search to do, what it hears of it, and how what was found is played.
//!
//! The search itself runs apart from the page, in a worker. Both speak in texts: a run file there, a report back.

use super::model::Model;
use super::msg::Effect;
use super::update::described;
use super::view::text::seconds;
use crate::check::promises::Promise;
use crate::json::{Json, quoted};
use crate::run::{FileError, Run, file_of, of_file};
use crate::search::{Base, Found, HORIZON, HORIZON_MS, SEED_MAX, Search, Stage, settings_of};
use crate::sim::{Command, StampedCommand};
use crate::time::{Instant, Span};
use std::rc::Rc;

/// How many schedules a search tries before it gives up.
pub const TRIES_MAX: u32 = 2_000;
/// How long what was found goes on after the failure.
const AFTER: Span = Span::from_ms(5_000);
/// What the focus goes to when something was found.
const HEADING: &str = "search-title";
/// The promises that can be chosen; the first is chosen at the beginning.
pub const SOUGHT: [Promise; 6] = [
    Promise::NothingIsLost,
    Promise::NothingTwice,
    Promise::InOrder,
    Promise::AcknowledgedIsThere,
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

/// What is heard of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How far it is.
    pub stage: Stage,
    /// How many schedules it has tried.
    pub tries: u32,
    /// How much simulated time that was.
    pub simulated: Span,
    /// What it has found.
    pub found: Option<Rc<FoundRun>>,
    /// What it was read from.
    pub text: Rc<str>,
}

/// A run that breaks the promise, as it can be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRun {
    /// The run.
    pub run: Run,
    /// Whose promise.
    pub service: String,
    /// Whether it was promised at all.
    pub was_promised: bool,
    /// When it breaks.
    pub at: Instant,
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
    pub(super) chosen: Promise,
    /// As somebody has typed them.
    pub(super) seed: String,
    pub(super) horizon_s: String,
    pub(super) state: SearchState,
}

impl Default for Searching {
    fn default() -> Self {
        let horizon_s = (HORIZON.as_ms() / 1_000).to_string();
        Self { chosen: SOUGHT[0], seed: String::new(), horizon_s, state: SearchState::Idle }
    }
}

impl Searching {
    fn options(&self) -> Result<SearchOptions, String> {
        let seed = match self.seed.trim() {
            "" => None,
            seed => Some(seed.parse().map_err(|_| wrong_seed(seed))?),
        };
        let seconds: Option<u64> = self.horizon_s.trim().parse().ok();
        let horizon_ms = seconds.and_then(|seconds| seconds.checked_mul(1_000));
        Ok(SearchOptions {
            promise: self.chosen.name().to_owned(),
            seed,
            horizon_ms: horizon_ms.ok_or_else(|| wrong_horizon(&format!("{} seconds", self.horizon_s)))?,
            ..SearchOptions::default()
        })
    }

    /// What is kept of it over a reload: what was found, or that nothing was.
    pub(super) fn kept(&self) -> Option<String> {
        let SearchState::Over(report, per_second) = &self.state else { return None };
        Some(format!("{} {per_second} {}", self.chosen.name(), report.text))
    }

    /// What [`Searching::kept`] has given.
    pub(super) fn of_kept(text: &str) -> Option<Self> {
        let [promise, per_second, report] = *text.splitn(3, ' ').collect::<Vec<_>>() else { return None };
        let report = Report::read(report).filter(Report::is_over)?;
        let state = SearchState::Over(report, per_second.parse().ok()?);
        Some(Self { chosen: sought(promise).ok()?, state, ..Self::default() })
    }
}

/// The word of a stage.
fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Trying => "trying",
        Stage::Shrinking => "shrinking",
        Stage::Found => "found",
        Stage::NotFound => "not_found",
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

/// What there is to be heard of a search by now, as a JSON text. `file` is that of the job.
pub fn report_of(search: &Search, file: &str) -> String {
    let found = search.found().and_then(|found| found_text(&found, file)).unwrap_or_else(|| "null".to_owned());
    format!(
        "{{\"stage\":\"{}\",\"tries\":{},\"simulated_ms\":{},\"found\":{found}}}",
        stage_word(search.stage()),
        search.tries(),
        search.simulated().as_ms(),
    )
}

fn found_text(found: &Found, file: &str) -> Option<String> {
    let run = of_file(file).ok()?;
    let service = &found.name;
    let at = found.breach.at;
    let run = Run { seed: found.seed, commands: found.commands.clone(), at: found.from, end: at + AFTER, ..run };
    Some(format!(
        "{{\"service\":{},\"promised\":{},\"at_ms\":{},\"outages\":{},\"seed\":{},\"from_ms\":{},\"file\":{}}}",
        quoted(service),
        found.was_promised,
        at.as_ms(),
        found.outages,
        found.seed,
        found.from.as_ms(),
        quoted(&file_of(&run).ok()?),
    ))
}

impl Report {
    /// Whether there is no more to come.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Found | Stage::NotFound)
    }

    /// Reads what [`report_of`] has written.
    pub fn read(text: &str) -> Option<Self> {
        let json = Json::read(text).ok()?;
        let written = Rc::from(text);
        let text = |json: &Json, name: &str| json.get(name).and_then(Json::as_text).map(str::to_owned);
        let word = text(&json, "stage")?;
        let stages = [Stage::Trying, Stage::Shrinking, Stage::Found, Stage::NotFound];
        let found = json.get("found").and_then(|found| {
            Some(Rc::new(FoundRun {
                run: of_file(&text(found, "file")?).ok()?,
                service: text(found, "service")?,
                was_promised: matches!(found.get("promised"), Some(Json::Flag(true))),
                at: Instant::from_ms(number(found, "at_ms")?),
            }))
        });
        Some(Self {
            stage: stages.into_iter().find(|stage| stage_word(*stage) == word)?,
            tries: number(&json, "tries")? as u32,
            simulated: Span::from_ms(number(&json, "simulated_ms")?),
            found,
            text: written,
        })
    }
}

impl FoundRun {
    /// The outages, one after the other, in words.
    pub fn outages(&self) -> impl Iterator<Item = (Instant, String)> {
        let is_outage = |stamped: &&StampedCommand| stamped.at > Instant::START;
        self.run.commands.iter().filter(is_outage).map(|stamped| (stamped.at, outage_words(&stamped.command)))
    }
}

/// What goes wrong, or is put right again.
fn outage_words(command: &Command) -> String {
    match command {
        Command::SetServiceOnline { service, online: false } => format!("{service} crashes"),
        Command::SetServiceOnline { service, online: true } => format!("{service} is started again"),
        Command::SetInstanceOnline { service, instance, online: false } => {
            format!("instance {instance} of {service} crashes")
        }
        Command::SetInstanceOnline { service, instance, online: true } => {
            format!("instance {instance} of {service} is started again")
        }
        Command::ShutDown { service } => format!("{service} is shut down"),
        Command::Stall { service, ms } => format!("{service} stands still for {}", seconds(Span::from_ms(*ms))),
        Command::SetConnected { service, connected: false } => format!("{service} is cut off from the broker"),
        Command::SetBrokerOnline { broker, online: false } => format!("broker {broker} crashes"),
        Command::SetBrokerOnline { broker, online: true } => format!("broker {broker} is started again"),
        Command::SetBrokerConnected { broker, connected: false } => {
            format!("broker {broker} is cut off from everybody")
        }
        Command::SetConnected { .. }
        | Command::SetBrokerConnected { .. }
        | Command::SetServiceConfig { .. }
        | Command::Seek { .. }
        | Command::Redrive { .. }
        | Command::SetArrivalRate { .. }
        | Command::SetTopicConfig { .. }
        | Command::AddService { .. }
        | Command::RemoveService { .. }
        | Command::Publish { .. } => described(command),
    }
}

fn number(json: &Json, name: &str) -> Option<u64> {
    match json.get(name) {
        Some(Json::Whole(number)) => u64::try_from(*number).ok(),
        Some(Json::Null | Json::Flag(_) | Json::Fraction | Json::Text(_) | Json::List(_) | Json::Object(_)) | None => {
            None
        }
    }
}

impl Model {
    /// Whether a search is over, and what it has found worth keeping.
    pub fn has_searched(&self) -> bool {
        matches!(self.searching.state, SearchState::Over(..))
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
            (searching.chosen, searching.state) = (sought(&word).unwrap_or(SOUGHT[0]), SearchState::Idle);
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
    match model.searching.options().and_then(|options| model.search_job(&options)) {
        Ok(job) => {
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

/// Opens what was found, at the instant just before, and lets it go on.
fn play(model: &mut Model) {
    let SearchState::Over(Report { found: Some(found), .. }, _) = &model.searching.state else { return };
    let run = Model::of_run(found.run.clone());
    model.begin(run);
    model.playing = true;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::view::search as search_view;
    use crate::app::{KeepMsg, Kept};
    use crate::app::{Msg, update};
    use crate::scenario::shipped;
    use crate::sim::Named;

    fn model() -> Model {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        let (name, value) = ("commit_policy".to_owned(), crate::sim::CommitPolicy::BeforeProcessing.name().to_owned());
        let command = Command::SetServiceConfig { service: "notifications".to_owned(), name, value };
        update(&mut model, Msg::Do(command));
        model
    }

    fn tell(model: &mut Model, msg: SearchMsg) -> Vec<Effect> {
        update(model, Msg::Search(msg))
    }

    /// Runs the search that the model asks for as the worker would.
    fn run(job: &SearchJob) -> Vec<Report> {
        let mut search = search_of(&job.file, job.promise, job.tries_max).expect("a search");
        let mut reports = Vec::new();
        while !reports.last().is_some_and(Report::is_over) {
            search.step();
            reports.push(Report::read(&report_of(&search, &job.file)).expect("a report"));
        }
        reports
    }

    #[test]
    fn what_is_found_is_played_from_just_before() {
        let mut model = model();
        let effects = tell(&mut model, SearchMsg::Start);
        let [Effect::StartSearch(job)] = &*effects else { panic!("{effects:?}") };
        for report in run(job) {
            tell(&mut model, SearchMsg::Report(report, 123));
        }
        let view = search_view(&model);
        let is_told = view.status.starts_with("Found: notifications loses an update, and the settings do not");
        assert!(!view.is_running && is_told, "{view:?}");
        assert!(view.found.iter().any(|step| step.contains("notifications crashes")), "{view:?}");
        tell(&mut model, SearchMsg::Play);
        assert!(model.is_playing());
        let lost = |model: &Model| model.account_of(crate::sim::ServiceId(2)).lost;
        assert_eq!(lost(&model), 0, "it is just before");
        model.advance_to(model.world().now() + Span::from_ms(5_000));
        assert!(lost(&model) > 0);
        assert_eq!(search_view(&model).found, view.found, "it is still there to be read");
    }

    #[test]
    fn a_search_that_is_left_tells_nothing_any_more() {
        let mut model = model();
        tell(&mut model, SearchMsg::Start);
        let (stage, simulated) = (Stage::Trying, Span::from_ms(60_000));
        let report = Report { stage, tries: 7, simulated, found: None, text: "".into() };
        tell(&mut model, SearchMsg::Report(report.clone(), 35));
        assert_eq!(search_view(&model).status, "7 schedules tried, 3.5 a second.");
        assert_eq!(tell(&mut model, SearchMsg::Cancel), [Effect::StopSearch]);
        tell(&mut model, SearchMsg::Report(report, 35));
        assert_eq!(search_view(&model).status, "Left after 7 schedules; nothing was found in them.");
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused_with_what_can() {
        let refused = |change: &dyn Fn(&mut SearchOptions)| {
            let mut options = SearchOptions::default();
            change(&mut options);
            model().search_job(&options).expect_err("there is no such search")
        };
        let promise = refused(&|it| it.promise = "happiness".to_owned());
        assert!(promise.starts_with("promise is \"happiness\"; it must be one of nothing_is_lost, "), "{promise}");
        let horizon = "horizon is 7; it must be from 30000 to 600000 milliseconds";
        assert_eq!(refused(&|it| it.horizon_ms = 7), horizon);
        let seed = refused(&|it| it.seed = Some(SEED_MAX + 1));
        assert!(seed.starts_with("seed is 9007199254740992; it must be a whole number from 0 to "), "{seed}");
    }

    #[test]
    fn a_search_begins_with_the_seed_and_the_length_that_were_typed() {
        let mut model = model();
        tell(&mut model, SearchMsg::SetSeed("77".to_owned()));
        tell(&mut model, SearchMsg::SetHorizon("90".to_owned()));
        let effects = tell(&mut model, SearchMsg::Start);
        let [Effect::StartSearch(job)] = &*effects else { panic!("{effects:?}") };
        let search = search_of(&job.file, job.promise, 3).expect("a search");
        assert_eq!((search.base().seed, search.base().horizon), (77, Span::from_ms(90_000)));
        tell(&mut model, SearchMsg::Cancel);
        tell(&mut model, SearchMsg::SetSeed("many".to_owned()));
        assert_eq!(tell(&mut model, SearchMsg::Start), []);
        let status = search_view(&model).status;
        assert!(status.starts_with("The search cannot be run: seed is many; it must be"), "{status}");
    }

    #[test]
    fn what_was_found_survives_a_reload() {
        let mut model = model();
        let effects = tell(&mut model, SearchMsg::Start);
        let [Effect::StartSearch(job)] = &*effects else { panic!("{effects:?}") };
        assert_eq!(model.kept().search, None, "nothing is found yet");
        for report in run(job) {
            tell(&mut model, SearchMsg::Report(report, 123));
        }
        let kept = Kept::read(&model.kept().written().expect("it can be kept")).expect("it was kept");
        let mut again = Model::new(shipped("delivery").expect("a shipped scenario"), 1);
        update(&mut again, Msg::Keep(KeepMsg::Offer(Rc::new(kept))));
        update(&mut again, Msg::Keep(KeepMsg::GoOn));
        again.finish_opening();
        let (found, before) = (search_view(&again), search_view(&model));
        assert!(!found.found.is_empty());
        assert_eq!((found.found, found.status), (before.found, before.status));
        tell(&mut again, SearchMsg::Play);
        assert!(again.is_playing());
    }
}

//! What is heard of a search: how far it is, and the run that was found. It is written in the worker and read on the page.

use crate::app::update::described;
use crate::app::view::text::seconds;
use crate::json::{Json, quoted};
use crate::run::{Presses, Run, file_of, of_file};
use crate::search::{Found, Search, Stage};
use crate::sim::{Command, StampedCommand};
use crate::time::{Instant, Span};
use std::rc::Rc;

/// How long what was found goes on after the failure.
const AFTER: Span = Span::from_ms(5_000);

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

/// The word of a stage.
fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Trying => "trying",
        Stage::Shrinking => "shrinking",
        Stage::Found => "found",
        Stage::NotFound => "not_found",
    }
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
    let (commands, presses) = (found.commands.clone(), Presses::default());
    let run = Run { seed: found.seed, commands, presses, at: found.from, end: at + AFTER, ..run };
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
        Command::SetServiceOnline { service, online: false } => format!("`{service}` crashes"),
        Command::SetServiceOnline { service, online: true } => format!("`{service}` is started again"),
        Command::SetInstanceOnline { service, instance, online: false } => {
            format!("instance {instance} of `{service}` crashes")
        }
        Command::SetInstanceOnline { service, instance, online: true } => {
            format!("instance {instance} of `{service}` is started again")
        }
        Command::ShutDown { service } => format!("`{service}` is shut down"),
        Command::Stall { service, ms } => format!("`{service}` is stalled for {}", seconds(Span::from_ms(*ms))),
        Command::SetConnected { service, connected: false } => format!("`{service}` is cut off from the broker"),
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

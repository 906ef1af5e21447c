//! The search for an outage that breaks a promise.

use super::text::{clock, count, grouped, list_of, named, tenths};
use crate::app::Model;
use crate::app::searching::{Change, FoundRun, Outlook, Report, SearchState, TRIES_MAX};
use crate::check::promises::Promise;
use crate::search::Stage;
use crate::sim::Command;

/// What there is to see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchView {
    /// The promise that is chosen.
    pub chosen: Promise,
    /// The seed, as it was typed.
    pub seed: String,
    /// How many seconds each run is long, as it was typed.
    pub horizon_s: String,
    /// Whether the search is on.
    pub is_running: bool,
    /// What is to be expected of it, before it has begun.
    pub outlook: String,
    /// What would have to be changed for it to find something, with what that is called.
    pub change: Option<(String, Vec<Command>)>,
    /// How it stands, in words.
    pub status: String,
    /// How much of it is done, in thousandths.
    pub part: u32,
    /// What happens in the run that was found, step by step; empty if none was.
    pub found: Vec<String>,
}

/// The search as it stands.
pub fn search(model: &Model) -> SearchView {
    let searching = &model.searching;
    let chosen = model.promise_sought();
    let (outlook, change) = match &searching.state {
        SearchState::Idle => outlook(model, &model.outlook(chosen)),
        SearchState::Running(_) | SearchState::Over(..) | SearchState::Cancelled(_) | SearchState::Failed(_) => {
            (String::new(), None)
        }
    };
    let what = breaking(chosen);
    let tries = match &searching.state {
        SearchState::Running(Some((report, _))) | SearchState::Over(report, _) => report.tries,
        SearchState::Cancelled(tries) => *tries,
        SearchState::Running(None) | SearchState::Idle | SearchState::Failed(_) => 0,
    };
    SearchView {
        chosen,
        seed: searching.seed.clone(),
        horizon_s: searching.horizon_s.clone(),
        is_running: matches!(searching.state, SearchState::Running(_)),
        outlook,
        change,
        status: status(&searching.state, what),
        part: tries * 1_000 / TRIES_MAX,
        found: match &searching.state {
            SearchState::Over(Report { found: Some(found), .. }, _) => steps(found, what),
            SearchState::Over(..)
            | SearchState::Running(_)
            | SearchState::Idle
            | SearchState::Cancelled(_)
            | SearchState::Failed(_) => Vec::new(),
        },
    }
}

fn outlook(model: &Model, outlook: &Outlook) -> (String, Option<(String, Vec<Command>)>) {
    match outlook {
        Outlook::Likely(services) => {
            let names: Vec<String> = services.iter().map(|id| model.named(*id)).collect();
            let allow = if names.len() == 1 { "allow" } else { "each allow" };
            (format!("The settings of {} {allow} it: expect to find one.", list_of(&names)), None)
        }
        Outlook::Unlikely(change) => {
            let label = |it: &Change| format!("Let {} {}", model.name(it.service), it.what);
            let change = change.as_ref().map(|it| (label(it), it.commands.clone()));
            ("The present settings rule it out: expect to find nothing.".to_owned(), change)
        }
    }
}

/// What is said of whoever does not keep a promise.
pub const fn breaking(promise: Promise) -> &'static str {
    match promise {
        Promise::NothingIsLost => "loses an update",
        Promise::NothingTwice => "has an update processed twice",
        Promise::InOrder => "breaks the order of updates",
        Promise::NoneLeftOut => "is not given every record",
        Promise::CommittedReads => "reads what was not committed",
        Promise::OffsetsGoForward => "commits an earlier offset",
        Promise::OneOwner => "has two owners of a partition",
        Promise::AcknowledgedIsThere => "loses an acknowledged update",
        Promise::RetriedOnce => "has an update written twice by a retry",
        Promise::WrittenOnce => "has an update written twice",
        Promise::SentInOrder => "has updates written in another order",
    }
}

fn status(state: &SearchState, what: &str) -> String {
    match state {
        SearchState::Idle => String::new(),
        SearchState::Running(None) => "The search begins.".to_owned(),
        SearchState::Running(Some((report, per_second))) => match report.stage {
            Stage::Trying | Stage::NotFound => {
                format!("{} tried so far, at {} schedules a second.", schedules(report.tries), tenths(*per_second))
            }
            Stage::Shrinking | Stage::Found => {
                format!("Found with schedule {}. It is being shortened.", grouped(report.tries.into()))
            }
        },
        SearchState::Over(report, per_second) => over(report, *per_second, what),
        SearchState::Cancelled(tries) => format!("Cancelled after {}; nothing was found.", schedules(*tries)),
        SearchState::Failed(reason) => format!("The search cannot be run: {reason}"),
    }
}

fn over(report: &Report, per_second: u64, what: &str) -> String {
    let much = format!(
        "{}, {} of simulated time, at {} schedules a second",
        schedules(report.tries),
        hours(report.simulated.as_ms()),
        tenths(per_second)
    );
    match &report.found {
        Some(found) => {
            let promised = if found.was_promised {
                "though the settings promise that it does not happen"
            } else {
                "and the settings do not promise otherwise"
            };
            format!("Found: {} {what}, {promised}. Tried: {much}.", named(&found.service))
        }
        None => format!(
            "Nothing was found in {much}. It tried crashes, shutdowns, stalls and network cuts of services and instances, scaling, and brokers that \
             crash or are cut off, up to four at a time in the first half of each run, with the present settings. That is no proof."
        ),
    }
}

fn steps(found: &FoundRun, what: &str) -> Vec<String> {
    let outages = found.outages().map(|(at, what)| format!("{}: {what}", clock(at)));
    outages.chain([format!("{}: {} {what}", clock(found.at), named(&found.service))]).collect()
}

fn schedules(tries: u32) -> String {
    count(tries.into(), "schedule", "schedules")
}

fn hours(ms: u64) -> String {
    match ms / 60_000 {
        minutes @ 0..120 => count(minutes, "minute", "minutes"),
        minutes => count(minutes / 60, "hour", "hours"),
    }
}

//! What is printed: one page that says what happened in the run, when, and what became of everything.

use super::chart::{ChartView, chart_of};
use super::ledger::{LedgerLine, ledger};
use super::promises::{PromiseRow, all_promises};
use super::text::{clock, count};
use super::tools::{MomentRow, moments};
use crate::app::update::described;
use crate::app::{ChartSpan, Model, MomentSign};
use crate::sim::Command;
use crate::sorted::sort_by_key;
use std::cmp::Reverse;
use std::rc::Rc;

/// How many of the latest things that happened are printed, and how many changed settings.
const MOMENTS_MAX: usize = 24;
const SETTINGS_MAX: usize = 12;
/// How many groups and promises are printed: what is wrong goes first.
const GROUPS_MAX: usize = 8;
const PROMISES_MAX: usize = 24;

/// The page that is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportView {
    /// The scenario's heading.
    pub title: Rc<str>,
    /// Which run this is, and of which of its instants the page is.
    pub run: String,
    /// How things stand, in a sentence.
    pub sentence: String,
    /// What happened, the earliest first.
    pub moments: Vec<MomentRow>,
    /// What of that is left out.
    pub earlier: Option<String>,
    /// What became of every update.
    pub ledger: Vec<LedgerLine>,
    /// What the services promise.
    pub promises: Vec<PromiseRow>,
    /// What of groups and promises is left out.
    pub rest: Option<String>,
    /// Lag over the whole run.
    pub chart: Rc<ChartView>,
    /// The settings that were changed, each with when.
    pub settings: Vec<String>,
    /// The fragment of the link to the run.
    pub fragment: Option<String>,
}

/// The page as it would be printed now.
pub fn report(model: &Model) -> ReportView {
    let mut rows = moments(model);
    // Settings have a list of their own.
    rows.retain(|row| row.at <= model.world().now() && row.sign != MomentSign::Setting);
    let left_out = rows.len().saturating_sub(MOMENTS_MAX) as u64;
    rows.truncate(MOMENTS_MAX);
    rows.reverse();
    let (mut ledger, mut promises) = (ledger(model), all_promises(model));
    let rest = rest(&mut ledger, &mut promises);
    ReportView {
        title: Rc::from(&*model.scenario().title),
        run: format!("At {} of the run with seed {}.", clock(model.world().now()), model.world().seed()),
        sentence: model.narrate_in_prose().1,
        moments: rows,
        earlier: (left_out > 0)
            .then(|| format!("Before that, {}.", count(left_out, "more thing happened", "more things happened"))),
        ledger,
        promises,
        rest,
        chart: Rc::new(chart_of(model, ChartSpan::Everything)),
        settings: settings(model),
        fragment: model.link().ok(),
    }
}

/// Leaves out what would not fit on a page: what is well before what is not.
fn rest(ledger: &mut Vec<LedgerLine>, promises: &mut Vec<PromiseRow>) -> Option<String> {
    let (groups, all) = (ledger.len().saturating_sub(GROUPS_MAX), promises.len().saturating_sub(PROMISES_MAX));
    if groups == 0 && all == 0 {
        return None;
    }
    if groups > 0 {
        sort_by_key(ledger, |line| Reverse(line.any_lost));
        ledger.truncate(GROUPS_MAX);
    }
    if all > 0 {
        sort_by_key(promises, |row| Reverse(row.mark));
        promises.truncate(PROMISES_MAX);
    }
    let groups = count(groups as u64, "group", "groups");
    Some(format!("Not on this page: {groups} and {}.", count(all as u64, "promise", "promises")))
}

/// What was set other than the scenario says, the latest last.
fn settings(model: &Model) -> Vec<String> {
    let is_setting = |command: &Command| match command {
        Command::SetServiceConfig { .. }
        | Command::SetTopicConfig { .. }
        | Command::SetArrivalRate { .. }
        | Command::AddService { .. }
        | Command::RemoveService { .. } => true,
        Command::SetServiceOnline { .. }
        | Command::SetInstanceOnline { .. }
        | Command::ShutDown { .. }
        | Command::Stall { .. }
        | Command::SetConnected { .. }
        | Command::Seek { .. }
        | Command::Redrive { .. }
        | Command::SetBrokerOnline { .. }
        | Command::SetBrokerConnected { .. }
        | Command::Publish { .. } => false,
    };
    let commands = model.world().commands();
    let changed = commands.iter().filter(|it| is_setting(&it.command));
    let changed: Vec<String> = changed.map(|it| format!("{}: {}", clock(it.at), described(&it.command))).collect();
    changed[changed.len().saturating_sub(SETTINGS_MAX)..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;
    use crate::time::Instant;

    #[test]
    fn a_report_tells_what_happened_in_the_order_in_which_it_did() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        let online = |online| Command::SetServiceOnline { service: "notifications".to_owned(), online };
        model.advance_to(Instant::from_ms(20_000));
        model.act(Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 120 }).expect("a rate");
        for count in 0..12 {
            model.advance_to(Instant::from_ms(20_000 * (count + 1)));
            model.act(online(count % 2 == 1)).expect("there is such a service");
        }
        let report = report(&model);
        assert!(report.moments.is_sorted_by(|one, other| one.at <= other.at));
        assert_eq!(report.moments.len(), MOMENTS_MAX);
        assert!(report.earlier.is_some_and(|text| text.starts_with("Before that, ")));
        assert!(report.moments.iter().any(|row| row.text == "`notifications` was switched off"));
        assert_eq!(report.settings, ["00:00:20.0: 120 arrivals a minute at orders"]);
        assert!(report.promises.len() > 6 && report.ledger.len() == 2);
        assert!(report.moments.iter().all(|row| row.sign != MomentSign::Setting), "a change of a setting is told once");
        assert_eq!(report.fragment, model.link().ok());
    }
}

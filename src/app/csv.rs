//! Tables as comma-separated values (RFC 4180), with plain numbers: what a person takes along into a spreadsheet.

use super::lateness::partitions_of;
use super::panels::Panel;
use super::view::{all_challenges, all_promises, direct, done_by, text::clock};
use super::{ChartSpan, Model};
use crate::sim::ServiceId;
use crate::time::Instant;

type Row = Vec<String>;

/// Rows of cells as one text. A cell with a comma, a quotation mark, a line break or a space at its ends is put into quotation marks.
pub fn csv(rows: &[Vec<String>]) -> String {
    let line = |row: &Row| row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n";
    rows.iter().map(line).collect()
}

fn quoted(cell: &str) -> String {
    let is_plain = cell.trim() == cell && !cell.contains([',', '"', '\r', '\n']);
    if is_plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

/// The table of a panel, with its heading; `None` if there is none to take along.
pub(super) fn table_of(model: &Model, panel: Panel) -> Option<Vec<Row>> {
    match panel {
        Panel::Flow => Some(partitions(model)),
        Panel::Lag => Some(samples(model)),
        Panel::Groups => Some(groups(model)),
        Panel::Ledger => Some(ledger(model)),
        Panel::Promises => Some(promises(model)),
        Panel::Calls => calls(model),
        Panel::Challenges => Some(challenges(model)),
        Panel::Search => None,
    }
}

fn row<const CELLS: usize>(cells: [&str; CELLS]) -> Row {
    cells.map(str::to_owned).to_vec()
}

fn readers(model: &Model) -> impl Iterator<Item = ServiceId> {
    model.world().service_ids().filter(|id| model.world().group_of(*id).is_some())
}

fn partitions(model: &Model) -> Vec<Row> {
    let broker = model.world().broker();
    let head = row([
        "group",
        "topic",
        "partition",
        "log_start_offset",
        "high_watermark",
        "log_end_offset",
        "committed",
        "lag",
    ]);
    let mut rows = vec![head];
    for (service, group) in readers(model).filter_map(|id| Some((id, model.world().group_of(id)?))) {
        for partition in partitions_of(model.world(), service) {
            let Some(log) = broker.log(partition) else { continue };
            let group = broker.group(group);
            rows.push(vec![
                group.name().to_string(),
                broker.topic(partition.topic).name().to_string(),
                partition.partition.to_string(),
                log.log_start_offset().to_string(),
                log.high_watermark().to_string(),
                log.log_end_offset().to_string(),
                group.committed(partition).map(|offset| offset.to_string()).unwrap_or_default(),
                broker.partition_lag(group.id(), partition).to_string(),
            ]);
        }
    }
    rows
}

/// All that is known of the time that the chart shows.
fn samples(model: &Model) -> Vec<Row> {
    let (now, history) = (model.world().now(), model.lag_history());
    let from = match model.chart_span {
        ChartSpan::TwoMinutes => Instant::from_us(now.as_us().saturating_sub(120_000_000)),
        ChartSpan::TenMinutes => Instant::from_us(now.as_us().saturating_sub(600_000_000)),
        ChartSpan::Everything => Instant::START,
    };
    let samples = history.samples_since(from);
    let names = history.series().iter().map(|series| &series.name);
    let lags = names.clone().map(|name| format!("{name}_lag"));
    let ages = names.map(|name| format!("{name}_oldest_unread_ms"));
    let columns = 2 * history.series().len();
    let mut rows = vec![std::iter::once("time_ms".to_owned()).chain(lags).chain(ages).collect()];
    for (index, at) in samples.taken().iter().enumerate().filter(|(_, at)| **at >= from) {
        let numbers = (0..columns).map(|column| samples.column(column)[index].to_string());
        rows.push(std::iter::once(at.as_ms().to_string()).chain(numbers).collect());
    }
    rows
}

fn groups(model: &Model) -> Vec<Row> {
    let of = |id: ServiceId| {
        let group = model.world().broker().group(model.world().group_of(id)?);
        let oldest_ms = model.lateness(id)?.oldest().map(|span| span.as_ms().to_string());
        let numbers = [group.generation().0.to_string(), group.members().len().to_string()];
        let [generation, members] = numbers;
        let lag = model.world().lag(id).to_string();
        Some(vec![group.name().to_string(), lag, oldest_ms.unwrap_or_default(), generation, members])
    };
    let head = row(["group", "lag", "oldest_unread_ms", "generation", "members"]);
    std::iter::once(head).chain(readers(model).filter_map(of)).collect()
}

const ACCOUNT: [&str; 10] = [
    "service",
    "published",
    "processed",
    "waiting",
    "compacted",
    "in_retry",
    "dead_lettered",
    "aborted",
    "lost",
    "processed_twice",
];

fn ledger(model: &Model) -> Vec<Row> {
    let of = |id: ServiceId| {
        let it = model.account_of(id);
        let numbers = [
            it.published,
            it.processed,
            it.waiting,
            it.compacted,
            it.retrying,
            it.dead_lettered,
            it.aborted,
            it.lost,
            it.processed_again,
        ];
        std::iter::once(model.name(id).to_owned()).chain(numbers.map(|number| number.to_string())).collect()
    };
    std::iter::once(row(ACCOUNT)).chain(readers(model).map(of)).collect()
}

fn promises(model: &Model) -> Vec<Row> {
    let head = row(["service", "promise", "verdict", "why", "at"]);
    let rows = all_promises(model).into_iter().map(|it| {
        let at = it.at.map(clock).unwrap_or_default();
        vec![it.service.to_string(), it.sentence.into_owned(), it.verdict, it.why, at]
    });
    std::iter::once(head).chain(rows).collect()
}

/// All challenges that this system has what it takes for, whether they are shown one by one or not.
fn challenges(model: &Model) -> Vec<Row> {
    let head = row(["challenge", "done", "at", "by", "task"]);
    let rows = all_challenges(model).into_iter().map(|(challenge, it)| {
        let done = model.challenge_done(challenge);
        let state = match (done, it.done) {
            (Some(_), _) => "yes",
            (None, Some(_)) => "before",
            (None, None) => "no",
        };
        let at = done.map(|it| clock(it.at)).unwrap_or_default();
        let by = done.map(|it| done_by(model, it.by)).unwrap_or_default();
        vec![it.title.to_owned(), state.to_owned(), at, by, it.task]
    });
    std::iter::once(head).chain(rows).collect()
}

fn calls(model: &Model) -> Option<Vec<Row>> {
    let view = direct(model).shown?;
    let rows = view.rows.iter().map(|it| {
        let [bus, calls] = &it.sides;
        vec![it.title.to_owned(), bus.text.clone(), calls.text.clone()]
    });
    Some(std::iter::once(row(["what", "bus", "direct_calls"])).chain(rows).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Challenge;
    use crate::scenario::shipped;
    use crate::sim::Command;

    fn check(cells: &[&str], expect: &str) {
        let row = cells.iter().map(|cell| (*cell).to_owned()).collect();
        assert_eq!(csv(&[row]), format!("{expect}\r\n"));
    }

    #[test]
    fn only_what_would_be_misread_is_quoted() {
        check(&["a", "12", ""], "a,12,");
        check(&["a,b", "c"], "\"a,b\",c");
        check(&["she said \"no\""], "\"she said \"\"no\"\"\"");
        check(&["two\nlines", "\r"], "\"two\nlines\",\"\r\"");
        check(&[" a", "b "], "\" a\",\"b \"");
    }

    fn outage() -> Model {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(20_000));
        let command = Command::SetServiceOnline { service: "notifications".to_owned(), online: false };
        model.act(command).expect("there is such a service");
        model.advance_to(Instant::from_ms(60_000));
        model
    }

    #[test]
    fn a_challenge_that_is_done_says_when_and_by_whom() {
        let mut model = outage();
        let command = Command::SetServiceOnline { service: "notifications".to_owned(), online: true };
        model.act(command).expect("there is such a service");
        assert_eq!(challenges(&model)[1][1], "no");
        model.advance_to(Instant::from_ms(100_000));
        let done = model.challenge_done(Challenge::NothingLost).expect("it has caught up");
        let row = &challenges(&model)[1 + Challenge::NothingLost as usize];
        assert_eq!(row[..4], ["Nothing lost", "yes", &clock(done.at), "notifications"]);
    }

    #[test]
    fn every_table_is_a_rectangle_with_a_heading() {
        let model = outage();
        for panel in [Panel::Flow, Panel::Lag, Panel::Groups, Panel::Ledger, Panel::Promises, Panel::Challenges] {
            let rows = table_of(&model, panel).expect("a table");
            assert!(rows.len() > 1, "{panel:?}");
            assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{panel:?}: {rows:?}");
        }
    }

    #[test]
    fn the_numbers_are_those_of_the_run() {
        let model = outage();
        let notifications = readers(&model).nth(1).expect("a reader");
        let lag = model.world().lag(notifications).to_string();
        let rows = groups(&model);
        assert_eq!((&*rows[2][0], &rows[2][1]), ("notifications", &lag));
        let rows = partitions(&model);
        let rows = rows.iter().filter(|row| row[0] == "notifications");
        let sum: u64 = rows.map(|row| row[7].parse::<u64>().expect("a number")).sum();
        assert_eq!(sum.to_string(), lag);
        assert_eq!(samples(&model).last().expect("samples")[0], "60000");
        let is_done = model.challenges().filter(|it| model.challenge_done(*it).is_some()).count();
        assert_eq!(challenges(&model).iter().filter(|row| row[1] == "yes").count(), is_done);
        let account = &ledger(&model)[2];
        assert_eq!(account[1], model.account_of(notifications).published.to_string());
    }
}

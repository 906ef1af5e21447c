//! What became of every update: a line a group that adds up, and the records behind each of its numbers.

use super::text::{clock, count, grouped, seconds, tenths};
use crate::app::{CatchUp, Lateness, Model, RecordRef};
use crate::check::{Again, Entry, INCIDENTS_MAX, Listed, Lost, What};
use crate::sim::ServiceId;
use crate::sorted::sort_by_key;
use crate::time::Instant;
use std::rc::Rc;

/// How many records of a list are shown.
const ROWS_MAX: usize = 40;

/// What is counted: what stands before the number, the word for it, and whether it is left out while it is nothing.
const TERMS: [(Listed, &str, &str, bool); 9] = [
    (Listed::Published, "", "published", false),
    (Listed::Processed, "=", "processed", false),
    (Listed::Waiting, "+", "waiting", false),
    (Listed::Compacted, "+", "replaced by compaction", true),
    (Listed::Retrying, "+", "in retry", true),
    (Listed::DeadLettered, "+", "dead-lettered", false),
    (Listed::Aborted, "+", "aborted", true),
    (Listed::Lost, "+", "lost", false),
    (Listed::Again, ";", "processed twice", true),
];

/// The line of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// The service that reads.
    pub service: ServiceId,
    /// Its group.
    pub name: Rc<str>,
    /// Which of the groups, from 0; none for a publisher.
    pub index: Option<usize>,
    /// Whether anything was lost.
    pub any_lost: bool,
    /// The numbers, in the order in which they add up.
    pub terms: Vec<LedgerTerm>,
    /// How late it is, in words, if it does not keep up.
    pub late: Option<String>,
    /// What these numbers do not know, if there is anything.
    pub unfollowed: Option<String>,
    /// What is about to be lost, if something is.
    pub warning: Option<String>,
}

/// A number of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerTerm {
    /// What stands before it.
    pub sign: &'static str,
    /// Which number it is.
    pub listed: Listed,
    /// The number.
    pub number: String,
    /// What is counted.
    pub word: &'static str,
}

/// The records behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListView {
    /// What is listed.
    pub title: String,
    /// What that means.
    pub meaning: &'static str,
    /// The records, the newest first.
    pub rows: Vec<ListRow>,
    /// What is not shown.
    pub rest: Option<String>,
}

/// A record of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// The record.
    pub record: RecordRef,
    /// Where it is.
    pub place: String,
    /// What befell it, or when it was published.
    pub text: String,
    /// When that happened.
    pub at: Option<Instant>,
}

/// A line for each group.
pub fn ledger(model: &Model) -> Vec<LedgerLine> {
    let world = model.world();
    let line = |(index, service, group)| {
        let lateness = model.lateness(service).filter(|_| world.has_service(service));
        LedgerLine {
            service,
            name: Rc::from(&**world.broker().group(group).name()),
            index: Some(index),
            any_lost: model.ledger().account(group).lost > 0,
            terms: terms(model, service),
            late: if world.has_service(service) {
                lateness.as_ref().and_then(late)
            } else {
                Some(left(model, service))
            },
            unfollowed: unfollowed(model.ledger().account(group).unfollowed),
            warning: lateness.as_ref().and_then(warning),
        }
    };
    model.groups_ever().map(line).chain(lost_on_the_way(model)).collect()
}

/// A line for each publisher that counted as written what never came into the log: there is no group from which that is missing.
fn lost_on_the_way(model: &Model) -> impl Iterator<Item = LedgerLine> {
    let lost = |service| match model.ledger().never_written(service) {
        0 => None,
        lost => Some((service, count(lost, "update", "updates"))),
    };
    model.world().service_ids().filter_map(lost).map(|(service, lost)| LedgerLine {
        service,
        name: model.name(service).into(),
        index: None,
        any_lost: true,
        terms: Vec::new(),
        late: None,
        unfollowed: Some(format!(
            "{lost} never came into the log: with acks 0 it counts as written what it has only sent."
        )),
        warning: None,
    })
}

/// What is left of a group whose service is gone.
fn left(model: &Model, service: ServiceId) -> String {
    match model.account_of(service).waiting {
        0 => "It has left for good, and had read everything.".to_owned(),
        waiting => format!("It has left for good: {} unread.", count(waiting, "update was left", "updates were left")),
    }
}

/// The numbers of a line, in the order in which they add up.
fn terms(model: &Model, service: ServiceId) -> Vec<LedgerTerm> {
    let term = |&(listed, sign, word, is_rare): &(Listed, &'static str, &'static str, bool)| {
        let number = number_of(model, service, listed);
        (number > 0 || !is_rare).then(|| LedgerTerm { sign, listed, number: grouped(number), word })
    };
    TERMS.iter().filter_map(term).collect()
}

/// The numbers that any of these lines has, each with what stands before it and the word for it: the columns of a table of them.
pub fn columns(lines: &[LedgerLine]) -> Vec<(Listed, &'static str, &'static str)> {
    let has = |listed| lines.iter().flat_map(|line| &line.terms).any(|term| term.listed == listed);
    TERMS.iter().filter(|(listed, ..)| has(*listed)).map(|&(listed, sign, word, _)| (listed, sign, word)).collect()
}

fn unfollowed(records: u64) -> Option<String> {
    let records = (records > 0).then(|| count(records, "update that was", "updates that were"))?;
    Some(format!("{records} put aside are too many to be tracked: what became of them there is not in these numbers."))
}

/// How late a group is, in words.
fn late(lateness: &Lateness) -> Option<String> {
    if lateness.catch_up == CatchUp::KeepsUp {
        return None;
    }
    let oldest = seconds(lateness.oldest().unwrap_or_default());
    Some(format!("Its oldest unread update is {oldest} old; {}.", pace(lateness)))
}

/// How much arrives for a group and how much it processes, and when it will have read everything.
pub(super) fn pace(lateness: &Lateness) -> String {
    let when = match lateness.catch_up {
        CatchUp::KeepsUp => "it keeps up".to_owned(),
        CatchUp::In(span) => format!("caught up in {}", seconds(span)),
        CatchUp::Never => "never caught up at this rate".to_owned(),
        CatchUp::Away => "it catches up once it is back".to_owned(),
    };
    let (arriving, processing) = (lateness.arrival_tenths_per_s, lateness.processing_tenths_per_s);
    format!("{} a second arrive, {} are processed: {when}", tenths(arriving), tenths(processing))
}

/// What retention is about to delete, in words.
pub(super) fn warning(lateness: &Lateness) -> Option<String> {
    let threat = lateness.threat?;
    let when = match threat.left {
        Some(left) if left.as_ms() == 0 => "at the next check".to_owned(),
        Some(left) => format!("in {}", seconds(left)),
        None => "when a little more has come in".to_owned(),
    };
    let (partition, offset) = (threat.partition.partition, threat.offset);
    Some(format!(
        "Retention is about to overtake it: what is unread from offset {offset} of partition {partition} goes {when}."
    ))
}

/// The list that is opened, if one is.
#[inline(never)]
pub fn list(model: &Model) -> Option<ListView> {
    let (service, listed) = model.opened_list()?;
    let group = model.world().group_of(service)?;
    let (mut rows, total) = (rows(model, service, listed), number_of(model, service, listed));
    rows.truncate(ROWS_MAX);
    let (word, meaning) = words(listed);
    let name = model.world().broker().group(group).name();
    Some(ListView {
        title: format!("{name}: {} {word}", grouped(total)),
        meaning,
        rest: rest(total.saturating_sub(rows.len() as u64), listed),
        rows,
    })
}

fn rest(left: u64, listed: Listed) -> Option<String> {
    let older = (left > 0).then(|| count(left, "older one is", "older ones are"))?;
    Some(match listed {
        Listed::Lost | Listed::Again | Listed::Retrying | Listed::DeadLettered => {
            format!(
                "{older} not shown. The reasons of the newest {INCIDENTS_MAX} are kept; before that they are only counted."
            )
        }
        Listed::Published | Listed::Processed | Listed::Waiting | Listed::Compacted | Listed::Aborted => {
            format!("{older} not shown; what retention has deleted is only counted.")
        }
    })
}

fn rows(model: &Model, service: ServiceId, listed: Listed) -> Vec<ListRow> {
    let Some(group) = model.world().group_of(service) else { return Vec::new() };
    let mut rows: Vec<ListRow> =
        model.ledger().entries(group, listed, ROWS_MAX).iter().map(|entry| row(model, listed, entry)).collect();
    sort_by_key(&mut rows, |row| std::cmp::Reverse(row.at));
    rows
}

fn row(model: &Model, listed: Listed, entry: &Entry) -> ListRow {
    let Entry { partition, offset, at, what } = *entry;
    let broker = model.world().broker();
    let record = broker.log(partition).and_then(|log| log.record(offset));
    let published = record.and_then(|it| u64::try_from(it.timestamp_ms).ok()).map(Instant::from_ms);
    let at = match listed {
        Listed::Published | Listed::Waiting | Listed::Compacted | Listed::Aborted => published,
        Listed::Processed | Listed::Retrying | Listed::DeadLettered | Listed::Lost | Listed::Again => at,
    };
    let when = at.map_or_else(String::new, |at| format!(" at {}", clock(at)));
    let text = match what {
        Some(what) => format!("{}{when}", reason(what)),
        None if listed == Listed::Processed => format!("processed{when}"),
        None => format!("published{when}"),
    };
    let place = format!("partition {} · offset {}", partition.partition, grouped(offset.0.max(0) as u64));
    ListRow { record: RecordRef { partition, offset }, place, text, at }
}

/// What befell a record, in words.
pub(super) const fn reason(what: What) -> &'static str {
    match what {
        What::Lost(Lost::Expired) => "deleted by retention before it was read",
        What::Lost(Lost::Committed) => "committed before it was processed, and never delivered again",
        What::Lost(Lost::ReadPast) => {
            "written where its group had been already: an election had cut the log off before that place, and the group went on from there"
        }
        What::Lost(Lost::Sought) => "skipped when the group's offset was reset past it",
        What::Lost(Lost::ThrownAway) => "lost in an election: the new leader did not have it",
        What::Lost(Lost::GoneAside) => "deleted in the topic in which it was put aside, before it was tried again",
        What::Lost(Lost::SkippedOnFailure) => "skipped, because the service failed on it",
        What::Again(Again::InstanceEnded) => "again, because an instance ended before its commit was through",
        What::Again(Again::HandedOver) => "again, because its partition changed hands before it was committed",
        What::Again(Again::Sought) => "again, because the group's offset was reset to before it",
        What::Again(Again::Delivered) => "again, because it was delivered twice",
        What::SentToRetry => "copied to the retry topic",
        What::DeadLettered => "copied to the dead letter topic",
    }
}

/// What is counted, and what that means.
const fn words(listed: Listed) -> (&'static str, &'static str) {
    match listed {
        Listed::Published => ("published", "All updates in the topics that it reads."),
        Listed::Processed => ("processed", "Updates that it has done its work for, at least once."),
        Listed::Waiting => ("waiting", "Updates that it still has to process."),
        Listed::Compacted => {
            ("replaced by compaction", "Updates that a later one of the same key replaced before they were processed.")
        }
        Listed::Retrying => ("in retry", "Updates on which it failed, and which it will try again."),
        Listed::DeadLettered => ("dead-lettered", "Updates that it has given up on. Somebody has to look at them."),
        Listed::Aborted => (
            "aborted",
            "Updates of transactions that were aborted before it had processed them: nobody waits for them.",
        ),
        Listed::Lost => ("lost", "Updates that it has not processed, and that will not be delivered to it again."),
        Listed::Again => ("processed twice", "Each time that it processed an update which it had processed before."),
    }
}

fn number_of(model: &Model, service: ServiceId, listed: Listed) -> u64 {
    let account = model.account_of(service);
    match listed {
        Listed::Published => account.published,
        Listed::Processed => account.processed,
        Listed::Waiting => account.waiting,
        Listed::Compacted => account.compacted,
        Listed::Retrying => account.retrying,
        Listed::DeadLettered => account.dead_lettered,
        Listed::Aborted => account.aborted,
        Listed::Lost => account.lost,
        Listed::Again => account.processed_again,
    }
}

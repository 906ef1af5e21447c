//! One record, with everything there is to know about it.

mod stored;
mod stuck;

pub use self::stuck::StuckView;

use self::stored::{missing, stored};
use self::stuck::{said, stuck};
use super::text::{clock, count, grouped, short};
use crate::app::{Model, RecordRef};
use crate::broker::GroupId;
use crate::check::{Aside, Fate};
use crate::json;
use crate::log::{Log, Offset, RecordView};
use crate::sim::ServiceId;
use crate::time::Instant;
use std::rc::Rc;

/// A record that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InspectorView {
    /// What it lies over, and leads back to.
    pub back: Option<String>,
    /// The record.
    pub record: RecordRef,
    /// Its topic.
    pub topic: Rc<str>,
    /// Why there is no record, if there is none.
    pub missing: Option<String>,
    /// Its timestamp.
    pub timestamp: Option<String>,
    /// Its key.
    pub key: Option<String>,
    /// Its value, laid out if it is JSON.
    pub value: Option<String>,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// How it lies in the log: what, and its value.
    pub stored: Vec<(&'static str, String)>,
    /// What became of it in each group.
    pub fates: Vec<FateView>,
    /// Who fails on it again and again, and what can be done about that.
    pub stuck: Vec<StuckView>,
    /// What came of the way out that was taken last.
    pub said: String,
}

/// What became of a record in one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FateView {
    /// The group.
    pub name: Rc<str>,
    /// Which of the groups, from 0.
    pub index: usize,
    /// Whether it was processed.
    pub processed: bool,
    /// In words.
    pub text: String,
}

/// The record that is looked at, if any is.
#[inline(never)]
pub fn inspector(model: &Model) -> Option<InspectorView> {
    let record = model.selected()?;
    let broker = model.world().broker();
    let topic = Rc::from(&**broker.topic(record.partition.topic).name());
    let Some(found) = broker.log(record.partition).and_then(|log| log.record(record.offset)) else {
        let (missing, timestamp, key, value) = (Some(missing(model, record)), None, None, None);
        return Some(InspectorView {
            back: model.back_to(),
            record,
            topic,
            missing,
            timestamp,
            key,
            value,
            headers: Vec::new(),
            stored: stored(model, record),
            fates: Vec::new(),
            stuck: Vec::new(),
            said: String::new(),
        });
    };
    let at = Instant::from_ms(u64::try_from(found.timestamp_ms).unwrap_or(0));
    Some(InspectorView {
        back: model.back_to(),
        record,
        topic,
        missing: None,
        timestamp: Some(format!("{} ms ({})", grouped(found.timestamp_ms.max(0) as u64), clock(at))),
        key: found.key.map(text_of),
        value: found.value.map(laid_out),
        headers: found
            .headers()
            .map(|it| (it.key.to_owned(), it.value.map_or_else(|| "null".into(), text_of)))
            .collect(),
        stored: stored(model, record),
        fates: fates(model, record, &found),
        stuck: stuck(model, record),
        said: said(model, record),
    })
}

fn fates(model: &Model, record: RecordRef, found: &RecordView<'_>) -> Vec<FateView> {
    let world = model.world();
    let groups =
        world.readers().filter_map(|(index, id, _)| Some((index, id, world.service_spec(id).consumes.as_ref()?)));
    groups
        .filter(|(_, _, consumes)| consumes.topics.contains(&record.partition.topic))
        .map(|(index, id, consumes)| fate(model, record, found, (index, id, &consumes.group)))
        .collect()
}

fn fate(
    model: &Model,
    record: RecordRef,
    found: &RecordView<'_>,
    (index, id, name): (usize, ServiceId, &str),
) -> FateView {
    let group = model.world().group_of(id);
    let fate = group.and_then(|group| model.ledger().fate(group, record.partition, record.offset)).unwrap_or_default();
    let published = Instant::from_ms(u64::try_from(found.timestamp_ms).unwrap_or(0));
    let before = || group.map_or(0, |group| waiting_before(model, group, record));
    let text = match (fate.first_at, fate.last_at, fate.times) {
        (Some(first), Some(last), 2..) => {
            format!("processed {} times: first at {}, again at {}", fate.times, clock(first), clock(last))
        }
        (Some(first), _, _) => {
            format!("processed at {}, {} after it was published", clock(first), short(first.since(published)))
        }
        (None, _, _) if is_stuck(model, id, record) => "tried again and again, and failed each time".to_owned(),
        (None, _, _) => unprocessed(&fate)
            .map_or_else(|| format!("waiting, with {} before it", count(before(), "record", "records")), str::to_owned),
    };
    let committed = group.and_then(|group| model.world().broker().group(group).committed(record.partition));
    let is_open = fate.times > 0 && fate.aside.is_none() && committed.is_none_or(|offset| offset <= record.offset);
    let text = if is_open { format!("{text}; not committed yet: a crash now would deliver it again") } else { text };
    FateView { name: Rc::from(name), index, processed: fate.times > 0, text }
}

fn is_stuck(model: &Model, id: ServiceId, record: RecordRef) -> bool {
    model.stuck_at(id).is_some_and(|trouble| trouble.record == record)
}

/// What became of a record that was not processed; nothing, if it waits.
fn unprocessed(fate: &Fate) -> Option<&'static str> {
    match fate {
        Fate { recognised: true, .. } => Some("recognised as a repeat, so nothing was done"),
        Fate { aside: Some(Aside::Retrying), .. } => {
            Some("moved to its retry topic: it failed on this record, and retries it from there")
        }
        Fate { aside: Some(Aside::DeadLettered), .. } => {
            Some("moved to the dead letter topic: it failed on this record, and somebody has to look at it")
        }
        Fate { aborted: true, .. } => Some("aborted with its transaction: a read_committed consumer never sees it"),
        Fate { skipped: true, .. } => Some("lost: skipped, or committed without being processed"),
        Fate { .. } => None,
    }
}

/// How many records of the same partition a group has still to process before `record`.
fn waiting_before(model: &Model, group: GroupId, record: RecordRef) -> u64 {
    let broker = model.world().broker();
    let start = broker.log(record.partition).map_or(Offset::ZERO, Log::log_start_offset);
    let first = broker.group(group).committed(record.partition).unwrap_or(start).max(start);
    let is_waiting = |offset: &i64| {
        let fate = model.ledger().fate(group, record.partition, Offset(*offset));
        fate.is_some_and(|fate| fate.times == 0 && !fate.is_marker && !fate.compacted && unprocessed(&fate).is_none())
    };
    (first.0..record.offset.0).filter(is_waiting).count() as u64
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn laid_out(bytes: &[u8]) -> String {
    let text = text_of(bytes);
    json::laid_out(&text).unwrap_or(text)
}

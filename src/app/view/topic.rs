//! A topic as lanes of records.

use super::text::grouped;
use crate::app::{Model, RecordRef};
use crate::broker::GroupId;
use crate::json::Json;
use crate::log::{Log, Offset, RecordView, TopicId, TopicPartition, TransactionResult};
use crate::sim::ServiceId;
use std::rc::Rc;

/// From how many partitions, and from how many groups on a topic is drawn densely: a line a partition.
const DENSE_PARTITIONS: usize = 7;
const DENSE_GROUPS: usize = 7;
/// How many groups have room in any case, and how many lines, one a group in each partition, more of them have room in.
const ROOMY_GROUPS: usize = 4;
const LINES_MAX: usize = 18;

/// How far a group has come with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Not processed yet.
    Waiting,
    /// Processed, and not committed: a crash now would deliver it again.
    Processed,
    /// Processed and committed.
    Committed,
    /// Processed more than once.
    Again,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicLanes {
    /// Its number.
    pub id: TopicId,
    /// Its name.
    pub name: Rc<str>,
    /// How many partitions it has.
    pub partitions: usize,
    /// For one that only stands beside: what it is for, and how much has come.
    pub aside: Option<AsideView>,
    /// Whether there are so many partitions or groups that each partition is drawn as a line.
    pub is_dense: bool,
    /// Its partitions; none while it is folded up.
    pub lanes: Vec<Rc<LaneView>>,
}

/// A topic into which a service that reads puts records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsideView {
    /// What it is for.
    pub purpose: String,
    /// How many records it holds.
    pub records: u64,
    /// Whether its lanes are shown.
    pub unfolded: bool,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneView {
    /// The partition.
    pub partition: TopicPartition,
    /// Its topic's name.
    pub topic: Rc<str>,
    /// The first offset that is still there.
    pub log_start_offset: i64,
    /// The offset below which records can be read.
    pub high_watermark: i64,
    /// The offset that the next record will have.
    pub log_end_offset: i64,
    /// The latest records, or those that a service is reading, oldest first.
    pub cells: Vec<CellView>,
    /// Whether it is drawn as one line.
    pub is_dense: bool,
    /// How many places for records there are.
    pub places: u32,
    /// How many records have come since it is held still, if it is.
    pub held: Option<u64>,
    /// Whether time runs.
    pub is_going_on: bool,
    /// How many records are newer than those that are shown, where older ones are to be shown.
    pub newer: u64,
    /// The groups that read it.
    pub groups: Vec<LaneGroup>,
}

/// A record in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellView {
    /// The record.
    pub record: RecordRef,
    /// How a transaction ended, if this is no record but the marker that says so.
    pub marker: Option<TransactionResult>,
    /// What it says, in a few words.
    pub label: Rc<str>,
    /// How far each group has come with it.
    pub marks: Vec<Mark>,
    /// Which groups will read this record next.
    pub next_of: Vec<usize>,
    /// Whether it is the one that is looked at.
    pub selected: bool,
}

/// A group in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneGroup {
    /// The service that reads.
    pub service: ServiceId,
    /// Which of the groups, from 0.
    pub index: usize,
    /// Its name.
    pub name: Rc<str>,
    /// The next offset it will read, once it has committed one.
    pub committed: Option<i64>,
    /// How many records it has still to read here.
    pub lag: u64,
    /// That, beside the largest lag there is in any lane, in thousandths.
    pub lag_per_mille: u32,
    /// How far left of the lane's first record its place is; 0 if it is in the picture.
    pub hidden: u64,
    /// Which instance reads it, if there are several; or that nobody does, although the service is on.
    pub reader: Option<Rc<str>>,
    /// In words.
    pub text: String,
}

struct Reader {
    service: ServiceId,
    group: GroupId,
    index: usize,
    name: Rc<str>,
}

/// All topics.
pub fn topics(model: &Model, lane_scale: u64) -> Vec<TopicLanes> {
    let broker = model.world().broker();
    let topic = |id| {
        let aside = aside(model, id);
        let is_dense = is_dense(model, id);
        let is_shown = aside.as_ref().is_none_or(|aside| aside.unfolded);
        let shown = broker.partitions(id).filter(|_| is_shown);
        TopicLanes {
            id,
            name: Rc::from(&**broker.topic(id).name()),
            partitions: broker.topic(id).partition_count() as usize,
            is_dense,
            lanes: shown.map(|partition| Rc::new(lane(model, partition, lane_scale, is_dense))).collect(),
            aside,
        }
    };
    (0..broker.topics().len() as u16).map(TopicId).map(topic).collect()
}

fn is_dense(model: &Model, id: TopicId) -> bool {
    let partitions = model.world().broker().topic(id).partition_count() as usize;
    let groups = readers_of(model, id).len();
    let is_crowded = groups > ROOMY_GROUPS && groups * partitions > LINES_MAX;
    partitions >= DENSE_PARTITIONS || groups >= DENSE_GROUPS || is_crowded
}

/// A topic stands beside if services that read put records into it and nobody publishes there of its own accord; also once they
/// have left, for it is what they have left behind.
fn aside(model: &Model, id: TopicId) -> Option<AsideView> {
    let world = model.world();
    let purpose = world.service_ids().chain(world.all_service_ids()).find_map(|service| {
        let spec = world.service_spec(service);
        let consumes = spec.consumes.as_ref()?;
        let uses = [
            (consumes.output, "published by {}"),
            (consumes.retry_topic, "tried again by {}"),
            (consumes.dead_letter_topic, "given up by {}"),
        ];
        let (_, purpose) = uses.into_iter().find(|(topic, _)| *topic == Some(id))?;
        Some(purpose.replace("{}", &spec.name))
    })?;
    let logs = world.broker().topic(id).logs().iter();
    let records = logs.map(|log| log.record_count(log.log_start_offset(), log.log_end_offset())).sum();
    Some(AsideView { purpose, records, unfolded: model.unfolded.contains(&id) })
}

fn lane(model: &Model, partition: TopicPartition, scale: u64, is_dense: bool) -> LaneView {
    let broker = model.world().broker();
    let topic = broker.topic(partition.topic);
    let log = &topic.logs()[partition.partition.0 as usize];
    let readers = readers_of(model, partition.topic);
    let (first, end) = model.shown(partition, log);
    let since = model.held_lane(partition, log).map(|_| log.record_count(end, log.log_end_offset()));
    let newer = log.record_count(model.first_shown(partition, log), model.first_newest(log));
    LaneView {
        partition,
        topic: Rc::from(&**topic.name()),
        log_start_offset: log.log_start_offset().0,
        high_watermark: log.high_watermark().0,
        log_end_offset: log.log_end_offset().0,
        cells: cells(model, partition, (first, end), &readers),
        held: since,
        is_going_on: model.is_playing(),
        newer,
        is_dense,
        places: model.lane_cells,
        groups: readers.iter().map(|reader| lane_group(model, partition, log, reader, (first, scale))).collect(),
    }
}

fn readers_of(model: &Model, topic: TopicId) -> Vec<Reader> {
    let world = model.world();
    let reads = |id| world.service_spec(id).consumes.as_ref().is_some_and(|it| it.topics.contains(&topic));
    world
        .readers()
        .filter(|(_, service, _)| reads(*service))
        .map(|(index, service, group)| {
            let name = Rc::from(&**world.broker().group(group).name());
            Reader { service, group, index, name }
        })
        .collect()
}

/// What lies from `first` (inclusive) to `end` (exclusive): records, and the markers that end transactions.
fn cells(
    model: &Model,
    partition: TopicPartition,
    (first, end): (Offset, Offset),
    readers: &[Reader],
) -> Vec<CellView> {
    let Some(log) = model.world().broker().log(partition) else { return Vec::new() };
    let mut cells = Vec::new();
    for batch in log.batches_between(first, log.log_end_offset()).take_while(|batch| batch.base_offset() < end) {
        let marker = batch.marker();
        for record in batch.records().filter(|record| (first..end).contains(&record.offset)) {
            cells.push(cell(model, partition, (&record, marker.map(|marker| marker.result)), readers));
        }
    }
    cells
}

fn cell(
    model: &Model,
    partition: TopicPartition,
    (record, marker): (&RecordView<'_>, Option<TransactionResult>),
    readers: &[Reader],
) -> CellView {
    let place = RecordRef { partition, offset: record.offset };
    let committed = |reader: &Reader| model.world().broker().group(reader.group).committed(partition);
    let start = model.world().broker().log(partition).map_or(Offset::ZERO, Log::log_start_offset);
    let next_of = readers.iter().filter(|reader| committed(reader).unwrap_or(start).max(start) == record.offset);
    let marked = readers.iter().filter(|_| marker.is_none());
    CellView {
        record: place,
        marker,
        label: marker.map_or_else(|| Rc::from(label_of(record)), |result| Rc::from(marker_words(result))),
        marks: marked.map(|reader| mark(model, place, reader.group, committed(reader))).collect(),
        next_of: next_of.map(|reader| reader.index).collect(),
        selected: model.selected() == Some(place),
    }
}

/// What a transaction marker is, in a sentence.
pub(super) const fn marker_words(result: TransactionResult) -> &'static str {
    match result {
        TransactionResult::Commit => {
            "a transaction marker (COMMIT), not a record: the records of its transaction before it count from here on"
        }
        TransactionResult::Abort => {
            "a transaction marker (ABORT), not a record: the records of its transaction before it do not count"
        }
    }
}

/// A record in a few words: its key, and where it has come if it says so in a `status`.
fn label_of(record: &RecordView<'_>) -> String {
    let key = record.key.map_or("no key".into(), String::from_utf8_lossy);
    let value = record.value.and_then(Json::of_bytes);
    let status = value.as_ref().and_then(|value| value.get("status")).and_then(Json::as_text);
    match (status, record.value) {
        (Some(status), _) => format!("{key}, {status}"),
        (None, Some(_)) => key.into_owned(),
        (None, None) => format!("{key}, tombstone"),
    }
}

fn mark(model: &Model, record: RecordRef, group: GroupId, committed: Option<Offset>) -> Mark {
    let fate = model.ledger().fate(group, record.partition, record.offset).unwrap_or_default();
    match fate.times {
        0 => Mark::Waiting,
        1 if committed.is_some_and(|committed| committed > record.offset) => Mark::Committed,
        1 => Mark::Processed,
        _ => Mark::Again,
    }
}

fn lane_group(
    model: &Model,
    partition: TopicPartition,
    log: &Log,
    reader: &Reader,
    (first, scale): (Offset, u64),
) -> LaneGroup {
    let broker = model.world().broker();
    let committed = broker.group(reader.group).committed(partition);
    let lag = broker.partition_lag(reader.group, partition);
    let place = committed.unwrap_or(log.log_start_offset());
    LaneGroup {
        service: reader.service,
        index: reader.index,
        name: reader.name.clone(),
        committed: committed.map(|offset| offset.0),
        lag,
        lag_per_mille: (lag * 1_000 / scale.max(1)).min(1_000) as u32,
        hidden: first.records_since(place),
        reader: reader_text(model, reader.service, partition),
        text: behind(lag, broker.partition_lag_deleted(reader.group, partition)),
    }
}

fn reader_text(model: &Model, service: ServiceId, partition: TopicPartition) -> Option<Rc<str>> {
    let world = model.world();
    let several = world.config_of(service).is_some_and(|config| config.instances > 1);
    match world.reader_of(service, partition) {
        Some(number) => several.then(|| format!("#{number}").into()),
        None => world.is_online(service).then(|| "unassigned".into()),
    }
}

fn behind(lag: u64, deleted: u64) -> String {
    match (grouped(lag), deleted) {
        _ if lag == 0 => "up to date".to_owned(),
        (behind, 0) => format!("{behind} behind"),
        (behind, deleted) if deleted == lag => format!("{behind} behind, all deleted"),
        (behind, deleted) => format!("{behind} behind, {} of them deleted", grouped(deleted)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;
    use crate::sim::Command;
    use crate::time::Instant;

    #[test]
    fn the_output_of_a_service_that_has_left_still_stands_beside() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        let beside = |model: &Model| -> Vec<Rc<str>> {
            topics(model, 1).into_iter().filter(|topic| topic.aside.is_some()).map(|topic| topic.name).collect()
        };
        model.advance_to(Instant::from_ms(12_000));
        let before = beside(&model);
        assert!(!before.is_empty());
        model.act(Command::RemoveService { service: "notifications".to_owned() }).expect("there is such a service");
        model.advance_to(Instant::from_ms(60_000));
        assert!(model.world().service_id("notifications").is_none(), "it has left");
        assert_eq!(beside(&model), before);
    }
}

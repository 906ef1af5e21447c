//! What is said of a record that is there, and of a place where there is none.

use super::*;
use crate::app::rehearsal::{delivery, go_on};
use crate::app::view::{CellView, inspector, topics};
use crate::app::{Msg, update};
use crate::log::{PartitionId, TopicId, TopicPartition};
use crate::sim::Command;

fn set(model: &mut Model, service: &str, name: &str, value: &str) {
    let (service, name, value) = (service.to_owned(), name.to_owned(), value.to_owned());
    model.act(Command::SetServiceConfig { service, name, value }).expect("it can be set");
}

fn set_topic(model: &mut Model, name: &str, value: &str) {
    let (topic, name, value) = ("order-status".to_owned(), name.to_owned(), value.to_owned());
    model.act(Command::SetTopicConfig { topic, name, value }).expect("it can be set");
}

fn partition(topic: u16, partition: u32) -> TopicPartition {
    TopicPartition { topic: TopicId(topic), partition: PartitionId(partition) }
}

/// What is said of the place.
fn missing_at(model: &mut Model, partition: TopicPartition, offset: i64) -> Option<String> {
    update(model, Msg::Select(Some(RecordRef { partition, offset: Offset(offset) })));
    inspector(model).expect("it is looked at").missing
}

fn value<'a>(rows: &'a [(&'static str, String)], name: &str) -> &'a str {
    rows.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
}

/// Notifications publishes what it has texted in transactions.
fn transacting() -> Model {
    let mut model = delivery();
    set(&mut model, "notifications", "commit_policy", "exactly_once");
    go_on(&mut model, 60_000);
    model
}

const TEXTS: TopicId = TopicId(2);

fn cells(model: &mut Model) -> Vec<CellView> {
    update(model, Msg::UnfoldTopic { topic: TEXTS, unfolded: true });
    let shown = topics(model, 1).into_iter().find(|it| it.id == TEXTS).expect("there is such a topic");
    shown.lanes[0].cells.clone()
}

#[test]
fn a_transaction_marker_is_a_cell_of_its_own_and_is_not_counted() {
    let mut model = transacting();
    let cells = cells(&mut model);
    let offsets: Vec<i64> = cells.iter().map(|it| it.record.offset.0).collect();
    assert!(offsets.windows(2).all(|it| it[0] + 1 == it[1]), "no offset is left out: {offsets:?}");
    assert!(cells.iter().any(|it| it.marker.is_none()) && cells.iter().any(|it| it.marker.is_some()));
    let marker = cells.iter().find(|it| it.marker.is_some()).expect("a transaction was committed");
    assert!(marker.label.starts_with("a transaction marker (COMMIT), not a record"), "{}", marker.label);
    assert!(marker.marks.is_empty(), "nobody processes it");
    let at = marker.record;
    assert_eq!(missing_at(&mut model, at.partition, at.offset.0), Some(format!("This is {}.", marker.label)));

    let counted =
        topics(&model, 1).into_iter().find(|it| it.id == TEXTS).and_then(|it| it.aside).expect("it is beside");
    let log = model.world().broker().log(partition(TEXTS.0, 0)).expect("it is there");
    let all = log.records(Offset::ZERO, crate::log::Isolation::LogEnd).count() as u64;
    assert_eq!(counted.records, all);
    assert!(all < log.log_end_offset().records_since(Offset::ZERO), "markers take offsets");
}

#[test]
fn a_record_says_how_it_lies_in_the_log() {
    let mut model = transacting();
    let text = cells(&mut model).into_iter().find(|it| it.marker.is_none()).expect("a text").record;
    let rows = stored(&model, text);
    let [batch, transaction] = ["Batch", "Transaction"].map(|name| value(&rows, name));
    assert!(batch.starts_with("base offset ") && batch.ends_with(" bytes"), "{batch}");
    assert_eq!(transaction, "committed");
    let number = |name: &str| value(&rows, name).parse::<i64>();
    assert_eq!(number("Partition leader epoch"), Ok(0));
    assert!(
        number("Producer id").is_ok() && number("Producer epoch").is_ok() && number("Sequence").is_ok(),
        "{rows:?}"
    );

    let update = RecordRef { partition: partition(0, 0), offset: Offset(1) };
    assert_eq!(value(&stored(&model, update), "Transaction"), "none");
    set(&mut model, "orders", "enable.idempotence", "false");
    go_on(&mut model, 60_000);
    let last = |model: &Model| {
        let of = |number| model.world().broker().log(partition(0, number)).map_or(0, |log| log.log_end_offset().0);
        (0..3).map(|number| (of(number), number)).max().expect("three partitions")
    };
    let (end, number) = last(&model);
    let rows = stored(&model, RecordRef { partition: partition(0, number), offset: Offset(end - 1) });
    assert!(value(&rows, "Producer").starts_with("none: enable.idempotence is off"), "{rows:?}");
}

#[test]
fn what_is_processed_and_not_committed_says_so() {
    let mut model = delivery();
    set(&mut model, "logistics", "commit_policy", "auto");
    set(&mut model, "logistics", "auto.commit.interval.ms", "60000");
    go_on(&mut model, 30_000);
    let id = model.world().service_id("logistics").expect("it is there");
    let group = model.world().group_of(id).expect("it reads");
    let place = partition(0, 0);
    let committed = model.world().broker().group(group).committed(place).unwrap_or_default();
    let processed = |offset: i64| {
        model.ledger().fate(group, place, Offset(offset)).is_some_and(|fate| fate.times == 1).then_some(offset)
    };
    let open =
        (committed.0..committed.0 + 1_000).find_map(processed).expect("something is processed and not committed");
    let said = |model: &mut Model, offset: i64| {
        update(model, Msg::Select(Some(RecordRef { partition: place, offset: Offset(offset) })));
        let fates = inspector(model).expect("it is looked at").fates;
        fates.iter().find(|it| &*it.name == "logistics").expect("it reads").text.contains("not committed yet")
    };
    assert!(said(&mut model, open));
    set(&mut model, "logistics", "commit_policy", "after_processing");
    go_on(&mut model, 30_000);
    assert!(!said(&mut model, open));
}

#[test]
fn where_there_is_no_record_the_reason_is_the_true_one() {
    let mut model = delivery();
    go_on(&mut model, 5_000);
    let end = |model: &Model| model.world().broker().log(partition(0, 0)).map_or(0, |log| log.log_end_offset().0);
    let ahead = end(&model) + 5;
    let said = missing_at(&mut model, partition(0, 0), ahead).expect("there is nothing");
    assert_eq!(said, "At this instant, nothing is written there yet.");

    for (name, value) in [
        ("cleanup.policy", "compact"),
        ("segment.bytes", "2000"),
        ("min.cleanable.dirty.ratio", "0"),
        ("delete.retention.ms", "1000"),
    ] {
        set_topic(&mut model, name, value);
    }
    let by_hand = |model: &mut Model, key: &str, value: Option<&str>| {
        let (topic, key, value) = ("order-status".to_owned(), Some(key.to_owned()), value.map(str::to_owned));
        let headers = crate::sorted::SortedMap::new();
        let before = end(model);
        model.act(Command::Publish { topic, key, value, headers, partition: Some(0) }).expect("it can be published");
        go_on(model, 200);
        let log = model.world().broker().log(partition(0, 0)).expect("it is there");
        let found = log.records(Offset(before), crate::log::Isolation::LogEnd).find(|it| it.key == Some(b"mine"));
        found.expect("it is written").offset.0
    };
    let replaced = by_hand(&mut model, "mine", Some("{}"));
    let tombstone = by_hand(&mut model, "mine", None);
    go_on(&mut model, 1_200_000);
    let said = missing_at(&mut model, partition(0, 0), replaced).expect("it is gone");
    assert!(said.ends_with("because a later record has the same key."), "{said}");
    let said = missing_at(&mut model, partition(0, 0), tombstone).expect("it is gone");
    assert!(said.starts_with("This was a tombstone"), "{said}");
}

#[test]
fn what_an_election_has_cut_off_says_when() {
    let mut model = delivery();
    for (name, value) in [("enable.idempotence", "false"), ("acks", "0")] {
        set(&mut model, "orders", name, value);
    }
    go_on(&mut model, 5_000);
    let command = Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 6_000 };
    model.act(command).expect("it can be set");
    go_on(&mut model, 10_000);
    let end = |model: &Model| model.world().broker().log(partition(0, 0)).map_or(0, |log| log.log_end_offset().0);
    let before = end(&model);
    while end(&model) == before {
        go_on(&mut model, 1);
    }
    // Its leader crashes before anybody else has what has just been written.
    let replicas = model.world().broker().replicas(partition(0, 0)).expect("it is there");
    let leader = replicas.leader().expect("somebody leads");
    model.act(Command::SetBrokerOnline { broker: leader.0.into(), online: false }).expect("there is such a broker");
    let (mut last_end, mut cut) = (end(&model), None);
    for _ in 0..30_000 {
        go_on(&mut model, 1);
        if end(&model) < last_end {
            cut = Some(last_end - 1);
            break;
        }
        last_end = end(&model);
    }
    let cut = cut.expect("the leader had records that the others had not");
    let said = missing_at(&mut model, partition(0, 0), cut).expect("it is cut off");
    let expect =
        format!("This record was cut off: the leader elected at {} did not have it.", clock(model.world().now()));
    assert_eq!(said, expect);
}

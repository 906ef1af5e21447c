//! What retention deletes, and what becomes of records that nobody had read by then.

use super::observed::{LOGISTICS, NOTIFICATIONS, Observed, arrivals, config, millis, publishes, switch};
use super::{LATENCY_MS, SEED, busy, partition};
use catchup::broker::{LogFact, OffsetsFact};
use catchup::log::{Offset, TopicPartition};
use catchup::sim::{Event, WorkEvent, WorldSpec};
use catchup::time::Span;
use std::collections::{BTreeMap, BTreeSet};

const RETENTION_MS: u64 = 10_000;
const RETENTION_CHECK_MS: u64 = 2_000;
/// `linger.ms`, Kafka's default: how much older than its append a record can be, besides its way to the broker.
const LINGER_MS: u64 = 5;

/// A system that forgets quickly.
fn forgetful() -> WorldSpec {
    let mut spec = busy();
    spec.topics[0].log.segment_bytes = 1_024;
    spec.broker.log_retention_check_interval = Span::from_ms(RETENTION_CHECK_MS);
    publishes(&mut spec).arrivals_per_min = 300;
    spec
}

#[test]
fn retention_by_time_bounds_the_log() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_ms = Some(RETENTION_MS as i64);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(60_000);
    let oldest_ms = (observed.world.now().as_ms() - RETENTION_MS - RETENTION_CHECK_MS) as i64;
    for partition in observed.partitions() {
        let log = observed.log(partition);
        assert!(log.log_start_offset() > Offset::ZERO, "nothing was deleted from {partition:?}");
        let youngest_ms: Vec<_> = log.segments().map(catchup::log::Segment::max_timestamp_ms).collect();
        assert!(youngest_ms.iter().flatten().all(|ms| *ms >= oldest_ms), "{youngest_ms:?}, the oldest {oldest_ms}");
    }
    for service in [LOGISTICS, NOTIFICATIONS] {
        assert_eq!(observed.account(service).lost, 0, "{service} keeps up, so that retention takes nothing from it");
    }
}

#[test]
fn retention_by_size_bounds_the_log() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_bytes = Some(4_096);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(60_000);
    for partition in observed.partitions() {
        let log = observed.log(partition);
        assert!(log.log_start_offset() > Offset::ZERO, "nothing was deleted from {partition:?}");
        assert!(log.len_bytes() >= 4_096, "{partition:?} keeps less than it may: {} bytes", log.len_bytes());
    }
    let (start, len) = (observed.world.now(), observed.log(partition(0)).len_bytes());
    observed.apply(arrivals(0));
    observed.run_ms(60_000);
    let settled = observed.log(partition(0)).len_bytes();
    assert!(settled < 4_096 + 1_024, "{settled} bytes are left of {len}, long after {start:?}");
}

#[test]
fn what_retention_deletes_before_it_was_read_is_lost_and_the_ledger_says_so() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_ms = Some(RETENTION_MS as i64);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    let group = observed.group_id(LOGISTICS);
    observed.run_to(
        1_000,
        |event| matches!(event, Event::Offsets(OffsetsFact::Committed { group: committed, .. }) if *committed == group),
    );
    observed.apply(switch(LOGISTICS, false)); // when all that it has processed is committed
    observed.run_ms(40_000);
    let deleted = |partition| observed.log(partition).log_start_offset();
    let committed = |partition| observed.group(LOGISTICS).committed(partition).unwrap_or_default();
    let expected: u64 = observed.partitions().map(|it| deleted(it).records_since(committed(it))).sum();
    assert!(expected > 0, "retention has not reached what logistics has not read");
    assert_eq!(observed.account(LOGISTICS).lost, expected);
    observed.drain();
    let account = observed.account(LOGISTICS);
    assert_eq!((account.waiting, account.processed + account.lost), (0, account.published));
    assert_eq!(observed.account(NOTIFICATIONS).lost, 0, "it was on all the time");
}

#[test]
fn what_a_service_had_in_hand_when_retention_deleted_it_is_not_lost() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_ms = Some(RETENTION_MS as i64);
    config(&mut spec, LOGISTICS).processing = millis(1_500, 1_500); // a poll takes longer than retention keeps it
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(120_000);
    let id = observed.id(LOGISTICS);
    let mut log_starts: BTreeMap<TopicPartition, Offset> = BTreeMap::new();
    let (mut processed, mut from_hand) = (BTreeSet::new(), 0);
    for stamped in &observed.events {
        match stamped.event {
            Event::Log(LogFact::Deleted { partition, log_start_offset }) => {
                log_starts.insert(partition, log_start_offset);
            }
            Event::Work(WorkEvent::Processed { service, partition, offset, .. }) if service == id => {
                processed.insert((partition, offset));
                from_hand += u32::from(log_starts.get(&partition).is_some_and(|start| offset < *start));
            }
            _ => {}
        }
    }
    assert!(from_hand > 10, "only {from_hand} records were processed after they had been deleted");
    assert_eq!(observed.account(LOGISTICS).processed, processed.len() as u64);
}

#[test]
fn retention_by_time_deletes_nothing_that_is_younger() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_ms = Some(RETENTION_MS as i64);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(60_000);
    let mut appended = BTreeMap::new();
    let mut deletions = 0;
    for stamped in &observed.events {
        match stamped.event {
            Event::Appended { partition, base_offset, records, .. } => {
                appended.insert((partition, Offset(base_offset.0 + i64::from(records))), stamped.at);
            }
            Event::Log(LogFact::Deleted { partition, log_start_offset }) => {
                let age = stamped.at.since(appended[&(partition, log_start_offset)]);
                assert!(
                    age.as_ms() + LATENCY_MS + LINGER_MS >= RETENTION_MS,
                    "{partition:?} lost what was {age:?} old"
                );
                deletions += 1;
            }
            _ => {}
        }
    }
    assert!(deletions > 10, "retention deleted only {deletions} times");
}

/// The memory that the logs take, in bytes.
fn memory_bytes(observed: &Observed) -> usize {
    let logs = observed.partitions().map(|partition| observed.log(partition));
    let segments = logs.flat_map(catchup::log::Log::segments);
    segments.map(|segment| segment.len_bytes() + segment.overhead_bytes()).sum()
}

#[test]
fn a_day_of_delivery_tracking_does_not_grow() {
    const HOUR_MS: u64 = 3_600_000;
    let scenario = catchup::scenario::shipped("delivery").expect("the shipped scenario is valid");
    let mut observed = Observed::new(WorldSpec::clone(&scenario.world), SEED);
    let mut hours = Vec::new();
    for _ in 0..24 {
        observed.run_ms(HOUR_MS);
        observed.events.clear();
        hours.push(memory_bytes(&observed));
    }
    let (morning, evening) = (hours[4..12].iter().max(), hours[12..].iter().max());
    let (morning, evening) = (morning.copied().unwrap_or(0), evening.copied().unwrap_or(0));
    assert!(evening <= morning + morning / 20, "at most {morning} bytes in the morning, {evening} later: {hours:?}");
    assert_eq!(observed.account(NOTIFICATIONS).lost, 0);
}

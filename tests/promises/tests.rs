//! Each promise can be broken: a story that keeps it, and one that does not.

use super::{Place, Story, broken, no_partition_is_held_twice, stamped};
use super::{
    a_partition_has_one_owner_in_a_generation, at_least_once_never_loses, at_most_once_never_repeats,
    exactly_once_neither_loses_nor_repeats, first_deliveries_of_a_key_are_in_order, nothing_is_left_out,
    only_a_person_lets_a_committed_offset_go_back, what_is_processed_is_published, what_is_recognised_was_done,
};
use catchup::broker::{Generation, GroupFact, GroupId, MemberId, OffsetsFact};
use catchup::log::{Offset, PartitionId, TopicId, TopicPartition};
use catchup::sim::{Event, Fared, ReadConfig, ServiceEvent, ServiceId, WorkEvent};

const GROUP: GroupId = GroupId(3);
const PARTITION: TopicPartition = TopicPartition { topic: TopicId(0), partition: PartitionId(0) };

fn place(offset: i64) -> Place {
    (PARTITION, Offset(offset))
}

fn processed(offset: i64) -> Event {
    Event::Work(WorkEvent::Processed {
        service: ServiceId(1),
        group: GROUP,
        partition: PARTITION,
        offset: Offset(offset),
        key: None,
        epoch: None,
    })
}

fn fared(offset: i64, how: Fared) -> Event {
    Event::Work(WorkEvent::Fared {
        service: ServiceId(1),
        group: GROUP,
        partition: PARTITION,
        offset: Offset(offset),
        key: None,
        epoch: None,
        how,
    })
}

fn committed(offset: i64) -> Event {
    Event::Offsets(OffsetsFact::Committed {
        group: GROUP,
        member: None,
        partition: PARTITION,
        offset: Offset(offset),
        epoch: None,
    })
}

fn assigned(generation: i32, member: u32) -> Event {
    let (generation, member) = (Generation(generation), MemberId(member));
    Event::Group(GroupFact::Assigned { group: GROUP, generation, member, partitions: [PARTITION].into() })
}

/// Three records, of which the first two have the same key and the last two the same value.
fn check(is_kept: fn(&Story) -> Result<(), String>, events: Vec<Event>, outputs: &[(i64, u32)], expect: bool) {
    let events: Vec<_> = events.into_iter().map(stamped).collect();
    let contents = |key: &str, status: &str| {
        (Some(key.as_bytes().to_vec()), Some(format!("{{\"status\":\"{status}\"}}").into_bytes()))
    };
    let inputs = [contents("a", "paid"), contents("a", "sent"), contents("b", "sent")];
    let inputs = (0..).map(place).zip(inputs).collect();
    let outputs = outputs.iter().map(|(offset, times)| (place(*offset), *times)).collect();
    let story = Story { events: &events, group: GROUP, inputs, outputs };
    assert_eq!(is_kept(&story).is_ok(), expect, "{events:?}");
}

#[test]
fn an_output_that_misses_or_repeats_a_record_is_noticed() {
    let is_kept = exactly_once_neither_loses_nor_repeats;
    check(is_kept, vec![], &[(0, 1), (1, 1), (2, 1)], true);
    check(is_kept, vec![fared(1, Fared::Skipped)], &[(0, 1), (2, 1)], true);
    check(is_kept, vec![], &[(0, 1), (2, 1)], false);
    check(is_kept, vec![fared(1, Fared::Skipped)], &[(0, 1), (1, 2), (2, 1)], false);
}

#[test]
fn a_record_that_nobody_processes_is_noticed() {
    let is_kept = at_least_once_never_loses;
    check(is_kept, vec![processed(0), processed(1), fared(2, Fared::DeadLettered(None))], &[], true);
    check(is_kept, vec![processed(0), processed(1), fared(2, Fared::Failed(1))], &[], false);
}

#[test]
fn work_whose_output_is_missing_is_noticed() {
    check(what_is_processed_is_published, vec![processed(0)], &[(0, 2)], true);
    check(what_is_processed_is_published, vec![processed(0), processed(1)], &[(0, 2)], false);
}

#[test]
fn a_record_that_is_processed_again_is_noticed() {
    check(at_most_once_never_repeats, vec![processed(0), processed(2)], &[], true);
    check(at_most_once_never_repeats, vec![processed(0), processed(2), processed(0)], &[], false);
}

#[test]
fn records_of_a_key_in_another_order_are_noticed() {
    let is_kept = first_deliveries_of_a_key_are_in_order;
    check(is_kept, vec![processed(0), processed(2), processed(1), processed(0)], &[], true);
    check(is_kept, vec![processed(1), processed(0)], &[], false);
}

#[test]
fn a_committed_offset_that_goes_back_is_noticed() {
    let is_kept = only_a_person_lets_a_committed_offset_go_back;
    let sought =
        Event::Service(ServiceEvent::Sought { group: GROUP, partition: PARTITION, from: Offset(2), to: Offset(1) });
    check(is_kept, vec![committed(2), sought, committed(1)], &[], true);
    check(is_kept, vec![committed(2), committed(1)], &[], false);
}

#[test]
fn two_owners_of_a_partition_are_noticed() {
    let is_kept = a_partition_has_one_owner_in_a_generation;
    check(is_kept, vec![assigned(1, 1), assigned(2, 2), assigned(2, 2)], &[], true);
    check(is_kept, vec![assigned(1, 1), assigned(1, 2)], &[], false);
    let held: [&[TopicPartition]; 2] = [&[PARTITION], &[PARTITION]];
    assert!(no_partition_is_held_twice(held[..1].iter().copied()).is_ok());
    assert!(no_partition_is_held_twice(held.into_iter()).is_err());
}

#[test]
fn work_that_is_recognised_and_was_never_done_is_noticed() {
    let is_kept = what_is_recognised_was_done;
    check(is_kept, vec![processed(1), fared(1, Fared::Deduplicated)], &[], true);
    check(is_kept, vec![processed(1), fared(2, Fared::Deduplicated)], &[], false);
}

#[test]
fn a_record_that_is_left_out_is_noticed() {
    check(nothing_is_left_out, vec![fared(1, Fared::Failed(1))], &[], true);
    check(nothing_is_left_out, vec![fared(1, Fared::Skipped)], &[], false);
}

#[test]
fn a_promise_that_was_not_made_is_not_broken() {
    let events = [stamped(processed(0)), stamped(processed(0))];
    let story = Story { events: &events, group: GROUP, inputs: [].into(), outputs: [(place(0), 1)].into() };
    let mut config = ReadConfig::default();
    assert_eq!(broken(&super::Terms::new(&config), &story), None);
    config.commit_policy = catchup::sim::CommitPolicy::BeforeProcessing;
    assert!(broken(&super::Terms::new(&config), &story).is_some_and(|why| why.contains("at most once")));
}

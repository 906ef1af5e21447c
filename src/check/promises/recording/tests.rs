//! What the history of operations finds.

use super::*;
use crate::log::PartitionId;

const GROUP: GroupId = GroupId(0);
const PARTITION: TopicPartition = TopicPartition { topic: TopicId(0), partition: PartitionId(0) };

fn check(prepare: impl FnOnce(&mut Recording), expect: &[(Promise, i64)]) {
    let mut recording = Recording::default();
    prepare(&mut recording);
    let found = recording.check(GROUP, &[TopicId(0)]);
    let found: Vec<(Promise, i64)> = found.iter().map(|it| (it.promise, it.breach.offset.0)).collect();
    assert_eq!(found, expect);
}

fn sent(recording: &mut Recording, base: i64, records: u32) {
    recording.sent(Instant::START, Some(ServiceId(0)), PARTITION, (Offset(base), records));
}

fn polled(recording: &mut Recording, instance: u32, (first, last): (i64, i64), records: u32) {
    let stretch = (Offset(first), Offset(last), records);
    recording.polled(Instant::START, (GROUP, instance), PARTITION, stretch, false);
}

#[test]
fn polls_that_follow_on_each_other_are_in_order() {
    check(
        |it| {
            sent(it, 0, 4);
            polled(it, 0, (0, 1), 2);
            polled(it, 0, (2, 3), 2);
        },
        &[],
    );
}

#[test]
fn a_poll_that_goes_on_too_far_has_left_out_what_is_between() {
    let skips = |it: &mut Recording| {
        sent(it, 0, 4);
        polled(it, 0, (0, 1), 2);
        polled(it, 0, (3, 3), 1);
    };
    check(skips, &[(Promise::NoneLeftOut, 2), (Promise::NoneLeftOut, 2)]);
}

#[test]
fn a_poll_of_too_few_records_has_left_out_one() {
    let skips = |it: &mut Recording| {
        sent(it, 0, 4);
        polled(it, 0, (0, 3), 3);
    };
    check(skips, &[(Promise::NoneLeftOut, 2), (Promise::NoneLeftOut, 2)]);
}

#[test]
fn nothing_follows_for_instances_that_go_on_elsewhere_nor_for_what_is_gone() {
    let moves = |it: &mut Recording| {
        sent(it, 0, 4);
        polled(it, 0, (0, 3), 4);
        it.moved(Instant::START, GROUP);
        polled(it, 0, (2, 3), 2);
    };
    check(moves, &[]);
    let loses = |it: &mut Recording| {
        sent(it, 0, 4);
        polled(it, 0, (0, 0), 1);
        it.gone(Instant::START, PARTITION, Offset(3));
        polled(it, 0, (3, 3), 1);
    };
    check(loses, &[]);
}

#[test]
fn only_the_latest_is_kept() {
    let mut recording = Recording::default();
    (0..NOTES_MAX as i64 + 5).for_each(|at| sent(&mut recording, at, 1));
    assert_eq!((recording.notes.len(), recording.dropped()), (NOTES_MAX, 5));
    sent(&mut recording, 1_000, RECORDS_MAX as u32 + 1);
    assert_eq!(recording.notes.len(), 1);
}

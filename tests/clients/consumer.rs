//! A consumer: what it asks, and what it makes of the answers, old ones included.

use super::consumer_bench::{Bench, ME, committed, found, joined, listed, synced};
use super::{at, partition};
use catchup::broker::{FetchPartitionError, FetchedPartition, GroupError, Request, Response};
use catchup::client::{ConsumerState, offsets_after};
use catchup::log::{FetchError, Offset};

#[test]
fn a_consumer_joins_syncs_asks_for_offsets_and_fetches() {
    let mut bench = Bench::new();
    assert_eq!(bench.sends(), [("join", 0)]);
    bench.answer_last(0, joined(1));
    assert_eq!(bench.sends(), [("sync", 1)]);
    bench.answer_last(0, synced());
    assert_eq!(bench.sends(), [("offsets", 2)]);
    bench.answer_last(0, committed(Some(5)));
    assert_eq!(bench.sends(), [("fetch", 3)]);
    assert_eq!(bench.fetches(), [(partition(), Offset(5))]);
}

#[test]
fn a_leader_assigns_in_the_name_of_all() {
    let mut bench = Bench::new();
    bench.answer_last(0, joined(1));
    bench.sends();
    let Some((_, Request::SyncGroup(sync))) = bench.sent.last() else { panic!("the last request is a sync") };
    assert_eq!(sync.assignments, [(ME, [partition()].into())]);
}

#[test]
fn a_poll_gives_so_many_records_at_the_most() {
    let mut bench = Bench::reading();
    bench.answer_last(0, found(5));
    assert_eq!(bench.poll_offsets(), [0, 1, 2]);
    assert_eq!(bench.poll_offsets(), [3, 4]);
}

#[test]
fn a_commit_names_the_offset_after_the_last_record() {
    let mut bench = Bench::reading();
    bench.answer_last(0, found(5));
    let records = bench.consumer.poll(at(0));
    bench.consumer.commit(offsets_after(&records).into_iter().collect());
    assert_eq!(bench.commits(), [(partition(), Offset(3))]);
}

#[test]
fn a_commit_is_under_way_until_it_is_answered() {
    let mut bench = Bench::reading();
    bench.answer_last(0, found(5));
    let records = bench.consumer.poll(at(0));
    bench.sends();
    bench.consumer.commit(offsets_after(&records).into_iter().collect());
    assert!(bench.consumer.is_committing());
    bench.answer_last(0, Response::OffsetCommit(Ok(())));
    assert!(!bench.consumer.is_committing());
}

#[test]
fn a_consumer_whose_offset_is_gone_goes_on_at_the_log_start() {
    let mut bench = Bench::reading();
    let (log_start_offset, log_end_offset) = (Offset(40), Offset(50));
    let gone = FetchError::OffsetOutOfRange { offset: Offset::ZERO, log_start_offset, log_end_offset };
    let answer = FetchedPartition {
        partition: partition(),
        batches: Err(FetchPartitionError::Read(gone)),
        log_start_offset,
        aborted: Vec::new(),
    };
    bench.answer_last(0, Response::Fetch(vec![answer]));
    bench.answer_last(0, listed(40));
    assert_eq!(bench.fetches(), [(partition(), Offset(40))]);
}

#[test]
fn a_consumer_does_not_ask_again_for_a_partition_that_is_not_there() {
    let mut bench = Bench::reading();
    let batches = Err(FetchPartitionError::UnknownTopicOrPartition);
    let answer =
        FetchedPartition { partition: partition(), batches, log_start_offset: Offset(-1), aborted: Vec::new() };
    bench.answer_last(0, Response::Fetch(vec![answer]));
    bench.consumer.poll(at(0));
    assert_eq!(bench.sends(), []);
}

#[test]
fn heartbeats_go_out_in_their_interval() {
    let mut bench = Bench::reading();
    bench.sends();
    bench.consumer.tick(at(999));
    assert_eq!(bench.sends(), []);
    bench.consumer.tick(at(1_000));
    assert_eq!(bench.sends(), [("heartbeat", 4)]);
    assert_eq!(bench.consumer.deadline(), Some(at(2_000)));
}

#[test]
fn a_rebalance_is_joined_at_the_next_poll_and_only_once() {
    let mut bench = Bench::reading();
    bench.consumer.tick(at(1_000));
    bench.answer_last(1_000, Response::Heartbeat(Err(GroupError::RebalanceInProgress)));
    assert_eq!(bench.sends(), [], "it may still be at work on records");
    bench.consumer.poll(at(0));
    assert_eq!(bench.sends(), [("join", 5)]);
    bench.consumer.poll(at(0));
    assert_eq!(bench.sends(), []);
}

#[test]
fn a_consumer_that_waits_to_join_sends_no_heartbeat() {
    let mut bench = Bench::reading();
    bench.consumer.tick(at(1_000));
    bench.answer_last(1_000, Response::Heartbeat(Err(GroupError::RebalanceInProgress)));
    bench.consumer.poll(at(0));
    bench.sends();
    bench.consumer.tick(at(29_999));
    assert_eq!(bench.sends(), []);
}

#[test]
fn answers_to_what_was_asked_before_joining_again_are_ignored() {
    let mut bench = Bench::reading();
    bench.consumer.tick(at(1_000));
    bench.answer_last(1_000, Response::Heartbeat(Err(GroupError::RebalanceInProgress)));
    bench.consumer.poll(at(0));
    assert_eq!(bench.sends(), [("join", 5)]);
    for (number, outdated) in [(0, joined(1)), (1, synced()), (2, committed(Some(3))), (3, found(5))] {
        bench.consumer.handle(at(1_001), number, outdated);
    }
    bench.consumer.handle(at(1_001), 4, Response::Heartbeat(Err(GroupError::UnknownMemberId)));
    assert_eq!(bench.consumer.state(), ConsumerState::Joining);
    assert_eq!(bench.consumer.assignment(), []);
    assert_eq!(bench.poll_offsets(), Vec::<i64>::new());
    assert_eq!(bench.sends(), []);
}

#[test]
fn after_a_rebalance_a_consumer_begins_again_at_the_committed_offset() {
    let mut bench = Bench::reading();
    bench.answer_last(0, found(5));
    bench.sends();
    bench.consumer.tick(at(1_000));
    bench.answer_last(1_000, Response::Heartbeat(Err(GroupError::RebalanceInProgress)));
    assert_eq!(bench.poll_offsets(), Vec::<i64>::new(), "what it has in hand may soon be somebody else's");
    bench.answer_last(1_000, joined(2));
    bench.answer_last(1_000, synced());
    bench.answer_last(1_000, committed(Some(2)));
    bench.answer_last(1_000, found(5));
    assert_eq!(bench.poll_offsets(), [2, 3, 4]);
}

#[test]
fn a_consumer_that_its_group_forgot_joins_as_a_new_member() {
    let mut bench = Bench::reading();
    bench.consumer.tick(at(1_000));
    bench.answer_last(1_000, Response::Heartbeat(Err(GroupError::UnknownMemberId)));
    bench.consumer.poll(at(0));
    bench.sends();
    let Some((_, Request::JoinGroup(join))) = bench.sent.last() else { panic!("the last request is a join") };
    assert_eq!(join.member, None);
}

#[test]
fn a_consumer_of_an_old_generation_keeps_its_member_id() {
    let mut bench = Bench::reading();
    bench.consumer.tick(at(1_000));
    bench.answer_last(1_000, Response::Heartbeat(Err(GroupError::IllegalGeneration)));
    bench.consumer.poll(at(0));
    bench.sends();
    let Some((_, Request::JoinGroup(join))) = bench.sent.last() else { panic!("the last request is a join") };
    assert_eq!(join.member, Some(ME));
}

#[test]
fn a_consumer_that_works_longer_than_it_may_leaves_and_joins_as_a_new_member() {
    let mut bench = Bench::reading();
    bench.answer_last(0, found(5));
    let records = bench.consumer.poll(at(500));
    bench.sends();
    bench.consumer.tick(at(5_499));
    assert_eq!(bench.sends(), [("heartbeat", 5)], "it is still in time");
    bench.consumer.tick(at(5_500));
    assert_eq!(bench.sends(), [("leave", 6)]);
    bench.consumer.commit(offsets_after(&records).into_iter().collect());
    assert_eq!(bench.sends(), [], "who is no member cannot commit");
    bench.consumer.poll(at(9_000));
    assert_eq!(bench.sends(), [("join", 7)]);
    let Some((_, Request::JoinGroup(join))) = bench.sent.last() else { panic!("the last request is a join") };
    assert_eq!(join.member, None);
}

#[test]
fn a_consumer_that_has_nothing_to_work_on_may_take_its_time() {
    let mut bench = Bench::reading();
    assert_eq!(bench.poll_offsets(), Vec::<i64>::new());
    bench.sends();
    for seconds in 1..10 {
        bench.consumer.tick(at(seconds * 1_000));
        assert_eq!(bench.sends(), [("heartbeat", 3 + seconds as u32)]);
    }
}

//! How a consumer commits: when it is told to, by itself, before it gives partitions up, and when it is closed.

use super::consumer_bench::{Bench, found};
use super::{at, partition};
use catchup::broker::{GroupError, Response};
use catchup::client::ConsumerConfig;
use catchup::log::Offset;
use catchup::time::Span;

const COMMITTED: Response = Response::OffsetCommit(Ok(()));

fn auto_commit(config: &mut ConsumerConfig) {
    config.auto_commit = Some(Span::from_ms(500));
}

/// A consumer that has polled records 0 to 2 at 0 ms.
fn busy(set: impl FnOnce(&mut ConsumerConfig)) -> Bench {
    let mut bench = Bench::reading_with(set);
    bench.answer_last(0, found(5));
    assert_eq!(bench.poll_offsets(), [0, 1, 2]);
    bench.sends();
    bench
}

fn commit(bench: &mut Bench) {
    bench.consumer.commit(vec![(partition(), Offset(3).into())]);
}

#[test]
fn what_came_of_a_commit_is_told_once() {
    for answer in [Ok(()), Err(GroupError::IllegalGeneration)] {
        let mut bench = busy(|_| ());
        commit(&mut bench);
        assert_eq!(bench.consumer.take_commit_result(), None);
        bench.answer_last(1, Response::OffsetCommit(answer));
        assert_eq!(bench.consumer.take_commit_result(), Some(answer));
        assert_eq!(bench.consumer.take_commit_result(), None);
    }
}

#[test]
fn a_commit_that_a_rebalance_refuses_makes_it_join_at_the_next_poll() {
    let mut bench = busy(|_| ());
    commit(&mut bench);
    bench.answer_last(1, Response::OffsetCommit(Err(GroupError::RebalanceInProgress)));
    assert_eq!(bench.sends(), []);
    bench.consumer.poll(at(2));
    assert_eq!(bench.sends(), [("join", 6)]);
}

#[test]
fn a_commit_without_an_answer_is_repeated() {
    let mut bench = busy(|config| config.max_poll_interval = Span::from_ms(60_000));
    commit(&mut bench);
    bench.hears(1_000, Ok(())); // and learns what time it is
    bench.consumer.tick(at(31_000));
    bench.sends();
    assert!(bench.consumer.is_committing());
    bench.consumer.tick(at(31_100));
    assert_eq!(bench.sends(), [("commit", 8), ("fetch", 9)], "its fetch was not answered either");
    bench.consumer.handle(at(31_101), 8, COMMITTED);
    assert_eq!(bench.consumer.take_commit_result(), Some(Ok(())));
}

#[test]
fn a_commit_is_repeated_while_the_coordinator_is_away() {
    let mut bench = busy(|_| ());
    commit(&mut bench);
    bench.answer_last(1, Response::OffsetCommit(Err(GroupError::CoordinatorNotAvailable)));
    assert!(bench.consumer.is_committing());
    bench.sends();
    bench.consumer.tick(at(101));
    assert_eq!(bench.commits(), [(partition(), Offset(3))]);
}

#[test]
fn who_is_no_member_cannot_commit() {
    let mut bench = Bench::new();
    bench.sends();
    commit(&mut bench);
    assert_eq!(bench.consumer.take_commit_result(), Some(Err(GroupError::UnknownMemberId)));
    assert_eq!(bench.sends(), []);
}

#[test]
fn by_itself_it_commits_what_earlier_polls_returned() {
    let mut bench = busy(auto_commit);
    let records = bench.consumer.poll(at(500));
    assert_eq!(records.len(), 2);
    let Some((_, request)) = bench.consumer.take_requests().into_iter().next() else { panic!("it commits") };
    bench.sent.push((0, request));
    assert_eq!(bench.commits(), [(partition(), Offset(3))]);
    assert!(!bench.consumer.is_committing(), "its owner need not wait");
}

#[test]
fn by_itself_it_commits_nothing_that_is_worked_on() {
    let mut bench = busy(auto_commit);
    bench.consumer.tick(at(999));
    assert_eq!(bench.sends(), []);
}

#[test]
fn one_that_waits_for_records_commits_in_time_and_nothing_twice() {
    let mut bench = busy(auto_commit);
    bench.consumer.poll(at(100));
    assert_eq!(bench.consumer.poll(at(200)), []);
    bench.sends();
    assert_eq!(bench.consumer.deadline(), Some(at(500)));
    bench.consumer.tick(at(500));
    assert_eq!(bench.commits(), [(partition(), Offset(5))]);
    bench.answer_last(500, COMMITTED);
    assert_eq!(bench.consumer.deadline(), Some(at(1_000)), "its heartbeat");
    bench.consumer.tick(at(1_000));
    assert_eq!(bench.sends(), [("heartbeat", 6)]);
}

#[test]
fn it_commits_before_it_gives_partitions_up() {
    let mut bench = busy(auto_commit);
    bench.hears(1_000, Err(GroupError::RebalanceInProgress));
    assert_eq!(bench.consumer.poll(at(1_001)), []);
    assert_eq!(bench.commits(), [(partition(), Offset(3))]);
    assert_eq!(bench.consumer.poll(at(1_002)), []);
    assert_eq!(bench.sends(), []);
    bench.answer_last(1_003, COMMITTED);
    assert_eq!(bench.sends(), [("join", 7)]);
}

#[test]
fn it_joins_even_if_that_commit_is_never_answered() {
    let mut bench = busy(auto_commit);
    bench.hears(1_000, Err(GroupError::RebalanceInProgress));
    bench.consumer.poll(at(1_001));
    bench.sends();
    bench.consumer.tick(at(31_001));
    assert_eq!(bench.sends().last(), Some(&("join", 8)), "after a heartbeat");
}

#[test]
fn a_consumer_that_is_closed_commits_and_leaves() {
    let mut bench = busy(auto_commit);
    bench.consumer.close(at(100));
    assert_eq!(bench.commits(), [(partition(), Offset(3))]);
    assert!(!bench.consumer.is_closed());
    bench.answer_last(101, COMMITTED);
    assert_eq!(bench.sends(), [("leave", 6)]);
    assert!(bench.consumer.is_closed());
    assert_eq!(bench.consumer.deadline(), None);
}

#[test]
fn a_consumer_that_is_closed_leaves_even_if_its_commit_is_not_answered() {
    let mut bench = busy(auto_commit);
    bench.consumer.close(at(100));
    bench.sends();
    bench.consumer.tick(at(30_100));
    assert_eq!(bench.sends().last(), Some(&("leave", 7)), "after a heartbeat");
    assert!(bench.consumer.is_closed());
}

#[test]
fn without_commits_by_itself_it_only_leaves() {
    let mut bench = busy(|_| ());
    bench.consumer.close(at(100));
    assert_eq!(bench.sends(), [("leave", 5)]);
    assert_eq!(bench.consumer.poll(at(101)), []);
    assert_eq!(bench.sends(), []);
}

#[test]
fn a_static_member_that_is_closed_does_not_leave() {
    let mut bench = busy(|config| config.group_instance_id = Some("desk".into()));
    bench.consumer.close(at(100));
    assert_eq!(bench.sends(), []);
    assert!(bench.consumer.is_closed());
}

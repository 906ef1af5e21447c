//! What a consumer does when no answer comes.

use super::consumer_bench::{Bench, committed, found, joined, listed, synced};
use super::{at, partition};
use catchup::broker::{GroupError, Response};
use catchup::log::Offset;

/// The names of what it sends.
fn names(bench: &mut Bench) -> Vec<&'static str> {
    bench.sends().iter().map(|(name, _)| *name).collect()
}

/// Lets `ms` come, with the answers to the heartbeats on the way left out.
fn wait_until(bench: &mut Bench, ms: u64) -> Vec<&'static str> {
    bench.sends();
    while let Some(due) = bench.consumer.deadline().filter(|due| *due <= at(ms)) {
        bench.consumer.tick(due);
    }
    names(bench).into_iter().filter(|name| *name != "heartbeat").collect()
}

#[test]
fn it_asks_to_join_again_when_the_longest_rebalance_is_over() {
    let mut bench = Bench::new();
    bench.consumer.poll(at(0));
    assert_eq!(bench.consumer.deadline(), Some(at(30_000)), "request.timeout.ms is longer");
    assert_eq!(wait_until(&mut bench, 30_099), Vec::<&str>::new());
    assert_eq!(wait_until(&mut bench, 30_100), ["join"]);
}

#[test]
fn a_rebalance_may_take_longer_than_other_requests() {
    let mut bench = Bench::with(|config| config.max_poll_interval = catchup::time::Span::from_ms(60_000));
    bench.consumer.poll(at(0));
    assert_eq!(bench.consumer.deadline(), Some(at(65_000)));
}

#[test]
fn when_its_assignment_does_not_come_it_joins_again() {
    let mut bench = Bench::new();
    bench.answer_last(0, joined(1));
    assert_eq!(wait_until(&mut bench, 30_100), ["join"]);
}

#[test]
fn it_asks_again_for_committed_offsets() {
    let mut bench = Bench::new();
    bench.answer_last(0, joined(1));
    bench.answer_last(0, synced());
    assert_eq!(wait_until(&mut bench, 30_100), ["offsets"]);
}

#[test]
fn it_asks_again_where_to_begin() {
    let mut bench = Bench::new();
    bench.answer_last(0, joined(1));
    bench.answer_last(0, synced());
    bench.answer_last(0, committed(None));
    assert_eq!(wait_until(&mut bench, 30_100), ["list"]);
    bench.answer_last(30_101, listed(4));
    assert_eq!(bench.fetches(), [(partition(), Offset(4))]);
}

#[test]
fn it_fetches_again_and_ignores_the_answer_that_comes_late() {
    let mut bench = Bench::reading();
    bench.sends();
    let late = bench.sent.last().expect("it fetches").0;
    assert_eq!(wait_until(&mut bench, 30_100), ["fetch"]);
    bench.consumer.handle(at(30_101), late, found(5));
    assert_eq!(bench.poll_offsets(), Vec::<i64>::new());
    bench.answer_last(30_102, found(5));
    assert_eq!(bench.poll_offsets(), [0, 1, 2]);
}

#[test]
fn it_joins_again_after_a_while_if_the_coordinator_is_away() {
    for error in [GroupError::CoordinatorNotAvailable, GroupError::NotCoordinator] {
        let mut bench = Bench::new();
        bench.answer_last(0, Response::JoinGroup(Err(error)));
        assert_eq!(bench.sends(), []);
        assert_eq!(bench.consumer.deadline(), Some(at(100)));
        assert_eq!(wait_until(&mut bench, 100), ["join"]);
    }
}

#[test]
fn a_session_that_expired_unheard_is_noticed_by_the_next_heartbeat() {
    let mut bench = Bench::reading();
    assert_eq!(wait_until(&mut bench, 20_000), Vec::<&str>::new(), "no heartbeat is answered");
    bench.hears(21_000, Err(GroupError::UnknownMemberId));
    bench.consumer.poll(at(21_000));
    assert_eq!(names(&mut bench), ["join"]);
}

//! Staying a member: heartbeats, and sessions that end without them.

use super::broker_bench::{Bench, REBALANCE_MS, SESSION_MS};
use super::{UNKNOWN, departures, state};
use catchup::broker::{GroupError, GroupState, LeaveReason};

#[test]
fn a_heartbeat_must_show_the_present_membership() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.heartbeat(members[0], 1), Ok(()));
    assert_eq!(bench.heartbeat(UNKNOWN, 1), Err(GroupError::UnknownMemberId));
    assert_eq!(bench.heartbeat(members[0], 0), Err(GroupError::IllegalGeneration));
    assert_eq!(bench.heartbeat(members[0], 2), Err(GroupError::IllegalGeneration));
}

#[test]
fn a_heartbeat_tells_of_a_rebalance() {
    let (mut bench, members) = Bench::with_members(1);
    bench.join(None);
    assert_eq!(bench.heartbeat(members[0], 1), Err(GroupError::RebalanceInProgress));
}

#[test]
fn a_heartbeat_between_joining_and_syncing_is_in_order() {
    let mut bench = Bench::new();
    let join = bench.join(None);
    bench.go_to_answer(join);
    let member = bench.joined(join).member;
    assert_eq!(bench.heartbeat(member, 1), Ok(()));
}

#[test]
fn a_member_that_is_silent_for_its_session_timeout_is_removed_and_not_before() {
    let (mut bench, members) = Bench::with_members(1);
    let silent_since = bench.now_ms();
    bench.go_to(silent_since + SESSION_MS - 1);
    assert_eq!(state(&bench), (GroupState::Stable, 1, 1));
    bench.go_to(silent_since + SESSION_MS);
    assert_eq!(departures(&bench), [(members[0], LeaveReason::SessionTimedOut)]);
    assert_eq!(state(&bench), (GroupState::Empty, 2, 0));
}

#[test]
fn a_heartbeat_begins_the_session_anew() {
    let (mut bench, members) = Bench::with_members(1);
    bench.go_to(bench.now_ms() + SESSION_MS - 1);
    assert_eq!(bench.heartbeat(members[0], 1), Ok(()));
    bench.go_to(bench.now_ms() + SESSION_MS - 1);
    assert_eq!(departures(&bench), []);
}

#[test]
fn a_commit_begins_the_session_anew() {
    let (mut bench, members) = Bench::with_members(1);
    bench.go_to(bench.now_ms() + SESSION_MS - 1);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    bench.go_to(bench.now_ms() + SESSION_MS - 1);
    assert_eq!(departures(&bench), []);
}

#[test]
fn a_heartbeat_that_is_refused_does_not_begin_the_session_anew() {
    let (mut bench, members) = Bench::with_members(1);
    let silent_since = bench.now_ms();
    bench.go_to(silent_since + SESSION_MS - 1);
    assert_eq!(bench.heartbeat(members[0], 0), Err(GroupError::IllegalGeneration));
    bench.go_to(silent_since + SESSION_MS);
    assert_eq!(departures(&bench), [(members[0], LeaveReason::SessionTimedOut)]);
}

#[test]
fn who_waits_for_an_answer_of_the_coordinator_does_not_expire() {
    let mut bench = Bench::new();
    let (first, second) = (bench.join(None), bench.join(None));
    bench.go_to_answer(first);
    let (leader, follower) = (bench.joined(first).member, bench.joined(second).member);
    bench.sync(follower, 1, Vec::new());
    let began = bench.now_ms();
    for ms in [SESSION_MS - 1, REBALANCE_MS - 1] {
        bench.go_to(began + ms);
        assert_eq!(bench.heartbeat(leader, 1), Ok(()));
    }
    assert_eq!(departures(&bench), []);
}

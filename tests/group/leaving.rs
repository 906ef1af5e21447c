//! Ceasing to be a member, and what the others do then.

use super::broker_bench::{Bench, INITIAL_DELAY_MS, REBALANCE_MS, SESSION_MS};
use super::{UNKNOWN, departures, rebalances, state};
use catchup::broker::{Generation, GroupError, GroupState, LeaveReason, RebalanceReason};

#[test]
fn when_one_leaves_the_others_share_anew() {
    let (mut bench, members) = Bench::with_members(2);
    assert_eq!(bench.leave(members[0]), Ok(()));
    assert_eq!(departures(&bench), [(members[0], LeaveReason::Left)]);
    assert_eq!(rebalances(&bench).last(), Some(&RebalanceReason::MemberLeft));
    let join = bench.join(Some(members[1]));
    assert_eq!((bench.joined(join).generation, bench.joined(join).leader), (Generation(2), members[1]));
}

#[test]
fn who_is_no_member_cannot_leave() {
    let (mut bench, _) = Bench::with_members(1);
    assert_eq!(bench.leave(UNKNOWN), Err(GroupError::UnknownMemberId));
    assert_eq!(state(&bench), (GroupState::Stable, 1, 1));
}

#[test]
fn when_the_last_one_leaves_the_group_is_empty() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.leave(members[0]), Ok(()));
    assert_eq!(state(&bench), (GroupState::Empty, 2, 0));
    let join = bench.join(None);
    let began = bench.now_ms();
    assert_eq!(bench.go_to_answer(join), began + INITIAL_DELAY_MS, "an empty group waits for more again");
    assert_eq!(bench.joined(join).generation, Generation(3));
}

#[test]
fn a_rebalance_goes_on_without_those_who_do_not_join_again() {
    let (mut bench, members) = Bench::with_members(2);
    let newcomer = bench.join(None);
    let began = bench.now_ms();
    while bench.now_ms() < began + REBALANCE_MS - 1_000 {
        bench.go_to(bench.now_ms() + 1_000);
        for member in &members {
            assert_eq!(bench.heartbeat(*member, 1), Err(GroupError::RebalanceInProgress));
        }
    }
    assert_eq!(bench.go_to_answer(newcomer), began + REBALANCE_MS);
    let absent = |index: usize| (members[index], LeaveReason::RebalanceTimedOut);
    assert_eq!(departures(&bench), [absent(0), absent(1)]);
    let joined = bench.joined(newcomer);
    assert_eq!((joined.generation, joined.leader, joined.members.len()), (Generation(2), joined.member, 1));
}

#[test]
fn a_rebalance_that_waits_for_a_dead_member_ends_with_its_session() {
    let (mut bench, members) = Bench::with_members(1);
    let silent_since = bench.now_ms();
    bench.go_to(silent_since + 1_000);
    let newcomer = bench.join(None);
    assert_eq!(bench.go_to_answer(newcomer), silent_since + SESSION_MS);
    assert_eq!(departures(&bench), [(members[0], LeaveReason::SessionTimedOut)]);
}

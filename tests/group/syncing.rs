//! Learning one's assignment: the leader assigns, the others wait for it.

use super::broker_bench::{Bench, REBALANCE_MS, SESSION_MS, parts};
use super::{UNKNOWN, departures, state};
use catchup::broker::{GroupError, GroupState, LeaveReason};

#[test]
fn followers_wait_for_the_leaders_assignment() {
    let mut bench = Bench::new();
    let (first, second) = (bench.join(None), bench.join(None));
    bench.go_to_answer(first);
    let (leader, follower) = (bench.joined(first).member, bench.joined(second).member);
    let waiting = bench.sync(follower, 1, Vec::new());
    assert!(bench.answer(waiting).is_none());
    let leading = bench.sync(leader, 1, parts(&[(leader, &[0, 1]), (follower, &[2])]));
    assert_eq!((bench.synced(leading), bench.synced(waiting)), (Ok(vec![0, 1]), Ok(vec![2])));
    assert_eq!(state(&bench), (GroupState::Stable, 1, 2));
}

#[test]
fn a_member_that_the_leader_leaves_out_gets_nothing() {
    let mut bench = Bench::new();
    let (first, second) = (bench.join(None), bench.join(None));
    bench.go_to_answer(first);
    let (leader, follower) = (bench.joined(first).member, bench.joined(second).member);
    bench.sync(leader, 1, parts(&[(leader, &[0, 1, 2])]));
    let sync = bench.sync(follower, 1, Vec::new());
    assert_eq!(bench.synced(sync), Ok(vec![]));
}

#[test]
fn a_follower_cannot_assign() {
    let mut bench = Bench::new();
    let (first, second) = (bench.join(None), bench.join(None));
    bench.go_to_answer(first);
    let follower = bench.joined(second).member;
    let sync = bench.sync(follower, 1, parts(&[(follower, &[0, 1, 2])]));
    assert!(bench.answer(sync).is_none());
    assert_eq!(state(&bench), (GroupState::CompletingRebalance, 1, 2));
}

#[test]
fn a_sync_in_a_stable_group_repeats_the_assignment() {
    let (mut bench, members) = Bench::with_members(2);
    let sync = bench.sync(members[1], 1, Vec::new());
    assert_eq!(bench.synced(sync), Ok(vec![1]));
}

#[test]
fn who_comes_while_others_sync_makes_them_join_again() {
    let mut bench = Bench::new();
    let (first, second) = (bench.join(None), bench.join(None));
    bench.go_to_answer(first);
    let follower = bench.joined(second).member;
    let waiting = bench.sync(follower, 1, Vec::new());
    bench.join(None);
    assert_eq!(bench.synced(waiting), Err(GroupError::RebalanceInProgress));
}

#[test]
fn who_joins_and_never_syncs_is_given_up_at_the_rebalance_timeout() {
    let mut bench = Bench::new();
    let (first, second) = (bench.join(None), bench.join(None));
    let began = bench.go_to_answer(first);
    let (leader, follower) = (bench.joined(first).member, bench.joined(second).member);
    bench.sync(leader, 1, parts(&[(leader, &[0, 1]), (follower, &[2])]));
    for ms in [SESSION_MS - 1, REBALANCE_MS - 1] {
        bench.go_to(began + ms);
        assert_eq!([leader, follower].map(|member| bench.heartbeat(member, 1)), [Ok(()); 2]);
    }
    bench.go_to(began + REBALANCE_MS);
    assert_eq!(departures(&bench), [(follower, LeaveReason::SyncTimedOut)]);
    assert_eq!(bench.heartbeat(leader, 1), Err(GroupError::RebalanceInProgress));
}

#[test]
fn a_sync_must_show_the_present_membership() {
    let (mut bench, members) = Bench::with_members(1);
    let stranger = bench.sync(UNKNOWN, 1, Vec::new());
    assert_eq!(bench.synced(stranger), Err(GroupError::UnknownMemberId));
    let outdated = bench.sync(members[0], 0, Vec::new());
    assert_eq!(bench.synced(outdated), Err(GroupError::IllegalGeneration));
    bench.join(None);
    let early = bench.sync(members[0], 1, Vec::new());
    assert_eq!(bench.synced(early), Err(GroupError::RebalanceInProgress));
}

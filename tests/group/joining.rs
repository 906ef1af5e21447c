//! Becoming a member: the initial delay, who leads, and what makes the others join again.

use super::broker_bench::{Bench, INITIAL_DELAY_MS, REBALANCE_MS, join_request};
use super::{UNKNOWN, rebalances, state};
use catchup::broker::{Generation, GroupError, GroupState, JoinRequest, MemberId, RebalanceReason, Request};
use catchup::log::TopicId;
use catchup::time::Span;

#[test]
fn the_first_member_waits_for_the_initial_delay_and_leads() {
    let mut bench = Bench::new();
    let join = bench.join(None);
    assert_eq!(bench.go_to_answer(join), INITIAL_DELAY_MS);
    let joined = bench.joined(join);
    assert_eq!((joined.generation, joined.leader), (Generation(1), joined.member));
    let members: Vec<_> = joined.members.iter().map(|member| (member.member, &*member.subscription.topics)).collect();
    assert_eq!(members, [(joined.member, &[TopicId(0)][..])]);
    assert_eq!(state(&bench), (GroupState::CompletingRebalance, 1, 1));
}

#[test]
fn who_comes_during_the_initial_delay_prolongs_it() {
    let mut bench = Bench::new();
    let first = bench.join(None);
    bench.go_to(1_000);
    let second = bench.join(None);
    assert_eq!(bench.go_to_answer(first), 2 * INITIAL_DELAY_MS);
    assert_eq!(bench.joined(first).generation, bench.joined(second).generation);
}

#[test]
fn the_initial_delay_lasts_no_longer_than_the_rebalance_timeout() {
    let mut bench = Bench::new();
    let first = bench.join(None);
    for ms in (1_000..REBALANCE_MS).step_by(1_000) {
        bench.go_to(ms);
        bench.join(None);
    }
    assert_eq!(bench.go_to_answer(first), REBALANCE_MS);
    assert_eq!(state(&bench), (GroupState::CompletingRebalance, 1, 10));
}

#[test]
fn a_group_that_is_empty_again_waits_for_more_as_a_new_one_does() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.leave(members[0]), Ok(()));
    let began = bench.now_ms();
    let first = bench.join(None);
    bench.go_to(began + 1_000);
    bench.join(None);
    assert_eq!(bench.go_to_answer(first), began + 2 * INITIAL_DELAY_MS);
    assert_eq!(state(&bench), (GroupState::CompletingRebalance, 3, 2));
}

#[test]
fn the_initial_delay_goes_on_when_all_who_came_have_left() {
    let mut bench = Bench::new();
    let first = bench.join(None);
    bench.go_to(1_000);
    let member = *bench.broker.group(bench.group).members().keys().next().expect("somebody came");
    assert_eq!(bench.leave(member), Ok(()));
    assert_eq!(bench.join_answer(first), Err(GroupError::UnknownMemberId));
    assert_eq!(state(&bench), (GroupState::PreparingRebalance, 0, 0));
    bench.go_to(INITIAL_DELAY_MS - 1);
    assert_eq!(state(&bench), (GroupState::PreparingRebalance, 0, 0));
    bench.go_to(INITIAL_DELAY_MS);
    assert_eq!(state(&bench), (GroupState::Empty, 1, 0));
}

#[test]
fn a_group_of_which_somebody_is_left_does_not_wait_for_more() {
    let (mut bench, members) = Bench::with_members(1);
    let newcomer = bench.join(None);
    let began = bench.now_ms();
    bench.go_to(began + 1_000);
    let again = bench.join(Some(members[0]));
    assert_eq!(bench.joined(newcomer).generation, bench.joined(again).generation);
}

#[test]
fn only_the_leader_learns_who_the_members_are() {
    let mut bench = Bench::new();
    let (first, second) = (bench.join(None), bench.join(None));
    bench.go_to_answer(first);
    let (leader, follower) = (bench.joined(first), bench.joined(second));
    let members: Vec<MemberId> = leader.members.iter().map(|member| member.member).collect();
    assert_eq!(members, [leader.member, follower.member]);
    assert_eq!((follower.leader, follower.members), (leader.member, Vec::new()));
}

#[test]
fn a_member_that_the_group_does_not_know_cannot_join_again() {
    let mut bench = Bench::new();
    let join = bench.join(Some(UNKNOWN));
    assert_eq!(bench.join_answer(join), Err(GroupError::UnknownMemberId));
    assert_eq!(state(&bench), (GroupState::Empty, 0, 0));
}

#[test]
fn who_comes_to_a_stable_group_waits_until_all_have_joined_again() {
    let (mut bench, members) = Bench::with_members(2);
    let newcomer = bench.join(None);
    assert_eq!(state(&bench), (GroupState::PreparingRebalance, 1, 3));
    let again: Vec<_> = members.iter().map(|member| bench.join(Some(*member))).collect();
    for join in again.into_iter().chain([newcomer]) {
        assert_eq!(bench.joined(join).generation, Generation(2));
    }
    assert_eq!(bench.joined(newcomer).leader, members[0], "the leader stays");
}

#[test]
fn a_follower_that_joins_again_unchanged_is_answered_at_once() {
    let (mut bench, members) = Bench::with_members(2);
    let join = bench.join(Some(members[1]));
    assert_eq!(bench.joined(join).generation, Generation(1));
    assert_eq!(state(&bench), (GroupState::Stable, 1, 2));
}

#[test]
fn a_follower_that_wants_other_topics_starts_a_rebalance() {
    let (mut bench, members) = Bench::with_members(2);
    let join = bench.ask(Request::JoinGroup(join_request(bench.group, Some(members[1]), &[0, 1])));
    assert!(bench.answer(join).is_none());
    assert_eq!(rebalances(&bench).last(), Some(&RebalanceReason::MemberRejoined));
    let leader = bench.join(Some(members[0]));
    let wants: Vec<_> = bench.joined(leader).members.iter().map(|member| member.subscription.topics.len()).collect();
    assert_eq!(wants, [1, 2]);
}

#[test]
fn a_leader_that_joins_again_starts_a_rebalance() {
    let (mut bench, members) = Bench::with_members(2);
    let join = bench.join(Some(members[0]));
    assert!(bench.answer(join).is_none());
    assert_eq!(state(&bench), (GroupState::PreparingRebalance, 1, 2));
    assert_eq!(rebalances(&bench).last(), Some(&RebalanceReason::MemberRejoined));
}

#[test]
fn a_member_that_lost_the_answer_to_its_join_gets_it_again() {
    let mut bench = Bench::new();
    let first = bench.join(None);
    bench.go_to_answer(first);
    let member = bench.joined(first).member;
    let again = bench.join(Some(member));
    assert_eq!(bench.joined(again), bench.joined(first));
}

#[test]
fn a_newcomer_that_waits_for_five_minutes_is_forgotten() {
    let mut bench = Bench::new();
    let patient = JoinRequest {
        session_timeout: Span::from_ms(1_800_000),
        rebalance_timeout: Span::from_ms(1_800_000),
        ..join_request(bench.group, None, &[0])
    };
    let first = bench.ask(Request::JoinGroup(patient.clone()));
    bench.go_to_answer(first);
    let newcomer = bench.ask(Request::JoinGroup(patient));
    let began = bench.now_ms();
    bench.go_to(began + 299_999);
    assert!(bench.answer(newcomer).is_none());
    bench.go_to(began + 300_000);
    assert_eq!(bench.join_answer(newcomer), Err(GroupError::UnknownMemberId));
    assert_eq!(state(&bench), (GroupState::PreparingRebalance, 1, 1));
}

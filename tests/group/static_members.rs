//! Static members (`group.instance.id`): they keep their place over a restart, and only one client at a time has it.

use super::broker_bench::{Bench, REBALANCE_MS, SESSION_MS, partition};
use super::{departures, state};
use catchup::broker::{
    Fact, GroupError, GroupFact, GroupState, HeartbeatRequest, LeaveReason, LeaveRequest, Leaving, MemberId,
    Membership, Request, Response, Ticket,
};

/// A stable group of two static members, `one` and `two`; the first leads.
fn stable() -> (Bench, MemberId, MemberId) {
    let mut bench = Bench::new();
    let (one, two) = (bench.join_static("one", None), bench.join_static("two", None));
    bench.go_to_answer(one);
    let (one, two) = (bench.joined(one).member, bench.joined(two).member);
    bench.sync(one, 1, vec![(one, [partition(0)].into()), (two, [partition(1)].into())]);
    bench.sync(two, 1, Vec::new());
    (bench, one, two)
}

fn heartbeat(bench: &mut Bench, member: MemberId, instance: &str) -> Result<(), GroupError> {
    let membership = Membership { instance: Some(instance.into()), ..bench.membership(member, 1) };
    let ticket = bench.ask(Request::Heartbeat(HeartbeatRequest { membership }));
    let Some(Response::Heartbeat(answer)) = bench.answer(ticket) else { panic!("it is answered at once") };
    *answer
}

fn is_pending(bench: &Bench, ticket: Ticket) -> bool {
    bench.answer(ticket).is_none()
}

#[test]
fn a_static_member_that_comes_back_has_its_partitions_and_nobody_rebalances() {
    let (mut bench, _, two) = stable();
    let back = bench.join_static("two", None);
    let new = bench.joined(back).member;
    assert_eq!((bench.joined(back).generation.0, state(&bench)), (1, (GroupState::Stable, 1, 2)));
    let sync = bench.sync(new, 1, Vec::new());
    assert_eq!(bench.synced(sync), Ok(vec![1]));
    assert_eq!(
        bench.facts().last(),
        Some(&Fact::Group(GroupFact::MemberReplaced { group: bench.group, old: two, new }))
    );
}

#[test]
fn a_static_member_that_comes_back_with_other_assignors_starts_a_rebalance_if_that_changes_the_choice() {
    let check = |protocols: &[&str], expect| {
        let mut bench = Bench::new();
        let both = ["range", "sticky"];
        let (one, two) = (bench.join_with(Some("one"), &both), bench.join_with(Some("two"), &both));
        bench.go_to_answer(one);
        bench.sync(bench.joined(one).member, 1, Vec::new());
        bench.sync(bench.joined(two).member, 1, Vec::new());
        bench.join_with(Some("two"), protocols);
        assert_eq!(state(&bench), (expect, 1, 2), "{protocols:?}");
    };
    check(&["range"], GroupState::Stable);
    check(&["sticky"], GroupState::PreparingRebalance);
}

#[test]
fn who_uses_the_old_id_of_a_static_member_is_fenced() {
    let (mut bench, _, two) = stable();
    bench.join_static("two", None);
    assert_eq!(heartbeat(&mut bench, two, "two"), Err(GroupError::FencedInstanceId));
    assert_eq!(bench.heartbeat(two, 1), Err(GroupError::UnknownMemberId));
    let join = bench.join_static("two", Some(two));
    assert_eq!(bench.join_answer(join), Err(GroupError::FencedInstanceId));
}

#[test]
fn a_leader_that_comes_back_leads_and_need_not_assign_anew() {
    let (mut bench, _, _) = stable();
    let back = bench.join_static("one", None);
    let joined = bench.joined(back);
    assert_eq!((joined.leader, joined.members.len(), joined.skip_assignment), (joined.member, 2, true));
}

#[test]
fn a_static_member_that_comes_back_during_a_rebalance_takes_over_what_the_old_one_waits_for() {
    let (mut bench, _, two) = stable();
    bench.join(None);
    let first = bench.join_static("two", Some(two));
    let second = bench.join_static("two", None);
    assert_eq!(bench.join_answer(first), Err(GroupError::FencedInstanceId));
    assert!(is_pending(&bench, second));
}

#[test]
fn a_static_member_that_comes_back_before_the_assignment_makes_the_others_join_again() {
    let mut bench = Bench::new();
    let (one, two) = (bench.join_static("one", None), bench.join_static("two", None));
    bench.go_to_answer(one);
    let waiting = bench.sync(bench.joined(two).member, 1, Vec::new());
    let back = bench.join_static("two", None);
    assert_eq!(bench.synced(waiting), Err(GroupError::FencedInstanceId));
    assert!(is_pending(&bench, back));
    assert_eq!(state(&bench), (GroupState::PreparingRebalance, 1, 2));
}

#[test]
fn an_absent_static_member_keeps_its_place_until_its_session_ends() {
    let (mut bench, one, two) = stable();
    let began = bench.now_ms();
    bench.go_to(began + SESSION_MS - 1);
    assert_eq!(heartbeat(&mut bench, two, "two"), Ok(()));
    assert_eq!(heartbeat(&mut bench, one, "one"), Ok(()));
    let newcomer = bench.join(None);
    let again = bench.join_static("one", Some(one));
    bench.go_to(bench.now_ms() + SESSION_MS - 1);
    assert_eq!(heartbeat(&mut bench, two, "two"), Err(GroupError::RebalanceInProgress));
    bench.go_to(began + SESSION_MS - 1 + REBALANCE_MS);
    assert_eq!((bench.joined(newcomer).generation.0, bench.joined(again).members.len()), (2, 3));
    bench.go_to(bench.now_ms() + SESSION_MS);
    assert!(departures(&bench).contains(&(two, LeaveReason::SessionTimedOut)), "{:?}", departures(&bench));
}

#[test]
fn a_static_member_leaves_by_its_name_alone() {
    let (mut bench, one, two) = stable();
    let mut check = |member, instance: Option<&str>, expect| {
        let members = vec![Leaving { member, instance: instance.map(Into::into) }];
        let leave = bench.ask(Request::LeaveGroup(LeaveRequest { group: bench.group, members }));
        let Some(Response::LeaveGroup(Ok(answers))) = bench.answer(leave) else { panic!("it is answered at once") };
        assert_eq!(*answers, [expect]);
    };
    check(Some(one), Some("two"), Err(GroupError::FencedInstanceId));
    check(None, Some("three"), Err(GroupError::UnknownMemberId));
    check(None, None, Err(GroupError::UnknownMemberId));
    check(None, Some("two"), Ok(()));
    assert_eq!(departures(&bench), [(two, LeaveReason::Left)]);
}

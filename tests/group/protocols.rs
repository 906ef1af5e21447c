//! Which assignor a group agrees on, and what a rebalance tells those who watch.

use super::broker_bench::{Bench, INITIAL_DELAY_MS, join_request, partition, parts};
use super::state;
use catchup::broker::{
    Broker, Fact, Generation, GroupError, GroupFact, GroupState, JoinRequest, RebalanceReason, Request,
};
use catchup::time::Span;

/// The members' preferences, and the assignor that they agree on.
fn check(preferences: &[&[&str]], expect: &str) {
    let mut bench = Bench::new();
    let joins: Vec<_> = preferences.iter().map(|protocols| bench.join_with(None, protocols)).collect();
    for join in &joins {
        bench.go_to_answer(*join);
        assert_eq!(&*bench.joined(*join).protocol, expect);
    }
}

#[test]
fn the_assignor_that_most_prefer_among_those_that_all_support_is_chosen() {
    check(&[&["range", "sticky"]], "range");
    check(&[&["range", "sticky"], &["sticky"]], "sticky");
    check(&[&["range", "sticky"], &["sticky", "range"], &["sticky", "range"]], "sticky");
    check(&[&["roundrobin", "sticky", "range"], &["range", "sticky"], &["range", "sticky"]], "range");
}

#[test]
fn where_two_are_preferred_by_as_many_the_oldest_member_decides() {
    check(&[&["sticky", "range"], &["range", "sticky"]], "sticky");
}

#[test]
fn who_supports_no_common_assignor_is_refused() {
    let mut bench = Bench::new();
    bench.join_with(None, &["range"]);
    let other = bench.join_with(None, &["sticky"]);
    assert_eq!(bench.join_answer(other), Err(GroupError::InconsistentGroupProtocol));
    let nothing = bench.join_with(None, &[]);
    assert_eq!(bench.join_answer(nothing), Err(GroupError::InconsistentGroupProtocol));
    assert_eq!(state(&bench), (GroupState::PreparingRebalance, 0, 1));
}

#[test]
fn every_step_of_a_rebalance_is_told() {
    let mut bench = Bench::new();
    let group = bench.group;
    let (first, second) = (bench.join(None), bench.join(None));
    bench.go_to_answer(first);
    let (leader, follower) = (bench.joined(first).member, bench.joined(second).member);
    bench.sync(leader, 1, parts(&[(leader, &[0, 1])]));
    let changed = |state, generation, members| Fact::Group(GroupFact::Changed { group, state, generation, members });
    let (before, generation) = (Generation(0), Generation(1));
    let assigned = |member, partitions: &[_]| {
        Fact::Group(GroupFact::Assigned { group, generation, member, partitions: partitions.into() })
    };
    assert_eq!(
        bench.facts(),
        [
            Fact::Group(GroupFact::MemberJoined { group, member: leader, instance: None }),
            Fact::Group(GroupFact::RebalanceStarted {
                group,
                generation: before,
                reason: RebalanceReason::MemberJoined
            }),
            changed(GroupState::PreparingRebalance, before, 1),
            Fact::Group(GroupFact::MemberJoined { group, member: follower, instance: None }),
            changed(GroupState::CompletingRebalance, generation, 2),
            Fact::Group(GroupFact::GenerationStarted { group, generation, protocol: "range".into(), leader }),
            changed(GroupState::Stable, generation, 2),
            assigned(leader, &[partition(0), partition(1)]),
            assigned(follower, &[]),
        ]
    );
}

#[test]
fn a_session_timeout_outside_of_the_brokers_bounds_is_refused() {
    let mut bench = Bench::new();
    let mut check = |ms, expect: Option<GroupError>| {
        let request = JoinRequest { session_timeout: Span::from_ms(ms), ..join_request(bench.group, None, &[0]) };
        let join = bench.ask(Request::JoinGroup(request));
        let refused = bench.answer(join).map(|_| bench.join_answer(join).expect_err("nobody joins at once"));
        assert_eq!(refused, expect, "{ms}");
    };
    check(5_999, Some(GroupError::InvalidSessionTimeout));
    check(6_000, None);
    check(1_800_000, None);
    check(1_800_001, Some(GroupError::InvalidSessionTimeout));
}

#[test]
fn a_group_without_a_name_cannot_be_joined() {
    let mut bench = Bench::new();
    bench.group = bench.broker.group_id("");
    let join = bench.join(None);
    assert_eq!(bench.join_answer(join), Err(GroupError::InvalidGroupId));
}

#[test]
fn a_group_that_was_handed_over_refuses_whoever_asks_and_tells_whoever_waits() {
    let mut bench = Bench::new();
    let waiting = bench.join(None);
    bench.manage(Broker::hand_over_group);
    assert_eq!(bench.join_answer(waiting), Err(GroupError::NotCoordinator));
    let late = bench.join(None);
    assert_eq!(bench.join_answer(late), Err(GroupError::CoordinatorNotAvailable));
    bench.go_to(2 * INITIAL_DELAY_MS);
    assert_eq!(state(&bench), (GroupState::Dead, 0, 1));
}

#[test]
fn only_an_empty_group_that_is_there_can_be_deleted() {
    let delete = |bench: &mut Bench| bench.manage(Broker::delete_group);
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    assert_eq!(delete(&mut bench), Err(GroupError::NonEmptyGroup));
    assert_eq!(bench.leave(members[0]), Ok(()));
    assert_eq!(delete(&mut bench), Ok(()));
    assert_eq!((bench.committed(), state(&bench)), (None, (GroupState::Dead, 0, 0)));
    assert_eq!(delete(&mut bench), Err(GroupError::GroupIdNotFound));
    let again = bench.join(None);
    bench.go_to_answer(again);
    assert_eq!(bench.joined(again).generation, Generation(1));
    assert_ne!(bench.joined(again).member, members[0], "no id is given twice");
}

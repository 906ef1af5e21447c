//! Committed offsets: who may commit when, and what the group remembers.

use super::UNKNOWN;
use super::broker_bench::{Bench, partition};
use catchup::broker::{GroupError, OffsetFetchRequest, Request, Response};
use catchup::log::Offset;

#[test]
fn a_member_commits_and_the_group_remembers() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    let partitions = vec![partition(0), partition(1)];
    let request = OffsetFetchRequest { group: bench.group, partitions, require_stable: false };
    let fetch = bench.ask(Request::OffsetFetch(request));
    let Some(Response::OffsetFetch(offsets)) = bench.answer(fetch) else { panic!("offsets are answered at once") };
    assert_eq!(*offsets, [(partition(0), Ok(Some(Offset(5).into()))), (partition(1), Ok(None))]);
}

#[test]
fn a_commit_must_show_the_present_membership() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    assert_eq!(bench.commit(UNKNOWN, 1, 6), Err(GroupError::UnknownMemberId));
    assert_eq!(bench.commit(members[0], 0, 6), Err(GroupError::IllegalGeneration));
    assert_eq!(bench.committed(), Some(5));
}

#[test]
fn a_member_may_still_commit_while_others_join() {
    let (mut bench, members) = Bench::with_members(1);
    bench.join(None);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    assert_eq!(bench.committed(), Some(5));
}

#[test]
fn nobody_commits_between_joining_and_syncing() {
    let mut bench = Bench::new();
    let join = bench.join(None);
    bench.go_to_answer(join);
    let member = bench.joined(join).member;
    assert_eq!(bench.commit(member, 1, 5), Err(GroupError::RebalanceInProgress));
    assert_eq!(bench.committed(), None);
}

#[test]
fn committed_offsets_outlive_the_members() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    assert_eq!(bench.leave(members[0]), Ok(()));
    assert_eq!(bench.committed(), Some(5));
}

#[test]
fn groups_do_not_know_of_each_other() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    let other = bench.broker.group_id("others");
    assert_eq!(bench.broker.group(other).committed(partition(0)), None);
    assert_eq!(bench.broker.group_id("readers"), bench.group, "a group keeps its number");
}

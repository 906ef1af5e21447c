//! The group coordinator, request by request: joining, syncing, heartbeats, leaving, expiry and commits, as Kafka's classic
//! protocol has them; and fetches that wait.

#![cfg(not(target_arch = "wasm32"))]

mod broker_bench;

use broker_bench::{Bench, INITIAL_DELAY_MS, REBALANCE_MS, SESSION_MS, join_request, partition, parts};
use catchup::broker::{
    Fact, Generation, GroupError, GroupState, LeaveReason, MemberId, ProduceError, RebalanceReason, Request, Response,
    Ticket,
};
use catchup::log::{Batches, FetchError, Offset, PartitionId, TopicId, TopicPartition};

const UNKNOWN: MemberId = MemberId(99);

fn state(bench: &Bench) -> (GroupState, i32, usize) {
    let group = bench.broker.group(bench.group);
    (group.state(), group.generation().0, group.members().len())
}

/// The members that left, and why, in order.
fn departures(bench: &Bench) -> Vec<(MemberId, LeaveReason)> {
    let departure = |fact: &Fact| match fact {
        Fact::MemberLeft { member, reason, .. } => Some((*member, *reason)),
        _ => None,
    };
    bench.facts().iter().filter_map(departure).collect()
}

fn rebalances(bench: &Bench) -> Vec<RebalanceReason> {
    let reason = |fact: &Fact| match fact {
        Fact::RebalanceStarted { reason, .. } => Some(*reason),
        _ => None,
    };
    bench.facts().iter().filter_map(reason).collect()
}

// Joining

#[test]
fn the_first_member_waits_for_the_initial_delay_and_leads() {
    let mut bench = Bench::new();
    let join = bench.join(None);
    assert_eq!(bench.go_to_answer(join), INITIAL_DELAY_MS);
    let joined = bench.joined(join);
    assert_eq!((joined.generation, joined.leader), (Generation(1), joined.member));
    assert_eq!(joined.members, [(joined.member, [TopicId(0)].into())]);
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
fn only_the_leader_learns_who_the_members_are() {
    let mut bench = Bench::new();
    let (first, second) = (bench.join(None), bench.join(None));
    bench.go_to_answer(first);
    let (leader, follower) = (bench.joined(first), bench.joined(second));
    let members: Vec<MemberId> = leader.members.iter().map(|(member, _)| *member).collect();
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
    let wants: Vec<_> = bench.joined(leader).members.into_iter().map(|(_, topics)| topics.len()).collect();
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

// Syncing

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

// Heartbeats

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
    for _ in 0..5 {
        bench.go_to(bench.now_ms() + SESSION_MS - 1);
        assert_eq!(bench.heartbeat(leader, 1), Ok(()));
    }
    assert_eq!(departures(&bench), []);
}

// Leaving

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

// Commits

#[test]
fn a_member_commits_and_the_group_remembers() {
    let (mut bench, members) = Bench::with_members(1);
    assert_eq!(bench.commit(members[0], 1, 5), Ok(()));
    let partitions = vec![partition(0), partition(1)];
    let fetch = bench.ask(Request::OffsetFetch { group: bench.group, partitions });
    let Some(Response::OffsetFetch(offsets)) = bench.answer(fetch) else { panic!("offsets are answered at once") };
    assert_eq!(*offsets, [(partition(0), Some(Offset(5))), (partition(1), None)]);
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

// Fetches

/// The offsets of the records in an answer, by partition.
fn fetched(bench: &Bench, ticket: Ticket) -> Option<Vec<(u32, Vec<i64>)>> {
    let Response::Fetch(found) = bench.answer(ticket)? else { panic!("no answer to a fetch") };
    let offsets = |bytes: &[u8]| {
        Batches::new(bytes).flat_map(catchup::log::BatchView::records).map(|record| record.offset.0).collect()
    };
    let read = found.iter().map(|it| (it.partition.partition.0, offsets(it.batches.as_ref().expect("in range"))));
    Some(read.collect())
}

#[test]
fn a_fetch_is_answered_at_once_if_there_is_something_to_read() {
    let mut bench = Bench::new();
    bench.produce(partition(1));
    bench.produce(partition(1));
    let fetch = bench.fetch(&[(0, 0), (1, 1)], 500);
    assert_eq!(fetched(&bench, fetch), Some(vec![(1, vec![1])]));
}

#[test]
fn a_fetch_that_finds_nothing_waits_for_an_append() {
    let mut bench = Bench::new();
    let fetch = bench.fetch(&[(0, 0), (1, 0)], 500);
    bench.go_to(499);
    bench.produce(partition(2));
    assert_eq!(fetched(&bench, fetch), None, "it did not ask for that partition");
    bench.produce(partition(1));
    assert_eq!(fetched(&bench, fetch), Some(vec![(1, vec![0])]));
}

#[test]
fn a_fetch_waits_no_longer_than_it_wants_to() {
    let mut bench = Bench::new();
    bench.go_to(100);
    let fetch = bench.fetch(&[(0, 0)], 500);
    assert_eq!(bench.go_to_answer(fetch), 600);
    assert_eq!(fetched(&bench, fetch), Some(vec![]));
}

#[test]
fn a_fetch_whose_client_is_gone_is_not_answered() {
    let mut bench = Bench::new();
    let fetch = bench.fetch(&[(0, 0)], 500);
    bench.broker.disconnect(fetch.client);
    bench.produce(partition(0));
    bench.go_to(1_000);
    assert_eq!(fetched(&bench, fetch), None);
}

#[test]
fn a_fetch_out_of_range_is_told_so_at_once_with_where_the_log_begins() {
    let mut bench = Bench::new();
    let fetch = bench.fetch(&[(0, 1)], 500);
    let Some(Response::Fetch(found)) = bench.answer(fetch) else { panic!("it is answered at once") };
    let (offset, start) = (Offset(1), Offset::ZERO);
    let expected = FetchError::OffsetOutOfRange { offset, log_start_offset: start, log_end_offset: start };
    assert_eq!((found[0].batches.clone(), found[0].log_start_offset), (Err(expected), start));
}

#[test]
fn a_batch_for_a_partition_that_is_not_there_is_refused() {
    let mut bench = Bench::new();
    let nowhere = TopicPartition { topic: TopicId(0), partition: PartitionId(3) };
    let produce = bench.produce(nowhere);
    let Some(Response::Produce { partition, result }) = bench.answer(produce) else { panic!("it is answered at once") };
    assert_eq!((*partition, result.clone()), (nowhere, Err(ProduceError::UnknownTopicOrPartition)));
    assert_eq!(bench.facts(), []);
}

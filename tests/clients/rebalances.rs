//! What a rebalance means for a consumer: eager and cooperative assignors, lost partitions, static members.

use super::at;
use super::consumer_bench::{Bench, ME, found, joined};
use catchup::broker::{Generation, GroupError, JoinedMember, MemberId, Request, Response, Subscription, TopicMetadata};
use catchup::client::AssignmentChange::{Assigned, Lost, Revoked};
use catchup::client::{AssignmentChange, Assignor, ConsumerConfig, ConsumerError, ConsumerState};
use catchup::log::{Offset, PartitionId, TopicId, TopicPartition};
use std::sync::Arc;

const P0: TopicPartition = TopicPartition { topic: TopicId(0), partition: PartitionId(0) };
const P1: TopicPartition = TopicPartition { topic: TopicId(0), partition: PartitionId(1) };
const P2: TopicPartition = TopicPartition { topic: TopicId(0), partition: PartitionId(2) };

/// A consumer that reads partitions 0 and 1.
fn reading(assignor: Assignor) -> Bench {
    let mut bench = Bench::with(|config: &mut ConsumerConfig| {
        config.assignor = assignor;
        config.topics = Arc::new([(TopicId(0), 3)]);
    });
    bench.consumer.poll(at(0));
    bench.settles(1, &[P0, P1]);
    bench.answer_last(
        0,
        Response::OffsetFetch(vec![(P0, Ok(Some(Offset(0).into()))), (P1, Ok(Some(Offset(0).into())))]),
    );
    assert_eq!(bench.consumer.take_changes(), [Assigned([P0, P1].into())]);
    bench
}

/// The same, which has asked to join again.
fn rejoining(assignor: Assignor) -> Bench {
    let mut bench = reading(assignor);
    bench.hears(1_000, Err(GroupError::RebalanceInProgress));
    bench.consumer.poll(at(1_000));
    bench
}

/// What it tells the leader.
fn subscription(bench: &mut Bench) -> Subscription {
    let Request::JoinGroup(join) = bench.last() else { panic!("the last request is to join") };
    join.protocols[0].subscription.clone()
}

fn check_join(assignor: Assignor, changes: &[AssignmentChange], owned: &[TopicPartition], generation: i32) {
    let mut bench = rejoining(assignor);
    assert_eq!(bench.consumer.take_changes(), changes, "{assignor}");
    let subscription = subscription(&mut bench);
    assert_eq!((&*subscription.owned, subscription.generation), (owned, Generation(generation)), "{assignor}");
}

#[test]
fn with_an_eager_assignor_everything_is_given_up_before_joining() {
    let gives_all_up = [Revoked([P0, P1].into())];
    check_join(Assignor::Range, &gives_all_up, &[], -1);
    check_join(Assignor::RoundRobin, &gives_all_up, &[], -1);
    check_join(Assignor::Sticky, &gives_all_up, &[P0, P1], 1);
}

#[test]
fn with_a_cooperative_assignor_nothing_is_given_up_before_joining() {
    check_join(Assignor::CooperativeSticky, &[], &[P0, P1], 1);
}

#[test]
fn a_cooperative_member_reads_on_while_its_group_rebalances() {
    let mut bench = reading(Assignor::CooperativeSticky);
    bench.answer_last(0, found(5));
    bench.hears(1_000, Err(GroupError::RebalanceInProgress));
    assert_eq!(bench.poll_offsets(), [0, 1, 2]);
    assert_eq!(bench.sends().iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["join", "fetch"]);
    assert_eq!(bench.consumer.state(), ConsumerState::Reading);
    assert_eq!(bench.poll_offsets(), [3, 4]);
}

#[test]
fn a_commit_may_be_answered_after_the_generation_that_it_was_for() {
    let mut bench = rejoining(Assignor::CooperativeSticky);
    bench.sends();
    let join = bench.sent.last().expect("it joins").0;
    bench.consumer.commit(vec![(P0, Offset(1).into())]);
    bench.sends();
    let commit = bench.sent.last().expect("it commits").0;
    bench.consumer.handle(at(1_001), join, joined(2));
    assert!(bench.consumer.is_committing());
    bench.consumer.handle(at(1_002), commit, Response::OffsetCommit(Err(GroupError::IllegalGeneration)));
    assert_eq!(bench.consumer.take_commit_result(), Some(Err(GroupError::IllegalGeneration)));
    assert!(bench.consumer.membership().is_some(), "which says nothing of the generation that it is in");
}

#[test]
fn a_cooperative_member_gives_up_what_moves_and_joins_again_at_once() {
    let mut bench = rejoining(Assignor::CooperativeSticky);
    bench.answer_last(1_000, joined(2));
    bench.answer_last(1_000, Response::SyncGroup(Ok([P1, P2].into())));
    assert_eq!(bench.consumer.take_changes(), [Revoked([P0].into()), Assigned([P2].into())]);
    let Some((_, Request::JoinGroup(join))) = bench.consumer.take_requests().into_iter().next() else {
        panic!("the first request is to join")
    };
    let subscription = &join.protocols[0].subscription;
    assert_eq!((&*subscription.owned, subscription.generation), (&[P1, P2][..], Generation(2)));
}

#[test]
fn a_cooperative_member_that_loses_nothing_does_not_join_again() {
    let mut bench = rejoining(Assignor::CooperativeSticky);
    bench.answer_last(1_000, joined(2));
    bench.answer_last(1_000, Response::SyncGroup(Ok([P0, P1].into())));
    assert_eq!(bench.consumer.take_changes(), []);
    assert_eq!(bench.sends(), []);
}

#[test]
fn a_partition_is_not_taken_from_under_the_work() {
    let mut bench = reading(Assignor::CooperativeSticky);
    bench.answer_last(0, found(5));
    bench.hears(1_000, Err(GroupError::RebalanceInProgress));
    assert_eq!(bench.poll_offsets(), [0, 1, 2]);
    let is_join = |(_, request): &(u32, Request)| matches!(request, Request::JoinGroup(_));
    let requests = bench.consumer.take_requests();
    let join = requests.iter().find(|request| is_join(request)).expect("it joins").0;
    bench.consumer.handle(at(1_001), join, joined(2));
    bench.answer_last(1_002, Response::SyncGroup(Ok([P1].into())));
    assert_eq!(bench.consumer.assignment(), [P0, P1]);
    assert_eq!(bench.poll_offsets(), Vec::<i64>::new(), "what it has in hand of it is dropped");
    assert_eq!(bench.consumer.take_changes(), [Revoked([P0].into())]);
}

#[test]
fn who_is_forgotten_has_lost_its_partitions() {
    for assignor in Assignor::ALL {
        let mut bench = reading(assignor);
        bench.answer_last(0, found(5));
        bench.hears(1_000, Err(GroupError::UnknownMemberId));
        assert_eq!(bench.poll_offsets(), Vec::<i64>::new(), "{assignor}");
        assert_eq!(bench.consumer.take_changes(), [Lost([P0, P1].into())], "{assignor}");
        assert_eq!(bench.consumer.membership(), None);
    }
}

#[test]
fn a_static_member_shows_its_name_with_every_request() {
    let mut bench = Bench::with(|config| config.group_instance_id = Some("desk".into()));
    let Request::JoinGroup(join) = bench.last() else { panic!("the last request is to join") };
    assert_eq!(join.instance.as_deref(), Some("desk"));
    bench.answer_last(0, joined(1));
    let Request::SyncGroup(sync) = bench.last() else { panic!("the last request is to sync") };
    assert_eq!(sync.membership.instance.as_deref(), Some("desk"));
    assert_eq!(bench.consumer.membership(), Some(sync_membership(&bench)));
}

fn sync_membership(bench: &Bench) -> catchup::broker::Membership {
    let Some((_, Request::SyncGroup(sync))) = bench.sent.last() else { panic!("the last request is to sync") };
    sync.membership.clone()
}

#[test]
fn who_is_fenced_stops_for_good() {
    let mut bench = reading(Assignor::Range);
    bench.hears(1_000, Err(GroupError::FencedInstanceId));
    assert_eq!(bench.consumer.error(), Some(ConsumerError::Group(GroupError::FencedInstanceId)));
    assert_eq!(bench.consumer.take_changes(), [Lost([P0, P1].into())]);
    assert_eq!(bench.consumer.poll(at(2_000)), []);
    assert_eq!((bench.sends(), bench.consumer.deadline()), (Vec::new(), None));
}

#[test]
fn who_may_not_join_stops_for_good() {
    let mut bench = Bench::new();
    bench.answer_last(0, Response::JoinGroup(Err(GroupError::InconsistentGroupProtocol)));
    assert_eq!(bench.consumer.error(), Some(ConsumerError::Group(GroupError::InconsistentGroupProtocol)));
    assert_eq!((bench.sends(), bench.consumer.state()), (Vec::new(), ConsumerState::Stopped));
}

#[test]
fn a_leader_leaves_an_assignment_alone_that_stands() {
    let mut bench = Bench::new();
    let Response::JoinGroup(Ok(mut stands)) = joined(1) else { panic!("an answer to join") };
    stands.skip_assignment = true;
    bench.answer_last(0, Response::JoinGroup(Ok(stands)));
    let Request::SyncGroup(sync) = bench.last() else { panic!("the last request is to sync") };
    assert_eq!(sync.assignments, []);
}

#[test]
fn new_partitions_begin_at_what_is_committed_and_kept_ones_go_on() {
    let mut bench = rejoining(Assignor::CooperativeSticky);
    bench.answer_last(1_000, joined(2));
    bench.answer_last(1_000, Response::SyncGroup(Ok([P0, P1, P2].into())));
    let Request::OffsetFetch(offsets) = bench.last() else { panic!("the last request is for offsets") };
    assert_eq!(offsets.partitions, [P2]);
}

/// Another member of the group, with these wishes.
fn other(topics: &[TopicId]) -> JoinedMember {
    let subscription = Subscription { topics: topics.into(), owned: Arc::default(), generation: Generation(-1) };
    JoinedMember { member: MemberId(8), instance: None, subscription }
}

#[test]
fn a_leader_asks_about_the_topics_that_others_read() {
    let mut bench = Bench::new();
    let Response::JoinGroup(Ok(mut both)) = joined(1) else { panic!("an answer to join") };
    both.members.push(other(&[TopicId(1)]));
    bench.answer_last(0, Response::JoinGroup(Ok(both)));
    let Request::Metadata(topics) = bench.last() else { panic!("the last request is for metadata") };
    assert_eq!(topics, &[TopicId(0), TopicId(1)]);
    let described =
        [(0, "b"), (1, "a")].map(|(id, name)| TopicMetadata { topic: TopicId(id), name: name.into(), partitions: 1 });
    bench.answer_last(0, Response::Metadata(described.into()));
    let Request::SyncGroup(sync) = bench.last() else { panic!("the last request is to sync") };
    let q0 = TopicPartition { topic: TopicId(1), partition: PartitionId(0) };
    assert_eq!(sync.assignments, [(ME, [P0].into()), (MemberId(8), [q0].into())]);
}

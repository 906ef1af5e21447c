//! The brokers: topics with their partitions' logs and replicas, and the coordinators of consumer groups and transactions.
//!
//! A [`Broker`] is the whole cluster, as its clients see it: whichever broker a request is for, it goes in here. What can fail
//! is in `controller.rs`, Kafka's rules about replicas are in [`replication`].
//!
//! Knowingly not Kafka's: the controller is no machine and never fails, and a broker that fails keeps its disk; followers have
//! everything a fixed time after their leader, however much it is; a fetch goes to all leaders at once; what coordinators keep is
//! safe and moves with its leader; clients find a new leader without asking for metadata; a broker is let
//! in again at the instant at which its old session ends.
//!
//! Sans-IO: a [`Request`] and the time go in, [`Reply`]s and [`Fact`]s come out, some of them later, when
//! [`Broker::tick`] is called at [`Broker::deadline`]. It never reads a clock, draws a number or waits.

mod cluster;
mod controller;
mod error;
mod fact;
mod fetch;
mod group;
mod housekeeping;
mod list_offsets;
mod node;
mod producing;
pub mod replication;
mod request;
mod routing;
mod topic;
mod transactions;

pub use error::{FetchPartitionError, GroupError, ProduceError};
pub use fact::{ClusterFact, Fact, GroupFact, LogFact, OffsetsFact, Out, TransactionFact};
pub use group::{Group, GroupState, LeaveReason, Member, RebalanceReason, lag};
pub use node::{Node, Reach};
pub use replication::{BrokerId, EpochEnd, LeaderEpoch, Replicas};
pub use request::{
    Acks, ClientId, CommitRequest, FetchRequest, FetchedPartition, Generation, GroupId, HeartbeatRequest, JoinRequest,
    Joined, JoinedMember, LeaveRequest, Leaving, ListOffsetsRequest, ListedOffset, MemberId, Membership,
    OffsetFetchRequest, OffsetSpec, Protocol, Reply, Request, Response, Subscription, SyncRequest, Ticket,
    TopicMetadata,
};
pub use topic::{Topic, TopicConfig};
pub use transactions::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndReason, EndTxnRequest, InitProducerIdRequest, Transaction,
    TransactionError, TransactionState, TxnOffsetCommitError, TxnOffsetCommitRequest,
};

use crate::log::{ConfigError, Log, Offset, OffsetAndEpoch, PartitionId, ProducerId, Setting, TopicId, TopicPartition};
use crate::time::{Instant, Span};
use cluster::Cluster;
use fetch::ParkedFetches;
use housekeeping::Housekeeping;
use std::sync::Arc;
use transactions::Transactions;

/// The broker's settings. Names and units are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerConfig {
    /// `group.initial.rebalance.delay.ms`: how long an empty group waits for more members to join.
    pub group_initial_rebalance_delay: Span,
    /// `group.min.session.timeout.ms`: the shortest `session.timeout.ms` that a member may have.
    pub group_min_session_timeout: Span,
    /// `group.max.session.timeout.ms`: the longest.
    pub group_max_session_timeout: Span,
    /// `offsets.retention.minutes`: for how long a committed offset is kept that nobody needs.
    pub offsets_retention: Span,
    /// `offsets.retention.check.interval.ms`: how often groups are searched for such offsets.
    pub offsets_retention_check_interval: Span,
    /// `log.retention.check.interval.ms`: how often logs are searched for segments to delete.
    pub log_retention_check_interval: Span,
    /// `log.cleaner.backoff.ms`: how often logs are searched for something to compact.
    pub log_cleaner_backoff: Span,
    /// `transaction.max.timeout.ms`: the longest `transaction.timeout.ms` that a producer may have.
    pub transaction_max_timeout: Span,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`: how often transactions are searched for those that take
    /// too long.
    pub transaction_abort_timed_out_cleanup_interval: Span,
    /// How many brokers there are.
    pub brokers: u16,
    /// How long a record takes to a follower, and the word of it back to the leader.
    pub replication_delay: Span,
    /// `broker.session.timeout.ms`: for how long the controller hears nothing of a broker before it gives it up.
    pub broker_session_timeout: Span,
    /// `replica.lag.time.max.ms`: how long a follower may lack something before it counts as not in sync.
    pub replica_lag_time_max: Span,
    /// `leader.imbalance.check.interval.seconds`: how often preferred leaders are let lead again.
    pub leader_imbalance_check_interval: Span,
}

impl Default for BrokerConfig {
    fn default() -> Self {
        Self {
            group_initial_rebalance_delay: Span::from_ms(3_000),
            group_min_session_timeout: Span::from_ms(6_000),
            group_max_session_timeout: Span::from_ms(1_800_000),
            offsets_retention: Span::from_ms(10_080 * 60_000),
            offsets_retention_check_interval: Span::from_ms(600_000),
            log_retention_check_interval: Span::from_ms(300_000),
            log_cleaner_backoff: Span::from_ms(15_000),
            transaction_max_timeout: Span::from_ms(900_000),
            transaction_abort_timed_out_cleanup_interval: Span::from_ms(10_000),
            brokers: 1,
            replication_delay: Span::from_ms(5),
            broker_session_timeout: Span::from_ms(9_000),
            replica_lag_time_max: Span::from_ms(30_000),
            leader_imbalance_check_interval: Span::from_ms(300_000),
        }
    }
}

/// The cluster: all brokers, with what they keep.
#[derive(Clone, Debug)]
pub struct Broker {
    config: BrokerConfig,
    topics: Vec<Topic>,
    groups: Vec<Group>,
    transactions: Transactions,
    parked: ParkedFetches,
    housekeeping: Housekeeping,
    cluster: Cluster,
}

impl Broker {
    /// Brokers without topics.
    pub fn new(config: BrokerConfig) -> Self {
        let (housekeeping, cluster) = (Housekeeping::new(&config), Cluster::new(&config));
        Self {
            config,
            topics: Vec::new(),
            groups: Vec::new(),
            transactions: Transactions::default(),
            parked: ParkedFetches::default(),
            housekeeping,
            cluster,
        }
    }

    /// Creates a topic with empty partitions.
    pub fn create_topic(&mut self, config: &TopicConfig) -> TopicId {
        let number = self.topics.len();
        let place = |partition: u32| self.cluster.place(number + partition as usize, config.replication_factor);
        let topic = Topic::new(config, &place);
        self.topics.push(topic);
        TopicId(number as u16)
    }

    /// The number of the group called `name`, which is created if there is none.
    pub fn group_id(&mut self, name: &str) -> GroupId {
        let known = self.groups.iter().position(|group| **group.name() == *name);
        let index = known.unwrap_or_else(|| {
            let id = GroupId(self.groups.len() as u16);
            self.groups.push(Group::new(id, name, &self.config));
            self.cluster.add_group();
            self.groups.len() - 1
        });
        GroupId(index as u16)
    }

    /// The topics, in the order of their numbers.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The topic with this number; numbers come from [`Broker::create_topic`].
    pub fn topic(&self, id: TopicId) -> &Topic {
        &self.topics[usize::from(id.0)]
    }

    /// The groups, in the order of their numbers.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group with this number; numbers come from [`Broker::group_id`].
    pub fn group(&self, id: GroupId) -> &Group {
        &self.groups[usize::from(id.0)]
    }

    /// The transactional ids that are known, each with its transaction.
    pub fn transactions(&self) -> impl Iterator<Item = (&Arc<str>, &Transaction)> {
        self.transactions.iter()
    }

    /// The log of a partition, if the topic has so many.
    pub fn log(&self, partition: TopicPartition) -> Option<&Log> {
        self.topics.get(usize::from(partition.topic.0))?.log(partition.partition)
    }

    /// All partitions of a topic.
    pub fn partitions(&self, topic: TopicId) -> impl Iterator<Item = TopicPartition> + use<> {
        let count = self.topic(topic).partition_count();
        (0..count).map(move |partition| TopicPartition { topic, partition: PartitionId(partition) })
    }

    /// How many records of `topics` lie between what `group` has committed and the log ends.
    pub fn lag(&self, group: GroupId, topics: &[TopicId]) -> u64 {
        self.partitions_of(topics).map(|partition| self.partition_lag(group, partition)).sum()
    }

    /// How many of the records that make up the lag can no longer be read, because they were deleted.
    pub fn lag_deleted(&self, group: GroupId, topics: &[TopicId]) -> u64 {
        self.partitions_of(topics).map(|partition| self.partition_lag_deleted(group, partition)).sum()
    }

    /// Log end offset less committed offset, as Kafka's tools have it: whether the records are still there does not matter.
    /// A group that has committed nothing has everything before it.
    pub fn partition_lag(&self, group: GroupId, partition: TopicPartition) -> u64 {
        self.log(partition).map_or(0, |log| {
            let committed = self.group(group).committed(partition).unwrap_or(log.log_start_offset());
            lag(Some(committed), Some(log.log_end_offset())).map_or(0, |lag| u64::try_from(lag).unwrap_or(0))
        })
    }

    /// Log start offset less committed offset: that part of the lag which was deleted.
    pub fn partition_lag_deleted(&self, group: GroupId, partition: TopicPartition) -> u64 {
        let committed = self.group(group).committed(partition);
        let log_and_committed = self.log(partition).zip(committed);
        log_and_committed.map_or(0, |(log, committed)| log.log_start_offset().records_since(committed))
    }

    /// Takes one request. Its reply, and those it releases, are put into `out`, at once or at a later call.
    pub fn handle(&mut self, now: Instant, ticket: Ticket, request: Request, out: &mut Out) {
        match self.reach_for(&request) {
            Reach::Serves => self.serve(now, ticket, request, out),
            Reach::Silent => {}
            Reach::Refused | Reach::NoLeader => {
                if let Some(response) = routing::refusal(&request) {
                    out.reply(ticket, response);
                }
            }
        }
    }

    fn serve(&mut self, now: Instant, ticket: Ticket, request: Request, out: &mut Out) {
        match request {
            Request::Produce { partition, batch, acks } => self.produce(now, (ticket, acks), partition, &batch, out),
            Request::Fetch(request) => self.parked.fetch(now, ticket, request, (&self.topics, &self.cluster), out),
            Request::ListOffsets(request) => {
                let listed = list_offsets::list(&request, &self.topics, &self.cluster);
                if let Some(listed) = listed {
                    out.reply(ticket, Response::ListOffsets(listed));
                }
            }
            Request::Metadata(topics) => out.reply(ticket, Response::Metadata(self.metadata(&topics))),
            Request::JoinGroup(request) => self.group_mut(request.group).join(now, ticket, &request, out),
            Request::SyncGroup(request) => self.group_mut(request.membership.group).sync(now, ticket, request, out),
            Request::Heartbeat(HeartbeatRequest { membership }) => {
                self.group_mut(membership.group).heartbeat(now, ticket, &membership, out);
            }
            Request::LeaveGroup(request) => self.group_mut(request.group).leave(now, ticket, &request, out),
            Request::OffsetCommit(request) => self.group_mut(request.group).commit(now, ticket, &request, out),
            Request::OffsetFetch(request) => {
                let offsets = self.group(request.group).fetch_offsets(&request);
                out.reply(ticket, Response::OffsetFetch(offsets));
            }
            Request::InitProducerId(request) => self.init_producer_id(now, ticket, request, out),
            Request::AddPartitionsToTxn(request) => {
                let answer = self.add_partitions(now, &request);
                out.reply(ticket, Response::AddPartitionsToTxn(answer));
            }
            Request::AddOffsetsToTxn(request) => {
                let answer = self.add_offsets(now, &request);
                out.reply(ticket, Response::AddOffsetsToTxn(answer));
            }
            Request::TxnOffsetCommit(request) => {
                let answer = self.commit_offsets(now, &request);
                out.reply(ticket, Response::TxnOffsetCommit(answer));
            }
            Request::EndTxn(request) => self.end_txn(now, ticket, &request, out),
        }
    }

    /// Forgets what a client whose connection is gone was still waiting for.
    pub fn disconnect(&mut self, client: ClientId) {
        self.parked.forget(client);
        for awaited in &mut self.cluster.awaited {
            awaited.ticket = awaited.ticket.filter(|ticket| ticket.client != client);
        }
    }

    /// When [`Broker::tick`] has something to do, at the latest.
    pub fn deadline(&self) -> Instant {
        let groups = self.groups.iter().enumerate().filter(|(index, _)| self.is_coordinated(*index));
        let groups = groups.filter_map(|(_, group)| group.deadline());
        let housekeeping = self.housekeeping.deadline();
        let transactions = self.transactions.deadline(&self.config).filter(|_| self.are_transactions_coordinated());
        groups
            .chain(self.parked.deadline())
            .chain(transactions)
            .chain(self.cluster_deadline())
            .min()
            .map_or(housekeeping, |deadline| deadline.min(housekeeping))
    }

    /// Lets the logs of a topic obey another setting from now on. What that removes goes when logs are next looked at.
    pub fn set_topic_config(&mut self, topic: TopicId, setting: Setting, value: &str) -> Result<(), ConfigError> {
        let topic = &mut self.topics[usize::from(topic.0)];
        let mut config = topic.config().clone();
        config.set(setting, value)?;
        topic.set_config(&config);
        Ok(())
    }

    /// Deletes a group with all its offsets, as `kafka-consumer-groups --delete` does: it must be empty, and there.
    pub fn delete_group(&mut self, now: Instant, group: GroupId, out: &mut Out) -> Result<(), GroupError> {
        self.group_mut(group).delete(now, out)
    }

    /// Hands a group over to a coordinator elsewhere. Who waits here is told so, and who asks is refused, from now on.
    pub fn hand_over_group(&mut self, now: Instant, group: GroupId, out: &mut Out) {
        self.group_mut(group).hand_over(now, out);
    }

    /// Sets what a group has committed, as `kafka-consumer-groups --reset-offsets` does. `NonEmptyGroup` while it has members:
    /// they would not notice, and commit over it.
    pub fn alter_offsets(
        &mut self,
        now: Instant,
        group: GroupId,
        offsets: &[(TopicPartition, Offset)],
        out: &mut Out,
    ) -> Result<(), GroupError> {
        self.group_mut(group).alter_offsets(now, offsets, out)
    }

    /// Takes the static members out of a group, which keep their place until their session ends, though they have stopped: what
    /// `removeMembersFromConsumerGroup` does, and Kafka's tools where they are to force a reset. Returns whether there were any.
    pub fn remove_static_members(&mut self, now: Instant, group: GroupId, out: &mut Out) -> bool {
        self.group_mut(group).remove_static_members(now, out)
    }

    /// Commits offsets that count once the transaction of `producer` has committed.
    pub fn commit_transactional(
        &mut self,
        now: Instant,
        group: GroupId,
        producer: ProducerId,
        membership: Option<&Membership>,
        offsets: &[(TopicPartition, OffsetAndEpoch)],
    ) -> Result<(), GroupError> {
        self.group_mut(group).commit_transactional(now, producer, membership, offsets)
    }

    /// Tells a group how the transaction of `producer` has ended.
    pub fn end_transaction(&mut self, group: GroupId, producer: ProducerId, committed: bool, out: &mut Out) {
        self.group_mut(group).end_transaction(producer, committed, out);
    }

    /// When logs are next searched for segments to delete.
    pub fn next_retention_check(&self) -> Instant {
        self.housekeeping.retention_check()
    }

    /// When logs are next searched for something to compact.
    pub fn next_cleaner_check(&self) -> Instant {
        self.housekeeping.cleaner_check()
    }

    /// Does what is due: answers fetches that have waited long enough, expires sessions, ends rebalances, deletes
    /// and compacts old segments, forgets offsets that nobody needs.
    pub fn tick(&mut self, now: Instant, out: &mut Out) {
        self.cluster_tick(now, out);
        self.parked.expire(now, (&self.topics, &self.cluster), out);
        for index in 0..self.groups.len() {
            if self.is_coordinated(index) {
                self.groups[index].tick(now, out);
            }
        }
        if self.are_transactions_coordinated() {
            self.transactions.tick(now, &self.config, out);
            self.end_transactions(now, out);
        }
        self.housekeeping.tick(now, &self.config, (&mut self.topics, &mut self.groups, &self.cluster), out);
    }

    fn metadata(&self, topics: &[TopicId]) -> Vec<TopicMetadata> {
        let describe = |id: &TopicId| {
            let topic = self.topics.get(usize::from(id.0))?;
            Some(TopicMetadata { topic: *id, name: topic.name().clone(), partitions: topic.partition_count() })
        };
        topics.iter().filter_map(describe).collect()
    }

    fn partitions_of(&self, topics: &[TopicId]) -> impl Iterator<Item = TopicPartition> {
        topics.iter().flat_map(|topic| self.partitions(*topic))
    }

    fn group_mut(&mut self, id: GroupId) -> &mut Group {
        &mut self.groups[usize::from(id.0)]
    }
}

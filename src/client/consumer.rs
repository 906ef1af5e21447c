//! A consumer: joins its group, learns its partitions, fetches ahead, hands out records and commits.
//!
//! The owner calls [`Consumer::poll`] whenever it is ready for records, works on them, and then calls
//! [`Consumer::commit`]. Commits are never made behind its back.

use super::{Assignor, ConsumedRecord, Numbered};
use crate::broker::{
    CommitRequest, FetchPartitionError, FetchRequest, FetchedPartition, Generation, GroupError, GroupId,
    HeartbeatRequest, JoinRequest, Joined, JoinedMember, LeaveRequest, Leaving, MemberId, Membership,
    OffsetFetchRequest, Protocol, Request, Response, Subscription, SyncRequest,
};
use crate::log::{BatchView, Batches, FetchError, Offset, TopicId, TopicPartition};
use crate::time::{Instant, Span};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A consumer's settings. Names and units are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerConfig {
    /// `group.id`.
    pub group: GroupId,
    /// The topics it subscribes to, each with its number of partitions.
    pub topics: Arc<[(TopicId, u32)]>,
    /// `session.timeout.ms`.
    pub session_timeout: Span,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval: Span,
    /// `max.poll.interval.ms`.
    pub max_poll_interval: Span,
    /// `max.poll.records`.
    pub max_poll_records: u32,
    /// `fetch.max.wait.ms`.
    pub fetch_max_wait: Span,
    /// `max.partition.fetch.bytes`.
    pub max_partition_fetch_bytes: usize,
}

/// How far a consumer has come with its membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerState {
    /// It has asked to join and waits.
    Joining,
    /// It has joined and waits for its assignment.
    Syncing,
    /// It has its partitions and asks where to begin.
    FetchingOffsets,
    /// It reads.
    Reading,
}

/// A consumer.
#[derive(Clone, Debug)]
pub struct Consumer {
    config: ConsumerConfig,
    state: ConsumerState,
    member: Option<MemberId>,
    generation: Generation,
    must_rejoin: bool,
    assignment: Arc<[TopicPartition]>,
    fetch_positions: BTreeMap<TopicPartition, Offset>,
    buffer: VecDeque<ConsumedRecord>,
    fetch_in_flight: Option<u32>,
    commit_in_flight: Option<u32>,
    heartbeat_due: Option<Instant>,
    /// When it has worked too long on what its last poll returned.
    poll_due: Option<Instant>,
    requests: Vec<Numbered>,
    next_correlation: u32,
    /// The number of its last request to join: answers to what it asked before are of a generation that is over.
    last_join: u32,
}

impl Consumer {
    /// A consumer that has just asked to join its group.
    pub fn new(config: ConsumerConfig) -> Self {
        let mut consumer = Self {
            config,
            state: ConsumerState::Joining,
            member: None,
            generation: Generation(-1),
            must_rejoin: false,
            assignment: Arc::default(),
            fetch_positions: BTreeMap::new(),
            buffer: VecDeque::new(),
            fetch_in_flight: None,
            commit_in_flight: None,
            heartbeat_due: None,
            poll_due: None,
            requests: Vec::new(),
            next_correlation: 0,
            last_join: 0,
        };
        consumer.join();
        consumer
    }

    /// How far it has come with its membership.
    pub fn state(&self) -> ConsumerState {
        self.state
    }

    /// The id its group gave it, once it did.
    pub fn member(&self) -> Option<MemberId> {
        self.member
    }

    /// The partitions it reads.
    pub fn assignment(&self) -> &[TopicPartition] {
        &self.assignment
    }

    /// Whether a commit still waits for its answer; poll only afterwards.
    pub fn is_committing(&self) -> bool {
        self.commit_in_flight.is_some()
    }

    /// Up to `max.poll.records` records to work on; empty when there are none yet. Joins the group again first,
    /// if that is due: between two polls, nothing is half done. Whoever takes records must poll again within
    /// `max.poll.interval.ms`, or leaves the group.
    pub fn poll(&mut self, now: Instant) -> Vec<ConsumedRecord> {
        if self.must_rejoin {
            self.join();
        }
        let count = self.buffer.len().min(self.config.max_poll_records as usize);
        let records: Vec<ConsumedRecord> = self.buffer.drain(..count).collect();
        self.poll_due = (!records.is_empty()).then(|| now + self.config.max_poll_interval);
        self.fetch();
        records
    }

    /// Commits that all of `records` are done with.
    pub fn commit(&mut self, records: &[ConsumedRecord]) {
        let Some(membership) = self.membership() else { return };
        let next: BTreeMap<TopicPartition, Offset> =
            records.iter().map(|record| (record.partition, record.offset.next())).collect();
        let (group, offsets) = (self.config.group, next.into_iter().collect());
        let request = CommitRequest { group, membership: Some(membership), offsets };
        self.commit_in_flight = Some(self.request(Request::OffsetCommit(request)));
    }

    /// When [`Consumer::tick`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        self.heartbeat_due.into_iter().chain(self.poll_due).min()
    }

    /// Sends a heartbeat, if one is due; leaves the group, if the next poll is overdue.
    pub fn tick(&mut self, now: Instant) {
        if self.poll_due.is_some_and(|due| due <= now) {
            return self.leave();
        }
        let is_due = self.heartbeat_due.is_some_and(|due| due <= now);
        if let (true, Some(membership)) = (is_due, self.membership()) {
            self.heartbeat_due = Some(now + self.config.heartbeat_interval);
            self.request(Request::Heartbeat(HeartbeatRequest { membership }));
        }
    }

    /// Takes an answer of the broker.
    pub fn handle(&mut self, now: Instant, correlation: u32, response: Response) {
        if self.commit_in_flight == Some(correlation) {
            self.commit_in_flight = None;
        }
        if correlation < self.last_join {
            return;
        }
        match response {
            Response::JoinGroup(answer) => self.joined(now, answer),
            Response::SyncGroup(answer) => self.synced(answer),
            Response::OffsetFetch(offsets) => self.begin_reading(offsets),
            Response::Fetch(found) => self.fetched(correlation, found),
            Response::Heartbeat(answer) | Response::OffsetCommit(answer) => self.check(answer),
            Response::LeaveGroup(_) | Response::Produce { .. } => {}
        }
    }

    /// The requests to carry to the broker, in order.
    pub fn take_requests(&mut self) -> Vec<Numbered> {
        std::mem::take(&mut self.requests)
    }

    /// Says good-bye, and will join as a new member at the next poll.
    fn leave(&mut self) {
        if self.member.is_some() {
            let members = vec![Leaving { member: self.member, instance: None }];
            self.request(Request::LeaveGroup(LeaveRequest { group: self.config.group, members }));
        }
        self.poll_due = None;
        self.heartbeat_due = None;
        self.member = None;
        self.must_rejoin = true;
    }

    /// Asks to join, or to join again. Until the answer is there it sends no heartbeat, for its session waits too.
    fn join(&mut self) {
        self.must_rejoin = false;
        self.state = ConsumerState::Joining;
        self.heartbeat_due = None;
        self.give_up_partitions();
        self.last_join = self.request(Request::JoinGroup(JoinRequest {
            group: self.config.group,
            member: self.member,
            instance: None,
            protocols: self.protocols(),
            session_timeout: self.config.session_timeout,
            rebalance_timeout: self.config.max_poll_interval,
        }));
    }

    /// The one assignor it supports. It has given up its partitions by now, as whoever uses an eager assignor does.
    fn protocols(&self) -> Arc<[Protocol]> {
        let topics = self.config.topics.iter().map(|(topic, _)| *topic).collect();
        let subscription = Subscription { topics, owned: Arc::default(), generation: self.generation };
        Arc::new([Protocol { name: "range".into(), subscription }])
    }

    fn joined(&mut self, now: Instant, answer: Result<Joined, GroupError>) {
        match answer {
            Err(error) => {
                self.check(Err(error));
                self.join();
            }
            Ok(joined) => {
                self.state = ConsumerState::Syncing;
                self.member = Some(joined.member);
                self.generation = joined.generation;
                self.heartbeat_due = Some(now + self.config.heartbeat_interval);
                self.sync(&joined);
            }
        }
    }

    fn sync(&mut self, joined: &Joined) {
        let (group, member, generation) = (self.config.group, joined.member, joined.generation);
        let membership = Membership { group, member, generation, instance: None };
        let assigns = joined.leader == member && !joined.skip_assignment;
        let assignments = if assigns { self.assign(&joined.members) } else { Vec::new() };
        self.request(Request::SyncGroup(SyncRequest { membership, assignments }));
    }

    fn assign(&self, members: &[JoinedMember]) -> Vec<(MemberId, Arc<[TopicPartition]>)> {
        let assignment = Assignor::Range.assign(members, &self.config.topics);
        assignment.into_iter().map(|(member, partitions)| (member, partitions.into())).collect()
    }

    fn synced(&mut self, answer: Result<Arc<[TopicPartition]>, GroupError>) {
        match answer {
            Err(error) => {
                self.check(Err(error));
                self.join();
            }
            Ok(assignment) => {
                self.assignment = assignment;
                self.state = ConsumerState::FetchingOffsets;
                let (group, partitions) = (self.config.group, self.assignment.to_vec());
                self.request(Request::OffsetFetch(OffsetFetchRequest { group, partitions, require_stable: false }));
            }
        }
    }

    /// Begins at the committed offsets; where there are none, at the beginning (`auto.offset.reset=earliest`).
    fn begin_reading(&mut self, offsets: Vec<(TopicPartition, Result<Option<Offset>, GroupError>)>) {
        if self.state != ConsumerState::FetchingOffsets {
            return;
        }
        self.state = ConsumerState::Reading;
        let position = |offset: Result<Option<Offset>, GroupError>| offset.ok().flatten().unwrap_or(Offset::ZERO);
        self.fetch_positions = offsets.into_iter().map(|(partition, offset)| (partition, position(offset))).collect();
        self.fetch();
    }

    /// Fetches ahead while there is less in hand than one poll may take.
    fn fetch(&mut self) {
        let wants_more = self.buffer.len() < self.config.max_poll_records as usize;
        let is_idle = self.fetch_in_flight.is_none() && !self.fetch_positions.is_empty();
        if self.state == ConsumerState::Reading && wants_more && is_idle {
            let partitions = self.fetch_positions.iter().map(|(partition, from)| (*partition, *from)).collect();
            let max_partition_bytes = self.config.max_partition_fetch_bytes;
            let request = FetchRequest { partitions, max_wait: self.config.fetch_max_wait, max_partition_bytes };
            self.fetch_in_flight = Some(self.request(Request::Fetch(request)));
        }
    }

    fn fetched(&mut self, correlation: u32, found: Vec<FetchedPartition>) {
        if self.fetch_in_flight != Some(correlation) {
            return; // asked before the last rebalance
        }
        self.fetch_in_flight = None;
        for partition in found {
            self.take_in(&partition);
        }
        self.fetch();
    }

    fn take_in(&mut self, found: &FetchedPartition) {
        let Some(position) = self.fetch_positions.get_mut(&found.partition) else { return };
        match &found.batches {
            // `auto.offset.reset=earliest`
            Err(FetchPartitionError::Read(FetchError::OffsetOutOfRange { .. })) => *position = found.log_start_offset,
            // No topic is created or deleted during a run: there will never be anything to read there.
            Err(FetchPartitionError::UnknownTopicOrPartition) => drop(self.fetch_positions.remove(&found.partition)),
            Ok(bytes) => {
                let batches = Batches::new(bytes);
                let records = batches.clone().filter(|batch| !batch.is_control()).flat_map(BatchView::records);
                for record in records.filter(|record| record.offset >= *position) {
                    self.buffer.push_back(ConsumedRecord::new(found.partition, &record));
                }
                // Compaction may have emptied the last batch: what matters is where it ends, not what it holds.
                *position = batches.last().map_or(*position, |batch| batch.last_offset().next().max(*position));
            }
        }
    }

    fn check(&mut self, answer: Result<(), GroupError>) {
        match answer {
            Ok(()) => {}
            Err(GroupError::RebalanceInProgress) => self.must_rejoin = true,
            Err(GroupError::IllegalGeneration) => {
                self.must_rejoin = true;
                self.heartbeat_due = None;
            }
            // The other errors answer what this consumer never asks.
            Err(
                GroupError::UnknownMemberId
                | GroupError::InconsistentGroupProtocol
                | GroupError::InvalidSessionTimeout
                | GroupError::InvalidGroupId
                | GroupError::FencedInstanceId
                | GroupError::NotCoordinator
                | GroupError::CoordinatorNotAvailable
                | GroupError::UnstableOffsetCommit
                | GroupError::NonEmptyGroup
                | GroupError::GroupIdNotFound,
            ) => {
                self.must_rejoin = true;
                self.heartbeat_due = None;
                self.member = None;
            }
        }
    }

    fn give_up_partitions(&mut self) {
        self.assignment = Arc::default();
        self.fetch_positions.clear();
        self.buffer.clear();
        self.fetch_in_flight = None;
    }

    fn membership(&self) -> Option<Membership> {
        let (group, generation) = (self.config.group, self.generation);
        self.member.map(|member| Membership { group, member, generation, instance: None })
    }

    fn request(&mut self, request: Request) -> u32 {
        let correlation = self.next_correlation;
        self.next_correlation = correlation.wrapping_add(1);
        self.requests.push((correlation, request));
        correlation
    }
}

//! A consumer: joins its group, learns its partitions, fetches ahead, hands out records and commits.
//!
//! The owner calls [`Consumer::poll`] whenever it is ready for records, also when it has just created the consumer, works on
//! what it gets, and then calls [`Consumer::commit`], unless it wants commits at intervals (`enable.auto.commit`). It carries
//! [`Consumer::take_requests`] to the broker and answers to [`Consumer::handle`], any of which may get lost on the way, and
//! calls [`Consumer::tick`] at [`Consumer::deadline`].
//!
//! What concerns the group is in `membership.rs` and `leading.rs`, commits are in `commits.rs`, where to read and reading in `fetching.rs`.

mod buffer;
mod commits;
mod config;
mod fetching;
mod in_flight;
mod leading;
mod membership;

pub use config::{AssignmentChange, ConsumerConfig, ConsumerError, ConsumerState};

use super::{ConsumedRecord, Numbered};
use crate::broker::{Generation, JoinedMember, MemberId, Membership, Request, Response, TopicMetadata};
use crate::log::{OffsetAndEpoch, TopicId, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};
use buffer::Buffer;
use commits::Commits;
use fetching::{Place, Stage};
use in_flight::{Asked, InFlight};
use membership::{Phase, Rejoin};
use std::sync::Arc;

/// How much longer than the rebalance itself may take a member waits for the answer to its request to join.
const JOIN_LAPSE: Span = Span::from_ms(5_000);
/// The generation of one that is no member.
const NO_GENERATION: Generation = Generation(-1);

/// What can fail and is then tried again after a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Chore {
    Join,
    Commit,
    AskCommitted,
    AskListed,
    Fetch,
}

/// A consumer.
#[derive(Clone, Debug)]
pub struct Consumer {
    config: ConsumerConfig,
    /// What time it was when it was last told.
    now: Instant,
    phase: Phase,
    member: Option<MemberId>,
    generation: Generation,
    rejoin: Rejoin,
    assignment: Arc<[TopicPartition]>,
    /// What it was last assigned, and in which generation: sticky assignors want to know even when it is given up.
    last_assignment: (Arc<[TopicPartition]>, Generation),
    /// What it knows of the topics of its group, as its leader.
    topics: SortedMap<TopicId, TopicMetadata>,
    /// The members that it is to share partitions among, once it knows the topics.
    to_assign: Vec<JoinedMember>,
    /// An assignment that waits until its owner is done with the records in hand.
    next_assignment: Option<Arc<[TopicPartition]>>,
    places: SortedMap<TopicPartition, Place>,
    buffer: Buffer,
    commits: Commits,
    heartbeat_due: Option<Instant>,
    /// When it has worked too long on what its last poll returned.
    poll_due: Option<Instant>,
    is_paused: bool,
    changes: Vec<AssignmentChange>,
    error: Option<ConsumerError>,
    in_flight: InFlight,
    not_before: SortedMap<Chore, Instant>,
    requests: Vec<Numbered>,
    next_correlation: u32,
}

impl Consumer {
    /// A consumer that has just asked to join its group. Poll it once, so that it learns what time it is.
    pub fn new(config: ConsumerConfig) -> Self {
        let mut consumer = Self {
            config,
            now: Instant::START,
            phase: Phase::Outside,
            member: None,
            generation: NO_GENERATION,
            rejoin: Rejoin::Begun,
            assignment: Arc::default(),
            last_assignment: (Arc::default(), NO_GENERATION),
            topics: SortedMap::new(),
            to_assign: Vec::new(),
            next_assignment: None,
            places: SortedMap::new(),
            buffer: Buffer::default(),
            commits: Commits::default(),
            heartbeat_due: None,
            poll_due: None,
            is_paused: false,
            changes: Vec::new(),
            error: None,
            in_flight: InFlight::default(),
            not_before: SortedMap::new(),
            requests: Vec::new(),
            next_correlation: 0,
        };
        consumer.proceed();
        consumer
    }

    /// How far it has come with its membership.
    pub fn state(&self) -> ConsumerState {
        let any = |is_it: fn(Stage) -> bool| self.places.values().any(|place| is_it(place.stage));
        let reads = any(|stage| stage == Stage::Reading);
        let asks = any(|stage| matches!(stage, Stage::AskCommitted | Stage::AskListed(_)));
        if self.error.is_some() {
            return ConsumerState::Stopped;
        }
        match self.phase {
            Phase::Closing | Phase::Stopped => ConsumerState::Stopped,
            Phase::Outside | Phase::Joining if !reads => ConsumerState::Joining,
            Phase::Outside if self.generation == NO_GENERATION => ConsumerState::Away,
            Phase::Syncing if !reads => ConsumerState::Syncing,
            Phase::Stable if asks && !reads => ConsumerState::FetchingOffsets,
            Phase::Outside | Phase::Joining | Phase::Syncing | Phase::Stable => ConsumerState::Reading,
        }
    }

    /// The id its group gave it, once it did.
    pub fn member(&self) -> Option<MemberId> {
        self.member
    }

    /// What it shows its group, if it is a member; a transaction that commits its offsets shows the same.
    pub fn membership(&self) -> Option<Membership> {
        let member = self.member.filter(|_| self.generation != NO_GENERATION)?;
        let instance = self.config.group_instance_id.clone();
        Some(Membership { group: self.config.group, member, generation: self.generation, instance })
    }

    /// The partitions it reads.
    pub fn assignment(&self) -> &[TopicPartition] {
        &self.assignment
    }

    /// The place of the next record that a poll returns, or goes on to look for; `None` while it asks where to begin.
    pub fn position(&self, partition: TopicPartition) -> Option<OffsetAndEpoch> {
        self.places.get(&partition).filter(|place| place.stage == Stage::Reading).map(|place| place.position)
    }

    /// What rebalances did to its assignment since this was last asked, in order.
    pub fn take_changes(&mut self) -> Vec<AssignmentChange> {
        std::mem::take(&mut self.changes)
    }

    /// Why it has stopped, if something is wrong. It hands out nothing any more, but stays a member while it can:
    /// [`Consumer::close`] it, or, if it misses an offset, [`Consumer::seek`].
    pub fn error(&self) -> Option<ConsumerError> {
        self.error
    }

    /// `max.poll.records`, from the next poll on.
    pub fn set_max_poll_records(&mut self, records: u32) {
        self.config.max_poll_records = records;
    }

    /// Up to `max.poll.records` records to work on; empty when there are none yet. Joins the group again first,
    /// if that is due: between two polls, nothing is half done. Whoever takes records must poll again within
    /// `max.poll.interval.ms`, or leaves the group.
    pub fn poll(&mut self, now: Instant) -> Vec<ConsumedRecord> {
        self.now = now;
        self.poll_due = None;
        if let Some(assignment) = self.next_assignment.take() {
            self.take_over(assignment);
        }
        self.auto_commit_if_due();
        if self.rejoin == Rejoin::AtPoll {
            self.begin_rejoin();
        }
        self.join_if_begun();
        let records = self.take_records();
        self.poll_due = (!records.is_empty()).then(|| now + self.config.max_poll_interval);
        self.proceed();
        self.stamp();
        records
    }

    /// Whether all its partitions are paused (`pause`, `resume`): it fetches nothing then, and polls return nothing, but keep it in its
    /// group.
    pub fn set_paused(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Its owner is kept from polling from now on, though it has no records in hand: it too must poll again within
    /// `max.poll.interval.ms`.
    pub fn stay_away(&mut self, now: Instant) {
        self.now = now;
        self.poll_due.get_or_insert(now + self.config.max_poll_interval);
    }

    /// When [`Consumer::tick`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        let chores = self.not_before.values().copied();
        let dues = [self.heartbeat_due, self.poll_due, self.in_flight.deadline(), self.auto_commit_due()];
        dues.into_iter().flatten().chain(chores).min()
    }

    /// Sends a heartbeat, if one is due; leaves the group, if the next poll is overdue; asks again for what was not answered.
    pub fn tick(&mut self, now: Instant) {
        self.now = now;
        if self.poll_due.is_some_and(|due| due <= now) {
            self.leave_for_now();
        }
        self.heartbeat_if_due();
        for asked in self.in_flight.take_expired(now) {
            self.expired(&asked);
        }
        self.not_before.retain(|_, due| *due > now);
        if !self.is_busy() {
            self.auto_commit_if_due();
        }
        self.proceed();
        self.stamp();
    }

    /// Takes an answer of the broker. An owner that is ready for records polls next.
    pub fn handle(&mut self, now: Instant, correlation: u32, response: Response) {
        self.now = now;
        // An answer that nobody waits for any more is of the past, as are heartbeats of an earlier generation.
        if let Some(asked) = self.in_flight.take(correlation) {
            self.answered(asked, response);
        }
        self.proceed();
        self.stamp();
    }

    /// The requests to carry to the broker, in order.
    pub fn take_requests(&mut self) -> Vec<Numbered> {
        std::mem::take(&mut self.requests)
    }

    /// A broker that answers something else than it was asked would be at fault; such an answer is passed over.
    fn answered(&mut self, asked: Asked, response: Response) {
        match (asked, response) {
            (Asked::Join, Response::JoinGroup(answer)) => self.joined(answer),
            (Asked::Metadata, Response::Metadata(topics)) => self.topics_described(topics),
            (Asked::Sync, Response::SyncGroup(answer)) => self.synced(answer),
            (Asked::Heartbeat, Response::Heartbeat(answer)) => self.heartbeat_answered(answer),
            (Asked::Committed(_), Response::OffsetFetch(offsets)) => self.begin_at_committed(offsets),
            (Asked::Listed(_), Response::ListOffsets(offsets)) => self.begin_at_listed(offsets),
            (Asked::Fetch(asked), Response::Fetch(found)) => self.fetched(&asked, &found),
            (Asked::Commit(commit), Response::OffsetCommit(answer)) => self.committed(commit, answer),
            (
                Asked::Join
                | Asked::Metadata
                | Asked::Sync
                | Asked::Heartbeat
                | Asked::Leave
                | Asked::Committed(_)
                | Asked::Listed(_)
                | Asked::Fetch(_)
                | Asked::Commit(_),
                _,
            ) => {}
        }
    }

    /// What to do when an answer did not come in time: mostly to ask again after a while.
    fn expired(&mut self, asked: &Asked) {
        match asked {
            Asked::Join | Asked::Metadata | Asked::Sync => self.join_again_later(),
            Asked::Heartbeat | Asked::Leave => {}
            Asked::Committed(_) => self.put_off(Chore::AskCommitted),
            Asked::Listed(_) => self.put_off(Chore::AskListed),
            Asked::Fetch(_) => self.put_off(Chore::Fetch),
            Asked::Commit(commit) => self.commit_unanswered(commit),
        }
    }

    /// Starts everything that can be started now.
    fn proceed(&mut self) {
        match self.phase {
            Phase::Stopped => {}
            Phase::Closing => self.finish_closing(),
            Phase::Outside | Phase::Joining | Phase::Syncing | Phase::Stable => {
                self.join_if_begun();
                self.repeat_commit();
                if self.error.is_none() {
                    self.ask_committed();
                    self.ask_listed();
                    self.fetch();
                }
            }
        }
    }

    /// Whether its owner works on records.
    fn is_busy(&self) -> bool {
        self.poll_due.is_some()
    }

    fn put_off(&mut self, chore: Chore) {
        self.not_before.insert(chore, self.now + self.config.retry_backoff);
    }

    fn must_wait(&self, chore: Chore) -> bool {
        self.not_before.contains_key(&chore)
    }

    fn stamp(&mut self) {
        let usual = self.config.request_timeout;
        let join = usual.max(self.config.max_poll_interval + JOIN_LAPSE);
        self.in_flight.stamp(self.now, |asked| if *asked == Asked::Join { join } else { usual });
    }

    fn request(&mut self, asked: Asked, request: Request) {
        let correlation = self.next_correlation;
        self.next_correlation = correlation.wrapping_add(1);
        self.in_flight.put(correlation, asked);
        self.requests.push((correlation, request));
    }
}

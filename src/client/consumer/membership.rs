//! How a consumer becomes and stays a member of its group.
//!
//! With an eager assignor it gives up all partitions before it joins again. With a cooperative one it goes on reading, gives
//! up what the new assignment does not name, and then joins once more so that this can be given to others.

use super::{Asked, AssignmentChange, Chore, Consumer, ConsumerError, NO_GENERATION, Place};
use crate::broker::{
    Generation, GroupError, HeartbeatRequest, JoinRequest, Joined, LeaveRequest, Leaving, MemberId, Protocol, Request,
    Subscription, SyncRequest,
};
use crate::client::Assignor;
use crate::log::TopicPartition;
use crate::time::Instant;
use std::sync::Arc;

/// How far it is with joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is no member, and waits for a poll or for the time to try again.
    Outside,
    /// It has asked to join.
    Joining,
    /// It has joined and asked for its assignment.
    Syncing,
    /// It has an assignment.
    Stable,
    /// It waits for its last commit before it leaves.
    Closing,
    /// It has left for good.
    Stopped,
}

/// Whether it has to join (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rejoin {
    No,
    /// When its owner is done with what it has in hand.
    AtPoll,
    /// Now, or when a commit is answered or a while is over.
    Begun,
}

impl Consumer {
    /// Says good-bye: commits first, if it does so by itself. A static member does not leave its group: it may come back
    /// within `session.timeout.ms`. Carry its requests until [`Consumer::is_closed`]; records in hand count as worked on.
    pub fn close(&mut self, now: Instant) {
        self.now = now;
        if !matches!(self.phase, Phase::Closing | Phase::Stopped) {
            self.poll_due = None;
            self.rejoin = Rejoin::No;
            self.not_before.clear();
            self.auto_commit();
            self.phase = Phase::Closing;
            self.in_flight.retain(|asked| matches!(asked, Asked::Commit(_)));
        }
        self.proceed();
        self.stamp();
    }

    /// Whether it has nothing more to say; what it said last may still be among its requests.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Stopped
    }

    /// Leaves once no commit is on its way any more.
    pub(super) fn finish_closing(&mut self) {
        if !self.in_flight.any(|asked| matches!(asked, Asked::Commit(_))) {
            self.say_good_bye();
            self.give_up(AssignmentChange::Revoked);
            self.stop();
        }
    }

    /// The owner works longer on records than it may: it leaves, and joins as a new member at the next poll.
    pub(super) fn leave_for_now(&mut self) {
        self.poll_due = None;
        if !matches!(self.phase, Phase::Closing | Phase::Stopped) {
            self.say_good_bye();
            self.forgotten();
        }
    }

    fn say_good_bye(&mut self) {
        if let (Some(member), None) = (self.member, &self.config.group_instance_id) {
            let members = vec![Leaving { member: Some(member), instance: None }];
            self.request(Asked::Leave, Request::LeaveGroup(LeaveRequest { group: self.config.group, members }));
        }
    }

    /// No member any more, in the eyes of its group.
    fn forgotten(&mut self) {
        self.member = None;
        self.fallen_behind();
    }

    /// Not of the present generation any more. What it reads is lost, as it will see at the next poll.
    fn fallen_behind(&mut self) {
        self.generation = NO_GENERATION;
        self.phase = Phase::Outside;
        self.heartbeat_due = None;
        self.next_assignment = None;
        self.in_flight.retain(|asked| !matches!(asked, Asked::Join | Asked::Metadata | Asked::Sync | Asked::Heartbeat));
        self.rejoin = Rejoin::AtPoll;
    }

    /// Nothing that it could do helps.
    fn stop(&mut self) {
        self.phase = Phase::Stopped;
        self.rejoin = Rejoin::No;
        self.generation = NO_GENERATION;
        self.heartbeat_due = None;
        self.poll_due = None;
        self.next_assignment = None;
        self.not_before.clear();
        self.in_flight.retain(|_| false);
        self.repeat_commit();
    }

    /// Prepares to join again: commits what its owner is done with, if it does so by itself.
    pub(super) fn begin_rejoin(&mut self) {
        if self.phase == Phase::Stable {
            self.auto_commit();
        }
        self.rejoin = Rejoin::Begun;
    }

    /// Joins again when the answer that is missing would have brought it on.
    pub(super) fn join_again_later(&mut self) {
        self.phase = Phase::Outside;
        self.put_off(Chore::Join);
        self.join_again();
    }

    /// Joins again as soon as nothing is half done.
    fn join_again(&mut self) {
        let is_lost = self.generation == NO_GENERATION && !self.assignment.is_empty();
        self.rejoin = if is_lost && self.is_busy() { Rejoin::AtPoll } else { Rejoin::Begun };
    }

    /// Asks to join, unless it has to wait. Until the answer is there it sends no heartbeat, for its session waits too.
    pub(super) fn join_if_begun(&mut self) {
        if self.rejoin != Rejoin::Begun || self.must_wait(Chore::Join) {
            return;
        }
        if self.generation == NO_GENERATION {
            self.give_up(AssignmentChange::Lost);
        } else if self.is_committing() || self.in_flight.any(|asked| matches!(asked, Asked::Commit(_))) {
            return; // whoever is given its partitions is to begin where it ends
        } else if !self.config.assignor.is_cooperative() {
            self.give_up(AssignmentChange::Revoked);
        }
        self.rejoin = Rejoin::No;
        self.phase = Phase::Joining;
        self.heartbeat_due = None;
        self.in_flight.retain(|asked| !matches!(asked, Asked::Join | Asked::Metadata | Asked::Sync | Asked::Heartbeat));
        let request = JoinRequest {
            group: self.config.group,
            member: self.member,
            instance: self.config.group_instance_id.clone(),
            protocols: Arc::new([self.protocol()]),
            session_timeout: self.config.session_timeout,
            rebalance_timeout: self.config.max_poll_interval,
        };
        self.request(Asked::Join, Request::JoinGroup(request));
    }

    /// The one assignor that it supports, and what that wants to know.
    fn protocol(&self) -> Protocol {
        let (last, generation) = self.last_assignment.clone();
        let (owned, generation) = match self.config.assignor {
            Assignor::Range | Assignor::RoundRobin => (Arc::default(), NO_GENERATION),
            Assignor::Sticky => (last, generation),
            Assignor::CooperativeSticky if self.assignment.is_empty() => (Arc::default(), NO_GENERATION),
            Assignor::CooperativeSticky => (self.assignment.clone(), generation),
        };
        let topics = self.config.topics.iter().map(|(topic, _)| *topic).collect();
        Protocol { name: self.config.assignor.name().into(), subscription: Subscription { topics, owned, generation } }
    }

    pub(super) fn joined(&mut self, answer: Result<Joined, GroupError>) {
        match answer {
            Err(error) => self.refused(error),
            Ok(joined) => {
                self.phase = Phase::Syncing;
                self.member = Some(joined.member);
                self.generation = joined.generation;
                self.heartbeat_due = Some(self.now + self.config.heartbeat_interval);
                if joined.leader == joined.member && !joined.skip_assignment {
                    self.lead(joined.members);
                } else {
                    self.sync(Vec::new());
                }
            }
        }
    }

    pub(super) fn sync(&mut self, assignments: Vec<(MemberId, Arc<[TopicPartition]>)>) {
        if let Some(membership) = self.membership() {
            self.request(Asked::Sync, Request::SyncGroup(SyncRequest { membership, assignments }));
        }
    }

    pub(super) fn synced(&mut self, answer: Result<Arc<[TopicPartition]>, GroupError>) {
        match answer {
            Err(error) => self.refused(error),
            Ok(assignment) => {
                self.phase = Phase::Stable;
                if self.is_busy() {
                    self.next_assignment = Some(assignment);
                } else {
                    self.take_over(assignment);
                }
            }
        }
    }

    /// Begins to read what is new; gives up what is not there any more, and if there was any, joins again at once.
    pub(super) fn take_over(&mut self, assignment: Arc<[TopicPartition]>) {
        let only_in = |one: &[TopicPartition], other: &[TopicPartition]| -> Arc<[TopicPartition]> {
            one.iter().filter(|partition| !other.contains(partition)).copied().collect()
        };
        let (new, gone) = (only_in(&assignment, &self.assignment), only_in(&self.assignment, &assignment));
        if !gone.is_empty() {
            self.begin_rejoin();
            self.places.retain(|partition, _| !gone.contains(partition));
            self.buffer.retain(|partition| !gone.contains(&partition));
            self.error = self.error.filter(|error| error.partition().is_none_or(|it| !gone.contains(&it)));
            self.changes.push(AssignmentChange::Revoked(gone));
        }
        self.places.extend(new.iter().map(|partition| (*partition, Place::default())));
        // Others may have committed since it asked for partitions that it had before.
        self.in_flight.retain(|asked| !matches!(asked, Asked::Committed(_)));
        if !new.is_empty() {
            self.changes.push(AssignmentChange::Assigned(new));
        }
        self.last_assignment = (assignment.clone(), self.generation);
        self.assignment = assignment;
    }

    /// Gives up all that it reads.
    fn give_up(&mut self, change: fn(Arc<[TopicPartition]>) -> AssignmentChange) {
        let assignment = std::mem::take(&mut self.assignment);
        if !assignment.is_empty() {
            self.changes.push(change(assignment));
        }
        self.places.clear();
        self.buffer.retain(|_| false);
        self.error = self.error.filter(|error| error.partition().is_none());
        self.in_flight.retain(|asked| !matches!(asked, Asked::Committed(_) | Asked::Listed(_) | Asked::Fetch(_)));
    }

    /// Its request to join or to sync was refused.
    fn refused(&mut self, error: GroupError) {
        self.phase = Phase::Outside;
        if is_away(error) {
            self.put_off(Chore::Join);
        }
        self.take_to_heart(error);
        if self.phase != Phase::Stopped {
            self.join_again();
        }
    }

    /// What an error of its group means for its membership.
    pub(super) fn take_to_heart(&mut self, error: GroupError) {
        match error {
            GroupError::RebalanceInProgress if self.rejoin == Rejoin::No => self.rejoin = Rejoin::AtPoll,
            GroupError::UnknownMemberId => self.forgotten(),
            GroupError::IllegalGeneration => self.fallen_behind(),
            // Whoever asked asks again.
            GroupError::RebalanceInProgress
            | GroupError::NotCoordinator
            | GroupError::CoordinatorNotAvailable
            | GroupError::UnstableOffsetCommit => {}
            GroupError::InconsistentGroupProtocol
            | GroupError::InvalidSessionTimeout
            | GroupError::InvalidGroupId
            | GroupError::FencedInstanceId
            | GroupError::NonEmptyGroup
            | GroupError::GroupIdNotFound => {
                self.give_up(AssignmentChange::Lost);
                self.stop();
                self.error = Some(ConsumerError::Group(error));
            }
        }
    }

    pub(super) fn heartbeat_if_due(&mut self) {
        let is_due = self.heartbeat_due.is_some_and(|due| due <= self.now);
        if let (true, Some(membership)) = (is_due, self.membership()) {
            self.heartbeat_due = Some(self.now + self.config.heartbeat_interval);
            self.request(Asked::Heartbeat, Request::Heartbeat(HeartbeatRequest { membership }));
        }
    }

    /// While it waits for its assignment, the answer to that request says whether it has to join again.
    pub(super) fn heartbeat_answered(&mut self, answer: Result<(), GroupError>) {
        match answer {
            Ok(()) => {}
            Err(GroupError::RebalanceInProgress) if self.phase != Phase::Stable => {}
            Err(error) => self.take_to_heart(error),
        }
    }

    /// Whether `generation` is the one that it is settled in.
    pub(super) fn is_settled_in(&self, generation: Generation) -> bool {
        self.phase == Phase::Stable && self.generation == generation
    }
}

/// Whether nothing is wrong but that the coordinator cannot answer now.
pub(super) const fn is_away(error: GroupError) -> bool {
    matches!(error, GroupError::CoordinatorNotAvailable | GroupError::NotCoordinator)
}

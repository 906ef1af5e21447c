//! A member of a consumer group, as the coordinator sees it.

use crate::broker::{GroupError, JoinRequest, Joined, Out, Protocol, Response, Ticket};
use crate::log::TopicPartition;
use crate::time::{Instant, Span};
use std::sync::Arc;

/// How long a new member may wait for the answer to its first join. It has no id yet and so cannot show that it is alive.
const NEW_MEMBER_JOIN_TIMEOUT: Span = Span::from_ms(300_000);

/// Why a group no longer has a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaveReason {
    /// It said so, or somebody said so for it.
    Left,
    /// Nothing was heard of it for its session timeout.
    SessionTimedOut,
    /// It did not join again before the rebalance ended.
    RebalanceTimedOut,
    /// It joined, and then did not ask for its assignment within the rebalance timeout.
    SyncTimedOut,
    /// The coordinator failed before it had told it that it is a member.
    CoordinatorFailed,
}

/// One member: what it wants to read, what it was given, and which of its requests still wait for an answer.
#[derive(Clone, Debug)]
pub struct Member {
    instance: Option<Arc<str>>,
    protocols: Arc<[Protocol]>,
    assignment: Arc<[TopicPartition]>,
    rebalance_timeout: Span,
    session_timeout: Span,
    session_ends: Instant,
    /// Whether its first join has not been answered yet.
    is_new: bool,
    /// Whether it has joined the present generation, but never asked for its assignment.
    owes_sync: bool,
    awaiting_join: Option<Ticket>,
    awaiting_sync: Option<Ticket>,
}

impl Member {
    /// A member whose first join, which is `ticket`, waits for its answer.
    pub(super) fn new(now: Instant, ticket: Ticket, request: &JoinRequest) -> Self {
        Self {
            instance: request.instance.clone(),
            protocols: request.protocols.clone(),
            assignment: Arc::default(),
            rebalance_timeout: request.rebalance_timeout,
            session_timeout: request.session_timeout,
            session_ends: now + NEW_MEMBER_JOIN_TIMEOUT,
            is_new: true,
            owes_sync: false,
            awaiting_join: Some(ticket),
            awaiting_sync: None,
        }
    }

    /// `group.instance.id`, if it is a static member.
    pub fn instance(&self) -> Option<&Arc<str>> {
        self.instance.as_ref()
    }

    /// The assignors that it supports, in order of preference.
    pub fn protocols(&self) -> &Arc<[Protocol]> {
        &self.protocols
    }

    /// The partitions it was given in the present generation.
    pub fn assignment(&self) -> &Arc<[TopicPartition]> {
        &self.assignment
    }

    /// Whether it has joined (again), and waits for the rebalance to end.
    pub fn has_joined(&self) -> bool {
        self.awaiting_join.is_some()
    }

    pub(super) fn rebalance_timeout(&self) -> Span {
        self.rebalance_timeout
    }

    pub(super) fn is_new(&self) -> bool {
        self.is_new
    }

    pub(super) fn owes_sync(&self) -> bool {
        self.owes_sync
    }

    pub(super) fn supports(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|offered| *offered.name == *protocol)
    }

    pub(super) fn joins(&mut self, ticket: Ticket, request: &JoinRequest) {
        self.protocols = request.protocols.clone();
        self.rebalance_timeout = request.rebalance_timeout;
        self.session_timeout = request.session_timeout;
        self.awaiting_join = Some(ticket);
    }

    pub(super) fn waits_for_sync(&mut self, ticket: Ticket) {
        self.awaiting_sync = Some(ticket);
        self.owes_sync = false;
    }

    pub(super) fn is_given(&mut self, assignment: Arc<[TopicPartition]>) {
        self.assignment = assignment;
    }

    pub(super) fn is_alive(&mut self, now: Instant) {
        self.session_ends = now + self.session_timeout;
    }

    /// When its session ends. One that waits for the coordinator's answer cannot miss a heartbeat.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let waits = self.awaiting_join.is_some() || self.awaiting_sync.is_some();
        (self.is_new || !waits).then_some(self.session_ends)
    }

    /// It belongs to the generation that begins, whether it waits for the answer or, being static, was absent.
    pub(super) fn begins_generation(&mut self, now: Instant) {
        self.is_new = false;
        self.owes_sync = true;
        self.is_alive(now);
    }

    /// Another client takes its place: what the old one waits for is refused.
    pub(super) fn is_taken_over(&mut self, now: Instant, out: &mut Out) {
        self.answer_join(now, Err(GroupError::FencedInstanceId), out);
        self.answer_sync(now, Err(GroupError::FencedInstanceId), out);
        self.is_new = false;
    }

    /// Answers its request to join, if it has one open; its session begins anew with the answer.
    pub(super) fn answer_join(&mut self, now: Instant, answer: Result<Joined, GroupError>, out: &mut Out) {
        if let Some(ticket) = self.awaiting_join.take() {
            self.is_alive(now);
            out.reply(ticket, Response::JoinGroup(answer));
        }
    }

    /// Answers its request to sync, if it has one open; its session begins anew with the answer.
    pub(super) fn answer_sync(&mut self, now: Instant, answer: Result<(), GroupError>, out: &mut Out) {
        if let Some(ticket) = self.awaiting_sync.take() {
            self.is_alive(now);
            out.reply(ticket, Response::SyncGroup(answer.map(|()| self.assignment.clone())));
        }
    }
}

//! A member of a consumer group, as the coordinator sees it.

use super::{GroupError, JoinRequest, Joined, Out, Protocol, Response, Ticket};
use crate::log::TopicPartition;
use crate::time::{Instant, Span};
use std::sync::Arc;

/// Why a group no longer has a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaveReason {
    /// It said so.
    Left,
    /// Nothing was heard of it for its session timeout.
    SessionTimedOut,
    /// It did not join again before the rebalance ended.
    RebalanceTimedOut,
}

/// One member: what it wants to read, what it was given, and which of its requests still wait for an answer.
#[derive(Clone, Debug)]
pub struct Member {
    pub(super) instance: Option<Arc<str>>,
    pub(super) protocols: Arc<[Protocol]>,
    pub(super) assignment: Arc<[TopicPartition]>,
    pub(super) rebalance_timeout: Span,
    session_timeout: Span,
    session_ends: Instant,
    awaiting_join: Option<Ticket>,
    awaiting_sync: Option<Ticket>,
}

impl Member {
    pub(super) fn new(now: Instant, request: &JoinRequest) -> Self {
        Self {
            instance: request.instance.clone(),
            protocols: request.protocols.clone(),
            assignment: Arc::default(),
            rebalance_timeout: request.rebalance_timeout,
            session_timeout: request.session_timeout,
            session_ends: now + request.session_timeout,
            awaiting_join: None,
            awaiting_sync: None,
        }
    }

    /// The partitions it was given in the present generation.
    pub fn assignment(&self) -> &[TopicPartition] {
        &self.assignment
    }

    pub(super) fn joins(&mut self, ticket: Ticket, request: &JoinRequest) {
        self.protocols = request.protocols.clone();
        self.rebalance_timeout = request.rebalance_timeout;
        self.session_timeout = request.session_timeout;
        self.awaiting_join = Some(ticket);
    }

    pub(super) fn has_joined(&self) -> bool {
        self.awaiting_join.is_some()
    }

    pub(super) fn waits_for_sync(&mut self, ticket: Ticket) {
        self.awaiting_sync = Some(ticket);
    }

    pub(super) fn is_alive(&mut self, now: Instant) {
        self.session_ends = now + self.session_timeout;
    }

    /// When its session ends. One that waits for the coordinator's answer cannot miss a heartbeat.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let waits = self.awaiting_join.is_some() || self.awaiting_sync.is_some();
        (!waits).then_some(self.session_ends)
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

//! Learning one's assignment, and showing that one is alive.

use super::{Group, GroupState, LeaveReason, Member, RebalanceReason};
use crate::broker::{Fact, GroupError, GroupFact, MemberId, Membership, Out, Response, SyncRequest, Ticket};
use crate::log::TopicPartition;
use crate::time::Instant;
use std::sync::Arc;

impl Group {
    /// Takes the leader's assignment, and answers a member with its part of it as soon as there is one.
    pub(in crate::broker) fn sync(&mut self, now: Instant, ticket: Ticket, request: SyncRequest, out: &mut Out) {
        if let Err(error) = self.check(&request.membership).and_then(|()| self.check_sync()) {
            return out.reply(ticket, Response::SyncGroup(Err(error)));
        }
        let id = request.membership.member;
        if let Some(member) = self.members.get_mut(&id) {
            member.waits_for_sync(ticket);
        }
        if !self.members.values().any(Member::owes_sync) {
            self.sync_ends = None;
        }
        if self.state == GroupState::CompletingRebalance && self.leader == Some(id) {
            self.assign(now, request.assignments, out);
        }
        if self.state == GroupState::Stable {
            self.answer_syncs(now, Ok(()), out);
        }
    }

    /// Notes a sign of life, and tells the member whether it has to join again.
    pub(in crate::broker) fn heartbeat(
        &mut self,
        now: Instant,
        ticket: Ticket,
        membership: &Membership,
        out: &mut Out,
    ) {
        let answer = self.check(membership).and_then(|()| {
            self.is_alive(now, membership.member);
            match self.state {
                GroupState::PreparingRebalance => Err(GroupError::RebalanceInProgress),
                GroupState::CompletingRebalance | GroupState::Stable => Ok(()),
                GroupState::Empty | GroupState::Dead => Err(GroupError::UnknownMemberId),
            }
        });
        out.reply(ticket, Response::Heartbeat(answer));
    }

    /// Gives up the members that joined this generation and then never asked for their assignment.
    pub(super) fn sync_is_due(&mut self, now: Instant, out: &mut Out) {
        self.sync_ends = None;
        let late: Vec<MemberId> =
            self.members.iter().filter(|(_, member)| member.owes_sync()).map(|(id, _)| *id).collect();
        for member in &late {
            self.remove(now, *member, LeaveReason::SyncTimedOut, out);
        }
        if !late.is_empty() {
            self.rebalance(now, RebalanceReason::MemberLeft, out);
        }
    }

    pub(super) fn is_alive(&mut self, now: Instant, member: MemberId) {
        if let Some(member) = self.members.get_mut(&member) {
            member.is_alive(now);
        }
    }

    pub(super) fn answer_syncs(&mut self, now: Instant, answer: Result<(), GroupError>, out: &mut Out) {
        for member in self.members.values_mut() {
            member.answer_sync(now, answer, out);
        }
    }

    fn check_sync(&self) -> Result<(), GroupError> {
        match self.state {
            GroupState::PreparingRebalance => Err(GroupError::RebalanceInProgress),
            GroupState::CompletingRebalance | GroupState::Stable => Ok(()),
            GroupState::Empty | GroupState::Dead => Err(GroupError::UnknownMemberId),
        }
    }

    /// Keeps the leader's assignment; the group is stable from here on. A member that it does not name gets nothing.
    fn assign(&mut self, now: Instant, assignments: Vec<(MemberId, Arc<[TopicPartition]>)>, out: &mut Out) {
        self.take_back_assignments();
        for (id, assignment) in assignments {
            if let Some(member) = self.members.get_mut(&id) {
                member.is_given(assignment);
            }
        }
        self.enter(now, GroupState::Stable, out);
        let (group, generation) = (self.id, self.generation);
        out.facts.extend(self.members.iter().map(|(member, it)| {
            Fact::Group(GroupFact::Assigned { group, generation, member: *member, partitions: it.assignment().clone() })
        }));
    }
}

//! A consumer group under the classic protocol: who is a member, and in which state the group is.
//!
//! Settling the membership anew is in `rebalance.rs`, committed offsets are in `offsets.rs`.

use super::rebalance::Rebalance;
use super::{
    Fact, Generation, GroupError, GroupId, JoinRequest, LeaveReason, LeaveRequest, Leaving, Member, MemberId,
    Membership, Out, Response, SyncRequest, Ticket,
};
use crate::log::{Offset, TopicPartition};
use crate::time::{Instant, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A group's state. The names are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupState {
    /// No members; committed offsets remain.
    Empty,
    /// Members are asked to join again.
    PreparingRebalance,
    /// Everyone has joined; the leader's assignment is awaited.
    CompletingRebalance,
    /// Every member has its assignment.
    Stable,
}

/// Why a group settles its membership anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RebalanceReason {
    /// A member came.
    MemberJoined,
    /// A member left, or was taken for dead.
    MemberLeft,
    /// A member joined again, with other wishes or as the leader.
    MemberRejoined,
}

/// A consumer group.
#[derive(Clone, Debug)]
pub struct Group {
    id: GroupId,
    name: Arc<str>,
    pub(super) state: GroupState,
    pub(super) generation: Generation,
    pub(super) leader: Option<MemberId>,
    pub(super) members: BTreeMap<MemberId, Member>,
    pub(super) offsets: BTreeMap<TopicPartition, Offset>,
    pub(super) rebalance: Option<Rebalance>,
    pub(super) initial_rebalance_delay: Span,
    next_member: u32,
}

impl Group {
    pub(super) fn new(id: GroupId, name: &str, initial_rebalance_delay: Span) -> Self {
        Self {
            id,
            name: name.into(),
            state: GroupState::Empty,
            generation: Generation(0),
            leader: None,
            members: BTreeMap::new(),
            offsets: BTreeMap::new(),
            rebalance: None,
            initial_rebalance_delay,
            next_member: 1,
        }
    }

    /// The group's number.
    pub fn id(&self) -> GroupId {
        self.id
    }

    /// The group's name (`group.id`).
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The state it is in.
    pub fn state(&self) -> GroupState {
        self.state
    }

    /// How often its membership has been settled.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Its members in the order in which they came.
    pub fn members(&self) -> &BTreeMap<MemberId, Member> {
        &self.members
    }

    /// Whether a rebalance waits for members that have not joined again.
    pub fn counts_on_absent(&self) -> bool {
        self.state == GroupState::PreparingRebalance && !self.members.values().all(Member::has_joined)
    }

    /// Takes in a member, or takes it back. The answer comes when the generation begins.
    pub(super) fn join(&mut self, now: Instant, ticket: Ticket, request: &JoinRequest, out: &mut Out) {
        match request.member {
            None => self.join_new(now, ticket, request, out),
            Some(member) if self.members.contains_key(&member) => self.rejoin(now, ticket, member, request, out),
            Some(_) => out.reply(ticket, Response::JoinGroup(Err(GroupError::UnknownMemberId))),
        }
    }

    /// Takes the leader's assignment, and answers a member with its part of it as soon as there is one.
    pub(super) fn sync(&mut self, now: Instant, ticket: Ticket, request: SyncRequest, out: &mut Out) {
        let member = request.membership.member;
        let answer = self.check(&request.membership).and(match self.state {
            GroupState::PreparingRebalance => Err(GroupError::RebalanceInProgress),
            GroupState::Empty | GroupState::CompletingRebalance | GroupState::Stable => Ok(()),
        });
        if let Err(error) = answer {
            return out.reply(ticket, Response::SyncGroup(Err(error)));
        }
        if let Some(member) = self.members.get_mut(&member) {
            member.is_alive(now);
            member.waits_for_sync(ticket);
        }
        if self.state == GroupState::CompletingRebalance && self.leader == Some(member) {
            self.assign(request.assignments, out);
        }
        if self.state == GroupState::Stable {
            self.answer_syncs(now, Ok(()), out);
        }
    }

    /// Notes a sign of life, and tells the member whether it has to join again.
    pub(super) fn heartbeat(&mut self, now: Instant, ticket: Ticket, membership: &Membership, out: &mut Out) {
        let answer = self.check(membership).and_then(|()| {
            if let Some(member) = self.members.get_mut(&membership.member) {
                member.is_alive(now);
            }
            match self.state {
                GroupState::PreparingRebalance => Err(GroupError::RebalanceInProgress),
                GroupState::Empty | GroupState::CompletingRebalance | GroupState::Stable => Ok(()),
            }
        });
        out.reply(ticket, Response::Heartbeat(answer));
    }

    /// Lets members go that say good-bye.
    pub(super) fn leave(&mut self, now: Instant, ticket: Ticket, request: &LeaveRequest, out: &mut Out) {
        let known = |leaving: &Leaving| leaving.member.filter(|member| self.members.contains_key(member));
        let members: Vec<Option<MemberId>> = request.members.iter().map(known).collect();
        let answer = members.iter().map(|member| member.map(|_| ()).ok_or(GroupError::UnknownMemberId)).collect();
        out.reply(ticket, Response::LeaveGroup(Ok(answer)));
        for member in members.into_iter().flatten() {
            self.remove(now, member, LeaveReason::Left, out);
            self.membership_changed(now, out);
        }
    }

    /// When [`Group::tick`] has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let rebalance = self.rebalance.as_ref().map(Rebalance::ends);
        self.members.values().filter_map(Member::deadline).chain(rebalance).min()
    }

    /// Expires the sessions that are due, and ends a rebalance that has waited long enough.
    pub(super) fn tick(&mut self, now: Instant, out: &mut Out) {
        let is_due = |member: &Member| member.deadline().is_some_and(|deadline| deadline <= now);
        let expired: Vec<MemberId> =
            self.members.iter().filter(|(_, member)| is_due(member)).map(|(id, _)| *id).collect();
        for member in &expired {
            self.remove(now, *member, LeaveReason::SessionTimedOut, out);
        }
        if !expired.is_empty() {
            self.membership_changed(now, out);
        }
        if self.rebalance.as_ref().is_some_and(|rebalance| rebalance.ends() <= now) {
            self.rebalance_is_due(now, out);
        }
    }

    /// Whether the sender is a member of the present generation.
    pub(super) fn check(&self, membership: &Membership) -> Result<(), GroupError> {
        if !self.members.contains_key(&membership.member) {
            return Err(GroupError::UnknownMemberId);
        }
        if self.generation != membership.generation {
            return Err(GroupError::IllegalGeneration);
        }
        Ok(())
    }

    pub(super) fn changed(&self, out: &mut Out) {
        out.facts.push(Fact::GroupChanged {
            group: self.id,
            state: self.state,
            generation: self.generation,
            members: self.members.len() as u32,
        });
    }

    pub(super) fn remove(&mut self, now: Instant, id: MemberId, reason: LeaveReason, out: &mut Out) {
        if let Some(mut member) = self.members.remove(&id) {
            member.answer_join(now, Err(GroupError::UnknownMemberId), out);
            member.answer_sync(now, Err(GroupError::UnknownMemberId), out);
            out.facts.push(Fact::MemberLeft { group: self.id, member: id, reason });
        }
        if self.leader == Some(id) {
            self.leader = None;
        }
    }

    fn join_new(&mut self, now: Instant, ticket: Ticket, request: &JoinRequest, out: &mut Out) {
        let id = MemberId(self.next_member);
        self.next_member += 1;
        let mut member = Member::new(now, request);
        member.joins(ticket, request);
        self.members.insert(id, member);
        self.leader.get_or_insert(id);
        out.facts.push(Fact::MemberJoined { group: self.id, member: id });
        self.member_added(now, out);
    }

    fn rejoin(&mut self, now: Instant, ticket: Ticket, id: MemberId, request: &JoinRequest, out: &mut Out) {
        let is_leader = self.leader == Some(id);
        let Some(member) = self.members.get_mut(&id) else { return };
        let is_same = member.protocols == request.protocols;
        member.joins(ticket, request);
        match self.state {
            GroupState::CompletingRebalance if is_same => self.answer_join_of(now, id, out),
            GroupState::Stable if is_same && !is_leader => self.answer_join_of(now, id, out),
            GroupState::Empty
            | GroupState::PreparingRebalance
            | GroupState::CompletingRebalance
            | GroupState::Stable => self.member_rejoined(now, out),
        }
    }
}

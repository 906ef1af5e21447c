//! Becoming a member, and being one again: who is taken in, and who makes the others join again.

use super::{Group, GroupState, Member, RebalanceReason};
use crate::broker::{Fact, GroupError, GroupFact, JoinRequest, MemberId, Out, Protocol, Response, Ticket};
use crate::time::Instant;

impl Group {
    /// Takes in a member, or takes it back. The answer comes when the generation begins.
    pub(in crate::broker) fn join(&mut self, now: Instant, ticket: Ticket, request: &JoinRequest, out: &mut Out) {
        if let Err(error) = self.try_join(now, ticket, request, out) {
            out.reply(ticket, Response::JoinGroup(Err(error)));
        }
    }

    fn try_join(
        &mut self,
        now: Instant,
        ticket: Ticket,
        request: &JoinRequest,
        out: &mut Out,
    ) -> Result<(), GroupError> {
        self.check_bounds(request)?;
        if request.member.is_none() {
            self.create(now);
        }
        self.check_protocols(request)?;
        if let Some(member) = request.member {
            self.check_member(member, request.instance.as_deref())?;
            return self.rejoin(now, ticket, member, request, out);
        }
        match request.instance.as_deref().and_then(|instance| self.static_member(instance)) {
            Some(old) => self.replace(now, ticket, old, request, out),
            None => self.add(now, ticket, request, out),
        }
        Ok(())
    }

    fn check_bounds(&self, request: &JoinRequest) -> Result<(), GroupError> {
        let bounds = self.config.session_timeout_min..=self.config.session_timeout_max;
        if self.name.is_empty() {
            Err(GroupError::InvalidGroupId)
        } else if !bounds.contains(&request.session_timeout) {
            Err(GroupError::InvalidSessionTimeout)
        } else {
            Ok(())
        }
    }

    fn check_protocols(&self, request: &JoinRequest) -> Result<(), GroupError> {
        if !self.exists {
            Err(GroupError::UnknownMemberId)
        } else if self.is_handed_over() {
            Err(GroupError::CoordinatorNotAvailable)
        } else if !self.supports(&request.protocols) {
            Err(GroupError::InconsistentGroupProtocol)
        } else {
            Ok(())
        }
    }

    /// Whether all members support one of `protocols`. A member that joins again counts with what it offered before.
    fn supports(&self, protocols: &[Protocol]) -> bool {
        let is_common = |protocol: &Protocol| self.members.values().all(|member| member.supports(&protocol.name));
        protocols.iter().any(is_common)
    }

    fn add(&mut self, now: Instant, ticket: Ticket, request: &JoinRequest, out: &mut Out) {
        let id = self.next_member_id();
        self.members.insert(id, Member::new(now, ticket, request));
        self.had_members = true;
        self.leader.get_or_insert(id);
        out.facts.push(Fact::Group(GroupFact::MemberJoined {
            group: self.id,
            member: id,
            instance: request.instance.clone(),
        }));
        self.somebody_came();
        self.rebalance(now, RebalanceReason::MemberJoined, out);
    }

    /// A static member comes back under a new id and has its old place. While the group is stable nobody else notices, unless
    /// what it supports now makes the group choose another protocol.
    fn replace(&mut self, now: Instant, ticket: Ticket, old: MemberId, request: &JoinRequest, out: &mut Out) {
        let Some(mut member) = self.members.remove(&old) else { return };
        let new = self.next_member_id();
        member.is_taken_over(now, out);
        member.joins(ticket, request);
        self.members.insert(new, member);
        if self.leader == Some(old) {
            self.leader = Some(new);
        }
        out.facts.push(Fact::Group(GroupFact::MemberReplaced { group: self.id, old, new }));
        if self.state == GroupState::Stable && self.select_protocol() == self.protocol {
            self.answer_join_of(now, new, self.leader == Some(new), out);
        } else {
            self.rebalance(now, RebalanceReason::StaticMemberReplaced, out);
        }
    }

    fn rejoin(
        &mut self,
        now: Instant,
        ticket: Ticket,
        id: MemberId,
        request: &JoinRequest,
        out: &mut Out,
    ) -> Result<(), GroupError> {
        let is_leader = self.leader == Some(id);
        let Some(member) = self.members.get_mut(&id) else { return Err(GroupError::UnknownMemberId) };
        let is_same = member.protocols() == &request.protocols;
        match self.state {
            // Nothing has changed: it only missed the answer.
            GroupState::CompletingRebalance if is_same => self.repeat_join(ticket, id, out),
            GroupState::Stable if is_same && !is_leader => self.repeat_join(ticket, id, out),
            GroupState::PreparingRebalance | GroupState::CompletingRebalance | GroupState::Stable => {
                member.joins(ticket, request);
                out.facts.push(Fact::Group(GroupFact::MemberRejoined { group: self.id, member: id }));
                self.rebalance(now, RebalanceReason::MemberRejoined, out);
            }
            GroupState::Empty | GroupState::Dead => return Err(GroupError::UnknownMemberId),
        }
        Ok(())
    }

    fn repeat_join(&self, ticket: Ticket, id: MemberId, out: &mut Out) {
        out.reply(ticket, Response::JoinGroup(Ok(self.joined(id, false))));
    }

    fn next_member_id(&mut self) -> MemberId {
        let id = MemberId(self.next_member);
        self.next_member += 1;
        id
    }
}

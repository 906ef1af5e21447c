//! Ceasing to be a member, and the end of a group itself.

use super::{Group, GroupState, LeaveReason, Member, RebalanceReason};
use crate::broker::{Fact, Generation, GroupError, GroupFact, LeaveRequest, Leaving, MemberId, Out, Response, Ticket};
use crate::time::Instant;

impl Group {
    /// Lets members go that say good-bye, or for whom somebody else says it.
    pub(in crate::broker) fn leave(&mut self, now: Instant, ticket: Ticket, request: &LeaveRequest, out: &mut Out) {
        if self.is_handed_over() {
            return out.reply(ticket, Response::LeaveGroup(Err(GroupError::CoordinatorNotAvailable)));
        }
        let answers: Vec<Result<(), GroupError>> =
            request.members.iter().map(|leaving| self.let_go(now, leaving, out)).collect();
        let somebody_left = answers.iter().any(Result::is_ok);
        out.reply(ticket, Response::LeaveGroup(Ok(answers)));
        if somebody_left {
            self.rebalance(now, RebalanceReason::MemberLeft, out);
        }
    }

    /// Takes out the static members, which keep their place when they stop (`removeMembersFromConsumerGroup`). Returns whether there
    /// were any.
    pub(in crate::broker) fn remove_static_members(&mut self, now: Instant, out: &mut Out) -> bool {
        let is_static = |(id, member): (&MemberId, &Member)| member.instance().is_some().then_some(*id);
        let all: Vec<MemberId> = self.members.iter().filter_map(is_static).collect();
        for member in &all {
            self.remove(now, *member, LeaveReason::Left, out);
        }
        if !all.is_empty() {
            self.rebalance(now, RebalanceReason::MemberLeft, out);
        }
        !all.is_empty()
    }

    /// Removes the members whose sessions have ended.
    pub(super) fn expire_sessions(&mut self, now: Instant, out: &mut Out) {
        let is_due = |member: &Member| member.deadline().is_some_and(|deadline| deadline <= now);
        let expired: Vec<MemberId> =
            self.members.iter().filter(|(_, member)| is_due(member)).map(|(id, _)| *id).collect();
        for member in &expired {
            self.remove(now, *member, LeaveReason::SessionTimedOut, out);
        }
        if !expired.is_empty() {
            self.rebalance(now, RebalanceReason::MemberLeft, out);
        }
    }

    /// Takes a member out. If it led, the one that has been here longest leads now.
    pub(super) fn remove(&mut self, now: Instant, id: MemberId, reason: LeaveReason, out: &mut Out) {
        if let Some(mut member) = self.members.remove(&id) {
            member.answer_join(now, Err(GroupError::UnknownMemberId), out);
            member.answer_sync(now, Err(GroupError::UnknownMemberId), out);
            out.facts.push(Fact::Group(GroupFact::MemberLeft { group: self.id, member: id, reason }));
        }
        if self.leader == Some(id) {
            self.leader = self.members.keys().next().copied();
        }
    }

    /// Deletes the group with all its offsets (`kafka-consumer-groups --delete`), unless it has members.
    pub(in crate::broker) fn delete(&mut self, now: Instant, out: &mut Out) -> Result<(), GroupError> {
        match self.state {
            GroupState::Empty if self.exists => {}
            GroupState::Empty | GroupState::Dead => return Err(GroupError::GroupIdNotFound),
            GroupState::PreparingRebalance | GroupState::CompletingRebalance | GroupState::Stable => {
                return Err(GroupError::NonEmptyGroup);
            }
        }
        self.die(now, out);
        Ok(())
    }

    /// Is forgotten with all that it knew. Only its members' ids are never given again.
    pub(super) fn die(&mut self, now: Instant, out: &mut Out) {
        self.enter(now, GroupState::Dead, out);
        self.exists = false;
        self.had_members = false;
        self.generation = Generation(0);
        self.offsets.forget();
    }

    /// Hands the group over to another coordinator: whoever waits here is told so, and nothing happens here any more.
    pub(in crate::broker) fn hand_over(&mut self, now: Instant, out: &mut Out) {
        for member in self.members.values_mut() {
            member.answer_join(now, Err(GroupError::NotCoordinator), out);
            member.answer_sync(now, Err(GroupError::NotCoordinator), out);
        }
        self.exists = true;
        self.rebalance = None;
        self.sync_ends = None;
        self.enter(now, GroupState::Dead, out);
    }

    fn let_go(&mut self, now: Instant, leaving: &Leaving, out: &mut Out) -> Result<(), GroupError> {
        let instance = leaving.instance.as_deref();
        let member = match leaving.member {
            Some(member) => self.check_member(member, instance).map(|()| member)?,
            None => instance.and_then(|it| self.static_member(it)).ok_or(GroupError::UnknownMemberId)?,
        };
        self.remove(now, member, LeaveReason::Left, out);
        Ok(())
    }
}

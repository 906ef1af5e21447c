//! A rebalance: everyone joins (again), the group chooses a protocol and a leader, and a generation begins.

use super::{Group, GroupState, LeaveReason, Member, RebalanceReason};
use crate::broker::{Fact, Generation, GroupError, GroupFact, Joined, JoinedMember, MemberId, Out};
use crate::time::{Instant, Span};
use std::cmp::Reverse;
use std::sync::Arc;

/// A rebalance that waits for members to join.
#[derive(Clone, Debug)]
pub(super) struct Rebalance {
    ends: Instant,
    initial: Option<InitialDelay>,
}

/// The rebalance of a group that was empty waits a little longer whenever somebody comes, up to a limit, and ends no sooner
/// because all have joined or left. (Kafka's `tryCompleteInitialRebalanceElseSchedule`. Before the coordinator of
/// Kafka 4, only the very first rebalance of a group was prolonged.)
#[derive(Clone, Copy, Debug)]
struct InitialDelay {
    latest_end: Instant,
    somebody_came: bool,
}

impl Rebalance {
    pub(super) fn ends(&self) -> Instant {
        self.ends
    }

    /// Waits as long again as it may, for what was to come has been told in vain.
    pub(super) fn wait_anew(&mut self, now: Instant, longest: Span) {
        self.ends = self.ends.max(now + longest);
    }
}

impl Group {
    /// Notes that a member was taken in, which prolongs an initial rebalance.
    pub(super) fn somebody_came(&mut self) {
        if let Some(initial) = self.rebalance.as_mut().and_then(|rebalance| rebalance.initial.as_mut()) {
            initial.somebody_came = true;
        }
    }

    /// Begins a rebalance, unless one is under way, and ends it at once if it waits for nobody.
    pub(super) fn rebalance(&mut self, now: Instant, reason: RebalanceReason, out: &mut Out) {
        self.prepare(now, reason, out);
        let is_initial = self.rebalance.as_ref().is_some_and(|rebalance| rebalance.initial.is_some());
        let waits = self.state == GroupState::PreparingRebalance && !is_initial;
        if waits && self.members.values().all(Member::has_joined) {
            self.complete(now, out);
        }
    }

    /// Ends the rebalance without those who have not joined again, unless it is an initial one that may go on.
    pub(super) fn rebalance_is_due(&mut self, now: Instant, out: &mut Out) {
        if !self.extend_initial_delay(now) {
            self.complete(now, out);
        }
    }

    /// The protocol that most members prefer among those that all support. Where two are preferred by as many, the choice of
    /// the member that has been here longest counts; Kafka leaves that open.
    pub(super) fn select_protocol(&self) -> Option<Arc<str>> {
        let is_common = |name: &Arc<str>| self.members.values().all(|member| member.supports(name));
        let vote = |member: &Member| member.protocols().iter().map(|offered| offered.name.clone()).find(is_common);
        let votes: Vec<Arc<str>> = self.members.values().filter_map(vote).collect();
        let count = |name: &Arc<str>| votes.iter().filter(|vote| *vote == name).count();
        votes.iter().min_by_key(|name| Reverse(count(name))).cloned()
    }

    /// What a member is told of the present generation.
    pub(super) fn joined(&self, member: MemberId, skip_assignment: bool) -> Joined {
        let leader = self.leader.unwrap_or(member);
        let members = if leader == member {
            self.members.iter().filter_map(|(id, member)| self.joined_member(*id, member)).collect()
        } else {
            Vec::new()
        };
        let protocol = self.protocol.clone().unwrap_or_default();
        Joined { member, generation: self.generation, protocol, leader, members, skip_assignment }
    }

    pub(super) fn answer_join_of(&mut self, now: Instant, id: MemberId, skip_assignment: bool, out: &mut Out) {
        let joined = self.joined(id, skip_assignment);
        if let Some(member) = self.members.get_mut(&id) {
            member.answer_join(now, Ok(joined), out);
        }
    }

    pub(super) fn take_back_assignments(&mut self) {
        for member in self.members.values_mut() {
            member.is_given(Arc::default());
        }
    }

    fn joined_member(&self, id: MemberId, member: &Member) -> Option<JoinedMember> {
        let subscription = self.subscription_of(member)?;
        Some(JoinedMember { member: id, instance: member.instance().cloned(), subscription })
    }

    fn prepare(&mut self, now: Instant, reason: RebalanceReason, out: &mut Out) {
        match self.state {
            GroupState::PreparingRebalance | GroupState::Dead => return,
            GroupState::CompletingRebalance => {
                self.take_back_assignments();
                self.answer_syncs(now, Err(GroupError::RebalanceInProgress), out);
            }
            GroupState::Empty | GroupState::Stable => {}
        }
        self.sync_ends = None;
        let initial = (self.state == GroupState::Empty)
            .then(|| InitialDelay { latest_end: now + self.longest_rebalance_timeout(), somebody_came: false });
        let delay = self.config.initial_rebalance_delay;
        let wait = if initial.is_some() { delay } else { self.longest_rebalance_timeout() };
        self.rebalance = Some(Rebalance { ends: now + wait, initial });
        out.facts.push(Fact::Group(GroupFact::RebalanceStarted {
            group: self.id,
            generation: self.generation,
            reason,
        }));
        self.enter(now, GroupState::PreparingRebalance, out);
    }

    /// Ends the rebalance. Static members that have not joined keep their place until their session ends; others lose it.
    fn complete(&mut self, now: Instant, out: &mut Out) {
        let is_lost = |member: &Member| !member.has_joined() && member.instance().is_none();
        let lost: Vec<MemberId> =
            self.members.iter().filter(|(_, member)| is_lost(member)).map(|(id, _)| *id).collect();
        for member in lost {
            self.remove(now, member, LeaveReason::RebalanceTimedOut, out);
        }
        if self.members.is_empty() || self.has_leader_that_joined() {
            self.begin_generation(now, out);
        } else {
            // Only absent static members are left: wait until one is back, or their sessions have ended.
            self.rebalance = Some(Rebalance { ends: now + self.longest_rebalance_timeout(), initial: None });
        }
    }

    /// Whether the leader has joined, or, if not, somebody who can lead in its place.
    fn has_leader_that_joined(&mut self) -> bool {
        let joined = |id: &MemberId| self.members.get(id).is_some_and(Member::has_joined);
        self.leader = self.leader.filter(joined).or_else(|| self.members.keys().copied().find(joined)).or(self.leader);
        self.leader.is_some_and(|leader| joined(&leader))
    }

    fn begin_generation(&mut self, now: Instant, out: &mut Out) {
        self.rebalance = None;
        self.generation = Generation(self.generation.0 + 1);
        self.protocol = self.select_protocol();
        let (Some(leader), Some(protocol)) = (self.leader, self.protocol.clone()) else {
            return self.enter(now, GroupState::Empty, out);
        };
        self.sync_ends = Some(now + self.longest_rebalance_timeout());
        self.enter(now, GroupState::CompletingRebalance, out);
        out.facts.push(Fact::Group(GroupFact::GenerationStarted {
            group: self.id,
            generation: self.generation,
            protocol,
            leader,
        }));
        for id in self.members.keys().copied().collect::<Vec<_>>() {
            self.answer_join_of(now, id, false, out);
        }
        for member in self.members.values_mut() {
            member.begins_generation(now);
        }
    }

    fn extend_initial_delay(&mut self, now: Instant) -> bool {
        let delay = self.config.initial_rebalance_delay;
        let Some(Rebalance { ends, initial: Some(initial) }) = &mut self.rebalance else { return false };
        let extends = initial.somebody_came && now < initial.latest_end;
        if extends {
            initial.somebody_came = false;
            *ends = (now + delay).min(initial.latest_end);
        }
        extends
    }

    fn longest_rebalance_timeout(&self) -> Span {
        self.members.values().map(Member::rebalance_timeout).max().unwrap_or_default()
    }
}

//! A rebalance: everyone joins (again), the leader assigns, everyone learns its part. Until then nobody reads.

use super::{
    Fact, Generation, Group, GroupError, GroupState, Joined, JoinedMember, LeaveReason, Member, MemberId, Out,
    RebalanceReason,
};
use crate::log::TopicPartition;
use crate::time::{Instant, Span};
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
}

impl Group {
    pub(super) fn member_added(&mut self, now: Instant, out: &mut Out) {
        if let Some(initial) = self.rebalance.as_mut().and_then(|rebalance| rebalance.initial.as_mut()) {
            initial.somebody_came = true;
        }
        self.prepare(now, RebalanceReason::MemberJoined, out);
        self.complete_if_all_joined(now, out);
    }

    pub(super) fn member_rejoined(&mut self, now: Instant, out: &mut Out) {
        self.prepare(now, RebalanceReason::MemberRejoined, out);
        self.complete_if_all_joined(now, out);
    }

    pub(super) fn membership_changed(&mut self, now: Instant, out: &mut Out) {
        self.prepare(now, RebalanceReason::MemberLeft, out);
        self.complete_if_all_joined(now, out);
    }

    /// Ends the rebalance without those who have not joined again, unless it is an initial one that may go on.
    pub(super) fn rebalance_is_due(&mut self, now: Instant, out: &mut Out) {
        if self.extend_initial_delay(now) {
            return;
        }
        let absent: Vec<MemberId> =
            self.members.iter().filter(|(_, member)| !member.has_joined()).map(|(id, _)| *id).collect();
        for member in absent {
            self.remove(now, member, LeaveReason::RebalanceTimedOut, out);
        }
        self.complete(now, out);
    }

    /// Keeps the leader's assignment; the group is stable from here on.
    pub(super) fn assign(&mut self, assignments: Vec<(MemberId, Arc<[TopicPartition]>)>, out: &mut Out) {
        for member in self.members.values_mut() {
            member.assignment = Arc::default();
        }
        for (id, assignment) in assignments {
            if let Some(member) = self.members.get_mut(&id) {
                member.assignment = assignment;
            }
        }
        self.state = GroupState::Stable;
        self.changed(out);
    }

    pub(super) fn answer_syncs(&mut self, now: Instant, answer: Result<(), GroupError>, out: &mut Out) {
        for member in self.members.values_mut() {
            member.answer_sync(now, answer, out);
        }
    }

    pub(super) fn answer_join_of(&mut self, now: Instant, id: MemberId, out: &mut Out) {
        let leader = self.leader.unwrap_or(id);
        let members = if leader == id {
            self.members.iter().filter_map(|(id, member)| joined_member(*id, member)).collect()
        } else {
            Vec::new()
        };
        let generation = self.generation;
        if let Some(member) = self.members.get_mut(&id) {
            let protocol = member.protocols.first().map_or_else(Arc::default, |protocol| protocol.name.clone());
            let joined = Joined { member: id, generation, protocol, leader, members, skip_assignment: false };
            member.answer_join(now, Ok(joined), out);
        }
    }

    fn prepare(&mut self, now: Instant, reason: RebalanceReason, out: &mut Out) {
        match self.state {
            GroupState::PreparingRebalance => return,
            GroupState::CompletingRebalance => {
                self.answer_syncs(now, Err(GroupError::RebalanceInProgress), out);
            }
            GroupState::Empty | GroupState::Stable => {}
        }
        let initial = (self.state == GroupState::Empty)
            .then(|| InitialDelay { latest_end: now + self.longest_rebalance_timeout(), somebody_came: false });
        let wait = if initial.is_some() { self.initial_rebalance_delay } else { self.longest_rebalance_timeout() };
        self.rebalance = Some(Rebalance { ends: now + wait, initial });
        self.state = GroupState::PreparingRebalance;
        out.facts.push(Fact::RebalanceStarted { group: self.id(), reason });
        self.changed(out);
    }

    fn complete_if_all_joined(&mut self, now: Instant, out: &mut Out) {
        let is_initial = self.rebalance.as_ref().is_some_and(|rebalance| rebalance.initial.is_some());
        if !is_initial && self.members.values().all(Member::has_joined) {
            self.complete(now, out);
        }
    }

    fn complete(&mut self, now: Instant, out: &mut Out) {
        self.rebalance = None;
        self.generation = Generation(self.generation.0 + 1);
        self.leader = self.leader.or_else(|| self.members.keys().next().copied());
        self.state = if self.members.is_empty() { GroupState::Empty } else { GroupState::CompletingRebalance };
        self.changed(out);
        for id in self.members.keys().copied().collect::<Vec<_>>() {
            self.answer_join_of(now, id, out);
        }
    }

    fn extend_initial_delay(&mut self, now: Instant) -> bool {
        let delay = self.initial_rebalance_delay;
        let Some(Rebalance { ends, initial: Some(initial) }) = &mut self.rebalance else { return false };
        let extends = initial.somebody_came && now < initial.latest_end;
        if extends {
            initial.somebody_came = false;
            *ends = (now + delay).min(initial.latest_end);
        }
        extends
    }

    fn longest_rebalance_timeout(&self) -> Span {
        self.members.values().map(|member| member.rebalance_timeout).max().unwrap_or_default()
    }
}

fn joined_member(id: MemberId, member: &Member) -> Option<JoinedMember> {
    let subscription = member.protocols.first()?.subscription.clone();
    Some(JoinedMember { member: id, instance: member.instance.clone(), subscription })
}

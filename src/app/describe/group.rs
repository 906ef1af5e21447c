//! What happens to a group's members, in plain words.

use crate::app::model::Model;
use crate::app::view::text::count;
use crate::broker::{Generation, GroupFact, GroupId, GroupState, LeaveReason, MemberId, RebalanceReason};

impl Model {
    pub(super) fn describe_group(&self, fact: &GroupFact) -> String {
        match fact {
            GroupFact::MemberJoined { group, member, .. } => {
                format!("member {} joined the group {}", member.0, self.group_name(*group))
            }
            GroupFact::MemberRejoined { group, member } => {
                format!("member {} joined the group {} again", member.0, self.group_name(*group))
            }
            GroupFact::MemberReplaced { group, old, new } => {
                format!("member {} is back in the group {} as member {}", old.0, self.group_name(*group), new.0)
            }
            GroupFact::MemberLeft { group, member, reason } => self.describe_left(*group, *member, *reason),
            GroupFact::RebalanceStarted { group, reason, .. } => self.describe_rebalance(*group, *reason),
            GroupFact::GenerationStarted { group, generation, protocol, leader } => {
                let (name, number) = (self.group_name(*group), generation.0);
                format!("generation {number} of the group {name} begins: member {} assigns by {protocol}", leader.0)
            }
            GroupFact::Assigned { group, member, partitions, .. } => {
                let what = count(partitions.len() as u64, "partition", "partitions");
                format!("member {} of the group {} is to read {what}", member.0, self.group_name(*group))
            }
            GroupFact::Changed { group, state, generation, .. } => self.describe_state(*group, *state, *generation),
        }
    }

    fn describe_left(&self, group: GroupId, member: MemberId, reason: LeaveReason) -> String {
        let how = match reason {
            LeaveReason::Left => "left",
            LeaveReason::SessionTimedOut => "timed out (session.timeout.ms) and was removed from",
            LeaveReason::RebalanceTimedOut => "did not rejoin in time and was removed from",
            LeaveReason::SyncTimedOut => "did not sync in time and was removed from",
            LeaveReason::CoordinatorFailed => "never learnt that it was a member of",
        };
        format!("member {} {how} the group {}", member.0, self.group_name(group))
    }

    fn describe_rebalance(&self, group: GroupId, reason: RebalanceReason) -> String {
        let why = match reason {
            RebalanceReason::MemberJoined => "a member joined",
            RebalanceReason::MemberLeft => "a member left",
            RebalanceReason::MemberRejoined => "a member rejoined",
            RebalanceReason::StaticMemberReplaced => "a static member was replaced",
        };
        format!("{} rebalances, because {why}", self.group_name(group))
    }

    fn describe_state(&self, group: GroupId, state: GroupState, generation: Generation) -> String {
        let state = match state {
            GroupState::Empty => "empty",
            GroupState::PreparingRebalance => "waiting for its members to join",
            GroupState::CompletingRebalance => "waiting for its assignment",
            GroupState::Stable => "stable",
            GroupState::Dead => "gone",
        };
        format!("the group {} is {state}, in generation {}", self.group_name(group), generation.0)
    }
}

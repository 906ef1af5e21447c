//! What a group goes through when its coordinator fails: its state is kept, but whoever waited there waits in vain.

use super::{Group, GroupState, LeaveReason, Member};
use crate::broker::{GroupError, MemberId, Out};
use crate::time::Instant;

impl Group {
    /// Its coordinator cannot be reached any more, or there is another now. The requests that waited for it are refused, and
    /// members that had not heard of their membership yet are none. With another coordinator sessions and waits begin anew.
    pub(in crate::broker) fn coordinator_moved(&mut self, now: Instant, is_available: bool, out: &mut Out) {
        let unheard: Vec<MemberId> =
            self.members.iter().filter(|(_, member)| member.is_new()).map(|(id, _)| *id).collect();
        for member in self.members.values_mut() {
            member.answer_join(now, Err(GroupError::NotCoordinator), out);
            member.answer_sync(now, Err(GroupError::NotCoordinator), out);
        }
        for member in unheard {
            self.remove(now, member, LeaveReason::CoordinatorFailed, out);
        }
        if is_available {
            self.members.values_mut().for_each(|member| member.is_alive(now));
            self.wait_anew(now);
        }
        if self.members.is_empty() && self.state == GroupState::CompletingRebalance {
            self.sync_ends = Some(now);
        }
    }

    fn wait_anew(&mut self, now: Instant) {
        let longest = self.members.values().map(Member::rebalance_timeout).max().unwrap_or_default();
        if let Some(rebalance) = &mut self.rebalance {
            rebalance.wait_anew(now, longest);
        }
        self.sync_ends = self.sync_ends.map(|ends| ends.max(now + longest));
    }
}

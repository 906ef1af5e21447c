//! The offsets that a group has committed: how far it has come in each partition, whoever its members are.

use super::{CommitRequest, Fact, Group, GroupError, GroupState, Out, Response, Ticket};
use crate::log::{Offset, TopicPartition};
use crate::time::Instant;

impl Group {
    /// The next offset the group would read in `partition`; `None` before its first commit.
    pub fn committed(&self, partition: TopicPartition) -> Option<Offset> {
        self.offsets.get(&partition).copied()
    }

    /// The committed offset of each of `partitions`.
    pub(super) fn fetch_offsets(&self, partitions: &[TopicPartition]) -> Vec<(TopicPartition, Option<Offset>)> {
        partitions.iter().map(|partition| (*partition, self.committed(*partition))).collect()
    }

    /// Records offsets, if they come from a member of the present generation.
    pub(super) fn commit(&mut self, now: Instant, ticket: Ticket, request: &CommitRequest, out: &mut Out) {
        let answer = self.check_commit(request);
        if answer.is_ok() {
            if let Some(member) = self.members.get_mut(&request.membership.member) {
                member.is_alive(now);
            }
            for (partition, offset) in &request.offsets {
                self.offsets.insert(*partition, *offset);
                out.facts.push(Fact::Committed { group: self.id(), partition: *partition, offset: *offset });
            }
        }
        out.reply(ticket, Response::OffsetCommit(answer));
    }

    fn check_commit(&self, request: &CommitRequest) -> Result<(), GroupError> {
        self.check(request.membership)?;
        match self.state() {
            GroupState::CompletingRebalance => Err(GroupError::RebalanceInProgress),
            GroupState::Empty | GroupState::PreparingRebalance | GroupState::Stable => Ok(()),
        }
    }
}

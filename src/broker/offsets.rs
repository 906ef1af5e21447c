//! The offsets that a group has committed: how far it has come in each partition, whoever its members are.

use super::{CommitRequest, Fact, Group, GroupError, GroupState, OffsetFetchRequest, Out, Response, Ticket};
use crate::log::{Offset, TopicPartition};
use crate::time::Instant;

impl Group {
    /// The next offset the group would read in `partition`; `None` before its first commit.
    pub fn committed(&self, partition: TopicPartition) -> Option<Offset> {
        self.offsets.get(&partition).copied()
    }

    /// The committed offset of each partition asked for.
    pub(super) fn fetch_offsets(
        &self,
        request: &OffsetFetchRequest,
    ) -> Vec<(TopicPartition, Result<Option<Offset>, GroupError>)> {
        request.partitions.iter().map(|partition| (*partition, Ok(self.committed(*partition)))).collect()
    }

    /// Records offsets, if they come from a member of the present generation.
    pub(super) fn commit(&mut self, now: Instant, ticket: Ticket, request: &CommitRequest, out: &mut Out) {
        let answer = self.check_commit(request);
        if answer.is_ok() {
            let committer = request.membership.as_ref().map(|membership| membership.member);
            if let Some(member) = committer.and_then(|member| self.members.get_mut(&member)) {
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
        self.check(request.membership.as_ref().ok_or(GroupError::UnknownMemberId)?)?;
        match self.state() {
            GroupState::CompletingRebalance => Err(GroupError::RebalanceInProgress),
            GroupState::Empty | GroupState::PreparingRebalance | GroupState::Stable => Ok(()),
        }
    }
}

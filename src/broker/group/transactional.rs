//! Offsets that a transaction commits: nobody sees them until it ends, and only then if it commits.

use super::Group;
use crate::broker::{Fact, GroupError, Membership, OffsetsFact, Out};
use crate::log::{OffsetAndEpoch, ProducerId, TopicPartition};
use crate::time::Instant;

impl Group {
    /// Keeps offsets until the transaction of `producer` ends. Unlike others, such commits are also taken between joining and
    /// syncing, and from one without membership whatever the group's state is: the transaction is what fences a zombie.
    pub(in crate::broker) fn commit_transactional(
        &mut self,
        now: Instant,
        producer: ProducerId,
        membership: Option<&Membership>,
        offsets: &[(TopicPartition, OffsetAndEpoch)],
    ) -> Result<(), GroupError> {
        self.check_commit(membership)?;
        self.create(now);
        let member = membership.map(|membership| membership.member);
        for (partition, offset) in offsets {
            let commit = self.offsets.commit(now, member, *offset);
            self.offsets.pending.entry(producer).or_default().insert(*partition, commit);
        }
        Ok(())
    }

    /// Ends the transaction of `producer`: its offsets are recorded, or forgotten. Where something was committed after them,
    /// that stays.
    pub(in crate::broker) fn end_transaction(&mut self, producer: ProducerId, committed: bool, out: &mut Out) {
        let pending = self.offsets.pending.remove(&producer).unwrap_or_default();
        for (partition, commit) in pending.into_iter().filter(|_| committed) {
            let known = self.offsets.committed.get(&partition);
            if known.is_none_or(|known| known.sequence < commit.sequence) {
                self.offsets.committed.insert(partition, commit);
                let (group, member, at) = (self.id, commit.member, commit.place);
                let (offset, epoch) = (at.offset, at.epoch);
                out.facts.push(Fact::Offsets(OffsetsFact::Committed { group, member, partition, offset, epoch }));
            }
        }
    }
}

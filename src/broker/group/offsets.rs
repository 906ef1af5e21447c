//! The offsets that a group has committed: how far it has come in each partition, whoever its members are.

use super::{Group, GroupState};
use crate::broker::{
    CommitRequest, Fact, GroupError, MemberId, Membership, OffsetFetchRequest, OffsetsFact, Out, Response, Ticket,
};
use crate::log::{Offset, OffsetAndEpoch, ProducerId, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::Instant;

/// How many offsets lie between a reader's position and `end`, if both are known. Less than none if the log was truncated.
pub fn lag(position: Option<Offset>, end: Option<Offset>) -> Option<i64> {
    Some(end?.0 - position?.0)
}

/// All offsets of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Offsets {
    pub(super) committed: SortedMap<TopicPartition, Commit>,
    /// What open transactions will commit, if they do.
    pub(super) pending: SortedMap<ProducerId, SortedMap<TopicPartition, Commit>>,
    commits: u64,
}

/// One commit of one partition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Commit {
    pub(super) place: OffsetAndEpoch,
    pub(super) at: Instant,
    /// Its place in the order of all commits. A transaction that ends does not undo a later commit.
    pub(super) sequence: u64,
    pub(super) member: Option<MemberId>,
}

impl Offsets {
    /// Numbers a commit.
    pub(super) fn commit(&mut self, at: Instant, member: Option<MemberId>, place: OffsetAndEpoch) -> Commit {
        self.commits += 1;
        Commit { place, at, sequence: self.commits, member }
    }

    /// Whether an open transaction commits an offset of `partition`.
    pub(super) fn is_pending(&self, partition: TopicPartition) -> bool {
        self.pending.values().any(|commits| commits.contains_key(&partition))
    }

    /// Forgets all offsets, those of open transactions too.
    pub(super) fn forget(&mut self) {
        self.committed.clear();
        self.pending.clear();
    }
}

impl Group {
    /// The next offset the group would read in `partition`; `None` before its first commit.
    pub fn committed(&self, partition: TopicPartition) -> Option<Offset> {
        self.offsets.committed.get(&partition).map(|commit| commit.place.offset)
    }

    /// The committed offset of each partition asked for.
    pub(in crate::broker) fn fetch_offsets(
        &self,
        request: &OffsetFetchRequest,
    ) -> Vec<(TopicPartition, Result<Option<OffsetAndEpoch>, GroupError>)> {
        let offset = |partition| match self.is_handed_over() {
            true => Ok(None),
            false if request.require_stable && self.offsets.is_pending(partition) => {
                Err(GroupError::UnstableOffsetCommit)
            }
            false => Ok(self.offsets.committed.get(&partition).map(|commit| commit.place)),
        };
        request.partitions.iter().map(|partition| (*partition, offset(*partition))).collect()
    }

    /// Records offsets, if whoever commits them may.
    pub(in crate::broker) fn commit(&mut self, now: Instant, ticket: Ticket, request: &CommitRequest, out: &mut Out) {
        let membership = request.membership.as_ref();
        let answer = self.check_commit(membership).and_then(|()| self.check_settled(membership));
        if answer.is_ok() {
            self.create(now);
            let member = membership.map(|membership| membership.member);
            if let Some(member) = member {
                self.is_alive(now, member);
            }
            self.store(now, member, &request.offsets, out);
        }
        out.reply(ticket, Response::OffsetCommit(answer));
    }

    /// Sets offsets from outside (`kafka-consumer-groups --reset-offsets`), which only a group without members permits.
    pub(in crate::broker) fn alter_offsets(
        &mut self,
        now: Instant,
        offsets: &[(TopicPartition, Offset)],
        out: &mut Out,
    ) -> Result<(), GroupError> {
        if self.is_handed_over() {
            return Err(GroupError::CoordinatorNotAvailable);
        }
        match self.state {
            GroupState::Empty | GroupState::Dead => {
                self.create(now);
                let offsets: Vec<_> =
                    offsets.iter().map(|(partition, offset)| (*partition, (*offset).into())).collect();
                self.store(now, None, &offsets, out);
                Ok(())
            }
            GroupState::PreparingRebalance | GroupState::CompletingRebalance | GroupState::Stable => {
                Err(GroupError::NonEmptyGroup)
            }
        }
    }

    /// Whether whoever shows this membership may commit. One that assigns itself its partitions shows none, or generation -1,
    /// which only a group without members permits.
    pub(super) fn check_commit(&self, membership: Option<&Membership>) -> Result<(), GroupError> {
        let is_simple = membership.is_none_or(|membership| membership.generation.0 < 0);
        match (self.exists, self.state) {
            (false, _) | (true, GroupState::Empty) if is_simple => Ok(()),
            (false, _) => Err(GroupError::IllegalGeneration),
            (true, GroupState::Dead) => Err(GroupError::CoordinatorNotAvailable),
            (true, _) => membership.map_or(Ok(()), |membership| self.check(membership)),
        }
    }

    /// Whether a commit outside of transactions is in order now. Between joining and syncing a member has nothing to commit:
    /// what it read before may be another's by now.
    fn check_settled(&self, membership: Option<&Membership>) -> Result<(), GroupError> {
        match self.state {
            GroupState::Empty | GroupState::Dead => Ok(()),
            _ if membership.is_none() => Err(GroupError::UnknownMemberId),
            GroupState::CompletingRebalance => Err(GroupError::RebalanceInProgress),
            GroupState::PreparingRebalance | GroupState::Stable => Ok(()),
        }
    }

    fn store(
        &mut self,
        now: Instant,
        member: Option<MemberId>,
        offsets: &[(TopicPartition, OffsetAndEpoch)],
        out: &mut Out,
    ) {
        for (partition, place) in offsets {
            let commit = self.offsets.commit(now, member, *place);
            self.offsets.committed.insert(*partition, commit);
            out.facts.push(Fact::Offsets(OffsetsFact::Committed {
                group: self.id,
                member,
                partition: *partition,
                offset: place.offset,
                epoch: place.epoch,
            }));
        }
    }
}

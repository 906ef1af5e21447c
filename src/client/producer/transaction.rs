//! How far a producer's transaction has come, and what has to be asked next for it to go on. It asks nobody itself.

use super::DeliveryError;
use crate::broker::{GroupId, Membership, TransactionError, TxnOffsetCommitError};
use crate::log::{OffsetAndEpoch, TopicPartition, TransactionResult};
use crate::sorted::{SortedMap, SortedSet};
use thiserror::Error;

/// The state of a transactional producer. The names are Kafka's, but for the shorter ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransactionPhase {
    /// It has not yet got its id, and no transaction is open.
    #[default]
    Uninitialized,
    /// It can begin a transaction.
    Ready,
    /// A transaction is open. Perhaps only the producer knows of it yet.
    InTransaction,
    /// It is to be committed as soon as everything in it is written.
    Committing,
    /// It is to be aborted.
    Aborting,
    /// Something in it failed: it can only be aborted.
    AbortableError,
    /// The producer can do nothing any more.
    FatalError,
}

/// What became of a transaction that its producer wanted to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionOutcome {
    /// It is committed.
    Committed,
    /// It is aborted.
    Aborted,
    /// It cannot be committed; it is not over before it is aborted.
    MustAbort(AbortCause),
    /// The producer can do nothing any more, most often because it is fenced: how its transaction ends is for the
    /// coordinator to decide.
    Fatal(TransactionError),
}

/// Why a transaction can only be aborted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AbortCause {
    /// A record was not written.
    #[error(transparent)]
    Delivery(DeliveryError),
    /// The group does not take the offsets (`CommitFailedException`).
    #[error(transparent)]
    Offsets(TxnOffsetCommitError),
    /// The coordinator refused something.
    #[error(transparent)]
    Coordinator(TransactionError),
    /// Nobody knows whether records that were given up have been written.
    #[error("records were given up that may have been written")]
    Unresolved,
}

/// Why a call about transactions did nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransactionCallError {
    /// The producer has no `transactional.id`.
    #[error("IllegalState: the producer has no transactional.id")]
    NotTransactional,
    /// It is not the time for it.
    #[error("IllegalState: the producer is in {0:?}")]
    WrongPhase(TransactionPhase),
    /// The transaction has failed and must be aborted first.
    #[error("the transaction must be aborted: {0}")]
    MustAbort(AbortCause),
    /// The producer can do nothing any more.
    #[error(transparent)]
    Fatal(TransactionError),
}

/// What to ask the coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// For an id, or for a higher epoch.
    InitProducerId,
    /// To make the partitions of [`Transaction::asked_partitions`] part of the transaction.
    AddPartitions,
    /// To make the group of [`Transaction::committing`] part of the transaction.
    AddOffsets,
    /// To record the offsets of [`Transaction::committing`].
    CommitOffsets,
    /// To end the transaction.
    End(TransactionResult),
}

/// Offsets to be committed with the transaction.
#[derive(Clone, Debug)]
pub(super) struct TxnOffsets {
    pub(super) membership: Membership,
    pub(super) offsets: SortedMap<TopicPartition, OffsetAndEpoch>,
}

/// A producer's transaction; of a producer without `transactional.id`, one that never begins.
#[derive(Clone, Debug, Default)]
pub(super) struct Transaction {
    pub(super) phase: TransactionPhase,
    /// Why it can only be aborted.
    pub(super) cause: Option<AbortCause>,
    pub(super) fatal: Option<TransactionError>,
    pub(super) outcome: Option<TransactionOutcome>,
    new_partitions: SortedSet<TopicPartition>,
    /// Those that the coordinator was asked to add, and has perhaps added: this must be known before the transaction ends.
    pub(super) asked_partitions: SortedSet<TopicPartition>,
    partitions: SortedSet<TopicPartition>,
    new_offsets: SortedMap<GroupId, TxnOffsets>,
    /// The offsets that the coordinators are asked about.
    pub(super) committing: Option<TxnOffsets>,
    /// Whether the coordinator was asked to add the group, and did not answer yet.
    is_group_asked: bool,
    groups: SortedSet<GroupId>,
    /// Whether it is aborted but for a higher epoch, which the producer goes on with.
    is_bumping: bool,
    must_bump: bool,
}

impl Transaction {
    pub(super) fn begin(&mut self) {
        self.phase = TransactionPhase::InTransaction;
        self.outcome = None;
    }

    pub(super) fn commit(&mut self) {
        self.phase = TransactionPhase::Committing;
    }

    /// Gives up what the coordinator was not asked about.
    pub(super) fn abort(&mut self) {
        self.phase = TransactionPhase::Aborting;
        self.outcome = None;
        self.new_partitions.clear();
        self.new_offsets.clear();
        if !self.is_group_asked {
            self.committing = None;
        }
    }

    /// Takes note that a record for `partition` is to be written.
    pub(super) fn add_partition(&mut self, partition: TopicPartition) {
        if !self.partitions.contains(&partition) && !self.asked_partitions.contains(&partition) {
            self.new_partitions.insert(partition);
        }
    }

    /// Takes note that offsets are to be committed; later ones replace earlier ones.
    pub(super) fn add_offsets(&mut self, membership: Membership, offsets: &[(TopicPartition, OffsetAndEpoch)]) {
        let group = membership.group;
        let new = || TxnOffsets { membership: membership.clone(), offsets: SortedMap::new() };
        let known = self.new_offsets.entry(group).or_insert_with(new);
        known.membership = membership;
        known.offsets.extend(offsets.iter().copied());
    }

    /// Whether records may be sent to `partition`.
    pub(super) fn has(&self, partition: TopicPartition) -> bool {
        self.partitions.contains(&partition)
    }

    /// Whether batches that have no numbers yet are to be dropped.
    pub(super) fn drops_unsent(&self) -> bool {
        matches!(self.phase, TransactionPhase::Aborting | TransactionPhase::AbortableError)
    }

    /// Whether it waits for its records, so that none of them should linger.
    pub(super) fn hurries(&self) -> bool {
        matches!(self.phase, TransactionPhase::Committing | TransactionPhase::Aborting)
    }

    /// What to ask next. `has_id`: whether the producer has an id; `is_written`: whether the fate of each record is known.
    pub(super) fn next_step(&mut self, has_id: bool, is_written: bool) -> Option<Step> {
        if !has_id || self.is_bumping {
            return Some(Step::InitProducerId);
        }
        let result = match self.phase {
            TransactionPhase::Uninitialized
            | TransactionPhase::Ready
            | TransactionPhase::AbortableError
            | TransactionPhase::FatalError => return None,
            TransactionPhase::InTransaction => None,
            TransactionPhase::Committing => Some(TransactionResult::Commit),
            TransactionPhase::Aborting => Some(TransactionResult::Abort),
        };
        self.next_part().or(result.filter(|_| is_written).map(Step::End))
    }

    /// Whether there is anything that the coordinator would have to end.
    pub(super) fn is_started(&self) -> bool {
        !self.partitions.is_empty() || !self.groups.is_empty()
    }

    pub(super) fn partitions_added(&mut self) {
        self.partitions.append(&mut self.asked_partitions);
    }

    pub(super) fn partitions_refused(&mut self) {
        self.asked_partitions.clear();
    }

    pub(super) fn offsets_added(&mut self) {
        self.is_group_asked = false;
        self.groups.extend(self.committing.as_ref().map(|offsets| offsets.membership.group));
        if self.phase == TransactionPhase::Aborting {
            self.committing = None;
        }
    }

    pub(super) fn offsets_committed(&mut self) {
        self.committing = None;
    }

    /// Takes note of what makes it impossible to commit, and that a higher epoch is needed to go on after it.
    pub(super) fn must_abort(&mut self, cause: AbortCause) {
        self.must_bump = true;
        match self.phase {
            TransactionPhase::InTransaction | TransactionPhase::Committing => {
                if self.phase == TransactionPhase::Committing {
                    self.outcome = Some(TransactionOutcome::MustAbort(cause.clone()));
                }
                self.phase = TransactionPhase::AbortableError;
                self.cause = Some(cause);
            }
            TransactionPhase::Uninitialized
            | TransactionPhase::Ready
            | TransactionPhase::Aborting
            | TransactionPhase::AbortableError
            | TransactionPhase::FatalError => {}
        }
    }

    /// Takes note that the producer can do nothing any more.
    pub(super) fn fail(&mut self, error: TransactionError) {
        self.phase = TransactionPhase::FatalError;
        self.fatal = Some(error);
        self.outcome = Some(TransactionOutcome::Fatal(error));
    }

    /// Takes note that it has ended. An aborted one may need a higher epoch before it is over.
    pub(super) fn ended(&mut self, result: TransactionResult) {
        match result {
            TransactionResult::Commit => self.over(TransactionOutcome::Committed),
            TransactionResult::Abort if self.must_bump => self.is_bumping = true,
            TransactionResult::Abort => self.over(TransactionOutcome::Aborted),
        }
    }

    /// Takes note that the producer has an id, or a higher epoch.
    pub(super) fn initialised(&mut self) {
        if self.is_bumping {
            self.over(TransactionOutcome::Aborted);
        } else if self.phase == TransactionPhase::Uninitialized {
            self.phase = TransactionPhase::Ready;
        }
    }

    fn over(&mut self, outcome: TransactionOutcome) {
        *self = Self { phase: TransactionPhase::Ready, outcome: Some(outcome), ..Self::default() };
    }

    /// What the coordinator has to know before the transaction can end.
    fn next_part(&mut self) -> Option<Step> {
        if self.asked_partitions.is_empty() {
            self.asked_partitions = std::mem::take(&mut self.new_partitions);
        }
        if !self.asked_partitions.is_empty() {
            return Some(Step::AddPartitions);
        }
        if self.committing.is_none() {
            self.committing = self.new_offsets.pop_first().map(|(_, offsets)| offsets);
        }
        let group = self.committing.as_ref()?.membership.group;
        self.is_group_asked = !self.groups.contains(&group);
        Some(if self.is_group_asked { Step::AddOffsets } else { Step::CommitOffsets })
    }
}

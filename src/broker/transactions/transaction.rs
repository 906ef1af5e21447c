//! One transactional id as its coordinator knows it: whose it is, and how far its transaction has come.
//!
//! Nothing here writes to a log: what a transition means for logs and groups comes out as an [`Ending`].

use super::super::{GroupId, TransactionError};
use crate::log::{ProducerEpoch, ProducerId, ProducerIdAndEpoch, TopicPartition, TransactionResult};
use crate::sorted::SortedSet;
use crate::time::{Instant, Span};

/// From this epoch on, a producer that begins anew is given another id instead of a higher epoch.
const EPOCH_EXHAUSTED: ProducerEpoch = ProducerEpoch(i16::MAX - 1);

/// A transaction's state. The names are Kafka's. Its `Dead` is missing, because no transactional id expires here, and so is
/// `PrepareEpochFence`, because the coordinator's own log takes no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// There has been none.
    Empty,
    /// Partitions or offsets are part of it.
    Ongoing,
    /// It is to be committed; markers are being written.
    PrepareCommit,
    /// It is to be aborted; markers are being written.
    PrepareAbort,
    /// It was committed.
    CompleteCommit,
    /// It was aborted.
    CompleteAbort,
}

/// Why a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// Its producer said so.
    Asked,
    /// It took longer than `transaction.timeout.ms`.
    TimedOut,
    /// A new life of its producer began.
    Fenced,
}

/// How the present, or last, transaction is to end.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    pub(super) producer: ProducerIdAndEpoch,
    pub(super) result: TransactionResult,
    pub(super) reason: EndReason,
    pub(super) partitions: SortedSet<TopicPartition>,
    pub(super) groups: SortedSet<GroupId>,
}

/// A transactional id.
#[derive(Clone, Debug)]
pub struct Transaction {
    producer: ProducerIdAndEpoch,
    /// The epoch before the last bump that its own producer asked for: a repeated request shows it.
    last_epoch: Option<ProducerEpoch>,
    /// Whether anybody was told the present epoch; nobody is when it only keeps others out.
    is_held: bool,
    timeout: Span,
    state: TransactionState,
    partitions: SortedSet<TopicPartition>,
    groups: SortedSet<GroupId>,
    started: Instant,
    reason: EndReason,
}

impl Transaction {
    pub(super) fn new(id: ProducerId, timeout: Span) -> Self {
        Self {
            producer: ProducerIdAndEpoch { id, epoch: ProducerEpoch(0) },
            last_epoch: None,
            is_held: true,
            timeout,
            state: TransactionState::Empty,
            partitions: SortedSet::new(),
            groups: SortedSet::new(),
            started: Instant::START,
            reason: EndReason::Asked,
        }
    }

    /// The producer that may write under this id.
    pub fn producer(&self) -> ProducerIdAndEpoch {
        self.producer
    }

    /// The same, if there is such a producer: after a fence there is none until one asks for an id.
    pub fn holder(&self) -> Option<ProducerIdAndEpoch> {
        self.is_held.then_some(self.producer)
    }

    /// How far its transaction has come.
    pub fn state(&self) -> TransactionState {
        self.state
    }

    /// The partitions that are part of the present transaction.
    pub fn partitions(&self) -> &SortedSet<TopicPartition> {
        &self.partitions
    }

    /// Gives the id to a new life of its producer, or to the same after an error; `fresh` is used when epochs run out.
    /// `Err(ConcurrentTransactions)` when a transaction has to be aborted first, which this begins.
    pub(super) fn initialise(
        &mut self,
        expected: Option<ProducerIdAndEpoch>,
        timeout: Span,
        fresh: ProducerId,
    ) -> Result<ProducerIdAndEpoch, TransactionError> {
        if expected.is_some_and(|expected| expected.id != self.producer.id) {
            return Err(TransactionError::ProducerFenced);
        }
        match self.state {
            TransactionState::PrepareCommit | TransactionState::PrepareAbort => {
                Err(TransactionError::ConcurrentTransactions)
            }
            TransactionState::Ongoing => {
                self.fence(EndReason::Fenced);
                Err(TransactionError::ConcurrentTransactions)
            }
            TransactionState::Empty | TransactionState::CompleteCommit | TransactionState::CompleteAbort => {
                self.begin_life(expected.map(|expected| expected.epoch), fresh)?;
                self.timeout = timeout;
                Ok(self.producer)
            }
        }
    }

    /// Makes partitions or a group part of the transaction, and begins it if it is the first.
    pub(super) fn add(
        &mut self,
        now: Instant,
        producer: ProducerIdAndEpoch,
        partitions: &[TopicPartition],
        group: Option<GroupId>,
    ) -> Result<(), TransactionError> {
        self.check(producer)?;
        match self.state {
            TransactionState::PrepareCommit | TransactionState::PrepareAbort => {
                return Err(TransactionError::ConcurrentTransactions);
            }
            TransactionState::Empty | TransactionState::CompleteCommit | TransactionState::CompleteAbort => {
                self.started = now;
                self.state = TransactionState::Ongoing;
            }
            TransactionState::Ongoing => {}
        }
        self.partitions.extend(partitions.iter().copied());
        self.groups.extend(group);
        Ok(())
    }

    /// Begins to end the transaction. One that ended the same way before is not ended again: its producer did not hear of it.
    pub(super) fn end(
        &mut self,
        producer: ProducerIdAndEpoch,
        result: TransactionResult,
    ) -> Result<(), TransactionError> {
        self.check(producer)?;
        match (self.state, result) {
            (TransactionState::Ongoing, _) => {
                self.prepare(result, EndReason::Asked);
                Ok(())
            }
            (TransactionState::CompleteCommit, TransactionResult::Commit)
            | (TransactionState::CompleteAbort, TransactionResult::Abort) => Ok(()),
            (TransactionState::PrepareCommit, TransactionResult::Commit)
            | (TransactionState::PrepareAbort, TransactionResult::Abort) => {
                Err(TransactionError::ConcurrentTransactions)
            }
            (TransactionState::Empty, _)
            | (TransactionState::CompleteCommit | TransactionState::PrepareCommit, TransactionResult::Abort)
            | (TransactionState::CompleteAbort | TransactionState::PrepareAbort, TransactionResult::Commit) => {
                Err(TransactionError::InvalidTxnState)
            }
        }
    }

    /// Whether this producer has a transaction under way that `partition` is part of.
    pub(super) fn check_write(
        &self,
        producer: ProducerIdAndEpoch,
        partition: TopicPartition,
    ) -> Result<(), TransactionError> {
        self.check_ongoing(producer, self.partitions.contains(&partition))
    }

    /// Whether this producer has a transaction under way that the group's offsets are part of.
    pub(super) fn check_offsets(&self, producer: ProducerIdAndEpoch, group: GroupId) -> Result<(), TransactionError> {
        self.check_ongoing(producer, self.groups.contains(&group))
    }

    /// When the transaction has taken too long.
    pub(super) fn times_out(&self) -> Option<Instant> {
        (self.state == TransactionState::Ongoing).then(|| self.started + self.timeout)
    }

    /// Aborts the transaction that has taken too long. Its producer may go on only as another life.
    pub(super) fn time_out(&mut self) {
        self.fence(EndReason::TimedOut);
    }

    /// What is left to do for the transaction to be over; `None` if nothing is.
    pub(super) fn ending(&self) -> Option<Ending> {
        let result = match self.state {
            TransactionState::PrepareCommit => TransactionResult::Commit,
            TransactionState::PrepareAbort => TransactionResult::Abort,
            TransactionState::Empty
            | TransactionState::Ongoing
            | TransactionState::CompleteCommit
            | TransactionState::CompleteAbort => return None,
        };
        let (partitions, groups) = (self.partitions.clone(), self.groups.clone());
        Some(Ending { producer: self.producer, result, reason: self.reason, partitions, groups })
    }

    /// Takes note that the markers of these partitions are written.
    pub(super) fn marked(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.partitions.remove(partition);
        }
    }

    /// Takes note that every marker is written.
    pub(super) fn complete(&mut self, result: TransactionResult) {
        self.partitions.clear();
        self.groups.clear();
        self.state = match result {
            TransactionResult::Commit => TransactionState::CompleteCommit,
            TransactionResult::Abort => TransactionState::CompleteAbort,
        };
    }

    fn check(&self, producer: ProducerIdAndEpoch) -> Result<(), TransactionError> {
        if producer.id != self.producer.id {
            return Err(TransactionError::InvalidProducerIdMapping);
        }
        if producer.epoch != self.producer.epoch {
            return Err(TransactionError::ProducerFenced);
        }
        Ok(())
    }

    fn check_ongoing(&self, producer: ProducerIdAndEpoch, is_part: bool) -> Result<(), TransactionError> {
        self.check(producer)?;
        if self.state == TransactionState::Ongoing && is_part { Ok(()) } else { Err(TransactionError::InvalidTxnState) }
    }

    fn prepare(&mut self, result: TransactionResult, reason: EndReason) {
        self.reason = reason;
        self.state = match result {
            TransactionResult::Commit => TransactionState::PrepareCommit,
            TransactionResult::Abort => TransactionState::PrepareAbort,
        };
    }

    /// Aborts the transaction under a higher epoch, which its producer does not have.
    fn fence(&mut self, reason: EndReason) {
        self.producer.epoch.0 = self.producer.epoch.0.saturating_add(1);
        self.last_epoch = None;
        self.is_held = false;
        self.prepare(TransactionResult::Abort, reason);
    }

    fn begin_life(&mut self, expected: Option<ProducerEpoch>, fresh: ProducerId) -> Result<(), TransactionError> {
        match expected {
            // The answer to the request before was lost.
            Some(epoch) if self.last_epoch == Some(epoch) => return Ok(()),
            Some(epoch) if self.producer.epoch != epoch => return Err(TransactionError::ProducerFenced),
            Some(_) | None => {}
        }
        self.last_epoch = expected;
        self.is_held = true;
        if self.producer.epoch >= EPOCH_EXHAUSTED {
            self.producer = ProducerIdAndEpoch { id: fresh, epoch: ProducerEpoch(0) };
        } else {
            self.producer.epoch.0 += 1;
        }
        self.state = TransactionState::Empty;
        Ok(())
    }
}

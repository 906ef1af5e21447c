//! What a log knows of its producers: their last batches, to recognise a repetition, and their open transactions.
//!
//! Nothing here writes: a batch is first checked, then appended, then noted.

use super::batch::{BatchView, ProducerStamp};
use super::{EndTxnMarker, Offset, ProducerEpoch, ProducerId, Sequence, TransactionResult};
use crate::sorted::SortedMap;
use std::collections::VecDeque;
use thiserror::Error;

/// How many batches of a producer are remembered, as Kafka does: so many may be in flight at once.
const BATCHES_REMEMBERED_MAX: usize = 5;

/// Where a batch comes from, which decides what is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A producer: the leader numbers the records and checks everything.
    Client,
    /// The transaction coordinator: as a producer, but without sequence numbers.
    Coordinator,
    /// The leader, for a follower: the batch has its offsets, and was checked.
    Replication,
}

/// Why a batch of an idempotent producer was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProducerError {
    /// `OUT_OF_ORDER_SEQUENCE_NUMBER`: a record is missing, or came before.
    #[error("OutOfOrderSequenceNumber: producer {id} sends sequence {found}, and {expected} is next")]
    OutOfOrderSequenceNumber {
        /// Whose batch.
        id: ProducerId,
        /// The first sequence number of the batch.
        found: Sequence,
        /// The one that would follow.
        expected: Sequence,
    },
    /// `INVALID_PRODUCER_EPOCH`: a later life of the producer has written already.
    #[error("InvalidProducerEpoch: producer {id} has epoch {found}, and the log knows {known}")]
    InvalidProducerEpoch {
        /// Whose batch.
        id: ProducerId,
        /// The batch's epoch.
        found: ProducerEpoch,
        /// The latest known.
        known: ProducerEpoch,
    },
    /// `INVALID_TXN_STATE`: a batch outside of the transaction that its producer has open.
    #[error("InvalidTxnState: producer {id} has a transaction open, and the batch is not part of it")]
    InvalidTxnState {
        /// Whose batch.
        id: ProducerId,
    },
    /// `TRANSACTION_COORDINATOR_FENCED`: a later coordinator has written already.
    #[error("TransactionCoordinatorFenced: the marker is of coordinator epoch {found}, and the log knows {known}")]
    TransactionCoordinatorFenced {
        /// The marker's.
        found: i32,
        /// The latest known.
        known: i32,
    },
}

/// A batch that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RememberedBatch {
    /// The sequence number of its first record.
    pub first_sequence: Sequence,
    /// The sequence number of its last record.
    pub last_sequence: Sequence,
    /// The offset of its first record.
    pub first_offset: Offset,
    /// The offset of its last record.
    pub last_offset: Offset,
}

/// What is known of one producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerState {
    epoch: ProducerEpoch,
    batches: VecDeque<RememberedBatch>,
    coordinator_epoch: Option<i32>,
    txn_first_offset: Option<Offset>,
    last_timestamp_ms: i64,
}

impl ProducerState {
    /// The latest epoch.
    pub fn epoch(&self) -> ProducerEpoch {
        self.epoch
    }

    /// The last batches of this epoch, oldest first.
    pub fn batches(&self) -> impl Iterator<Item = &RememberedBatch> {
        self.batches.iter()
    }

    /// The epoch of the coordinator that wrote the last marker.
    pub fn coordinator_epoch(&self) -> Option<i32> {
        self.coordinator_epoch
    }

    /// The first offset of its open transaction.
    pub fn txn_first_offset(&self) -> Option<Offset> {
        self.txn_first_offset
    }

    fn new(epoch: ProducerEpoch) -> Self {
        Self {
            epoch,
            batches: VecDeque::new(),
            coordinator_epoch: None,
            txn_first_offset: None,
            last_timestamp_ms: super::batch::NO_TIMESTAMP_MS,
        }
    }

    fn duplicate_of(&self, epoch: ProducerEpoch, first: Sequence, last: Sequence) -> Option<RememberedBatch> {
        let same = |batch: &&RememberedBatch| batch.first_sequence == first && batch.last_sequence == last;
        (self.epoch == epoch).then(|| self.batches.iter().find(same).copied()).flatten()
    }

    fn move_to(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches.clear();
        }
    }
}

/// A transaction that is over, as the log's readers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CompletedTransaction {
    pub(super) producer: ProducerId,
    pub(super) first_offset: Offset,
    pub(super) last_offset: Offset,
    pub(super) result: TransactionResult,
    /// The first offset that was still undecided when its marker was written.
    pub(super) last_stable_offset: Offset,
}

/// What a checked batch means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is new.
    New,
    /// It was appended before.
    Duplicate(RememberedBatch),
}

/// The producers of one log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Producers {
    known: SortedMap<ProducerId, ProducerState>,
    /// Open transactions by their first offset.
    open: SortedMap<Offset, ProducerId>,
    /// Transactions whose marker is not below the high watermark, by their first offset, with the marker's.
    unreplicated: SortedMap<Offset, Offset>,
}

impl Producers {
    pub(super) fn iter(&self) -> impl Iterator<Item = (ProducerId, &ProducerState)> {
        self.known.iter().map(|(id, state)| (*id, state))
    }

    /// The first offset of the earliest transaction that is open or not known to be over everywhere.
    pub(super) fn first_unstable_offset(&self) -> Option<Offset> {
        let open = self.open.keys().next();
        open.into_iter().chain(self.unreplicated.keys().next()).min().copied()
    }

    /// Whether the batch may be appended.
    pub(super) fn check(&self, batch: BatchView<'_>, origin: Origin) -> Result<Verdict, ProducerError> {
        let Some(stamp) = batch.producer() else { return Ok(Verdict::New) };
        let Some(known) = self.known.get(&stamp.id) else { return Ok(Verdict::New) };
        if origin == Origin::Replication {
            return Ok(Verdict::New);
        }
        if origin == Origin::Client
            && let Some(first) = stamp.base_sequence
            && let Some(duplicate) = known.duplicate_of(stamp.epoch, first, last_sequence(first, batch))
        {
            return Ok(Verdict::Duplicate(duplicate));
        }
        check_epoch(known, stamp)?;
        match batch.marker() {
            Some(marker) => check_coordinator(known, marker)?,
            None => check_data(known, stamp, batch, origin)?,
        }
        Ok(Verdict::New)
    }

    /// Takes note of an appended batch, and of the transaction that it completes.
    pub(super) fn note(&mut self, batch: BatchView<'_>, base_offset: Offset) -> Option<CompletedTransaction> {
        let stamp = batch.producer()?;
        if batch.is_control() {
            return self.note_marker(stamp, batch.marker()?, batch.max_timestamp_ms(), base_offset);
        }
        let last_offset = base_offset.plus(batch.last_offset_delta());
        let state = self.known.entry(stamp.id).or_insert_with(|| ProducerState::new(stamp.epoch));
        state.move_to(stamp.epoch);
        state.last_timestamp_ms = batch.max_timestamp_ms();
        if let Some(first_sequence) = stamp.base_sequence {
            if state.batches.len() == BATCHES_REMEMBERED_MAX {
                state.batches.pop_front();
            }
            let last_sequence = last_sequence(first_sequence, batch);
            let first_offset = base_offset;
            state.batches.push_back(RememberedBatch { first_sequence, last_sequence, first_offset, last_offset });
        }
        if batch.is_transactional() && state.txn_first_offset.is_none() {
            state.txn_first_offset = Some(base_offset);
            self.open.insert(base_offset, stamp.id);
        }
        None
    }

    /// Forgets transactions that every reader of committed records may see the end of.
    pub(super) fn replicated_to(&mut self, high_watermark: Offset) {
        self.unreplicated.retain(|_, marker| *marker >= high_watermark);
    }

    /// Forgets producers that have no open transaction and have written nothing for `expiration_ms`.
    pub(super) fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        let is_idle = |state: &ProducerState| {
            state.txn_first_offset.is_none() && now_ms - state.last_timestamp_ms >= expiration_ms
        };
        self.known.retain(|_, state| !is_idle(state));
    }

    /// Whether a batch must stay, if need be empty, because it holds what is last known of a producer.
    pub(super) fn is_last_known(&self, batch: BatchView<'_>) -> bool {
        let Some(stamp) = batch.producer() else { return false };
        self.known.get(&stamp.id).is_some_and(|known| match known.batches.back() {
            Some(last) => !batch.is_control() && last.last_offset == batch.last_offset(),
            None => batch.is_control() && stamp.epoch == known.epoch,
        })
    }

    fn note_marker(
        &mut self,
        stamp: ProducerStamp,
        marker: EndTxnMarker,
        timestamp_ms: i64,
        offset: Offset,
    ) -> Option<CompletedTransaction> {
        let state = self.known.entry(stamp.id).or_insert_with(|| ProducerState::new(stamp.epoch));
        state.move_to(stamp.epoch);
        state.coordinator_epoch = Some(marker.coordinator_epoch);
        state.last_timestamp_ms = timestamp_ms;
        let first_offset = state.txn_first_offset.take()?;
        self.open.remove(&first_offset);
        self.unreplicated.insert(first_offset, offset);
        Some(CompletedTransaction {
            producer: stamp.id,
            first_offset,
            last_offset: offset,
            result: marker.result,
            last_stable_offset: self.open.keys().next().copied().unwrap_or(offset.next()),
        })
    }
}

fn check_epoch(known: &ProducerState, stamp: ProducerStamp) -> Result<(), ProducerError> {
    if stamp.epoch < known.epoch {
        return Err(ProducerError::InvalidProducerEpoch { id: stamp.id, found: stamp.epoch, known: known.epoch });
    }
    Ok(())
}

fn check_coordinator(known: &ProducerState, marker: EndTxnMarker) -> Result<(), ProducerError> {
    match known.coordinator_epoch {
        Some(epoch) if epoch > marker.coordinator_epoch => {
            Err(ProducerError::TransactionCoordinatorFenced { found: marker.coordinator_epoch, known: epoch })
        }
        Some(_) | None => Ok(()),
    }
}

fn check_data(
    known: &ProducerState,
    stamp: ProducerStamp,
    batch: BatchView<'_>,
    origin: Origin,
) -> Result<(), ProducerError> {
    if let (Origin::Client, Some(found)) = (origin, stamp.base_sequence) {
        let last = known.batches.back().filter(|_| known.epoch == stamp.epoch);
        let expected = last.map_or(Sequence(0), |batch| batch.last_sequence.plus(1));
        if found != expected {
            return Err(ProducerError::OutOfOrderSequenceNumber { id: stamp.id, found, expected });
        }
    }
    if known.txn_first_offset.is_some() && !batch.is_transactional() {
        return Err(ProducerError::InvalidTxnState { id: stamp.id });
    }
    Ok(())
}

fn last_sequence(first: Sequence, batch: BatchView<'_>) -> Sequence {
    first.plus(batch.last_offset_delta() as u32)
}

#[cfg(test)]
mod tests;

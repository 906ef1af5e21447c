//! What a log knows of its producers: their last batches, to recognise a repetition, and their open transactions.
//!
//! Nothing here writes: a batch is first checked, then appended, then noted.

use super::batch::{BatchView, ProducerStamp};
use super::{EndTxnMarker, Offset, ProducerEpoch, ProducerId, Sequence, TransactionResult};
use std::collections::{BTreeMap, VecDeque};
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
    known: BTreeMap<ProducerId, ProducerState>,
    /// Open transactions by their first offset.
    open: BTreeMap<Offset, ProducerId>,
    /// Transactions whose marker is not below the high watermark, by their first offset, with the marker's.
    unreplicated: BTreeMap<Offset, Offset>,
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
mod tests {
    use super::super::batch::set_base_offset;
    use super::super::sample::{append, batch, end_txn, stamp};
    use super::super::{AppendError, Appended, EndTxnMarker, Log, LogConfig, Writer};
    use super::*;

    const ID: i64 = 7;

    /// A log with so many batches of one record, numbered from 0, of one producer.
    fn log_of(batches: i32) -> Log {
        let mut log = Log::new(LogConfig::default());
        for sequence in 0..batches {
            append(&mut log, &batch(Writer::Idempotent(stamp(ID, sequence)), &["key"], None, 0));
        }
        log
    }

    fn in_epoch(epoch: i16, sequence: i32) -> ProducerStamp {
        ProducerStamp { epoch: ProducerEpoch(epoch), ..stamp(ID, sequence) }
    }

    /// What the log says to a batch of one record.
    fn send(log: &mut Log, writer: Writer) -> Result<Appended, ProducerError> {
        log.append(batch(writer, &["key"], None, 0).view(), Origin::Client, 0).map_err(|error| match error {
            AppendError::Producer(error) => error,
            error => panic!("{error}"),
        })
    }

    fn check_sequence(log: &mut Log, found: i32, expected: i32) {
        let (id, found, expected) = (ProducerId(ID), Sequence(found), Sequence(expected));
        let refused = send(log, Writer::Idempotent(stamp(ID, found.0)));
        assert_eq!(refused, Err(ProducerError::OutOfOrderSequenceNumber { id, found, expected }));
    }

    #[test]
    fn each_of_the_last_five_batches_is_recognised() {
        for sequence in 1..6 {
            let mut log = log_of(6);
            let again = send(&mut log, Writer::Idempotent(stamp(ID, sequence))).expect("a repetition");
            assert_eq!((again.is_duplicate, again.first_offset), (true, Offset(sequence.into())));
            assert_eq!(log.log_end_offset(), Offset(6));
        }
    }

    #[test]
    fn the_sixth_to_last_batch_is_out_of_order() {
        check_sequence(&mut log_of(6), 0, 6);
    }

    #[test]
    fn a_batch_that_ends_elsewhere_is_no_repetition() {
        let mut log = log_of(3);
        let longer = batch(Writer::Idempotent(stamp(ID, 2)), &["key", "key"], None, 0);
        assert!(log.append(longer.view(), Origin::Client, 0).is_err());
    }

    #[test]
    fn a_missing_record_is_noticed() {
        check_sequence(&mut log_of(3), 4, 3);
    }

    #[test]
    fn a_producer_that_is_not_known_may_begin_anywhere() {
        assert!(send(&mut log_of(0), Writer::Idempotent(stamp(ID, 41))).is_ok());
    }

    #[test]
    fn zero_follows_the_largest_sequence_number() {
        let mut log = log_of(0);
        for sequence in [i32::MAX - 1, i32::MAX, 0, 1] {
            assert!(send(&mut log, Writer::Idempotent(stamp(ID, sequence))).is_ok(), "{sequence}");
        }
    }

    #[test]
    fn a_zombie_is_fenced() {
        let mut log = log_of(1);
        assert!(send(&mut log, Writer::Idempotent(in_epoch(2, 0))).is_ok());
        let (id, found, known) = (ProducerId(ID), ProducerEpoch(1), ProducerEpoch(2));
        let refused = send(&mut log, Writer::Idempotent(in_epoch(1, 1)));
        assert_eq!(refused, Err(ProducerError::InvalidProducerEpoch { id, found, known }));
    }

    #[test]
    fn a_new_epoch_begins_at_zero_and_with_no_batch_to_repeat() {
        let mut log = log_of(3);
        let refused = send(&mut log, Writer::Idempotent(in_epoch(1, 3)));
        assert!(matches!(refused, Err(ProducerError::OutOfOrderSequenceNumber { expected: Sequence(0), .. })));
        assert_eq!(send(&mut log, Writer::Idempotent(in_epoch(1, 0))).map(|it| it.is_duplicate), Ok(false));
    }

    #[test]
    fn a_marker_in_a_new_epoch_fences_too() {
        let mut log = log_of(1);
        let marker = EndTxnMarker { result: TransactionResult::Abort, coordinator_epoch: 0 };
        append(&mut log, &marker.batch(ProducerId(ID), ProducerEpoch(1), 0));
        assert!(matches!(
            send(&mut log, Writer::Idempotent(stamp(ID, 1))),
            Err(ProducerError::InvalidProducerEpoch { .. })
        ));
    }

    #[test]
    fn a_producer_in_a_transaction_writes_nothing_outside_of_it() {
        let mut log = log_of(0);
        assert!(send(&mut log, Writer::Transactional(stamp(ID, 0))).is_ok());
        let outside = Writer::Idempotent(stamp(ID, 1));
        assert_eq!(send(&mut log, outside), Err(ProducerError::InvalidTxnState { id: ProducerId(ID) }));
        end_txn(&mut log, ID, TransactionResult::Commit);
        assert!(send(&mut log, outside).is_ok());
    }

    #[test]
    fn the_marker_of_an_earlier_coordinator_is_fenced() {
        let mut log = log_of(1);
        let marker = |coordinator_epoch| {
            let marker = EndTxnMarker { result: TransactionResult::Abort, coordinator_epoch };
            marker.batch(ProducerId(ID), ProducerEpoch(0), 0)
        };
        append(&mut log, &marker(2));
        let refused = log.append(marker(1).view(), Origin::Coordinator, 0);
        let fenced = ProducerError::TransactionCoordinatorFenced { found: 1, known: 2 };
        assert_eq!(refused, Err(AppendError::Producer(fenced)));
        append(&mut log, &marker(2));
    }

    #[test]
    fn a_follower_believes_its_leader() {
        let mut log = log_of(1);
        for writer in [Writer::Idempotent(stamp(ID, 9)), Writer::Transactional(in_epoch(-1, 0))] {
            let base = log.log_end_offset();
            let mut bytes = batch(writer, &["key"], None, 0).view().bytes().to_vec();
            set_base_offset(&mut bytes, base);
            assert!(log.append(BatchView(&bytes), Origin::Replication, 0).is_ok());
        }
    }

    #[test]
    fn an_idle_producer_is_forgotten_unless_its_transaction_is_open() {
        let config = LogConfig { producer_id_expiration_ms: 100, ..LogConfig::default() };
        let mut log = Log::new(config);
        append(&mut log, &batch(Writer::Idempotent(stamp(1, 0)), &["key"], None, 1_000));
        append(&mut log, &batch(Writer::Transactional(stamp(2, 0)), &["key"], None, 1_000));
        let known = |log: &Log| log.producers().map(|(id, _)| id.0).collect::<Vec<_>>();
        log.expire_producers(1_099);
        assert_eq!(known(&log), [1, 2]);
        log.expire_producers(1_100);
        assert_eq!(known(&log), [2]);
    }
}

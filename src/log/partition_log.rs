//! A partition's log: a list of segments, the last of which grows, and the offsets that bound what readers see.
//!
//! What else can be done to a log has a file each: [`super::retention`], [`super::compaction`], [`super::truncation`],
//! [`super::timestamps`], [`super::transactions`]. The high watermark is the replicas' business: whoever appends moves it.

use super::producers::{Producers, Verdict};
use super::{AbortedTransaction, Fetched};
use super::{
    BatchView, Batches, CommittedRecords, LeaderEpoch, LogConfig, Offset, Origin, ProducerError, ProducerId,
    ProducerState, RecordView, Segment, TransactionResult,
};
use std::sync::Arc;
use thiserror::Error;

/// How much of a log a reader sees (`isolation.level`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// Everything, as a follower does.
    LogEnd,
    /// What is on all in-sync replicas: up to the high watermark.
    #[default]
    ReadUncommitted,
    /// Of that, what is decided: up to the last stable offset, without the records of aborted transactions.
    ReadCommitted,
}

/// Why a batch was not appended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AppendError {
    /// `MESSAGE_TOO_LARGE`: the batch is larger than the topic takes.
    #[error("MessageTooLarge: the batch has {batch_bytes} bytes, and the topic takes at most {max_message_bytes}")]
    MessageTooLarge {
        /// The size of the batch.
        batch_bytes: usize,
        /// What the topic takes.
        max_message_bytes: usize,
    },
    /// `RECORD_LIST_TOO_LARGE`: the batch is larger than a segment may be.
    #[error("RecordListTooLarge: the batch has {batch_bytes} bytes, and a segment at most {segment_bytes}")]
    RecordListTooLarge {
        /// The size of the batch.
        batch_bytes: usize,
        /// What a segment takes.
        segment_bytes: usize,
    },
    /// `INVALID_RECORD`: a record without a key, in a topic that is compacted by key.
    #[error("InvalidRecord: record {index} of the batch has no key, and the topic is compacted by key")]
    InvalidRecord {
        /// Which record, from 0.
        index: usize,
    },
    /// `INVALID_RECORD`: a batch that only a coordinator or a leader may send.
    #[error("InvalidRecord: a client may not send a batch with such {field}")]
    InvalidBatch {
        /// The field of its header.
        field: &'static str,
    },
    /// The batch brings offsets that the log has given out already.
    #[error("UnexpectedAppendOffset: the batch begins at offset {first_offset}, and the log ends at {log_end_offset}")]
    UnexpectedAppendOffset {
        /// The batch's first offset.
        first_offset: Offset,
        /// Where it should begin at the least.
        log_end_offset: Offset,
    },
    /// Its producer may not write it.
    #[error(transparent)]
    Producer(#[from] ProducerError),
}

/// Why there is nothing at an offset.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FetchError {
    /// `OFFSET_OUT_OF_RANGE`: there is no such offset in the log, nor is it the next one.
    #[error("OffsetOutOfRange: offset {offset} is not in {log_start_offset}..={log_end_offset}")]
    OffsetOutOfRange {
        /// What was asked for.
        offset: Offset,
        /// The first offset still there.
        log_start_offset: Offset,
        /// The offset that the next record will have.
        log_end_offset: Offset,
    },
}

/// Where a batch's records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The offset of the first.
    pub first_offset: Offset,
    /// The offset of the last.
    pub last_offset: Offset,
    /// Whether they were there before: the batch is a repetition, and nothing was written.
    pub is_duplicate: bool,
}

/// One partition's log. A clone shares the sealed segments and copies only the one that grows.
#[derive(Clone, Debug)]
pub struct Log {
    pub(super) config: LogConfig,
    pub(super) sealed: Vec<Arc<Segment>>,
    pub(super) active: Segment,
    pub(super) start_offset: Offset,
    pub(super) high_watermark: Offset,
    pub(super) producers: Producers,
    /// The epoch that what a leader appends is marked with.
    pub(super) leader_epoch: LeaderEpoch,
    /// Up to where the log is compacted.
    pub(super) clean_offset: Option<Offset>,
}

impl Log {
    /// An empty log that begins at offset 0.
    pub fn new(config: LogConfig) -> Self {
        Self::starting_at(Offset::ZERO, config, 0)
    }

    /// An empty log that begins at `offset`.
    pub fn starting_at(offset: Offset, config: LogConfig, now_ms: i64) -> Self {
        Self {
            config,
            sealed: Vec::new(),
            active: Segment::new(offset, now_ms, Arc::default()),
            start_offset: offset,
            high_watermark: offset,
            producers: Producers::default(),
            leader_epoch: LeaderEpoch::default(),
            clean_offset: None,
        }
    }

    /// The settings that it obeys.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Obeys other settings from now on; what is there is not changed before it is next looked at.
    pub fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }

    /// The first offset that can be read.
    pub fn log_start_offset(&self) -> Offset {
        self.start_offset
    }

    /// The offset below which every record is on all in-sync replicas, and may be read.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// The offset that the next record will have.
    pub fn log_end_offset(&self) -> Offset {
        self.active.end_offset()
    }

    /// The offset that a reader with this isolation level does not get beyond.
    pub fn bound(&self, isolation: Isolation) -> Offset {
        match isolation {
            Isolation::LogEnd => self.log_end_offset(),
            Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => self.last_stable_offset(),
        }
    }

    /// Its segments, oldest first; the last one is active.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.sealed.iter().map(AsRef::as_ref).chain(std::iter::once(&self.active))
    }

    /// The segments that hold `offset` or what follows it.
    pub(super) fn segments_from(&self, offset: Offset) -> impl Iterator<Item = &Segment> + Clone {
        let first = self.sealed.partition_point(|segment| segment.end_offset() <= offset);
        self.sealed[first..].iter().map(AsRef::as_ref).chain(std::iter::once(&self.active))
    }

    /// The producers that it knows, by their ids.
    pub fn producers(&self) -> impl Iterator<Item = (ProducerId, &ProducerState)> {
        self.producers.iter()
    }

    /// Its size in bytes.
    pub fn len_bytes(&self) -> usize {
        self.segments().map(Segment::len_bytes).sum()
    }

    /// The bytes that a clone of the log does not copy.
    pub fn shared_bytes(&self) -> usize {
        self.sealed.iter().map(|segment| segment.len_bytes()).sum()
    }

    /// Moves the high watermark, as far as the log goes, and returns it.
    pub fn set_high_watermark(&mut self, offset: Offset) -> Offset {
        self.high_watermark = offset.clamp(self.start_offset, self.log_end_offset());
        self.producers.replicated_to(self.high_watermark);
        self.high_watermark
    }

    /// Marks what is appended from now on, other than by replication, with the epoch of a new leader.
    pub fn set_leader_epoch(&mut self, epoch: LeaderEpoch) {
        self.leader_epoch = epoch;
    }

    /// Appends `batch`, or recognises that it is there already. A follower takes its leader's offsets as they are.
    pub fn append(&mut self, batch: BatchView<'_>, origin: Origin, now_ms: i64) -> Result<Appended, AppendError> {
        let first_offset = self.first_offset_of(batch, origin)?;
        self.check_size(batch.bytes().len(), origin)?;
        self.check_content(batch, origin)?;
        if let Verdict::Duplicate(known) = self.producers.check(batch, origin)? {
            let (first_offset, last_offset) = (known.first_offset, known.last_offset);
            return Ok(Appended { first_offset, last_offset, is_duplicate: true });
        }
        if self.is_full_for(batch, now_ms) {
            self.roll_at(first_offset, now_ms);
        }
        let epoch = (origin != Origin::Replication).then_some(self.leader_epoch);
        self.active.append(batch, (first_offset, epoch), now_ms, self.segment_bytes_expected());
        self.note_transactions(batch, first_offset);
        let last_offset = first_offset.plus(batch.last_offset_delta());
        Ok(Appended { first_offset, last_offset, is_duplicate: false })
    }

    /// Seals the active segment and begins a new one, unless it is empty.
    pub fn roll(&mut self, now_ms: i64) {
        if !self.active.is_empty() {
            self.roll_at(self.log_end_offset(), now_ms);
        }
    }

    /// The encoded batches from the one that holds `from` on: up to the bound of `isolation`, the end of a segment or
    /// `bytes_max`, whichever comes first. Nothing if `from` is at the bound or beyond. The first batch may begin before
    /// `from`, and the first record after it where compaction has left a gap.
    pub fn fetch(&self, from: Offset, isolation: Isolation, bytes_max: usize) -> Result<Fetched<'_>, FetchError> {
        self.check_offset(from)?;
        let bound = self.bound(isolation);
        let reads = self.segments_from(from).map(|segment| segment.read(from, bound, bytes_max));
        let bytes = reads.into_iter().find(|bytes| !bytes.is_empty()).unwrap_or_default();
        let aborted = match isolation {
            Isolation::LogEnd | Isolation::ReadUncommitted => Vec::new(),
            Isolation::ReadCommitted => self.aborted_in(from, bound),
        };
        Ok(Fetched { bytes, aborted })
    }

    /// The records from `from` on that a reader with this isolation level sees. Those of aborted transactions are left out
    /// under [`Isolation::ReadCommitted`], control markers always.
    pub fn records(&self, from: Offset, isolation: Isolation) -> impl Iterator<Item = RecordView<'_>> {
        let bound = self.bound(isolation);
        let aborted = match isolation {
            Isolation::LogEnd | Isolation::ReadUncommitted => Vec::new(),
            Isolation::ReadCommitted => self.aborted_in(from, bound),
        };
        let from = from.max(self.start_offset);
        CommittedRecords::new(self.batches_between(from, bound), aborted).skip_while(move |record| record.offset < from)
    }

    /// The records from `from` on, up to the high watermark.
    pub fn records_from(&self, from: Offset) -> impl Iterator<Item = RecordView<'_>> {
        self.records(from, Isolation::ReadUncommitted)
    }

    /// The record at `offset`, if it is there, whether readers see it yet or not.
    pub fn record(&self, offset: Offset) -> Option<RecordView<'_>> {
        if offset < self.start_offset {
            return None;
        }
        self.records(offset, Isolation::LogEnd).next().filter(|record| record.offset == offset)
    }

    /// The batches, empty and control ones too, that hold offsets from `from` (inclusive) to `bound` (exclusive).
    pub fn batches_between(&self, from: Offset, bound: Offset) -> impl Iterator<Item = BatchView<'_>> + Clone {
        self.segments_from(from).flat_map(move |segment| Batches::new(segment.read(from, bound, usize::MAX)))
    }

    /// Forgets producers that have been idle for `producer.id.expiration.ms`.
    pub fn expire_producers(&mut self, now_ms: i64) {
        self.producers.expire(now_ms, self.config.producer_id_expiration_ms);
    }

    pub(super) fn check_offset(&self, offset: Offset) -> Result<(), FetchError> {
        let (log_start_offset, log_end_offset) = (self.start_offset, self.log_end_offset());
        if offset < log_start_offset || offset > log_end_offset {
            return Err(FetchError::OffsetOutOfRange { offset, log_start_offset, log_end_offset });
        }
        Ok(())
    }

    pub(super) fn roll_at(&mut self, base_offset: Offset, now_ms: i64) {
        let next = Segment::new(base_offset, now_ms, Arc::new(self.producers.clone()));
        let mut full = std::mem::replace(&mut self.active, next);
        full.trim();
        self.sealed.push(Arc::new(full));
    }

    /// Takes note of what a batch that was just put into the active segment means for its producer's transaction.
    pub(super) fn note_transactions(&mut self, batch: BatchView<'_>, base_offset: Offset) {
        let Some(completed) = self.producers.note(batch, base_offset) else { return };
        match completed.result {
            TransactionResult::Commit => {}
            TransactionResult::Abort => self.active.aborted.push(AbortedTransaction {
                producer: completed.producer,
                first_offset: completed.first_offset,
                last_offset: completed.last_offset,
                last_stable_offset: completed.last_stable_offset,
            }),
        }
    }

    fn first_offset_of(&self, batch: BatchView<'_>, origin: Origin) -> Result<Offset, AppendError> {
        let log_end_offset = self.log_end_offset();
        match origin {
            Origin::Client | Origin::Coordinator => Ok(log_end_offset),
            Origin::Replication if batch.base_offset() >= log_end_offset => Ok(batch.base_offset()),
            Origin::Replication => {
                Err(AppendError::UnexpectedAppendOffset { first_offset: batch.base_offset(), log_end_offset })
            }
        }
    }

    fn check_size(&self, batch_bytes: usize, origin: Origin) -> Result<(), AppendError> {
        let LogConfig { max_message_bytes, segment_bytes, .. } = self.config;
        // The limit may have been lowered since the leader took the batch.
        if batch_bytes > max_message_bytes && origin != Origin::Replication {
            return Err(AppendError::MessageTooLarge { batch_bytes, max_message_bytes });
        }
        if batch_bytes > segment_bytes {
            return Err(AppendError::RecordListTooLarge { batch_bytes, segment_bytes });
        }
        Ok(())
    }

    /// How large the active segment will become: about as large as the one before it.
    fn segment_bytes_expected(&self) -> usize {
        let before = self.sealed.last().map_or(0, |segment| segment.len_bytes());
        (before + before / 16).min(self.config.segment_bytes)
    }

    /// What a follower does not look at again, because its leader has.
    fn check_content(&self, batch: BatchView<'_>, origin: Origin) -> Result<(), AppendError> {
        match origin {
            Origin::Client => check_client(batch)?,
            Origin::Coordinator => {}
            Origin::Replication => return Ok(()),
        }
        let needs_keys = self.config.cleanup_policy.compacts() && !batch.is_control();
        if needs_keys { check_keys(batch) } else { Ok(()) }
    }

    /// Whether a new segment begins with `batch`: the active one would become too large, too old, or too long for offsets
    /// relative to its base.
    fn is_full_for(&self, batch: BatchView<'_>, now_ms: i64) -> bool {
        let segment = &self.active;
        if segment.is_empty() {
            return false;
        }
        let offsets = batch.last_offset_delta() + self.log_end_offset().0 - segment.base_offset().0;
        segment.len_bytes() + batch.bytes().len() > self.config.segment_bytes
            || segment.open_for_ms(batch.max_timestamp_ms(), now_ms) > self.config.segment_ms
            || offsets > i64::from(i32::MAX)
    }
}

/// Clients write no markers, leave no gaps, and number their records if they have an id.
fn check_client(batch: BatchView<'_>) -> Result<(), AppendError> {
    let records = i64::from(batch.record_count());
    let checks = [
        (!batch.is_control(), "attributes"),
        (records > 0, "records_count"),
        (records == batch.last_offset_delta() + 1, "last_offset_delta"),
        (batch.producer().is_none_or(|stamp| stamp.base_sequence.is_some()), "base_sequence"),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, field)) => Err(AppendError::InvalidBatch { field }),
        None => Ok(()),
    }
}

fn check_keys(batch: BatchView<'_>) -> Result<(), AppendError> {
    match batch.records().position(|record| record.key.is_none()) {
        Some(index) => Err(AppendError::InvalidRecord { index }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;

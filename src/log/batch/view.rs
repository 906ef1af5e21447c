//! Batches as they are read: borrowed from a segment, a request or a response, with nothing copied.

use super::{LENGTH_EXCLUDES_BYTES, NONE, ProducerStamp, at, attribute};
use crate::log::record::{self, Deltas};
use crate::log::{LeaderEpoch, Offset, ProducerEpoch, ProducerId, RecordView, Sequence};

/// One batch, borrowed from a segment, a request or a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchView<'a>(pub(in crate::log) &'a [u8]);

impl<'a> BatchView<'a> {
    /// The offset of the first record, even if compaction has removed it.
    #[inline]
    pub fn base_offset(self) -> Offset {
        Offset(self.i64_at(at::BASE_OFFSET))
    }

    /// The offset of the last record, even if compaction has removed it.
    #[inline]
    pub fn last_offset(self) -> Offset {
        // Of bytes that nobody has checked, the two can be anything.
        Offset(self.base_offset().0.wrapping_add(self.last_offset_delta()))
    }

    /// The epoch of the leader that appended it (`partition_leader_epoch`).
    pub fn leader_epoch(self) -> LeaderEpoch {
        LeaderEpoch(self.i32_at(at::LEADER_EPOCH))
    }

    /// Who wrote it, if that was a producer with an id.
    pub fn producer(self) -> Option<ProducerStamp> {
        let id = self.i64_at(at::PRODUCER_ID);
        let sequence = self.i32_at(at::BASE_SEQUENCE);
        (id > NONE).then(|| ProducerStamp {
            id: ProducerId(id),
            epoch: ProducerEpoch(i16::from_be_bytes(self.array_at(at::PRODUCER_EPOCH))),
            base_sequence: (i64::from(sequence) > NONE).then_some(Sequence(sequence)),
        })
    }

    /// Whether it is part of a transaction, or ends one.
    pub fn is_transactional(self) -> bool {
        self.attributes() & attribute::TRANSACTIONAL != 0
    }

    /// Whether it holds a control marker instead of records of a producer.
    pub fn is_control(self) -> bool {
        self.attributes() & attribute::CONTROL != 0
    }

    /// From when on compaction may remove its tombstones, in milliseconds; `None` until a pass has kept one.
    pub fn delete_horizon_ms(self) -> Option<i64> {
        (self.attributes() & attribute::DELETE_HORIZON != 0).then(|| self.i64_at(at::BASE_TIMESTAMP))
    }

    /// The largest timestamp of its records, in milliseconds; [`NO_TIMESTAMP_MS`](crate::log::NO_TIMESTAMP_MS) if none has one.
    #[inline]
    pub fn max_timestamp_ms(self) -> i64 {
        self.i64_at(at::MAX_TIMESTAMP)
    }

    /// How many records it holds.
    #[inline]
    pub fn record_count(self) -> u32 {
        self.i32_at(at::RECORDS_COUNT) as u32
    }

    /// The encoded batch.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Its records in order of offset; for a control batch, the marker.
    #[inline]
    pub fn records(self) -> Records<'a> {
        let base = Deltas { offset: self.base_offset().0, timestamp_ms: self.i64_at(at::BASE_TIMESTAMP) };
        Records { bytes: &self.0[at::RECORDS..], left: self.record_count(), base, frame: record::Frame::default() }
    }

    pub(in crate::log) fn last_offset_delta(self) -> i64 {
        i64::from(self.i32_at(at::LAST_OFFSET_DELTA))
    }

    pub(in crate::log) fn attributes(self) -> i16 {
        i16::from_be_bytes(self.array_at(at::ATTRIBUTES))
    }

    pub(in crate::log) fn i32_at(self, at: usize) -> i32 {
        i32::from_be_bytes(self.array_at(at))
    }

    fn i64_at(self, at: usize) -> i64 {
        i64::from_be_bytes(self.array_at(at))
    }

    pub(in crate::log) fn array_at<const N: usize>(self, at: usize) -> [u8; N] {
        std::array::from_fn(|index| self.0[at + index])
    }
}

/// The records of one batch, in order.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    left: u32,
    base: Deltas,
    frame: record::Frame,
}

impl Records<'_> {
    /// How many bytes lie behind the records taken so far.
    pub(in crate::log) fn bytes_left(&self) -> usize {
        self.bytes.len()
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = RecordView<'a>;

    #[expect(clippy::inline_always, reason = "measured: see record.rs")]
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (record, bytes, frame) = record::take(self.bytes, self.base, self.frame)?;
        (self.bytes, self.frame) = (bytes, frame);
        Some(record)
    }
}

/// The batches of a stretch of bytes, in order; stops at the first that is cut short.
#[derive(Clone, Debug, Default)]
pub struct Batches<'a>(&'a [u8]);

impl<'a> Batches<'a> {
    /// Reads `bytes` as one batch behind another.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = BatchView<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let header = self.0.get(..at::RECORDS)?;
        let length = usize::try_from(BatchView(header).i32_at(at::BATCH_LENGTH)).ok()?;
        let (batch, rest) = self.0.split_at_checked(LENGTH_EXCLUDES_BYTES.checked_add(length)?)?;
        self.0 = rest;
        (batch.len() >= at::RECORDS).then_some(BatchView(batch))
    }
}

//! Record batches in Kafka's v2 format: what a producer sends, a log stores and a fetch returns, byte for byte.
//!
//! The checksum field stays zero in memory: nothing inside one process damages bytes. [`super::wire`] computes it for a
//! batch that leaves the process, and checks it for one that comes in.

mod view;

pub use self::view::{BatchView, Batches, Records};

use super::record::{self, Deltas};
use super::{LeaderEpoch, NewRecord, Offset, ProducerEpoch, ProducerId, Sequence};
use std::sync::Arc;

/// Where each header field of a batch lies, in bytes from its start.
pub(super) mod at {
    pub(in super::super) const BASE_OFFSET: usize = 0;
    pub(in super::super) const BATCH_LENGTH: usize = 8;
    pub(in super::super) const LEADER_EPOCH: usize = 12;
    pub(in super::super) const MAGIC: usize = 16;
    pub(in super::super) const CRC: usize = 17;
    pub(in super::super) const ATTRIBUTES: usize = 21;
    pub(in super::super) const LAST_OFFSET_DELTA: usize = 23;
    pub(in super::super) const BASE_TIMESTAMP: usize = 27;
    pub(in super::super) const MAX_TIMESTAMP: usize = 35;
    pub(in super::super) const PRODUCER_ID: usize = 43;
    pub(in super::super) const PRODUCER_EPOCH: usize = 51;
    pub(in super::super) const BASE_SEQUENCE: usize = 53;
    pub(in super::super) const RECORDS_COUNT: usize = 57;
    pub(in super::super) const RECORDS: usize = 61;
}

/// The bits of the attributes that are used here; the others say how a batch is compressed and who timed it.
pub(super) mod attribute {
    pub(in super::super) const TRANSACTIONAL: i16 = 1 << 4;
    pub(in super::super) const CONTROL: i16 = 1 << 5;
    /// The base timestamp is the time from which the batch's tombstones may go.
    pub(in super::super) const DELETE_HORIZON: i16 = 1 << 6;
}

/// The version of the format.
pub(super) const MAGIC: u8 = 2;
/// The bytes before those that `batch_length` counts.
pub(super) const LENGTH_EXCLUDES_BYTES: usize = at::BATCH_LENGTH + 4;
/// What a batch says of its leader's epoch before one appends it.
const LEADER_EPOCH: i32 = 0;
/// What a record has whose writer gave no time (`NO_TIMESTAMP`).
pub const NO_TIMESTAMP_MS: i64 = -1;
/// The id, epoch or sequence of a batch that has none.
const NONE: i64 = -1;

/// What an idempotent producer writes on a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerStamp {
    /// Who it is.
    pub id: ProducerId,
    /// Which of its lives.
    pub epoch: ProducerEpoch,
    /// The sequence number of the batch's first record; `None` on control batches.
    pub base_sequence: Option<Sequence>,
}

/// Who writes a batch, and as part of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Writer {
    /// Nobody whom the log would know again.
    #[default]
    Anonymous,
    /// A producer that numbers its records, so that a repetition is recognised (`enable.idempotence`).
    Idempotent(ProducerStamp),
    /// A producer in a transaction.
    Transactional(ProducerStamp),
    /// The coordinator that ends a producer's transaction: the batch holds a control marker.
    Coordinator(ProducerStamp),
}

impl Writer {
    fn stamp(self) -> Option<ProducerStamp> {
        match self {
            Self::Anonymous => None,
            Self::Idempotent(stamp) | Self::Transactional(stamp) | Self::Coordinator(stamp) => Some(stamp),
        }
    }

    fn attributes(self) -> i16 {
        match self {
            Self::Anonymous | Self::Idempotent(_) => 0,
            Self::Transactional(_) => attribute::TRANSACTIONAL,
            Self::Coordinator(_) => attribute::TRANSACTIONAL | attribute::CONTROL,
        }
    }
}

/// An encoded batch, ready to be sent; offsets begin at 0 until a log appends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch(Arc<Vec<u8>>);

impl Batch {
    /// The batch, to be read.
    pub fn view(&self) -> BatchView<'_> {
        BatchView(&self.0)
    }

    /// The same records, numbered otherwise: what a producer sends when it has to number them anew. The bytes are copied.
    #[must_use]
    pub fn written_by(&self, writer: Writer) -> Self {
        let mut bytes = self.0.to_vec();
        set_producer(&mut bytes, writer.stamp());
        bytes[at::ATTRIBUTES..at::LAST_OFFSET_DELTA].copy_from_slice(&writer.attributes().to_be_bytes());
        Self(Arc::new(bytes))
    }

    /// A batch of bytes that have been checked.
    pub(super) fn from_checked(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }
}

/// Collects records into a batch. Its memory can be used again for the next one.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    writer: Writer,
    /// Written up to `used`; behind lies what was there before.
    bytes: Vec<u8>,
    used: usize,
    base_timestamp_ms: i64,
    max_timestamp_ms: i64,
    count: i32,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::new(Writer::Anonymous)
    }
}

impl BatchBuilder {
    /// A builder without records.
    pub fn new(writer: Writer) -> Self {
        Self {
            writer,
            bytes: vec![0; at::RECORDS],
            used: at::RECORDS,
            base_timestamp_ms: NO_TIMESTAMP_MS,
            max_timestamp_ms: NO_TIMESTAMP_MS,
            count: 0,
        }
    }

    /// Says who writes the batch, which may become known only when it is sent.
    pub fn set_writer(&mut self, writer: Writer) {
        self.writer = writer;
    }

    /// Adds a record behind those already there.
    #[expect(clippy::inline_always, reason = "measured: see record.rs")]
    #[inline(always)]
    pub fn push(&mut self, record: &NewRecord<'_>) {
        if self.count == 0 {
            self.base_timestamp_ms = record.timestamp_ms;
        }
        let deltas = self.deltas_of(record);
        let room = self.bytes.get_mut(self.used..);
        match room.and_then(|room| record::put_common(room, record, deltas)) {
            Some(len) => self.used += len,
            None => self.push_any(*record, deltas),
        }
        self.max_timestamp_ms = self.max_timestamp_ms.max(record.timestamp_ms);
        self.count += 1;
    }

    /// The size of the batch as it is now, in bytes.
    pub fn len_bytes(&self) -> usize {
        self.used
    }

    /// The size that the batch would have with `record` behind those already there, in bytes.
    pub fn len_bytes_with(&self, record: &NewRecord<'_>) -> usize {
        self.used + record::len(record::body_len(record, self.deltas_of(record)))
    }

    /// How many records it holds.
    pub fn records(&self) -> u32 {
        self.count as u32
    }

    /// The finished batch, in the builder's own memory; `None` if no record was pushed, for producers send no empty ones.
    pub fn seal(&mut self) -> Option<BatchView<'_>> {
        if self.count == 0 {
            return None;
        }
        let header = BatchHeader {
            base_offset: Offset::ZERO,
            leader_epoch: LEADER_EPOCH,
            last_offset_delta: self.count - 1,
            attributes: self.writer.attributes(),
            base_timestamp_ms: self.base_timestamp_ms,
            max_timestamp_ms: self.max_timestamp_ms,
            producer: self.writer.stamp(),
            count: self.count,
        };
        let batch = &mut self.bytes[..self.used];
        header.write(batch);
        Some(BatchView(batch))
    }

    /// Forgets the records, and keeps the memory and the writer.
    pub fn clear(&mut self) {
        self.used = at::RECORDS;
        self.max_timestamp_ms = NO_TIMESTAMP_MS;
        self.count = 0;
    }

    /// The finished batch, to be kept; `None` if no record was pushed.
    pub fn finish(mut self) -> Option<Batch> {
        self.seal()?;
        self.bytes.truncate(self.used);
        Some(Batch(Arc::new(self.bytes)))
    }

    #[inline]
    fn deltas_of(&self, record: &NewRecord<'_>) -> Deltas {
        let base_ms = if self.count == 0 { record.timestamp_ms } else { self.base_timestamp_ms };
        Deltas { offset: i64::from(self.count), timestamp_ms: record.timestamp_ms.wrapping_sub(base_ms) }
    }

    /// Writes a record that is longer than the room there is, or unlike most.
    #[inline(never)]
    fn push_any(&mut self, record: NewRecord<'_>, deltas: Deltas) {
        let body_len = record::body_len(&record, deltas);
        let end = self.used + record::len(body_len);
        if end > self.bytes.len() {
            self.bytes.resize(end.max(2 * self.bytes.len()), 0);
        }
        record::put_any(&mut self.bytes[self.used..], &record, deltas, body_len);
        self.used = end;
    }
}

/// The fields of a batch before its records.
pub(super) struct BatchHeader {
    pub(super) base_offset: Offset,
    pub(super) leader_epoch: i32,
    pub(super) last_offset_delta: i32,
    pub(super) attributes: i16,
    pub(super) base_timestamp_ms: i64,
    pub(super) max_timestamp_ms: i64,
    pub(super) producer: Option<ProducerStamp>,
    pub(super) count: i32,
}

impl BatchHeader {
    /// Writes the header at the start of `batch`, which is as long as the whole batch.
    pub(super) fn write(&self, batch: &mut [u8]) {
        let length = (batch.len() - LENGTH_EXCLUDES_BYTES) as i32;
        let mut set = |at: usize, field: &[u8]| batch[at..at + field.len()].copy_from_slice(field);
        set(at::BASE_OFFSET, &self.base_offset.0.to_be_bytes());
        set(at::BATCH_LENGTH, &length.to_be_bytes());
        set(at::LEADER_EPOCH, &self.leader_epoch.to_be_bytes());
        set(at::MAGIC, &[MAGIC]);
        set(at::ATTRIBUTES, &self.attributes.to_be_bytes());
        set(at::LAST_OFFSET_DELTA, &self.last_offset_delta.to_be_bytes());
        set(at::BASE_TIMESTAMP, &self.base_timestamp_ms.to_be_bytes());
        set(at::MAX_TIMESTAMP, &self.max_timestamp_ms.to_be_bytes());
        set(at::RECORDS_COUNT, &self.count.to_be_bytes());
        set_producer(batch, self.producer);
    }
}

/// Writes who produced it into the encoded batch at the start of `bytes`.
fn set_producer(bytes: &mut [u8], producer: Option<ProducerStamp>) {
    let mut set = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
    let sequence = producer.and_then(|stamp| stamp.base_sequence);
    set(at::PRODUCER_ID, &producer.map_or(NONE, |stamp| stamp.id.0).to_be_bytes());
    set(at::PRODUCER_EPOCH, &producer.map_or(NONE as i16, |stamp| stamp.epoch.0).to_be_bytes());
    set(at::BASE_SEQUENCE, &sequence.map_or(NONE as i32, |sequence| sequence.0).to_be_bytes());
}

/// Writes `base_offset` into the encoded batch at the start of `bytes`.
pub(super) fn set_base_offset(bytes: &mut [u8], base_offset: Offset) {
    bytes[at::BASE_OFFSET..at::BATCH_LENGTH].copy_from_slice(&base_offset.0.to_be_bytes());
}

/// Writes the epoch of the leader that appended it into the encoded batch at the start of `bytes`.
pub(super) fn set_leader_epoch(bytes: &mut [u8], epoch: LeaderEpoch) {
    bytes[at::LEADER_EPOCH..at::MAGIC].copy_from_slice(&epoch.0.to_be_bytes());
}

#[cfg(test)]
mod tests;

//! A stretch of a partition's log: batches as bytes, and a sparse index from offset and time to position.

use super::batch::{Batches, NO_TIMESTAMP_MS, set_base_offset, set_leader_epoch};
use super::producers::Producers;
use super::{AbortedTransaction, BatchView, LeaderEpoch, Offset};
use std::sync::Arc;

/// How many bytes of batches lie between two entries of the index (`index.interval.bytes`).
const INDEX_INTERVAL_BYTES: usize = 4_096;

/// Where a batch begins, and the largest timestamp before it.
#[derive(Clone, Copy, Debug)]
struct IndexEntry {
    offset_delta: u32,
    position: u32,
    max_timestamp_before_ms: i64,
}

/// Batches that lie one behind another. The last segment of a log grows; the others never change again.
#[derive(Clone, Debug)]
pub struct Segment {
    base_offset: Offset,
    end_offset: Offset,
    created_ms: i64,
    modified_ms: i64,
    first_timestamp_ms: i64,
    max_timestamp_ms: i64,
    bytes: Vec<u8>,
    index: Vec<IndexEntry>,
    unindexed_bytes: usize,
    records: u64,
    /// The aborted transactions whose markers lie here.
    pub(super) aborted: Vec<AbortedTransaction>,
    /// What was known of producers before the first batch, to go back to when the log is cut off in this segment.
    pub(super) producers_before: Arc<Producers>,
}

impl Segment {
    /// An empty segment whose first record will be at `base_offset`.
    pub(super) fn new(base_offset: Offset, now_ms: i64, producers_before: Arc<Producers>) -> Self {
        Self {
            base_offset,
            end_offset: base_offset,
            created_ms: now_ms,
            modified_ms: now_ms,
            first_timestamp_ms: NO_TIMESTAMP_MS,
            max_timestamp_ms: NO_TIMESTAMP_MS,
            bytes: Vec::new(),
            index: Vec::new(),
            unindexed_bytes: 0,
            records: 0,
            aborted: Vec::new(),
            producers_before,
        }
    }

    /// The offset of its first record, or of the first there will be.
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }

    /// The offset after its last record.
    pub fn end_offset(&self) -> Offset {
        self.end_offset
    }

    /// The largest timestamp of its records, in milliseconds; `None` while it has none.
    pub fn max_timestamp_ms(&self) -> Option<i64> {
        (self.max_timestamp_ms > NO_TIMESTAMP_MS).then_some(self.max_timestamp_ms)
    }

    /// The time that retention counts from: the largest timestamp, or when it was last written to.
    pub fn retention_time_ms(&self) -> i64 {
        self.max_timestamp_ms().unwrap_or(self.modified_ms)
    }

    /// When it was last written to, in milliseconds.
    pub(super) fn modified_ms(&self) -> i64 {
        self.modified_ms
    }

    /// How long it has been open to a batch whose largest timestamp is `timestamp_ms`, in milliseconds.
    pub(super) fn open_for_ms(&self, timestamp_ms: i64, now_ms: i64) -> i64 {
        if self.first_timestamp_ms > NO_TIMESTAMP_MS {
            timestamp_ms - self.first_timestamp_ms
        } else {
            now_ms - self.created_ms
        }
    }

    /// Its size in bytes.
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of memory that it holds besides its batches: indexes, and room to grow.
    pub fn overhead_bytes(&self) -> usize {
        size_of::<Self>() + self.bytes.capacity() - self.bytes.len()
            + self.index.capacity() * size_of::<IndexEntry>()
            + self.aborted.capacity() * size_of::<AbortedTransaction>()
    }

    /// How many records it holds, transaction markers not counted.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Whether it holds no batch.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Its batches, in order.
    pub fn batches(&self) -> Batches<'_> {
        Batches::new(&self.bytes)
    }

    /// Puts a copy of `batch` at the end, numbered from `base_offset`, and in `epoch` if it is not to keep its own. Memory for
    /// `bytes_expected` is taken at once.
    pub(super) fn append(
        &mut self,
        batch: BatchView<'_>,
        (base_offset, epoch): (Offset, Option<LeaderEpoch>),
        now_ms: i64,
        bytes_expected: usize,
    ) {
        self.make_room(batch.bytes().len(), bytes_expected);
        let position = self.bytes.len();
        self.bytes.extend_from_slice(batch.bytes());
        set_base_offset(&mut self.bytes[position..], base_offset);
        if let Some(epoch) = epoch {
            set_leader_epoch(&mut self.bytes[position..], epoch);
        }
        self.note(position, batch, base_offset);
        self.modified_ms = now_ms;
    }

    /// Takes batches that are numbered already, in order, and ends at `end_offset`. What compaction leaves.
    pub(super) fn rebuilt(&self, bytes: Vec<u8>, end_offset: Offset, modified_ms: i64) -> Self {
        let mut segment = Self::new(self.base_offset, self.created_ms, self.producers_before.clone());
        let mut position = 0;
        for batch in Batches::new(&bytes) {
            segment.note(position, batch, batch.base_offset());
            position += batch.bytes().len();
        }
        segment.bytes = bytes;
        segment.end_offset = end_offset;
        segment.modified_ms = modified_ms;
        segment.trim();
        segment
    }

    /// Gives back the memory that a segment no longer needs once it does not grow.
    pub(super) fn trim(&mut self) {
        self.bytes.shrink_to_fit();
        self.index.shrink_to_fit();
        self.aborted.shrink_to_fit();
    }

    /// Whole batches from the one that holds `from` on: as many as end below `bound` and fit into `bytes_max`,
    /// and the first of them whatever its size, so that a large record never blocks its readers.
    pub(super) fn read(&self, from: Offset, bound: Offset, bytes_max: usize) -> &[u8] {
        let start = self.position_of(from);
        if self.end_offset <= bound && self.bytes.len() - start <= bytes_max {
            return &self.bytes[start..];
        }
        let mut end = start;
        for batch in Batches::new(&self.bytes[start..]) {
            let next = end + batch.bytes().len();
            if batch.last_offset() >= bound || (end > start && next - start > bytes_max) {
                break;
            }
            end = next;
        }
        &self.bytes[start..end]
    }

    /// The batches from the one on that may hold the first record of `timestamp_ms` or later.
    pub(super) fn batches_from_time(&self, timestamp_ms: i64) -> Batches<'_> {
        let after = self.index.partition_point(|entry| entry.max_timestamp_before_ms < timestamp_ms);
        Batches::new(&self.bytes[self.index_position(after)..])
    }

    /// The segment without the batches that end at or above `offset`, which becomes its end.
    pub(super) fn cut(&self, offset: Offset) -> Self {
        let position = self.position_of(offset);
        let mut cut = self.rebuilt(self.bytes[..position].to_vec(), offset, self.modified_ms);
        cut.aborted = self.aborted.iter().filter(|aborted| aborted.last_offset < offset).copied().collect();
        cut
    }

    fn note(&mut self, position: usize, batch: BatchView<'_>, base_offset: Offset) {
        if position == 0 {
            self.first_timestamp_ms = batch.max_timestamp_ms();
        }
        if position == 0 || self.unindexed_bytes >= INDEX_INTERVAL_BYTES {
            self.index.push(IndexEntry {
                offset_delta: (base_offset.0 - self.base_offset.0) as u32,
                position: position as u32,
                max_timestamp_before_ms: self.max_timestamp_ms,
            });
            self.unindexed_bytes = 0;
        }
        self.unindexed_bytes += batch.bytes().len();
        self.records += if batch.is_control() { 0 } else { u64::from(batch.record_count()) };
        self.max_timestamp_ms = self.max_timestamp_ms.max(batch.max_timestamp_ms());
        self.end_offset = base_offset.plus(batch.last_offset_delta() + 1);
    }

    fn make_room(&mut self, bytes: usize, bytes_expected: usize) {
        let needed = self.bytes.len() + bytes;
        if needed > self.bytes.capacity() {
            let wanted = needed.max(bytes_expected).max(2 * self.bytes.capacity());
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
    }

    fn position_of(&self, offset: Offset) -> usize {
        let after = self.index.partition_point(|entry| self.base_offset.plus(i64::from(entry.offset_delta)) <= offset);
        let mut position = self.index_position(after);
        for batch in Batches::new(&self.bytes[position..]) {
            if batch.last_offset() >= offset {
                break;
            }
            position += batch.bytes().len();
        }
        position
    }

    /// The position of the last entry before number `after`.
    fn index_position(&self, after: usize) -> usize {
        self.index[..after].last().map_or(0, |entry| entry.position as usize)
    }
}

//! A stretch of a partition's log: batches as bytes, and a sparse index from offset to position.

use super::batch::{Batches, set_base_offset};
use super::{BatchView, Offset};

/// How many bytes of batches lie between two entries of the index (`index.interval.bytes`).
const INDEX_INTERVAL_BYTES: usize = 4_096;

/// Where a batch begins.
#[derive(Clone, Copy, Debug)]
struct IndexEntry {
    base_offset: Offset,
    position: u32,
}

/// Batches that lie one behind another. The last segment of a log grows; the others never change again.
#[derive(Clone, Debug)]
pub struct Segment {
    base_offset: Offset,
    end_offset: Offset,
    max_timestamp_ms: i64,
    bytes: Vec<u8>,
    index: Vec<IndexEntry>,
    unindexed_bytes: usize,
}

impl Segment {
    /// An empty segment whose first record will be at `base_offset`.
    pub(super) fn new(base_offset: Offset) -> Self {
        Self {
            base_offset,
            end_offset: base_offset,
            max_timestamp_ms: i64::MIN,
            bytes: Vec::new(),
            index: Vec::new(),
            unindexed_bytes: 0,
        }
    }

    /// The offset of its first record.
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }

    /// The offset after its last record.
    pub fn end_offset(&self) -> Offset {
        self.end_offset
    }

    /// The largest timestamp of its records, in milliseconds; `None` while it is empty.
    pub fn max_timestamp_ms(&self) -> Option<i64> {
        (!self.bytes.is_empty()).then_some(self.max_timestamp_ms)
    }

    /// Its size in bytes.
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds no batch.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Puts a copy of `batch` at the end, numbered from the segment's end offset.
    pub(super) fn append(&mut self, batch: BatchView<'_>) {
        let position = self.bytes.len();
        if position == 0 || self.unindexed_bytes >= INDEX_INTERVAL_BYTES {
            self.index.push(IndexEntry { base_offset: self.end_offset, position: position as u32 });
            self.unindexed_bytes = 0;
        }
        self.bytes.extend_from_slice(batch.bytes());
        set_base_offset(&mut self.bytes[position..], self.end_offset);
        self.unindexed_bytes += batch.bytes().len();
        self.max_timestamp_ms = self.max_timestamp_ms.max(batch.max_timestamp_ms());
        self.end_offset = Offset(self.end_offset.0 + i64::from(batch.record_count()));
    }

    /// Whole batches from the one that holds `from` on: as many as end below `bound` and fit into `bytes_max`,
    /// and the first of them whatever its size, so that a large record never blocks its readers.
    pub(super) fn read(&self, from: Offset, bound: Offset, bytes_max: usize) -> &[u8] {
        let start = self.position_of(from);
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

    fn position_of(&self, offset: Offset) -> usize {
        let after = self.index.partition_point(|entry| entry.base_offset <= offset);
        let mut position = self.index[..after].last().map_or(0, |entry| entry.position as usize);
        for batch in Batches::new(&self.bytes[position..]) {
            if batch.last_offset() >= offset {
                break;
            }
            position += batch.bytes().len();
        }
        position
    }
}

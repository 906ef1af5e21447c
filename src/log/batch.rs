//! Record batches in Kafka's v2 format: what a producer sends, a log stores and a fetch returns, byte for byte.
//!
//! The checksum field stays zero in memory: nothing inside one process damages bytes. Whoever sends a batch out of the
//! process computes it.

use super::record::{self, Deltas};
use super::{NewRecord, Offset, RecordView};
use std::sync::Arc;

/// Where each header field of a batch lies, in bytes from its start.
mod at {
    pub(super) const BASE_OFFSET: usize = 0;
    pub(super) const BATCH_LENGTH: usize = 8;
    pub(super) const MAGIC: usize = 16;
    pub(super) const LAST_OFFSET_DELTA: usize = 23;
    pub(super) const BASE_TIMESTAMP: usize = 27;
    pub(super) const MAX_TIMESTAMP: usize = 35;
    pub(super) const PRODUCER_ID: usize = 43;
    pub(super) const PRODUCER_EPOCH: usize = 51;
    pub(super) const BASE_SEQUENCE: usize = 53;
    pub(super) const RECORDS_COUNT: usize = 57;
    pub(super) const RECORDS: usize = 61;
}

/// The version of the format.
const MAGIC: u8 = 2;
/// The bytes before those that `batch_length` counts.
const LENGTH_EXCLUDES_BYTES: usize = at::BATCH_LENGTH + 4;

/// An encoded batch of at least one record, ready to be sent; offsets begin at 0 until a log appends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch(Arc<[u8]>);

impl Batch {
    /// The batch, to be read.
    pub fn view(&self) -> BatchView<'_> {
        BatchView(&self.0)
    }
}

/// Collects records into a batch.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    bytes: Vec<u8>,
    base_timestamp_ms: i64,
    max_timestamp_ms: i64,
    count: i32,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self { bytes: vec![0; at::RECORDS], base_timestamp_ms: 0, max_timestamp_ms: i64::MIN, count: 0 }
    }
}

impl BatchBuilder {
    /// Adds a record behind those already there.
    pub fn push(&mut self, record: &NewRecord<'_>) {
        if self.count == 0 {
            self.base_timestamp_ms = record.timestamp_ms;
        }
        let deltas = self.deltas_of(record);
        record::put(&mut self.bytes, record, deltas);
        self.max_timestamp_ms = self.max_timestamp_ms.max(record.timestamp_ms);
        self.count += 1;
    }

    /// The size of the batch as it is now, in bytes.
    pub fn len_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The size that the batch would have with `record` behind those already there, in bytes.
    pub fn len_bytes_with(&self, record: &NewRecord<'_>) -> usize {
        self.bytes.len() + record::len(record, self.deltas_of(record))
    }

    /// How many records it holds.
    pub fn records(&self) -> u32 {
        self.count as u32
    }

    /// The finished batch; `None` if no record was pushed, for there are no empty batches on the wire.
    pub fn finish(mut self) -> Option<Batch> {
        if self.count == 0 {
            return None;
        }
        let length = (self.bytes.len() - LENGTH_EXCLUDES_BYTES) as i32;
        self.set(at::BATCH_LENGTH, &length.to_be_bytes());
        self.set(at::MAGIC, &[MAGIC]);
        self.set(at::LAST_OFFSET_DELTA, &(self.count - 1).to_be_bytes());
        self.set(at::BASE_TIMESTAMP, &self.base_timestamp_ms.to_be_bytes());
        self.set(at::MAX_TIMESTAMP, &self.max_timestamp_ms.to_be_bytes());
        self.set(at::PRODUCER_ID, &(-1i64).to_be_bytes());
        self.set(at::PRODUCER_EPOCH, &(-1i16).to_be_bytes());
        self.set(at::BASE_SEQUENCE, &(-1i32).to_be_bytes());
        self.set(at::RECORDS_COUNT, &self.count.to_be_bytes());
        Some(Batch(self.bytes.into()))
    }

    fn deltas_of(&self, record: &NewRecord<'_>) -> Deltas {
        let base_ms = if self.count == 0 { record.timestamp_ms } else { self.base_timestamp_ms };
        Deltas { offset: i64::from(self.count), timestamp_ms: record.timestamp_ms - base_ms }
    }

    fn set(&mut self, at: usize, field: &[u8]) {
        self.bytes[at..at + field.len()].copy_from_slice(field);
    }
}

/// One batch, borrowed from a segment, a request or a response.
#[derive(Clone, Copy, Debug)]
pub struct BatchView<'a>(&'a [u8]);

impl<'a> BatchView<'a> {
    /// The offset of the first record.
    pub fn base_offset(self) -> Offset {
        Offset(self.i64_at(at::BASE_OFFSET))
    }

    /// The offset of the last record.
    pub fn last_offset(self) -> Offset {
        Offset(self.base_offset().0 + i64::from(self.i32_at(at::LAST_OFFSET_DELTA)))
    }

    /// The largest timestamp of its records, in milliseconds.
    pub fn max_timestamp_ms(self) -> i64 {
        self.i64_at(at::MAX_TIMESTAMP)
    }

    /// How many records it holds.
    pub fn record_count(self) -> u32 {
        self.i32_at(at::RECORDS_COUNT) as u32
    }

    /// The encoded batch.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Its records in order of offset.
    pub fn records(self) -> Records<'a> {
        let base = Deltas { offset: self.base_offset().0, timestamp_ms: self.i64_at(at::BASE_TIMESTAMP) };
        Records { bytes: &self.0[at::RECORDS..], left: self.record_count(), base }
    }

    fn i32_at(self, at: usize) -> i32 {
        i32::from_be_bytes(self.array_at(at))
    }

    fn i64_at(self, at: usize) -> i64 {
        i64::from_be_bytes(self.array_at(at))
    }

    fn array_at<const N: usize>(self, at: usize) -> [u8; N] {
        std::array::from_fn(|index| self.0[at + index])
    }
}

/// Writes `base_offset` into the encoded batch at the start of `bytes`.
pub(super) fn set_base_offset(bytes: &mut [u8], base_offset: Offset) {
    bytes[at::BASE_OFFSET..at::BATCH_LENGTH].copy_from_slice(&base_offset.0.to_be_bytes());
}

/// The records of one batch, in order.
#[derive(Clone)]
pub struct Records<'a> {
    bytes: &'a [u8],
    left: u32,
    base: Deltas,
}

impl<'a> Iterator for Records<'a> {
    type Item = RecordView<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        record::take(&mut self.bytes, self.base)
    }
}

/// The batches of a stretch of bytes, in order; stops at the first that is cut short.
#[derive(Clone, Debug)]
pub struct Batches<'a>(&'a [u8]);

impl<'a> Batches<'a> {
    /// Reads `bytes` as one batch behind another.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = BatchView<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let header = self.0.get(..at::RECORDS)?;
        let length = usize::try_from(BatchView(header).i32_at(at::BATCH_LENGTH)).ok()?;
        let (batch, rest) = self.0.split_at_checked(LENGTH_EXCLUDES_BYTES.checked_add(length)?)?;
        self.0 = rest;
        (batch.len() >= at::RECORDS).then_some(BatchView(batch))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Header;
    use super::*;

    fn two_records() -> Batch {
        let headers = [Header { key: "trace", value: Some(b"7") }, Header { key: "none", value: None }];
        let mut builder = BatchBuilder::default();
        builder.push(&NewRecord {
            key: Some(b"order-1"),
            value: Some(b"placed"),
            headers: &headers,
            timestamp_ms: 1_000,
        });
        builder.push(&NewRecord { key: None, value: None, headers: &[], timestamp_ms: 998 });
        builder.finish().expect("two records make a batch")
    }

    #[test]
    fn records_come_out_as_they_went_in() {
        let batch = two_records();
        let records: Vec<_> = batch.view().records().collect();
        assert_eq!(records[0].key, Some(b"order-1".as_slice()));
        assert_eq!(records[0].value, Some(b"placed".as_slice()));
        assert_eq!(records[0].headers().map(|header| header.key).collect::<Vec<_>>(), ["trace", "none"]);
        assert_eq!((records[1].key, records[1].value), (None, None));
        assert_eq!((records[1].offset, records[1].timestamp_ms), (Offset(1), 998));
    }

    #[test]
    fn the_header_sums_up_the_records() {
        let batch = two_records();
        assert_eq!(batch.view().record_count(), 2);
        assert_eq!(batch.view().max_timestamp_ms(), 1_000);
        assert_eq!(batch.view().last_offset(), Offset(1));
    }

    #[test]
    fn the_size_with_a_record_is_the_size_once_it_is_there() {
        let headers = [Header { key: "source", value: Some(b"orders") }];
        let mut builder = BatchBuilder::default();
        for timestamp_ms in [1_000, 70_000, 0] {
            let record = NewRecord { key: Some(b"order-1"), value: Some(&[7; 200]), headers: &headers, timestamp_ms };
            let expected = builder.len_bytes_with(&record);
            builder.push(&record);
            assert_eq!(builder.len_bytes(), expected);
        }
    }

    #[test]
    fn no_record_makes_no_batch() {
        assert_eq!(BatchBuilder::default().finish(), None);
    }

    #[test]
    fn bytes_that_are_cut_short_are_no_batch() {
        let batch = two_records();
        for len in 0..batch.view().bytes().len() {
            assert_eq!(Batches::new(&batch.view().bytes()[..len]).count(), 0, "{len} bytes");
        }
    }
}

//! Batches as they cross the border of the process: with their checksum, and checked before they are believed.

use super::batch::{Batch, BatchView, Batches, LENGTH_EXCLUDES_BYTES, MAGIC, at};
use super::{NO_TIMESTAMP_MS, Offset, RecordView};
use thiserror::Error;

/// The bits of the attributes that say how records are compressed.
const COMPRESSION_BITS: i16 = 0b111;
/// The bit of the attributes that says that a broker timed the records, all of them with the largest timestamp.
const LOG_APPEND_TIME_BIT: i16 = 1 << 3;

/// Why bytes are not a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// There are fewer bytes than a header has, or than it announces.
    #[error("CorruptMessage: the batch is cut short: {found} bytes of {expected}")]
    CutShort {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// There are bytes behind the batch.
    #[error("CorruptMessage: {bytes} bytes follow the batch")]
    TrailingBytes {
        /// How many.
        bytes: usize,
    },
    /// `UNSUPPORTED_FOR_MESSAGE_FORMAT`: another version of the format.
    #[error("UnsupportedForMessageFormat: the batch is of version {found}, and only {MAGIC} is read")]
    UnsupportedMagic {
        /// The version.
        found: u8,
    },
    /// `UNSUPPORTED_COMPRESSION_TYPE`: the records are compressed.
    #[error("UnsupportedCompressionType: the records are compressed (type {kind}), which is not read")]
    UnsupportedCompression {
        /// Kafka's number of the method.
        kind: i16,
    },
    /// `INVALID_TIMESTAMP`: the records have the time of the broker that took them.
    #[error("InvalidTimestamp: the records have the time of a broker (LogAppendTime), which is not read")]
    UnsupportedTimestampType,
    /// `CORRUPT_MESSAGE`: the bytes are not those that the checksum was computed of.
    #[error("CorruptMessage: the checksum of the batch is {found:08x}, and should be {expected:08x}")]
    Checksum {
        /// The one in the header.
        found: u32,
        /// That of the bytes.
        expected: u32,
    },
    /// `CORRUPT_MESSAGE`: the header contradicts itself or the records.
    #[error("CorruptMessage: the header of the batch is wrong in {field}")]
    Header {
        /// Which of its fields.
        field: &'static str,
    },
    /// `CORRUPT_MESSAGE`: a record is damaged.
    #[error("CorruptMessage: record {index} of the batch is damaged")]
    Record {
        /// Which one, from 0.
        index: u32,
    },
}

impl BatchView<'_> {
    /// The batch with its checksum, as it leaves the process.
    pub fn to_wire(self) -> Vec<u8> {
        let mut bytes = self.bytes().to_vec();
        let checksum = checksum_of(&bytes);
        bytes[at::CRC..at::ATTRIBUTES].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }
}

impl Batch {
    /// The one batch that `bytes` hold, all of which is checked, so that it can be appended like one of our own.
    pub fn from_wire(bytes: &[u8]) -> Result<Self, DecodeError> {
        let view = frame(bytes)?;
        check_header(view)?;
        let found = u32::from_be_bytes(view.array_at(at::CRC));
        let expected = checksum_of(bytes);
        if found != expected {
            return Err(DecodeError::Checksum { found, expected });
        }
        check_records(view)?;
        let mut bytes = bytes.to_vec();
        bytes[at::CRC..at::ATTRIBUTES].fill(0);
        Ok(Self::from_checked(bytes))
    }
}

/// The bytes of a batch that its checksum covers: all from the attributes on.
fn checksum_of(batch: &[u8]) -> u32 {
    crc32c::crc32c(&batch[at::ATTRIBUTES..])
}

fn frame(bytes: &[u8]) -> Result<BatchView<'_>, DecodeError> {
    let cut_short = |expected| DecodeError::CutShort { found: bytes.len(), expected };
    if bytes.len() < at::RECORDS {
        return Err(cut_short(at::RECORDS));
    }
    let announced = BatchView(bytes).i32_at(at::BATCH_LENGTH);
    let length = usize::try_from(announced).map_err(|_| DecodeError::Header { field: "batch_length" })?;
    let expected = LENGTH_EXCLUDES_BYTES.saturating_add(length);
    if expected < at::RECORDS {
        return Err(DecodeError::Header { field: "batch_length" });
    }
    match Batches::new(bytes).next() {
        None => Err(cut_short(expected)),
        Some(_) if bytes.len() > expected => Err(DecodeError::TrailingBytes { bytes: bytes.len() - expected }),
        Some(batch) => Ok(batch),
    }
}

fn check_header(batch: BatchView<'_>) -> Result<(), DecodeError> {
    let magic = batch.bytes()[at::MAGIC];
    if magic != MAGIC {
        return Err(DecodeError::UnsupportedMagic { found: magic });
    }
    let kind = batch.attributes() & COMPRESSION_BITS;
    if kind != 0 {
        return Err(DecodeError::UnsupportedCompression { kind });
    }
    if batch.attributes() & LOG_APPEND_TIME_BIT != 0 {
        return Err(DecodeError::UnsupportedTimestampType);
    }
    let delta = batch.last_offset_delta();
    let checks = [
        (batch.base_offset() >= Offset::ZERO && batch.base_offset().0.checked_add(delta + 1).is_some(), "base_offset"),
        (delta >= 0, "last_offset_delta"),
        (
            i64::from(batch.i32_at(at::RECORDS_COUNT)) >= 0 && i64::from(batch.record_count()) <= delta + 1,
            "records_count",
        ),
        (batch.max_timestamp_ms() >= NO_TIMESTAMP_MS, "max_timestamp"),
        (!batch.is_control() || batch.is_transactional(), "attributes"),
        (!batch.is_control() || batch.record_count() == 0 || batch.marker().is_some(), "attributes"),
        (!batch.is_transactional() || batch.producer().is_some(), "producer_id"),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, field)) => Err(DecodeError::Header { field }),
        None => Ok(()),
    }
}

/// Every record is whole, they are in order of offset within the batch, none is later than it, and nothing follows the last.
fn check_records(batch: BatchView<'_>) -> Result<(), DecodeError> {
    let mut records = batch.records();
    let mut next_offset = batch.base_offset();
    for index in 0..batch.record_count() {
        let is_sound = |record: &RecordView<'_>| {
            let is_in_order = record.offset >= next_offset && record.offset <= batch.last_offset();
            record.is_sound() && is_in_order && record.timestamp_ms >= NO_TIMESTAMP_MS
        };
        let record = records.next().filter(is_sound).ok_or(DecodeError::Record { index })?;
        if record.timestamp_ms > batch.max_timestamp_ms() {
            return Err(DecodeError::Header { field: "max_timestamp" });
        }
        next_offset = record.offset.next();
    }
    match records.bytes_left() {
        0 => Ok(()),
        bytes => Err(DecodeError::TrailingBytes { bytes }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{batch, stamp};
    use super::super::{EndTxnMarker, ProducerEpoch, ProducerId, TransactionResult, Writer};
    use super::*;

    fn bytes_of(writer: Writer) -> Vec<u8> {
        batch(writer, &["a", "b"], Some(b"v"), 1_000).view().to_wire()
    }

    /// What is said of a batch of two records with other bytes at `at`, and the checksum that belongs to them.
    fn check(writer: Writer, at: usize, bytes: &[u8], expect: DecodeError) {
        let mut changed = bytes_of(writer);
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        assert_eq!(Batch::from_wire(&signed(changed)), Err(expect));
    }

    fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
        let checksum = checksum_of(&bytes);
        bytes[at::CRC..at::ATTRIBUTES].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }

    fn check_field(at: usize, bytes: &[u8], field: &'static str) {
        check(Writer::Anonymous, at, bytes, DecodeError::Header { field });
    }

    #[test]
    fn what_leaves_comes_back() {
        for writer in [Writer::Anonymous, Writer::Idempotent(stamp(1, 2)), Writer::Transactional(stamp(1, 2))] {
            assert_eq!(Batch::from_wire(&bytes_of(writer)), Ok(batch(writer, &["a", "b"], Some(b"v"), 1_000)));
        }
        let marker = EndTxnMarker { result: TransactionResult::Commit, coordinator_epoch: 3 };
        let marker = marker.batch(ProducerId(1), ProducerEpoch(2), 1_000);
        assert_eq!(Batch::from_wire(&marker.view().to_wire()), Ok(marker));
    }

    #[test]
    fn a_batch_that_is_cut_short_is_refused() {
        let bytes = bytes_of(Writer::Anonymous);
        for found in 0..bytes.len() {
            let expected = if found < at::RECORDS { at::RECORDS } else { bytes.len() };
            assert_eq!(Batch::from_wire(&bytes[..found]), Err(DecodeError::CutShort { found, expected }));
        }
    }

    #[test]
    fn bytes_behind_the_batch_are_refused() {
        let mut bytes = bytes_of(Writer::Anonymous);
        bytes.extend([0; 3]);
        assert_eq!(Batch::from_wire(&bytes), Err(DecodeError::TrailingBytes { bytes: 3 }));
    }

    #[test]
    fn other_versions_and_compressed_records_are_refused() {
        check(Writer::Anonymous, at::MAGIC, &[1], DecodeError::UnsupportedMagic { found: 1 });
        check(Writer::Anonymous, at::ATTRIBUTES, &[0, 4], DecodeError::UnsupportedCompression { kind: 4 });
    }

    #[test]
    fn the_time_of_a_broker_is_refused() {
        check(Writer::Anonymous, at::ATTRIBUTES, &[0, 1 << 3], DecodeError::UnsupportedTimestampType);
    }

    #[test]
    fn no_record_is_later_than_its_batch_says() {
        check_field(at::MAX_TIMESTAMP, &999i64.to_be_bytes(), "max_timestamp");
    }

    #[test]
    fn only_a_record_without_a_time_has_a_negative_one() {
        check(Writer::Anonymous, at::BASE_TIMESTAMP, &(-2i64).to_be_bytes(), DecodeError::Record { index: 0 });
        check_field(at::MAX_TIMESTAMP, &(-2i64).to_be_bytes(), "max_timestamp");
    }

    #[test]
    fn a_header_that_contradicts_itself_is_refused() {
        check_field(at::BATCH_LENGTH, &(-1i32).to_be_bytes(), "batch_length");
        check_field(at::BATCH_LENGTH, &48i32.to_be_bytes(), "batch_length");
        check_field(at::BASE_OFFSET, &(-1i64).to_be_bytes(), "base_offset");
        check_field(at::BASE_OFFSET, &(i64::MAX - 1).to_be_bytes(), "base_offset");
        check_field(at::LAST_OFFSET_DELTA, &(-1i32).to_be_bytes(), "last_offset_delta");
        check_field(at::RECORDS_COUNT, &(-1i32).to_be_bytes(), "records_count");
        check_field(at::RECORDS_COUNT, &3i32.to_be_bytes(), "records_count");
    }

    #[test]
    fn a_control_batch_needs_a_transaction_and_a_marker() {
        check_field(at::ATTRIBUTES, &[0, 1 << 5], "attributes");
        check(
            Writer::Transactional(stamp(1, 0)),
            at::ATTRIBUTES,
            &[0, 3 << 4],
            DecodeError::Header { field: "attributes" },
        );
    }

    #[test]
    fn a_transaction_needs_a_producer() {
        check_field(at::ATTRIBUTES, &[0, 1 << 4], "producer_id");
    }

    #[test]
    fn damaged_records_are_refused_although_the_checksum_is_theirs() {
        let second = at::RECORDS + (bytes_of(Writer::Anonymous).len() - at::RECORDS) / 2;
        let check = |at, byte: u8, expect| check(Writer::Anonymous, at, &[byte], expect);
        // A length of all that follows; a negative length; an offset behind the batch; the offset of the first.
        check(at::RECORDS, 0x7e, DecodeError::Record { index: 0 });
        check(at::RECORDS, 1, DecodeError::Record { index: 0 });
        check(second + 3, 4, DecodeError::Record { index: 1 });
        check(second + 3, 0, DecodeError::Record { index: 1 });
        // A record that says it has a header.
        check(bytes_of(Writer::Anonymous).len() - 1, 2, DecodeError::Record { index: 1 });
    }

    #[test]
    fn records_that_are_not_counted_are_refused() {
        let bytes = (bytes_of(Writer::Anonymous).len() - at::RECORDS) / 2;
        check(Writer::Anonymous, at::RECORDS_COUNT, &1i32.to_be_bytes(), DecodeError::TrailingBytes { bytes });
    }
}

//! Batches as they cross the border of the process: with their checksum, and checked before they are believed.

use super::batch::{Batch, BatchView, Batches, LENGTH_EXCLUDES_BYTES, MAGIC, at};
use super::{Offset, RecordView};
use thiserror::Error;

/// The bits of the attributes that say how records are compressed.
const COMPRESSION_BITS: i16 = 0b111;

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
    let delta = batch.last_offset_delta();
    let checks = [
        (batch.base_offset() >= Offset::ZERO && batch.base_offset().0.checked_add(delta + 1).is_some(), "base_offset"),
        (delta >= 0, "last_offset_delta"),
        (
            i64::from(batch.i32_at(at::RECORDS_COUNT)) >= 0 && i64::from(batch.record_count()) <= delta + 1,
            "records_count",
        ),
        (!batch.is_control() || batch.is_transactional(), "attributes"),
        (!batch.is_control() || batch.record_count() == 0 || batch.marker().is_some(), "attributes"),
        (!batch.is_transactional() || batch.producer().is_some(), "producer_id"),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, field)) => Err(DecodeError::Header { field }),
        None => Ok(()),
    }
}

/// Every record is whole, they are in order of offset within the batch, and nothing follows the last.
fn check_records(batch: BatchView<'_>) -> Result<(), DecodeError> {
    let mut records = batch.records();
    let mut next_offset = batch.base_offset();
    for index in 0..batch.record_count() {
        let is_sound = |record: &RecordView<'_>| {
            record.is_sound() && record.offset >= next_offset && record.offset <= batch.last_offset()
        };
        let record = records.next().filter(is_sound).ok_or(DecodeError::Record { index })?;
        next_offset = record.offset.next();
    }
    match records.bytes_left() {
        0 => Ok(()),
        bytes => Err(DecodeError::TrailingBytes { bytes }),
    }
}

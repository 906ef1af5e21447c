//! A partition's log: a list of segments, the last of which grows, and the offsets that bound what readers see.

use super::{Batch, Batches, Offset, RecordView, Segment};
use std::sync::Arc;
use thiserror::Error;

/// A topic's settings that its logs obey. Names and units are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment that would outgrow this is sealed and a new one begun.
    pub segment_bytes: usize,
    /// `max.message.bytes`: the largest batch that is taken.
    pub max_message_bytes: usize,
    /// `retention.ms`: how old a segment's youngest record may become; `None` keeps everything. The active segment
    /// stays however old it is.
    pub retention_ms: Option<i64>,
    /// `retention.bytes`: how large the log may become before its oldest segment goes; `None` is no limit.
    pub retention_bytes: Option<u64>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { segment_bytes: 64 * 1024, max_message_bytes: 1_048_588, retention_ms: None, retention_bytes: None }
    }
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
}

/// Why a fetch returned nothing.
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

/// One partition's log. A clone shares the sealed segments and copies only the one that grows.
#[derive(Clone, Debug)]
pub struct Log {
    config: LogConfig,
    sealed: Vec<Arc<Segment>>,
    active: Segment,
    start_offset: Offset,
    high_watermark: Offset,
}

impl Log {
    /// An empty log.
    pub fn new(config: LogConfig) -> Self {
        Self {
            config,
            sealed: Vec::new(),
            active: Segment::new(Offset::ZERO),
            start_offset: Offset::ZERO,
            high_watermark: Offset::ZERO,
        }
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

    /// Its segments, oldest first; the last one is active.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.sealed.iter().map(AsRef::as_ref).chain(std::iter::once(&self.active))
    }

    /// Its size in bytes.
    pub fn len_bytes(&self) -> usize {
        self.segments().map(Segment::len_bytes).sum()
    }

    /// Appends `batch` and returns the offset of its first record. The leader is the only replica, so the high
    /// watermark follows the log end.
    pub fn append(&mut self, batch: &Batch) -> Result<Offset, AppendError> {
        let batch = batch.view();
        self.check_size(batch.bytes().len())?;
        if !self.active.is_empty() && self.active.len_bytes() + batch.bytes().len() > self.config.segment_bytes {
            self.roll();
        }
        let base_offset = self.log_end_offset();
        self.active.append(batch);
        self.high_watermark = self.log_end_offset();
        Ok(base_offset)
    }

    /// The encoded batches from the one that holds `from` on: up to the high watermark, the end of a segment or
    /// `bytes_max`, whichever comes first. Nothing if `from` is the high watermark. The first batch may begin before `from`.
    pub fn fetch(&self, from: Offset, bytes_max: usize) -> Result<&[u8], FetchError> {
        if from < self.start_offset || from > self.log_end_offset() {
            return Err(FetchError::OffsetOutOfRange {
                offset: from,
                log_start_offset: self.start_offset,
                log_end_offset: self.log_end_offset(),
            });
        }
        Ok(self.segment_of(from).read(from, self.high_watermark, bytes_max))
    }

    /// The records from `from` on, up to the high watermark.
    pub fn records_from(&self, from: Offset) -> impl Iterator<Item = RecordView<'_>> {
        let first = self.sealed.partition_point(|segment| segment.end_offset() <= from);
        self.segments()
            .skip(first)
            .flat_map(move |segment| Batches::new(segment.read(from, self.high_watermark, usize::MAX)))
            .flat_map(super::BatchView::records)
            .skip_while(move |record| record.offset < from)
    }

    /// The record at `offset`, if it can still be read.
    pub fn record(&self, offset: Offset) -> Option<RecordView<'_>> {
        if offset < self.start_offset {
            return None;
        }
        self.records_from(offset).next().filter(|record| record.offset == offset)
    }

    /// Deletes sealed segments from the oldest on while retention says so, and returns how many went.
    pub fn apply_retention(&mut self, now_ms: i64) -> usize {
        let mut size_bytes = self.len_bytes();
        let due = self.sealed.iter().take_while(|segment| {
            let due = self.is_too_old(segment, now_ms) || self.is_beyond_size(segment, size_bytes);
            size_bytes -= segment.len_bytes();
            due
        });
        let deleted = due.count();
        self.sealed.drain(..deleted);
        let oldest = self.sealed.first().map_or(self.active.base_offset(), |segment| segment.base_offset());
        self.start_offset = self.start_offset.max(oldest);
        deleted
    }

    fn check_size(&self, batch_bytes: usize) -> Result<(), AppendError> {
        let max_message_bytes = self.config.max_message_bytes;
        if batch_bytes > max_message_bytes {
            return Err(AppendError::MessageTooLarge { batch_bytes, max_message_bytes });
        }
        Ok(())
    }

    fn roll(&mut self) {
        let next = Segment::new(self.log_end_offset());
        self.sealed.push(Arc::new(std::mem::replace(&mut self.active, next)));
    }

    fn segment_of(&self, offset: Offset) -> &Segment {
        let index = self.sealed.partition_point(|segment| segment.end_offset() <= offset);
        self.sealed.get(index).map_or(&self.active, AsRef::as_ref)
    }

    fn is_too_old(&self, segment: &Segment, now_ms: i64) -> bool {
        match (self.config.retention_ms, segment.max_timestamp_ms()) {
            (Some(retention_ms), Some(youngest_ms)) => now_ms - youngest_ms > retention_ms,
            (None, _) | (_, None) => false,
        }
    }

    fn is_beyond_size(&self, segment: &Segment, size_bytes: usize) -> bool {
        self.config.retention_bytes.is_some_and(|bound| (size_bytes - segment.len_bytes()) as u64 >= bound)
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))] // proptest needs a source of entropy
mod tests {
    use super::super::{BatchBuilder, NewRecord};
    use super::*;
    use proptest::prelude::*;

    fn batch_of(values: &[&[u8]], timestamp_ms: i64) -> Batch {
        let mut builder = BatchBuilder::default();
        for value in values {
            builder.push(&NewRecord { value: Some(value), timestamp_ms, ..NewRecord::default() });
        }
        builder.finish().expect("at least one record")
    }

    fn log_of(segment_bytes: usize, batches: usize) -> Log {
        let mut log = Log::new(LogConfig { segment_bytes, ..LogConfig::default() });
        for index in 0..batches {
            log.append(&batch_of(&[b"a", b"b"], index as i64)).expect("small enough");
        }
        log
    }

    #[test]
    fn offsets_are_dense_across_segments() {
        let log = log_of(200, 50);
        assert!(log.segments().count() > 10);
        let offsets: Vec<i64> = log.records_from(Offset::ZERO).map(|record| record.offset.0).collect();
        assert_eq!(offsets, (0..100).collect::<Vec<i64>>());
    }

    #[test]
    fn a_fetch_inside_a_batch_returns_the_whole_batch() {
        let log = log_of(1_000, 3);
        let first = Batches::new(log.fetch(Offset(3), 1).expect("in range")).next().expect("a batch");
        assert_eq!((first.base_offset(), first.last_offset()), (Offset(2), Offset(3)));
    }

    #[test]
    fn a_fetch_at_the_end_is_empty() {
        assert_eq!(log_of(1_000, 3).fetch(Offset(6), 1_000), Ok([].as_slice()));
    }

    #[test]
    fn a_fetch_beyond_the_end_or_below_the_start_is_out_of_range() {
        let mut log = log_of(200, 50);
        log.config.retention_ms = Some(10);
        assert!(log.apply_retention(40) > 0);
        let start = log.log_start_offset();
        assert!(start > Offset::ZERO);
        for offset in [Offset(start.0 - 1), Offset(101)] {
            assert!(matches!(log.fetch(offset, 1), Err(FetchError::OffsetOutOfRange { .. })), "{offset}");
        }
    }

    #[test]
    fn retention_by_size_keeps_at_least_the_bound() {
        let mut log = log_of(200, 50);
        log.config.retention_bytes = Some(1_000);
        log.apply_retention(0);
        assert!((1_000..1_400).contains(&log.len_bytes()), "{} bytes", log.len_bytes());
    }

    #[test]
    fn the_active_segment_is_never_deleted() {
        let mut log = log_of(1_000_000, 5);
        log.config.retention_ms = Some(0);
        assert_eq!(log.apply_retention(1_000_000), 0);
    }

    #[test]
    fn a_batch_that_is_too_large_is_refused_and_changes_nothing() {
        let mut log = Log::new(LogConfig { max_message_bytes: 100, ..LogConfig::default() });
        let refused = log.append(&batch_of(&[&[0; 100]], 0));
        assert!(matches!(refused, Err(AppendError::MessageTooLarge { max_message_bytes: 100, .. })));
        assert_eq!(log.log_end_offset(), Offset::ZERO);
    }

    #[test]
    fn a_clone_shares_sealed_segments() {
        let log = log_of(200, 50);
        let copy = log.clone();
        assert!(log.sealed.iter().zip(&copy.sealed).all(|(one, other)| Arc::ptr_eq(one, other)));
    }

    proptest! {
        #[test]
        fn every_fetch_finds_what_a_list_would(
            batches in proptest::collection::vec(proptest::collection::vec(0u8..255, 1..8), 1..60),
            segment_bytes in 100usize..3_000,
        ) {
            let mut log = Log::new(LogConfig { segment_bytes, ..LogConfig::default() });
            let mut list = Vec::new();
            for values in &batches {
                let values: Vec<[u8; 1]> = values.iter().map(|value| [*value]).collect();
                let views: Vec<&[u8]> = values.iter().map(AsRef::as_ref).collect();
                log.append(&batch_of(&views, 0)).expect("small enough");
                list.extend(values);
            }
            for from in 0..list.len() {
                let read: Vec<[u8; 1]> = log
                    .records_from(Offset(from as i64))
                    .map(|record| [record.value.expect("a value")[0]])
                    .collect();
                prop_assert_eq!(&read, &list[from..].to_vec());
            }
        }
    }
}

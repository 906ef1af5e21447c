//! Offsets by time (`ListOffsets`): where to begin to read what was written from some instant on.

use super::{BatchView, Isolation, Log, NO_TIMESTAMP_MS, Offset, RecordView, Segment};

/// A record's place in offset and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOffset {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp, in milliseconds.
    pub timestamp_ms: i64,
}

impl Log {
    /// The first record, in order of offset, that is of `timestamp_ms` or later and that a reader may see.
    pub fn offset_for_time(&self, timestamp_ms: i64, isolation: Isolation) -> Option<TimedOffset> {
        let bound = self.bound(isolation);
        let is_late = |segment: &&Segment| segment.max_timestamp_ms().is_some_and(|max_ms| max_ms >= timestamp_ms);
        let batches = self.segments().filter(is_late).flat_map(|segment| segment.batches_from_time(timestamp_ms));
        batches
            .filter(|batch| batch.max_timestamp_ms() >= timestamp_ms)
            .flat_map(BatchView::records)
            .find(|record| record.timestamp_ms >= timestamp_ms && record.offset >= self.start_offset)
            .filter(|record| record.offset < bound)
            .map(|record| timed(&record))
    }

    /// The record with the largest timestamp; of several, the first.
    pub fn offset_of_max_timestamp(&self, isolation: Isolation) -> Option<TimedOffset> {
        let (start, bound) = (self.start_offset, self.bound(isolation));
        let mut largest: Option<TimedOffset> = None;
        for batch in self.batches_between(start, bound) {
            let is_larger = |ms: i64| largest.is_none_or(|largest| ms > largest.timestamp_ms);
            if batch.max_timestamp_ms() > NO_TIMESTAMP_MS && is_larger(batch.max_timestamp_ms()) {
                let seen = batch.records().filter(|record| record.offset >= start);
                let later = seen.max_by_key(|record| (record.timestamp_ms, std::cmp::Reverse(record.offset)));
                largest = later.filter(|record| is_larger(record.timestamp_ms)).map(|it| timed(&it)).or(largest);
            }
        }
        largest
    }
}

fn timed(record: &RecordView<'_>) -> TimedOffset {
    TimedOffset { offset: record.offset, timestamp_ms: record.timestamp_ms }
}

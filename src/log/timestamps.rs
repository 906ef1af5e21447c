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
                let is_timed = |record: &RecordView<'_>| record.timestamp_ms > NO_TIMESTAMP_MS;
                let seen = batch.records().filter(|record| record.offset >= start && is_timed(record));
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

#[cfg(test)]
mod tests {
    use super::super::{BatchBuilder, LogConfig, NewRecord, Origin, sample};
    use super::*;

    /// A log whose records have these timestamps, a batch for each list.
    fn log_of(batches: &[&[i64]]) -> Log {
        let mut log = Log::new(LogConfig::default());
        for timestamps_ms in batches {
            let mut builder = BatchBuilder::default();
            for timestamp_ms in *timestamps_ms {
                builder.push(&NewRecord { timestamp_ms: *timestamp_ms, ..NewRecord::default() });
            }
            log.append(builder.seal().expect("a record"), Origin::Client, 0).expect("small enough");
        }
        log.set_high_watermark(log.log_end_offset());
        log
    }

    fn check(log: &Log, timestamp_ms: i64, expect: Option<(i64, i64)>) {
        let found = log.offset_for_time(timestamp_ms, Isolation::ReadUncommitted);
        assert_eq!(found.map(|it| (it.offset.0, it.timestamp_ms)), expect, "{timestamp_ms} ms");
    }

    fn check_largest(log: &Log, expect: Option<(i64, i64)>) {
        let found = log.offset_of_max_timestamp(Isolation::ReadUncommitted);
        assert_eq!(found.map(|it| (it.offset.0, it.timestamp_ms)), expect);
    }

    #[test]
    fn the_first_record_in_order_of_offset_that_is_late_enough() {
        let log = log_of(&[&[10, 40], &[20, 30]]);
        check(&log, 10, Some((0, 10)));
        check(&log, 11, Some((1, 40)));
        check(&log, 41, None);
    }

    #[test]
    fn a_time_is_found_through_the_index_in_every_segment() {
        let log = sample::log_of(20_000, 2_000);
        assert!(log.segments().count() > 3);
        for batch in [0, 1, 70, 777, 1_999] {
            check(&log, batch * 1_000 - 1, Some((batch * 2, batch * 1_000)));
        }
    }

    #[test]
    fn of_many_records_of_a_time_the_first_is_found() {
        let batches = [[5].as_slice(); 500];
        check(&log_of(&batches), 5, Some((0, 5)));
    }

    #[test]
    fn a_record_at_the_bound_is_not_found() {
        let mut log = log_of(&[&[10], &[20]]);
        log.set_high_watermark(Offset(1));
        check(&log, 20, None);
        check_largest(&log, Some((0, 10)));
    }

    #[test]
    fn of_equally_late_records_the_first_has_the_largest_timestamp() {
        check_largest(&log_of(&[&[10], &[30, 30], &[30]]), Some((1, 30)));
    }

    #[test]
    fn records_without_a_time_have_no_largest_timestamp() {
        check_largest(&log_of(&[&[NO_TIMESTAMP_MS]]), None);
    }

    #[test]
    fn what_is_left_of_a_batch_may_have_no_largest_timestamp() {
        let mut log = log_of(&[&[10, NO_TIMESTAMP_MS]]);
        log.delete_records(Offset(1)).expect("below the high watermark");
        check_largest(&log, None);
    }
}

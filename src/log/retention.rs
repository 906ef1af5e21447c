//! Deletion from the old end: what `retention.ms` and `retention.bytes` no longer keep, and what `DeleteRecords` was asked
//! to remove. Whole segments go, and only below the high watermark.

use super::{FetchError, Log, Offset, Segment};

/// Why the oldest segment goes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionReason {
    /// All of it lies below the log start offset.
    BelowLogStart,
    /// `retention.bytes`: the log is as large as allowed without it.
    Size,
    /// `retention.ms`: its youngest record is too old.
    Time,
}

/// What retention will do to a log's oldest segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionForecast {
    /// It goes when retention next looks.
    Due(RetentionReason),
    /// It goes once the clock has passed this, in milliseconds, or earlier if the log outgrows its size.
    After {
        /// The time.
        time_ms: i64,
    },
    /// It goes once so many more bytes have been appended; while it is the active one, not before.
    AfterBytes {
        /// How many.
        bytes: u64,
    },
    /// Nothing makes it go.
    Never,
}

impl Log {
    /// Deletes segments from the oldest on while they are due, and returns how many went. If the active one goes too, an
    /// empty one follows it.
    pub fn apply_retention(&mut self, now_ms: i64) -> usize {
        let mut deleted = 0;
        while self.due(now_ms).is_some() {
            if self.sealed.is_empty() {
                self.roll(now_ms);
            }
            self.sealed.remove(0);
            deleted += 1;
        }
        let oldest = self.sealed.first().map_or(self.active.base_offset(), |segment| segment.base_offset());
        self.start_offset = self.start_offset.max(oldest);
        self.set_high_watermark(self.high_watermark);
        deleted
    }

    /// What will happen to the oldest segment, and when.
    pub fn retention_forecast(&self, now_ms: i64) -> RetentionForecast {
        if let Some(reason) = self.due(now_ms) {
            return RetentionForecast::Due(reason);
        }
        let oldest = self.oldest();
        if !self.config.cleanup_policy.deletes() || oldest.is_empty() {
            return RetentionForecast::Never;
        }
        if let Some(retention_ms) = self.config.retention_ms {
            return RetentionForecast::After { time_ms: oldest.retention_time_ms().saturating_add(retention_ms) };
        }
        self.config.retention_bytes.map_or(RetentionForecast::Never, |bound| RetentionForecast::AfterBytes {
            bytes: (bound + oldest.len_bytes() as u64).saturating_sub(self.len_bytes() as u64),
        })
    }

    /// Makes the records below `before` unreadable (`DeleteRecords`) and returns the new log start offset. Their segments go
    /// when retention next looks.
    pub fn delete_records(&mut self, before: Offset) -> Result<Offset, FetchError> {
        if before > self.high_watermark {
            return Err(FetchError::OffsetOutOfRange {
                offset: before,
                log_start_offset: self.start_offset,
                log_end_offset: self.high_watermark,
            });
        }
        self.start_offset = self.start_offset.max(before);
        Ok(self.start_offset)
    }

    fn oldest(&self) -> &Segment {
        self.sealed.first().map_or(&self.active, AsRef::as_ref)
    }

    /// Why the oldest segment goes, if it does.
    fn due(&self, now_ms: i64) -> Option<RetentionReason> {
        let oldest = self.oldest();
        if oldest.is_empty() && self.sealed.is_empty() || self.end_of_oldest() > self.high_watermark {
            return None;
        }
        if !self.sealed.is_empty() && self.end_of_oldest() <= self.start_offset {
            return Some(RetentionReason::BelowLogStart);
        }
        if !self.config.cleanup_policy.deletes() {
            return None;
        }
        let rest_bytes = (self.len_bytes() - oldest.len_bytes()) as u64;
        if self.config.retention_bytes.is_some_and(|bound| rest_bytes >= bound) {
            return Some(RetentionReason::Size);
        }
        let is_old = |retention_ms| now_ms - oldest.retention_time_ms() > retention_ms;
        self.config.retention_ms.is_some_and(is_old).then_some(RetentionReason::Time)
    }

    /// Where the segment after the oldest one begins.
    fn end_of_oldest(&self) -> Offset {
        match self.sealed.get(1) {
            Some(next) => next.base_offset(),
            None if self.sealed.is_empty() => self.log_end_offset(),
            None => self.active.base_offset(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{append, batch, log_of};
    use super::super::{CleanupPolicy, LogConfig, Writer};
    use super::*;

    /// Six batches of two records, one a second from 0 on, in three segments.
    fn three_segments(retention_ms: Option<i64>, retention_bytes: Option<u64>) -> Log {
        let mut log = log_of(200, 6);
        assert_eq!(log.segments().map(|segment| segment.base_offset().0).collect::<Vec<_>>(), [0, 4, 8]);
        log.set_config(LogConfig { retention_ms, retention_bytes, ..log.config().clone() });
        log
    }

    fn segment_bytes(log: &Log) -> u64 {
        log.oldest().len_bytes() as u64
    }

    fn check(mut log: Log, now_ms: i64, deleted: usize, log_start_offset: i64) {
        assert_eq!((log.apply_retention(now_ms), log.log_start_offset().0), (deleted, log_start_offset));
    }

    #[test]
    fn a_log_without_limits_keeps_everything() {
        check(three_segments(None, None), i64::MAX, 0, 0);
    }

    #[test]
    fn a_segment_goes_when_its_youngest_record_is_too_old() {
        // The first segment ends at second 1, the next one at second 3.
        check(three_segments(Some(10_000), None), 11_000, 0, 0);
        check(three_segments(Some(10_000), None), 11_001, 1, 4);
        check(three_segments(Some(10_000), None), 13_001, 2, 8);
    }

    #[test]
    fn the_active_segment_goes_too_and_an_empty_one_follows() {
        let mut log = three_segments(Some(10_000), None);
        assert_eq!(log.apply_retention(i64::MAX), 3);
        assert_eq!((log.log_start_offset(), log.log_end_offset(), log.len_bytes()), (Offset(12), Offset(12), 0));
        assert_eq!(log.apply_retention(i64::MAX), 0);
    }

    #[test]
    fn a_segment_goes_when_the_rest_is_as_large_as_allowed() {
        let bytes = segment_bytes(&three_segments(None, None));
        check(three_segments(None, Some(2 * bytes + 1)), 0, 0, 0);
        check(three_segments(None, Some(2 * bytes)), 0, 1, 4);
        check(three_segments(None, Some(bytes)), 0, 2, 8);
    }

    #[test]
    fn what_is_not_replicated_stays() {
        let mut log = three_segments(Some(0), None);
        log.set_high_watermark(Offset(7));
        check(log, i64::MAX, 1, 4);
    }

    #[test]
    fn a_compacted_log_forgets_nothing_by_age_or_size() {
        let mut log = three_segments(Some(0), Some(0));
        log.config.cleanup_policy = CleanupPolicy::Compact;
        check(log, i64::MAX, 0, 0);
    }

    #[test]
    fn deleted_records_take_whole_segments_with_them() {
        let mut log = three_segments(None, None);
        log.config.cleanup_policy = CleanupPolicy::Compact;
        assert_eq!(log.delete_records(Offset(7)), Ok(Offset(7)));
        check(log, 0, 1, 7);
    }

    #[test]
    fn deleted_records_do_not_come_back() {
        let mut log = three_segments(None, None);
        assert_eq!([5, 3].map(|before| log.delete_records(Offset(before))), [Ok(Offset(5)), Ok(Offset(5))]);
    }

    #[test]
    fn what_is_not_replicated_cannot_be_deleted() {
        let mut log = three_segments(None, None);
        log.set_high_watermark(Offset(6));
        assert!(matches!(log.delete_records(Offset(7)), Err(FetchError::OffsetOutOfRange { .. })));
        assert_eq!(log.log_start_offset(), Offset::ZERO);
    }

    #[test]
    fn a_segment_that_is_due_is_forecast_with_the_reason() {
        let due = |log: &Log, now_ms| log.retention_forecast(now_ms);
        let mut log = three_segments(Some(10_000), None);
        assert_eq!(due(&log, 11_001), RetentionForecast::Due(RetentionReason::Time));
        log.delete_records(Offset(4)).expect("below the high watermark");
        assert_eq!(due(&log, 0), RetentionForecast::Due(RetentionReason::BelowLogStart));
        assert_eq!(due(&three_segments(None, Some(1)), 0), RetentionForecast::Due(RetentionReason::Size));
    }

    #[test]
    fn the_time_of_the_forecast_is_the_last_at_which_the_segment_stays() {
        let mut log = three_segments(Some(10_000), None);
        let RetentionForecast::After { time_ms } = log.retention_forecast(0) else { panic!("by time") };
        assert_eq!(log.apply_retention(time_ms), 0);
        assert_eq!(log.apply_retention(time_ms + 1), 1);
    }

    #[test]
    fn the_bytes_of_the_forecast_make_the_segment_go() {
        let new = batch(Writer::Anonymous, &["a", "b"], Some(b"v"), 0);
        let bytes = new.view().bytes().len() as u64;
        let mut log = three_segments(None, None);
        log.config.retention_bytes = Some(log.len_bytes() as u64 - segment_bytes(&log) + bytes);
        assert_eq!(log.retention_forecast(0), RetentionForecast::AfterBytes { bytes });
        append(&mut log, &new);
        assert_eq!(log.retention_forecast(0), RetentionForecast::Due(RetentionReason::Size));
    }

    #[test]
    fn nothing_is_forecast_of_a_log_that_keeps_everything_or_is_empty() {
        assert_eq!(three_segments(None, None).retention_forecast(i64::MAX), RetentionForecast::Never);
        let empty = Log::new(LogConfig { retention_ms: Some(0), ..LogConfig::default() });
        assert_eq!(empty.retention_forecast(i64::MAX), RetentionForecast::Never);
    }
}

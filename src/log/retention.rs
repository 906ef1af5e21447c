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
    /// It goes once so many more bytes have been appended.
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

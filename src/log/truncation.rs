//! Deletion from the young end: what a follower does with records that its new leader does not have.

use super::{Log, Offset, Segment};
use std::sync::Arc;

impl Log {
    /// Removes the batches that end at or above `offset`, which becomes the log end; nothing happens if it is beyond.
    pub fn truncate_to(&mut self, offset: Offset, now_ms: i64) {
        if offset >= self.log_end_offset() {
            return;
        }
        let kept = self.sealed.partition_point(|segment| segment.base_offset() <= offset);
        if self.active.base_offset() <= offset {
            self.active = self.active.cut(offset);
        } else if let Some(last) = kept.checked_sub(1) {
            self.active = self.sealed[last].cut(offset);
            self.sealed.truncate(last);
        } else {
            return self.truncate_fully_and_start_at(offset, None, now_ms);
        }
        self.start_offset = self.start_offset.min(offset);
        self.replay_active();
        self.set_high_watermark(self.high_watermark);
    }

    /// Removes everything. The log is then empty, ends at `offset`, and starts there or at `log_start_offset`.
    pub fn truncate_fully_and_start_at(&mut self, offset: Offset, log_start_offset: Option<Offset>, now_ms: i64) {
        *self = Self::starting_at(offset, self.config.clone(), now_ms);
        self.start_offset = log_start_offset.unwrap_or(offset);
    }

    /// Learns anew, from the active segment, what is known of producers.
    fn replay_active(&mut self) {
        self.producers = (*self.active.producers_before).clone();
        let active = std::mem::replace(&mut self.active, Segment::new(self.start_offset, 0, Arc::default()));
        for batch in active.batches() {
            // The segment knows its aborted transactions.
            self.producers.note(batch, batch.base_offset());
        }
        self.active = active;
    }
}

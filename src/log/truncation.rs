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
        // What will be written there has not been compacted.
        self.clean_offset = self.clean_offset.map(|clean| clean.min(self.active.base_offset()));
        self.replay_active(now_ms);
        self.set_high_watermark(self.high_watermark);
    }

    /// Removes everything. The log is then empty, ends at `offset`, and starts there or at `log_start_offset`.
    pub fn truncate_fully_and_start_at(&mut self, offset: Offset, log_start_offset: Option<Offset>, now_ms: i64) {
        let leader_epoch = self.leader_epoch;
        *self = Self::starting_at(offset, self.config.clone(), now_ms);
        self.leader_epoch = leader_epoch;
        self.start_offset = log_start_offset.unwrap_or(offset);
    }

    /// Learns anew, from the active segment, what is known of producers.
    fn replay_active(&mut self, now_ms: i64) {
        self.producers = (*self.active.producers_before).clone();
        self.expire_producers(now_ms);
        let active = std::mem::replace(&mut self.active, Segment::new(self.start_offset, 0, Arc::default()));
        for batch in active.batches() {
            // The segment knows its aborted transactions.
            self.producers.note(batch, batch.base_offset());
        }
        self.active = active;
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{append, batch, end_txn, log_of, offsets, stamp};
    use super::super::{Isolation, LogConfig, ProducerId, TransactionResult, Writer};
    use super::*;

    fn check(offset: i64, expect: std::ops::Range<i64>) {
        // Batches of two records, two batches a segment.
        let mut log = log_of(200, 6);
        log.truncate_to(Offset(offset), 0);
        assert_eq!(offsets(&log, Isolation::LogEnd), expect.collect::<Vec<_>>(), "{offset}");
        assert_eq!(log.log_end_offset().0, offset.min(12));
        assert!(log.high_watermark() <= log.log_end_offset());
    }

    #[test]
    fn what_ends_at_the_offset_or_later_goes() {
        check(12, 0..12);
        check(11, 0..10);
        check(10, 0..10);
        check(8, 0..8);
        check(3, 0..2);
        check(0, 0..0);
    }

    #[test]
    fn the_log_goes_on_where_it_was_cut_off() {
        let mut log = log_of(200, 6);
        log.truncate_to(Offset(3), 0);
        append(&mut log, &batch(Writer::Anonymous, &["key"], None, 0));
        assert_eq!(offsets(&log, Isolation::LogEnd), [0, 1, 3]);
    }

    #[test]
    fn a_log_that_is_cut_off_below_its_start_begins_there() {
        let mut log = log_of(200, 6);
        log.delete_records(Offset(8)).expect("below the high watermark");
        assert_eq!(log.apply_retention(0), 2);
        log.truncate_to(Offset(5), 0);
        assert_eq!([log.log_start_offset(), log.high_watermark(), log.log_end_offset()], [Offset(5); 3]);
    }

    #[test]
    fn a_repetition_of_what_was_cut_off_is_new() {
        let mut log = Log::new(LogConfig::default());
        let batches = [0, 1].map(|sequence| batch(Writer::Idempotent(stamp(1, sequence)), &["key"], None, 0));
        for batch in &batches {
            append(&mut log, batch);
            log.roll(0);
        }
        log.truncate_to(Offset(1), 0);
        assert!(append(&mut log, &batches[0]).is_duplicate);
        assert!(!append(&mut log, &batches[1]).is_duplicate);
    }

    #[test]
    fn a_producer_that_was_forgotten_stays_so() {
        let mut log = Log::new(LogConfig { producer_id_expiration_ms: 100, ..LogConfig::default() });
        append(&mut log, &batch(Writer::Idempotent(stamp(1, 0)), &["key"], None, 0));
        log.roll(0);
        append(&mut log, &batch(Writer::Anonymous, &["key"], None, 0));
        log.expire_producers(200);
        log.truncate_to(Offset(1), 200);
        assert_eq!(log.producers().count(), 0);
    }

    #[test]
    fn a_transaction_is_open_again_when_its_marker_is_cut_off() {
        let mut log = Log::new(LogConfig::default());
        append(&mut log, &batch(Writer::Transactional(stamp(1, 0)), &["key"], None, 0));
        log.roll(0);
        let marker = end_txn(&mut log, 1, TransactionResult::Abort).first_offset;
        log.truncate_to(marker, 0);
        assert_eq!(log.aborted_transactions().count(), 0);
        let open = log.producers().map(|(id, state)| (id, state.txn_first_offset()));
        assert_eq!(open.collect::<Vec<_>>(), [(ProducerId(1), Some(Offset(0)))]);
    }

    #[test]
    fn an_emptied_log_starts_where_it_is_told() {
        let mut log = log_of(200, 6);
        log.truncate_fully_and_start_at(Offset(20), Some(Offset(15)), 0);
        assert_eq!([log.log_start_offset(), log.log_end_offset()], [Offset(15), Offset(20)]);
        assert_eq!(log.len_bytes(), 0);
    }
}

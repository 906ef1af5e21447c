//! Tests of compaction.

use super::super::sample::{append, batch, end_txn, offsets, stamp};
use super::super::{CleanupPolicy, Isolation, LogConfig, Writer};
use super::*;

const VALUE: Option<&[u8]> = Some(b"v");
const TOMBSTONE: Option<&[u8]> = None;

fn new_log() -> Log {
    let cleanup_policy = CleanupPolicy::Compact;
    Log::new(LogConfig { cleanup_policy, delete_retention_ms: 100, ..LogConfig::default() })
}

fn log_of(batches: &[(&[&str], Option<&[u8]>)]) -> Log {
    let mut log = new_log();
    for (keys, value) in batches {
        append(&mut log, &batch(Writer::Anonymous, keys, *value, 0));
    }
    log.roll(0);
    log
}

fn compact_from(log: &mut Log, first_dirty: i64, now_ms: i64) -> Compacted {
    let (first_dirty_offset, upper_bound_offset) = (Offset(first_dirty), log.active.base_offset());
    log.compact(CompactionRange { first_dirty_offset, upper_bound_offset, keys_max: usize::MAX }, now_ms)
}

/// What is there after a pass at each of these times.
fn check(mut log: Log, passes_ms: &[i64], expect: &[i64]) {
    for now_ms in passes_ms {
        compact_from(&mut log, 0, *now_ms);
    }
    assert_eq!(offsets(&log, Isolation::LogEnd), expect);
}

#[test]
fn the_last_record_of_each_key_stays() {
    check(log_of(&[(&["a", "b"], VALUE), (&["a", "c"], VALUE), (&["b"], VALUE)]), &[0], &[2, 3, 4]);
}

#[test]
fn the_active_segment_neither_loses_nor_supersedes() {
    let mut log = log_of(&[(&["a"], VALUE)]);
    append(&mut log, &batch(Writer::Anonymous, &["a", "a"], VALUE, 0));
    check(log, &[0], &[0, 1, 2]);
}

#[test]
fn a_clean_record_goes_when_a_dirty_one_has_its_key() {
    let mut log = log_of(&[(&["a", "b"], VALUE)]);
    compact_from(&mut log, 0, 0);
    append(&mut log, &batch(Writer::Anonymous, &["a"], VALUE, 0));
    log.roll(0);
    compact_from(&mut log, 2, 0);
    assert_eq!(offsets(&log, Isolation::LogEnd), [1, 2]);
}

#[test]
fn a_tombstone_stays_until_its_horizon() {
    let log = || log_of(&[(&["a"], VALUE), (&["a"], TOMBSTONE), (&["b"], VALUE)]);
    check(log(), &[1_000], &[1, 2]);
    check(log(), &[1_000, 1_099], &[1, 2]);
    check(log(), &[1_000, 1_100], &[2]);
}

#[test]
fn tombstones_can_be_kept_for_ever() {
    let mut log = log_of(&[(&["a"], TOMBSTONE)]);
    log.config.delete_retention_ms = i64::MAX;
    check(log, &[1_000, i64::MAX - 1], &[0]);
}

#[test]
fn the_horizon_is_set_by_the_first_pass_alone() {
    check(log_of(&[(&["a"], TOMBSTONE), (&["b"], VALUE)]), &[1_000, 1_050, 1_100], &[1]);
}

#[test]
fn aborted_records_go_and_supersede_nothing() {
    let mut log = log_of(&[(&["a"], VALUE)]);
    append(&mut log, &batch(Writer::Transactional(stamp(1, 0)), &["a", "b"], VALUE, 0));
    end_txn(&mut log, 1, TransactionResult::Abort);
    log.roll(0);
    check(log, &[0], &[0]);
}

#[test]
fn a_marker_stays_as_long_as_its_records_and_then_until_its_horizon() {
    let mut log = new_log();
    append(&mut log, &batch(Writer::Transactional(stamp(1, 0)), &["a"], VALUE, 0));
    end_txn(&mut log, 1, TransactionResult::Commit);
    append(&mut log, &batch(Writer::Transactional(stamp(1, 1)), &["a"], VALUE, 0));
    end_txn(&mut log, 1, TransactionResult::Commit);
    log.roll(0);
    let markers = |log: &Log| {
        let batches = log.segments().flat_map(Segment::batches).filter(|batch| batch.is_control());
        batches.map(|batch| (batch.base_offset().0, batch.delete_horizon_ms())).collect::<Vec<_>>()
    };
    compact_from(&mut log, 0, 1_000);
    assert_eq!(markers(&log), [(1, None), (3, None)]);
    compact_from(&mut log, 0, 1_000);
    assert_eq!(markers(&log), [(1, Some(1_100)), (3, None)]);
    compact_from(&mut log, 0, 1_100);
    assert_eq!(markers(&log), [(3, None)]);
}

#[test]
fn the_last_batch_of_a_producer_stays_if_need_be_empty() {
    let mut log = new_log();
    for sequence in 0..2 {
        append(&mut log, &batch(Writer::Idempotent(stamp(1, sequence)), &["a"], VALUE, 0));
    }
    append(&mut log, &batch(Writer::Anonymous, &["a"], VALUE, 0));
    log.roll(0);
    compact_from(&mut log, 0, 0);
    let batches = log.segments().flat_map(Segment::batches);
    let batches: Vec<_> = batches.map(|batch| (batch.base_offset().0, batch.record_count())).collect();
    assert_eq!(batches, [(1, 0), (2, 1)]);
}

#[test]
fn the_last_batch_of_a_pass_stays_if_need_be_empty() {
    let mut log = log_of(&[(&["a"], VALUE), (&["b"], TOMBSTONE)]);
    for now_ms in [1_000, 1_100] {
        compact_from(&mut log, 0, now_ms);
    }
    let batches = log.segments().flat_map(Segment::batches);
    let batches: Vec<_> = batches.map(|batch| (batch.last_offset().0, batch.record_count())).collect();
    assert_eq!(batches, [(0, 1), (1, 0)]);
}

#[test]
fn an_aborted_transaction_is_remembered_until_a_pass_finds_nothing_of_it() {
    let mut log = new_log();
    append(&mut log, &batch(Writer::Transactional(stamp(1, 0)), &["a"], VALUE, 0));
    end_txn(&mut log, 1, TransactionResult::Abort);
    append(&mut log, &batch(Writer::Idempotent(stamp(1, 1)), &["b"], VALUE, 0));
    log.roll(0);
    let remembered = [0, 0].map(|now_ms| {
        compact_from(&mut log, 0, now_ms);
        log.aborted_transactions().count()
    });
    assert_eq!(remembered, [1, 0]);
}

#[test]
fn a_pass_ends_when_it_can_remember_no_more_keys() {
    let mut log = log_of(&[(&["a", "b", "a", "c", "a"], VALUE)]);
    let (first_dirty_offset, upper_bound_offset) = (Offset(0), Offset(5));
    let range = CompactionRange { first_dirty_offset, upper_bound_offset, keys_max: 2 };
    assert_eq!(log.compact(range, 0).next_dirty_offset, Offset(2));
    assert_eq!(offsets(&log, Isolation::LogEnd), [0, 1, 2, 3, 4]);
}

#[test]
fn neighbours_that_fit_into_one_segment_become_one() {
    let mut log = new_log();
    for _ in 0..3 {
        append(&mut log, &batch(Writer::Anonymous, &["a", "b"], VALUE, 0));
        log.roll(0);
    }
    compact_from(&mut log, 0, 0);
    let segments = log.segments().map(|segment| (segment.base_offset().0, segment.end_offset().0));
    assert_eq!(segments.collect::<Vec<_>>(), [(0, 6), (6, 6)]);
}

#[test]
fn what_is_undecided_or_young_or_active_is_not_cleanable() {
    let check = |log: &Log, now_ms, expect| {
        assert_eq!(log.cleanable_range(None, now_ms).first_uncleanable_offset, Offset(expect));
    };
    let mut log = log_of(&[(&["a"], VALUE)]);
    append(&mut log, &batch(Writer::Transactional(stamp(1, 0)), &["a"], VALUE, 1_000));
    log.roll(0);
    check(&log, 0, 1);
    end_txn(&mut log, 1, TransactionResult::Commit);
    check(&log, 0, 2);
    log.config.min_compaction_lag_ms = 10;
    check(&log, 1_009, 1);
    check(&log, 1_010, 2);
}

#[test]
fn a_checkpoint_outside_of_the_log_counts_for_nothing() {
    let mut log = log_of(&[(&["a", "b"], VALUE)]);
    log.delete_records(Offset(1)).expect("below the high watermark");
    let range = |log: &Log, clean| {
        let range = log.cleanable_range(Some(Offset(clean)), 0);
        (range.first_dirty_offset.0, range.is_reset)
    };
    assert_eq!([0, 1, 2, 3].map(|clean| range(&log, clean)), [(1, true), (1, false), (2, false), (1, true)]);
}

#[test]
fn a_log_is_compacted_when_more_of_it_is_dirty_than_the_ratio() {
    let check = |min_cleanable_dirty_percent, expect| {
        let mut log = log_of(&[(&["a"], VALUE), (&["b"], VALUE)]);
        log.apply_compaction(0).expect("all of it is dirty");
        for _ in 0..2 {
            append(&mut log, &batch(Writer::Anonymous, &["a"], VALUE, 0));
        }
        log.roll(0);
        log.config.min_cleanable_dirty_percent = min_cleanable_dirty_percent;
        assert_eq!(log.apply_compaction(0).is_some(), expect, "{min_cleanable_dirty_percent} percent");
    };
    check(49, true);
    check(50, false);
}

#[test]
fn what_is_written_where_the_log_was_cut_off_is_dirty() {
    let mut log = log_of(&[(&["a"], VALUE), (&["b"], VALUE), (&["c"], VALUE)]);
    log.apply_compaction(0).expect("all of it is dirty");
    log.truncate_to(Offset(1), 0);
    for keys in [["a", "c"], ["a", "d"]] {
        append(&mut log, &batch(Writer::Anonymous, &keys, VALUE, 0));
    }
    log.roll(0);
    log.apply_compaction(0).expect("most of it is dirty");
    assert_eq!(offsets(&log, Isolation::LogEnd), [2, 3, 4]);
}

#[test]
fn only_a_log_that_is_to_be_compacted_is() {
    let mut log = log_of(&[(&["a", "a"], VALUE)]);
    log.config.cleanup_policy = CleanupPolicy::Delete;
    assert_eq!(log.apply_compaction(0), None);
    log.config.cleanup_policy = CleanupPolicy::CompactAndDelete;
    assert_eq!(log.apply_compaction(0).map(|done| (done.records_before, done.records_after)), Some((2, 1)));
    assert_eq!((log.clean_offset(), log.apply_compaction(0)), (Some(Offset(2)), None));
}

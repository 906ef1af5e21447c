//! Tests of appending, fetching and rolling.

use super::super::batch::at;
use super::super::sample::{append, batch, log_of, stamp};
use super::super::{Batch, BatchBuilder, CleanupPolicy, EndTxnMarker, NewRecord, ProducerEpoch, Writer};
use super::*;

fn one(timestamp_ms: i64) -> Batch {
    batch(Writer::Anonymous, &["key"], Some(b"v"), timestamp_ms)
}

fn bases(log: &Log) -> Vec<i64> {
    log.segments().map(|segment| segment.base_offset().0).collect()
}

/// The first and last offsets of the batches that a fetch returns.
fn fetched(log: &Log, from: i64, bytes_max: usize) -> Vec<(i64, i64)> {
    let fetched = log.fetch(Offset(from), Isolation::ReadUncommitted, bytes_max).expect("in range");
    Batches::new(fetched.bytes).map(|batch| (batch.base_offset().0, batch.last_offset().0)).collect()
}

#[test]
fn offsets_are_dense_across_segments() {
    let log = log_of(200, 50);
    assert!(log.segments().count() > 10);
    let offsets: Vec<i64> = log.records_from(Offset::ZERO).map(|record| record.offset.0).collect();
    assert_eq!(offsets, (0..100).collect::<Vec<i64>>());
}

#[test]
fn every_offset_is_found_in_segments_of_every_size() {
    for segment_bytes in [100, 300, 5_000, 20_000] {
        let log = log_of(segment_bytes, 300);
        for from in 0..600 {
            assert_eq!(log.record(Offset(from)).map(|record| record.offset.0), Some(from));
            assert_eq!(log.records_from(Offset(from)).count() as i64, 600 - from);
        }
    }
}

#[test]
fn a_fetch_inside_a_batch_returns_the_whole_batch() {
    assert_eq!(fetched(&log_of(1_000, 3), 3, 1), [(2, 3)]);
}

#[test]
fn a_fetch_returns_as_many_whole_batches_as_fit() {
    let log = log_of(1_000, 3);
    let bytes = log.len_bytes() / 3;
    assert_eq!(fetched(&log, 0, bytes * 2 - 1), [(0, 1)]);
    assert_eq!(fetched(&log, 0, bytes * 2), [(0, 1), (2, 3)]);
}

#[test]
fn a_fetch_ends_where_its_segment_does() {
    let log = log_of(200, 4);
    assert_eq!(bases(&log), [0, 4]);
    assert_eq!(fetched(&log, 0, usize::MAX), [(0, 1), (2, 3)]);
}

#[test]
fn a_fetch_ends_below_the_high_watermark() {
    let mut log = log_of(1_000, 3);
    log.set_high_watermark(Offset(4));
    assert_eq!(fetched(&log, 0, usize::MAX), [(0, 1), (2, 3)]);
    assert_eq!(fetched(&log, 4, usize::MAX), []);
}

#[test]
fn a_fetch_at_the_end_is_empty() {
    assert_eq!(fetched(&log_of(1_000, 3), 6, usize::MAX), []);
}

#[test]
fn a_fetch_beyond_the_end_or_below_the_start_is_out_of_range() {
    let mut log = log_of(1_000, 3);
    log.delete_records(Offset(2)).expect("below the high watermark");
    for offset in [1, 7].map(Offset) {
        let (log_start_offset, log_end_offset) = (Offset(2), Offset(6));
        let refused = Err(FetchError::OffsetOutOfRange { offset, log_start_offset, log_end_offset });
        assert_eq!(log.fetch(offset, Isolation::ReadUncommitted, 1), refused);
    }
}

#[test]
fn a_batch_that_is_too_large_is_refused_and_changes_nothing() {
    let bytes = one(0).view().bytes().len();
    let mut log = Log::new(LogConfig { max_message_bytes: bytes - 1, ..LogConfig::default() });
    let refused = log.append(one(0).view(), Origin::Client, 0);
    let (batch_bytes, max_message_bytes) = (bytes, bytes - 1);
    assert_eq!(refused, Err(AppendError::MessageTooLarge { batch_bytes, max_message_bytes }));
    assert_eq!((log.log_end_offset(), log.len_bytes()), (Offset::ZERO, 0));
}

#[test]
fn a_batch_must_fit_into_a_segment() {
    let bytes = one(0).view().bytes().len();
    let config = |segment_bytes| LogConfig { segment_bytes, ..LogConfig::default() };
    let refused = Log::new(config(bytes - 1)).append(one(0).view(), Origin::Client, 0);
    assert!(matches!(refused, Err(AppendError::RecordListTooLarge { .. })));
    assert!(Log::new(config(bytes)).append(one(0).view(), Origin::Client, 0).is_ok());
}

#[test]
fn a_compacted_topic_takes_no_record_without_a_key() {
    let mut log = Log::new(LogConfig { cleanup_policy: CleanupPolicy::Compact, ..LogConfig::default() });
    let mut builder = BatchBuilder::default();
    for key in [Some(b"key".as_slice()), None] {
        builder.push(&NewRecord { key, ..NewRecord::default() });
    }
    let refused = log.append(builder.seal().expect("two records"), Origin::Client, 0);
    assert_eq!(refused, Err(AppendError::InvalidRecord { index: 1 }));
}

#[test]
fn a_segment_is_sealed_when_the_next_batch_does_not_fit() {
    let bytes = one(0).view().bytes().len();
    for (segment_bytes, expect) in [(bytes * 2 - 1, [0, 1, 2].as_slice()), (bytes * 2, &[0, 2])] {
        let mut log = Log::new(LogConfig { segment_bytes, ..LogConfig::default() });
        for _ in 0..3 {
            append(&mut log, &one(0));
        }
        assert_eq!(bases(&log), expect);
    }
}

#[test]
fn a_segment_is_sealed_when_its_first_batch_is_older_than_the_next_by_more_than_segment_ms() {
    let mut log = Log::new(LogConfig { segment_ms: 100, ..LogConfig::default() });
    for timestamp_ms in [1_000, 1_100, 900, 1_101] {
        append(&mut log, &one(timestamp_ms));
    }
    assert_eq!(bases(&log), [0, 3]);
}

#[test]
fn a_segment_without_times_is_as_old_as_it_is() {
    let mut log = Log::starting_at(Offset::ZERO, LogConfig { segment_ms: 100, ..LogConfig::default() }, 1_000);
    for now_ms in [1_000, 1_100, 1_101] {
        log.append(one(-1).view(), Origin::Client, now_ms).expect("small enough");
    }
    assert_eq!(bases(&log), [0, 2]);
}

#[test]
fn a_segment_takes_no_more_memory_than_it_will_need() {
    let mut log = Log::new(LogConfig { segment_bytes: 1 << 26, ..LogConfig::default() });
    append(&mut log, &one(0));
    log.roll(0);
    append(&mut log, &one(0));
    assert!(log.active.overhead_bytes() < 4_096, "{} bytes", log.active.overhead_bytes());
}

#[test]
fn an_empty_segment_is_not_rolled() {
    let mut log = log_of(1_000, 1);
    log.roll(0);
    log.roll(0);
    assert_eq!(bases(&log), [0, 2]);
}

#[test]
fn a_follower_takes_the_offsets_of_its_leader_and_none_twice() {
    let mut leader = Log::starting_at(Offset(7), LogConfig::default(), 0);
    append(&mut leader, &one(0));
    let batch = leader.segments().flat_map(Segment::batches).next().expect("a batch");
    let mut follower = Log::new(LogConfig::default());
    let appended = follower.append(batch, Origin::Replication, 0).expect("a batch that is ahead");
    assert_eq!((appended.first_offset, follower.log_end_offset()), (Offset(7), Offset(8)));
    let (first_offset, log_end_offset) = (Offset(7), Offset(8));
    let again = follower.append(batch, Origin::Replication, 0);
    assert_eq!(again, Err(AppendError::UnexpectedAppendOffset { first_offset, log_end_offset }));
}

#[test]
fn a_follower_takes_what_its_leader_took() {
    let cleanup_policy = CleanupPolicy::Compact;
    let mut follower = Log::new(LogConfig { cleanup_policy, max_message_bytes: 1, ..LogConfig::default() });
    let mut builder = BatchBuilder::default();
    builder.push(&NewRecord::default());
    let unkeyed = builder.seal().expect("a record");
    assert!(follower.append(unkeyed, Origin::Replication, 0).is_ok());
}

/// A batch of two records with other bytes at `at` is refused to a client, and not to a leader.
fn check_client(writer: Writer, at: usize, bytes: &[u8], field: &'static str) {
    let mut changed = batch(writer, &["a", "b"], None, 0).view().bytes().to_vec();
    changed[at..at + bytes.len()].copy_from_slice(bytes);
    let send = |origin| Log::new(LogConfig::default()).append(BatchView(&changed), origin, 0);
    assert_eq!(send(Origin::Client), Err(AppendError::InvalidBatch { field }));
    assert!(send(Origin::Replication).is_ok());
}

#[test]
fn a_client_writes_no_markers() {
    let marker = EndTxnMarker { result: TransactionResult::Commit, coordinator_epoch: 0 };
    let marker = marker.batch(ProducerId(1), ProducerEpoch(0), 0);
    let refused = Log::new(LogConfig::default()).append(marker.view(), Origin::Client, 0);
    assert_eq!(refused, Err(AppendError::InvalidBatch { field: "attributes" }));
}

#[test]
fn a_client_leaves_no_gaps() {
    check_client(Writer::Anonymous, at::LAST_OFFSET_DELTA, &2i32.to_be_bytes(), "last_offset_delta");
    check_client(Writer::Anonymous, at::RECORDS_COUNT, &0i32.to_be_bytes(), "records_count");
}

#[test]
fn a_producer_with_an_id_numbers_its_records() {
    check_client(Writer::Idempotent(stamp(1, 0)), at::BASE_SEQUENCE, &(-1i32).to_be_bytes(), "base_sequence");
}

#[test]
fn the_high_watermark_stays_within_the_log() {
    let mut log = log_of(1_000, 3);
    log.delete_records(Offset(2)).expect("below the high watermark");
    assert_eq!([0, 4, 9].map(|offset| log.set_high_watermark(Offset(offset)).0), [2, 4, 6]);
}

#[test]
fn a_clone_shares_sealed_segments() {
    let log = log_of(200, 50);
    let copy = log.clone();
    assert!(log.sealed.iter().zip(&copy.sealed).all(|(one, other)| Arc::ptr_eq(one, other)));
}

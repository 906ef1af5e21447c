//! The bytes of record batches, held against an independent implementation of Kafka's protocol: what we write it reads, what
//! it writes we read, field by field. What our log does with batches is for the other tests.

#![cfg(not(target_arch = "wasm32"))]

use catchup::log::{
    Batch, BatchBuilder, BatchView, Batches, CleanupPolicy, CompactionRange, DecodeError, EndTxnMarker, Header,
    Isolation, Log, LogConfig, NewRecord, Offset, Origin, ProducerEpoch, ProducerId, ProducerStamp, RecordView,
    Segment, Sequence, TransactionResult, Writer,
};
use kafka_protocol::records::{
    Compression, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, Record, RecordBatchDecoder, RecordBatchEncoder,
    RecordEncodeOptions, TimestampType,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What our builder writes where a leader's epoch belongs.
const LEADER_EPOCH: i32 = 0;
/// Where a batch carries its leader's epoch, in bytes from its start.
const LEADER_EPOCH_AT: usize = 12;
/// From here on the checksum covers a batch, in bytes from its start.
const ATTRIBUTES_AT: usize = 21;
/// When the logs of these tests are written and compacted.
const NOW_MS: i64 = 1_700_000_000_000;

/// A record as a test has it, with header names that differ: the other implementation keeps headers in a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Written {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: BTreeMap<String, Option<Vec<u8>>>,
    timestamp_ms: i64,
}

fn batch_of(writer: Writer, records: &[Written]) -> Batch {
    let mut builder = BatchBuilder::new(writer);
    for record in records {
        let headers = record.headers.iter().map(|(key, value)| Header { key, value: value.as_deref() });
        let headers: Vec<Header<'_>> = headers.collect();
        let (key, value, timestamp_ms) = (record.key.as_deref(), record.value.as_deref(), record.timestamp_ms);
        builder.push(&NewRecord { key, value, headers: &headers, timestamp_ms });
    }
    builder.finish().expect("at least one record")
}

/// The record as the other implementation should have it: the first of its batch has `first_offset`.
fn theirs(writer: Writer, record: &Written, first_offset: i64, index: usize) -> Record {
    let (transactional, control, stamp) = match writer {
        Writer::Anonymous => (false, false, None),
        Writer::Idempotent(stamp) => (false, false, Some(stamp)),
        Writer::Transactional(stamp) => (true, false, Some(stamp)),
        Writer::Coordinator(stamp) => (true, true, Some(stamp)),
    };
    let first_sequence = stamp.and_then(|stamp| stamp.base_sequence).map_or(NO_SEQUENCE, |sequence| sequence.0);
    let header = |(key, value): (&String, &Option<Vec<u8>>)| (key.clone().into(), value.clone().map(Into::into));
    Record {
        transactional,
        control,
        delete_horizon: false,
        partition_leader_epoch: LEADER_EPOCH,
        producer_id: stamp.map_or(NO_PRODUCER_ID, |stamp| stamp.id.0),
        producer_epoch: stamp.map_or(NO_PRODUCER_EPOCH, |stamp| stamp.epoch.0),
        timestamp_type: TimestampType::Creation,
        offset: first_offset + index as i64,
        sequence: first_sequence + index as i32,
        timestamp: record.timestamp_ms,
        key: record.key.clone().map(Into::into),
        value: record.value.clone().map(Into::into),
        headers: record.headers.iter().map(header).collect(),
    }
}

fn all_theirs(writer: Writer, records: &[Written], first_offset: i64) -> Vec<Record> {
    records.iter().enumerate().map(|(index, record)| theirs(writer, record, first_offset, index)).collect()
}

/// A record of ours, read by us, in the other implementation's words.
fn in_their_words(batch: BatchView<'_>, record: &RecordView<'_>) -> Record {
    let written = Written {
        key: record.key.map(<[u8]>::to_vec),
        value: record.value.map(<[u8]>::to_vec),
        headers: record.headers().map(|it| (it.key.to_owned(), it.value.map(<[u8]>::to_vec))).collect(),
        timestamp_ms: record.timestamp_ms,
    };
    let writer = match (batch.producer(), batch.is_transactional(), batch.is_control()) {
        (None, _, _) => Writer::Anonymous,
        (Some(stamp), false, _) => Writer::Idempotent(stamp),
        (Some(stamp), true, false) => Writer::Transactional(stamp),
        (Some(stamp), true, true) => Writer::Coordinator(stamp),
    };
    let index = (record.offset.0 - batch.base_offset().0) as usize;
    let delete_horizon = batch.delete_horizon_ms().is_some();
    Record { delete_horizon, ..theirs(writer, &written, batch.base_offset().0, index) }
}

/// What the other implementation reads from a batch of ours.
fn read_by_them(batch: BatchView<'_>) -> Vec<Record> {
    let mut bytes = &batch.to_wire()[..];
    let decoded = RecordBatchDecoder::decode(&mut bytes).expect("a batch that it can read");
    assert!(bytes.is_empty(), "{} bytes follow the batch", bytes.len());
    assert_eq!((decoded.version, decoded.compression), (2, Compression::None));
    decoded.records
}

fn written_by_them(records: &[Record]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    RecordBatchEncoder::encode(&mut bytes, records, &options).expect("records that it can write");
    bytes
}

fn batches(log: &Log) -> Vec<BatchView<'_>> {
    log.segments().flat_map(Segment::batches).collect()
}

fn stamp(base_sequence: Option<i32>) -> ProducerStamp {
    ProducerStamp { id: ProducerId(7), epoch: ProducerEpoch(3), base_sequence: base_sequence.map(Sequence) }
}

fn log_at(offset: i64) -> Log {
    Log::starting_at(Offset(offset), LogConfig::default(), NOW_MS)
}

/// Our batch is read by them as it was written, whatever offset the log gave it.
fn check_ours(writer: Writer, records: &[Written], offset: i64) {
    let mut log = log_at(offset);
    log.append(batch_of(writer, records).view(), Origin::Client, NOW_MS).expect("a batch that is taken");
    assert_eq!(read_by_them(batches(&log)[0]), all_theirs(writer, records, offset));
}

/// Their batch is read by us as it was written, and leaves the log as it came.
fn check_theirs(writer: Writer, records: &[Written], offset: i64) {
    let expected = all_theirs(writer, records, offset);
    let bytes = written_by_them(&expected);
    let batch = Batch::from_wire(&bytes).expect("a batch that we can read");
    assert_eq!(batch.view().to_wire(), bytes);
    for (mut log, origin) in [(log_at(offset), Origin::Client), (log_at(0), Origin::Replication)] {
        let appended = log.append(batch.view(), origin, NOW_MS).expect("a batch that is taken");
        assert_eq!((appended.first_offset.0, appended.last_offset.0), (offset, offset + records.len() as i64 - 1));
        let fetched = log.fetch(Offset(offset), Isolation::LogEnd, usize::MAX).expect("an offset that is there");
        let ours: Vec<Record> = Batches::new(fetched.bytes)
            .flat_map(|batch| batch.records().map(move |record| in_their_words(batch, &record)))
            .collect();
        assert_eq!(ours, expected);
        assert_eq!(batches(&log)[0].to_wire(), bytes);
    }
}

fn check(writer: Writer, records: &[Written]) {
    for offset in [0, 1_000_000_000_000] {
        check_ours(writer, records, offset);
        check_theirs(writer, records, offset);
    }
}

fn empty() -> Written {
    Written { key: Some(Vec::new()), value: Some(Vec::new()), ..Written::default() }
}

#[test]
fn null_differs_from_empty() {
    let headers = [("empty".to_owned(), Some(Vec::new())), ("null".to_owned(), None)];
    check(Writer::Anonymous, &[Written::default(), empty(), Written { headers: headers.into(), ..empty() }]);
}

#[test]
fn times_go_both_ways_from_the_first() {
    let at = |timestamp_ms| Written { timestamp_ms, ..empty() };
    check_ours(Writer::Anonymous, &[at(NOW_MS), at(-1), at(0), at(NOW_MS + 1)], 5);
    check(Writer::Anonymous, &[at(-1)]);
}

#[test]
fn an_idempotent_batch_says_who_wrote_it() {
    check(Writer::Idempotent(stamp(Some(41))), &[empty(), empty()]);
}

#[test]
fn a_transactional_batch_says_so() {
    check(Writer::Transactional(stamp(Some(0))), &[empty()]);
}

#[test]
fn markers_are_theirs_to_the_byte() {
    for (result, kind) in [(TransactionResult::Abort, 0), (TransactionResult::Commit, 1)] {
        let marker = EndTxnMarker { result, coordinator_epoch: 0x0102_0304 };
        let ours = marker.batch(ProducerId(7), ProducerEpoch(3), NOW_MS);
        let record = Written {
            key: Some(vec![0, 0, 0, kind]),
            value: Some(vec![0, 0, 1, 2, 3, 4]),
            timestamp_ms: NOW_MS,
            ..Written::default()
        };
        let expected = all_theirs(Writer::Coordinator(stamp(None)), &[record], 0);
        assert_eq!(read_by_them(ours.view()), expected);
        let theirs = Batch::from_wire(&written_by_them(&expected)).expect("a batch that we can read");
        assert_eq!(theirs.view().marker(), Some(marker));
        assert_eq!(theirs, ours);
    }
}

#[test]
fn both_refuse_every_flipped_bit_that_the_checksum_covers() {
    let bytes = batch_of(Writer::Idempotent(stamp(Some(0))), &[empty(), Written::default()]).view().to_wire();
    for bit in ATTRIBUTES_AT * 8..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(Batch::from_wire(&damaged).is_err(), "bit {bit}");
        assert!(RecordBatchDecoder::decode(&mut &damaged[..]).is_err(), "bit {bit}");
    }
}

#[test]
fn a_wrong_checksum_is_named() {
    let mut bytes = batch_of(Writer::Anonymous, &[empty()]).view().to_wire();
    bytes[ATTRIBUTES_AT - 1] ^= 1;
    assert!(matches!(Batch::from_wire(&bytes), Err(DecodeError::Checksum { .. })));
}

fn keyed(key: u8, value: Option<&[u8]>) -> Written {
    Written { key: Some(vec![key]), value: value.map(<[u8]>::to_vec), timestamp_ms: NOW_MS, ..Written::default() }
}

fn compacting() -> LogConfig {
    LogConfig { cleanup_policy: CleanupPolicy::Compact, delete_retention_ms: 1_000, ..LogConfig::default() }
}

/// A log of these batches, each by its writer, compacted to its end once for each of these times.
fn compacted(batches: &[(Writer, Vec<Written>)], passes_ms: &[i64]) -> Log {
    let mut log = Log::starting_at(Offset(100), compacting(), NOW_MS);
    for (writer, records) in batches {
        log.append(batch_of(*writer, records).view(), Origin::Client, NOW_MS).expect("a batch that is taken");
    }
    log.roll(NOW_MS);
    let (first_dirty_offset, upper_bound_offset) = (log.log_start_offset(), log.log_end_offset());
    for now_ms in passes_ms {
        log.compact(CompactionRange { first_dirty_offset, upper_bound_offset, keys_max: usize::MAX }, *now_ms);
    }
    log
}

/// They read from each batch what we read, and we take each batch back as it left.
fn check_agreement(log: &Log) {
    for batch in batches(log) {
        let ours: Vec<Record> = batch.records().map(|record| in_their_words(batch, &record)).collect();
        assert_eq!(read_by_them(batch), ours);
        let info = RecordBatchDecoder::decode_batch_info(&mut &batch.to_wire()[..]).expect("a header");
        assert_eq!((info[0].min_offset, info[0].record_count), (batch.base_offset().0, ours.len() as i32));
        let again = Batch::from_wire(&batch.to_wire()).expect("a batch that we wrote");
        assert_eq!((again.view(), again.view().last_offset()), (batch, batch.last_offset()));
    }
}

#[test]
fn a_compacted_batch_has_gaps_where_records_were() {
    let value = Some(b"v".as_slice());
    let log = compacted(&[(Writer::Anonymous, [1, 2, 1, 3, 2].map(|key| keyed(key, value)).into())], &[NOW_MS]);
    check_agreement(&log);
    let offsets: Vec<i64> = read_by_them(batches(&log)[0]).iter().map(|record| record.offset).collect();
    assert_eq!(offsets, [102, 103, 104]);
}

#[test]
fn a_tombstone_that_was_seen_has_a_horizon() {
    let log = compacted(&[(Writer::Anonymous, vec![keyed(1, None), keyed(2, Some(b"v"))])], &[NOW_MS]);
    check_agreement(&log);
    let read = read_by_them(batches(&log)[0]);
    assert_eq!(
        read.iter().map(|record| (record.delete_horizon, record.timestamp)).collect::<Vec<_>>(),
        [(true, NOW_MS), (true, NOW_MS)]
    );
}

#[test]
fn a_batch_without_records_still_says_who_wrote_it() {
    let by = |sequence| Writer::Idempotent(stamp(Some(sequence)));
    let late = Writer::Anonymous;
    let log = compacted(
        &[(by(0), vec![keyed(1, Some(b"v"))]), (by(1), vec![keyed(1, Some(b"w"))]), (late, vec![keyed(1, None)])],
        &[NOW_MS],
    );
    check_agreement(&log);
    let info = RecordBatchDecoder::decode_batch_info(&mut &batches(&log)[0].to_wire()[..]).expect("a header");
    assert_eq!((info[0].record_count, info[0].min_offset), (0, 101));
    assert_eq!((info[0].producer_id, info[0].producer_epoch, info[0].base_sequence), (7, 3, 1));
}

#[test]
fn compaction_keeps_the_epoch_of_the_leader() {
    let mut bytes = batch_of(Writer::Anonymous, &[keyed(1, Some(b"v")), keyed(1, Some(b"w"))]).view().to_wire();
    bytes[LEADER_EPOCH_AT..][..4].copy_from_slice(&5i32.to_be_bytes());
    let batch = Batch::from_wire(&bytes).expect("the checksum does not cover the epoch");
    let mut log = Log::new(compacting());
    log.append(batch.view(), Origin::Replication, NOW_MS).expect("a batch that is taken");
    log.roll(NOW_MS);
    let range = CompactionRange { first_dirty_offset: Offset(0), upper_bound_offset: Offset(2), keys_max: 10 };
    assert_eq!(log.compact(range, NOW_MS).records_after, 1);
    assert_eq!(read_by_them(batches(&log)[0])[0].partition_leader_epoch, 5);
}

fn any_bytes() -> impl Strategy<Value = Option<Vec<u8>>> {
    proptest::option::of(vec(any::<u8>(), 0..200))
}

fn any_record() -> impl Strategy<Value = Written> {
    let headers = btree_map("[a-zé]{0,6}", any_bytes(), 0..4);
    let timestamp_ms = prop_oneof![Just(-1), 0..10i64, 0..4_000_000_000_000i64];
    (any_bytes(), any_bytes(), headers, timestamp_ms).prop_map(|(key, value, headers, timestamp_ms)| Written {
        key,
        value,
        headers,
        timestamp_ms,
    })
}

fn any_writer() -> impl Strategy<Value = Writer> {
    let stamp = (0..i64::MAX, 0..i16::MAX, 0..i32::MAX - 100).prop_map(|(id, epoch, sequence)| ProducerStamp {
        id: ProducerId(id),
        epoch: ProducerEpoch(epoch),
        base_sequence: Some(Sequence(sequence)),
    });
    prop_oneof![
        Just(Writer::Anonymous),
        stamp.clone().prop_map(Writer::Idempotent),
        stamp.prop_map(Writer::Transactional)
    ]
}

/// One of few keys and a few values, tombstones among them.
fn any_keyed() -> impl Strategy<Value = Written> {
    (0..5u8, proptest::option::of(vec(any::<u8>(), 0..3)), -1..1_000i64).prop_map(|(key, value, timestamp_ms)| {
        Written { key: Some(vec![key]), value, timestamp_ms, ..Written::default() }
    })
}

proptest! {
    // What fails is printed whole, so that no file has to remember it.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_read_what_we_write(
        writer in any_writer(),
        records in vec(any_record(), 1..20),
        offset in 0..1i64 << 48,
    ) {
        check_ours(writer, &records, offset);
    }

    #[test]
    fn we_read_what_they_write(
        writer in any_writer(),
        records in vec(any_record(), 1..20),
        offset in 0..1i64 << 48,
    ) {
        check_theirs(writer, &records, offset);
    }

    #[test]
    fn we_agree_on_what_compaction_leaves(
        batches in vec((any_writer(), vec(any_keyed(), 1..6)), 1..12),
        later_ms in 0..2_000i64,
    ) {
        // Each batch is of a producer of its own, so that none is refused.
        check_agreement(&compacted(&batches, &[NOW_MS, NOW_MS + later_ms]));
    }
}

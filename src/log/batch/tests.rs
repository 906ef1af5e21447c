//! Tests of record batches.

use super::super::Header;
use super::*;

fn two_records() -> Batch {
    let headers = [Header { key: "trace", value: Some(b"7") }, Header { key: "none", value: None }];
    let mut builder = BatchBuilder::default();
    builder.push(&NewRecord { key: Some(b"order-1"), value: Some(b"placed"), headers: &headers, timestamp_ms: 1_000 });
    builder.push(&NewRecord { key: None, value: None, headers: &[], timestamp_ms: 998 });
    builder.finish().expect("two records make a batch")
}

#[test]
fn records_come_out_as_they_went_in() {
    let batch = two_records();
    let records: Vec<_> = batch.view().records().collect();
    assert_eq!(records[0].key, Some(b"order-1".as_slice()));
    assert_eq!(records[0].value, Some(b"placed".as_slice()));
    assert_eq!(records[0].headers().map(|header| header.key).collect::<Vec<_>>(), ["trace", "none"]);
    assert_eq!((records[1].key, records[1].value), (None, None));
    assert_eq!((records[1].offset, records[1].timestamp_ms), (Offset(1), 998));
}

#[test]
fn the_header_sums_up_the_records() {
    let batch = two_records();
    assert_eq!(batch.view().record_count(), 2);
    assert_eq!(batch.view().max_timestamp_ms(), 1_000);
    assert_eq!(batch.view().last_offset(), Offset(1));
}

#[test]
fn the_size_with_a_record_is_the_size_once_it_is_there() {
    let headers = [Header { key: "source", value: Some(b"orders") }];
    let mut builder = BatchBuilder::default();
    for timestamp_ms in [1_000, 70_000, 0] {
        let record = NewRecord { key: Some(b"order-1"), value: Some(&[7; 200]), headers: &headers, timestamp_ms };
        let expected = builder.len_bytes_with(&record);
        builder.push(&record);
        assert_eq!(builder.len_bytes(), expected);
    }
}

#[test]
fn no_record_makes_no_batch() {
    assert_eq!(BatchBuilder::default().finish(), None);
}

#[test]
fn a_batch_that_nobody_has_checked_can_be_looked_at() {
    let mut bytes = two_records().view().bytes().to_vec();
    set_base_offset(&mut bytes, Offset(i64::MAX));
    assert_eq!(BatchView(&bytes).last_offset(), Offset(i64::MIN));
}

#[test]
fn times_may_be_as_far_apart_as_numbers_can() {
    let mut builder = BatchBuilder::default();
    for timestamp_ms in [NO_TIMESTAMP_MS, i64::MAX] {
        builder.push(&NewRecord { timestamp_ms, ..NewRecord::default() });
    }
    let batch = builder.finish().expect("two records");
    let times = batch.view().records().map(|record| record.timestamp_ms);
    assert_eq!(times.collect::<Vec<_>>(), [NO_TIMESTAMP_MS, i64::MAX]);
}

#[test]
fn bytes_that_are_cut_short_are_no_batch() {
    let batch = two_records();
    for len in 0..batch.view().bytes().len() {
        assert_eq!(Batches::new(&batch.view().bytes()[..len]).count(), 0, "{len} bytes");
    }
}

#[test]
fn a_batch_is_numbered_anew_without_a_change_to_its_records() {
    let stamp = |epoch, sequence| {
        let base_sequence = Some(Sequence(sequence));
        ProducerStamp { id: ProducerId(7), epoch: ProducerEpoch(epoch), base_sequence }
    };
    let mut builder = BatchBuilder::default();
    builder.push(&NewRecord { value: Some(b"placed"), ..NewRecord::default() });
    builder.set_writer(Writer::Transactional(stamp(0, 40)));
    let batch = builder.finish().expect("one record makes a batch");
    let renewed = batch.written_by(Writer::Idempotent(stamp(1, 0)));
    assert_eq!((batch.view().producer(), batch.view().is_transactional()), (Some(stamp(0, 40)), true));
    assert_eq!((renewed.view().producer(), renewed.view().is_transactional()), (Some(stamp(1, 0)), false));
    assert_eq!(renewed.written_by(Writer::Transactional(stamp(0, 40))), batch);
}

//! Where a consumer begins, and what its position moves over.

use super::consumer_bench::{Bench, committed, found, listed};
use super::{at, partition};
use catchup::broker::{FetchPartitionError, FetchedPartition, GroupError, OffsetSpec, Request, Response};
use catchup::client::{AutoOffsetReset, ConsumerConfig, ConsumerError, ConsumerState};
use catchup::log::{
    AbortedTransaction, Batch, BatchBuilder, Batches, EndTxnMarker, FetchError, Isolation, NewRecord, Offset,
    ProducerEpoch, ProducerId, ProducerStamp, Sequence, TransactionResult, Writer,
};

/// A consumer that learns that its group has committed nothing.
fn new_group(reset: AutoOffsetReset, isolation: Isolation) -> Bench {
    let mut bench = Bench::with(|config| {
        config.auto_offset_reset = reset;
        config.isolation = isolation;
    });
    bench.consumer.poll(at(0));
    bench.settles(1, &[partition()]);
    bench.answer_last(0, committed(None));
    bench
}

fn never(config: &mut ConsumerConfig) {
    config.auto_offset_reset = AutoOffsetReset::None;
}

fn out_of_range() -> Response {
    let (offset, log_start_offset, log_end_offset) = (Offset(0), Offset(40), Offset(50));
    let gone = FetchError::OffsetOutOfRange { offset, log_start_offset, log_end_offset };
    let batches = Err(FetchPartitionError::Read(gone));
    Response::Fetch(vec![FetchedPartition { partition: partition(), batches, log_start_offset, aborted: Vec::new() }])
}

#[test]
fn without_a_committed_offset_it_asks_where_to_begin() {
    for (reset, isolation, spec) in [
        (AutoOffsetReset::Earliest, Isolation::ReadUncommitted, OffsetSpec::Earliest),
        (AutoOffsetReset::Latest, Isolation::ReadCommitted, OffsetSpec::Latest),
    ] {
        let mut bench = new_group(reset, isolation);
        assert_eq!(bench.consumer.state(), ConsumerState::FetchingOffsets);
        let Request::ListOffsets(list) = bench.last() else { panic!("the last request is for offsets") };
        assert_eq!((list.isolation, &list.partitions), (isolation, &vec![(partition(), spec)]));
        bench.answer_last(0, listed(7));
        assert_eq!(bench.fetches(), [(partition(), Offset(7))]);
    }
}

#[test]
fn without_a_committed_offset_and_without_a_policy_it_stops() {
    let mut bench = new_group(AutoOffsetReset::None, Isolation::ReadUncommitted);
    assert_eq!(bench.consumer.error(), Some(ConsumerError::NoOffsetForPartition { partition: partition() }));
    assert_eq!(bench.consumer.state(), ConsumerState::Stopped);
    assert_eq!(bench.sends(), []);
}

#[test]
fn one_that_has_stopped_for_want_of_an_offset_goes_on_when_it_seeks() {
    let mut bench = new_group(AutoOffsetReset::None, Isolation::ReadUncommitted);
    assert!(bench.consumer.seek(partition(), Offset(9).into()));
    assert_eq!(bench.consumer.error(), None);
    assert_eq!(bench.fetches(), [(partition(), Offset(9))]);
}

#[test]
fn out_of_range_without_a_policy_it_stops() {
    let mut bench = Bench::reading_with(never);
    bench.answer_last(0, out_of_range());
    let error = ConsumerError::OffsetOutOfRange { partition: partition(), offset: Offset(0) };
    assert_eq!(bench.consumer.error(), Some(error));
    assert_eq!(bench.consumer.poll(at(1)), []);
    assert_eq!(bench.sends(), []);
}

#[test]
fn what_is_in_hand_is_handed_out_before_it_stops() {
    let mut bench = Bench::reading_with(never);
    bench.answer_last(0, found(2));
    bench.answer_last(0, out_of_range());
    assert_eq!(bench.consumer.error(), None);
    assert_eq!(bench.poll_offsets(), [0, 1]);
    bench.consumer.tick(at(100));
    bench.answer_last(100, out_of_range());
    assert!(bench.consumer.error().is_some());
}

#[test]
fn an_offset_that_is_not_stable_is_asked_for_again() {
    let mut bench = Bench::new();
    bench.consumer.poll(at(0));
    bench.settles(1, &[partition()]);
    bench.answer_last(0, Response::OffsetFetch(vec![(partition(), Err(GroupError::UnstableOffsetCommit))]));
    assert_eq!(bench.sends(), []);
    assert_eq!(bench.consumer.deadline(), Some(at(100)));
    bench.consumer.tick(at(100));
    assert_eq!(bench.sends(), [("offsets", 3)]);
}

#[test]
fn who_seeks_drops_what_is_in_hand_and_on_its_way() {
    let mut bench = Bench::reading();
    bench.answer_last(0, found(2));
    assert!(bench.consumer.seek(partition(), Offset(1).into()));
    assert_eq!(bench.poll_offsets(), Vec::<i64>::new());
    bench.answer_last(0, found(3)); // asked for from offset 2 on
    assert_eq!(bench.poll_offsets(), Vec::<i64>::new());
    assert_eq!(bench.fetches(), [(partition(), Offset(1))]);
    bench.answer_last(0, found(3));
    assert_eq!(bench.poll_offsets(), [1, 2]);
}

#[test]
fn only_where_it_reads_can_it_seek() {
    let mut bench = Bench::new();
    assert!(!bench.consumer.seek(partition(), Offset(1).into()));
    assert_eq!(bench.consumer.position(partition()), None);
}

#[test]
fn the_position_follows_polls_and_not_fetches() {
    let mut bench = Bench::reading();
    bench.answer_last(0, found(5));
    let mut check = |expect| {
        assert_eq!(bench.consumer.position(partition()).map(|it| it.offset), Some(Offset(expect)));
        bench.consumer.poll(at(0));
    };
    check(0);
    check(3);
    check(5);
}

#[test]
fn a_poll_returns_as_many_records_as_it_was_last_told() {
    let mut bench = Bench::reading();
    bench.answer_last(0, found(5));
    bench.consumer.set_max_poll_records(4);
    assert_eq!(bench.poll_offsets(), [0, 1, 2, 3]);
}

const WRITER: ProducerStamp =
    ProducerStamp { id: ProducerId(1), epoch: ProducerEpoch(0), base_sequence: Some(Sequence(0)) };

/// A batch with its base offset.
fn numbered(offset: i64, batch: &Batch) -> Vec<u8> {
    let mut bytes = batch.view().bytes().to_vec();
    bytes[..size_of::<i64>()].copy_from_slice(&offset.to_be_bytes());
    bytes
}

/// Record 0 of a transaction, its marker at offset 1, and record 2 of nobody in particular.
fn transaction(result: TransactionResult) -> Response {
    let one = NewRecord { value: Some(b"v"), ..NewRecord::default() };
    let mut data = BatchBuilder::new(Writer::Transactional(WRITER));
    data.push(&one);
    let marker = EndTxnMarker { result, coordinator_epoch: 0 };
    let mut end = EndTxnMarker::builder(WRITER.id, WRITER.epoch);
    end.push(&NewRecord { key: Some(&marker.key()), value: Some(&marker.value()), ..NewRecord::default() });
    let mut plain = BatchBuilder::default();
    plain.push(&one);
    let batches = [data, end, plain].map(|builder| builder.finish().expect("a record"));
    let bytes: Vec<u8> = (0..).zip(&batches).flat_map(|(offset, batch)| numbered(offset, batch)).collect();
    let (first_offset, last_offset) = (Offset(0), Offset(1));
    let aborted =
        AbortedTransaction { producer: WRITER.id, first_offset, last_offset, last_stable_offset: last_offset };
    let aborted = if result == TransactionResult::Abort { vec![aborted] } else { Vec::new() };
    let log_start_offset = Offset::ZERO;
    Response::Fetch(vec![FetchedPartition {
        partition: partition(),
        batches: Ok(bytes.into()),
        log_start_offset,
        aborted,
    }])
}

#[test]
fn a_reader_of_committed_records_says_so_and_leaves_out_aborted_ones() {
    for (result, expect) in [(TransactionResult::Commit, vec![0, 2]), (TransactionResult::Abort, vec![2])] {
        let mut bench = Bench::reading_with(|config| config.isolation = Isolation::ReadCommitted);
        let Request::Fetch(fetch) = bench.last() else { panic!("the last request is a fetch") };
        assert_eq!(fetch.isolation, Isolation::ReadCommitted);
        bench.answer_last(0, transaction(result));
        assert_eq!(bench.poll_offsets(), expect);
    }
}

#[test]
fn the_position_moves_over_markers() {
    let mut bench = Bench::reading();
    let Response::Fetch(mut found) = transaction(TransactionResult::Commit) else { panic!("a fetch") };
    let bytes = found[0].batches.clone().expect("batches");
    let without_last: usize = Batches::new(&bytes).take(2).map(|batch| batch.bytes().len()).sum();
    found[0].batches = Ok(bytes[..without_last].into());
    bench.answer_last(0, Response::Fetch(found));
    assert_eq!(bench.poll_offsets(), [0]);
    assert_eq!(bench.consumer.position(partition()).map(|it| it.offset), Some(Offset(2)));
    assert_eq!(bench.fetches(), [(partition(), Offset(2))]);
}

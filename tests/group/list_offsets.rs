//! What the broker tells of its topics: offsets by what they mean, names and sizes; and what readers of committed records
//! do not see yet.

use super::broker_bench::{Bench, partition};
use catchup::broker::{
    Acks, AddPartitionsToTxnRequest, EndTxnRequest, FetchPartitionError, FetchRequest, InitProducerIdRequest,
    ListOffsetsRequest, ListedOffset, OffsetSpec, Request, Response, Ticket, TopicMetadata,
};
use catchup::log::{
    BatchBuilder, Isolation, LeaderEpoch, NewRecord, Offset, OffsetAndEpoch, PartitionId, ProducerIdAndEpoch,
    ProducerStamp, Sequence, TopicId, TopicPartition, TransactionResult, Writer,
};
use catchup::time::Span;

const NAME: &str = "payments";

/// Appends a record of a transaction, and leaves that open.
fn transact(bench: &mut Bench) -> ProducerIdAndEpoch {
    let transaction_timeout = Span::from_ms(10_000);
    let request = InitProducerIdRequest { transactional_id: Some(NAME.into()), transaction_timeout, expected: None };
    let ticket = bench.ask(Request::InitProducerId(request));
    let Some(Response::InitProducerId(Ok(producer))) = bench.answer(ticket) else { panic!("it gets an id") };
    let (producer, transactional_id) = (*producer, NAME.into());
    let partitions = vec![partition(0)];
    bench.ask(Request::AddPartitionsToTxn(AddPartitionsToTxnRequest { transactional_id, producer, partitions }));
    let stamp = ProducerStamp { id: producer.id, epoch: producer.epoch, base_sequence: Some(Sequence(0)) };
    let mut builder = BatchBuilder::new(Writer::Transactional(stamp));
    builder.push(&NewRecord { value: Some(b"paid"), timestamp_ms: 70, ..NewRecord::default() });
    let batch = builder.finish().expect("a batch of one record");
    let ticket = bench.ask(Request::Produce { partition: partition(0), batch, acks: Acks::All });
    assert!(matches!(bench.answer(ticket), Some(Response::Produce { result: Ok(_), .. })));
    producer
}

fn list(bench: &mut Bench, of: TopicPartition, spec: OffsetSpec, isolation: Isolation) -> ListedOffset {
    let ticket = bench.ask(Request::ListOffsets(ListOffsetsRequest { isolation, partitions: vec![(of, spec)] }));
    match bench.answer(ticket) {
        Some(Response::ListOffsets(offsets)) => offsets[0].clone(),
        other => panic!("{other:?} does not list offsets"),
    }
}

#[test]
fn offsets_are_listed_by_what_they_mean_to_the_reader() {
    let mut bench = Bench::new();
    bench.produce(partition(0));
    transact(&mut bench);
    let mut check = |spec, isolation, expect: Option<i64>| {
        let epoch = Some(LeaderEpoch::default());
        let offset = Ok(expect.map(|offset| OffsetAndEpoch { offset: Offset(offset), epoch }));
        assert_eq!(list(&mut bench, partition(0), spec, isolation), ListedOffset { partition: partition(0), offset });
    };
    check(OffsetSpec::Earliest, Isolation::ReadCommitted, Some(0));
    check(OffsetSpec::Latest, Isolation::ReadUncommitted, Some(2));
    check(OffsetSpec::Latest, Isolation::ReadCommitted, Some(1));
    check(OffsetSpec::Timestamp(70), Isolation::ReadUncommitted, Some(1));
    check(OffsetSpec::Timestamp(70), Isolation::ReadCommitted, None);
    check(OffsetSpec::Timestamp(71), Isolation::ReadUncommitted, None);
    check(OffsetSpec::MaxTimestamp, Isolation::ReadUncommitted, Some(1));
}

#[test]
fn a_partition_that_is_not_there_has_no_offsets() {
    let mut bench = Bench::new();
    let nowhere = TopicPartition { topic: TopicId(0), partition: PartitionId(99) };
    let listed = list(&mut bench, nowhere, OffsetSpec::Earliest, Isolation::ReadUncommitted);
    assert_eq!(listed.offset, Err(FetchPartitionError::UnknownTopicOrPartition));
}

fn fetch_committed(bench: &mut Bench) -> Ticket {
    bench.ask(Request::Fetch(FetchRequest {
        partitions: vec![(partition(0), Offset(0).into())],
        max_wait: Span::from_ms(500),
        max_partition_bytes: 1_024,
        isolation: Isolation::ReadCommitted,
    }))
}

#[test]
fn a_reader_of_committed_records_waits_on_while_a_transaction_is_open() {
    let mut bench = Bench::new();
    let ticket = fetch_committed(&mut bench);
    transact(&mut bench);
    assert!(bench.answer(ticket).is_none());
    assert_eq!(bench.go_to_answer(ticket), 500);
}

#[test]
fn a_reader_of_committed_records_is_answered_when_the_transaction_ends() {
    for (result, aborted) in [(TransactionResult::Commit, 0), (TransactionResult::Abort, 1)] {
        let mut bench = Bench::new();
        let ticket = fetch_committed(&mut bench);
        let producer = transact(&mut bench);
        bench.ask(Request::EndTxn(EndTxnRequest { transactional_id: NAME.into(), producer, result }));
        let Some(Response::Fetch(found)) = bench.answer(ticket) else { panic!("it is answered") };
        assert_eq!(found[0].aborted.len(), aborted);
    }
}

#[test]
fn topics_are_described_if_they_exist() {
    let mut bench = Bench::new();
    let topic = bench.broker.topic(TopicId(0));
    let expect = TopicMetadata { topic: TopicId(0), name: topic.name().clone(), partitions: topic.partition_count() };
    let ticket = bench.ask(Request::Metadata(vec![TopicId(0), TopicId(9)]));
    let Some(Response::Metadata(found)) = bench.answer(ticket) else { panic!("it is answered at once") };
    assert_eq!(found, &vec![expect]);
}

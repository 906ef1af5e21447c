//! Fetches that are answered at once, and fetches that wait; and batches for partitions that are not there.

use super::broker_bench::{Bench, partition};
use catchup::broker::{FetchPartitionError, ProduceError, Response, Ticket};
use catchup::log::{Batches, FetchError, Offset, PartitionId, TopicId, TopicPartition};

/// The offsets of the records in an answer, by partition.
fn fetched(bench: &Bench, ticket: Ticket) -> Option<Vec<(u32, Vec<i64>)>> {
    let Response::Fetch(found) = bench.answer(ticket)? else { panic!("no answer to a fetch") };
    let offsets = |bytes: &[u8]| {
        Batches::new(bytes).flat_map(catchup::log::BatchView::records).map(|record| record.offset.0).collect()
    };
    let read = found.iter().map(|it| (it.partition.partition.0, offsets(it.batches.as_ref().expect("in range"))));
    Some(read.collect())
}

#[test]
fn a_fetch_is_answered_at_once_if_there_is_something_to_read() {
    let mut bench = Bench::new();
    bench.produce(partition(1));
    bench.produce(partition(1));
    let fetch = bench.fetch(&[(0, 0), (1, 1)], 500);
    assert_eq!(fetched(&bench, fetch), Some(vec![(1, vec![1])]));
}

#[test]
fn a_fetch_that_finds_nothing_waits_for_an_append() {
    let mut bench = Bench::new();
    let fetch = bench.fetch(&[(0, 0), (1, 0)], 500);
    bench.go_to(499);
    bench.produce(partition(2));
    assert_eq!(fetched(&bench, fetch), None, "it did not ask for that partition");
    bench.produce(partition(1));
    assert_eq!(fetched(&bench, fetch), Some(vec![(1, vec![0])]));
}

#[test]
fn a_fetch_waits_no_longer_than_it_wants_to() {
    let mut bench = Bench::new();
    bench.go_to(100);
    let fetch = bench.fetch(&[(0, 0)], 500);
    assert_eq!(bench.go_to_answer(fetch), 600);
    assert_eq!(fetched(&bench, fetch), Some(vec![]));
}

#[test]
fn a_fetch_whose_client_is_gone_is_not_answered() {
    let mut bench = Bench::new();
    let fetch = bench.fetch(&[(0, 0)], 500);
    bench.broker.disconnect(fetch.client);
    bench.produce(partition(0));
    bench.go_to(1_000);
    assert_eq!(fetched(&bench, fetch), None);
}

#[test]
fn a_fetch_out_of_range_is_told_so_at_once_with_where_the_log_begins() {
    let mut bench = Bench::new();
    let fetch = bench.fetch(&[(0, 1)], 500);
    let Some(Response::Fetch(found)) = bench.answer(fetch) else { panic!("it is answered at once") };
    let (offset, start) = (Offset(1), Offset::ZERO);
    let expected = FetchError::OffsetOutOfRange { offset, log_start_offset: start, log_end_offset: start };
    assert_eq!(
        (found[0].batches.clone(), found[0].log_start_offset),
        (Err(FetchPartitionError::Read(expected)), start)
    );
}

#[test]
fn a_fetch_of_a_partition_that_is_not_there_is_told_so_at_once() {
    let mut bench = Bench::new();
    let fetch = bench.fetch(&[(0, 0), (3, 0)], 500);
    let Some(Response::Fetch(found)) = bench.answer(fetch) else { panic!("it is answered at once") };
    let [found] = found.as_slice() else { panic!("{found:?} is not one partition") };
    assert_eq!(
        (found.partition, found.batches.clone(), found.log_start_offset),
        (partition(3), Err(FetchPartitionError::UnknownTopicOrPartition), Offset(-1))
    );
}

#[test]
fn a_batch_for_a_partition_that_is_not_there_is_refused() {
    let mut bench = Bench::new();
    let nowhere = TopicPartition { topic: TopicId(0), partition: PartitionId(3) };
    let produce = bench.produce(nowhere);
    let Some(Response::Produce { partition, result }) = bench.answer(produce) else { panic!("it is answered at once") };
    assert_eq!((*partition, result.clone()), (nowhere, Err(ProduceError::UnknownTopicOrPartition)));
    assert_eq!(bench.facts(), []);
}

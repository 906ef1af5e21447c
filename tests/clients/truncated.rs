//! A consumer whose log was cut off below what it has read (KIP-320).

use super::consumer_bench::{Bench, found};
use super::{at, partition};
use catchup::broker::{EpochEnd, FetchPartitionError, FetchedPartition, Request, Response};
use catchup::client::{AutoOffsetReset, ConsumerConfig, ConsumerError};
use catchup::log::{LeaderEpoch, Offset, OffsetAndEpoch, TopicPartition};

/// A leader says up to where its log is the same.
fn diverges_from(offset: i64) -> Response {
    let end = EpochEnd { epoch: LeaderEpoch(0), end_offset: Offset(offset) };
    let batches = Err(FetchPartitionError::DivergingEpoch(end));
    let log_start_offset = Offset(-1);
    Response::Fetch(vec![FetchedPartition { partition: partition(), batches, log_start_offset, aborted: Vec::new() }])
}

/// A consumer that has polled records 0 to 2 of five.
fn reading(reset: AutoOffsetReset) -> Bench {
    let mut bench = Bench::reading_with(|config: &mut ConsumerConfig| config.auto_offset_reset = reset);
    bench.answer_last(0, found(5));
    assert_eq!(bench.poll_offsets(), [0, 1, 2]);
    bench
}

/// Where it fetches from, with the epoch of what it has read before.
fn fetches(bench: &mut Bench) -> Vec<(TopicPartition, OffsetAndEpoch)> {
    let Request::Fetch(fetch) = bench.last() else { panic!("the last request is a fetch") };
    fetch.partitions.clone()
}

fn place(offset: i64) -> OffsetAndEpoch {
    OffsetAndEpoch { offset: Offset(offset), epoch: Some(LeaderEpoch(0)) }
}

#[test]
fn it_says_in_which_epoch_it_has_read_what_is_before() {
    let mut bench = Bench::reading();
    assert_eq!(fetches(&mut bench), [(partition(), Offset(0).into())], "nobody knows what is before");
    bench.answer_last(0, found(2));
    assert_eq!(fetches(&mut bench), [(partition(), place(2))]);
}

#[test]
fn what_is_in_hand_is_dropped_and_asked_for_again_from_where_polls_have_come_to() {
    let mut bench = reading(AutoOffsetReset::None);
    bench.answer_last(0, diverges_from(4));
    assert_eq!(bench.consumer.error(), None, "what it has handed out is there still");
    assert_eq!(bench.poll_offsets(), Vec::<i64>::new());
    assert_eq!(fetches(&mut bench), [(partition(), place(3))]);
}

#[test]
fn with_either_policy_it_goes_on_from_where_the_log_is_the_same_still() {
    for reset in [AutoOffsetReset::Earliest, AutoOffsetReset::Latest] {
        let mut bench = reading(reset);
        bench.answer_last(0, diverges_from(1));
        bench.answer_last(0, diverges_from(1));
        assert_eq!(bench.consumer.position(partition()), Some(place(1)));
        assert_eq!(fetches(&mut bench), [(partition(), place(1))]);
        bench.answer_last(0, found(4));
        assert_eq!(bench.poll_offsets(), [1, 2, 3]);
    }
}

#[test]
fn without_a_policy_it_stops_and_says_from_where_on_the_log_is_another() {
    let mut bench = reading(AutoOffsetReset::None);
    bench.answer_last(0, diverges_from(1));
    bench.answer_last(0, diverges_from(1));
    let (offset, end) = (Offset(3), Offset(1));
    assert_eq!(bench.consumer.error(), Some(ConsumerError::LogTruncation { partition: partition(), offset, end }));
    assert!(bench.consumer.poll(at(1)).is_empty());
    assert!(bench.consumer.seek(partition(), end.into()));
    assert_eq!(bench.consumer.error(), None);
}

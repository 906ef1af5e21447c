//! What the conformance cases leave open.

use super::*;
use crate::log::{Offset, PartitionId, TopicId, TopicPartition};
use crate::time::{Instant, Span};

fn log(number: u32) -> TopicPartition {
    TopicPartition { topic: TopicId(0), partition: PartitionId(number) }
}

fn op(index: u64, process: u64, completion: Completion, does: Does) -> Op {
    let (index, at) = (OpIndex(index), Instant::from_us(index));
    Op { index, at, process: ProcessId(process), completion, does, rebalanced: Vec::new() }
}

fn send(log: TopicPartition, offset: i64, value: u64) -> Step {
    Step::Send { log, offset: Some(Offset(offset)), value: Value(value) }
}

fn poll(log: TopicPartition, pairs: &[(i64, u64)]) -> Step {
    let pairs = pairs.iter().map(|(offset, value)| (Some(Offset(*offset)), Value(*value)));
    Step::Poll(vec![(log, pairs.collect())])
}

fn transact(steps: &[Step]) -> Does {
    Does::Transact(steps.to_vec())
}

fn check(history: &[Op], expect: &[Check]) {
    let found: Vec<Check> = anomalies(history).iter().map(Anomaly::check).collect();
    assert_eq!(found, expect);
}

#[test]
fn writes_in_both_orders_are_a_cycle() {
    let [x, y] = [0, 1].map(log);
    let history = [
        op(0, 0, Completion::Ok, transact(&[send(x, 0, 1), send(y, 1, 1)])),
        op(1, 1, Completion::Ok, transact(&[send(x, 1, 2), send(y, 0, 2)])),
        op(2, 2, Completion::Ok, transact(&[poll(x, &[(0, 1), (1, 2)]), poll(y, &[(0, 2), (1, 1)])])),
    ];
    check(&history, &[Check::WriteCycle]);
}

#[test]
fn two_transactions_that_read_each_other_are_a_circle() {
    let [x, y] = [0, 1].map(log);
    let history = [
        op(0, 0, Completion::Ok, transact(&[send(x, 0, 1), poll(y, &[(0, 2)])])),
        op(1, 1, Completion::Ok, transact(&[send(y, 0, 2), poll(x, &[(0, 1)])])),
    ];
    check(&history, &[Check::CircularInformationFlow]);
}

#[test]
fn what_lies_between_two_polled_values_is_skipped_within_an_operation_unless_the_log_changed_hands() {
    let x = log(0);
    let mut history = [
        op(0, 0, Completion::Ok, transact(&[send(x, 0, 1), send(x, 1, 2), send(x, 2, 3)])),
        op(1, 1, Completion::Ok, transact(&[poll(x, &[(0, 1)]), poll(x, &[(2, 3)])])),
        op(2, 2, Completion::Ok, transact(&[poll(x, &[(0, 1), (1, 2)])])),
    ];
    check(&history, &[Check::IntPollSkip]);
    history[1].rebalanced.push(x);
    check(&history, &[]);
}

#[test]
fn what_a_transaction_sends_it_does_not_poll() {
    check(
        &[op(0, 0, Completion::Ok, transact(&[send(log(0), 0, 1), poll(log(0), &[(0, 1)])]))],
        &[Check::PrecommittedRead],
    );
}

#[test]
fn an_acknowledged_value_that_nobody_polled_is_unseen_and_not_lost() {
    let x = log(0);
    let history = [
        op(0, 0, Completion::Ok, transact(&[send(x, 0, 1), send(x, 1, 2)])),
        op(1, 1, Completion::Ok, transact(&[poll(x, &[(0, 1)])])),
    ];
    check(&history, &[Check::Unseen]);
}

#[test]
fn after_an_aborted_poll_a_process_goes_on_somewhere() {
    let x = log(0);
    let goes_on = |at: i64| {
        let history = [
            op(0, 0, Completion::Fail, transact(&[poll(x, &[(2, 2), (3, 3)])])),
            op(1, 0, Completion::Ok, transact(&[poll(x, &[(at, at as u64)])])),
        ];
        abort_rewinds(&history).into_iter().map(|(_, _, rewind)| rewind).collect::<Vec<_>>()
    };
    let expect = [Rewind::RewoundFurther, Rewind::Rewound, Rewind::Elsewhere, Rewind::Unchanged];
    assert_eq!([1, 2, 3, 4].map(goes_on), expect.map(|rewind| vec![rewind]));
}

/// The example of Jepsen's own documentation: a poll that began one tick after something had been acknowledged, and missed it.
#[test]
fn the_lag_is_how_long_something_was_known_that_a_poll_did_not_see() {
    let x = log(0);
    let mut history = vec![
        op(0, 0, Completion::Ok, Does::Reads(vec![x])),
        op(5, 1, Completion::Ok, transact(&[send(x, 0, 1)])),
        op(6, 0, Completion::Invoke, transact(&[Step::Poll(Vec::new())])),
        op(7, 0, Completion::Ok, transact(&[Step::Poll(Vec::new())])),
    ];
    assert_eq!(worst_realtime_lag(&history), Span::from_us(1));
    history[3].does = transact(&[poll(x, &[(0, 1)])]);
    assert_eq!(worst_realtime_lag(&history), Span::ZERO);
}

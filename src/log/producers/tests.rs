//! Tests of what is known of producers.

use super::super::batch::set_base_offset;
use super::super::sample::{append, batch, end_txn, stamp};
use super::super::{AppendError, Appended, EndTxnMarker, Log, LogConfig, Writer};
use super::*;

const ID: i64 = 7;

/// A log with so many batches of one record, numbered from 0, of one producer.
fn log_of(batches: i32) -> Log {
    let mut log = Log::new(LogConfig::default());
    for sequence in 0..batches {
        append(&mut log, &batch(Writer::Idempotent(stamp(ID, sequence)), &["key"], None, 0));
    }
    log
}

fn in_epoch(epoch: i16, sequence: i32) -> ProducerStamp {
    ProducerStamp { epoch: ProducerEpoch(epoch), ..stamp(ID, sequence) }
}

/// What the log says to a batch of one record.
fn send(log: &mut Log, writer: Writer) -> Result<Appended, ProducerError> {
    log.append(batch(writer, &["key"], None, 0).view(), Origin::Client, 0).map_err(|error| match error {
        AppendError::Producer(error) => error,
        error => panic!("{error}"),
    })
}

fn check_sequence(log: &mut Log, found: i32, expected: i32) {
    let (id, found, expected) = (ProducerId(ID), Sequence(found), Sequence(expected));
    let refused = send(log, Writer::Idempotent(stamp(ID, found.0)));
    assert_eq!(refused, Err(ProducerError::OutOfOrderSequenceNumber { id, found, expected }));
}

#[test]
fn each_of_the_last_five_batches_is_recognised() {
    for sequence in 1..6 {
        let mut log = log_of(6);
        let again = send(&mut log, Writer::Idempotent(stamp(ID, sequence))).expect("a repetition");
        assert_eq!((again.is_duplicate, again.first_offset), (true, Offset(sequence.into())));
        assert_eq!(log.log_end_offset(), Offset(6));
    }
}

#[test]
fn the_sixth_to_last_batch_is_out_of_order() {
    check_sequence(&mut log_of(6), 0, 6);
}

#[test]
fn a_batch_that_ends_elsewhere_is_no_repetition() {
    let mut log = log_of(3);
    let longer = batch(Writer::Idempotent(stamp(ID, 2)), &["key", "key"], None, 0);
    assert!(log.append(longer.view(), Origin::Client, 0).is_err());
}

#[test]
fn a_missing_record_is_noticed() {
    check_sequence(&mut log_of(3), 4, 3);
}

#[test]
fn a_producer_that_is_not_known_may_begin_anywhere() {
    assert!(send(&mut log_of(0), Writer::Idempotent(stamp(ID, 41))).is_ok());
}

#[test]
fn zero_follows_the_largest_sequence_number() {
    let mut log = log_of(0);
    for sequence in [i32::MAX - 1, i32::MAX, 0, 1] {
        assert!(send(&mut log, Writer::Idempotent(stamp(ID, sequence))).is_ok(), "{sequence}");
    }
}

#[test]
fn a_zombie_is_fenced() {
    let mut log = log_of(1);
    assert!(send(&mut log, Writer::Idempotent(in_epoch(2, 0))).is_ok());
    let (id, found, known) = (ProducerId(ID), ProducerEpoch(1), ProducerEpoch(2));
    let refused = send(&mut log, Writer::Idempotent(in_epoch(1, 1)));
    assert_eq!(refused, Err(ProducerError::InvalidProducerEpoch { id, found, known }));
}

#[test]
fn a_new_epoch_begins_at_zero_and_with_no_batch_to_repeat() {
    let mut log = log_of(3);
    let refused = send(&mut log, Writer::Idempotent(in_epoch(1, 3)));
    assert!(matches!(refused, Err(ProducerError::OutOfOrderSequenceNumber { expected: Sequence(0), .. })));
    assert_eq!(send(&mut log, Writer::Idempotent(in_epoch(1, 0))).map(|it| it.is_duplicate), Ok(false));
}

#[test]
fn a_marker_in_a_new_epoch_fences_too() {
    let mut log = log_of(1);
    let marker = EndTxnMarker { result: TransactionResult::Abort, coordinator_epoch: 0 };
    append(&mut log, &marker.batch(ProducerId(ID), ProducerEpoch(1), 0));
    assert!(matches!(
        send(&mut log, Writer::Idempotent(stamp(ID, 1))),
        Err(ProducerError::InvalidProducerEpoch { .. })
    ));
}

#[test]
fn a_producer_in_a_transaction_writes_nothing_outside_of_it() {
    let mut log = log_of(0);
    assert!(send(&mut log, Writer::Transactional(stamp(ID, 0))).is_ok());
    let outside = Writer::Idempotent(stamp(ID, 1));
    assert_eq!(send(&mut log, outside), Err(ProducerError::InvalidTxnState { id: ProducerId(ID) }));
    end_txn(&mut log, ID, TransactionResult::Commit);
    assert!(send(&mut log, outside).is_ok());
}

#[test]
fn the_marker_of_an_earlier_coordinator_is_fenced() {
    let mut log = log_of(1);
    let marker = |coordinator_epoch| {
        let marker = EndTxnMarker { result: TransactionResult::Abort, coordinator_epoch };
        marker.batch(ProducerId(ID), ProducerEpoch(0), 0)
    };
    append(&mut log, &marker(2));
    let refused = log.append(marker(1).view(), Origin::Coordinator, 0);
    let fenced = ProducerError::TransactionCoordinatorFenced { found: 1, known: 2 };
    assert_eq!(refused, Err(AppendError::Producer(fenced)));
    append(&mut log, &marker(2));
}

#[test]
fn a_follower_believes_its_leader() {
    let mut log = log_of(1);
    for writer in [Writer::Idempotent(stamp(ID, 9)), Writer::Transactional(in_epoch(-1, 0))] {
        let base = log.log_end_offset();
        let mut bytes = batch(writer, &["key"], None, 0).view().bytes().to_vec();
        set_base_offset(&mut bytes, base);
        assert!(log.append(BatchView(&bytes), Origin::Replication, 0).is_ok());
    }
}

#[test]
fn an_idle_producer_is_forgotten_unless_its_transaction_is_open() {
    let config = LogConfig { producer_id_expiration_ms: 100, ..LogConfig::default() };
    let mut log = Log::new(config);
    append(&mut log, &batch(Writer::Idempotent(stamp(1, 0)), &["key"], None, 1_000));
    append(&mut log, &batch(Writer::Transactional(stamp(2, 0)), &["key"], None, 1_000));
    let known = |log: &Log| log.producers().map(|(id, _)| id.0).collect::<Vec<_>>();
    log.expire_producers(1_099);
    assert_eq!(known(&log), [1, 2]);
    log.expire_producers(1_100);
    assert_eq!(known(&log), [2]);
}

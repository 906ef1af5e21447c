//! A producer, request by request: what it sends again and when, how many it has in flight, how it numbers, when it gives up.

use super::producer::plain;
use super::{at, partition};
use catchup::broker::{Acks, ProduceError, Request, Response};
use catchup::client::{
    Acknowledged, DeliveryError, Producer, ProducerConfig, RecordHandle, SendError, TransactionPhase,
};
use catchup::log::{
    AppendError, Batch, NewRecord, Offset, ProducerEpoch, ProducerError, ProducerId, ProducerIdAndEpoch, Sequence,
};
use catchup::time::Span;

/// Every record is a batch of its own, and goes at once.
fn eager(config: ProducerConfig) -> ProducerConfig {
    ProducerConfig { linger: Span::ZERO, batch_bytes: 1, ..config }
}

/// A producer, and what it has sent.
struct Desk {
    producer: Producer,
    sent: Vec<(u32, Request)>,
}

impl Desk {
    fn new(config: ProducerConfig) -> Self {
        Self { producer: Producer::new(config), sent: Vec::new() }
    }

    /// An idempotent producer that has its id, and the record with handle 0 acknowledged.
    fn idempotent(config: ProducerConfig) -> Self {
        let mut desk = Self::new(eager(config));
        desk.send(0, 0);
        let id = ProducerIdAndEpoch { id: ProducerId(7), epoch: ProducerEpoch(0) };
        desk.answers(0, 0, Response::InitProducerId(Ok(id)));
        assert_eq!(desk.answers(0, 1, produced(Ok(0))), [acknowledged(0, Ok(Some(Offset(0))))]);
        desk
    }

    fn send(&mut self, ms: u64, handle: u64) {
        self.send_bytes(ms, handle, 10);
    }

    fn send_bytes(&mut self, ms: u64, handle: u64, len: usize) {
        let record = NewRecord { value: Some(&vec![0; len]), ..NewRecord::default() };
        self.producer.send(at(ms), partition(), &record, RecordHandle(handle)).expect("there is room");
        self.sent.extend(self.producer.take_requests());
    }

    fn tick(&mut self, ms: u64) -> Vec<Acknowledged> {
        let fates = self.producer.tick(at(ms));
        self.sent.extend(self.producer.take_requests());
        fates
    }

    /// Answers the request with this number.
    fn answers(&mut self, ms: u64, number: u32, response: Response) -> Vec<Acknowledged> {
        let fates = self.producer.handle(at(ms), number, response);
        self.sent.extend(self.producer.take_requests());
        fates
    }

    fn batch(&self, number: u32) -> &Batch {
        let found = self.sent.iter().find(|(it, _)| *it == number);
        let Some((_, Request::Produce { batch, .. })) = found else { panic!("{number} is no batch: {found:?}") };
        batch
    }

    /// Epoch and first sequence number of each batch sent so far.
    fn numbers(&self) -> Vec<(i16, i32)> {
        let batches = self.sent.iter().filter_map(|(_, request)| match request {
            Request::Produce { batch, .. } => Some(batch),
            _ => None,
        });
        batches.map(|batch| batch.view().producer().expect("it is numbered")).map(numbers_of).collect()
    }
}

fn numbers_of(stamp: catchup::log::ProducerStamp) -> (i16, i32) {
    (stamp.epoch.0, stamp.base_sequence.expect("a client numbers its records").0)
}

fn produced(result: Result<i64, ProduceError>) -> Response {
    Response::Produce { partition: partition(), result: result.map(Offset) }
}

fn acknowledged(handle: u64, result: Result<Option<Offset>, DeliveryError>) -> Acknowledged {
    Acknowledged { handle: RecordHandle(handle), partition: partition(), result }
}

fn out_of_order() -> ProduceError {
    let (found, expected) = (Sequence(1), Sequence(0));
    let error = ProducerError::OutOfOrderSequenceNumber { id: ProducerId(7), found, expected };
    ProduceError::Append(AppendError::Producer(error))
}

fn too_large() -> ProduceError {
    ProduceError::Append(AppendError::MessageTooLarge { batch_bytes: 2, max_message_bytes: 1 })
}

#[test]
fn what_is_not_answered_is_sent_again_and_waits_longer_each_time() {
    let mut desk = Desk::new(eager(plain()));
    desk.send(0, 1);
    for (until, expect) in [(30_000, 30_100), (30_100, 60_100), (60_100, 60_300), (60_300, 90_300), (90_300, 90_700)] {
        assert_eq!(desk.tick(until), []);
        assert_eq!(desk.producer.deadline(), Some(at(expect)), "after {until} ms");
    }
    assert_eq!(desk.tick(90_700), []);
    assert_eq!(desk.sent.len(), 4);
    assert_eq!(desk.producer.deadline(), Some(at(120_000)), "it has no time for another answer");
    assert_eq!(desk.tick(120_000), [acknowledged(1, Err(DeliveryError::Timeout))]);
    assert_eq!(desk.answers(120_001, 3, produced(Ok(5))), [], "its fate is known already");
    assert_eq!(desk.producer.buffered_bytes(), 0);
}

#[test]
fn a_record_is_sent_as_often_as_retries_allows() {
    let mut desk = Desk::new(eager(ProducerConfig { retries: 1, ..plain() }));
    desk.send(0, 1);
    assert_eq!(desk.tick(30_000), []);
    assert_eq!(desk.tick(30_100), []);
    assert_eq!(desk.tick(60_100), [acknowledged(1, Err(DeliveryError::Network))]);
    assert_eq!(desk.sent.len(), 2);
}

#[test]
fn a_late_answer_to_an_earlier_attempt_says_nothing() {
    let mut desk = Desk::new(eager(plain()));
    desk.send(0, 1);
    desk.tick(30_000);
    assert_eq!(desk.answers(30_050, 0, produced(Ok(5))), [], "the connection was given up");
    desk.tick(30_100);
    assert_eq!(desk.answers(30_200, 1, produced(Ok(6))), [acknowledged(1, Ok(Some(Offset(6))))]);
}

#[test]
fn no_more_batches_of_a_partition_are_in_flight_than_allowed() {
    let mut desk = Desk::new(eager(ProducerConfig { in_flight_max: 2, ..plain() }));
    (0..4).for_each(|handle| desk.send(0, handle));
    assert_eq!(desk.sent.len(), 2);
    desk.answers(1, 0, produced(Ok(0)));
    assert_eq!(desk.sent.len(), 3);
}

#[test]
fn with_acks_0_a_record_is_acknowledged_when_it_is_sent() {
    let mut desk = Desk::new(eager(ProducerConfig { acks: Acks::Zero, ..plain() }));
    desk.send(3, 1);
    assert_eq!((desk.sent.len(), desk.producer.buffered_bytes()), (1, 0));
    assert_eq!(desk.producer.deadline(), Some(at(3)), "its owner is to be told");
    assert_eq!(desk.tick(3), [acknowledged(1, Ok(None))]);
    assert_eq!(desk.producer.deadline(), None);
}

#[test]
fn a_full_buffer_takes_no_record_and_an_answer_makes_room() {
    let mut desk = Desk::new(eager(ProducerConfig { buffer_bytes: 100, ..plain() }));
    desk.send(0, 1);
    let buffered_bytes = desk.producer.buffered_bytes();
    let record = NewRecord { value: Some(&[0; 10]), ..NewRecord::default() };
    let refused = desk.producer.send(at(0), partition(), &record, RecordHandle(2));
    let (record_bytes, buffer_bytes) = (buffered_bytes, 100);
    assert_eq!(refused, Err(SendError::BufferExhausted { buffered_bytes, record_bytes, buffer_bytes }));
    assert_eq!(desk.producer.buffered_bytes(), buffered_bytes, "a refused record leaves nothing behind");
    desk.answers(1, 0, produced(Ok(0)));
    desk.send(2, 2);
    let large = NewRecord { value: Some(&[0; 200]), ..NewRecord::default() };
    let refused = desk.producer.send(at(2), partition(), &large, RecordHandle(3));
    assert!(matches!(refused, Err(SendError::RecordTooLarge { .. })), "{refused:?}");
}

#[test]
fn an_idempotent_producer_asks_for_its_id_before_it_sends() {
    let mut desk = Desk::new(eager(ProducerConfig::default()));
    desk.send(0, 0);
    assert!(matches!(*desk.sent, [(0, Request::InitProducerId(_))]), "{:?}", desk.sent);
    desk.tick(30_000);
    desk.tick(30_100);
    assert!(matches!(desk.sent.last(), Some((1, Request::InitProducerId(_)))), "the answer was lost");
    desk.answers(
        30_100,
        1,
        Response::InitProducerId(Ok(ProducerIdAndEpoch { id: ProducerId(7), epoch: ProducerEpoch(0) })),
    );
    assert_eq!(desk.numbers(), [(0, 0)]);
}

#[test]
fn five_batches_are_in_flight_once_the_first_is_acknowledged() {
    let mut desk = Desk::new(eager(ProducerConfig::default()));
    (0..8).for_each(|handle| desk.send(0, handle));
    desk.answers(0, 0, Response::InitProducerId(Ok(ProducerIdAndEpoch { id: ProducerId(7), epoch: ProducerEpoch(0) })));
    assert_eq!(desk.numbers(), [(0, 0)]);
    desk.answers(1, 1, produced(Ok(0)));
    assert_eq!(desk.numbers(), [(0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]);
    desk.answers(2, 4, produced(Ok(3)));
    assert_eq!(desk.numbers().len(), 6, "the log remembers five batches, and the oldest is not answered");
    desk.answers(3, 2, produced(Ok(1)));
    assert_eq!(desk.numbers().len(), 7);
}

#[test]
fn a_batch_keeps_its_number_and_goes_before_others() {
    let mut desk = Desk::idempotent(ProducerConfig::default());
    desk.send(0, 1);
    desk.send(0, 2);
    desk.tick(30_000);
    desk.send(30_000, 3);
    desk.tick(30_100);
    assert_eq!(desk.numbers(), [(0, 0), (0, 1), (0, 2), (0, 1)], "one after the other");
    desk.answers(30_101, 4, produced(Ok(1)));
    assert_eq!(desk.numbers()[4..], [(0, 2), (0, 3)]);
    assert_eq!(desk.answers(30_102, 5, produced(Ok(2))), [acknowledged(2, Ok(Some(Offset(2))))]);
}

#[test]
fn a_batch_that_comes_before_its_turn_is_sent_again_when_it_is_its_turn() {
    let mut desk = Desk::idempotent(ProducerConfig::default());
    desk.send(0, 1);
    desk.send(0, 2);
    assert_eq!(desk.answers(1, 3, produced(Err(out_of_order()))), []);
    assert_eq!(desk.answers(2, 2, produced(Ok(1))), [acknowledged(1, Ok(Some(Offset(1))))]);
    desk.tick(101);
    assert_eq!(desk.numbers()[3..], [(0, 2)]);
}

#[test]
fn a_log_that_has_lost_records_is_written_to_under_a_higher_epoch() {
    let mut desk = Desk::idempotent(ProducerConfig::default());
    desk.send(0, 1);
    desk.send(0, 2);
    desk.answers(1, 2, produced(Err(out_of_order())));
    desk.answers(1, 3, produced(Err(out_of_order())));
    assert_eq!(desk.producer.producer_id().expect("it has an id").epoch, ProducerEpoch(1));
    desk.tick(101);
    desk.answers(102, 4, produced(Ok(0)));
    assert_eq!(desk.numbers()[3..], [(1, 0), (1, 1)]);
}

#[test]
fn an_expired_batch_costs_an_epoch_unless_what_follows_it_was_taken() {
    let check = |answer: Result<i64, ProduceError>, expect: (i16, i32)| {
        let mut desk =
            Desk::idempotent(ProducerConfig { delivery_timeout: Span::from_ms(40_000), ..Default::default() });
        desk.send(0, 1);
        desk.send(5_000, 2);
        assert_eq!(desk.tick(30_000), []);
        assert_eq!(desk.tick(30_100), []);
        assert_eq!(desk.tick(40_000), [acknowledged(1, Err(DeliveryError::Timeout))]);
        desk.send(40_000, 3);
        assert_eq!(desk.numbers()[3..], [(0, 1), (0, 2)], "nobody knows what number is next");
        desk.answers(40_001, 5, produced(answer));
        desk.tick(40_301);
        assert_eq!(*desk.numbers().last().expect("it goes on"), expect);
    };
    check(Ok(2), (0, 3));
    check(Err(out_of_order()), (1, 0));
}

#[test]
fn a_duplicate_is_a_success_whose_offset_nobody_knows() {
    let mut desk = Desk::idempotent(ProducerConfig::default());
    desk.send(0, 1);
    let fates = desk.answers(1, 2, produced(Err(ProduceError::DuplicateSequenceNumber)));
    assert_eq!(fates, [acknowledged(1, Ok(None))]);
}

#[test]
fn a_batch_that_is_too_large_is_split_into_halves_until_it_is_taken() {
    let config = ProducerConfig { linger: Span::from_ms(5), batch_bytes: 16_384, ..plain() };
    let mut desk = Desk::new(config);
    (0..4).for_each(|handle| desk.send_bytes(0, handle, 100));
    desk.tick(5);
    assert_eq!(desk.answers(6, 0, produced(Err(too_large()))), []);
    assert_eq!(desk.batch(1).view().record_count(), 4, "it fits into batch.size, as far as the producer knows");
    assert_eq!(desk.answers(7, 1, produced(Err(too_large()))), []);
    let counts: Vec<u32> = (2..desk.sent.len() as u32).map(|number| desk.batch(number).view().record_count()).collect();
    assert_eq!(counts, [1, 1, 1, 1], "half of the bytes are those of one record and a header");
    let fates = desk.answers(8, 2, produced(Ok(9)));
    assert_eq!(fates, [acknowledged(0, Ok(Some(Offset(9))))]);
    let refused = acknowledged(1, Err(DeliveryError::Refused(too_large())));
    assert_eq!(desk.answers(9, 3, produced(Err(too_large()))), [refused]);
}

#[test]
fn the_parts_of_a_batch_have_its_numbers() {
    let config = ProducerConfig { linger: Span::from_ms(5), batch_bytes: 400, ..ProducerConfig::default() };
    let mut desk = Desk::new(config);
    desk.send(0, 0);
    desk.answers(0, 0, Response::InitProducerId(Ok(ProducerIdAndEpoch { id: ProducerId(7), epoch: ProducerEpoch(0) })));
    desk.tick(5);
    desk.answers(6, 1, produced(Ok(0)));
    (1..4).for_each(|handle| desk.send_bytes(6, handle, 100));
    desk.tick(11);
    desk.answers(12, 2, produced(Err(too_large())));
    desk.answers(13, 3, produced(Err(too_large())));
    (4..7).for_each(|number| drop(desk.answers(13, number, produced(Ok(number.into())))));
    assert_eq!(desk.numbers(), [(0, 0), (0, 1), (0, 1), (0, 1), (0, 2), (0, 3)]);
}

#[test]
fn a_transactional_producer_sends_in_transactions_only() {
    let config = ProducerConfig { transactional_id: Some("orders".into()), ..ProducerConfig::default() };
    let mut producer = Producer::new(config);
    let sent = producer.send(at(0), partition(), &NewRecord::default(), RecordHandle(0));
    assert_eq!((sent, producer.transaction_state()), (Err(SendError::NoTransaction), TransactionPhase::Uninitialized));
    assert_eq!(producer.begin_transaction(), Ok(()));
    assert!(producer.send(at(0), partition(), &NewRecord::default(), RecordHandle(0)).is_ok());
}

//! A transactional producer, request by request: what it asks its coordinator, in which order, and what it makes of refusals.

use super::{at, partition};
use catchup::broker::{
    Generation, GroupError, GroupId, MemberId, Membership, ProduceError, Request, Response, TransactionError,
    TxnOffsetCommitError,
};
use catchup::client::{
    AbortCause, Acknowledged, DeliveryError, Producer, ProducerConfig, RecordHandle, TransactionCallError,
    TransactionOutcome, TransactionPhase,
};
use catchup::log::{AppendError, NewRecord, Offset, ProducerEpoch, ProducerId, ProducerIdAndEpoch, TransactionResult};
use catchup::time::Span;

const ME: ProducerIdAndEpoch = life(0);

const fn life(epoch: i16) -> ProducerIdAndEpoch {
    ProducerIdAndEpoch { id: ProducerId(7), epoch: ProducerEpoch(epoch) }
}

/// A transactional producer whose records go at once, and its open requests.
struct Desk {
    producer: Producer,
    open: Vec<(u32, Request)>,
    fates: Vec<Acknowledged>,
    now_ms: u64,
}

impl Desk {
    /// With a transaction open, and a record in it.
    fn new() -> Self {
        let transactional_id = Some("orders".into());
        let linger = Span::ZERO;
        let producer = Producer::new(ProducerConfig { transactional_id, linger, ..ProducerConfig::default() });
        let mut desk = Self { producer, open: Vec::new(), fates: Vec::new(), now_ms: 0 };
        assert_eq!(desk.producer.begin_transaction(), Ok(()));
        desk.send(1);
        desk
    }

    /// With the record of the transaction on its way.
    fn writing() -> Self {
        let mut desk = Self::new();
        desk.answer("init", Response::InitProducerId(Ok(ME)));
        desk.answer("add partitions", Response::AddPartitionsToTxn(Ok(())));
        desk
    }

    fn send(&mut self, handle: u64) {
        let sent = self.producer.send(at(self.now_ms), partition(), &NewRecord::default(), RecordHandle(handle));
        sent.expect("there is room, and a transaction");
        self.go_on(0);
    }

    /// Lets time pass.
    fn go_on(&mut self, ms: u64) {
        self.now_ms += ms;
        self.fates.extend(self.producer.tick(at(self.now_ms)));
        self.open.extend(self.producer.take_requests());
    }

    /// Answers the only open request, which must be this.
    fn answer(&mut self, expected: &str, response: Response) {
        assert_eq!(self.asks(), [expected]);
        let (number, _) = self.open.remove(0);
        self.fates.extend(self.producer.handle(at(self.now_ms), number, response));
        self.open.extend(self.producer.take_requests());
    }

    /// What it has asked and not been answered.
    fn asks(&self) -> Vec<&'static str> {
        self.open.iter().map(|(_, request)| name(request)).collect()
    }

    fn commit(&mut self) -> Result<(), TransactionCallError> {
        let asked = self.producer.commit_transaction(at(self.now_ms));
        self.go_on(0);
        asked
    }

    fn abort(&mut self) -> Result<(), TransactionCallError> {
        let asked = self.producer.abort_transaction(at(self.now_ms));
        self.go_on(0);
        asked
    }

    fn fates(&self) -> Vec<(u64, Result<Option<Offset>, DeliveryError>)> {
        self.fates.iter().map(|fate| (fate.handle.0, fate.result.clone())).collect()
    }

    fn state(&self) -> TransactionPhase {
        self.producer.transaction_state()
    }
}

const fn name(request: &Request) -> &'static str {
    match request {
        Request::InitProducerId(request) if request.expected.is_some() => "init anew",
        Request::InitProducerId(_) => "init",
        Request::AddPartitionsToTxn(_) => "add partitions",
        Request::AddOffsetsToTxn(_) => "add offsets",
        Request::TxnOffsetCommit(_) => "commit offsets",
        Request::EndTxn(request) => match request.result {
            TransactionResult::Commit => "commit",
            TransactionResult::Abort => "abort",
        },
        Request::Produce { .. } => "produce",
        _ => "not a producer's",
    }
}

fn produced(result: Result<i64, ProduceError>) -> Response {
    Response::Produce { partition: partition(), result: result.map(Offset) }
}

fn too_large() -> ProduceError {
    ProduceError::Append(AppendError::MessageTooLarge { batch_bytes: 2, max_message_bytes: 1 })
}

fn membership() -> Membership {
    Membership { group: GroupId(0), member: MemberId(1), generation: Generation(1), instance: None }
}

#[test]
fn a_transaction_is_ended_when_everything_in_it_is_written() {
    let mut desk = Desk::new();
    let offsets = [(partition(), Offset(5).into())];
    assert_eq!(desk.producer.send_offsets(membership(), &offsets), Ok(()));
    desk.answer("init", Response::InitProducerId(Ok(ME)));
    desk.answer("add partitions", Response::AddPartitionsToTxn(Ok(())));
    assert_eq!(desk.asks(), ["add offsets", "produce"]);
    let (produce, _) = desk.open.remove(1);
    desk.answer("add offsets", Response::AddOffsetsToTxn(Ok(())));
    desk.answer("commit offsets", Response::TxnOffsetCommit(Ok(())));
    assert_eq!((desk.commit(), desk.asks()), (Ok(()), vec![]), "a record is not yet written");
    desk.fates.extend(desk.producer.handle(at(1), produce, produced(Ok(3))));
    desk.go_on(0);
    assert_eq!(desk.producer.take_transaction_result(), None);
    desk.answer("commit", Response::EndTxn(Ok(())));
    assert_eq!(desk.producer.take_transaction_result(), Some(TransactionOutcome::Committed));
    assert_eq!((desk.state(), desk.producer.take_transaction_result()), (TransactionPhase::Ready, None));
    assert_eq!(desk.fates(), [(1, Ok(Some(Offset(3))))]);
}

#[test]
fn an_empty_transaction_ends_without_the_coordinator() {
    let mut desk = Desk::writing();
    desk.answer("produce", produced(Ok(0)));
    desk.commit().expect("it is open");
    desk.answer("commit", Response::EndTxn(Ok(())));
    for (commits, expect) in [(true, TransactionOutcome::Committed), (false, TransactionOutcome::Aborted)] {
        desk.producer.begin_transaction().expect("none is open");
        if commits { desk.commit() } else { desk.abort() }.expect("it is open");
        assert_eq!(desk.producer.take_transaction_result(), Some(expect));
        assert_eq!(desk.asks(), [""; 0]);
    }
}

#[test]
fn what_is_not_granted_yet_is_asked_for_again() {
    let mut desk = Desk::new();
    desk.answer("init", Response::InitProducerId(Err(TransactionError::ConcurrentTransactions)));
    assert_eq!(desk.producer.deadline(), Some(at(100)), "retry.backoff.ms");
    desk.go_on(99);
    assert_eq!(desk.asks(), [""; 0]);
    desk.go_on(1);
    desk.answer("init", Response::InitProducerId(Ok(ME)));
    assert_eq!(desk.asks(), ["add partitions"]);
}

#[test]
fn an_end_that_is_not_answered_is_asked_for_again() {
    let mut desk = Desk::writing();
    desk.answer("produce", produced(Ok(0)));
    desk.commit().expect("it is open");
    desk.go_on(30_000);
    desk.go_on(100);
    assert_eq!(desk.asks(), ["commit", "commit"]);
    desk.open.remove(0);
    desk.answer("commit", Response::EndTxn(Ok(())));
    assert_eq!(desk.producer.take_transaction_result(), Some(TransactionOutcome::Committed));
}

#[test]
fn a_record_that_is_refused_makes_its_transaction_one_to_abort() {
    let mut desk = Desk::writing();
    desk.answer("produce", produced(Err(too_large())));
    let cause = AbortCause::Delivery(DeliveryError::Refused(too_large()));
    assert_eq!((desk.state(), desk.producer.abort_cause()), (TransactionPhase::AbortableError, Some(&cause)));
    assert_eq!(desk.commit(), Err(TransactionCallError::MustAbort(cause)));
    desk.abort().expect("that is what is left to do");
    desk.answer("abort", Response::EndTxn(Ok(())));
    assert_eq!(desk.producer.take_transaction_result(), None, "it goes on under another epoch");
    desk.answer("init anew", Response::InitProducerId(Ok(life(1))));
    assert_eq!(desk.producer.take_transaction_result(), Some(TransactionOutcome::Aborted));
    desk.producer.begin_transaction().expect("none is open");
    desk.send(2);
    desk.answer("add partitions", Response::AddPartitionsToTxn(Ok(())));
    let [(_, Request::Produce { batch, .. })] = &*desk.open else { panic!("{:?} is no batch", desk.open) };
    let stamp = batch.view().producer().expect("it is numbered");
    assert_eq!((stamp.epoch.0, stamp.base_sequence.map(|first| first.0)), (1, Some(0)));
}

#[test]
fn a_record_that_is_refused_while_committing_is_told_as_the_outcome() {
    let mut desk = Desk::writing();
    desk.commit().expect("it is open");
    desk.answer("produce", produced(Err(too_large())));
    let outcome = desk.producer.take_transaction_result();
    assert!(matches!(outcome, Some(TransactionOutcome::MustAbort(_))), "{outcome:?}");
    assert_eq!((desk.state(), desk.asks()), (TransactionPhase::AbortableError, vec![]));
}

#[test]
fn offsets_that_the_group_refuses_make_the_transaction_one_to_abort() {
    let mut desk = Desk::writing();
    desk.answer("produce", produced(Ok(0)));
    desk.producer.send_offsets(membership(), &[(partition(), Offset(5).into())]).expect("a transaction is open");
    desk.go_on(0);
    desk.answer("add offsets", Response::AddOffsetsToTxn(Ok(())));
    let error = TxnOffsetCommitError::Group(GroupError::IllegalGeneration);
    desk.answer("commit offsets", Response::TxnOffsetCommit(Err(error)));
    assert_eq!(desk.producer.abort_cause(), Some(&AbortCause::Offsets(error)));
}

#[test]
fn aborting_drops_what_was_not_sent() {
    let mut desk = Desk::new();
    desk.answer("init", Response::InitProducerId(Ok(ME)));
    assert_eq!(desk.asks(), ["add partitions"]);
    desk.abort().expect("it is open");
    assert_eq!(desk.fates(), [(1, Err(DeliveryError::TransactionAborted))]);
    desk.go_on(30_000);
    desk.go_on(100);
    assert_eq!(desk.asks(), ["add partitions", "add partitions"], "the coordinator may have begun the transaction");
    desk.open.remove(0);
    desk.answer("add partitions", Response::AddPartitionsToTxn(Ok(())));
    desk.answer("abort", Response::EndTxn(Ok(())));
    assert_eq!(desk.producer.take_transaction_result(), Some(TransactionOutcome::Aborted));
}

#[test]
fn a_fenced_producer_can_do_nothing_any_more() {
    let fenced = TransactionError::ProducerFenced;
    let mut desk = Desk::writing();
    desk.commit().expect("it is open");
    desk.answer("produce", produced(Ok(0)));
    desk.answer("commit", Response::EndTxn(Err(fenced)));
    assert_eq!(desk.producer.take_transaction_result(), Some(TransactionOutcome::Fatal(fenced)));
    assert_eq!(desk.abort(), Err(TransactionCallError::Fatal(fenced)));
    assert_eq!(desk.producer.begin_transaction(), Err(TransactionCallError::Fatal(fenced)));
    assert_eq!((desk.state(), desk.producer.deadline()), (TransactionPhase::FatalError, None));
}

#[test]
fn a_producer_that_is_fenced_gives_up_its_records() {
    let fenced = TransactionError::ProducerFenced;
    let mut desk = Desk::new();
    desk.answer("init", Response::InitProducerId(Ok(ME)));
    desk.answer("add partitions", Response::AddPartitionsToTxn(Err(fenced)));
    assert_eq!(desk.fates(), [(1, Err(DeliveryError::Fatal(fenced)))]);
    assert_eq!(desk.producer.buffered_bytes(), 0);
}

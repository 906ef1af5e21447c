//! The transaction coordinator, request by request: producer ids and epochs, fencing, timeouts, markers, and the offsets of groups
//! that are committed with a transaction.

#![cfg(not(target_arch = "wasm32"))]

#[expect(dead_code, reason = "the bench is made for groups first")]
mod broker_bench;

use broker_bench::{Bench, partition};
use catchup::broker::{
    Acks, AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndReason, EndTxnRequest, Fact, InitProducerIdRequest,
    LogFact, Membership, ProduceError, Request, Response, TransactionError, TransactionFact, TransactionState,
    TxnOffsetCommitError, TxnOffsetCommitRequest,
};
use catchup::log::{
    AppendError, BatchBuilder, Isolation, NewRecord, Offset, ProducerEpoch, ProducerError, ProducerId,
    ProducerIdAndEpoch, ProducerStamp, Sequence, TransactionResult, Writer,
};
use catchup::time::Span;

const NAME: &str = "orders";
const TIMEOUT_MS: u64 = 25_000;

fn life(id: i64, epoch: i16) -> ProducerIdAndEpoch {
    ProducerIdAndEpoch { id: ProducerId(id), epoch: ProducerEpoch(epoch) }
}

fn init_request(name: Option<&str>, expected: Option<ProducerIdAndEpoch>, timeout_ms: u64) -> InitProducerIdRequest {
    let transaction_timeout = Span::from_ms(timeout_ms);
    InitProducerIdRequest { transactional_id: name.map(Into::into), transaction_timeout, expected }
}

/// Asks for an id, which is answered at once.
fn init(bench: &mut Bench, request: InitProducerIdRequest) -> Result<ProducerIdAndEpoch, TransactionError> {
    let ticket = bench.ask(Request::InitProducerId(request));
    match bench.answer(ticket) {
        Some(Response::InitProducerId(answer)) => *answer,
        other => panic!("{other:?} is no id"),
    }
}

fn init_named(bench: &mut Bench) -> Result<ProducerIdAndEpoch, TransactionError> {
    init(bench, init_request(Some(NAME), None, TIMEOUT_MS))
}

fn add(bench: &mut Bench, producer: ProducerIdAndEpoch, numbers: &[u32]) -> Result<(), TransactionError> {
    let partitions = numbers.iter().copied().map(partition).collect();
    let request = AddPartitionsToTxnRequest { transactional_id: NAME.into(), producer, partitions };
    let ticket = bench.ask(Request::AddPartitionsToTxn(request));
    match bench.answer(ticket) {
        Some(Response::AddPartitionsToTxn(answer)) => *answer,
        other => panic!("{other:?} is no answer to partitions"),
    }
}

fn end(bench: &mut Bench, producer: ProducerIdAndEpoch, result: TransactionResult) -> Result<(), TransactionError> {
    let ticket = bench.ask(Request::EndTxn(EndTxnRequest { transactional_id: NAME.into(), producer, result }));
    match bench.answer(ticket) {
        Some(Response::EndTxn(answer)) => *answer,
        other => panic!("{other:?} is no answer to an end"),
    }
}

/// Writes one record of a transaction to partition 0.
fn write(bench: &mut Bench, producer: ProducerIdAndEpoch, sequence: i32) -> Result<Offset, ProduceError> {
    let base_sequence = Some(Sequence(sequence));
    let stamp = ProducerStamp { id: producer.id, epoch: producer.epoch, base_sequence };
    let mut builder = BatchBuilder::new(Writer::Transactional(stamp));
    builder.push(&NewRecord { value: Some(b"placed"), ..NewRecord::default() });
    let batch = builder.finish().expect("a batch of one record");
    let ticket = bench.ask(Request::Produce { partition: partition(0), batch, acks: Acks::All });
    match bench.answer(ticket) {
        Some(Response::Produce { result, .. }) => result.clone(),
        other => panic!("{other:?} is no answer to a batch"),
    }
}

fn state(bench: &Bench) -> TransactionState {
    bench.broker.transactions().next().expect("one id is known").1.state()
}

/// How many records of partition 0 are decided and count.
fn committed(bench: &Bench) -> usize {
    bench.broker.log(partition(0)).expect("a partition").records(Offset::ZERO, Isolation::ReadCommitted).count()
}

/// A producer with one record written in a transaction of partition 0.
fn with_open_transaction() -> (Bench, ProducerIdAndEpoch) {
    let mut bench = Bench::new();
    let producer = init_named(&mut bench).expect("nobody else has the id");
    assert_eq!(add(&mut bench, producer, &[0]), Ok(()));
    assert_eq!(write(&mut bench, producer, 0), Ok(Offset(0)));
    (bench, producer)
}

fn endings(bench: &Bench) -> Vec<(TransactionResult, EndReason)> {
    let ending = |fact: &Fact| match fact {
        Fact::Transaction(TransactionFact::Ended { result, reason, .. }) => Some((*result, *reason)),
        _ => None,
    };
    bench.facts().iter().filter_map(ending).collect()
}

fn fenced(bench: &Bench) -> Vec<ProducerIdAndEpoch> {
    let fenced = |fact: &Fact| match fact {
        Fact::Transaction(TransactionFact::Fenced { producer, .. }) => Some(*producer),
        _ => None,
    };
    bench.facts().iter().filter_map(fenced).collect()
}

#[test]
fn producers_without_a_name_are_given_one_id_each() {
    let mut bench = Bench::new();
    for id in 0..3 {
        assert_eq!(init(&mut bench, init_request(None, None, 0)), Ok(life(id, 0)));
    }
    assert_eq!(bench.broker.transactions().count(), 0);
}

#[test]
fn a_name_keeps_its_id_and_each_life_has_a_higher_epoch() {
    let mut bench = Bench::new();
    assert_eq!(init_named(&mut bench), Ok(life(0, 0)));
    assert_eq!(init_named(&mut bench), Ok(life(0, 1)));
    assert_eq!(fenced(&bench), [life(0, 0)]);
    assert_eq!(add(&mut bench, life(0, 0), &[0]), Err(TransactionError::ProducerFenced));
    assert_eq!(add(&mut bench, life(0, 2), &[0]), Err(TransactionError::ProducerFenced));
    assert_eq!(add(&mut bench, life(5, 1), &[0]), Err(TransactionError::InvalidProducerIdMapping));
    assert_eq!(add(&mut bench, life(0, 1), &[0]), Ok(()));
}

#[test]
fn a_timeout_beyond_the_brokers_bound_is_refused() {
    let mut bench = Bench::new();
    for timeout_ms in [0, 900_001] {
        let answer = init(&mut bench, init_request(Some(NAME), None, timeout_ms));
        assert_eq!(answer, Err(TransactionError::InvalidTransactionTimeout), "{timeout_ms} ms");
    }
    assert_eq!(init(&mut bench, init_request(Some(NAME), None, 900_000)), Ok(life(0, 0)));
}

#[test]
fn a_committed_transaction_is_seen_and_an_aborted_one_is_not() {
    for (result, expect) in [(TransactionResult::Commit, 1), (TransactionResult::Abort, 0)] {
        let (mut bench, producer) = with_open_transaction();
        assert_eq!((state(&bench), committed(&bench)), (TransactionState::Ongoing, 0));
        assert_eq!(end(&mut bench, producer, result), Ok(()));
        assert_eq!(committed(&bench), expect);
        assert_eq!(endings(&bench), [(result, EndReason::Asked)]);
        let marker = |fact: &&Fact| matches!(fact, Fact::Log(LogFact::MarkerWritten { offset: Offset(1), .. }));
        assert_eq!(bench.facts().iter().filter(marker).count(), 1);
    }
}

#[test]
fn an_end_whose_answer_was_lost_may_be_asked_for_again_but_not_turned_round() {
    let (mut bench, producer) = with_open_transaction();
    assert_eq!(end(&mut bench, producer, TransactionResult::Commit), Ok(()));
    assert_eq!(end(&mut bench, producer, TransactionResult::Commit), Ok(()));
    assert_eq!(end(&mut bench, producer, TransactionResult::Abort), Err(TransactionError::InvalidTxnState));
    assert_eq!(state(&bench), TransactionState::CompleteCommit);
    assert_eq!(endings(&bench).len(), 1);
}

#[test]
fn a_transaction_that_never_began_cannot_end() {
    let mut bench = Bench::new();
    let producer = init_named(&mut bench).expect("nobody else has the id");
    assert_eq!(end(&mut bench, producer, TransactionResult::Commit), Err(TransactionError::InvalidTxnState));
    assert_eq!(add(&mut bench, producer, &[9]), Err(TransactionError::UnknownTopicOrPartition));
    assert_eq!(state(&bench), TransactionState::Empty);
}

#[test]
fn a_new_life_aborts_what_the_old_one_left_open() {
    let (mut bench, zombie) = with_open_transaction();
    assert_eq!(init_named(&mut bench), Err(TransactionError::ConcurrentTransactions), "the abort comes first");
    assert_eq!(endings(&bench), [(TransactionResult::Abort, EndReason::Fenced)]);
    assert_eq!(init_named(&mut bench), Ok(life(0, 2)));
    assert_eq!(fenced(&bench), [zombie]);
    assert_eq!(end(&mut bench, zombie, TransactionResult::Commit), Err(TransactionError::ProducerFenced));
    let known = ProducerEpoch(2);
    let refused = ProducerError::InvalidProducerEpoch { id: zombie.id, found: zombie.epoch, known };
    assert_eq!(write(&mut bench, zombie, 1), Err(ProduceError::Append(AppendError::Producer(refused))));
    assert_eq!(committed(&bench), 0);
}

#[test]
fn a_transaction_that_takes_too_long_is_aborted_when_the_coordinator_next_looks() {
    let (mut bench, producer) = with_open_transaction();
    bench.go_to(29_999);
    assert_eq!(state(&bench), TransactionState::Ongoing);
    bench.go_to(30_000);
    assert_eq!((state(&bench), fenced(&bench)), (TransactionState::CompleteAbort, vec![producer]));
    assert_eq!(endings(&bench), [(TransactionResult::Abort, EndReason::TimedOut)]);
    assert_eq!(end(&mut bench, producer, TransactionResult::Commit), Err(TransactionError::ProducerFenced));
    assert_eq!(init(&mut bench, init_request(Some(NAME), Some(producer), 1)), Err(TransactionError::ProducerFenced));
    assert_eq!(init_named(&mut bench), Ok(life(0, 2)));
}

#[test]
fn a_producer_that_goes_on_after_an_error_is_given_the_next_epoch_once() {
    let (mut bench, producer) = with_open_transaction();
    assert_eq!(end(&mut bench, producer, TransactionResult::Abort), Ok(()));
    let again = init_request(Some(NAME), Some(producer), TIMEOUT_MS);
    assert_eq!(init(&mut bench, again.clone()), Ok(life(0, 1)));
    assert_eq!(init(&mut bench, again.clone()), Ok(life(0, 1)), "the answer was lost");
    assert_eq!(fenced(&bench), [], "it is the same life");
    assert_eq!(init_named(&mut bench), Ok(life(0, 2)));
    assert_eq!(init(&mut bench, again), Err(TransactionError::ProducerFenced));
}

#[test]
fn a_batch_of_no_transaction_that_is_under_way_is_refused() {
    let mut bench = Bench::new();
    let producer = init_named(&mut bench).expect("nobody else has the id");
    let refused = Err(ProduceError::InvalidTxnState { id: producer.id });
    assert_eq!(write(&mut bench, producer, 0), refused, "the partition is no part of it");
    assert_eq!(write(&mut bench, life(7, 0), 0), Err(ProduceError::InvalidTxnState { id: ProducerId(7) }));
    assert_eq!(add(&mut bench, producer, &[0]), Ok(()));
    assert_eq!(write(&mut bench, producer, 0), Ok(Offset(0)));
    assert_eq!(end(&mut bench, producer, TransactionResult::Abort), Ok(()));
    assert_eq!(write(&mut bench, producer, 1), refused, "it would be decided by nobody");
}

#[test]
fn a_producer_whose_epochs_run_out_is_given_another_id() {
    let mut bench = Bench::new();
    let mut last = init_named(&mut bench).expect("nobody else has the id");
    while last.id == ProducerId(0) {
        assert!(last.epoch < ProducerEpoch(i16::MAX), "that one is for fencing");
        last = init_named(&mut bench).expect("no transaction is open");
    }
    assert_eq!(last.epoch, ProducerEpoch(0));
    assert_eq!(add(&mut bench, life(0, i16::MAX - 1), &[0]), Err(TransactionError::InvalidProducerIdMapping));
}

fn commit_offset(
    bench: &mut Bench,
    producer: ProducerIdAndEpoch,
    membership: Membership,
) -> Result<(), TxnOffsetCommitError> {
    let offsets = vec![(partition(0), Offset(5).into())];
    let request = TxnOffsetCommitRequest { transactional_id: NAME.into(), producer, membership, offsets };
    let ticket = bench.ask(Request::TxnOffsetCommit(request));
    match bench.answer(ticket) {
        Some(Response::TxnOffsetCommit(answer)) => *answer,
        other => panic!("{other:?} is no answer to offsets"),
    }
}

fn add_offsets(bench: &mut Bench, producer: ProducerIdAndEpoch) {
    let request = AddOffsetsToTxnRequest { transactional_id: NAME.into(), producer, group: bench.group };
    let ticket = bench.ask(Request::AddOffsetsToTxn(request));
    assert!(matches!(bench.answer(ticket), Some(Response::AddOffsetsToTxn(Ok(())))));
}

#[test]
fn offsets_are_committed_with_the_transaction_or_not_at_all() {
    for (result, expect) in [(TransactionResult::Commit, Some(5)), (TransactionResult::Abort, None)] {
        let (mut bench, members) = Bench::with_members(1);
        let producer = init_named(&mut bench).expect("nobody else has the id");
        let membership = bench.membership(members[0], 1);
        let early = Err(TxnOffsetCommitError::Transaction(TransactionError::InvalidTxnState));
        assert_eq!(commit_offset(&mut bench, producer, membership.clone()), early, "the group is no part of it");
        add_offsets(&mut bench, producer);
        assert_eq!(commit_offset(&mut bench, producer, membership), Ok(()));
        assert_eq!(bench.committed(), None);
        assert_eq!(end(&mut bench, producer, result), Ok(()));
        assert_eq!(bench.committed(), expect);
    }
}

#[test]
fn a_member_of_an_old_generation_commits_nothing_in_a_transaction() {
    let (mut bench, members) = Bench::with_members(1);
    let producer = init_named(&mut bench).expect("nobody else has the id");
    add_offsets(&mut bench, producer);
    let membership = bench.membership(members[0], 0);
    let answer = commit_offset(&mut bench, producer, membership);
    assert!(matches!(answer, Err(TxnOffsetCommitError::Group(_))), "{answer:?}");
    assert_eq!(end(&mut bench, producer, TransactionResult::Commit), Ok(()));
    assert_eq!(bench.committed(), None);
}

//! Transactions as the producer's owner sees them, and the talk with the coordinator, one request after another.

use super::transaction::{Step, TxnOffsets};
use super::{
    AbortCause, DeliveryError, InFlight, Producer, Sent, TransactionCallError, TransactionOutcome, TransactionPhase,
};
use crate::broker::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest, Membership, Request,
    Response, TransactionError, TxnOffsetCommitError, TxnOffsetCommitRequest,
};
use crate::log::{OffsetAndEpoch, ProducerIdAndEpoch, TopicPartition, TransactionResult};
use crate::time::Instant;
use std::sync::Arc;

/// How the talk with the coordinator stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Coordination {
    /// Whether an answer is awaited.
    pub(super) is_waiting: bool,
    /// When to ask again what was not answered, or not granted yet.
    pub(super) retry_at: Option<Instant>,
    /// Whether an id is needed.
    pub(super) wants_id: bool,
    /// Whether something was said that the coordinator may have to hear of.
    pub(super) is_stirred: bool,
}

impl Producer {
    /// Asks for the producer's id, if it has or needs one; with a `transactional.id` this fences an earlier life of it, and aborts
    /// what that left open. A producer that was not told to does it with its first record or transaction.
    pub fn init_transactions(&mut self, now: Instant) {
        self.coordination.wants_id |= self.config.idempotence;
        self.run(now);
    }

    /// Opens a transaction, which records sent from now on are part of.
    pub fn begin_transaction(&mut self) -> Result<(), TransactionCallError> {
        self.check_phase(&[TransactionPhase::Uninitialized, TransactionPhase::Ready])?;
        self.coordination.wants_id = true;
        self.coordination.is_stirred = true;
        self.transaction.begin();
        Ok(())
    }

    /// Makes a group's offsets part of the transaction: they are committed if and when it is.
    pub fn send_offsets(
        &mut self,
        membership: Membership,
        offsets: &[(TopicPartition, OffsetAndEpoch)],
    ) -> Result<(), TransactionCallError> {
        self.check_phase(&[TransactionPhase::InTransaction])?;
        self.coordination.is_stirred = true;
        self.transaction.add_offsets(membership, offsets);
        Ok(())
    }

    /// Commits the transaction as soon as all of its records are written. [`Producer::take_transaction_result`] says when it is.
    pub fn commit_transaction(&mut self, now: Instant) -> Result<(), TransactionCallError> {
        self.check_phase(&[TransactionPhase::InTransaction])?;
        self.transaction.commit();
        self.run(now);
        Ok(())
    }

    /// Aborts the transaction. Records that were not sent yet are dropped.
    pub fn abort_transaction(&mut self, now: Instant) -> Result<(), TransactionCallError> {
        self.check_phase(&[TransactionPhase::InTransaction, TransactionPhase::AbortableError])?;
        self.transaction.abort();
        self.run(now);
        Ok(())
    }

    /// How far the producer has come with its transaction.
    pub fn transaction_state(&self) -> TransactionPhase {
        self.transaction.phase
    }

    /// Why the open transaction can only be aborted, if so.
    pub fn abort_cause(&self) -> Option<&AbortCause> {
        self.transaction.cause.as_ref()
    }

    /// What became of the transaction that was to end, once it is known; it is said once.
    pub fn take_transaction_result(&mut self) -> Option<TransactionOutcome> {
        self.transaction.outcome.take()
    }

    /// The id and epoch that the producer writes under, once it has them.
    pub fn producer_id(&self) -> Option<ProducerIdAndEpoch> {
        self.identity
    }

    fn check_phase(&self, expected: &[TransactionPhase]) -> Result<(), TransactionCallError> {
        let phase = self.transaction.phase;
        if self.config.transactional_id.is_none() {
            return Err(TransactionCallError::NotTransactional);
        }
        if let Some(error) = self.transaction.fatal {
            return Err(TransactionCallError::Fatal(error));
        }
        match &self.transaction.cause {
            _ if expected.contains(&phase) => Ok(()),
            Some(cause) => Err(TransactionCallError::MustAbort(cause.clone())),
            None => Err(TransactionCallError::WrongPhase(phase)),
        }
    }

    /// Whether the coordinator is to be asked something.
    pub(super) fn coordinate(&mut self, now: Instant) {
        if self.transaction.drops_unsent() {
            self.drop_unsent();
        }
        self.coordination.is_stirred = false;
        self.coordination.retry_at = self.coordination.retry_at.filter(|at| *at > now);
        let is_early = self.coordination.retry_at.is_some();
        if !self.coordination.wants_id || self.coordination.is_waiting || is_early || self.transaction.fatal.is_some() {
            return;
        }
        let is_written = self.queues.values().all(super::queue::PartitionQueue::is_empty);
        match self.transaction.next_step(self.identity.is_some(), is_written) {
            Some(Step::End(result)) if !self.transaction.is_started() => {
                self.transaction.ended(result);
                self.coordinate(now);
            }
            Some(step) => self.ask(now, step),
            None => {}
        }
    }

    /// When the coordinator is to be asked something, if not at once.
    pub(super) fn coordination_deadline(&self) -> Option<Instant> {
        self.coordination.retry_at.filter(|_| !self.coordination.is_waiting)
    }

    /// Takes an answer of the coordinator.
    pub(super) fn coordinated(&mut self, now: Instant, response: &Response) {
        self.coordination.is_waiting = false;
        self.coordination.retry_at = None;
        let granted = match *response {
            Response::InitProducerId(answer) => answer.map(|producer| self.initialised(producer)),
            Response::AddPartitionsToTxn(answer) => answer.map(|()| self.transaction.partitions_added()),
            Response::AddOffsetsToTxn(answer) => answer.map(|()| self.transaction.offsets_added()),
            Response::TxnOffsetCommit(answer) => self.offsets_committed(answer),
            Response::EndTxn(answer) => answer.map(|()| self.transaction_ended()),
            Response::Produce { .. }
            | Response::Fetch(_)
            | Response::ListOffsets(_)
            | Response::Metadata(_)
            | Response::JoinGroup(_)
            | Response::SyncGroup(_)
            | Response::Heartbeat(_)
            | Response::LeaveGroup(_)
            | Response::OffsetCommit(_)
            | Response::OffsetFetch(_) => Ok(()),
        };
        if let Err(error) = granted {
            self.not_granted(now, error);
        }
    }

    /// Will ask again what was not answered.
    pub(super) fn ask_again(&mut self, now: Instant) {
        self.coordination.is_waiting = false;
        self.coordination.retry_at = Some(now + self.config.retry_backoff);
    }

    fn offsets_committed(&mut self, answer: Result<(), TxnOffsetCommitError>) -> Result<(), TransactionError> {
        match answer {
            Ok(()) => self.transaction.offsets_committed(),
            Err(TxnOffsetCommitError::Transaction(error)) => return Err(error),
            Err(error @ TxnOffsetCommitError::Group(_)) => self.transaction.must_abort(AbortCause::Offsets(error)),
        }
        Ok(())
    }

    fn initialised(&mut self, producer: ProducerIdAndEpoch) {
        self.identity = Some(producer);
        self.transaction.initialised();
    }

    fn transaction_ended(&mut self) {
        let result = match self.transaction.phase {
            TransactionPhase::Committing => TransactionResult::Commit,
            TransactionPhase::Uninitialized
            | TransactionPhase::Ready
            | TransactionPhase::InTransaction
            | TransactionPhase::Aborting
            | TransactionPhase::AbortableError
            | TransactionPhase::FatalError => TransactionResult::Abort,
        };
        self.transaction.ended(result);
    }

    fn not_granted(&mut self, now: Instant, error: TransactionError) {
        match error {
            TransactionError::ConcurrentTransactions | TransactionError::CoordinatorNotAvailable => self.ask_again(now),
            // Kafka asks again, for somebody may create the topic. Here nobody does.
            TransactionError::UnknownTopicOrPartition => {
                self.transaction.partitions_refused();
                self.transaction.must_abort(AbortCause::Coordinator(error));
            }
            TransactionError::ProducerFenced
            | TransactionError::InvalidTxnState
            | TransactionError::InvalidProducerIdMapping
            | TransactionError::InvalidTransactionTimeout => self.fail(error),
        }
    }

    /// Gives up everything.
    pub(super) fn fail(&mut self, error: TransactionError) {
        self.transaction.fail(error);
        self.coordination = Coordination::default();
        let partitions: Vec<TopicPartition> = self.queues.keys().copied().collect();
        for partition in partitions {
            let queue = self.queues.entry(partition).or_default();
            let sent = std::mem::take(&mut queue.sent).into_iter().map(|sent| sent.batch);
            let batches: Vec<_> = sent.chain(std::mem::take(&mut queue.waiting)).collect();
            for batch in batches {
                self.settle(partition, batch, &Err(DeliveryError::Fatal(error)));
            }
        }
    }

    /// Drops what was never sent: its transaction will not be committed.
    fn drop_unsent(&mut self) {
        let partitions: Vec<TopicPartition> = self.queues.keys().copied().collect();
        for partition in partitions {
            let queue = self.queues.entry(partition).or_default();
            let numbered = queue.waiting.iter().take_while(|batch| batch.sequence().is_some()).count();
            for batch in queue.waiting.split_off(numbered) {
                self.settle(partition, batch, &Err(DeliveryError::TransactionAborted));
            }
        }
    }

    fn ask(&mut self, now: Instant, step: Step) {
        let Some(request) = self.request_of(step) else { return };
        let correlation = self.request(request);
        self.in_flight.push_back(InFlight { correlation, sent_at: now, what: Sent::Coordination });
        self.coordination.is_waiting = true;
        self.coordination.retry_at = None;
    }

    fn request_of(&self, step: Step) -> Option<Request> {
        let transactional_id = self.config.transactional_id.clone();
        if step == Step::InitProducerId {
            let (transaction_timeout, expected) = (self.config.transaction_timeout, self.identity);
            let request = InitProducerIdRequest { transactional_id, transaction_timeout, expected };
            return Some(Request::InitProducerId(request));
        }
        self.transactional_request(step, transactional_id?, self.identity?)
    }

    fn transactional_request(
        &self,
        step: Step,
        transactional_id: Arc<str>,
        producer: ProducerIdAndEpoch,
    ) -> Option<Request> {
        let committing = self.transaction.committing.as_ref();
        Some(match step {
            Step::InitProducerId => return None,
            Step::AddPartitions => {
                let partitions = self.transaction.asked_partitions.iter().copied().collect();
                Request::AddPartitionsToTxn(AddPartitionsToTxnRequest { transactional_id, producer, partitions })
            }
            Step::AddOffsets => {
                let group = committing?.membership.group;
                Request::AddOffsetsToTxn(AddOffsetsToTxnRequest { transactional_id, producer, group })
            }
            Step::CommitOffsets => {
                let TxnOffsets { membership, offsets } = committing?.clone();
                let offsets = offsets.into_iter().collect();
                let request = TxnOffsetCommitRequest { transactional_id, producer, membership, offsets };
                Request::TxnOffsetCommit(request)
            }
            Step::End(result) => Request::EndTxn(EndTxnRequest { transactional_id, producer, result }),
        })
    }
}

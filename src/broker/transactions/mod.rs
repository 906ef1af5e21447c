//! The transaction coordinator: producer ids and epochs, and which transactions are under way.
//!
//! It decides; `ending.rs` writes what it decided into logs and groups. What producers ask comes in through `asking.rs`. One broker coordinates all transactions at a time.

mod asking;
mod ending;
mod request;
mod transaction;

pub(super) use ending::marker_of;
pub use request::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest, TransactionError,
    TxnOffsetCommitError, TxnOffsetCommitRequest,
};
pub use transaction::{EndReason, Transaction, TransactionState};

use super::{BrokerConfig, Fact, Out, ProduceError, TransactionFact};
use crate::log::{
    AppendError, BatchView, ProducerEpoch, ProducerError, ProducerId, ProducerIdAndEpoch, TopicPartition,
};
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};
use std::sync::Arc;

/// The epoch of the only coordinator there is.
const COORDINATOR_EPOCH: i32 = 0;

/// The transactional ids, and the producer ids that were given out.
#[derive(Clone, Debug, Default)]
pub(super) struct Transactions {
    ids: SortedMap<Arc<str>, Transaction>,
    next_producer_id: i64,
}

impl Transactions {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Transaction)> {
        self.ids.iter()
    }

    /// Gives a producer its id and epoch, and fences the life before it.
    pub(super) fn init_producer_id(
        &mut self,
        request: InitProducerIdRequest,
        config: &BrokerConfig,
        out: &mut Out,
    ) -> Result<ProducerIdAndEpoch, TransactionError> {
        let Some(name) = request.transactional_id else {
            return Ok(ProducerIdAndEpoch { id: self.new_producer_id(), epoch: ProducerEpoch(0) });
        };
        let timeout = request.transaction_timeout;
        if timeout == Span::ZERO || timeout > config.transaction_max_timeout {
            return Err(TransactionError::InvalidTransactionTimeout);
        }
        let fresh = self.new_producer_id();
        let Some(transaction) = self.ids.get_mut(&name) else {
            let transaction = self.ids.entry(name).or_insert(Transaction::new(fresh, timeout));
            return Ok(transaction.producer());
        };
        let before = transaction.holder();
        let answer = transaction.initialise(request.expected, timeout, fresh);
        let is_fenced = request.expected.is_none() && transaction.holder() != before;
        if let (true, Some(producer)) = (is_fenced, before) {
            out.facts.push(Fact::Transaction(TransactionFact::Fenced { transactional_id: name, producer }));
        }
        answer
    }

    pub(super) fn add_partitions(
        &mut self,
        now: Instant,
        request: &AddPartitionsToTxnRequest,
    ) -> Result<(), TransactionError> {
        self.find(&request.transactional_id)?.add(now, request.producer, &request.partitions, None)
    }

    pub(super) fn add_offsets(
        &mut self,
        now: Instant,
        request: &AddOffsetsToTxnRequest,
    ) -> Result<(), TransactionError> {
        self.find(&request.transactional_id)?.add(now, request.producer, &[], Some(request.group))
    }

    pub(super) fn check_offsets(&mut self, request: &TxnOffsetCommitRequest) -> Result<(), TransactionError> {
        self.find(&request.transactional_id)?.check_offsets(request.producer, request.membership.group)
    }

    pub(super) fn end(&mut self, request: &EndTxnRequest) -> Result<(), TransactionError> {
        self.find(&request.transactional_id)?.end(request.producer, request.result)
    }

    /// Whether a batch may be written. One of a transaction must be of the one that is under way, or it would be decided by
    /// nobody (`transaction.partition.verification.enable`).
    pub(super) fn check_write(&self, batch: BatchView<'_>, partition: TopicPartition) -> Result<(), ProduceError> {
        let Some(stamp) = batch.producer().filter(|_| batch.is_transactional()) else { return Ok(()) };
        let Some(transaction) = self.ids.values().find(|known| known.producer().id == stamp.id) else {
            return Err(ProduceError::InvalidTxnState { id: stamp.id });
        };
        let (found, known) = (stamp.epoch, transaction.producer().epoch);
        transaction.check_write(ProducerIdAndEpoch { id: stamp.id, epoch: found }, partition).map_err(|error| {
            match error {
                TransactionError::ProducerFenced => {
                    let error = ProducerError::InvalidProducerEpoch { id: stamp.id, found, known };
                    ProduceError::Append(AppendError::Producer(error))
                }
                TransactionError::InvalidTxnState
                | TransactionError::InvalidProducerIdMapping
                | TransactionError::InvalidTransactionTimeout
                | TransactionError::ConcurrentTransactions
                | TransactionError::UnknownTopicOrPartition
                | TransactionError::CoordinatorNotAvailable => ProduceError::InvalidTxnState { id: stamp.id },
            }
        })
    }

    /// When a transaction has taken too long, and the coordinator looks next.
    pub(super) fn deadline(&self, config: &BrokerConfig) -> Option<Instant> {
        let interval_us = config.transaction_abort_timed_out_cleanup_interval.as_us().max(1);
        let due = self.ids.values().filter_map(Transaction::times_out).min()?;
        Some(Instant::from_us(due.as_us().div_ceil(interval_us).saturating_mul(interval_us)))
    }

    /// Aborts the transactions that have taken too long, if it is time to look.
    pub(super) fn tick(&mut self, now: Instant, config: &BrokerConfig, out: &mut Out) {
        if self.deadline(config).is_none_or(|deadline| deadline > now) {
            return;
        }
        let is_due = |transaction: &Transaction| transaction.times_out().is_some_and(|due| due <= now);
        for (name, transaction) in self.ids.iter_mut().filter(|(_, transaction)| is_due(transaction)) {
            let producer = transaction.producer();
            transaction.time_out();
            out.facts.push(Fact::Transaction(TransactionFact::Fenced { transactional_id: name.clone(), producer }));
        }
    }

    fn find(&mut self, name: &Arc<str>) -> Result<&mut Transaction, TransactionError> {
        self.ids.get_mut(name).ok_or(TransactionError::InvalidProducerIdMapping)
    }

    fn new_producer_id(&mut self) -> ProducerId {
        let id = ProducerId(self.next_producer_id);
        self.next_producer_id += 1;
        id
    }
}

//! What transactional producers ask their coordinator, and what it refuses. Plain data, no behaviour.

use super::super::{GroupError, GroupId, Membership};
use crate::log::{OffsetAndEpoch, ProducerIdAndEpoch, TopicPartition, TransactionResult};
use crate::time::Span;
use std::sync::Arc;
use thiserror::Error;

/// Asks for a producer id and an epoch. With a `transactional.id`, earlier lives of the same producer are fenced.
#[derive(Clone, Debug)]
pub struct InitProducerIdRequest {
    /// `transactional.id`; `None` for a producer that is idempotent only.
    pub transactional_id: Option<Arc<str>>,
    /// `transaction.timeout.ms`: how long a transaction may take before the coordinator aborts it.
    pub transaction_timeout: Span,
    /// From a producer that goes on after an error: who it was, so that it is fenced if another has taken its place.
    pub expected: Option<ProducerIdAndEpoch>,
}

/// Makes partitions part of the producer's transaction, which begins with the first.
#[derive(Clone, Debug)]
pub struct AddPartitionsToTxnRequest {
    /// `transactional.id`.
    pub transactional_id: Arc<str>,
    /// Who asks.
    pub producer: ProducerIdAndEpoch,
    /// The partitions it is about to write to.
    pub partitions: Vec<TopicPartition>,
}

/// Makes the offsets of a group part of the producer's transaction.
#[derive(Clone, Debug)]
pub struct AddOffsetsToTxnRequest {
    /// `transactional.id`.
    pub transactional_id: Arc<str>,
    /// Who asks.
    pub producer: ProducerIdAndEpoch,
    /// The group whose offsets it is about to commit.
    pub group: GroupId,
}

/// Records how far a group has come, as soon as the transaction is committed.
#[derive(Clone, Debug)]
pub struct TxnOffsetCommitRequest {
    /// `transactional.id`.
    pub transactional_id: Arc<str>,
    /// Who asks.
    pub producer: ProducerIdAndEpoch,
    /// The member that has read the records.
    pub membership: Membership,
    /// The next offset to read, per partition, with the epoch of the record before it.
    pub offsets: Vec<(TopicPartition, OffsetAndEpoch)>,
}

/// Ends the producer's transaction.
#[derive(Clone, Debug)]
pub struct EndTxnRequest {
    /// `transactional.id`.
    pub transactional_id: Arc<str>,
    /// Who asks.
    pub producer: ProducerIdAndEpoch,
    /// How it is to end.
    pub result: TransactionResult,
}

/// Why a coordinator refused something to a producer. The names are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TransactionError {
    /// `INVALID_TRANSACTION_TIMEOUT`: none at all, or more than `transaction.max.timeout.ms`.
    #[error("InvalidTransactionTimeout: the broker does not allow transactions to take so long")]
    InvalidTransactionTimeout,
    /// `INVALID_PRODUCER_ID_MAPPING`: the transactional id does not belong to this producer id.
    #[error("InvalidProducerIdMapping: the producer id is not that of the transactional id")]
    InvalidProducerIdMapping,
    /// `PRODUCER_FENCED`: there is a later life of the same producer, or the coordinator has given this one up.
    #[error("ProducerFenced: there is a newer producer with the same transactional id")]
    ProducerFenced,
    /// `CONCURRENT_TRANSACTIONS`: the transaction before is still being ended; try again.
    #[error("ConcurrentTransactions: the previous transaction is not over yet")]
    ConcurrentTransactions,
    /// `INVALID_TXN_STATE`: the transaction is not in a state in which this can be done.
    #[error("InvalidTxnState: the transaction is in another state")]
    InvalidTxnState,
    /// `UNKNOWN_TOPIC_OR_PARTITION`.
    #[error("UnknownTopicOrPartition: there is no such topic or partition")]
    UnknownTopicOrPartition,
    /// `COORDINATOR_NOT_AVAILABLE`: the broker that coordinates transactions, or the group, does not run; ask again.
    #[error("CoordinatorNotAvailable: the coordinator is not available")]
    CoordinatorNotAvailable,
}

/// Why offsets did not become part of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TxnOffsetCommitError {
    /// The group does not take them.
    #[error(transparent)]
    Group(GroupError),
    /// The producer may not commit them.
    #[error(transparent)]
    Transaction(TransactionError),
}

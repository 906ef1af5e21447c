//! What a producer says of a record: that it took it, that it cannot, and what became of it in the end.

use crate::broker::{ProduceError, TransactionError};
use crate::log::{Offset, TopicPartition};
use thiserror::Error;

/// The number by which the caller knows a record that it sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordHandle(pub u64);

/// What a record did to the batch it was put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batched {
    /// By how much the batch grew; all of the batch, if it began with this record.
    pub bytes: usize,
    /// Whether it is full now.
    pub is_full: bool,
}

/// The fate of a record. Every record that a producer took has exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Which record.
    pub handle: RecordHandle,
    /// The partition it was meant for.
    pub partition: TopicPartition,
    /// Its offset, if the broker said it, or why nobody knows it to be written. With `acks=0` no offset is ever known.
    pub result: Result<Option<Offset>, DeliveryError>,
}

/// Why a record is not known to be written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeliveryError {
    /// The broker refused it. It is not in the log, unless an earlier attempt was not answered.
    #[error(transparent)]
    Refused(ProduceError),
    /// `TimeoutException`: it could not be delivered in time. It may be in the log all the same.
    #[error("Timeout: the record was not acknowledged within delivery.timeout.ms")]
    Timeout,
    /// `NetworkException`: the last attempt was not answered either, or the broker that it went to did not serve. It may be in the
    /// log all the same.
    #[error("NetworkException: no answer came, and the record was sent as often as retries allows")]
    Network,
    /// `TransactionAbortedException`: its transaction was given up before it was sent.
    #[error("TransactionAborted: the transaction was given up before the record was sent")]
    TransactionAborted,
    /// The producer can do nothing any more.
    #[error(transparent)]
    Fatal(TransactionError),
}

/// Why a producer did not take a record. It keeps nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// `BufferExhaustedException`: too much waits to be acknowledged; try again when something has been. Kafka waits up to
    /// `max.block.ms` before it says so.
    #[error(
        "BufferExhausted: {buffered_bytes} of {buffer_bytes} bytes wait to be acknowledged, and the record needs {record_bytes}"
    )]
    BufferExhausted {
        /// What waits, in bytes.
        buffered_bytes: u64,
        /// What the record would add, in bytes.
        record_bytes: u64,
        /// `buffer.memory`.
        buffer_bytes: u64,
    },
    /// `RecordTooLargeException`: it would not fit if nothing else waited.
    #[error("RecordTooLarge: the record needs {record_bytes} bytes, and buffer.memory is {buffer_bytes}")]
    RecordTooLarge {
        /// What the record would add, in bytes.
        record_bytes: u64,
        /// `buffer.memory`.
        buffer_bytes: u64,
    },
    /// `IllegalStateException`: a transactional producer sends in transactions only.
    #[error("IllegalState: no transaction is open")]
    NoTransaction,
    /// The transaction can only be aborted.
    #[error("the transaction has failed and must be aborted")]
    MustAbort,
    /// The producer can do nothing any more.
    #[error(transparent)]
    Fatal(TransactionError),
}

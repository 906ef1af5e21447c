//! What a Kafka client library does: choose partitions, batch, join a group, fetch, poll, commit.
//!
//! Sans-IO like the broker: calls take the time as an argument and leave requests to be taken by
//! [`Producer::take_requests`] and [`Consumer::take_requests`]; whoever owns the client carries them.

mod assignor;
mod consumer;
mod murmur2;
mod partitioner;
mod position;
mod producer;
mod records;

pub use assignor::Assignor;
pub use consumer::{AssignmentChange, Consumer, ConsumerConfig, ConsumerError, ConsumerState};
pub use murmur2::murmur2;
pub use partitioner::{Partitioner, PartitionerConfig, PartitionerError, PartitionerKind, TopicView};
pub use position::{AutoOffsetReset, LogBounds, OffsetReset, PositionError, reset_offset, start_position};
pub use producer::{
    AbortCause, Acknowledged, Batched, DeliveryError, Producer, ProducerConfig, ProducerConfigError, RecordHandle,
    SendError, TransactionCallError, TransactionOutcome, TransactionPhase,
};
pub use records::{ConsumedRecord, OwnedHeader, offsets_after};

use crate::broker::Request;

/// A request with the number by which its answer will be known.
pub type Numbered = (u32, Request);

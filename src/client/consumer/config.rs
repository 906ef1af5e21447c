//! What a consumer is told, and what it tells its owner besides records.

use crate::broker::{GroupError, GroupId};
use crate::client::{Assignor, AutoOffsetReset};
use crate::log::{Isolation, Offset, TopicId, TopicPartition};
use crate::time::Span;
use std::sync::Arc;
use thiserror::Error;

/// A consumer's settings. Names and units are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerConfig {
    /// `group.id`.
    pub group: GroupId,
    /// `group.instance.id`: with one it is a static member, which may be away for a session without a rebalance.
    pub group_instance_id: Option<Arc<str>>,
    /// The topics it subscribes to, each with its number of partitions.
    pub topics: Arc<[(TopicId, u32)]>,
    /// `partition.assignment.strategy`, of which it supports one.
    pub assignor: Assignor,
    /// `auto.offset.reset`.
    pub auto_offset_reset: AutoOffsetReset,
    /// `isolation.level`.
    pub isolation: Isolation,
    /// `enable.auto.commit`, and with it `auto.commit.interval.ms`.
    pub auto_commit: Option<Span>,
    /// `session.timeout.ms`.
    pub session_timeout: Span,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval: Span,
    /// `max.poll.interval.ms`.
    pub max_poll_interval: Span,
    /// `max.poll.records`.
    pub max_poll_records: u32,
    /// `fetch.max.wait.ms`.
    pub fetch_max_wait: Span,
    /// `max.partition.fetch.bytes`.
    pub max_partition_fetch_bytes: usize,
    /// `request.timeout.ms`: how long it waits for an answer before it asks again; longer than `fetch_max_wait`.
    pub request_timeout: Span,
    /// `retry.backoff.ms`: how long it waits then. (Kafka waits longer each time, up to `retry.backoff.max.ms`.)
    pub retry_backoff: Span,
}

/// How far a consumer has come with its membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumerState {
    /// It has asked to join and waits.
    Joining,
    /// It has joined and waits for its assignment.
    Syncing,
    /// It has its partitions and asks where to begin.
    FetchingOffsets,
    /// It reads. With a cooperative assignor it goes on reading while its group rebalances.
    Reading,
    /// Its group has given it up, or it has left because it did not poll in time. It still works on what it has in hand, and joins
    /// again at its next poll.
    Away,
    /// It reads no more: it is closed, is closing, or [`Consumer::error`](super::Consumer::error) says what is wrong.
    Stopped,
}

/// Why a consumer has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConsumerError {
    /// The group has committed nothing, and `auto.offset.reset` is `none`.
    #[error("NoOffsetForPartition: the group has committed no offset, and auto.offset.reset is none")]
    NoOffsetForPartition {
        /// Where.
        partition: TopicPartition,
    },
    /// Its position is not in the log, and `auto.offset.reset` is `none`.
    #[error("OffsetOutOfRange: there is nothing at offset {offset}, and auto.offset.reset is none")]
    OffsetOutOfRange {
        /// Where.
        partition: TopicPartition,
        /// Its position.
        offset: Offset,
    },
    /// What it has read was cut off in an election, and `auto.offset.reset` is `none`.
    #[error(
        "LogTruncation: from offset {end} on the log is not what was read up to {offset}, and auto.offset.reset is none"
    )]
    LogTruncation {
        /// Where.
        partition: TopicPartition,
        /// Its position.
        offset: Offset,
        /// Up to where the log is the same still.
        end: Offset,
    },
    /// Its group refuses it for good.
    #[error(transparent)]
    Group(GroupError),
}

impl ConsumerError {
    /// The partition that it is about, if it is about one.
    pub(super) fn partition(self) -> Option<TopicPartition> {
        match self {
            Self::NoOffsetForPartition { partition }
            | Self::OffsetOutOfRange { partition, .. }
            | Self::LogTruncation { partition, .. } => Some(partition),
            Self::Group(_) => None,
        }
    }
}

/// What a rebalance did to a consumer. None of these is ever empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignmentChange {
    /// It gave partitions up, and had the time to commit.
    Revoked(Arc<[TopicPartition]>),
    /// It was given partitions.
    Assigned(Arc<[TopicPartition]>),
    /// Its partitions were taken away: it was no member any more when it noticed, so that it could not commit.
    Lost(Arc<[TopicPartition]>),
}

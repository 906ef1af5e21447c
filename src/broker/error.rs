//! Why the broker refused something. The names are Kafka's.

use super::replication::EpochEnd;
use crate::log::{AppendError, FetchError, ProducerId};
use thiserror::Error;

/// Why a batch was not appended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProduceError {
    /// `UNKNOWN_TOPIC_OR_PARTITION`.
    #[error("UnknownTopicOrPartition: there is no such topic or partition")]
    UnknownTopicOrPartition,
    /// `INVALID_TXN_STATE`: the batch belongs to no transaction that is under way.
    #[error("InvalidTxnState: producer {id} has no transaction under way that the partition is part of")]
    InvalidTxnState {
        /// Whose batch.
        id: ProducerId,
    },
    /// `DUPLICATE_SEQUENCE_NUMBER`: the batch is there, so long ago that nobody knows its offset. Our log, like Kafka's of
    /// today, never says so; older brokers did.
    #[error("DuplicateSequenceNumber: the batch was appended before")]
    DuplicateSequenceNumber,
    /// `NOT_ENOUGH_REPLICAS`: fewer replicas are in sync than `min.insync.replicas`; nothing was appended.
    #[error("NotEnoughReplicas: fewer replicas are in sync than min.insync.replicas")]
    NotEnoughReplicas,
    /// `NOT_ENOUGH_REPLICAS_AFTER_APPEND`: it was appended, and meanwhile too few replicas are in sync.
    #[error(
        "NotEnoughReplicasAfterAppend: the batch was appended, but fewer replicas are in sync than min.insync.replicas"
    )]
    NotEnoughReplicasAfterAppend,
    /// `NOT_LEADER_OR_FOLLOWER`: another broker leads the partition now.
    #[error("NotLeaderOrFollower: another broker leads the partition now")]
    NotLeaderOrFollower,
    /// `LEADER_NOT_AVAILABLE`: no broker leads the partition.
    #[error("LeaderNotAvailable: no broker leads the partition")]
    LeaderNotAvailable,
    /// `NetworkException`: the broker that leads the partition does not run.
    #[error("NetworkException: the broker that leads the partition does not run")]
    Disconnected,
    /// The log refused it.
    #[error(transparent)]
    Append(AppendError),
}

/// Why nothing was read from a partition.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FetchPartitionError {
    /// `diverging_epoch`: what was read before the offset was cut off in an election. Both logs are the same up to the end of this
    /// epoch.
    #[error("DivergingEpoch: the log was truncated, and is the same only up to offset {}", .0.end_offset)]
    DivergingEpoch(EpochEnd),
    /// `UNKNOWN_TOPIC_OR_PARTITION`.
    #[error("UnknownTopicOrPartition: there is no such topic or partition")]
    UnknownTopicOrPartition,
    /// `LEADER_NOT_AVAILABLE`: no broker leads the partition.
    #[error("LeaderNotAvailable: no broker leads the partition")]
    LeaderNotAvailable,
    /// `DisconnectException`: the broker that leads the partition does not run.
    #[error("DisconnectException: the broker that leads the partition does not run")]
    Disconnected,
    /// The log refused it.
    #[error(transparent)]
    Read(FetchError),
}

/// Why a group refused a request. The names are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GroupError {
    /// `UNKNOWN_MEMBER_ID`: the group has no such member (any more).
    #[error("UnknownMemberId: the group does not know this member")]
    UnknownMemberId,
    /// `ILLEGAL_GENERATION`: the group has moved on.
    #[error("IllegalGeneration: the group is in another generation")]
    IllegalGeneration,
    /// `REBALANCE_IN_PROGRESS`: membership is being settled; join again.
    #[error("RebalanceInProgress: the group is rebalancing")]
    RebalanceInProgress,
    /// `INCONSISTENT_GROUP_PROTOCOL`: it supports no assignor that all other members support.
    #[error("InconsistentGroupProtocol: the member supports no assignor that all the others support")]
    InconsistentGroupProtocol,
    /// `INVALID_SESSION_TIMEOUT`: outside of `group.min.session.timeout.ms` and `group.max.session.timeout.ms`.
    #[error("InvalidSessionTimeout: the session timeout is outside of the broker's bounds")]
    InvalidSessionTimeout,
    /// `INVALID_GROUP_ID`: the group's name is empty.
    #[error("InvalidGroupId: a group needs a name")]
    InvalidGroupId,
    /// `FENCED_INSTANCE_ID`: another client has taken over this `group.instance.id`; give up.
    #[error("FencedInstanceId: another client has taken over this group.instance.id")]
    FencedInstanceId,
    /// `NOT_COORDINATOR`: the group was moved away from here while the request waited.
    #[error("NotCoordinator: the group has moved to another coordinator")]
    NotCoordinator,
    /// `COORDINATOR_NOT_AVAILABLE`: the group has been moved away from here.
    #[error("CoordinatorNotAvailable: the group's coordinator is not available")]
    CoordinatorNotAvailable,
    /// `UNSTABLE_OFFSET_COMMIT`: a transaction that commits an offset here is still open; ask again.
    #[error("UnstableOffsetCommit: a transaction that commits an offset of this partition is still open")]
    UnstableOffsetCommit,
    /// `NON_EMPTY_GROUP`: the group has members.
    #[error("NonEmptyGroup: the group has members")]
    NonEmptyGroup,
    /// `GROUP_ID_NOT_FOUND`: there is no such group.
    #[error("GroupIdNotFound: there is no such group")]
    GroupIdNotFound,
}

//! What clients ask, what the broker answers, and the facts it reports. Plain data, no behaviour.

use super::{GroupState, LeaveReason, RebalanceReason};
use crate::log::{AppendError, Batch, FetchError, Offset, TopicId, TopicPartition};
use crate::time::Span;
use std::sync::Arc;
use thiserror::Error;

/// One connection to the broker: a client that is started again gets a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u32);

/// The number of a consumer group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u16);

/// The number that a group gave to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub u32);

/// How often the group's membership has been settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub i32);

/// What ties a reply to its request: the connection, and a number that its client chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    /// Who asked.
    pub client: ClientId,
    /// Which of its requests.
    pub correlation: u32,
}

/// What a member shows with each request to its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The group.
    pub group: GroupId,
    /// The member.
    pub member: MemberId,
    /// The generation it believes in.
    pub generation: Generation,
}

/// What a client can ask.
#[derive(Clone, Debug)]
pub enum Request {
    /// Append a batch to a partition.
    Produce {
        /// Where to.
        partition: TopicPartition,
        /// What.
        batch: Batch,
    },
    /// Read from partitions.
    Fetch(FetchRequest),
    /// Become, or stay, a member of a group.
    JoinGroup(JoinRequest),
    /// Learn one's assignment; the leader brings everyone's.
    SyncGroup(SyncRequest),
    /// Show that one is alive.
    Heartbeat(HeartbeatRequest),
    /// Leave a group.
    LeaveGroup(Membership),
    /// Record how far one has come.
    OffsetCommit(CommitRequest),
    /// Learn how far a group has come.
    OffsetFetch {
        /// The group.
        group: GroupId,
        /// The partitions asked for.
        partitions: Vec<TopicPartition>,
    },
}

/// Asks for records. Without any, the broker waits for them before it answers.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// The partitions, each with the offset of the first record wanted.
    pub partitions: Vec<(TopicPartition, Offset)>,
    /// `fetch.max.wait.ms`.
    pub max_wait: Span,
    /// `max.partition.fetch.bytes`.
    pub max_partition_bytes: usize,
}

/// Asks to be a member.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// The group.
    pub group: GroupId,
    /// The id it was given before, if it was.
    pub member: Option<MemberId>,
    /// The topics it wants to read.
    pub topics: Arc<[TopicId]>,
    /// `session.timeout.ms`: how long after its last heartbeat it is taken for dead.
    pub session_timeout: Span,
    /// `max.poll.interval.ms`: how long a rebalance waits for it.
    pub rebalance_timeout: Span,
}

/// Asks for one's assignment.
#[derive(Clone, Debug)]
pub struct SyncRequest {
    /// Who asks.
    pub membership: Membership,
    /// From the leader: who is to read what. From others: nothing.
    pub assignments: Vec<(MemberId, Arc<[TopicPartition]>)>,
}

/// A sign of life.
#[derive(Clone, Copy, Debug)]
pub struct HeartbeatRequest {
    /// Whose.
    pub membership: Membership,
}

/// Records how far a member has come.
#[derive(Clone, Debug)]
pub struct CommitRequest {
    /// Who commits.
    pub membership: Membership,
    /// The next offset to read, per partition.
    pub offsets: Vec<(TopicPartition, Offset)>,
}

/// An answer on its way to a client.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Which request it answers.
    pub to: Ticket,
    /// The answer.
    pub response: Response,
}

/// What the broker can answer.
#[derive(Clone, Debug)]
pub enum Response {
    /// The offset of the batch's first record.
    Produce {
        /// The partition it was meant for.
        partition: TopicPartition,
        /// Where it is now, or why it is not there.
        result: Result<Offset, ProduceError>,
    },
    /// What was read; partitions without anything new are left out.
    Fetch(Vec<FetchedPartition>),
    /// The member's place in the new generation.
    JoinGroup(Result<Joined, GroupError>),
    /// The partitions to read.
    SyncGroup(Result<Arc<[TopicPartition]>, GroupError>),
    /// Whether one is still a member.
    Heartbeat(Result<(), GroupError>),
    /// Whether one was a member.
    LeaveGroup(Result<(), GroupError>),
    /// Whether the offsets were recorded.
    OffsetCommit(Result<(), GroupError>),
    /// The committed offsets; `None` where nothing was committed.
    OffsetFetch(Vec<(TopicPartition, Option<Offset>)>),
}

/// What a fetch found in one partition.
#[derive(Clone, Debug)]
pub struct FetchedPartition {
    /// The partition.
    pub partition: TopicPartition,
    /// Encoded batches; the first may begin before the offset asked for.
    pub batches: Result<Arc<[u8]>, FetchPartitionError>,
    /// The log start offset, where a reader whose offset is gone may begin again; -1 if there is no such partition.
    pub log_start_offset: Offset,
}

/// The answer to a member that joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The id it has from now on.
    pub member: MemberId,
    /// The generation that begins.
    pub generation: Generation,
    /// Who decides on the assignment.
    pub leader: MemberId,
    /// For the leader: all members and the topics each wants to read. For others: nothing.
    pub members: Vec<(MemberId, Arc<[TopicId]>)>,
}

/// Why a batch was not appended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProduceError {
    /// `UNKNOWN_TOPIC_OR_PARTITION`.
    #[error("UnknownTopicOrPartition: there is no such topic or partition")]
    UnknownTopicOrPartition,
    /// The log refused it.
    #[error(transparent)]
    Append(AppendError),
}

/// Why nothing was read from a partition.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FetchPartitionError {
    /// `UNKNOWN_TOPIC_OR_PARTITION`.
    #[error("UnknownTopicOrPartition: there is no such topic or partition")]
    UnknownTopicOrPartition,
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
}

/// What has happened on the broker, for those who watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Records were appended.
    Appended {
        /// By whom.
        client: ClientId,
        /// Where.
        partition: TopicPartition,
        /// The offset of the first.
        base_offset: Offset,
        /// How many.
        records: u32,
        /// A hash of the batch as it was sent.
        content_hash: u64,
    },
    /// Retention deleted segments.
    Deleted {
        /// From which log.
        partition: TopicPartition,
        /// Where it begins now.
        log_start_offset: Offset,
    },
    /// Compaction removed records.
    Compacted {
        /// From which log.
        partition: TopicPartition,
        /// Their offsets, in order.
        removed: Arc<[Offset]>,
        /// How many bytes that saved.
        saved_bytes: u64,
    },
    /// A group recorded an offset.
    Committed {
        /// The group.
        group: GroupId,
        /// The partition.
        partition: TopicPartition,
        /// The next offset to read.
        offset: Offset,
    },
    /// A group took in a member.
    MemberJoined {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
    },
    /// A group lost a member.
    MemberLeft {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
        /// Why.
        reason: LeaveReason,
    },
    /// A group began to settle its membership anew.
    RebalanceStarted {
        /// The group.
        group: GroupId,
        /// Why.
        reason: RebalanceReason,
    },
    /// A group went from one state to another.
    GroupChanged {
        /// The group.
        group: GroupId,
        /// Its state now.
        state: GroupState,
        /// Its generation now.
        generation: Generation,
        /// How many members it has now.
        members: u32,
    },
}

/// What a call to the broker brought about.
#[derive(Clone, Debug, Default)]
pub struct Out {
    /// Answers to send, in order.
    pub replies: Vec<Reply>,
    /// What happened, in order.
    pub facts: Vec<Fact>,
}

impl Out {
    pub(super) fn reply(&mut self, to: Ticket, response: Response) {
        self.replies.push(Reply { to, response });
    }
}

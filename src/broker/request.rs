//! What clients ask, and what the broker answers. Plain data, no behaviour.

use super::error::{FetchPartitionError, GroupError, ProduceError};
use super::transactions::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, EndTxnRequest, InitProducerIdRequest, TransactionError,
    TxnOffsetCommitError, TxnOffsetCommitRequest,
};
use crate::log::{
    AbortedTransaction, Batch, Isolation, Offset, OffsetAndEpoch, ProducerIdAndEpoch, TopicId, TopicPartition,
};
use crate::time::Span;
use std::sync::Arc;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The group.
    pub group: GroupId,
    /// The member.
    pub member: MemberId,
    /// The generation it believes in.
    pub generation: Generation,
    /// `group.instance.id`, if the member is a static one.
    pub instance: Option<Arc<str>>,
}

/// What a producer waits for (`acks`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// `0`: nothing. The broker does not answer, not even when it refuses.
    Zero,
    /// `1`: the leader has appended the batch.
    One,
    /// `all`: every in-sync replica has it.
    #[default]
    All,
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
        /// When to answer.
        acks: Acks,
    },
    /// Read from partitions.
    Fetch(FetchRequest),
    /// Learn where logs begin and end, or what was written when.
    ListOffsets(ListOffsetsRequest),
    /// Learn the names of topics, and how many partitions they have.
    Metadata(Vec<TopicId>),
    /// Become, or stay, a member of a group.
    JoinGroup(JoinRequest),
    /// Learn one's assignment; the leader brings everyone's.
    SyncGroup(SyncRequest),
    /// Show that one is alive.
    Heartbeat(HeartbeatRequest),
    /// Leave a group, or let others leave it.
    LeaveGroup(LeaveRequest),
    /// Record how far one has come.
    OffsetCommit(CommitRequest),
    /// Learn how far a group has come.
    OffsetFetch(OffsetFetchRequest),
    /// Learn one's producer id and epoch.
    InitProducerId(InitProducerIdRequest),
    /// Make partitions part of one's transaction.
    AddPartitionsToTxn(AddPartitionsToTxnRequest),
    /// Make a group's offsets part of one's transaction.
    AddOffsetsToTxn(AddOffsetsToTxnRequest),
    /// Record how far a group has come, as part of one's transaction.
    TxnOffsetCommit(TxnOffsetCommitRequest),
    /// End one's transaction.
    EndTxn(EndTxnRequest),
}

/// Asks for records. Without any, the broker waits for them before it answers.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// The partitions, each with the offset of the first record wanted, and the epoch of the record read before it.
    pub partitions: Vec<(TopicPartition, OffsetAndEpoch)>,
    /// `fetch.max.wait.ms`.
    pub max_wait: Span,
    /// `max.partition.fetch.bytes`.
    pub max_partition_bytes: usize,
    /// `isolation.level`.
    pub isolation: Isolation,
}

/// Asks for offsets by what they mean.
#[derive(Clone, Debug)]
pub struct ListOffsetsRequest {
    /// `isolation.level`: how far the log goes for this reader.
    pub isolation: Isolation,
    /// The partitions, each with what is wanted of it.
    pub partitions: Vec<(TopicPartition, OffsetSpec)>,
}

/// An offset by what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The log start offset.
    Earliest,
    /// The high watermark; for readers of committed records the last stable offset.
    Latest,
    /// The record with the largest timestamp.
    MaxTimestamp,
    /// The first record of this time or later, in milliseconds.
    Timestamp(i64),
}

/// Asks to be a member.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// The group.
    pub group: GroupId,
    /// The id it was given before, if it was.
    pub member: Option<MemberId>,
    /// `group.instance.id`: the name by which a static member is known again after a restart.
    pub instance: Option<Arc<str>>,
    /// The ways of assigning that it supports (`partition.assignment.strategy`), in order of preference.
    pub protocols: Arc<[Protocol]>,
    /// `session.timeout.ms`: how long after its last heartbeat it is taken for dead.
    pub session_timeout: Span,
    /// `max.poll.interval.ms`: how long a rebalance waits for it.
    pub rebalance_timeout: Span,
}

/// One way of assigning partitions that a member supports, and what it tells the leader under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The assignor's name, such as `range`.
    pub name: Arc<str>,
    /// What the leader is told.
    pub subscription: Subscription,
}

/// What a member tells the leader: the topics that it wants, and what it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The topics it wants to read.
    pub topics: Arc<[TopicId]>,
    /// The partitions it still has from before.
    pub owned: Arc<[TopicPartition]>,
    /// The generation in which it was given them; -1 if it had none.
    pub generation: Generation,
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
#[derive(Clone, Debug)]
pub struct HeartbeatRequest {
    /// Whose.
    pub membership: Membership,
}

/// Asks that members be removed.
#[derive(Clone, Debug)]
pub struct LeaveRequest {
    /// The group.
    pub group: GroupId,
    /// Who is to go, each on its own.
    pub members: Vec<Leaving>,
}

/// One who is to leave: named by its id, by its `group.instance.id`, or, to be sure, by both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaving {
    /// The member's id.
    pub member: Option<MemberId>,
    /// `group.instance.id`; alone, it removes a static member whatever its id is.
    pub instance: Option<Arc<str>>,
}

/// Records how far a group has come.
#[derive(Clone, Debug)]
pub struct CommitRequest {
    /// The group.
    pub group: GroupId,
    /// Who commits; `None` for one that assigns itself its partitions, which the group permits while it has no members.
    pub membership: Option<Membership>,
    /// The next offset to read, per partition, with the epoch of the record before it.
    pub offsets: Vec<(TopicPartition, OffsetAndEpoch)>,
}

/// Asks how far a group has come.
#[derive(Clone, Debug)]
pub struct OffsetFetchRequest {
    /// The group.
    pub group: GroupId,
    /// The partitions asked for.
    pub partitions: Vec<TopicPartition>,
    /// Whether a partition with a transactional commit that is still open is refused (what `isolation.level=read_committed`
    /// asks for), rather than answered with the offset before it.
    pub require_stable: bool,
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
    /// The offsets, in the order in which they were asked for.
    ListOffsets(Vec<ListedOffset>),
    /// The topics asked for; those that do not exist are left out.
    Metadata(Vec<TopicMetadata>),
    /// The member's place in the new generation.
    JoinGroup(Result<Joined, GroupError>),
    /// The partitions to read.
    SyncGroup(Result<Arc<[TopicPartition]>, GroupError>),
    /// Whether one is still a member.
    Heartbeat(Result<(), GroupError>),
    /// For each of those named, in their order, whether it was a member.
    LeaveGroup(Result<Vec<Result<(), GroupError>>, GroupError>),
    /// Whether the offsets were recorded.
    OffsetCommit(Result<(), GroupError>),
    /// The committed offset of each partition asked for; `None` where nothing was committed.
    OffsetFetch(Vec<(TopicPartition, Result<Option<OffsetAndEpoch>, GroupError>)>),
    /// The producer's id and epoch.
    InitProducerId(Result<ProducerIdAndEpoch, TransactionError>),
    /// Whether the partitions are part of the transaction now.
    AddPartitionsToTxn(Result<(), TransactionError>),
    /// Whether the group's offsets are part of the transaction now.
    AddOffsetsToTxn(Result<(), TransactionError>),
    /// Whether the offsets will be recorded with the transaction.
    TxnOffsetCommit(Result<(), TxnOffsetCommitError>),
    /// Whether the transaction ends, or has ended, as asked.
    EndTxn(Result<(), TransactionError>),
}

/// What a fetch found in one partition.
#[derive(Clone, Debug)]
pub struct FetchedPartition {
    /// The partition.
    pub partition: TopicPartition,
    /// Encoded batches; the first may begin before the offset asked for.
    pub batches: Result<Arc<[u8]>, FetchPartitionError>,
    /// The log start offset; -1 if there is no such partition.
    pub log_start_offset: Offset,
    /// Of the transactions in `batches`, those whose records a reader of committed records leaves out.
    pub aborted: Vec<AbortedTransaction>,
}

/// What a client has to know about a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicMetadata {
    /// The topic.
    pub topic: TopicId,
    /// Its name.
    pub name: Arc<str>,
    /// How many partitions it has.
    pub partitions: u32,
}

/// An offset of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOffset {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset, with the epoch in which it is; `None` if there is no such record.
    pub offset: Result<Option<OffsetAndEpoch>, FetchPartitionError>,
}

/// The answer to a member that joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The id it has from now on.
    pub member: MemberId,
    /// The generation that begins.
    pub generation: Generation,
    /// The name of the assignor that the members agreed on.
    pub protocol: Arc<str>,
    /// Who decides on the assignment.
    pub leader: MemberId,
    /// For the leader: all members. For others: nothing.
    pub members: Vec<JoinedMember>,
    /// For the leader: whether the assignment stands as it is, because a static member has only come back.
    pub skip_assignment: bool,
}

/// What the leader learns about a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedMember {
    /// The member.
    pub member: MemberId,
    /// `group.instance.id`, if it is a static one.
    pub instance: Option<Arc<str>>,
    /// What it told under the protocol that was chosen.
    pub subscription: Subscription,
}

//! What happens on the broker, for those who watch. The kinds are split by what they are about, so that an observer names those it
//! cares about, and passes by whole families of others.

use super::replication::{BrokerId, LeaderEpoch};
use super::{
    ClientId, EndReason, Generation, GroupId, GroupState, LeaveReason, MemberId, RebalanceReason, Reply, Response,
    Ticket,
};
use crate::log::{Offset, ProducerId, ProducerIdAndEpoch, Spent, TopicPartition, TransactionResult};
use std::sync::Arc;

/// What has happened on the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Records were appended.
    Appended {
        /// By whom.
        client: ClientId,
        /// The producer, if they are part of a transaction: they count once that is committed.
        transactional: Option<ProducerId>,
        /// Whether they carry sequence numbers, by which the log knows those that come again.
        is_numbered: bool,
        /// Where.
        partition: TopicPartition,
        /// The offset of the first.
        base_offset: Offset,
        /// How many.
        records: u32,
        /// A hash of the batch as it was sent.
        content_hash: u64,
    },
    /// Something happened to a log without a client.
    Log(LogFact),
    /// A group's offsets changed.
    Offsets(OffsetsFact),
    /// A group's members, or what they are to read, changed.
    Group(GroupFact),
    /// A transaction, or a transactional producer, came to its end.
    Transaction(TransactionFact),
    /// Something happened to a broker, or to the replicas of a partition.
    Cluster(ClusterFact),
}

/// What happens to brokers, and to who leads what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterFact {
    /// A broker failed, or was started again.
    Switched {
        /// Which.
        broker: BrokerId,
        /// Whether it runs now.
        online: bool,
    },
    /// A broker was cut off from everybody, or joined again.
    Connected {
        /// Which.
        broker: BrokerId,
        /// Whether it is on the network now.
        connected: bool,
    },
    /// The controller gave a broker up, or counts on it again.
    Fenced {
        /// Which.
        broker: BrokerId,
        /// Whether it is given up now.
        fenced: bool,
    },
    /// A partition has another leader, or none.
    Elected {
        /// The partition.
        partition: TopicPartition,
        /// Who leads; `None` if nobody can.
        leader: Option<BrokerId>,
        /// Which election this was.
        epoch: LeaderEpoch,
        /// Whether the new leader was not in sync.
        is_unclean: bool,
    },
    /// Other replicas are in sync than before.
    IsrChanged {
        /// The partition.
        partition: TopicPartition,
        /// Those that are.
        isr: Arc<[BrokerId]>,
    },
    /// A new leader did not have the last records, and they are lost: their offsets are given out again.
    CutOff {
        /// From which log.
        partition: TopicPartition,
        /// Where it ends now.
        log_end: Offset,
        /// Where it ended before.
        log_end_before: Offset,
        /// Those records of which the producers had heard, or assumed, that they are written.
        lost: Arc<[Offset]>,
    },
    /// A group has another coordinator, or none that can be reached.
    CoordinatorMoved {
        /// The group.
        group: GroupId,
        /// Who it is.
        broker: Option<BrokerId>,
    },
}

/// What happens to a partition's log, other than that a client appends to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFact {
    /// Retention deleted the oldest segments.
    Deleted {
        /// From which log.
        partition: TopicPartition,
        /// Where it begins now.
        log_start_offset: Offset,
    },
    /// Compaction removed records, most of them because later ones have the same key.
    Compacted {
        /// From which log.
        partition: TopicPartition,
        /// Their offsets, in order.
        removed: Arc<[Offset]>,
        /// Those of them that no later record replaces, and why they went.
        spent: Arc<[(Offset, Spent)]>,
        /// How many bytes that saved.
        saved_bytes: u64,
    },
    /// The coordinator wrote a control marker: it takes an offset, and decides on the records of a transaction before it.
    MarkerWritten {
        /// Into which log.
        partition: TopicPartition,
        /// The offset that it took.
        offset: Offset,
        /// Whose transaction.
        producer: ProducerId,
        /// How it ends.
        result: TransactionResult,
    },
}

/// What happens to the offsets of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OffsetsFact {
    /// A group recorded how far it has come.
    Committed {
        /// The group.
        group: GroupId,
        /// The member that committed it; `None` for one outside of the group's protocol, or from outside.
        member: Option<MemberId>,
        /// The partition.
        partition: TopicPartition,
        /// The next offset to read.
        offset: Offset,
        /// The epoch of the record before it, if the member has said so.
        epoch: Option<LeaderEpoch>,
    },
    /// A group forgot offsets that nobody had needed for `offsets.retention.minutes`.
    Expired {
        /// The group.
        group: GroupId,
        /// Of which partitions.
        partitions: Arc<[TopicPartition]>,
    },
}

/// What happens to the membership of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupFact {
    /// A group took in a member, which waits for the rebalance to end.
    MemberJoined {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
        /// `group.instance.id`, if it is a static one.
        instance: Option<Arc<str>>,
    },
    /// A member joined again, and waits for the rebalance to end.
    MemberRejoined {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
    },
    /// A static member came back, and has its place under a new id.
    MemberReplaced {
        /// The group.
        group: GroupId,
        /// Its id before, which is of no use any more.
        old: MemberId,
        /// Its id now.
        new: MemberId,
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
        /// The generation that this ends.
        generation: Generation,
        /// Why.
        reason: RebalanceReason,
    },
    /// A rebalance ended: the members have joined, and the leader is to assign.
    GenerationStarted {
        /// The group.
        group: GroupId,
        /// The generation that begins.
        generation: Generation,
        /// The assignor that the members agreed on.
        protocol: Arc<str>,
        /// Who assigns.
        leader: MemberId,
    },
    /// A member was given its partitions. Every member of the generation gets one of these, if only for no partition.
    Assigned {
        /// The group.
        group: GroupId,
        /// The generation.
        generation: Generation,
        /// The member.
        member: MemberId,
        /// What it is to read.
        partitions: Arc<[TopicPartition]>,
    },
    /// A group went from one state to another.
    Changed {
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

/// What ends a transaction, or the life of a transactional producer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransactionFact {
    /// A transaction is over.
    Ended {
        /// `transactional.id`.
        transactional_id: Arc<str>,
        /// Whose it was.
        producer: ProducerId,
        /// How it ended.
        result: TransactionResult,
        /// Why.
        reason: EndReason,
    },
    /// A producer may write no more: there is a new life of it, or its transaction took too long.
    Fenced {
        /// `transactional.id`.
        transactional_id: Arc<str>,
        /// The life that is over.
        producer: ProducerIdAndEpoch,
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

//! What the simulation emits: everything that happened, for those who watch. Nothing in the world reads them.

use super::instance::Ended;
use super::limit::Limit;
use crate::broker::{EndReason, Generation, GroupId, GroupState, LeaveReason, MemberId, RebalanceReason};
use crate::log::{Offset, ProducerId, ProducerIdAndEpoch, Setting, TopicId, TopicPartition, TransactionResult};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// The number of a service in its scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u16);

/// What else can become of a record than that it is processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fared {
    /// The service failed on it, for the so-manieth time in a row.
    Failed(u32),
    /// It was left out.
    Skipped,
    /// It was put into the retry topic.
    SentToRetry,
    /// It was put into the dead letter topic.
    DeadLettered,
    /// It was taken out of the dead letter topic, and put into the retry topic.
    Redriven,
    /// The service remembered it, and did nothing.
    Deduplicated,
}

/// What can happen to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceChange {
    /// It began.
    Began,
    /// It does nothing for so long, but for its heartbeats.
    Stalled(Span),
    /// It ended.
    Ended(Ended),
}

/// An event and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// When.
    pub at: Instant,
    /// What.
    pub event: Event,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Records were appended to a partition.
    Appended {
        /// Who published them; `None` if a person did, by hand.
        service: Option<ServiceId>,
        /// Where they are.
        partition: TopicPartition,
        /// The offset of the first.
        base_offset: Offset,
        /// How many they are.
        records: u32,
        /// A hash of what is in them.
        content_hash: u64,
    },
    /// The broker refused a record that a service published: it is larger than the topic takes.
    Refused {
        /// The service.
        service: ServiceId,
        /// The partition it was meant for.
        partition: TopicPartition,
    },
    /// A service has come to one of its limits, or is below it again. What has to wait meanwhile is not lost.
    Limited {
        /// The service.
        service: ServiceId,
        /// Which limit.
        limit: Limit,
        /// Whether it is reached now.
        reached: bool,
    },
    /// Retention deleted the oldest records of a partition.
    Deleted {
        /// The partition.
        partition: TopicPartition,
        /// The first offset still there.
        log_start_offset: Offset,
    },
    /// Compaction removed records of a partition that were replaced by later ones with the same key.
    Compacted {
        /// The partition.
        partition: TopicPartition,
        /// The offsets of the records that went, in order.
        removed: Arc<[Offset]>,
        /// How many bytes that saved.
        saved_bytes: u64,
    },
    /// A person changed a setting of a topic.
    TopicConfigured {
        /// The topic.
        topic: TopicId,
        /// The setting.
        setting: Setting,
        /// Its value now, as Kafka writes it.
        value: Arc<str>,
    },
    /// The coordinator wrote a control marker into a partition: it takes an offset, and decides on the records before it.
    MarkerWritten {
        /// The partition.
        partition: TopicPartition,
        /// The marker's offset.
        offset: Offset,
        /// The producer whose transaction ends.
        producer: ProducerId,
        /// How it ends.
        result: TransactionResult,
    },
    /// A transaction is over.
    TransactionEnded {
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
    ProducerFenced {
        /// `transactional.id`.
        transactional_id: Arc<str>,
        /// The life that is over.
        producer: ProducerIdAndEpoch,
    },
    /// A service took records of one partition to work on. What it took before, it is done with.
    Polled {
        /// The service.
        service: ServiceId,
        /// The group in which it read them.
        group: GroupId,
        /// Which of its instances, from 0.
        instance: u32,
        /// The partition.
        partition: TopicPartition,
        /// The offset of the first.
        first: Offset,
        /// The offset of the last.
        last: Offset,
        /// How many they are.
        records: u32,
    },
    /// A service finished one record.
    Processed {
        /// The service.
        service: ServiceId,
        /// Its group.
        group: GroupId,
        /// The record's partition.
        partition: TopicPartition,
        /// The record's offset.
        offset: Offset,
    },
    /// Something else became of a record that a service had in hand.
    Fared {
        /// The service.
        service: ServiceId,
        /// Its group.
        group: GroupId,
        /// The partition in which the record was published first.
        partition: TopicPartition,
        /// Its offset there.
        offset: Offset,
        /// What.
        how: Fared,
    },
    /// An instance of a service began, or ended.
    InstanceChanged {
        /// The service.
        service: ServiceId,
        /// Which of its instances, from 0.
        instance: u32,
        /// What happened to it.
        change: InstanceChange,
    },
    /// A person changed a setting of a service.
    ServiceConfigured {
        /// The service.
        service: ServiceId,
        /// The name of the setting.
        setting: &'static str,
        /// Its value now.
        value: Arc<str>,
    },
    /// A person cut a service off from the broker, or joined them again.
    NetworkSwitched {
        /// The service.
        service: ServiceId,
        /// Whether they can reach each other now.
        connected: bool,
    },
    /// A person let a group begin elsewhere.
    Sought {
        /// The group.
        group: GroupId,
        /// The partition.
        partition: TopicPartition,
        /// Where it would have begun.
        from: Offset,
        /// Where it begins now.
        to: Offset,
    },
    /// What a person outside sees of a record that was processed.
    Outcome {
        /// The service that did it.
        service: ServiceId,
        /// The record's partition.
        partition: TopicPartition,
        /// The record's offset.
        offset: Offset,
        /// The record's timestamp, in milliseconds: when what it tells happened.
        timestamp_ms: i64,
        /// What, or whom, it is about.
        subject: Arc<str>,
        /// More about the subject.
        detail: Arc<str>,
        /// How far the subject has come, if the scenario's records say it.
        stage: Arc<str>,
        /// What is to be read.
        text: Arc<str>,
    },
    /// A group recorded how far it has come.
    Committed {
        /// The group.
        group: GroupId,
        /// The member that committed it; `None` for one from outside.
        member: Option<MemberId>,
        /// The partition.
        partition: TopicPartition,
        /// The next offset it will read.
        offset: Offset,
    },
    /// A group forgot offsets that nobody had needed for long.
    OffsetsExpired {
        /// The group.
        group: GroupId,
        /// Of which partitions.
        partitions: Arc<[TopicPartition]>,
    },
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
        /// Its id before.
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
    /// A member was given its partitions, if only none.
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
    /// A person switched a service on or off.
    ServiceSwitched {
        /// The service.
        service: ServiceId,
        /// Whether it is on now.
        online: bool,
    },
    /// A service that was away has no more to do than the others.
    CaughtUp {
        /// The service.
        service: ServiceId,
    },
    /// A person changed how often new entities turn up.
    RateChanged {
        /// The service that publishes them.
        service: ServiceId,
        /// How many a minute.
        arrivals_per_min: u32,
    },
}

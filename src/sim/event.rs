//! What the simulation emits: everything that happened, for those who watch. Nothing in the world reads them.
//!
//! The kinds are split by what they are about, so that an observer names those it cares about, and passes by whole families of
//! others. What happens on the broker comes through as the broker tells it.

use super::instance::Ended;
use super::limit::Limit;
use super::spec::ServiceSpec;
use crate::broker::{ClusterFact, GroupFact, GroupId, LogFact, OffsetsFact, TransactionFact};
use crate::log::{LeaderEpoch, Offset, ProducerId, RecordRef, Setting, TopicId, TopicPartition};
use crate::time::{Instant, Span};
use std::sync::Arc;
use xxhash_rust::xxh64::xxh64;

/// The number of a service in its scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u16);

/// A record's key, as far as it takes to tell it from others: a hash of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyHash(pub u64);

impl KeyHash {
    /// The hash of a key.
    pub fn of(key: &[u8]) -> Self {
        Self(xxh64(key, 0))
    }
}

/// An update of a service that publishes, as far as it takes to tell it from others: a hash of what it says and when that came
/// about. It stays the same however often it is sent, and under whatever number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UpdateHash(pub u64);

impl UpdateHash {
    /// The hash of an update.
    pub fn of(key: Option<&[u8]>, value: Option<&[u8]>, timestamp_ms: i64) -> Self {
        let key = xxh64(key.unwrap_or_default(), timestamp_ms as u64);
        Self(xxh64(value.unwrap_or_default(), key))
    }
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
        /// The producer, if they are part of a transaction: they count once that is committed.
        transactional: Option<ProducerId>,
        /// Whether they carry sequence numbers, by which the log knows those that come again.
        is_numbered: bool,
        /// Where they are.
        partition: TopicPartition,
        /// The offset of the first.
        base_offset: Offset,
        /// How many they are.
        records: u32,
        /// A hash of what is in them.
        content_hash: u64,
        /// What each of them says, if a service published it of its own accord; otherwise empty.
        updates: Arc<[UpdateHash]>,
    },
    /// Something else happened to a partition's log.
    Log(LogFact),
    /// A person changed a setting of a topic.
    TopicConfigured {
        /// The topic.
        topic: TopicId,
        /// The setting.
        setting: Setting,
        /// Its value now, as Kafka writes it.
        value: Arc<str>,
    },
    /// A group's offsets changed.
    Offsets(OffsetsFact),
    /// A group's members, or what they are to read, changed.
    Group(GroupFact),
    /// A transaction, or a transactional producer, came to its end.
    Transaction(TransactionFact),
    /// Something happened to a broker, or to the replicas of a partition.
    Cluster(ClusterFact),
    /// A service went on with the records that it reads.
    Work(WorkEvent),
    /// What a person outside sees of a record that was processed.
    Outcome(Outcome),
    /// Something happened to a service itself.
    Service(ServiceEvent),
}

/// What a service does with the records that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkEvent {
    /// It took records of one partition to work on. What it took before, it is done with.
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
        /// The epoch of the leader that took the last of them, as the reader has it; `None` if nobody knows.
        epoch: Option<LeaderEpoch>,
    },
    /// It finished one record.
    Processed {
        /// The service.
        service: ServiceId,
        /// Its group.
        group: GroupId,
        /// The record's partition.
        partition: TopicPartition,
        /// The record's offset.
        offset: Offset,
        /// Its key, if it has one.
        key: Option<KeyHash>,
        /// The epoch of the leader that took it; `None` for one that was put aside, which does not say it.
        epoch: Option<LeaderEpoch>,
    },
    /// Something else became of a record that it had in hand.
    Fared {
        /// The service.
        service: ServiceId,
        /// Its group.
        group: GroupId,
        /// The partition in which the record was published first.
        partition: TopicPartition,
        /// Its offset there.
        offset: Offset,
        /// Its key, if it has one.
        key: Option<KeyHash>,
        /// The epoch of the leader that took it; `None` for one that was put aside, which does not say it.
        epoch: Option<LeaderEpoch>,
        /// What.
        how: Fared,
    },
}

/// What else can become of a record than that it is processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fared {
    /// The service failed on it, for the so-manieth time in a row.
    Failed(u32),
    /// It was left out.
    Skipped,
    /// It lies in the retry topic, there, as far as the broker has said where.
    SentToRetry(Option<RecordRef>),
    /// It lies in the dead letter topic.
    DeadLettered(Option<RecordRef>),
    /// It was taken out of the dead letter topic, and lies in the retry topic.
    Redriven(Option<RecordRef>),
    /// The service remembered it, and did nothing.
    Deduplicated,
}

/// What a person outside sees of a record that was processed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The service that did it.
    pub service: ServiceId,
    /// The record's partition.
    pub partition: TopicPartition,
    /// The record's offset.
    pub offset: Offset,
    /// The record's timestamp, in milliseconds: when what it tells happened.
    pub timestamp_ms: i64,
    /// What, or whom, it is about.
    pub subject: Arc<str>,
    /// More about the subject.
    pub detail: Arc<str>,
    /// How far the subject has come, if the scenario's records say it.
    pub stage: Arc<str>,
    /// What is to be read.
    pub text: Arc<str>,
}

/// What happens to a service: what a person does to it, and how it fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceEvent {
    /// A person switched it on or off.
    Switched {
        /// The service.
        service: ServiceId,
        /// Whether it is on now.
        online: bool,
    },
    /// A person let it join.
    Added {
        /// The service.
        service: ServiceId,
        /// What it is made of.
        spec: Arc<ServiceSpec>,
        /// The group in which it reads, and the one in which it reads its retry topic.
        groups: Option<(GroupId, Option<GroupId>)>,
        /// Where it begins in each partition that it reads.
        begins: Arc<[Begins]>,
    },
    /// It is gone for good, as a person wanted.
    Removed {
        /// The service.
        service: ServiceId,
        /// The group in which it read.
        group: Option<GroupId>,
    },
    /// One of its instances began, or ended.
    InstanceChanged {
        /// The service.
        service: ServiceId,
        /// Which of its instances, from 0.
        instance: u32,
        /// What happened to it.
        change: InstanceChange,
    },
    /// A person changed one of its settings.
    Configured {
        /// The service.
        service: ServiceId,
        /// The name of the setting.
        setting: &'static str,
        /// Its value now.
        value: Arc<str>,
    },
    /// A person cut it off from the broker, or joined them again.
    NetworkSwitched {
        /// The service.
        service: ServiceId,
        /// Whether they can reach each other now.
        connected: bool,
    },
    /// A person changed how often new entities turn up.
    RateChanged {
        /// The service that publishes them.
        service: ServiceId,
        /// How many a minute.
        arrivals_per_min: u32,
    },
    /// A person let its group begin elsewhere.
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
    /// It was away, and has no more to do than the others.
    CaughtUp {
        /// The service.
        service: ServiceId,
    },
    /// Its producer began, with the settings that it has now.
    ProducerBegan {
        /// The service.
        service: ServiceId,
    },
    /// It hands an update to its producer that it has handed over before, and was not told of: a new record, with a number of its own.
    SentAgain {
        /// The service.
        service: ServiceId,
        /// The update.
        update: UpdateHash,
        /// Why it does not go on waiting.
        why: Resent,
    },
    /// It was told that records which it had published of its own accord are in the log, one behind the other.
    Acknowledged {
        /// The service.
        service: ServiceId,
        /// Where they are.
        partition: TopicPartition,
        /// The offset of the first.
        base_offset: Offset,
        /// How many they are.
        records: u32,
        /// How many times it had sent a record when it sent the first of them, and the last. It sends again what is not
        /// acknowledged when its producer begins anew.
        sends: (u64, u64),
    },
    /// It counts what it sends as written (`acks` is 0), and this never came into the log: nobody took it, or it was lost on the way.
    NeverWritten {
        /// The service.
        service: ServiceId,
        /// The partition it was meant for.
        partition: TopicPartition,
        /// How many records.
        records: u32,
    },
    /// The broker refused a record that it published: the record is larger than the topic takes.
    Refused {
        /// The service.
        service: ServiceId,
        /// The partition it was meant for.
        partition: TopicPartition,
    },
    /// It has come to one of its limits, or is below it again. What has to wait meanwhile is not lost.
    Limited {
        /// The service.
        service: ServiceId,
        /// Which limit.
        limit: Limit,
        /// Whether it is reached now.
        reached: bool,
    },
}

/// Why a service sends an update again itself, which is no retry of its producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resent {
    /// The producer that it was handed to is no more: the service was restarted.
    Restarted,
    /// The producer has given it up (`TimeoutException`), and nobody knows whether it is in the log.
    GivenUp,
}

/// Where a group begins that joins while the world runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begins {
    /// In which partition.
    pub partition: TopicPartition,
    /// The offset at which it begins.
    pub from: Offset,
    /// The offset after the last record that is there.
    pub end: Offset,
    /// The offsets between them at which there is no record for it.
    pub without: Arc<[Offset]>,
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

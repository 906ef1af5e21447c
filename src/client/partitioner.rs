//! Which partition a record goes to.
//!
//! A key decides alone, whatever is available: that is what keeps the records of one key in order. Without a key
//! the producer is free, and the kinds of partitioner differ in what they make of it.

use super::murmur2;
use crate::log::{PartitionId, TopicId};
use std::collections::BTreeMap;
use thiserror::Error;

/// How records without a key are spread, and whether keys count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionerKind {
    /// Kafka's own (KIP-480, KIP-794): without a key, stay on one partition for `sticky_batch_bytes`.
    BuiltIn,
    /// Without a key, stay on one partition until told of a new batch.
    Sticky,
    /// One after another, keys or not.
    RoundRobin,
    /// Without a key, any.
    Murmur2Random,
    /// Without a key, where the empty key goes.
    Murmur2Consistent,
}

/// What a partitioner is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionerConfig {
    /// Its kind.
    pub kind: PartitionerKind,
    /// For [`PartitionerKind::BuiltIn`]: after how many bytes it goes on to another partition (`batch.size`).
    pub sticky_batch_bytes: u32,
}

impl Default for PartitionerConfig {
    fn default() -> Self {
        Self { kind: PartitionerKind::BuiltIn, sticky_batch_bytes: 16_384 }
    }
}

/// Why there is no partition.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PartitionerError {
    /// `INVALID_ARGUMENT`: a setting makes no sense.
    #[error("InvalidArgument: sticky_batch_bytes must be at least 1, but is {sticky_batch_bytes}")]
    InvalidStickyBatchBytes {
        /// What was given.
        sticky_batch_bytes: u32,
    },
    /// `UNKNOWN_TOPIC_OR_PARTITION`: the topic has no partitions.
    #[error("UnknownTopicOrPartition: there is no such topic")]
    UnknownTopicOrPartition,
}

/// A topic as its producer sees it.
#[derive(Clone, Copy, Debug)]
pub struct TopicView<'a> {
    /// The topic.
    pub topic: TopicId,
    /// How many partitions it has.
    pub partitions: u32,
    /// Those that have a leader now, in order.
    pub available: &'a [PartitionId],
}

/// Where the records without a key go at present.
#[derive(Clone, Copy, Debug)]
struct Stuck {
    partition: PartitionId,
    produced_bytes: u64,
}

/// What a topic's load makes likely: a partition is chosen in proportion to how much shorter its queue is than the longest.
#[derive(Clone, Debug)]
struct LoadTable {
    cumulative: Vec<u32>,
    partitions: Vec<PartitionId>,
}

/// Chooses partitions for one producer. Random numbers come from the caller, 31 bits each.
#[derive(Clone, Debug)]
pub struct Partitioner {
    config: PartitionerConfig,
    stuck: BTreeMap<TopicId, Stuck>,
    counters: BTreeMap<TopicId, u32>,
    load: BTreeMap<TopicId, LoadTable>,
}

impl Partitioner {
    /// A partitioner that has chosen nothing yet.
    pub fn new(config: PartitionerConfig) -> Result<Self, PartitionerError> {
        if config.sticky_batch_bytes == 0 {
            return Err(PartitionerError::InvalidStickyBatchBytes { sticky_batch_bytes: 0 });
        }
        Ok(Self::of(config))
    }

    /// Kafka's own, with Kafka's defaults.
    pub fn built_in() -> Self {
        Self::of(PartitionerConfig::default())
    }

    /// The partition for the next record with this key.
    pub fn partition(
        &mut self,
        topic: TopicView<'_>,
        key: Option<&[u8]>,
        random: &mut dyn FnMut() -> u32,
    ) -> Result<PartitionId, PartitionerError> {
        if topic.partitions == 0 {
            return Err(PartitionerError::UnknownTopicOrPartition);
        }
        Ok(match (self.config.kind, key) {
            (PartitionerKind::RoundRobin, _) => self.in_turn(topic),
            (_, Some(key)) => of_key(key, topic.partitions),
            (PartitionerKind::BuiltIn, None) => self.stuck_or(topic, random),
            (PartitionerKind::Sticky, None) => self.stuck_if_available(topic, random),
            (PartitionerKind::Murmur2Random, None) => any(topic, random),
            (PartitionerKind::Murmur2Consistent, None) => of_key(b"", topic.partitions),
        })
    }

    /// Notes that a record without a key was sent, `bytes` long: the built-in kind moves on when a batch is full.
    pub fn sent(&mut self, topic: TopicView<'_>, bytes: u32, random: &mut dyn FnMut() -> u32) {
        let Some(stuck) = self.stuck.get_mut(&topic.topic) else { return };
        stuck.produced_bytes += u64::from(bytes);
        let is_full = stuck.produced_bytes >= u64::from(self.config.sticky_batch_bytes);
        if is_full && self.config.kind == PartitionerKind::BuiltIn {
            let partition = self.next(topic, random);
            self.stuck.insert(topic.topic, Stuck { partition, produced_bytes: 0 });
        }
    }

    /// Notes that a new batch begins: the sticky kind moves on to another partition, if there is one.
    pub fn new_batch(&mut self, topic: TopicView<'_>, random: &mut dyn FnMut() -> u32) {
        if self.config.kind != PartitionerKind::Sticky {
            return;
        }
        let old = self.stuck.get(&topic.topic).map(|stuck| stuck.partition);
        let others: Vec<PartitionId> = topic.available.iter().copied().filter(|id| Some(*id) != old).collect();
        let partition = pick(&others, random).or(old).unwrap_or_else(|| any(topic, random));
        self.stuck.insert(topic.topic, Stuck { partition, produced_bytes: 0 });
    }

    /// Tells how many batches wait for each partition (`partitioner.adaptive.partitioning.enable`).
    pub fn load(&mut self, topic: TopicId, queues: &[(PartitionId, u32)]) {
        let longest = queues.iter().map(|(_, len)| *len).max().unwrap_or(0);
        if queues.iter().all(|(_, len)| *len == longest) {
            self.load.remove(&topic);
            return;
        }
        let mut sum = 0;
        let weights = queues.iter().map(|(_, len)| longest + 1 - len);
        let cumulative = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        let partitions = queues.iter().map(|(partition, _)| *partition).collect();
        self.load.insert(topic, LoadTable { cumulative, partitions });
    }

    fn of(config: PartitionerConfig) -> Self {
        Self { config, stuck: BTreeMap::new(), counters: BTreeMap::new(), load: BTreeMap::new() }
    }

    fn stuck_or(&mut self, topic: TopicView<'_>, random: &mut dyn FnMut() -> u32) -> PartitionId {
        if let Some(stuck) = self.stuck.get(&topic.topic) {
            return stuck.partition;
        }
        let partition = self.next(topic, random);
        self.stuck.insert(topic.topic, Stuck { partition, produced_bytes: 0 });
        partition
    }

    fn stuck_if_available(&mut self, topic: TopicView<'_>, random: &mut dyn FnMut() -> u32) -> PartitionId {
        let partition = self.stuck_or(topic, random);
        if topic.available.is_empty() || topic.available.contains(&partition) {
            return partition;
        }
        self.new_batch(topic, random);
        self.stuck_or(topic, random)
    }

    fn next(&self, topic: TopicView<'_>, random: &mut dyn FnMut() -> u32) -> PartitionId {
        let Some(table) = self.load.get(&topic.topic) else { return any(topic, random) };
        let total = table.cumulative.last().copied().unwrap_or(1);
        let drawn = random() % total;
        table.partitions[table.cumulative.partition_point(|sum| *sum <= drawn)]
    }

    fn in_turn(&mut self, topic: TopicView<'_>) -> PartitionId {
        let counter = self.counters.entry(topic.topic).or_default();
        let turn = *counter;
        *counter = counter.wrapping_add(1) & 0x7fff_ffff;
        pick(topic.available, &mut || turn).unwrap_or(PartitionId(turn % topic.partitions))
    }
}

/// Where `key` goes: `(murmur2(key) & 0x7fffffff) % partitions`.
fn of_key(key: &[u8], partitions: u32) -> PartitionId {
    PartitionId((murmur2(key) as u32 & 0x7fff_ffff) % partitions)
}

fn any(topic: TopicView<'_>, random: &mut dyn FnMut() -> u32) -> PartitionId {
    let drawn = random();
    pick(topic.available, &mut || drawn).unwrap_or(PartitionId(drawn % topic.partitions))
}

fn pick(partitions: &[PartitionId], random: &mut dyn FnMut() -> u32) -> Option<PartitionId> {
    let len = partitions.len() as u32;
    (len > 0).then(|| partitions[(random() % len) as usize])
}

//! Which partition a record goes to.
//!
//! A key decides alone, whatever is available: that is what keeps the records of one key in order. Without a key
//! the producer is free, and the kinds of partitioner differ in what they make of it.

use super::{Batched, murmur2};
use crate::log::{PartitionId, TopicId};
use crate::sorted::SortedMap;
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
    stuck: SortedMap<TopicId, Stuck>,
    counters: SortedMap<TopicId, u32>,
    load: SortedMap<TopicId, LoadTable>,
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
    #[inline]
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

    /// Notes that a record without a key went where [`Partitioner::partition`] said. The built-in kind moves on after
    /// `sticky_batch_bytes`, but not from a batch that has still room, unless it has produced twice as many.
    pub fn sent(&mut self, topic: TopicView<'_>, batched: Batched, random: &mut dyn FnMut() -> u32) {
        let Some(stuck) = self.stuck.get_mut(&topic.topic) else { return };
        stuck.produced_bytes += batched.bytes as u64;
        let enough_bytes = u64::from(self.config.sticky_batch_bytes) * if batched.is_full { 1 } else { 2 };
        if stuck.produced_bytes >= enough_bytes && self.config.kind == PartitionerKind::BuiltIn {
            let partition = self.next(topic, random);
            self.stuck.insert(topic.topic, Stuck { partition, produced_bytes: 0 });
        }
    }

    /// Notes that a new batch begins: the sticky kind moves on to another available partition, or to the only one, or to any if
    /// none is available.
    pub fn new_batch(&mut self, topic: TopicView<'_>, random: &mut dyn FnMut() -> u32) {
        if self.config.kind != PartitionerKind::Sticky {
            return;
        }
        let old = self.stuck.get(&topic.topic).map(|stuck| stuck.partition);
        let partition = match topic.available {
            [only] => *only,
            available => {
                let others: Vec<PartitionId> = available.iter().copied().filter(|id| Some(*id) != old).collect();
                pick(&others, random).unwrap_or_else(|| any(topic, random))
            }
        };
        self.stuck.insert(topic.topic, Stuck { partition, produced_bytes: 0 });
    }

    /// Tells how many batches wait for each partition that is not excluded (`partitioner.adaptive.partitioning.enable`).
    /// Where all are alike and none is excluded, no table is needed.
    pub fn load(&mut self, topic: TopicView<'_>, queues: &[(PartitionId, u32)]) {
        let longest = queues.iter().map(|(_, len)| *len).max().unwrap_or(0);
        let all_alike = queues.iter().all(|(_, len)| *len == longest) && queues.len() >= topic.partitions as usize;
        if queues.is_empty() || all_alike {
            self.load.remove(&topic.topic);
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
        self.load.insert(topic.topic, LoadTable { cumulative, partitions });
    }

    fn of(config: PartitionerConfig) -> Self {
        Self { config, stuck: SortedMap::new(), counters: SortedMap::new(), load: SortedMap::new() }
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
#[inline]
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

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: TopicId = TopicId(0);
    const STICKY_BATCH_BYTES: u32 = 100;

    /// A partitioner of this kind that has chosen from these three partitions before, with random numbers 0, 1, 2 and so on.
    struct Bench {
        partitioner: Partitioner,
        next_random: u32,
    }

    impl Bench {
        fn new(kind: PartitionerKind) -> Self {
            let config = PartitionerConfig { kind, sticky_batch_bytes: STICKY_BATCH_BYTES };
            let mut bench = Self { partitioner: Partitioner::new(config).expect("a valid size"), next_random: 0 };
            assert_eq!(bench.choose(), 0);
            bench
        }

        fn act<T>(
            &mut self,
            available: &[u32],
            act: impl FnOnce(&mut Partitioner, TopicView<'_>, &mut dyn FnMut() -> u32) -> T,
        ) -> T {
            let Self { partitioner, next_random } = self;
            let available: Vec<PartitionId> = available.iter().copied().map(PartitionId).collect();
            let mut random = || {
                *next_random += 1;
                *next_random - 1
            };
            act(partitioner, TopicView { topic: TOPIC, partitions: 3, available: &available }, &mut random)
        }

        fn choose(&mut self) -> u32 {
            self.act(&[0, 1, 2], |it, topic, random| it.partition(topic, None, random)).expect("the topic exists").0
        }

        /// Sends until the partition changes; after how many records it did.
        fn sends_on_one_partition(&mut self, bytes: usize, is_full: bool) -> u32 {
            let first = self.choose();
            (1..=1_000)
                .find(|_| {
                    self.act(&[0, 1, 2], |it, topic, random| it.sent(topic, Batched { bytes, is_full }, random));
                    self.choose() != first
                })
                .expect("it changes some time")
        }

        fn new_batch(&mut self, available: &[u32]) -> u32 {
            self.act(available, Partitioner::new_batch);
            self.choose()
        }
    }

    #[test]
    fn the_built_in_kind_moves_on_when_it_has_filled_a_batch() {
        assert_eq!(Bench::new(PartitionerKind::BuiltIn).sends_on_one_partition(10, true), 10);
    }

    #[test]
    fn the_built_in_kind_stays_with_a_batch_that_has_room_for_up_to_two_batches() {
        assert_eq!(Bench::new(PartitionerKind::BuiltIn).sends_on_one_partition(10, false), 20);
    }

    #[test]
    fn a_new_batch_goes_to_another_partition() {
        assert_ne!(Bench::new(PartitionerKind::Sticky).new_batch(&[0, 1, 2]), 0);
        assert_eq!(Bench::new(PartitionerKind::Sticky).new_batch(&[0, 2]), 2);
    }

    #[test]
    fn a_new_batch_goes_to_the_only_partition_that_is_available() {
        for only in [0, 1, 2] {
            assert_eq!(Bench::new(PartitionerKind::Sticky).new_batch(&[only]), only);
        }
    }

    #[test]
    fn a_new_batch_goes_to_any_partition_when_none_is_available() {
        let mut bench = Bench::new(PartitionerKind::Sticky);
        let seen: Vec<u32> = (0..3).map(|_| bench.new_batch(&[])).collect();
        assert_eq!(seen, [1, 2, 0], "whatever the random number says");
    }

    /// Where records go after the queues of partitions 0, 1 and so on were as long as given, one partition a batch.
    fn check_load(queues: &[(u32, u32)], expect: &[u32]) {
        let mut bench = Bench::new(PartitionerKind::BuiltIn);
        let queues: Vec<_> = queues.iter().map(|(partition, len)| (PartitionId(*partition), *len)).collect();
        bench.act(&[0, 1, 2], |it, topic, _| it.load(topic, &queues));
        bench.next_random = 0;
        let batched = Batched { bytes: STICKY_BATCH_BYTES as usize, is_full: true };
        let chosen = (0..expect.len()).map(|_| {
            bench.act(&[0, 1, 2], |it, topic, random| it.sent(topic, batched, random));
            bench.choose()
        });
        assert_eq!(chosen.collect::<Vec<u32>>(), expect);
    }

    #[test]
    fn a_shorter_queue_is_chosen_more_often() {
        check_load(&[(0, 0), (1, 3), (2, 1)], &[0, 0, 0, 0, 1, 2, 2, 2]);
    }

    #[test]
    fn queues_that_are_all_alike_need_no_table() {
        check_load(&[(0, 4), (1, 4), (2, 4)], &[0, 1, 2, 0]);
    }

    #[test]
    fn an_excluded_partition_is_not_chosen_even_where_the_others_are_alike() {
        check_load(&[(0, 4), (2, 4)], &[0, 2, 0, 2]);
        check_load(&[(1, 0)], &[1, 1, 1]);
    }

    #[test]
    fn without_any_queue_every_partition_is_as_likely() {
        check_load(&[], &[0, 1, 2, 0]);
    }
}

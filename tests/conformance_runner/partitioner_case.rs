//! The shape of a case of `partitioner_behaviour`, and the values that are taken where it leaves something out.

use catchup::client::{PartitionerConfig, PartitionerKind, TopicView};
use catchup::log::{PartitionId, TopicId};
use serde::Deserialize;
use serde_json::Value;

/// The partitioners by the names that the files have for them.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindName {
    #[serde(alias = "built_in", alias = "builtin", alias = "adaptive")]
    Default,
    #[serde(alias = "uniform_sticky")]
    Sticky,
    RoundRobin,
    Murmur2Random,
    #[serde(alias = "murmur2")]
    Murmur2Consistent,
}

/// Where random numbers come from: 0, 1, 2, … is the only source there is.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RandomSource {
    Sequential,
}

/// What a case gives. Not every kind uses every field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    pub(super) partitioner: KindName,
    #[serde(default)]
    pub(super) key_utf8: Option<String>,
    num_partitions: Option<u32>,
    available_partitions: Option<Vec<u32>>,
    topic_exists: Option<bool>,
    #[serde(alias = "sticky_batch_size", alias = "batch_bytes", alias = "batch_size")]
    sticky_batch_bytes: Option<i64>,
    #[serde(alias = "record_size")]
    record_bytes: Option<u32>,
    pub(super) sends: Option<u32>,
    pub(super) sends_before_new_batch: Option<u32>,
    pub(super) sends_after_new_batch: Option<u32>,
    #[serde(default)]
    pub(super) topics: Vec<String>,
    pub(super) new_batch_on: Option<String>,
    #[serde(default)]
    pub(super) then_current_partition_unavailable: bool,
    pub(super) interleaved_other_topic_every: Option<u32>,
    #[serde(alias = "queue_lengths", alias = "partition_queue_sizes")]
    queue_sizes: Option<Vec<u32>>,
    #[serde(alias = "partitions")]
    partition_ids: Option<Vec<u32>>,
    #[serde(rename = "random_source", alias = "random")]
    _random_source: Option<RandomSource>,
    #[serde(rename = "note")]
    _note: Option<Value>,
    #[serde(rename = "rule")]
    _rule: Option<Value>,
}

impl Input {
    /// What the partitioner is made with. A size below 1 is as wrong as 0, and 0 is what the setting's type can say of it.
    /// Without a size, each record is a batch of its own.
    pub(super) fn config(&self) -> PartitionerConfig {
        let kind = match self.partitioner {
            KindName::Default => PartitionerKind::BuiltIn,
            KindName::Sticky => PartitionerKind::Sticky,
            KindName::RoundRobin => PartitionerKind::RoundRobin,
            KindName::Murmur2Random => PartitionerKind::Murmur2Random,
            KindName::Murmur2Consistent => PartitionerKind::Murmur2Consistent,
        };
        let sticky_batch_bytes = u32::try_from(self.sticky_batch_bytes.unwrap_or(1).max(0)).unwrap_or(u32::MAX);
        PartitionerConfig { kind, sticky_batch_bytes }
    }

    /// How large each record is.
    pub(super) fn record_bytes(&self) -> u32 {
        self.record_bytes.unwrap_or(1)
    }

    /// How many partitions the topic has; none if there is no such topic.
    pub(super) fn partitions(&self) -> u32 {
        if self.topic_exists == Some(false) {
            return 0;
        }
        let of_queues = self.queue_sizes.as_ref().map_or(1, |sizes| sizes.len() as u32);
        self.num_partitions.unwrap_or(of_queues)
    }

    /// The partitions that have a leader.
    pub(super) fn available(&self) -> Vec<PartitionId> {
        let given = self.available_partitions.clone();
        given.unwrap_or_else(|| (0..self.partitions()).collect()).into_iter().map(PartitionId).collect()
    }

    /// How many batches wait for each partition, if that is given.
    pub(super) fn queues(&self) -> Result<Option<Vec<(PartitionId, u32)>>, String> {
        let Some(sizes) = &self.queue_sizes else { return Ok(None) };
        let ids = self.partition_ids.clone().unwrap_or_else(|| (0..sizes.len() as u32).collect());
        if ids.len() != sizes.len() {
            return Err(format!("{} queue sizes for {} partitions", sizes.len(), ids.len()));
        }
        Ok(Some(ids.into_iter().map(PartitionId).zip(sizes.iter().copied()).collect()))
    }

    /// The topic with this number, with the partitions that the case gives.
    pub(super) fn view<'a>(&self, topic: TopicId, available: &'a [PartitionId]) -> TopicView<'a> {
        TopicView { topic, partitions: self.partitions(), available }
    }
}

//! The shape of a scenario file, field for field. What the fields may hold is in `validate.rs`.

use indexmap::IndexMap;
use serde::Deserialize;

/// A whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioFile {
    pub(super) version: u32,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) entity: EntityFile,
    #[serde(default)]
    pub(super) opens_at_ms: u64,
    pub(super) network: NetworkFile,
    #[serde(default)]
    pub(super) broker: BrokerFile,
    pub(super) topics: Vec<TopicFile>,
    pub(super) services: Vec<ServiceFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntityFile {
    pub(super) singular: String,
    pub(super) plural: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NetworkFile {
    pub(super) latency_us: [u64; 2],
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BrokerFile {
    #[serde(rename = "group.initial.rebalance.delay.ms")]
    pub(super) group_initial_rebalance_delay_ms: Option<u64>,
    #[serde(rename = "log.retention.check.interval.ms")]
    pub(super) log_retention_check_interval_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicFile {
    pub(super) name: String,
    pub(super) partitions: u32,
    #[serde(default)]
    pub(super) config: TopicConfigFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TopicConfigFile {
    #[serde(rename = "segment.bytes")]
    pub(super) segment_bytes: Option<u64>,
    #[serde(rename = "max.message.bytes")]
    pub(super) max_message_bytes: Option<u64>,
    #[serde(rename = "retention.ms")]
    pub(super) retention_ms: Option<i64>,
    #[serde(rename = "retention.bytes")]
    pub(super) retention_bytes: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceFile {
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) publishes: Option<PublishesFile>,
    pub(super) consumes: Option<ConsumesFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishesFile {
    pub(super) topic: String,
    pub(super) arrivals_per_min: u32,
    #[serde(default)]
    pub(super) in_progress_at_start: u32,
    pub(super) first_number: u64,
    #[serde(default)]
    pub(super) fields: IndexMap<String, Vec<String>>,
    pub(super) stages: Vec<StageFile>,
    pub(super) key: String,
    pub(super) value: IndexMap<String, String>,
    #[serde(default)]
    pub(super) headers: IndexMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StageFile {
    pub(super) name: String,
    pub(super) after_ms: [u64; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsumesFile {
    pub(super) topics: Vec<String>,
    pub(super) group: String,
    #[serde(default = "one")]
    pub(super) instances: u32,
    pub(super) processing_us: [u64; 2],
    #[serde(default)]
    pub(super) config: ConsumerConfigFile,
    pub(super) effect: Option<EffectFile>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsumerConfigFile {
    #[serde(rename = "max.poll.records")]
    pub(super) max_poll_records: Option<u32>,
    #[serde(rename = "session.timeout.ms")]
    pub(super) session_timeout_ms: Option<u64>,
    #[serde(rename = "heartbeat.interval.ms")]
    pub(super) heartbeat_interval_ms: Option<u64>,
    #[serde(rename = "max.poll.interval.ms")]
    pub(super) max_poll_interval_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EffectFile {
    pub(super) view: ViewFile,
    pub(super) title: String,
    pub(super) subject: String,
    #[serde(default)]
    pub(super) detail: String,
    pub(super) by: String,
    #[serde(default)]
    pub(super) texts: IndexMap<String, String>,
    pub(super) otherwise: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewFile {
    Schedule,
    Phones,
}

const fn one() -> u32 {
    1
}

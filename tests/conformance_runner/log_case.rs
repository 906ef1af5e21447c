//! The inputs of log scripts: one partition's settings, and what is done to it step by step.

use catchup::log::{CleanupPolicy, LogConfig};
use serde::Deserialize;

/// Where a script's clock starts unless it says otherwise, in milliseconds.
const START_TIME_MS: i64 = 1_700_000_000_000;
/// The size of one record unless the script says otherwise, in bytes.
const RECORD_BYTES: u64 = 100;
/// How large a record is made at the least, so that its fields find room in it.
const REAL_RECORD_BYTES_MIN: u64 = 1_024;
/// What stands for "no limit".
const UNLIMITED: i64 = -1;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    #[serde(default)]
    pub(super) config: Config,
    pub(super) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    segment_bytes: Option<u64>,
    pub(super) record_bytes: u64,
    segment_ms: Option<i64>,
    retention_ms: i64,
    retention_bytes: i64,
    cleanup_policy: Vec<String>,
    delete_retention_ms: i64,
    min_compaction_lag_ms: i64,
    max_message_bytes: Option<u64>,
    pub(super) start_time_ms: i64,
    pub(super) initial_offset: i64,
    pub(super) auto_high_watermark: bool,
    producer_id_expiration_ms: i64,
}

impl Default for Config {
    fn default() -> Self {
        let log = LogConfig::default();
        Self {
            segment_bytes: None,
            record_bytes: RECORD_BYTES,
            segment_ms: None,
            retention_ms: UNLIMITED,
            retention_bytes: UNLIMITED,
            cleanup_policy: vec!["delete".to_owned()],
            delete_retention_ms: log.delete_retention_ms,
            min_compaction_lag_ms: 0,
            max_message_bytes: None,
            start_time_ms: START_TIME_MS,
            initial_offset: 0,
            auto_high_watermark: true,
            producer_id_expiration_ms: log.producer_id_expiration_ms,
        }
    }
}

impl Config {
    /// How many bytes stand for one of the script's. Its sizes count nothing but records, all of them equally large; ours
    /// are padded to a multiple of that.
    pub(super) fn scale(&self) -> u64 {
        REAL_RECORD_BYTES_MIN.div_ceil(self.record_bytes.max(1))
    }

    /// The same settings for our log.
    pub(super) fn log_config(&self) -> Result<LogConfig, String> {
        let bytes = |bytes: Option<u64>| bytes.map_or(usize::MAX >> 1, |bytes| (bytes * self.scale()) as usize);
        let limit = |limit: i64| (limit != UNLIMITED).then_some(limit);
        let policy = self.cleanup_policy.join(",");
        Ok(LogConfig {
            segment_bytes: bytes(self.segment_bytes),
            segment_ms: self.segment_ms.unwrap_or(i64::MAX),
            max_message_bytes: bytes(self.max_message_bytes),
            cleanup_policy: CleanupPolicy::parse(&policy).ok_or_else(|| format!("no cleanup policy \"{policy}\""))?,
            retention_ms: limit(self.retention_ms),
            retention_bytes: limit(self.retention_bytes).map(|bytes| bytes.unsigned_abs() * self.scale()),
            delete_retention_ms: self.delete_retention_ms,
            min_compaction_lag_ms: self.min_compaction_lag_ms,
            producer_id_expiration_ms: self.producer_id_expiration_ms,
            ..LogConfig::default()
        })
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    #[serde(default)]
    pub(super) key: Option<String>,
    #[serde(default)]
    pub(super) value: Option<String>,
    pub(super) timestamp_ms: Option<i64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Producer {
    pub(super) id: i64,
    pub(super) epoch: i16,
    pub(super) first_sequence: Option<i32>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Isolation {
    LogEnd,
    #[default]
    ReadUncommitted,
    ReadCommitted,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TxnResult {
    Commit,
    Abort,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    #[default]
    Client,
    Replication,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ListSpec {
    Earliest,
    Latest,
    MaxTimestamp,
    Timestamp,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Target {
    Offset(i64),
    Named(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Append {
    pub(super) records: Vec<Record>,
    pub(super) producer: Option<Producer>,
    #[serde(default)]
    pub(super) transactional: bool,
    #[serde(default)]
    pub(super) origin: Origin,
    pub(super) at_offset: Option<i64>,
    pub(super) batch_bytes: Option<u64>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Step {
    Append(Append),
    AppendN {
        n: u32,
        record: Record,
    },
    EndTxn {
        producer: Producer,
        result: TxnResult,
        #[serde(default)]
        coordinator_epoch: i32,
    },
    Roll,
    AdvanceTime {
        ms: i64,
    },
    SetHighWatermark {
        offset: Target,
    },
    Fetch {
        offset: i64,
        #[serde(default)]
        isolation: Isolation,
    },
    ListOffset {
        spec: ListSpec,
        timestamp_ms: Option<i64>,
        #[serde(default)]
        isolation: Isolation,
    },
    DeleteRecords {
        before_offset: i64,
    },
    ApplyRetention,
    TruncateTo {
        offset: i64,
    },
    TruncateFullyAndStartAt {
        offset: i64,
        log_start_offset: Option<i64>,
    },
    CleanableRange {
        last_clean_offset: Option<i64>,
    },
    Compact {
        #[serde(default)]
        first_dirty_offset: i64,
        max_map_entries: Option<usize>,
        upper_bound_offset: Option<i64>,
    },
    ExpireProducers,
    State,
}

//! A topic's settings that its logs obey. Names, units and defaults are Kafka's, but for the size of a segment, which is
//! that of a playground.

use std::fmt;

/// What is done with old records (`cleanup.policy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CleanupPolicy {
    /// `delete`: whole segments go when they are too old or the log is too large.
    #[default]
    Delete,
    /// `compact`: of the records with the same key, the last one stays.
    Compact,
    /// `compact,delete`: both.
    CompactAndDelete,
}

impl CleanupPolicy {
    /// Whether segments are deleted by time and size.
    pub const fn deletes(self) -> bool {
        matches!(self, Self::Delete | Self::CompactAndDelete)
    }

    /// Whether the log is compacted, so that every record needs a key.
    pub const fn compacts(self) -> bool {
        matches!(self, Self::Compact | Self::CompactAndDelete)
    }

    /// The policy as Kafka's setting has it, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "delete" => Some(Self::Delete),
            "compact" => Some(Self::Compact),
            "compact,delete" | "delete,compact" => Some(Self::CompactAndDelete),
            _ => None,
        }
    }
}

impl fmt::Display for CleanupPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delete => "delete",
            Self::Compact => "compact",
            Self::CompactAndDelete => "compact,delete",
        })
    }
}

/// The settings of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment that would outgrow this is sealed and a new one begun.
    pub segment_bytes: usize,
    /// `segment.ms`: a segment whose first record is older than this when one is appended is sealed.
    pub segment_ms: i64,
    /// `max.message.bytes`: the largest batch that is taken.
    pub max_message_bytes: usize,
    /// `cleanup.policy`: what is done with old records.
    pub cleanup_policy: CleanupPolicy,
    /// `retention.ms`: how old a segment's youngest record may become; `None` keeps everything.
    pub retention_ms: Option<i64>,
    /// `retention.bytes`: how large the log may become before its oldest segment goes; `None` is no limit.
    pub retention_bytes: Option<u64>,
    /// `delete.retention.ms`: how long compaction keeps a tombstone or marker that it has seen.
    pub delete_retention_ms: i64,
    /// `min.compaction.lag.ms`: how long a record is safe from compaction.
    pub min_compaction_lag_ms: i64,
    /// `min.cleanable.dirty.ratio`, in percent: how much of the log has to be new before it is compacted.
    pub min_cleanable_dirty_percent: u8,
    /// `producer.id.expiration.ms`: how long an idle producer is remembered.
    pub producer_id_expiration_ms: i64,
}

impl LogConfig {
    /// The largest batch that is taken, which must fit into a segment.
    pub fn batch_bytes_max(&self) -> usize {
        self.max_message_bytes.min(self.segment_bytes)
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 64 * 1024,
            segment_ms: 604_800_000,
            max_message_bytes: 1_048_588,
            cleanup_policy: CleanupPolicy::Delete,
            retention_ms: None,
            retention_bytes: None,
            delete_retention_ms: 86_400_000,
            min_compaction_lag_ms: 0,
            min_cleanable_dirty_percent: 50,
            producer_id_expiration_ms: 86_400_000,
        }
    }
}

//! A topic's settings as its logs obey them. Names, units and defaults are Kafka's, but that segments have the size of a playground,
//! and that nothing gets too old.

use super::Setting;
use std::fmt;
use std::ops::RangeInclusive;
use thiserror::Error;

/// What stands for "no limit".
const UNLIMITED: i64 = -1;

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
    /// `min.cleanable.dirty.ratio`, in percent: a log is compacted when more of it than this is new.
    pub min_cleanable_dirty_percent: u8,
    /// `producer.id.expiration.ms`: how long an idle producer is remembered.
    pub producer_id_expiration_ms: i64,
    /// `min.insync.replicas`: with fewer replicas in sync than this, a batch with `acks=all` is refused.
    pub min_insync_replicas: u32,
    /// `unclean.leader.election.enable`: whether a replica may lead that is not in sync, if no other can.
    pub unclean_leader_election: bool,
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
            min_insync_replicas: 1,
            unclean_leader_election: false,
        }
    }
}

/// Why a setting keeps the value that it had (`INVALID_CONFIG`).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// There is no such setting.
    #[error("InvalidConfig: there is no topic setting \"{name}\"; there are: {known}")]
    UnknownSetting {
        /// What was asked for.
        name: String,
        /// The settings there are.
        known: String,
    },
    /// The value is not one that the setting takes.
    #[error("InvalidConfig: {name} is \"{value}\"; it must be {expected}")]
    InvalidValue {
        /// The setting.
        name: &'static str,
        /// The value.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
}

impl LogConfig {
    /// The value of a setting, as Kafka writes it.
    pub fn value(&self, setting: Setting) -> String {
        let or_unlimited = |limit: Option<i64>| limit.unwrap_or(UNLIMITED).to_string();
        match setting {
            Setting::CleanupPolicy => self.cleanup_policy.to_string(),
            Setting::RetentionMs => or_unlimited(self.retention_ms),
            Setting::RetentionBytes => or_unlimited(self.retention_bytes.map(|bytes| bytes as i64)),
            Setting::SegmentMs => self.segment_ms.to_string(),
            Setting::SegmentBytes => self.segment_bytes.to_string(),
            Setting::MaxMessageBytes => self.max_message_bytes.to_string(),
            Setting::MinCleanableDirtyRatio => ratio_of(self.min_cleanable_dirty_percent),
            Setting::MinCompactionLagMs => self.min_compaction_lag_ms.to_string(),
            Setting::DeleteRetentionMs => self.delete_retention_ms.to_string(),
            Setting::MinInsyncReplicas => self.min_insync_replicas.to_string(),
            Setting::UncleanLeaderElection => self.unclean_leader_election.to_string(),
        }
    }

    /// Why a setting has no effect beside the others, such as `cleanup.policy is compact`; `None` if it has one.
    pub fn no_effect(&self, setting: Setting) -> Option<String> {
        let is_idle = match setting {
            Setting::RetentionMs | Setting::RetentionBytes => !self.cleanup_policy.deletes(),
            Setting::MinCleanableDirtyRatio | Setting::MinCompactionLagMs | Setting::DeleteRetentionMs => {
                !self.cleanup_policy.compacts()
            }
            Setting::CleanupPolicy
            | Setting::SegmentMs
            | Setting::SegmentBytes
            | Setting::MaxMessageBytes
            | Setting::MinInsyncReplicas
            | Setting::UncleanLeaderElection => false,
        };
        is_idle.then(|| format!("{} is {}", Setting::CleanupPolicy.name(), self.cleanup_policy))
    }

    /// Gives a setting another value.
    pub fn set(&mut self, setting: Setting, value: &str) -> Result<(), ConfigError> {
        let value = value.trim();
        self.try_set(setting, value).ok_or_else(|| ConfigError::InvalidValue {
            name: setting.name(),
            value: value.to_owned(),
            expected: setting.expected(),
        })
    }

    fn try_set(&mut self, setting: Setting, value: &str) -> Option<()> {
        let within = |range: RangeInclusive<i64>| value.parse().ok().filter(|number| range.contains(number));
        let limit = || within(UNLIMITED..=i64::MAX).map(|limit| (limit != UNLIMITED).then_some(limit));
        match setting {
            Setting::CleanupPolicy => self.cleanup_policy = CleanupPolicy::parse(value)?,
            Setting::RetentionMs => self.retention_ms = limit()?,
            Setting::RetentionBytes => self.retention_bytes = limit()?.map(i64::unsigned_abs),
            Setting::SegmentMs => self.segment_ms = within(1..=i64::MAX)?,
            Setting::SegmentBytes => self.segment_bytes = within(1_024..=1 << 30)? as usize,
            Setting::MaxMessageBytes => self.max_message_bytes = within(1_024..=1 << 24)? as usize,
            Setting::MinCleanableDirtyRatio => self.min_cleanable_dirty_percent = percent_of(value)?,
            Setting::MinCompactionLagMs => self.min_compaction_lag_ms = within(0..=i64::MAX)?,
            Setting::DeleteRetentionMs => self.delete_retention_ms = within(0..=i64::MAX)?,
            Setting::MinInsyncReplicas => self.min_insync_replicas = within(1..=16)? as u32,
            Setting::UncleanLeaderElection => self.unclean_leader_election = value.parse().ok()?,
        }
        Some(())
    }
}

/// A percentage as a fraction of 1: 50 is `0.5`.
fn ratio_of(percent: u8) -> String {
    let text = format!("{}.{:02}", percent / 100, percent % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A fraction of 1 with at most two decimals as a percentage.
fn percent_of(ratio: &str) -> Option<u8> {
    let (whole, decimals) = ratio.split_once('.').unwrap_or((ratio, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u8>().ok()).flatten();
    let hundredths = match decimals.len() {
        1 => digits(decimals)? * 10,
        2 => digits(decimals)?,
        _ => return None,
    };
    digits(whole).filter(|whole| *whole <= 1)?.checked_mul(100)?.checked_add(hundredths).filter(|it| *it <= 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(setting: &str, value: &str, expect: Result<&str, &str>) {
        let mut config = LogConfig::default();
        let setting = Setting::named(setting).expect("a setting");
        let found = config.set(setting, value).map(|()| config.value(setting)).map_err(|error| error.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expect, "{setting:?} = {value:?}");
        assert!(expect.is_ok() || config == LogConfig::default(), "a refused value changes nothing");
    }

    #[test]
    fn what_has_no_effect_names_the_policy() {
        let idle = |policy: &str| {
            let mut config = LogConfig::default();
            config.set(Setting::CleanupPolicy, policy).expect("a policy");
            Setting::ALL.map(|setting| config.no_effect(setting)).into_iter().flatten().collect::<Vec<_>>()
        };
        assert_eq!(idle("delete"), ["cleanup.policy is delete"; 3]);
        assert_eq!(idle("compact"), ["cleanup.policy is compact"; 2]);
        assert_eq!(idle("compact,delete"), [""; 0]);
    }

    #[test]
    fn every_setting_takes_the_value_that_it_has() {
        for setting in Setting::ALL {
            let mut config = LogConfig::default();
            assert_eq!(config.set(setting, &config.value(setting)), Ok(()));
            assert_eq!(config, LogConfig::default());
        }
    }

    #[test]
    fn values_are_written_as_kafka_writes_them() {
        check(
            "cleanup.policy",
            " compact , delete",
            Err("InvalidConfig: cleanup.policy is \"compact , delete\"; it must be delete, compact or compact,delete"),
        );
        check("cleanup.policy", "delete,compact", Ok("compact,delete"));
        check("retention.ms", "-1", Ok("-1"));
        check("retention.ms", "60000", Ok("60000"));
        check("min.cleanable.dirty.ratio", "0.25", Ok("0.25"));
        check("min.cleanable.dirty.ratio", "1", Ok("1"));
        check("min.cleanable.dirty.ratio", "0", Ok("0"));
    }

    #[test]
    fn values_beyond_the_bounds_are_refused() {
        let segment = "InvalidConfig: segment.bytes is \"14\"; it must be a whole number from 1024 to 1073741824";
        check("segment.bytes", "14", Err(segment));
        let limit = "InvalidConfig: retention.ms is \"-2\"; it must be a whole number from 0, or -1 for no limit";
        check("retention.ms", "-2", Err(limit));
        let ratio = |value: &str| {
            format!(
                "InvalidConfig: min.cleanable.dirty.ratio is \"{value}\"; it must be a number from 0 to 1 with at most two decimals"
            )
        };
        for value in ["1.01", "-0.5", "0.123", "", ".", "0,5", "9.9", "+1"] {
            check("min.cleanable.dirty.ratio", value, Err(&ratio(value)));
        }
    }

    #[test]
    fn a_setting_that_kafka_does_not_have_is_refused_with_those_there_are() {
        let error = Setting::named("retention.days").expect_err("no such setting").to_string();
        assert!(error.contains("\"retention.days\"; there are: cleanup.policy, retention.ms,"), "{error}");
    }
}

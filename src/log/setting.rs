//! A topic's settings, as Kafka calls them: what each means, what it takes, and what it is in Kafka unless somebody sets it.

use super::ConfigError;

/// One of a log's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// `cleanup.policy`
    CleanupPolicy,
    /// `retention.ms`
    RetentionMs,
    /// `retention.bytes`
    RetentionBytes,
    /// `segment.ms`
    SegmentMs,
    /// `segment.bytes`
    SegmentBytes,
    /// `max.message.bytes`
    MaxMessageBytes,
    /// `min.cleanable.dirty.ratio`
    MinCleanableDirtyRatio,
    /// `min.compaction.lag.ms`
    MinCompactionLagMs,
    /// `delete.retention.ms`
    DeleteRetentionMs,
    /// `min.insync.replicas`
    MinInsyncReplicas,
    /// `unclean.leader.election.enable`
    UncleanLeaderElection,
}

impl Setting {
    /// All settings, those that are most often changed first.
    pub const ALL: [Self; 11] = [
        Self::CleanupPolicy,
        Self::RetentionMs,
        Self::RetentionBytes,
        Self::SegmentMs,
        Self::SegmentBytes,
        Self::MaxMessageBytes,
        Self::MinCleanableDirtyRatio,
        Self::MinCompactionLagMs,
        Self::DeleteRetentionMs,
        Self::MinInsyncReplicas,
        Self::UncleanLeaderElection,
    ];

    /// Kafka's name of it, with the unit at the end.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CleanupPolicy => "cleanup.policy",
            Self::RetentionMs => "retention.ms",
            Self::RetentionBytes => "retention.bytes",
            Self::SegmentMs => "segment.ms",
            Self::SegmentBytes => "segment.bytes",
            Self::MaxMessageBytes => "max.message.bytes",
            Self::MinCleanableDirtyRatio => "min.cleanable.dirty.ratio",
            Self::MinCompactionLagMs => "min.compaction.lag.ms",
            Self::DeleteRetentionMs => "delete.retention.ms",
            Self::MinInsyncReplicas => "min.insync.replicas",
            Self::UncleanLeaderElection => "unclean.leader.election.enable",
        }
    }

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::CleanupPolicy => {
                "What happens to old records: they are deleted, or only the last of each key is kept."
            }
            Self::RetentionMs => {
                "How old a segment's newest record gets before the segment is deleted, in milliseconds; -1 is no limit."
            }
            Self::RetentionBytes => {
                "How large a partition may grow, in bytes, before its oldest segment is deleted; -1 is no limit."
            }
            Self::SegmentMs => "How long records go into the same segment, in milliseconds.",
            Self::SegmentBytes => "How large a segment grows, in bytes, before the next one begins.",
            Self::MaxMessageBytes => "The largest batch of records that is taken, in bytes.",
            Self::MinCleanableDirtyRatio => {
                "How much of a partition must not have been cleaned yet before it is compacted, from 0 to 1."
            }
            Self::MinCompactionLagMs => "How long a record is safe from compaction, in milliseconds.",
            Self::DeleteRetentionMs => {
                "How long compaction keeps a tombstone, in milliseconds, so that readers see it."
            }
            Self::MinInsyncReplicas => {
                "How many replicas must be in sync for a record to be taken that asks for all of them (acks=all); with fewer, readers get nothing new either."
            }
            Self::UncleanLeaderElection => {
                "Whether a broker that lacks records may lead if no other can: the topic is there again sooner, and they are lost."
            }
        }
    }

    /// What it takes.
    pub const fn expected(self) -> &'static str {
        match self {
            Self::CleanupPolicy => "delete, compact or compact,delete",
            Self::RetentionMs | Self::RetentionBytes => "a whole number from 0, or -1 for no limit",
            Self::SegmentMs => "a whole number from 1",
            Self::SegmentBytes => "a whole number from 1024 to 1073741824",
            Self::MaxMessageBytes => "a whole number from 1024 to 16777216",
            Self::MinCleanableDirtyRatio => "a number from 0 to 1 with at most two decimals",
            Self::MinCompactionLagMs | Self::DeleteRetentionMs => "a whole number from 0",
            Self::MinInsyncReplicas => "a whole number from 1 to 16",
            Self::UncleanLeaderElection => "true or false",
        }
    }

    /// What the setting is in Kafka unless somebody sets it.
    pub const fn kafka_default(self) -> &'static str {
        match self {
            Self::CleanupPolicy => "delete",
            Self::RetentionMs | Self::SegmentMs => "604800000",
            Self::RetentionBytes => "-1",
            Self::SegmentBytes => "1073741824",
            Self::MaxMessageBytes => "1048588",
            Self::MinCleanableDirtyRatio => "0.5",
            Self::MinCompactionLagMs => "0",
            Self::DeleteRetentionMs => "86400000",
            Self::MinInsyncReplicas => "1",
            Self::UncleanLeaderElection => "false",
        }
    }

    /// The setting called `name`.
    pub fn named(name: &str) -> Result<Self, ConfigError> {
        Self::ALL.into_iter().find(|setting| setting.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            ConfigError::UnknownSetting { name: name.to_owned(), known }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::LogConfig;

    #[test]
    fn what_is_left_out_is_as_in_kafka_but_that_segments_are_small_and_kept() {
        let config = LogConfig::default();
        for setting in Setting::ALL {
            let is_other = matches!(setting, Setting::SegmentBytes | Setting::RetentionMs);
            assert_eq!(config.value(setting) != setting.kafka_default(), is_other, "{}", setting.name());
        }
    }
}

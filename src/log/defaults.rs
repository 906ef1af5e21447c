//! Kafka's own defaults of a topic's settings, for whoever knows those.

use super::Setting;

impl Setting {
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

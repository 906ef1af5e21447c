//! Kafka's own defaults of a client's settings, for whoever knows those: here much is shorter, so that it can be watched.

use super::{ReadSetting, WriteSetting};

impl ReadSetting {
    /// What the setting is in Kafka unless somebody sets it; `None` if it is none of Kafka's.
    pub const fn kafka_default(self) -> Option<&'static str> {
        match self {
            Self::MaxPollRecords => Some("500"),
            Self::AutoOffsetReset => Some("latest"),
            Self::AutoCommitInterval => Some("5000"),
            Self::Assignor => Some("range"),
            Self::SessionTimeout => Some("45000"),
            Self::HeartbeatInterval => Some("3000"),
            Self::MaxPollInterval => Some("300000"),
            Self::RequestTimeout => Some("30000"),
            Self::Instances
            | Self::CommitPolicy
            | Self::Processing
            | Self::FailurePercent
            | Self::OnFailure
            | Self::RetryBackoff
            | Self::AttemptsMax
            | Self::Deduplicate
            | Self::ReadsPoison
            | Self::StaticMembership => None,
        }
    }
}

impl WriteSetting {
    /// What the setting is in Kafka unless somebody sets it.
    pub const fn kafka_default(self) -> &'static str {
        match self {
            Self::Acks => "all",
            Self::Idempotence => "true",
            Self::Linger | Self::InFlight => "5",
            Self::BatchSize => "16384",
            Self::BufferMemory => "33554432",
            Self::Retries => "2147483647",
            Self::RetryBackoff => "100",
            Self::RequestTimeout => "30000",
            Self::DeliveryTimeout => "120000",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ProducerConfig;
    use crate::sim::ReadConfig;

    #[test]
    fn what_a_scenario_leaves_out_is_as_in_kafka_but_for_where_one_begins() {
        let (read, write) = (ReadConfig::default(), ProducerConfig::default());
        for setting in ReadSetting::ALL {
            let Some(expected) = setting.kafka_default() else { continue };
            let is_same = read.value(setting) == expected;
            assert_eq!(is_same, setting != ReadSetting::AutoOffsetReset, "{}", setting.name());
        }
        for setting in WriteSetting::ALL {
            assert_eq!(setting.value(&write), setting.kafka_default(), "{}", setting.name());
        }
    }
}

//! Settings that have no effect as the others are: each says which of the others makes it so.

use super::event::ServiceId;
use super::policy::{CommitPolicy, OnFailure};
use super::read_config::ReadConfig;
use super::read_setting::ReadSetting;
use super::world::World;
use super::write_config::WriteSetting;
use crate::broker::Acks;
use crate::client::ProducerConfig;

impl World {
    /// Why a setting of a service that reads has no effect now, such as `commit_policy is after_processing`; `None` if it has one.
    pub fn no_effect_of_read(&self, id: ServiceId, setting: ReadSetting) -> Option<String> {
        let why = self.config_of(id)?.no_effect(setting)?;
        let is_of_retries = matches!(setting, ReadSetting::RetryBackoff | ReadSetting::AttemptsMax);
        (!is_of_retries || !self.has_retries_before_it(id)).then_some(why)
    }

    /// Whether a service has still to try again what it has put into its retry topic.
    fn has_retries_before_it(&self, id: ServiceId) -> bool {
        let topic = self.service_spec(id).consumes.as_ref().and_then(|consumes| consumes.retry_topic);
        self.retry_group_of(id).zip(topic).is_some_and(|(group, topic)| self.broker().lag(group, &[topic]) > 0)
    }
}

impl ReadConfig {
    /// Why a setting has no effect beside the others, as far as they decide it.
    fn no_effect(&self, setting: ReadSetting) -> Option<String> {
        let commits_by_itself = self.commit_policy == CommitPolicy::Auto;
        let never_fails = self.failure_percent == 0 && self.reads_poison;
        let (waits, counts) = match self.on_failure {
            OnFailure::Stop | OnFailure::Skip => (false, false),
            OnFailure::Retry => (true, false),
            // What is redriven comes back by way of the retry topic.
            OnFailure::RetryTopic | OnFailure::DeadLetter => (true, true),
        };
        let is = |other: ReadSetting| Some(format!("{} is {}", other.name(), self.value(other)));
        match setting {
            ReadSetting::AutoCommitInterval if !commits_by_itself => is(ReadSetting::CommitPolicy),
            ReadSetting::RetryBackoff if !waits => is(ReadSetting::OnFailure),
            ReadSetting::AttemptsMax if !counts => is(ReadSetting::OnFailure),
            ReadSetting::OnFailure | ReadSetting::RetryBackoff | ReadSetting::AttemptsMax if never_fails => Some(
                format!("{} is 0 and {} is true", ReadSetting::FailurePercent.name(), ReadSetting::ReadsPoison.name()),
            ),
            ReadSetting::Instances
            | ReadSetting::CommitPolicy
            | ReadSetting::Processing
            | ReadSetting::FailurePercent
            | ReadSetting::OnFailure
            | ReadSetting::RetryBackoff
            | ReadSetting::AttemptsMax
            | ReadSetting::Deduplicate
            | ReadSetting::ReadsPoison
            | ReadSetting::MaxPollRecords
            | ReadSetting::AutoOffsetReset
            | ReadSetting::AutoCommitInterval
            | ReadSetting::Assignor
            | ReadSetting::StaticMembership
            | ReadSetting::SessionTimeout
            | ReadSetting::HeartbeatInterval
            | ReadSetting::MaxPollInterval
            | ReadSetting::RequestTimeout => None,
        }
    }
}

impl WriteSetting {
    /// Why this setting has no effect beside the others, such as `acks is 0`; `None` if it has one.
    pub fn no_effect(self, config: &ProducerConfig) -> Option<String> {
        let is = |other: Self| Some(format!("{} is {}", other.name(), other.value(config)));
        match self {
            // What is sent is forgotten at once, and not sent again. Of the timeouts one says how long it waits for a connection, the other
            // how long nobody notices that there is none.
            Self::Retries | Self::RetryBackoff | Self::InFlight if config.acks == Acks::Zero => is(Self::Acks),
            Self::RetryBackoff if config.retries == 0 => is(Self::Retries),
            Self::Acks
            | Self::Idempotence
            | Self::Linger
            | Self::BatchSize
            | Self::BufferMemory
            | Self::Retries
            | Self::RetryBackoff
            | Self::RequestTimeout
            | Self::DeliveryTimeout
            | Self::InFlight => None,
        }
    }
}

/// What a setting of a service is in Kafka, if it has another name there or is more than one of Kafka's settings.
pub fn in_kafka(setting: ReadSetting, config: &ReadConfig) -> Option<&'static str> {
    match setting {
        ReadSetting::CommitPolicy => Some(match config.commit_policy {
            CommitPolicy::BeforeProcessing => "enable.auto.commit=false, and commitSync() as soon as it has polled",
            CommitPolicy::AfterProcessing => "enable.auto.commit=false, and commitSync() when the work is done",
            CommitPolicy::Auto => "enable.auto.commit=true",
            CommitPolicy::ExactlyOnce => {
                "enable.auto.commit=false, sendOffsetsToTransaction() with a transactional.id, and isolation.level=read_committed"
            }
        }),
        ReadSetting::StaticMembership if config.static_membership => Some("each instance has a group.instance.id"),
        ReadSetting::StaticMembership => Some("no group.instance.id is set"),
        ReadSetting::Instances => Some("so many consumers with the same group.id"),
        ReadSetting::RetryBackoff | ReadSetting::AttemptsMax => {
            Some("no setting of its own: the service, or its framework, does that")
        }
        ReadSetting::Processing
        | ReadSetting::FailurePercent
        | ReadSetting::OnFailure
        | ReadSetting::Deduplicate
        | ReadSetting::ReadsPoison
        | ReadSetting::MaxPollRecords
        | ReadSetting::AutoOffsetReset
        | ReadSetting::AutoCommitInterval
        | ReadSetting::Assignor
        | ReadSetting::SessionTimeout
        | ReadSetting::HeartbeatInterval
        | ReadSetting::MaxPollInterval
        | ReadSetting::RequestTimeout => None,
    }
}

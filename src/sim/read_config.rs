//! The settings of a service that reads, all of which can be changed while it runs. Where Kafka has a setting, its name
//! and unit are Kafka's.

use super::config_error::ServiceConfigError;
use super::policy::{CommitPolicy, Named, OnFailure};
use super::read_setting::ReadSetting;
use super::read_values::{ms_text, spread_of};
use super::spec::Spread;
use crate::client::{Assignor, AutoOffsetReset};
use crate::log::Isolation;
use crate::time::Span;

/// `fetch.max.wait.ms`, Kafka's default: how long the broker keeps a fetch for which there is nothing yet.
pub(super) const FETCH_MAX_WAIT: Span = Span::from_ms(500);

/// How many heartbeats Kafka recommends within a session at least.
const BEATS_PER_SESSION: u64 = 3;

/// What a service that reads obeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadConfig {
    /// How many instances share the work.
    pub instances: u32,
    /// When it commits.
    pub commit_policy: CommitPolicy,
    /// How long it works on one record.
    pub processing: Spread,
    /// Of a hundred attempts at a record, how many fail.
    pub failure_percent: u8,
    /// What it does when one fails.
    pub on_failure: OnFailure,
    /// How long it waits before it tries a record again; twice as long each time, up to a minute.
    pub retry_backoff: Span,
    /// How often a record is tried in all, by way of the retry topic, before it is put aside.
    pub attempts_max: u32,
    /// Whether it remembers what it has processed, and leaves out what it is given again.
    pub deduplicate: bool,
    /// Whether it can read records that are marked as poison.
    pub reads_poison: bool,
    /// `max.poll.records`.
    pub max_poll_records: u32,
    /// `auto.offset.reset`.
    pub auto_offset_reset: AutoOffsetReset,
    /// `auto.commit.interval.ms`.
    pub auto_commit_interval: Span,
    /// `partition.assignment.strategy`.
    pub assignor: Assignor,
    /// Whether each instance has a `group.instance.id`.
    pub static_membership: bool,
    /// `session.timeout.ms`.
    pub session_timeout: Span,
    /// `heartbeat.interval.ms`.
    pub heartbeat_interval: Span,
    /// `max.poll.interval.ms`.
    pub max_poll_interval: Span,
    /// `request.timeout.ms`.
    pub request_timeout: Span,
}

impl Default for ReadConfig {
    fn default() -> Self {
        Self {
            instances: 1,
            commit_policy: CommitPolicy::default(),
            processing: Spread { min: Span::from_ms(10), max: Span::from_ms(10) },
            failure_percent: 0,
            on_failure: OnFailure::default(),
            retry_backoff: Span::from_ms(1_000),
            attempts_max: 3,
            deduplicate: false,
            reads_poison: false,
            max_poll_records: 500,
            auto_offset_reset: AutoOffsetReset::Earliest,
            auto_commit_interval: Span::from_ms(5_000),
            assignor: Assignor::Range,
            static_membership: false,
            session_timeout: Span::from_ms(45_000),
            heartbeat_interval: Span::from_ms(3_000),
            max_poll_interval: Span::from_ms(300_000),
            request_timeout: Span::from_ms(30_000),
        }
    }
}

impl ReadConfig {
    /// `isolation.level`: an exactly-once service reads committed records only, also those that such a one has put aside.
    pub const fn isolation(&self) -> Isolation {
        match self.commit_policy {
            CommitPolicy::ExactlyOnce => Isolation::ReadCommitted,
            CommitPolicy::BeforeProcessing | CommitPolicy::AfterProcessing | CommitPolicy::Auto => {
                Isolation::ReadUncommitted
            }
        }
    }

    /// The value of a setting as a text.
    pub fn value(&self, setting: ReadSetting) -> String {
        match setting {
            ReadSetting::Instances => self.instances.to_string(),
            ReadSetting::CommitPolicy => self.commit_policy.name().to_owned(),
            ReadSetting::Processing => format!("{} to {}", ms_text(self.processing.min), ms_text(self.processing.max)),
            ReadSetting::FailurePercent => self.failure_percent.to_string(),
            ReadSetting::OnFailure => self.on_failure.name().to_owned(),
            ReadSetting::RetryBackoff => self.retry_backoff.as_ms().to_string(),
            ReadSetting::AttemptsMax => self.attempts_max.to_string(),
            ReadSetting::Deduplicate => self.deduplicate.to_string(),
            ReadSetting::ReadsPoison => self.reads_poison.to_string(),
            ReadSetting::MaxPollRecords => self.max_poll_records.to_string(),
            ReadSetting::AutoOffsetReset => self.auto_offset_reset.name().to_owned(),
            ReadSetting::AutoCommitInterval => self.auto_commit_interval.as_ms().to_string(),
            ReadSetting::Assignor => self.assignor.name().to_owned(),
            ReadSetting::StaticMembership => self.static_membership.to_string(),
            ReadSetting::SessionTimeout => self.session_timeout.as_ms().to_string(),
            ReadSetting::HeartbeatInterval => self.heartbeat_interval.as_ms().to_string(),
            ReadSetting::MaxPollInterval => self.max_poll_interval.as_ms().to_string(),
            ReadSetting::RequestTimeout => self.request_timeout.as_ms().to_string(),
        }
    }

    /// Gives a setting another value, if it is one that it takes and that goes with the others.
    pub fn set(&mut self, setting: ReadSetting, value: &str) -> Result<(), ServiceConfigError> {
        let value = value.trim();
        let refused = |expected: String| {
            let (name, value) = (setting.name(), value.to_owned());
            ServiceConfigError::InvalidValue { name, value, expected }
        };
        let mut changed = self.clone();
        changed.try_set(setting, value).ok_or_else(|| refused(setting.expected()))?;
        changed.check(setting).map_err(refused)?;
        *self = changed;
        Ok(())
    }

    /// What a setting that has just been changed must be instead, to go with the others: an instance that is taken for dead between two
    /// of its own heartbeats would be no use, nor one that gives up every fetch for which the broker waits.
    fn check(&self, changed: ReadSetting) -> Result<(), String> {
        let (beat, session) = (self.heartbeat_interval, self.session_timeout);
        if beat >= session {
            return Err(match changed {
                ReadSetting::SessionTimeout => format!("more than heartbeat.interval.ms, {}", beat.as_ms()),
                _ => format!("less than session.timeout.ms, {}", session.as_ms()),
            });
        }
        if self.request_timeout <= FETCH_MAX_WAIT {
            let wait = FETCH_MAX_WAIT.as_ms();
            return Err(format!(
                "more than fetch.max.wait.ms, {wait}: so long the broker waits for records before it answers"
            ));
        }
        Ok(())
    }

    /// Which other settings have to change first so that `setting` takes `value`, as with those of a producer; `None` if nothing helps.
    pub(super) fn needs(&self, setting: ReadSetting, value: &str) -> Option<Vec<(ReadSetting, String)>> {
        let mut wanted = self.clone();
        if wanted.set(setting, value).is_ok() {
            return Some(Vec::new());
        }
        wanted.try_set(setting, value.trim())?;
        let other = match setting {
            ReadSetting::SessionTimeout => {
                (ReadSetting::HeartbeatInterval, wanted.session_timeout.as_ms() / BEATS_PER_SESSION)
            }
            _ => (ReadSetting::SessionTimeout, wanted.heartbeat_interval.as_ms() * BEATS_PER_SESSION),
        };
        let other = (other.0, other.1.to_string());
        let mut changed = self.clone();
        changed.set(other.0, &other.1).ok()?;
        changed.set(setting, value).ok()?;
        Some(vec![other])
    }

    fn try_set(&mut self, setting: ReadSetting, value: &str) -> Option<()> {
        let number = || value.parse().ok().filter(|number| setting.range().contains(number));
        let ms = || number().map(Span::from_ms);
        match setting {
            ReadSetting::Instances => self.instances = number()? as u32,
            ReadSetting::CommitPolicy => self.commit_policy = CommitPolicy::named(value)?,
            ReadSetting::Processing => self.processing = spread_of(value)?,
            ReadSetting::FailurePercent => self.failure_percent = number()? as u8,
            ReadSetting::OnFailure => self.on_failure = OnFailure::named(value)?,
            ReadSetting::RetryBackoff => self.retry_backoff = ms()?,
            ReadSetting::AttemptsMax => self.attempts_max = number()? as u32,
            ReadSetting::Deduplicate => self.deduplicate = value.parse().ok()?,
            ReadSetting::ReadsPoison => self.reads_poison = value.parse().ok()?,
            ReadSetting::MaxPollRecords => self.max_poll_records = number()? as u32,
            ReadSetting::AutoOffsetReset => self.auto_offset_reset = AutoOffsetReset::named(value)?,
            ReadSetting::AutoCommitInterval => self.auto_commit_interval = ms()?,
            ReadSetting::Assignor => self.assignor = Assignor::named(value)?,
            ReadSetting::StaticMembership => self.static_membership = value.parse().ok()?,
            ReadSetting::SessionTimeout => self.session_timeout = ms()?,
            ReadSetting::HeartbeatInterval => self.heartbeat_interval = ms()?,
            ReadSetting::MaxPollInterval => self.max_poll_interval = ms()?,
            ReadSetting::RequestTimeout => self.request_timeout = ms()?,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;

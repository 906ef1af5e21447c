//! The settings of a service that reads, all of which can be changed while it runs. Where Kafka has a setting, its name
//! and unit are Kafka's.

use super::config_error::ServiceConfigError;
use super::policy::{CommitPolicy, Named, OnFailure};
use super::spec::{INSTANCES_MAX, Spread};
use crate::client::{Assignor, AutoOffsetReset};
use crate::log::Isolation;
use crate::time::Span;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// The longest time that a setting takes: a day.
const MS_MAX: u64 = 86_400_000;
const POLL_RECORDS_MAX: u64 = 10_000;
const ATTEMPTS_MAX: u64 = 100;

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

/// One of the settings of a service that reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadSetting {
    /// `instances`
    Instances,
    /// `commit_policy`
    CommitPolicy,
    /// `processing_ms`
    Processing,
    /// `failure_percent`
    FailurePercent,
    /// `on_failure`
    OnFailure,
    /// `retry_backoff_ms`
    RetryBackoff,
    /// `attempts_max`
    AttemptsMax,
    /// `deduplicate`
    Deduplicate,
    /// `reads_poison`
    ReadsPoison,
    /// `max.poll.records`
    MaxPollRecords,
    /// `auto.offset.reset`
    AutoOffsetReset,
    /// `auto.commit.interval.ms`
    AutoCommitInterval,
    /// `partition.assignment.strategy`
    Assignor,
    /// `static_membership`
    StaticMembership,
    /// `session.timeout.ms`
    SessionTimeout,
    /// `heartbeat.interval.ms`
    HeartbeatInterval,
    /// `max.poll.interval.ms`
    MaxPollInterval,
    /// `request.timeout.ms`
    RequestTimeout,
}

/// How a setting is best asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// One of these words.
    OneOf(Vec<&'static str>),
    /// `true` or `false`.
    Flag,
    /// A text.
    Text,
}

impl ReadSetting {
    /// All settings, those that teach most first.
    pub const ALL: [Self; 18] = [
        Self::Instances,
        Self::CommitPolicy,
        Self::OnFailure,
        Self::FailurePercent,
        Self::Deduplicate,
        Self::Processing,
        Self::MaxPollRecords,
        Self::Assignor,
        Self::StaticMembership,
        Self::ReadsPoison,
        Self::RetryBackoff,
        Self::AttemptsMax,
        Self::AutoOffsetReset,
        Self::AutoCommitInterval,
        Self::MaxPollInterval,
        Self::SessionTimeout,
        Self::HeartbeatInterval,
        Self::RequestTimeout,
    ];

    /// Its name: Kafka's, with dots, where Kafka has the setting.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::CommitPolicy => "commit_policy",
            Self::Processing => "processing_ms",
            Self::FailurePercent => "failure_percent",
            Self::OnFailure => "on_failure",
            Self::RetryBackoff => "retry_backoff_ms",
            Self::AttemptsMax => "attempts_max",
            Self::Deduplicate => "deduplicate",
            Self::ReadsPoison => "reads_poison",
            Self::MaxPollRecords => "max.poll.records",
            Self::AutoOffsetReset => "auto.offset.reset",
            Self::AutoCommitInterval => "auto.commit.interval.ms",
            Self::Assignor => "partition.assignment.strategy",
            Self::StaticMembership => "static_membership",
            Self::SessionTimeout => "session.timeout.ms",
            Self::HeartbeatInterval => "heartbeat.interval.ms",
            Self::MaxPollInterval => "max.poll.interval.ms",
            Self::RequestTimeout => "request.timeout.ms",
        }
    }

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Instances => "How many instances share the work; a partition is read by one of them only.",
            Self::CommitPolicy => {
                "When it says how far it has come: before its work loses records in a crash, after it repeats some, in a transaction neither."
            }
            Self::Processing => "How long it works on a record, in milliseconds: from the shortest to the longest.",
            Self::FailurePercent => "How many of a hundred attempts at a record fail.",
            Self::OnFailure => "What it does with a record on which it fails.",
            Self::RetryBackoff => "How long it waits before it tries a record again; doubles with each attempt.",
            Self::AttemptsMax => {
                "How often a record is tried in all, by way of the retry topic, before it is put aside."
            }
            Self::Deduplicate => {
                "Whether it remembers what it has done, so that a record that comes again costs nothing."
            }
            Self::ReadsPoison => "Whether it can read a poison record: switch it on, and the bug is fixed.",
            Self::MaxPollRecords => "How many records it takes at once, and has in hand when it crashes.",
            Self::AutoOffsetReset => {
                "Where it begins when its group has committed nothing, or what it wants is deleted."
            }
            Self::AutoCommitInterval => "How often the automatic commit commits, in milliseconds.",
            Self::Assignor => {
                "Who decides on the partitions of each instance; a cooperative one stops only what moves."
            }
            Self::StaticMembership => "Whether an instance keeps its place in the group while it starts again.",
            Self::SessionTimeout => "How long after its last heartbeat an instance is taken for dead, in milliseconds.",
            Self::HeartbeatInterval => "How often an instance says that it is alive, in milliseconds.",
            Self::MaxPollInterval => {
                "How long it may work on what it took before it loses its partitions, in milliseconds."
            }
            Self::RequestTimeout => "How long it waits for an answer before it asks again, in milliseconds.",
        }
    }

    /// How it is best asked for.
    pub fn input(self) -> Input {
        match self {
            Self::CommitPolicy => Input::OneOf(CommitPolicy::ALL.iter().map(|it| it.name()).collect()),
            Self::OnFailure => Input::OneOf(OnFailure::ALL.iter().map(|it| it.name()).collect()),
            Self::Assignor => Input::OneOf(Assignor::ALL.map(Assignor::name).to_vec()),
            Self::AutoOffsetReset => Input::OneOf(AutoOffsetReset::ALL.map(AutoOffsetReset::name).to_vec()),
            Self::Deduplicate | Self::ReadsPoison | Self::StaticMembership => Input::Flag,
            Self::Instances
            | Self::Processing
            | Self::FailurePercent
            | Self::RetryBackoff
            | Self::AttemptsMax
            | Self::MaxPollRecords
            | Self::AutoCommitInterval
            | Self::SessionTimeout
            | Self::HeartbeatInterval
            | Self::MaxPollInterval
            | Self::RequestTimeout => Input::Text,
        }
    }

    /// Whether running instances have to be started again to obey it.
    pub const fn needs_restart(self) -> bool {
        match self {
            Self::AutoOffsetReset
            | Self::AutoCommitInterval
            | Self::Assignor
            | Self::StaticMembership
            | Self::SessionTimeout
            | Self::HeartbeatInterval
            | Self::MaxPollInterval
            | Self::RequestTimeout
            | Self::CommitPolicy => true,
            Self::Instances
            | Self::Processing
            | Self::FailurePercent
            | Self::OnFailure
            | Self::RetryBackoff
            | Self::AttemptsMax
            | Self::Deduplicate
            | Self::ReadsPoison
            | Self::MaxPollRecords => false,
        }
    }

    /// What it takes.
    pub fn expected(self) -> String {
        match self.input() {
            Input::OneOf(words) => words.join(", "),
            Input::Flag => "true or false".to_owned(),
            Input::Text if self == Self::Processing => {
                format!("the shortest and the longest, such as \"15 to 45\", up to {MS_MAX}")
            }
            Input::Text => {
                let range = self.range();
                format!("a whole number from {} to {}", range.start(), range.end())
            }
        }
    }

    /// The setting called `name`.
    pub fn named(name: &str) -> Result<Self, ServiceConfigError> {
        Self::ALL.into_iter().find(|setting| setting.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            ServiceConfigError::UnknownSetting { kind: "reads", name: name.to_owned(), known }
        })
    }

    /// Which numbers it takes, if it takes one.
    const fn range(self) -> RangeInclusive<u64> {
        match self {
            Self::Instances => 1..=INSTANCES_MAX as u64,
            Self::FailurePercent => 0..=100,
            Self::AttemptsMax => 1..=ATTEMPTS_MAX,
            Self::MaxPollRecords => 1..=POLL_RECORDS_MAX,
            Self::RetryBackoff | Self::HeartbeatInterval | Self::AutoCommitInterval => 10..=MS_MAX,
            Self::SessionTimeout | Self::MaxPollInterval | Self::RequestTimeout => 100..=MS_MAX,
            Self::CommitPolicy
            | Self::Processing
            | Self::OnFailure
            | Self::Deduplicate
            | Self::ReadsPoison
            | Self::AutoOffsetReset
            | Self::Assignor
            | Self::StaticMembership => 0..=0,
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

    /// Gives a setting another value. An instance that is taken for dead between two of its own heartbeats would be no use,
    /// so that those two are checked against each other.
    pub fn set(&mut self, setting: ReadSetting, value: &str) -> Result<(), ServiceConfigError> {
        let value = value.trim();
        let refused = |expected: String| {
            let (name, value) = (setting.name(), value.to_owned());
            Err(ServiceConfigError::InvalidValue { name, value, expected })
        };
        let mut changed = self.clone();
        if changed.try_set(setting, value).is_none() {
            return refused(setting.expected());
        }
        let (beat, session) = (changed.heartbeat_interval, changed.session_timeout);
        if beat >= session {
            return refused(match setting {
                ReadSetting::SessionTimeout => format!("more than heartbeat.interval.ms, {}", beat.as_ms()),
                _ => format!("less than session.timeout.ms, {}", session.as_ms()),
            });
        }
        *self = changed;
        Ok(())
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

/// Milliseconds with as many decimals as it takes.
fn ms_text(span: Span) -> String {
    let (whole, part) = (span.as_us() / 1_000, span.as_us() % 1_000);
    let mut text = whole.to_string();
    if part > 0 {
        let _ = write!(text, ".{part:03}");
    }
    if part > 0 { text.trim_end_matches('0').to_owned() } else { text }
}

/// `15 to 45`, or one number for both.
fn spread_of(text: &str) -> Option<Spread> {
    let (min, max) = text.split_once("to").unwrap_or((text, text));
    let (min, max) = (us_of(min.trim())?, us_of(max.trim())?);
    let is_spread = min <= max && (1..=MS_MAX * 1_000).contains(&max);
    is_spread.then_some(Spread { min: Span::from_us(min), max: Span::from_us(max) })
}

/// Milliseconds with at most three decimals, in microseconds.
fn us_of(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) || part.len() > 3 {
        return None;
    }
    let us: u64 = format!("{part:0<3}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(us)
}

#[cfg(test)]
mod tests;

//! The settings of a service that reads, one by one: what each is called, what it means, and what it takes.

use super::config_error::ServiceConfigError;
use super::policy::{CommitPolicy, Named, OnFailure};
use super::read_values::MS_MAX;
use super::spec::INSTANCES_MAX;
use crate::client::{Assignor, AutoOffsetReset};
use std::ops::RangeInclusive;

const POLL_RECORDS_MAX: u64 = 10_000;
const ATTEMPTS_MAX: u64 = 100;

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
        Self::OnFailure,
        Self::CommitPolicy,
        Self::Deduplicate,
        Self::Instances,
        Self::Processing,
        Self::FailurePercent,
        Self::ReadsPoison,
        Self::MaxPollRecords,
        Self::Assignor,
        Self::StaticMembership,
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
                "When it commits how far it has come: before the work, a crash loses records; after it, a crash repeats some; in a transaction, its output records and its offset count together or not at all."
            }
            Self::Processing => "How long it works on a record, in milliseconds: from the shortest to the longest.",
            Self::FailurePercent => "How many of a hundred attempts at a record fail.",
            Self::OnFailure => "What it does with a record that it fails on.",
            Self::RetryBackoff => "How long it waits before it tries a record again; doubles with each attempt.",
            Self::AttemptsMax => {
                "How often a record is tried in all, by way of the retry topic, before it is put aside."
            }
            Self::Deduplicate => "Whether it remembers what it has done, so that a repeated record has no effect.",
            Self::ReadsPoison => "Whether it can read a poison record: switch it on, and the bug is fixed.",
            Self::MaxPollRecords => "How many records it takes at once, and has in hand when it crashes.",
            Self::AutoOffsetReset => {
                "Where it begins when its group has committed nothing, or what it wants is deleted."
            }
            Self::AutoCommitInterval => "How often it commits by itself, in milliseconds, if commit_policy is auto.",
            Self::Assignor => {
                "How the partitions are divided among the instances; the group leader, which is one of them, works it out."
            }
            Self::StaticMembership => {
                "Whether an instance keeps its place in the group while it starts again; it does not leave when it is shut down either."
            }
            Self::SessionTimeout => {
                "How long after its last heartbeat an instance is considered dead, in milliseconds."
            }
            Self::HeartbeatInterval => "How often an instance says that it is alive, in milliseconds.",
            Self::MaxPollInterval => {
                "How long it may work between two polls before its client leaves the group, in milliseconds."
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
    pub(super) const fn range(self) -> RangeInclusive<u64> {
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

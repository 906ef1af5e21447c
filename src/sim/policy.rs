//! The decisions that a service that reads has to take: when it commits, and what it does with a record on which it fails.

use crate::json::quoted;

/// When a service commits how far it has come, beside what it does with the records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CommitPolicy {
    /// As soon as it has taken the records, before it does anything with them: at most once.
    BeforeProcessing,
    /// When it is done with them: at least once.
    #[default]
    AfterProcessing,
    /// From time to time, whatever it has taken with earlier polls (`enable.auto.commit`): at least once.
    Auto,
    /// In one transaction with what it publishes for them: exactly once, for those who read committed records only.
    ExactlyOnce,
}

/// What a service does when it fails on a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The instance stops, and leaves its partitions to others.
    Stop,
    /// The record is left out.
    Skip,
    /// It is tried again after a while, and again; all behind it wait.
    #[default]
    Retry,
    /// It is put into a topic of its own and tried again from there, so that nothing waits for it.
    RetryTopic,
    /// It is put aside for somebody to look at.
    DeadLetter,
}

/// A word that stands for a decision, in files and commands.
pub trait Named: Copy + PartialEq + Sized + 'static {
    /// All there are.
    const ALL: &'static [Self];

    /// The word.
    fn name(self) -> &'static str;

    /// What stands behind a word.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// All words, for a message.
    fn known() -> String {
        Self::ALL.iter().map(|known| quoted(known.name())).collect::<Vec<_>>().join(", ")
    }
}

impl Named for CommitPolicy {
    const ALL: &'static [Self] = &[Self::AfterProcessing, Self::BeforeProcessing, Self::Auto, Self::ExactlyOnce];

    fn name(self) -> &'static str {
        match self {
            Self::BeforeProcessing => "before_processing",
            Self::AfterProcessing => "after_processing",
            Self::Auto => "auto",
            Self::ExactlyOnce => "exactly_once",
        }
    }
}

impl Named for OnFailure {
    const ALL: &'static [Self] = &[Self::Retry, Self::RetryTopic, Self::DeadLetter, Self::Skip, Self::Stop];

    fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Skip => "skip",
            Self::Retry => "retry",
            Self::RetryTopic => "retry_topic",
            Self::DeadLetter => "dead_letter",
        }
    }
}

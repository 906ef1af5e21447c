//! One operation of a client: what it did, and how it ended.

use crate::log::{Offset, TopicPartition};
use crate::time::Instant;

/// The place of an operation in its history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpIndex(pub u64);

/// A client: one thread of operations, each of which ends before the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProcessId(pub u64);

/// What was sent. Within one log each is sent once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(pub u64);

/// How far an operation has come, as its client knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// It begins.
    Invoke,
    /// It happened.
    Ok,
    /// It did not happen.
    Fail,
    /// Nobody knows whether it happened.
    Info,
}

/// A value, and where it was seen, if that is known.
pub type Seen = (Option<Offset>, Value);

/// One step of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A value was sent.
    Send {
        /// Where to.
        log: TopicPartition,
        /// Where it was acknowledged, if that is known.
        offset: Option<Offset>,
        /// What.
        value: Value,
    },
    /// Values were polled, by their logs. None while the operation begins.
    Poll(Vec<(TopicPartition, Vec<Seen>)>),
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// It sends and polls, all of it or nothing.
    Transact(Vec<Step>),
    /// From now on it reads these logs and no others, by assignment or by subscription.
    Reads(Vec<TopicPartition>),
}

/// One operation, at its beginning or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// Its place in the history.
    pub index: OpIndex,
    /// When it happened; needed for measures of time only.
    pub at: Instant,
    /// Who did it.
    pub process: ProcessId,
    /// How far it has come.
    pub completion: Completion,
    /// What it does.
    pub does: Does,
    /// Logs that changed hands meanwhile, on whose order within the operation nothing can be based.
    pub rebalanced: Vec<TopicPartition>,
}

/// Values by their logs, in the order in which an operation met them.
pub(super) type ByLog = Vec<(TopicPartition, Vec<Value>)>;

impl Op {
    /// Its steps; none if it only says what it reads.
    pub(super) fn steps(&self) -> &[Step] {
        match &self.does {
            Does::Transact(steps) => steps,
            Does::Reads(_) => &[],
        }
    }

    /// What it sent to each log.
    pub(super) fn sent(&self) -> ByLog {
        let mut sent = ByLog::new();
        for step in self.steps() {
            match step {
                Step::Send { log, value, .. } => add(&mut sent, *log, *value),
                Step::Poll(_) => {}
            }
        }
        sent
    }

    /// What it polled of each log.
    pub(super) fn polled(&self) -> ByLog {
        let mut polled = ByLog::new();
        for step in self.steps() {
            match step {
                Step::Send { .. } => {}
                Step::Poll(logs) => {
                    for (log, pairs) in logs {
                        for (_, value) in pairs {
                            add(&mut polled, *log, *value);
                        }
                    }
                }
            }
        }
        polled
    }
}

fn add(values: &mut ByLog, log: TopicPartition, value: Value) {
    match values.iter_mut().find(|(known, _)| *known == log) {
        Some((_, of_log)) => of_log.push(value),
        None => values.push((log, vec![value])),
    }
}

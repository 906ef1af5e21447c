//! What is neither right nor wrong, and worth knowing.

use super::op::{Completion, Does, Op, OpIndex, ProcessId, Step};
use crate::log::{Offset, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};

/// Where a process goes on with a log, of which it polled something in a transaction that was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewind {
    /// Where the transaction began, as it should.
    Rewound,
    /// Where it ended.
    Unchanged,
    /// Before it began.
    RewoundFurther,
    /// Elsewhere.
    Elsewhere,
}

/// For each poll after an aborted one, where it went on.
pub fn abort_rewinds(history: &[Op]) -> Vec<(OpIndex, TopicPartition, Rewind)> {
    let mut found = Vec::new();
    let mut aborted: SortedMap<(ProcessId, TopicPartition), (Offset, Offset)> = SortedMap::new();
    for op in history.iter().filter(|op| op.completion != Completion::Invoke) {
        for (log, first, last) in stretches(op) {
            let before = aborted.remove(&(op.process, log));
            found.extend(before.map(|before| (op.index, log, rewind(before, first))));
            if op.completion == Completion::Fail {
                aborted.insert((op.process, log), (first, last));
            }
        }
    }
    found
}

fn rewind((first, last): (Offset, Offset), next: Offset) -> Rewind {
    match next {
        _ if next == first => Rewind::Rewound,
        _ if next < first => Rewind::RewoundFurther,
        _ if next > last => Rewind::Unchanged,
        _ => Rewind::Elsewhere,
    }
}

/// The first and the last offset that an operation polled of each log.
fn stretches(op: &Op) -> Vec<(TopicPartition, Offset, Offset)> {
    let mut stretches: Vec<(TopicPartition, Offset, Offset)> = Vec::new();
    for (log, offset) in polled_offsets(op) {
        match stretches.iter_mut().find(|(known, ..)| *known == log) {
            Some((_, _, last)) => *last = offset,
            None => stretches.push((log, offset, offset)),
        }
    }
    stretches
}

fn polled_offsets(op: &Op) -> Vec<(TopicPartition, Offset)> {
    let mut offsets = Vec::new();
    for step in op.steps() {
        match step {
            Step::Send { .. } => {}
            Step::Poll(logs) => {
                for (log, pairs) in logs {
                    offsets.extend(pairs.iter().filter_map(|(offset, _)| Some((*log, (*offset)?))));
                }
            }
        }
    }
    offsets
}

/// The longest that a value was known to be in a log when a process polled and still did not see it. A process that has said what
/// it reads begins before the first value.
pub fn worst_realtime_lag(history: &[Op]) -> Span {
    let mut known: SortedMap<TopicPartition, Vec<(Offset, Instant)>> = SortedMap::new();
    let mut reached: SortedMap<ProcessId, SortedMap<TopicPartition, Offset>> = SortedMap::new();
    let mut invoked: SortedMap<ProcessId, Instant> = SortedMap::new();
    let mut worst = Span::ZERO;
    for op in history {
        let reached = reached.entry(op.process).or_default();
        match (op.completion, &op.does) {
            (Completion::Invoke, _) => drop(invoked.insert(op.process, op.at)),
            (Completion::Ok, Does::Reads(logs)) => begin(reached, logs),
            (Completion::Ok, Does::Transact(_)) => {
                note(op, &mut known, reached);
                let began = invoked.get(&op.process).copied().unwrap_or(op.at);
                let is_poll = op.steps().iter().any(|step| matches!(step, Step::Poll(_)));
                let lags = reached.iter().filter(|_| is_poll).map(|(log, next)| lag(known.get(log), *next, began));
                worst = lags.fold(worst, Span::max);
            }
            (Completion::Fail | Completion::Info, _) => {}
        }
    }
    worst
}

/// Logs that it has read before go on; of others it has read nothing.
fn begin(reached: &mut SortedMap<TopicPartition, Offset>, logs: &[TopicPartition]) {
    reached.retain(|log, _| logs.contains(log));
    for log in logs {
        reached.entry(*log).or_insert(Offset::ZERO);
    }
}

/// Takes in which offsets are known to be there, and how far the process has come.
fn note(
    op: &Op,
    known: &mut SortedMap<TopicPartition, Vec<(Offset, Instant)>>,
    reached: &mut SortedMap<TopicPartition, Offset>,
) {
    for step in op.steps() {
        if let Step::Send { log, offset: Some(offset), .. } = step {
            known.entry(*log).or_default().push((*offset, op.at));
        }
    }
    for (log, offset) in polled_offsets(op) {
        known.entry(log).or_default().push((offset, op.at));
        let next = reached.entry(log).or_insert(Offset::ZERO);
        *next = offset.next().max(*next);
    }
}

/// How long before `now` it was known that there is something at or behind `next`.
fn lag(known: Option<&Vec<(Offset, Instant)>>, next: Offset, now: Instant) -> Span {
    let since =
        known.into_iter().flatten().filter(|(offset, at)| *offset >= next && *at < now).map(|(_, at)| *at).min();
    since.map_or(Span::ZERO, |since| now.since(since))
}

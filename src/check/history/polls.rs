//! From one poll of a process to its next: it has to go on where it was.

use super::anomaly::Anomaly;
use super::op::{Completion, Does, Op, ProcessId, Value};
use super::view::View;
use crate::log::TopicPartition;
use crate::sorted::SortedMap;

/// The operation of a process that last touched a log, and the last value in it.
pub(super) type Last<'a> = SortedMap<TopicPartition, (&'a Op, Value)>;

/// Polls that do not begin right behind the process's poll before. An aborted one has to be rewound, so it moves nothing.
pub(super) fn across_operations(view: &View<'_>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    let mut processes: SortedMap<ProcessId, Last<'_>> = SortedMap::new();
    for op in view.history {
        let last = processes.entry(op.process).or_default();
        forget_what_it_no_longer_reads(last, op);
        for (log, values) in op.polled() {
            let (Some(first), Some(end)) = (values.first(), values.last()) else { continue };
            if let Some((before, value)) = last.get(&log) {
                let jump = view.orders.get(&log).and_then(|order| order.jump(log, [*value, *first]));
                let ops = [before.index, op.index];
                found.extend(jump.map(|jump| match jump.delta {
                    1.. => Anomaly::PollSkip(jump, ops),
                    _ => Anomaly::NonmonotonicPoll(jump, ops),
                }));
            }
            if op.completion == Completion::Ok {
                last.insert(log, (op, *end));
            }
        }
    }
    found
}

/// Of logs that it has given up, a process need not remember anything.
pub(super) fn forget_what_it_no_longer_reads(last: &mut Last<'_>, op: &Op) {
    match (&op.does, op.completion) {
        (Does::Reads(logs), Completion::Ok | Completion::Info) => last.retain(|log, _| logs.contains(log)),
        (Does::Reads(_), Completion::Invoke | Completion::Fail) | (Does::Transact(_), _) => {}
    }
}

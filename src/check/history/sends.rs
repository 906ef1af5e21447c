//! From one send of a process to its next: what it sends later has to lie further on in the log.

use super::anomaly::Anomaly;
use super::op::{Completion, ProcessId};
use super::polls::{Last, forget_what_it_no_longer_reads};
use super::view::View;
use crate::sorted::SortedMap;

/// Sends that lie at or before the process's send before.
pub(super) fn across_operations(view: &View<'_>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    let mut processes: SortedMap<ProcessId, Last<'_>> = SortedMap::new();
    for op in view.ended().filter(|op| op.completion != Completion::Fail) {
        let last = processes.entry(op.process).or_default();
        forget_what_it_no_longer_reads(last, op);
        for (log, values) in op.sent() {
            let (Some(first), Some(end)) = (values.first(), values.last()) else { continue };
            if let Some((before, value)) = last.get(&log) {
                let jump = view.orders.get(&log).and_then(|order| order.jump(log, [*value, *first]));
                let ops = [before.index, op.index];
                found.extend(jump.filter(|jump| jump.delta < 1).map(|jump| Anomaly::NonmonotonicSend(jump, ops)));
            }
            last.insert(log, (op, *end));
        }
    }
    found
}

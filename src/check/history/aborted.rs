//! Reads of what was not, or not yet, committed.

use super::anomaly::Anomaly;
use super::op::Completion;
use super::view::View;

/// Values whose sending failed, and which an operation that happened has polled all the same.
pub(super) fn reads_of_what_failed(view: &View<'_>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    for reader in view.ended().filter(|op| op.completion == Completion::Ok) {
        for (log, values) in reader.polled() {
            for value in values {
                let writer = view.writers.get(&(log, value)).filter(|writer| writer.completion == Completion::Fail);
                found.extend(writer.map(|writer| Anomaly::AbortedRead {
                    log,
                    value,
                    reader: reader.index,
                    writer: writer.index,
                }));
            }
        }
    }
    found
}

/// Values that an operation has sent and polled itself: not even their writer may see them before they are committed.
pub(super) fn reads_of_what_was_not_yet_committed(view: &View<'_>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    for op in view.history {
        let polled = op.polled();
        for (log, values) in op.sent() {
            let seen = polled.iter().find(|(of, _)| *of == log).map_or(&[][..], |(_, seen)| seen);
            let own = values.into_iter().filter(|value| seen.contains(value));
            found.extend(own.map(|value| Anomaly::PrecommittedRead { log, value, op: op.index }));
        }
    }
    found
}

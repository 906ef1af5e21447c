//! A history of operations, and the anomalies that Jepsen's Kafka workload looks for in it, each as a named check.
//!
//! Pure code over what clients did and saw: which values they sent, at which offsets they were acknowledged, what they polled.
//! It knows no broker and no simulation; a run's history is made elsewhere. The rules are those of Jepsen's checker: offsets
//! only order the values of a log, what counts are positions in that order, without its holes.

mod aborted;
mod anomaly;
mod cycles;
mod log_order;
mod lost;
mod measures;
mod op;
mod polls;
mod sends;
mod steps;
mod view;

pub use anomaly::{Anomaly, Check, Jump, Severity};
pub use measures::{Rewind, abort_rewinds, worst_realtime_lag};
pub use op::{Completion, Does, Op, OpIndex, ProcessId, Seen, Step, Value};

use view::View;

/// Everything that is wrong with a history, in the order of the checks.
pub fn anomalies(history: &[Op]) -> Vec<Anomaly> {
    found(
        history,
        &[
            aborted::reads_of_what_failed,
            aborted::reads_of_what_was_not_yet_committed,
            lost::writes,
            lost::unseen,
            log_order::conflicts,
            polls::across_operations,
            sends::across_operations,
            steps::within_operations,
            cycles::of_transactions,
        ],
    )
}

/// What is wrong with the order of the logs of a history, and with who has read them: all that a history without failures and
/// transactions can show.
pub fn anomalies_of_order(history: &[Op]) -> Vec<Anomaly> {
    found(history, &[lost::writes, log_order::conflicts, polls::across_operations, steps::within_operations])
}

fn found(history: &[Op], checks: &[fn(&View<'_>) -> Vec<Anomaly>]) -> Vec<Anomaly> {
    let view = View::of(history);
    checks.iter().flat_map(|check| check(&view)).collect()
}

#[cfg(test)]
mod tests;

//! Within one operation: from one value of a log to the next.

use super::anomaly::{Anomaly, Jump};
use super::op::ByLog;
use super::view::View;

/// What an operation polls or sends in another order than that of the log, or with something between.
pub(super) fn within_operations(view: &View<'_>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    for op in view.history {
        let polled = jumps(view, op.polled()).into_iter().filter(|jump| !op.rebalanced.contains(&jump.log));
        found.extend(polled.map(|jump| match jump.delta {
            1.. => Anomaly::IntPollSkip(jump, op.index),
            _ => Anomaly::IntNonmonotonicPoll(jump, op.index),
        }));
    }
    for op in view.ended() {
        found.extend(jumps(view, op.sent()).into_iter().map(|jump| match jump.delta {
            1.. => Anomaly::IntSendSkip(jump, op.index),
            _ => Anomaly::IntNonmonotonicSend(jump, op.index),
        }));
    }
    found
}

fn jumps(view: &View<'_>, by_log: ByLog) -> Vec<Jump> {
    let mut jumps = Vec::new();
    for (log, values) in by_log {
        let Some(order) = view.orders.get(&log) else { continue };
        jumps.extend(values.windows(2).filter_map(|pair| order.jump(log, [pair[0], pair[1]])));
    }
    jumps
}

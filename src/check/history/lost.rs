//! Values that were acknowledged and that nobody has polled.

use super::anomaly::Anomaly;
use super::op::{Completion, Value};
use super::view::View;
use crate::log::TopicPartition;
use crate::sorted::{SortedMap, SortedSet};

/// Values that nobody polled although somebody polled what lies behind them.
pub(super) fn writes(view: &View<'_>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    for (log, read) in &view.read {
        let Some(order) = view.orders.get(log) else { continue };
        let Some(read_up_to) = read.iter().filter_map(|value| order.first(*value)).max() else { continue };
        let unread = order.last_up_to(read_up_to).filter(|value| !read.contains(value));
        let is_committed = |value: &Value| view.writers.get(&(*log, *value)).is_some_and(|op| view.is_committed(op));
        let lost = unread.filter(is_committed).filter_map(|value| {
            Some(Anomaly::LostWrite { log: *log, value, position: order.first(value)?, read_up_to })
        });
        found.extend(lost);
    }
    found
}

/// Values that were acknowledged and polled by nobody up to the end of the history.
pub(super) fn unseen(view: &View<'_>) -> Vec<Anomaly> {
    let mut unseen: SortedMap<TopicPartition, SortedSet<Value>> = SortedMap::new();
    for op in view.ended().filter(|op| op.completion == Completion::Ok) {
        for (log, values) in op.sent() {
            let is_unread = |value: &Value| !view.read.get(&log).is_some_and(|read| read.contains(value));
            unseen.entry(log).or_default().extend(values.into_iter().filter(is_unread));
        }
    }
    let unseen = unseen.into_iter().filter(|(_, values)| !values.is_empty());
    unseen.map(|(log, values)| Anomaly::Unseen { log, values: values.into_iter().collect() }).collect()
}

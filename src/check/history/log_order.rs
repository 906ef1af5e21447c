//! The order of the values of each log, as far as anybody has seen it.

use super::anomaly::{Anomaly, Jump};
use super::op::Value;
use super::view::View;
use crate::log::{Offset, TopicPartition};
use crate::sorted::SortedMap;

/// The values of one log by the offsets at which they were seen. Positions count the offsets without the holes between.
#[derive(Clone, Debug, Default)]
pub(super) struct LogOrder {
    /// What was seen at each offset: one value, if all agree.
    seen: SortedMap<Offset, Vec<Value>>,
    /// At each position, the value that stands for it: where several conflict, the one that was seen first.
    standing: Vec<Value>,
    positions: SortedMap<Value, Positions>,
}

/// Where a value was seen.
#[derive(Clone, Copy, Debug)]
struct Positions {
    first: usize,
    last: usize,
    /// The last position for which it stands.
    stands_at: Option<usize>,
}

impl LogOrder {
    /// Notes that `value` was seen at `offset`.
    pub(super) fn see(&mut self, offset: Offset, value: Value) {
        let values = self.seen.entry(offset).or_default();
        if !values.contains(&value) {
            values.push(value);
        }
    }

    /// Numbers the positions, once everything was seen.
    pub(super) fn number(&mut self) {
        for (position, values) in self.seen.values().enumerate() {
            let none = Positions { first: position, last: position, stands_at: None };
            for value in values {
                self.positions.entry(*value).or_insert(none).last = position;
            }
            if let Some(value) = values.first() {
                self.standing.push(*value);
                self.positions.entry(*value).or_insert(none).stands_at = Some(position);
            }
        }
    }

    /// The first position of a value, if anybody has seen where it is.
    pub(super) fn first(&self, value: Value) -> Option<usize> {
        self.positions.get(&value).map(|it| it.first)
    }

    /// The values whose last position is at or below `position`, in the order of those.
    pub(super) fn last_up_to(&self, position: usize) -> impl Iterator<Item = Value> {
        let is_last = |value: &Value, at| self.positions.get(value).is_some_and(|it| it.last == at);
        let seen = self.seen.values().enumerate().take(position + 1);
        seen.flat_map(move |(at, values)| values.iter().copied().filter(move |value| is_last(value, at)))
    }

    /// From one value to another, unless the second is right behind the first, or nobody knows where they are.
    pub(super) fn jump(&self, log: TopicPartition, values: [Value; 2]) -> Option<Jump> {
        let [from, to] = values.map(|value| self.positions.get(&value)?.stands_at);
        let (from, to) = (from?, to?);
        let delta = to as i64 - from as i64;
        let skipped = self.standing.get(from + 1..to).unwrap_or_default().to_vec();
        (delta != 1).then_some(Jump { log, values, delta, skipped })
    }

    /// The value that stands right before another.
    pub(super) fn previous(&self, value: Value) -> Option<Value> {
        let position = self.positions.get(&value)?.stands_at?;
        self.standing.get(position.checked_sub(1)?).copied()
    }

    fn conflicts(&self, log: TopicPartition) -> impl Iterator<Item = Anomaly> {
        let seen = self.seen.iter().enumerate().filter(|(_, (_, values))| values.len() > 1);
        seen.map(move |(position, (offset, values))| Anomaly::InconsistentOffsets {
            log,
            offset: *offset,
            position,
            values: values.clone(),
        })
    }

    fn duplicates(&self, log: TopicPartition) -> impl Iterator<Item = Anomaly> {
        let several = self.positions.iter().filter(|(_, it)| it.first < it.last).map(|(value, _)| *value);
        several.map(move |value| {
            let holds = self.seen.iter().filter(|(_, values)| values.contains(&value));
            Anomaly::Duplicate { log, value, offsets: holds.map(|(offset, _)| *offset).collect() }
        })
    }
}

/// Offsets at which not everybody saw the same, and values that are at several.
pub(super) fn conflicts(view: &View<'_>) -> Vec<Anomaly> {
    view.orders.iter().flat_map(|(log, order)| order.conflicts(*log).chain(order.duplicates(*log))).collect()
}

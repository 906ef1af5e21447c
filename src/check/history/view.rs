//! A history with what all checks need to know of it.

use super::log_order::LogOrder;
use super::op::{Completion, Op, Seen, Step, Value};
use crate::log::TopicPartition;
use crate::sorted::{SortedMap, SortedSet};

/// A history, laid out.
pub(super) struct View<'a> {
    pub(super) history: &'a [Op],
    /// What operations that happened have polled of each log.
    pub(super) read: SortedMap<TopicPartition, SortedSet<Value>>,
    /// The operation that sent a value, at its end.
    pub(super) writers: SortedMap<(TopicPartition, Value), &'a Op>,
    pub(super) orders: SortedMap<TopicPartition, LogOrder>,
}

impl<'a> View<'a> {
    pub(super) fn of(history: &'a [Op]) -> Self {
        let mut view = Self { history, read: SortedMap::new(), writers: SortedMap::new(), orders: SortedMap::new() };
        view.note_reads_and_writers();
        view.note_orders();
        view
    }

    /// Those at whose end it is known, or at least said, how they went.
    pub(super) fn ended(&self) -> impl Iterator<Item = &'a Op> + use<'a> {
        self.history.iter().filter(|op| op.completion != Completion::Invoke)
    }

    /// Whether it is known that what an operation sent is there: it happened, or something that it sent was read.
    pub(super) fn is_committed(&self, op: &Op) -> bool {
        match op.completion {
            Completion::Ok => true,
            Completion::Info => {
                let was_read = |log, value| self.read.get(&log).is_some_and(|read| read.contains(&value));
                op.sent().iter().any(|(log, values)| values.iter().any(|value| was_read(*log, *value)))
            }
            Completion::Invoke | Completion::Fail => false,
        }
    }

    fn note_reads_and_writers(&mut self) {
        for op in self.ended() {
            if op.completion == Completion::Ok {
                for (log, values) in op.polled() {
                    self.read.entry(log).or_default().extend(values);
                }
            }
            for (log, values) in op.sent() {
                self.writers.extend(values.into_iter().map(|value| ((log, value), op)));
            }
        }
    }

    /// What was polled is in the log however the poll ended; what was sent only if it is known to have been committed.
    fn note_orders(&mut self) {
        for op in self.history {
            let is_committed = self.is_committed(op);
            for step in op.steps() {
                match step {
                    Step::Send { log, offset: Some(offset), value } if is_committed => {
                        self.orders.entry(*log).or_default().see(*offset, *value);
                    }
                    Step::Send { .. } => {}
                    Step::Poll(logs) => self.note_polled(logs),
                }
            }
        }
        self.orders.values_mut().for_each(LogOrder::number);
    }

    fn note_polled(&mut self, logs: &[(TopicPartition, Vec<Seen>)]) {
        for (log, pairs) in logs {
            let order = self.orders.entry(*log).or_default();
            for (offset, value) in pairs {
                if let Some(offset) = offset {
                    order.see(*offset, *value);
                }
            }
        }
    }
}

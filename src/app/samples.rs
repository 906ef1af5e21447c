//! Numbers taken at regular instants: a row an instant, a column a thing that is measured.

use crate::time::{Instant, Span};

/// Samples, oldest first. Whoever pushes sees to it that they do not become too many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Samples {
    every: Span,
    taken: Vec<Instant>,
    columns: Vec<Vec<u64>>,
}

impl Samples {
    /// No samples yet.
    pub(super) fn new(every: Span, columns: usize) -> Self {
        Self { every, taken: Vec::new(), columns: vec![Vec::new(); columns] }
    }

    /// The time between two.
    pub fn every(&self) -> Span {
        self.every
    }

    /// When each was taken.
    pub fn taken(&self) -> &[Instant] {
        &self.taken
    }

    /// One thing's numbers, as many as there are instants.
    pub fn column(&self, index: usize) -> &[u64] {
        &self.columns[index]
    }

    /// Measures one more thing: it was 0 so far.
    pub(super) fn add_column(&mut self) {
        self.columns.push(vec![0; self.taken.len()]);
    }

    /// Whether `at` is far enough from the latest for another.
    pub(super) fn is_due(&self, at: Instant) -> bool {
        self.taken.last().is_none_or(|last| at.since(*last) >= self.every)
    }

    /// Adds a number to each column.
    pub(super) fn push(&mut self, at: Instant, row: &[u64]) {
        self.taken.push(at);
        for (column, number) in self.columns.iter_mut().zip(row) {
            column.push(*number);
        }
    }

    /// Drops the `count` oldest.
    pub(super) fn drop_first(&mut self, count: usize) {
        self.taken.drain(..count);
        for column in &mut self.columns {
            column.drain(..count);
        }
    }

    /// Drops every second one; from now on they lie twice as far apart.
    pub(super) fn thin_out(&mut self) {
        self.every = self.every + self.every;
        keep_every_second(&mut self.taken);
        for column in &mut self.columns {
            keep_every_second(column);
        }
    }
}

/// Drops every second one, but not the first.
pub(super) fn keep_every_second<T>(items: &mut Vec<T>) {
    let mut index = 0;
    items.retain(|_| {
        index += 1;
        index % 2 == 1
    });
}

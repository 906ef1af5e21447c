//! What is due when, of whatever kind. Ties are broken by the order in which things were put down.

use crate::time::Instant;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

#[derive(Clone, Debug)]
struct Entry<A> {
    at: Instant,
    sequence: u64,
    action: A,
}

/// Things that are due, the earliest first.
#[derive(Clone, Debug)]
pub struct Timetable<A> {
    entries: BinaryHeap<Entry<A>>,
    next_sequence: u64,
}

impl<A> Default for Timetable<A> {
    fn default() -> Self {
        Self { entries: BinaryHeap::new(), next_sequence: 0 }
    }
}

impl<A> Timetable<A> {
    /// Puts down that `action` is due at `at`.
    pub fn put(&mut self, at: Instant, action: A) {
        self.entries.push(Entry { at, sequence: self.next_sequence, action });
        self.next_sequence += 1;
    }

    /// How many things are due.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is due.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// When the next thing is due.
    pub fn next_at(&self) -> Option<Instant> {
        self.entries.peek().map(|entry| entry.at)
    }

    /// Takes the next thing that is due.
    pub fn take(&mut self) -> Option<(Instant, A)> {
        self.entries.pop().map(|entry| (entry.at, entry.action))
    }
}

impl<A> Ord for Entry<A> {
    /// The heap gives the greatest first, so the earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

impl<A> PartialOrd for Entry<A> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<A> PartialEq for Entry<A> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<A> Eq for Entry<A> {}

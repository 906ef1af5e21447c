//! What is due when. Ties are broken by the order in which things were put down.

use super::event::ServiceId;
use crate::broker::{ClientId, Reply, Request, Ticket};
use crate::time::Instant;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Something that will happen.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// A request reaches the broker.
    RequestArrives { ticket: Ticket, request: Request },
    /// An answer reaches its client.
    ReplyArrives(Reply),
    /// Something may be due at the broker.
    BrokerTick,
    /// Something may be due at a client.
    ClientTick(ClientId),
    /// A client has finished the record it works on.
    WorkDone(ClientId),
    /// A new entity turns up, unless the rate was changed since.
    Arrival { service: ServiceId, rate_version: u32 },
    /// An entity reaches its next stage.
    StageDue { service: ServiceId, number: u64 },
}

#[derive(Clone, Debug)]
struct Entry {
    at: Instant,
    sequence: u64,
    action: Action,
}

/// The event queue of the simulation.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    entries: BinaryHeap<Entry>,
    next_sequence: u64,
}

impl Agenda {
    /// Puts down that `action` is due at `at`.
    pub(super) fn put(&mut self, at: Instant, action: Action) {
        self.entries.push(Entry { at, sequence: self.next_sequence, action });
        self.next_sequence += 1;
    }

    /// When the next thing is due.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.entries.peek().map(|entry| entry.at)
    }

    /// Takes the next thing that is due.
    pub(super) fn take(&mut self) -> Option<(Instant, Action)> {
        self.entries.pop().map(|entry| (entry.at, entry.action))
    }
}

impl Ord for Entry {
    /// The heap gives the greatest first, so the earliest is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

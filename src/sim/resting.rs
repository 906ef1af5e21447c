//! Waiting before a record is tried again. Whoever waited without polling would lose its place in the group after
//! `max.poll.interval.ms`; so an instance goes back to the record, and polls with its partitions paused until it is time, as
//! frameworks for Kafka do (`seek`, `pause`, `poll`, `resume`).

use super::event::ServiceId;
use super::instance::{Phase, Role, Running};
use super::origin::Origin;
use super::policy::CommitPolicy;
use super::world::World;
use crate::time::{Instant, Span};

/// The longest wait before a record is tried again.
pub(super) const REST_MAX: Span = Span::from_ms(60_000);

impl World {
    /// Whether an instance waits to try a record again; it polls meanwhile. When the wait is over, it begins with what it has kept.
    pub(super) fn rests(&mut self, id: ServiceId, index: u32) -> bool {
        let now = self.now;
        let Some(running) = self.running_mut(id, index) else { return false };
        if running.rests_until.is_none() {
            return false;
        }
        let taken = running.consumer.poll(now);
        debug_assert!(taken.is_empty(), "all its partitions are paused");
        running.note_changes();
        if running.rests_until.is_some_and(|until| until > now) {
            running.commit_late();
            return true;
        }
        running.rests_until = None;
        running.consumer.set_paused(false);
        if running.work.is_empty() {
            return false;
        }
        running.consumer.stay_away(now);
        self.begin_record(id, index);
        true
    }

    /// Whether the record that the retry instance has just taken is to be tried only later; it goes back to it then. A header that
    /// names a time far away is not believed.
    pub(super) fn comes_too_early(&mut self, id: ServiceId, index: u32) -> bool {
        let now = self.now;
        let Some(running) = self.running_mut(id, index) else { return false };
        let due = running.work.front().filter(|_| running.role == Role::Retry).and_then(Origin::retry_at);
        let Some(due) = due.filter(|due| *due > now) else { return false };
        running.pause_until(due.min(now + REST_MAX));
        running.give_back();
        true
    }
}

impl Running {
    /// Lets go of what it has not done, to be taken again then. What is committed already nobody would ever hand out again: that it
    /// keeps.
    pub(super) fn rest(&mut self, until: Instant) {
        self.pause_until(until);
        match self.policy {
            CommitPolicy::BeforeProcessing => self.phase = Phase::Idle,
            CommitPolicy::AfterProcessing | CommitPolicy::Auto | CommitPolicy::ExactlyOnce => self.stop_here(),
        }
    }

    fn pause_until(&mut self, until: Instant) {
        self.rests_until = Some(until);
        self.consumer.set_paused(true);
    }
}

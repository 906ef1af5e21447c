//! The replicas of one partition: who leads, who is in sync, how far each has come.
//!
//! The records themselves are in one log, which is the leader's: a follower's log is the beginning of it, and so its length says
//! everything. What a new leader does not have is cut off, and is lost at once. In Kafka an old leader still has it until it
//! follows the new one, and could bring it back if it is elected before that, uncleanly; here it cannot.

use super::{BrokerId, CaughtUp, Elected, Election, EpochEnd, FollowerFetch, LeaderEpoch, LeaderEpochs};
use super::{elect, high_watermark, is_caught_up, may_join};
use crate::log::{Offset, OffsetAndEpoch};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// One replica.
#[derive(Clone, Debug)]
struct Replica {
    broker: BrokerId,
    /// Where its log ends.
    log_end: Offset,
    /// The epoch in which it last fetched, or led.
    epoch: LeaderEpoch,
    caught_up: CaughtUp,
    /// Since when it fetches, if it does.
    fetches_since: Option<Instant>,
}

/// The replicas of a partition.
#[derive(Clone, Debug)]
pub struct Replicas {
    assigned: Arc<[BrokerId]>,
    members: Vec<Replica>,
    leader: Option<BrokerId>,
    epoch: LeaderEpoch,
    isr: Arc<[BrokerId]>,
    epochs: LeaderEpochs,
}

/// What decides on who is in sync: a setting, and the time.
#[derive(Clone, Copy, Debug)]
pub(in crate::broker) struct Clock {
    pub(in crate::broker) now: Instant,
    /// `replica.lag.time.max.ms`.
    pub(in crate::broker) lag_max: Span,
}

impl Replicas {
    /// Replicas on these brokers, all of them empty and in sync; the first leads.
    pub(in crate::broker) fn new(assigned: Arc<[BrokerId]>) -> Self {
        let epoch = LeaderEpoch::default();
        let mut epochs = LeaderEpochs::default();
        epochs.assign(epoch, Offset::ZERO);
        let replica = |broker: &BrokerId| Replica {
            broker: *broker,
            log_end: Offset::ZERO,
            epoch,
            caught_up: CaughtUp::at(Instant::START),
            fetches_since: Some(Instant::START),
        };
        let members = assigned.iter().map(replica).collect();
        Self { leader: assigned.first().copied(), isr: assigned.clone(), assigned, members, epoch, epochs }
    }

    /// The brokers that have a replica; the first is the preferred leader.
    pub fn assigned(&self) -> &Arc<[BrokerId]> {
        &self.assigned
    }

    /// Who leads, as far as the controller knows; `None` if nobody can.
    pub fn leader(&self) -> Option<BrokerId> {
        self.leader
    }

    /// How often a leader was elected.
    pub fn epoch(&self) -> LeaderEpoch {
        self.epoch
    }

    /// The replicas that are in sync.
    pub fn isr(&self) -> &Arc<[BrokerId]> {
        &self.isr
    }

    /// Where each epoch begins.
    pub fn epochs(&self) -> &LeaderEpochs {
        &self.epochs
    }

    /// A place in the leader's log, with the epoch in which it is.
    pub(in crate::broker) fn place_at(&self, offset: Offset) -> OffsetAndEpoch {
        OffsetAndEpoch { offset, epoch: self.epochs.of(offset) }
    }

    /// Whether a reader has come to where it is in a log that was not this one, and up to where the two are the same.
    pub(in crate::broker) fn diverges(&self, reader: OffsetAndEpoch, log_end: Offset) -> Option<EpochEnd> {
        let epoch = reader.epoch.filter(|epoch| *epoch < self.epoch)?;
        self.epochs.end_of(epoch, log_end).filter(|known| known.end_offset < reader.offset)
    }

    /// Where the log of a replica ends, if there is one on this broker.
    pub fn log_end_of(&self, broker: BrokerId) -> Option<Offset> {
        self.members.iter().find(|replica| replica.broker == broker).map(|replica| replica.log_end)
    }

    /// `min.insync.replicas`, which cannot be more than there are replicas.
    pub(in crate::broker) fn min_insync(&self, setting: u32) -> usize {
        (setting as usize).min(self.assigned.len())
    }

    /// Whether a leader has nobody in sync to wait for.
    pub(in crate::broker) fn is_alone(&self) -> bool {
        self.isr.len() <= 1
    }

    /// Whether all are in sync and fetch, so that nothing can become of them with time.
    pub(in crate::broker) fn is_whole(&self) -> bool {
        self.isr.len() == self.assigned.len() && self.followers().all(|it| it.fetches_since.is_some())
    }

    /// Takes note that the leader's log ends there now.
    pub(in crate::broker) fn appended(&mut self, log_end: Offset) {
        let (leader, epoch) = (self.leader, self.epoch);
        for replica in self.members.iter_mut().filter(|replica| Some(replica.broker) == leader) {
            (replica.log_end, replica.epoch) = (log_end, epoch);
        }
    }

    /// The followers that have fetched since `sent` show that they have what is before `offset`.
    pub(in crate::broker) fn fetched(&mut self, sent: Instant, offset: Offset, leader_end: Offset, now: Instant) {
        let (leader, epoch) = (self.leader, self.epoch);
        let fetches = |it: &Replica| Some(it.broker) != leader && it.fetches_since.is_some_and(|since| since <= sent);
        for replica in self.members.iter_mut().filter(|replica| fetches(replica)) {
            replica.log_end = replica.log_end.max(offset);
            replica.epoch = epoch;
            replica.caught_up.fetched(FollowerFetch { at: now, offset: replica.log_end, leader_end });
        }
    }

    /// A follower does not fetch any more. Up to now it had all that was there at its last fetch, if it had been at it for
    /// longer than that takes.
    pub(in crate::broker) fn stop_fetching(&mut self, broker: BrokerId, now: Instant) {
        for replica in self.members.iter_mut().filter(|replica| replica.broker == broker) {
            if let Some(since) = replica.fetches_since.take()
                && since < now
            {
                replica.caught_up = CaughtUp::at(now);
            }
        }
    }

    /// A follower begins to fetch from a leader whose log ends at `leader_end`, and first cuts off what that does not have.
    /// Returns whether there is such a replica, and it did not fetch yet.
    pub(in crate::broker) fn begin_fetching(&mut self, broker: BrokerId, leader_end: Offset, now: Instant) -> bool {
        let (leader, epochs) = (self.leader, &self.epochs);
        let is_it = |it: &&mut Replica| it.broker == broker && Some(broker) != leader && it.fetches_since.is_none();
        let Some(replica) = self.members.iter_mut().find(is_it) else { return false };
        replica.log_end = shared_end(replica, epochs, leader_end);
        replica.fetches_since = Some(now);
        true
    }

    /// The high watermark now.
    pub(in crate::broker) fn high_watermark(&self, current: Offset, leader_end: Offset, min: u32, at: Clock) -> Offset {
        let counts = |it: &&Replica| self.isr.contains(&it.broker) || is_about_to_join(it, leader_end, at);
        let others = self.followers().filter(counts).map(|it| Some(it.log_end));
        high_watermark(current, leader_end, others, self.isr.len(), self.min_insync(min))
    }

    /// Takes those among the replicas in sync that may join, and says whether there were any.
    pub(in crate::broker) fn expand(&mut self, high_watermark: Offset) -> bool {
        let Some((_, epoch_start)) = self.epochs.entries().last().copied() else { return false };
        let joins = |it: &&Replica| {
            let is_new = !self.isr.contains(&it.broker) && it.fetches_since.is_some();
            is_new && may_join(it.log_end, high_watermark, epoch_start)
        };
        let joining: Vec<BrokerId> = self.followers().filter(joins).map(|it| it.broker).collect();
        if !joining.is_empty() {
            self.isr = self.isr.iter().copied().chain(joining.iter().copied()).collect();
        }
        !joining.is_empty()
    }

    /// Drops those that lag too long from the replicas in sync, and says whether there were any. One that fetches does not lag:
    /// what it has not got yet is on its way.
    pub(in crate::broker) fn shrink(&mut self, leader_end: Offset, at: Clock) -> bool {
        let lags = |it: &Replica| {
            let is_caught_up = is_caught_up(it.log_end, leader_end, it.caught_up.last(), at.now, at.lag_max);
            it.fetches_since.is_none() && !is_caught_up
        };
        let lagging: Vec<BrokerId> = self.followers().filter(|it| lags(it)).map(|it| it.broker).collect();
        self.leave(&lagging)
    }

    /// Drops a broker from the replicas in sync, unless it is the last of them.
    pub(in crate::broker) fn leave(&mut self, brokers: &[BrokerId]) -> bool {
        let isr: Arc<[BrokerId]> = self.isr.iter().copied().filter(|it| !brokers.contains(it)).collect();
        let is_change = !isr.is_empty() && isr.len() < self.isr.len();
        if is_change {
            self.isr = isr;
        }
        is_change
    }

    /// When somebody is dropped that lags, if nothing else happens.
    pub(in crate::broker) fn shrinks_at(&self, leader_end: Offset, lag_max: Span) -> Option<Instant> {
        let lags =
            |it: &&Replica| self.isr.contains(&it.broker) && it.fetches_since.is_none() && it.log_end != leader_end;
        let due = self.followers().filter(lags).map(|it| it.caught_up.last() + lag_max + Span::from_ms(1));
        due.min()
    }

    /// Elects a leader. If it is another, or there is none any more, the log ends where the new leader's does, which is
    /// returned; the followers do not fetch before they are told to.
    pub(in crate::broker) fn elect(
        &mut self,
        election: Election,
        is_alive: &dyn Fn(BrokerId) -> bool,
        log_end: Offset,
        now: Instant,
    ) -> Option<(Elected, Offset)> {
        let elected = elect(election, &self.assigned, &self.isr, self.leader, is_alive);
        if elected.leader == self.leader {
            return None;
        }
        for broker in self.assigned.clone().iter() {
            self.stop_fetching(*broker, now);
        }
        self.leader = elected.leader;
        self.epoch = self.epoch.next();
        let Some(leader) = elected.leader else { return Some((elected, log_end)) };
        self.isr = elected.isr_after(&self.isr).into();
        let of_leader = self.members.iter().find(|replica| replica.broker == leader);
        let end = of_leader.map_or(log_end, |replica| shared_end(replica, &self.epochs, log_end));
        self.epochs.truncate(end);
        self.epochs.assign(self.epoch, end);
        self.appended(end);
        Some((elected, end))
    }

    fn followers(&self) -> impl Iterator<Item = &Replica> {
        self.members.iter().filter(|replica| Some(replica.broker) != self.leader)
    }
}

/// Whether a follower fetches and has caught up, so that it will be in sync with the next word of it.
fn is_about_to_join(replica: &Replica, leader_end: Offset, at: Clock) -> bool {
    let is_caught_up = is_caught_up(replica.log_end, leader_end, replica.caught_up.last(), at.now, at.lag_max);
    replica.fetches_since.is_some() && is_caught_up
}

/// Up to where the log of a replica is the beginning of the one that ends at `log_end`.
fn shared_end(replica: &Replica, epochs: &LeaderEpochs, log_end: Offset) -> Offset {
    let known = epochs.end_of(replica.epoch, log_end).map_or(replica.log_end, |known| known.end_offset);
    replica.log_end.min(known).min(log_end)
}

//! Lag over time: one sample of every group at regular instants, thinned out as the run grows long.

use crate::broker::GroupId;
use crate::sim::{ServiceId, World};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// The simulated time between two samples at the beginning of a run.
const SAMPLE_EVERY: Span = Span::from_ms(250);
/// How many samples are kept. When they are full, every second one goes, and from then on half as many are taken.
const SAMPLES_MAX: usize = 4_096;
/// How many outages are kept; the oldest go first.
pub(super) const OUTAGES_MAX: usize = 512;

/// A time during which a service was switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Which service.
    pub service: ServiceId,
    /// Since when.
    pub from: Instant,
    /// Until when, if it is over.
    pub to: Option<Instant>,
}

/// The lag of one group over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The service that reads in the group.
    pub service: ServiceId,
    /// The group.
    pub group: GroupId,
    /// The group's name.
    pub name: Arc<str>,
    /// Its lag in records at each sample.
    pub lag: Vec<u64>,
}

/// The lag of all groups over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LagHistory {
    every: Span,
    taken: Vec<Instant>,
    series: Vec<Series>,
    next_at: Instant,
}

impl LagHistory {
    /// No samples yet, of the groups of `world`.
    pub(super) fn of(world: &World) -> Self {
        let series = world.service_ids().filter_map(|service| {
            let group = world.group_of(service)?;
            Some(Series { service, group, name: world.broker().group(group).name().clone(), lag: Vec::new() })
        });
        Self { every: SAMPLE_EVERY, taken: Vec::new(), series: series.collect(), next_at: Instant::START }
    }

    /// When the next sample is to be taken.
    pub(super) fn next_sample_at(&self) -> Instant {
        self.next_at
    }

    /// When each sample was taken.
    pub fn taken(&self) -> &[Instant] {
        &self.taken
    }

    /// The groups, in the order of their services.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// Takes a sample.
    pub(super) fn sample(&mut self, world: &World) {
        if self.taken.len() == SAMPLES_MAX {
            self.thin_out();
        }
        self.taken.push(self.next_at);
        for series in &mut self.series {
            series.lag.push(world.lag(series.service));
        }
        self.next_at += self.every;
    }

    fn thin_out(&mut self) {
        self.every = self.every + self.every;
        keep_every_second(&mut self.taken);
        for series in &mut self.series {
            keep_every_second(&mut series.lag);
        }
        self.next_at = self.taken.last().map_or(self.next_at, |last| *last + self.every);
    }
}

fn keep_every_second<T>(items: &mut Vec<T>) {
    let mut index = 0;
    items.retain(|_| {
        index += 1;
        index % 2 == 1
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;

    #[test]
    fn a_long_run_keeps_a_bounded_number_of_evenly_spaced_samples() {
        let world = World::new(shipped("delivery").expect("a shipped scenario").world, 1);
        let mut history = LagHistory::of(&world);
        for _ in 0..3 * SAMPLES_MAX {
            history.sample(&world);
        }
        assert!(history.taken().len() <= SAMPLES_MAX);
        let gaps: Vec<Span> = history.taken().windows(2).map(|pair| pair[1].since(pair[0])).collect();
        assert!(gaps.iter().all(|gap| *gap == gaps[0]), "the samples are not evenly spaced");
        assert!(history.series().iter().all(|series| series.lag.len() == history.taken().len()));
    }
}

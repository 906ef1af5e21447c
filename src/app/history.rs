//! Lag over time: a sample of every group at regular instants. Those of the last minutes are all kept; of the whole run fewer and
//! fewer are, as it grows long.

use super::lateness::oldest_unread;
use super::samples::Samples;
use crate::broker::{BrokerId, GroupId};
use crate::sim::{Event, ServiceEvent, ServiceId, World};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// The simulated time between two samples of the last minutes, and of the whole run at its beginning.
const SAMPLE_EVERY: Span = Span::from_ms(250);
/// How many of the latest samples are kept at least: ten minutes' worth. There are at most twice as many.
const RECENT_SAMPLES: usize = 2_400;
/// How many samples of the whole run are kept. When they are full, every second one goes, and from then on half as many are taken.
const RUN_SAMPLES_MAX: usize = 4_096;
/// Up to what lag of each group a run counts as started.
const STARTED_LAG_MAX: u64 = 5;
/// How many outages are kept; the oldest go first.
pub(super) const OUTAGES_MAX: usize = 512;

/// Whom something on the time line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A service.
    Service(ServiceId),
    /// A broker.
    Broker(BrokerId),
}

/// A time during which a service or a broker was switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Which.
    pub who: Who,
    /// Since when.
    pub from: Instant,
    /// Until when, if it is over.
    pub to: Option<Instant>,
}

/// A group whose lag is sampled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The service that reads in the group.
    pub service: ServiceId,
    /// The group.
    pub group: GroupId,
    /// The group's name.
    pub name: Arc<str>,
}

/// The lag of all groups over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LagHistory {
    series: Vec<Series>,
    recent: Samples,
    run: Samples,
    next_at: Instant,
    /// When nothing was left of the peak that a run begins with.
    started_at: Option<Instant>,
}

impl LagHistory {
    /// No samples yet, of the groups of `world`.
    pub(super) fn of(world: &World) -> Self {
        let series = world.service_ids().filter_map(|service| {
            let group = world.group_of(service)?;
            Some(Series { service, group, name: world.broker().group(group).name().clone() })
        });
        let series: Vec<Series> = series.collect();
        let none = Samples::new(SAMPLE_EVERY, 2 * series.len());
        Self { series, recent: none.clone(), run: none, next_at: Instant::START, started_at: None }
    }

    /// A group joins: it had no lag before.
    pub(super) fn observe(&mut self, event: &Event, world: &World) {
        let Event::Service(ServiceEvent::Added { service, groups: Some((group, _)), .. }) = *event else { return };
        self.series.push(Series { service, group, name: world.broker().group(group).name().clone() });
        for samples in [&mut self.recent, &mut self.run] {
            samples.add_column();
            samples.add_column();
        }
    }

    /// When the next sample is to be taken.
    pub(super) fn next_sample_at(&self) -> Instant {
        self.next_at
    }

    /// When for the first time everybody had read what came while the services started.
    pub(super) const fn started_at(&self) -> Option<Instant> {
        self.started_at
    }

    /// How many samples are kept.
    pub(super) fn samples_kept(&self) -> usize {
        self.recent.taken().len() + self.run.taken().len()
    }

    /// The groups, in the order of their services.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// The closest samples that reach back to `from`: a column a group with its lag in records, and then a column a group with the age
    /// of its oldest unread record in milliseconds.
    pub fn samples_since(&self, from: Instant) -> &Samples {
        let reaches_back = self.recent.taken().first().is_none_or(|first| *first <= from);
        if reaches_back { &self.recent } else { &self.run }
    }

    /// Takes a sample.
    pub(super) fn sample(&mut self, world: &World) {
        let both = |it: &Series| [world.lag(it.service), oldest_unread(world, it.service).as_ms()];
        let lag: Vec<u64> = self.series.iter().flat_map(both).collect();
        if self.next_at > Instant::START && lag.iter().step_by(2).all(|lag| *lag <= STARTED_LAG_MAX) {
            self.started_at.get_or_insert(self.next_at);
        }
        if self.recent.taken().len() == 2 * RECENT_SAMPLES {
            self.recent.drop_first(RECENT_SAMPLES);
        }
        self.recent.push(self.next_at, &lag);
        if self.run.taken().len() == RUN_SAMPLES_MAX {
            self.run.thin_out();
        }
        if self.run.is_due(self.next_at) {
            self.run.push(self.next_at, &lag);
        }
        self.next_at += SAMPLE_EVERY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;

    const FOUR_DAYS: usize = 4 * 24 * 60 * 60 * 4;

    fn history_after(samples: usize) -> LagHistory {
        let world = World::new(shipped("delivery").expect("a shipped scenario").world, 1);
        let mut history = LagHistory::of(&world);
        for _ in 0..samples {
            history.sample(&world);
        }
        history
    }

    /// The one gap that lies between any two neighbours.
    fn gap_of(samples: &Samples) -> Span {
        let gaps: Vec<Span> = samples.taken().windows(2).map(|pair| pair[1].since(pair[0])).collect();
        assert!(gaps.iter().all(|gap| *gap == gaps[0]), "the samples are not evenly spaced");
        gaps[0]
    }

    #[test]
    fn a_long_run_keeps_a_bounded_number_of_evenly_spaced_samples() {
        let history = history_after(FOUR_DAYS);
        assert!(history.run.taken().len() <= RUN_SAMPLES_MAX);
        assert!(history.run.taken().len() > RUN_SAMPLES_MAX / 4);
        assert!(history.recent.taken().len() <= 2 * RECENT_SAMPLES);
        assert_eq!(gap_of(&history.run), history.run.every());
        assert_eq!(history.run.taken()[0], Instant::START);
        for samples in [&history.run, &history.recent] {
            assert!((0..2).all(|group| samples.column(group).len() == samples.taken().len()));
        }
    }

    #[test]
    fn the_last_ten_minutes_of_a_long_run_are_as_fine_as_its_first() {
        for samples in [FOUR_DAYS, FOUR_DAYS + 1_000, FOUR_DAYS + 2_000, FOUR_DAYS + 3_000] {
            let history = history_after(samples);
            let now = history.next_sample_at();
            for span_ms in [120_000, 600_000] {
                let from = Instant::from_us(now.as_us() - Span::from_ms(span_ms).as_us());
                let shown = history.samples_since(from);
                assert_eq!(gap_of(shown), SAMPLE_EVERY, "{span_ms} ms");
                assert!(shown.taken()[0] <= from, "{span_ms} ms");
            }
        }
    }

    #[test]
    fn the_whole_of_a_run_goes_back_to_its_beginning() {
        for samples in [1, 1_000, 2 * RECENT_SAMPLES + 1, FOUR_DAYS] {
            assert_eq!(history_after(samples).samples_since(Instant::START).taken()[0], Instant::START);
        }
    }
}

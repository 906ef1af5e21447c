//! How much each service does per second, over the last few seconds of simulated time.

use crate::log::TopicId;
use crate::sim::{Event, ServiceId, WorkEvent, World};
use crate::time::{Instant, Span};
use std::collections::VecDeque;

/// How far back a count is compared with.
const WINDOW: Span = Span::from_ms(5_000);
/// The simulated time between two samples of the counts, of which there are never more than fit into the window and two.
const SAMPLE_EVERY: Span = Span::from_ms(250);

/// Counts of records that each service has published or processed, and that have arrived for it.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    /// First what each service did, and then what has arrived for each.
    counts: Vec<u64>,
    /// The topics that each service reads.
    topics: Vec<Vec<TopicId>>,
    /// Which services publish of their own accord. What others publish is a consequence of what they process.
    publishes: Vec<bool>,
    past: VecDeque<(Instant, Vec<u64>)>,
    next_at: Instant,
}

impl Rates {
    pub(super) fn of(world: &World) -> Self {
        let publishes: Vec<bool> = world.service_ids().map(|id| world.service_spec(id).publishes.is_some()).collect();
        let topics = world.service_ids().map(|id| {
            world.service_spec(id).consumes.as_ref().map(|consumes| consumes.topics.clone()).unwrap_or_default()
        });
        Self {
            counts: vec![0; 2 * publishes.len()],
            topics: topics.collect(),
            publishes,
            past: VecDeque::new(),
            next_at: Instant::START,
        }
    }

    pub(super) fn observe(&mut self, event: &Event) {
        if let Event::Appended { partition, records, .. } = event {
            let arrived = self.counts.iter_mut().skip(self.topics.len()).zip(&self.topics);
            for (count, _) in arrived.filter(|(_, topics)| topics.contains(&partition.topic)) {
                *count += u64::from(*records);
            }
        }
        let (service, records) = match *event {
            Event::Appended { service: Some(service), records, .. } if self.publishes[usize::from(service.0)] => {
                (service, u64::from(records))
            }
            Event::Work(WorkEvent::Processed { service, .. }) => (service, 1),
            Event::Work(WorkEvent::Polled { .. } | WorkEvent::Fared { .. })
            | Event::Appended { .. }
            | Event::Log(_)
            | Event::TopicConfigured { .. }
            | Event::Offsets(_)
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Outcome(_)
            | Event::Service(_) => return,
        };
        self.counts[usize::from(service.0)] += records;
    }

    /// When the next sample is to be taken.
    pub(super) fn next_sample_at(&self) -> Instant {
        self.next_at
    }

    /// Takes a sample.
    pub(super) fn sample(&mut self) {
        let now = self.next_at;
        self.past.push_back((now, self.counts.clone()));
        while self.past.get(1).is_some_and(|(at, _)| now.since(*at) >= WINDOW) {
            self.past.pop_front();
        }
        self.next_at += SAMPLE_EVERY;
    }

    /// Records a second that a service has published or processed, times ten.
    pub(super) fn tenths_per_s(&self, service: ServiceId) -> u64 {
        self.rate(usize::from(service.0))
    }

    /// Records a second that have arrived for a service, times ten.
    pub(super) fn arrival_tenths_per_s(&self, service: ServiceId) -> u64 {
        self.rate(self.topics.len() + usize::from(service.0))
    }

    fn rate(&self, index: usize) -> u64 {
        let (Some((from, first)), Some((to, last))) = (self.past.front(), self.past.back()) else { return 0 };
        ((last[index] - first[index]) * 10_000).checked_div(to.since(*from).as_ms()).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::GroupId;
    use crate::log::{Offset, TopicPartition};
    use crate::scenario::shipped;

    #[test]
    fn a_rate_is_that_of_the_last_seconds_however_long_the_run() {
        let mut rates = Rates::of(&World::new(shipped("delivery").expect("a shipped scenario").world, 1));
        let (service, group, partition, offset) = (ServiceId(1), GroupId(0), TopicPartition::default(), Offset::ZERO);
        while rates.next_sample_at() < Instant::from_ms(4 * 24 * 3_600_000) {
            rates.observe(&Event::Work(WorkEvent::Processed { service, group, partition, offset, key: None }));
            rates.sample();
        }
        assert_eq!(rates.tenths_per_s(service), 40, "four a second");
        let quiet_since = rates.next_sample_at();
        while rates.next_sample_at() <= quiet_since + WINDOW {
            rates.sample();
        }
        assert_eq!(rates.tenths_per_s(service), 0);
        assert!(rates.past.len() as u64 <= WINDOW.as_ms() / SAMPLE_EVERY.as_ms() + 2);
    }
}

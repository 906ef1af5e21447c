//! How much each service does per second, over the last few seconds of simulated time.

use crate::log::TopicId;
use crate::sim::{Event, ServiceEvent, ServiceId, ServiceSpec, WorkEvent, World};
use crate::time::{Instant, Span};
use std::collections::VecDeque;

/// How far back a count is compared with.
const WINDOW: Span = Span::from_ms(5_000);
/// The simulated time between two samples of the counts, of which there are never more than fit into the window and two.
const SAMPLE_EVERY: Span = Span::from_ms(250);

/// What is counted of one service.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// Records that it has published or processed.
    done: u64,
    /// Records that have arrived for it.
    arrived: u64,
}

/// Counts of records that each service has published or processed, and that have arrived for it.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    counts: Vec<Count>,
    /// The topics that each service reads.
    topics: Vec<Vec<TopicId>>,
    /// Which services publish of their own accord. What others publish is a consequence of what they process.
    publishes: Vec<bool>,
    past: VecDeque<(Instant, Vec<Count>)>,
    next_at: Instant,
}

impl Rates {
    pub(super) fn of(world: &World) -> Self {
        let (counts, topics, publishes, past) = (Vec::new(), Vec::new(), Vec::new(), VecDeque::new());
        let mut rates = Self { counts, topics, publishes, past, next_at: Instant::START };
        world.service_ids().for_each(|id| rates.add(world.service_spec(id)));
        rates
    }

    fn add(&mut self, spec: &ServiceSpec) {
        self.counts.push(Count::default());
        self.topics.push(spec.consumes.as_ref().map(|consumes| consumes.topics.clone()).unwrap_or_default());
        self.publishes.push(spec.publishes.is_some());
    }

    pub(super) fn observe(&mut self, event: &Event) {
        match *event {
            Event::Appended { service, partition, records, .. } => {
                let records = u64::from(records);
                for (count, _) in
                    self.counts.iter_mut().zip(&self.topics).filter(|(_, it)| it.contains(&partition.topic))
                {
                    count.arrived += records;
                }
                if let Some(id) = service.filter(|id| self.publishes[usize::from(id.0)]) {
                    self.counts[usize::from(id.0)].done += records;
                }
            }
            Event::Work(WorkEvent::Processed { service, .. }) => self.counts[usize::from(service.0)].done += 1,
            Event::Service(ServiceEvent::Added { ref spec, .. }) => self.add(spec),
            Event::Work(WorkEvent::Polled { .. } | WorkEvent::Fared { .. })
            | Event::Log(_)
            | Event::TopicConfigured { .. }
            | Event::Offsets(_)
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Cluster(_)
            | Event::Outcome(_)
            | Event::Service(_) => {}
        }
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
        self.rate(service, |count| count.done)
    }

    /// Records a second that have arrived for a service, times ten.
    pub(super) fn arrival_tenths_per_s(&self, service: ServiceId) -> u64 {
        self.rate(service, |count| count.arrived)
    }

    /// Of one that has joined since, there was nothing to count before.
    fn rate(&self, service: ServiceId, of: fn(Count) -> u64) -> u64 {
        let (Some((from, first)), Some((to, last))) = (self.past.front(), self.past.back()) else { return 0 };
        let number = |counts: &Vec<Count>| counts.get(usize::from(service.0)).copied().map_or(0, of);
        ((number(last) - number(first)) * 10_000).checked_div(to.since(*from).as_ms()).unwrap_or(0)
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
            rates.observe(&Event::Work(WorkEvent::Processed {
                service,
                group,
                partition,
                offset,
                key: None,
                epoch: None,
            }));
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

//! How much each service does per second, over the last few seconds of simulated time.

use crate::sim::{Event, ServiceId, World};
use crate::time::{Instant, Span};
use std::collections::VecDeque;

/// How far back a count is compared with.
const WINDOW: Span = Span::from_ms(5_000);

/// Counts of records that each service has published or processed.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    counts: Vec<u64>,
    past: VecDeque<(Instant, Vec<u64>)>,
}

impl Rates {
    pub(super) fn of(world: &World) -> Self {
        Self { counts: vec![0; world.service_ids().count()], past: VecDeque::new() }
    }

    pub(super) fn observe(&mut self, event: &Event) {
        let (service, records) = match *event {
            Event::Appended { service: Some(service), records, .. } => (service, u64::from(records)),
            Event::Processed { service, .. } => (service, 1),
            Event::Appended { service: None, .. }
            | Event::Deleted { .. }
            | Event::Polled { .. }
            | Event::Refused { .. }
            | Event::Outcome { .. }
            | Event::Committed { .. }
            | Event::MemberJoined { .. }
            | Event::MemberLeft { .. }
            | Event::RebalanceStarted { .. }
            | Event::GroupChanged { .. }
            | Event::ServiceSwitched { .. }
            | Event::CaughtUp { .. }
            | Event::RateChanged { .. } => return,
        };
        self.counts[usize::from(service.0)] += records;
    }

    /// Takes a sample. Two are always kept, however far apart they are.
    pub(super) fn sample(&mut self, now: Instant) {
        self.past.push_back((now, self.counts.clone()));
        while self.past.len() > 2 && self.past.get(1).is_some_and(|(at, _)| now.since(*at) >= WINDOW) {
            self.past.pop_front();
        }
    }

    /// Records a second, times ten.
    pub(super) fn tenths_per_s(&self, service: ServiceId) -> u64 {
        let index = usize::from(service.0);
        let (Some((from, first)), Some((to, last))) = (self.past.front(), self.past.back()) else { return 0 };
        ((last[index] - first[index]) * 10_000).checked_div(to.since(*from).as_ms()).unwrap_or(0)
    }
}

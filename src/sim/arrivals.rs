//! The updates that a publishing service will have to tell, and when: the same in any world that is made of the same scenario and
//! seed and is done the same to, whatever becomes of the updates there.
//!
//! It is the [`Workload`] of the world with a bus, without the bus. The two give the same updates as long as the bus takes
//! them; where [`super::UNACKNOWLEDGED_MAX`] of them wait for the broker, the lives of entities there stand still.

use super::event::ServiceId;
use super::limit::ENTITIES_MAX;
use super::spec::{PublishesSpec, WorldSpec};
use super::timetable::Timetable;
use super::workload::Workload;
use crate::time::{Instant, Span};
use std::sync::Arc;

/// An entity reaches a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Instant,
    /// The number of the entity.
    pub number: u64,
    /// The stage, counted from 0.
    pub stage: usize,
}

#[derive(Clone, Copy, Debug)]
enum Due {
    Entity { rate_version: u32 },
    Stage { number: u64 },
}

/// The updates of one publishing service.
#[derive(Clone, Debug)]
pub struct Arrivals {
    spec: Arc<WorldSpec>,
    service: ServiceId,
    online: bool,
    workload: Workload,
    due: Timetable<Due>,
}

impl Arrivals {
    /// Those of a service that is on from the beginning; `None` if it publishes nothing of its own accord.
    pub fn of(spec: &Arc<WorldSpec>, service: ServiceId, seed: u64) -> Option<Self> {
        Self::since(spec, service, seed, Instant::START)
    }

    /// Those of a service that joins at `now`.
    pub fn since(spec: &Arc<WorldSpec>, service: ServiceId, seed: u64, now: Instant) -> Option<Self> {
        let made_of = &spec.services[usize::from(service.0)];
        let publishes = made_of.publishes.as_ref()?;
        let mut workload = Workload::new(publishes, &made_of.name, seed);
        let mut due = Timetable::default();
        for _ in 0..publishes.in_progress_at_start.min(ENTITIES_MAX as u32) {
            let (number, after) = workload.arrive_in_progress(publishes);
            due.put(now + after, Due::Stage { number });
        }
        let mut arrivals = Self { spec: spec.clone(), service, online: true, workload, due };
        arrivals.note_limits();
        arrivals.await_entity(now);
        Some(arrivals)
    }

    /// The service.
    pub fn service(&self) -> ServiceId {
        self.service
    }

    /// When something is due next; most often that is an update.
    pub fn next_at(&self) -> Option<Instant> {
        self.due.next_at()
    }

    /// Lets happen what is due next.
    pub fn take(&mut self) -> Option<Arrival> {
        let (at, due) = self.due.take()?;
        match due {
            Due::Entity { rate_version } => {
                self.entity_arrives(at, rate_version);
                None
            }
            Due::Stage { number } => self.stage_due(at, number),
        }
    }

    /// Switches the service on or off. While it is off, nobody turns up, and the next stage of the others waits until it is on again.
    pub fn switch(&mut self, now: Instant, online: bool) -> Vec<Arrival> {
        if std::mem::replace(&mut self.online, online) == online || !online {
            return Vec::new();
        }
        let overdue = self.workload.take_overdue();
        overdue.into_iter().filter_map(|number| self.stage_due(now, number)).collect()
    }

    /// So many entities a minute turn up from now on.
    pub fn set_rate(&mut self, now: Instant, arrivals_per_min: u32) {
        self.workload.arrivals_per_min = arrivals_per_min;
        self.workload.rate_version += 1;
        self.await_entity(now);
    }

    fn entity_arrives(&mut self, now: Instant, rate_version: u32) {
        if self.workload.rate_version != rate_version {
            return;
        }
        let spec = self.spec.clone();
        if let (true, Some(publishes)) = (self.online && self.workload.takes_in(), self.publishes(&spec)) {
            let (number, after) = self.workload.arrive(publishes);
            self.due.put(now + after, Due::Stage { number });
        }
        self.note_limits();
        self.await_entity(now);
    }

    fn stage_due(&mut self, at: Instant, number: u64) -> Option<Arrival> {
        if !self.online {
            self.workload.put_off(number);
            return None;
        }
        let spec = self.spec.clone();
        let passed = self.workload.pass_stage(self.publishes(&spec)?, number)?;
        if let Some(after) = passed.until_next {
            self.due.put(at + after, Due::Stage { number });
        }
        self.note_limits();
        Some(Arrival { at, number, stage: passed.stage })
    }

    fn await_entity(&mut self, now: Instant) {
        let rate_version = self.workload.rate_version;
        let after: Option<Span> = self.workload.until_next_arrival();
        if let Some(after) = after {
            self.due.put(now + after, Due::Entity { rate_version });
        }
    }

    /// Nobody is told; what counts is that the limit holds.
    fn note_limits(&mut self) {
        self.workload.update_limits().for_each(drop);
    }

    fn publishes<'a>(&self, spec: &'a WorldSpec) -> Option<&'a PublishesSpec> {
        spec.services[usize::from(self.service.0)].publishes.as_ref()
    }
}

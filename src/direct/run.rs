//! The day as its owner sees it: moved through time, done the same to as the world with the bus, looked at.

use super::breaker::Breaker;
use super::config::DirectConfig;
use super::station::Station;
use super::tally::Tally;
use super::task::{Call, CallOf, Leg, Task, TaskId, Teller};
use crate::log::TopicId;
use crate::sim::{Arrival, Arrivals, ServiceId, Stream, Timetable, WorldSpec};
use crate::sorted::{SortedMap, SortedSet};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// How many updates of one service may wait for their turn; any more fail at once. It is as many as may wait for the broker.
const TO_TELL_MAX: usize = crate::sim::UNACKNOWLEDGED_MAX;

/// Something that will happen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Due {
    /// A call reaches a neighbour.
    CallArrives(Call),
    /// An answer reaches the caller, well or not.
    AnswerArrives { call: Call, is_well: bool },
    /// A caller has waited long enough.
    TimeIsUp(Call),
    /// A caller calls again.
    CallAgain { about: CallOf, attempt: u32 },
    /// An instance has finished its work on a call.
    WorkDone { service: ServiceId, worker: u32, life: u32 },
    /// Instances of a service stand still no longer.
    GoesOn(ServiceId),
}

/// The day with direct calls. A clone goes its own way from where it was cloned.
#[derive(Clone, Debug)]
pub struct DirectRun {
    pub(super) spec: Arc<WorldSpec>,
    pub(super) config: DirectConfig,
    pub(super) now: Instant,
    pub(super) due: Timetable<Due>,
    pub(super) arrivals: Vec<Arrivals>,
    pub(super) stations: Vec<Station>,
    pub(super) tasks: SortedMap<TaskId, Task>,
    pub(super) breakers: SortedMap<(Option<ServiceId>, ServiceId), Breaker>,
    pub(super) tally: Tally,
    /// Decides how long calls and answers travel.
    pub(super) network: Stream,
    pub(super) calls_made: u64,
    tasks_made: u64,
    pub(super) seed: u64,
    pub(super) ignored: SortedSet<String>,
}

/// Who has to know whom: each service with each that it calls, in the order of the scenario.
pub fn dependencies(spec: &WorldSpec) -> Vec<(ServiceId, ServiceId)> {
    let known_by = |index: usize| {
        let service = &spec.services[index];
        let topics = [
            service.publishes.as_ref().map(|publishes| publishes.topic),
            service.consumes.as_ref().and_then(|consumes| consumes.output),
        ];
        topics.into_iter().flatten().flat_map(|topic| readers(spec, topic)).collect::<SortedSet<ServiceId>>()
    };
    let callers = 0..spec.services.len();
    callers
        .flat_map(|index| known_by(index).iter().map(|callee| (ServiceId(index as u16), *callee)).collect::<Vec<_>>())
        .collect()
}

/// The services that read a topic.
pub(super) fn readers(spec: &WorldSpec, topic: TopicId) -> impl Iterator<Item = ServiceId> {
    let reads = move |index: &u16| {
        let consumes = spec.services[usize::from(*index)].consumes.as_ref();
        consumes.is_some_and(|consumes| consumes.topics.contains(&topic))
    };
    (0..spec.services.len() as u16).filter(reads).map(ServiceId)
}

impl DirectRun {
    /// The day at its beginning: all services are on.
    pub fn new(spec: Arc<WorldSpec>, seed: u64, config: DirectConfig) -> Self {
        let services = (0..spec.services.len() as u16).map(ServiceId);
        Self {
            arrivals: services.filter_map(|service| Arrivals::of(&spec, service, seed)).collect(),
            stations: spec.services.iter().map(|service| Station::new(service, seed)).collect(),
            config,
            now: Instant::START,
            due: Timetable::default(),
            tasks: SortedMap::new(),
            breakers: SortedMap::new(),
            tally: Tally::default(),
            network: Stream::new(seed, "direct calls"),
            calls_made: 0,
            tasks_made: 0,
            seed,
            ignored: SortedSet::new(),
            spec,
        }
    }

    /// Its present time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The knobs with which it runs.
    pub fn config(&self) -> &DirectConfig {
        &self.config
    }

    /// What has come of it so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// What was done to the run that means nothing here, each with the reason.
    pub fn ignored(&self) -> impl Iterator<Item = &str> {
        self.ignored.iter().map(String::as_str)
    }

    /// Lets everything happen that is due up to `until`.
    pub fn run_until(&mut self, until: Instant) {
        while !self.run_some(until, u32::MAX) {}
    }

    /// The same, but no more than so many things. Returns whether it has come to `until`.
    pub fn run_some(&mut self, until: Instant, steps_max: u32) -> bool {
        for _ in 0..steps_max {
            if !self.step(until, &mut |_| ()) {
                self.now = self.now.max(until);
                return true;
            }
        }
        false
    }

    /// The same as [`Self::run_until`], and passes each update that comes about to `observe`.
    pub fn watch_until(&mut self, until: Instant, observe: &mut dyn FnMut(Arrival)) {
        while self.step(until, observe) {}
        self.now = self.now.max(until);
    }

    /// Lets the next thing happen, if it is due by `until`. Updates that come about go before what else happens at that instant.
    fn step(&mut self, until: Instant, observe: &mut dyn FnMut(Arrival)) -> bool {
        let first = self.arrivals.iter().enumerate().filter_map(|(index, it)| Some((it.next_at()?, index))).min();
        let other = self.due.next_at();
        match (first, other) {
            (Some((at, index)), _) if at <= until && other.is_none_or(|other| at <= other) => {
                self.now = at;
                let service = self.arrivals[index].service();
                if let Some(arrival) = self.arrivals[index].take() {
                    self.take_in(service, arrival, observe);
                }
                true
            }
            (_, Some(at)) if at <= until => {
                if let Some((at, due)) = self.due.take() {
                    self.now = at;
                    self.perform(due);
                }
                true
            }
            (_, _) => false,
        }
    }

    fn perform(&mut self, due: Due) {
        match due {
            Due::CallArrives(call) => self.call_arrives(call),
            Due::AnswerArrives { call, is_well } => self.answer_arrives(&call, is_well),
            Due::TimeIsUp(call) => self.attempt_failed(&call),
            Due::CallAgain { about, attempt } => self.call_again(about, attempt),
            Due::WorkDone { service, worker, life } => self.work_done(service, worker, life),
            Due::GoesOn(service) => self.begin_work(service),
        }
    }

    /// An update of a service comes about: its neighbours are to be told, as soon as it has a hand free.
    pub(super) fn take_in(&mut self, service: ServiceId, arrival: Arrival, observe: &mut dyn FnMut(Arrival)) {
        observe(arrival);
        let Some(topic) = self.spec.services[usize::from(service.0)].publishes.as_ref().map(|it| it.topic) else {
            return;
        };
        self.tally.updates += 1;
        if self.station(service).to_tell.len() >= TO_TELL_MAX {
            self.tally.answers.failed += 1;
            return;
        }
        let id = self.begin_task(Teller::Publisher(service), topic, arrival.at, false);
        self.station_mut(service).to_tell.push_back(id);
        self.tell_next(service);
    }

    /// Puts down whom an update concerns.
    pub(super) fn begin_task(
        &mut self,
        teller: Teller,
        topic: TopicId,
        updated_at: Instant,
        is_poison: bool,
    ) -> TaskId {
        let id = TaskId(self.tasks_made);
        self.tasks_made += 1;
        let callees = readers(&self.spec, topic).filter(|callee| !self.station(*callee).is_removed);
        let legs: Vec<_> = callees.map(|callee| (callee, Leg::Ahead)).collect();
        for (callee, _) in &legs {
            self.tally.meant(CallOf { task: id, callee: *callee });
        }
        self.tasks.insert(id, Task { teller, updated_at, is_poison, legs });
        id
    }

    pub(super) fn station(&self, service: ServiceId) -> &Station {
        &self.stations[usize::from(service.0)]
    }

    pub(super) fn station_mut(&mut self, service: ServiceId) -> &mut Station {
        &mut self.stations[usize::from(service.0)]
    }

    pub(super) fn travel_time(&mut self) -> Span {
        let latency = self.spec.network.latency;
        self.network.between(latency.min, latency.max)
    }
}

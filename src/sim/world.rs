//! The world as its owner sees it: made from a spec and a seed, moved through time, acted upon by commands, looked at.

mod services;

use super::agenda::{Action, Agenda};
use super::command::{COMMANDS_MAX, Command, CommandError, NewService, StampedCommand};
use super::event::{Event, ServiceId, Stamped};
use super::limit::ENTITIES_MAX;
use super::network::{Home, Network};
use super::origin::Origin;
use super::output::Undecided;
use super::random::Stream;
use super::service::{Publisher, Service};
use super::spec::{SERVICES_EVER_MAX, ServiceSpec, WorldSpec};
use super::trace::TraceHash;
use crate::broker::{Broker, ClientId, GroupId};
use crate::client::{ProducerConfig, RecordHandle};
use crate::log::TopicId;
use crate::sorted::{SortedMap, SortedSet};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// How far [`World::step`] looks for something to happen.
const STEP_HORIZON: Span = Span::from_ms(60_000);

/// The simulated world. A clone goes its own way from where it was cloned.
#[derive(Clone, Debug)]
pub struct World {
    /// With the services that have joined since.
    pub(super) spec: Arc<WorldSpec>,
    begun_with: Arc<WorldSpec>,
    pub(super) now: Instant,
    pub(super) agenda: Agenda,
    pub(super) network: Network,
    pub(super) broker: Broker,
    /// When something may be due at the broker. Most often what that was for is done by then.
    pub(super) broker_ticks: SortedSet<Instant>,
    pub(super) services: Vec<Service>,
    /// The services that have joined, and how.
    pub(super) joined: Vec<(ServiceId, NewService)>,
    /// The services that are gone for good, each as a bit.
    pub(super) removed: u128,
    pub(super) hand: Publisher,
    /// The number of the next record that a person publishes.
    pub(super) next_by_hand: RecordHandle,
    /// The dead letters that are on their way to the retry topic, and whose they are.
    pub(super) redriving: SortedMap<RecordHandle, (ServiceId, Origin)>,
    pub(super) partitioning: Stream,
    pub(super) events: Vec<Stamped>,
    /// What follows from work whose transaction has not ended, by its `transactional.id` and who is at it.
    pub(super) undecided: SortedMap<(Arc<str>, ClientId), Undecided>,
    trace: TraceHash,
    seed: u64,
    commands: Vec<StampedCommand>,
}

impl World {
    /// The world at the beginning of a run: all services have just been switched on, nothing is in the log.
    pub fn new(spec: Arc<WorldSpec>, seed: u64) -> Self {
        let mut broker = new_broker(&spec);
        let mut network = Network::new(spec.network, seed);
        // A person publishes as fast as there are clicks, and asks for nothing but that.
        let at_once = ProducerConfig {
            linger: Span::ZERO,
            idempotence: false,
            in_flight_max: u32::MAX,
            ..ProducerConfig::default()
        };
        let hand = Publisher::new(network.connect(Home::Hand), at_once);
        let services = spec.services.iter().map(|service| new_service(service, seed, &mut broker)).collect();
        let mut world = Self {
            begun_with: spec.clone(),
            spec,
            now: Instant::START,
            agenda: Agenda::default(),
            network,
            broker,
            broker_ticks: SortedSet::new(),
            services,
            joined: Vec::new(),
            removed: 0,
            hand,
            next_by_hand: RecordHandle(0),
            redriving: SortedMap::new(),
            partitioning: Stream::new(seed, "partitioning"),
            events: Vec::new(),
            undecided: SortedMap::new(),
            trace: TraceHash::default(),
            seed,
            commands: Vec::new(),
        };
        world.begin();
        world
    }

    /// What the world was made of at the beginning of its run.
    pub fn begun_with(&self) -> &Arc<WorldSpec> {
        &self.begun_with
    }

    /// What the world is made of: all services that there ever were.
    pub fn spec(&self) -> &Arc<WorldSpec> {
        &self.spec
    }

    /// The seed of its randomness.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Its present time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The broker, to be looked at.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// What was done to it so far.
    pub fn commands(&self) -> &[StampedCommand] {
        &self.commands
    }

    /// One number for everything that has happened so far.
    pub fn trace_hash(&self) -> u64 {
        self.trace.value()
    }

    /// How many things are due at some time.
    pub fn due_count(&self) -> usize {
        self.agenda.len()
    }

    /// The numbers of the services that are there, in the order of the scenario; those that have joined come last.
    pub fn service_ids(&self) -> impl Iterator<Item = ServiceId> + use<> {
        let removed = self.removed;
        self.all_service_ids().filter(move |id| removed >> id.0 & 1 == 0)
    }

    /// The numbers of all services that there ever were.
    pub fn all_service_ids(&self) -> impl Iterator<Item = ServiceId> + Clone + use<> {
        (0..self.services.len() as u16).map(ServiceId)
    }

    /// The services that are there and read, each with its group and with how many that read came before it, gone or not.
    pub fn readers(&self) -> impl Iterator<Item = (usize, ServiceId, GroupId)> {
        let all = self.all_service_ids().filter_map(|id| Some((id, self.group_of(id)?)));
        let numbered = all.enumerate().map(|(index, (id, group))| (index, id, group));
        numbered.filter(|(_, id, _)| !self.is_removed(*id))
    }

    /// Whether a service is gone for good.
    pub fn is_removed(&self, id: ServiceId) -> bool {
        self.removed >> id.0 & 1 == 1
    }

    /// Whether a service goes for good as soon as nothing of it runs.
    pub fn is_leaving(&self, id: ServiceId) -> bool {
        self.service(id).is_leaving
    }

    /// The services that have joined, and how; also those that have left again.
    pub fn joined(&self) -> &[(ServiceId, NewService)] {
        &self.joined
    }

    /// Lets everything happen that is due up to `until`, and passes each event to `observe`.
    pub fn run_until(&mut self, until: Instant, observe: &mut dyn FnMut(&Stamped)) {
        self.report(observe);
        while self.agenda.next_at().is_some_and(|at| at <= until) {
            self.take_next();
            self.report(observe);
        }
        self.now = self.now.max(until);
    }

    /// Goes on to the next event, but no further than `horizon`, and to the end of that instant, so that no instant is
    /// ever half over between two calls.
    pub fn step_until(&mut self, horizon: Instant, observe: &mut dyn FnMut(&Stamped)) {
        while self.events.is_empty() && self.agenda.next_at().is_some_and(|at| at <= horizon) {
            self.take_next();
        }
        let until = if self.events.is_empty() { horizon } else { self.now };
        self.run_until(until, observe);
    }

    /// Goes on to the next event, or by a minute if nothing happens at all.
    pub fn step(&mut self, observe: &mut dyn FnMut(&Stamped)) {
        self.step_until(self.now + STEP_HORIZON, observe);
    }

    /// Does what a person wants, now. A refused command changes nothing.
    pub fn apply(&mut self, command: Command, observe: &mut dyn FnMut(&Stamped)) -> Result<(), CommandError> {
        if self.commands.len() >= COMMANDS_MAX {
            return Err(CommandError::TooManyCommands);
        }
        self.obey(&command)?;
        self.commands.push(StampedCommand { at: self.now, command });
        self.report(observe);
        self.run_until(self.now, observe);
        Ok(())
    }

    pub(super) fn emit(&mut self, event: Event) {
        let stamped = Stamped { at: self.now, event };
        self.trace.add(&stamped);
        self.events.push(stamped);
    }

    pub(super) fn service(&self, id: ServiceId) -> &Service {
        &self.services[usize::from(id.0)]
    }

    pub(super) fn service_mut(&mut self, id: ServiceId) -> &mut Service {
        &mut self.services[usize::from(id.0)]
    }

    /// The topic called `name`.
    pub(super) fn topic_named(&self, name: &str) -> Option<TopicId> {
        let index = self.spec.topics.iter().position(|topic| *topic.name == *name)?;
        Some(TopicId(index as u16))
    }

    fn take_next(&mut self) {
        if let Some((at, action)) = self.agenda.take() {
            self.now = at;
            self.perform(action);
        }
    }

    fn report(&mut self, observe: &mut dyn FnMut(&Stamped)) {
        for stamped in self.events.drain(..) {
            observe(&stamped);
        }
    }

    fn begin(&mut self) {
        debug_assert!(self.services.len() <= SERVICES_EVER_MAX, "a scenario file has fewer");
        for id in self.service_ids() {
            self.begin_workload(id);
            self.start(id);
        }
        while self.agenda.next_at() == Some(Instant::START) {
            self.take_next(); // no instant is ever half over, not even the first
        }
    }

    pub(super) fn begin_workload(&mut self, id: ServiceId) {
        let spec = self.spec.clone();
        let Some(publishes) = &spec.services[usize::from(id.0)].publishes else { return };
        for _ in 0..publishes.in_progress_at_start.min(ENTITIES_MAX as u32) {
            let due = self.service_mut(id).workload.as_mut().map(|workload| workload.arrive_in_progress(publishes));
            if let Some((number, after)) = due {
                self.agenda.put(self.now + after, Action::StageDue { service: id, number });
            }
        }
        self.note_limits(id);
        self.await_arrival(id);
    }
}

fn new_broker(spec: &WorldSpec) -> Broker {
    let mut broker = Broker::new(spec.broker.clone());
    for topic in &spec.topics {
        broker.create_topic(topic);
    }
    broker
}

pub(super) fn new_service(spec: &ServiceSpec, seed: u64, broker: &mut Broker) -> Service {
    let groups = spec.consumes.as_ref().map(|consumes| {
        let retry = consumes.retry_topic.map(|_| broker.group_id(&consumes.retry_group()));
        (broker.group_id(&consumes.group), retry)
    });
    Service::new(spec, seed, groups)
}

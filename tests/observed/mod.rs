//! A world under observation: each event goes to the checker, the ledger and a list, and the first violation ends the test.

use catchup::broker::GroupId;
use catchup::check::{Account, Checker, Ledger, Promises};
use catchup::log::{TopicId, TopicPartition};
use catchup::sim::{Command, ConsumesSpec, PublishesSpec, ReadConfig, ServiceId, Spread, Stamped, World, WorldSpec};
use catchup::time::Span;
use std::sync::Arc;

/// The service that publishes, and the two that read.
pub(crate) const ORDERS: &str = "orders";
pub(crate) const LOGISTICS: &str = "logistics";
pub(crate) const NOTIFICATIONS: &str = "notifications";
/// The topic between them.
pub(crate) const TOPIC: &str = "order-status";

/// How long a world may take to read everything.
const DRAIN_SECONDS_MAX: u32 = 4_800;
/// How long nothing may be left to read before the end is believed: longer than the slowest record is under way.
const CALM_SECONDS: u32 = 4;

/// The shipped delivery scenario, with short lives, so that a test need not wait for days of orders.
pub(crate) fn delivery() -> WorldSpec {
    let scenario = catchup::scenario::shipped("delivery").expect("the shipped scenario is valid");
    let mut spec = WorldSpec::clone(&scenario.world);
    let orders = publishes(&mut spec);
    orders.in_progress_at_start = 40;
    for stage in &mut orders.stages {
        stage.after = millis(0, 3_000);
    }
    spec
}

/// Any time from `min` to `max` milliseconds.
pub(crate) fn millis(min: u64, max: u64) -> Spread {
    Spread { min: Span::from_ms(min), max: Span::from_ms(max) }
}

/// What the publishing service publishes.
pub(crate) fn publishes(spec: &mut WorldSpec) -> &mut PublishesSpec {
    spec.services.iter_mut().find_map(|service| service.publishes.as_mut()).expect("a service publishes")
}

/// What the service called `name` reads.
pub(crate) fn consumes<'a>(spec: &'a mut WorldSpec, name: &str) -> &'a mut ConsumesSpec {
    let service = spec.services.iter_mut().find(|service| *service.name == *name);
    service.and_then(|service| service.consumes.as_mut()).expect("a service of this name reads")
}

/// The settings with which the service called `name` begins.
pub(crate) fn config<'a>(spec: &'a mut WorldSpec, name: &str) -> &'a mut ReadConfig {
    &mut consumes(spec, name).config
}

/// A command that switches a service.
pub(crate) fn switch(service: &str, online: bool) -> Command {
    Command::SetServiceOnline { service: service.to_owned(), online }
}

/// A command that sets how many new orders turn up a minute.
pub(crate) fn arrivals(arrivals_per_min: u32) -> Command {
    Command::SetArrivalRate { service: ORDERS.to_owned(), arrivals_per_min }
}

/// The observed world.
pub(crate) struct Observed {
    pub(crate) world: World,
    pub(crate) events: Vec<Stamped>,
    checker: Checker,
    pub(crate) ledger: Ledger,
    pub(crate) promises: Promises,
}

impl Observed {
    /// The world at the beginning of its run.
    pub(crate) fn new(spec: WorldSpec, seed: u64) -> Self {
        let world = World::new(Arc::new(spec), seed);
        let (ledger, checker, promises) = (Ledger::of(&world), Checker::of(&world), Promises::of(&world));
        Self { world, events: Vec::new(), checker, ledger, promises }
    }

    /// Goes on by `ms` milliseconds.
    pub(crate) fn run_ms(&mut self, ms: u64) {
        let until = self.world.now() + Span::from_ms(ms);
        self.watch(|world, observe| world.run_until(until, observe));
    }

    /// Does what a person could do.
    pub(crate) fn apply(&mut self, command: Command) {
        self.watch(|world, observe| world.apply(command, observe)).expect("the world takes the command");
    }

    /// Switches everything on, lets nothing new turn up, and goes on until everything is read.
    pub(crate) fn drain(&mut self) {
        for broker in 1..=self.world.broker().nodes().len() as u32 {
            self.apply(Command::SetBrokerConnected { broker, connected: true });
            self.apply(Command::SetBrokerOnline { broker, online: true });
        }
        for id in self.world.service_ids() {
            let name = self.world.service_spec(id).name.to_string();
            self.apply(switch(&name, true));
        }
        self.apply(arrivals(0));
        let mut calm_seconds = 0;
        for _ in 0..DRAIN_SECONDS_MAX {
            self.run_ms(1_000);
            calm_seconds = if self.is_drained() { calm_seconds + 1 } else { 0 };
            if calm_seconds == CALM_SECONDS {
                return;
            }
        }
        let state = |id| (self.world.lag(id), self.world.in_progress(id), self.world.unacknowledged(id));
        let states: Vec<_> = self.world.service_ids().map(state).collect();
        panic!(
            "not everything was read within {DRAIN_SECONDS_MAX} simulated seconds; lag, in progress, unacknowledged: {states:?}"
        );
    }

    /// The service called `name`.
    pub(crate) fn id(&self, name: &str) -> ServiceId {
        self.world.service_id(name).expect("the scenario has the service")
    }

    /// The group of the service called `name`.
    pub(crate) fn group_id(&self, name: &str) -> GroupId {
        self.world.group_of(self.id(name)).expect("the service reads in a group")
    }

    /// The ledger's sum for the service called `name`.
    pub(crate) fn account(&self, name: &str) -> Account {
        self.ledger.account(self.group_id(name))
    }

    /// The partitions of the topic.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = TopicPartition> + use<> {
        self.world.broker().partitions(TopicId(0))
    }

    fn is_drained(&self) -> bool {
        let mut services = self.world.service_ids();
        let in_progress = |id| self.world.in_progress(id).unwrap_or(0) as u64 + self.world.unacknowledged(id);
        services.all(|id| self.world.lag(id) == 0 && in_progress(id) == 0)
    }

    /// Does something to the world, and looks at everything that comes of it.
    pub(crate) fn watch<T>(&mut self, act: impl FnOnce(&mut World, &mut dyn FnMut(&Stamped)) -> T) -> T {
        let Self { world, events, checker, ledger, promises } = self;
        let result = act(world, &mut |stamped| {
            ledger.observe(stamped);
            promises.observe(stamped, ledger);
            events.push(stamped.clone());
            if let Err(violation) = checker.observe(stamped) {
                panic!("{violation}");
            }
        });
        for account in world.service_ids().filter_map(|id| world.group_of(id)).map(|group| ledger.account(group)) {
            assert_eq!(
                account.published,
                account.processed
                    + account.waiting
                    + account.retrying
                    + account.dead_lettered
                    + account.compacted
                    + account.aborted
                    + account.lost,
                "{account:?}"
            );
        }
        result
    }
}

//! Random days: nothing is forgotten, the same day is the same, and what comes about is what comes about on the bus.

use crate::observed::{NOTIFICATIONS, ORDERS, Observed, arrivals, delivery, switch};
use crate::random_run::{BrokersRun, RandomRun, WildRun, set};
use catchup::direct::{DirectConfig, DirectRun};
use catchup::log::{Isolation, Offset};
use catchup::sim::{Arrival, Command, ServiceId, WorldSpec};
use catchup::time::{Instant, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

const DAYS: u64 = 300;

/// Both worlds, to each of which the same is done; what the one with the bus refuses is done to neither.
struct Both {
    bus: Observed,
    direct: DirectRun,
    came_about: Vec<Arrival>,
}

impl Both {
    fn new(spec: &WorldSpec, seed: u64, config: DirectConfig) -> Self {
        let bus = Observed::new(spec.clone(), seed);
        Self { bus, direct: DirectRun::new(Arc::new(spec.clone()), seed, config), came_about: Vec::new() }
    }

    fn run_ms(&mut self, ms: u64) {
        self.bus.run_ms(ms);
        let until = self.bus.world.now();
        self.direct.watch_until(until, &mut |arrival| self.came_about.push(arrival));
        assert_adds_up(&self.direct);
    }

    fn apply(&mut self, command: &Command) {
        let command = command.clone();
        if self.bus.watch(|world, observe| world.apply(command.clone(), observe)).is_ok() {
            self.direct.apply(&command, &mut |arrival| self.came_about.push(arrival));
        }
    }

    /// Everything is put right, nothing new turns up, and time goes by until nobody has anything left to do.
    fn settle(&mut self) {
        for service in self.bus.world.service_ids().collect::<Vec<_>>() {
            let service = self.bus.world.service_spec(service).name.to_string();
            self.apply(&Command::SetConnected { service: service.clone(), connected: true });
            self.apply(&switch(&service, true));
        }
        for broker in 1..=self.bus.world.broker().nodes().len() as u32 {
            self.apply(&Command::SetBrokerConnected { broker, connected: true });
            self.apply(&Command::SetBrokerOnline { broker, online: true });
        }
        self.apply(&arrivals(0));
        (0..600).for_each(|_| self.run_ms(1_000));
    }
}

fn assert_adds_up(run: &DirectRun) {
    let tally = run.tally();
    assert!(tally.answers.times.count() + tally.answers.failed <= tally.updates);
    for reached in (0..3).filter_map(|id| tally.reached(ServiceId(id))) {
        assert_eq!(reached.meant, reached.done + reached.waiting + reached.lost, "{reached:?}");
        assert_eq!(reached.done, reached.effects.count());
    }
}

fn config_of(seed: u64) -> DirectConfig {
    DirectConfig {
        in_parallel: seed.is_multiple_of(2),
        timeout: Span::from_ms([50, 300, 1_000][(seed % 3) as usize]),
        retries: (seed % 5) as u32,
        concurrency: [1, 4, 16][(seed / 2 % 3) as usize],
        queue_max: [0, 3, 100][(seed / 3 % 3) as usize],
        breaker_failures: [0, 3][(seed / 4 % 2) as usize],
        refuses_when_off: !seed.is_multiple_of(7),
        ..DirectConfig::default()
    }
}

#[test]
fn every_update_ends_as_answered_failed_or_waiting_and_in_the_end_none_waits() {
    for seed in 0..DAYS {
        let run = WildRun::new(seed);
        let mut direct = DirectRun::new(Arc::new(run.spec.clone()), seed, config_of(seed));
        let go_on = |direct: &mut DirectRun, ms| {
            direct.run_until(direct.now() + Span::from_ms(ms));
            assert_adds_up(direct);
        };
        for (ms, command) in &run.actions {
            go_on(&mut direct, *ms);
            direct.apply(command, &mut |_| ());
        }
        for service in run.spec.services.iter().map(|service| service.name.to_string()) {
            direct.apply(&Command::SetConnected { service: service.clone(), connected: true }, &mut |_| ());
            direct.apply(&switch(&service, true), &mut |_| ());
        }
        direct.apply(&arrivals(0), &mut |_| ());
        go_on(&mut direct, 86_400_000); // a caller with one hand and long timeouts has a lot to make up for
        let tally = direct.tally();
        assert_eq!(tally.unanswered(), 0, "seed {seed}");
        let waiting: u64 = (0..3).filter_map(|id| tally.reached(ServiceId(id))).map(|it| it.waiting).sum();
        assert_eq!(waiting, 0, "seed {seed}");
    }
}

#[test]
fn the_same_day_is_the_same_however_its_time_is_cut_up() {
    for seed in 0..50 {
        let run = WildRun::new(seed);
        let day = |steps_max: u32| {
            let mut direct = DirectRun::new(Arc::new(run.spec.clone()), seed, config_of(seed));
            for (ms, command) in &run.actions {
                let until = direct.now() + Span::from_ms(*ms);
                while !direct.run_some(until, steps_max) {}
                direct.apply(command, &mut |_| ());
            }
            direct.tally().clone()
        };
        assert_eq!(day(1), day(u32::MAX), "seed {seed}");
    }
}

#[test]
fn what_comes_about_is_what_comes_about_on_the_bus() {
    for seed in 0..40 {
        let run = RandomRun::new(seed);
        let mut both = Both::new(&run.spec, seed, config_of(seed));
        for (ms, command) in &run.actions {
            both.run_ms(*ms);
            both.apply(command);
        }
        both.settle();
        assert_same(&both, seed);
    }
}

#[test]
fn what_brokers_do_is_nothing_to_who_has_none() {
    for seed in 0..20 {
        let run = BrokersRun::new(seed);
        let mut both = Both::new(&run.spec, seed, config_of(seed));
        for (ms, command) in &run.actions {
            both.run_ms(*ms);
            both.apply(command);
        }
        both.settle();
        assert_same(&both, seed);
    }
}

#[test]
fn nor_do_a_cut_and_a_shutdown_of_the_publisher_tell_the_two_apart() {
    let orders = || ORDERS.to_owned();
    let cut = |connected| Command::SetConnected { service: orders(), connected };
    let mut both = Both::new(&delivery(), 5, DirectConfig::default());
    let commands = [
        (3_000, cut(false)),
        (2_000, Command::ShutDown { service: orders() }),
        (1_500, switch(ORDERS, true)),
        (2_500, cut(true)),
        (1_000, Command::ShutDown { service: orders() }),
        (3, switch(ORDERS, true)),
        (2_000, switch(ORDERS, false)),
        (4_000, switch(ORDERS, true)),
    ];
    for (ms, command) in commands {
        both.run_ms(ms);
        both.apply(&command);
    }
    both.settle();
    assert_same(&both, 5);
}

/// The orders and stages with their times, as they stand in the topic, are those that came about.
fn assert_same(both: &Both, seed: u64) {
    let spec = both.bus.world.spec();
    let stages = &spec.services[0].publishes.as_ref().expect("orders publishes").stages;
    let came_about: BTreeSet<(String, String, i64)> = both
        .came_about
        .iter()
        .map(|it| (format!("order-{}", it.number), stages[it.stage].name.to_string(), it.at.timestamp_ms()))
        .collect();
    assert_eq!(came_about.len(), both.came_about.len(), "seed {seed}: nothing comes about twice");
    assert_eq!(came_about, published(both), "seed {seed}");
}

fn published(both: &Both) -> BTreeSet<(String, String, i64)> {
    let mut found = BTreeSet::new();
    for partition in both.bus.partitions() {
        let log = both.bus.world.broker().log(partition).expect("the topic has the partition");
        for record in log.records(Offset::ZERO, Isolation::ReadUncommitted) {
            let text =
                |bytes: Option<&[u8]>| bytes.map(|it| String::from_utf8_lossy(it).into_owned()).unwrap_or_default();
            let key = text(record.key);
            let value: serde_json::Value = serde_json::from_str(&text(record.value)).unwrap_or_default();
            let stage = value["status"].as_str().unwrap_or_default().to_owned();
            if key.starts_with("order-") {
                found.insert((key, stage, record.timestamp_ms));
            }
        }
    }
    found
}

#[test]
fn with_a_neighbour_down_the_bus_answers_as_ever_and_direct_calls_fail() {
    let mut both = Both::new(&delivery(), 42, DirectConfig::default());
    both.run_ms(10_000);
    both.apply(&switch(NOTIFICATIONS, false));
    both.run_ms(20_000);
    both.apply(&switch(NOTIFICATIONS, true));
    both.settle();
    let bus = both.bus.world.answers(ServiceId(0)).expect("orders publishes");
    let direct = both.direct.tally();
    assert_eq!(bus.times.count(), direct.updates);
    assert_eq!((bus.failed, bus.held_up), (0, 0));
    assert!(direct.answers.failed > 20, "{}", direct.answers.failed);
    assert!(direct.reached(ServiceId(2)).is_some_and(|it| it.lost > 20));
    assert_eq!(direct.reached(ServiceId(1)).map(|it| it.lost), Some(0), "logistics was there all the time");
    assert_eq!(both.bus.account(NOTIFICATIONS).lost, 0);
}

#[test]
fn on_a_quiet_day_direct_calls_are_as_safe_and_sooner() {
    let mut both = Both::new(&delivery(), 42, DirectConfig { in_parallel: true, ..DirectConfig::default() });
    both.apply(&set(NOTIFICATIONS, "instances", "3"));
    both.run_ms(60_000);
    both.settle();
    let (bus, direct) = (both.bus.world.answers(ServiceId(0)).expect("orders publishes"), both.direct.tally());
    assert_eq!((direct.answers.failed, bus.failed), (0, 0));
    assert!(direct.answers.times.percentile(50) > bus.times.percentile(50), "who calls waits for the work");
    assert_eq!(direct.calls, 2 * direct.updates);
}

#[test]
fn a_day_begins_at_its_beginning() {
    let run = DirectRun::new(Arc::new(delivery()), 42, DirectConfig::default());
    assert_eq!((run.now(), run.tally().updates), (Instant::START, 0));
}

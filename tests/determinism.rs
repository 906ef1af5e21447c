//! Scenario, seed and timed commands are the run: the same three give the same trace hash, however the time is cut up.

#![cfg(not(target_arch = "wasm32"))]

use catchup::json::Json;
use catchup::scenario::shipped;
use catchup::sim::{Command, CommandError, World};
use catchup::time::{Instant, Span};
use std::collections::BTreeMap;

const SEED: u64 = 42;
const END: Instant = Instant::from_ms(25_000);

fn world(seed: u64) -> World {
    World::new(shipped("delivery").expect("the delivery scenario ships").world, seed)
}

fn switch(service: &str, online: bool) -> Command {
    Command::SetServiceOnline { service: service.to_owned(), online }
}

fn publish(key: &str) -> Command {
    let (topic, key, value) = ("order-status".to_owned(), Some(key.to_owned()), Some("{}".to_owned()));
    Command::Publish { topic, key, value, headers: BTreeMap::new(), partition: None }
}

/// What is done in the runs that are compared, each at its millisecond.
fn commands() -> Vec<(u64, Command)> {
    let rate = Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 300 };
    vec![
        (0, publish("at the very beginning")),
        (3_000, switch("logistics", false)),
        (3_000, publish("in the same instant")),
        (7_123, rate),
        (12_000, switch("orders", false)),
        (12_500, switch("orders", true)),
        (20_000, switch("logistics", true)),
    ]
}

/// Runs the commands to the end, moving from one to the next with `go`.
fn run(mut world: World, go: impl Fn(&mut World, Instant)) -> World {
    for (ms, command) in commands() {
        go(&mut world, Instant::from_ms(ms));
        world.apply(command, &mut |_| ()).expect("a command of the list");
    }
    go(&mut world, END);
    world
}

fn at_once(world: &mut World, until: Instant) {
    world.run_until(until, &mut |_| ());
}

fn check_same_run(other: &World) {
    let expected = run(world(SEED), at_once);
    assert_eq!(other.trace_hash(), expected.trace_hash());
    assert_eq!(other.commands(), expected.commands());
    assert_eq!(other.now(), expected.now());
}

#[test]
fn the_same_seed_and_commands_give_the_same_run() {
    check_same_run(&run(world(SEED), at_once));
}

#[test]
fn another_seed_gives_another_run() {
    assert_ne!(run(world(SEED), at_once).trace_hash(), run(world(SEED + 1), at_once).trace_hash());
}

#[test]
fn one_command_less_gives_another_run() {
    let mut without = world(SEED);
    without.run_until(END, &mut |_| ());
    assert_ne!(run(world(SEED), at_once).trace_hash(), without.trace_hash());
}

#[test]
fn a_run_in_slices_is_the_same_run() {
    for slice_us in [977, 16_667, 1_000_000] {
        check_same_run(&run(world(SEED), |world, until| {
            while world.now() < until {
                let next = (world.now() + Span::from_us(slice_us)).min(until);
                world.run_until(next, &mut |_| ());
            }
        }));
    }
}

#[test]
fn a_run_to_where_it_already_is_changes_nothing() {
    check_same_run(&run(world(SEED), |world, until| {
        world.run_until(until, &mut |_| ());
        world.run_until(until, &mut |_| ());
        world.run_until(Instant::START, &mut |_| ());
    }));
}

#[test]
fn a_run_in_steps_is_the_same_run() {
    let mut stepped = world(SEED);
    for (_, command) in commands() {
        for _ in 0..60 {
            stepped.step(&mut |_| ());
        }
        stepped.apply(command, &mut |_| ()).expect("a command of the list");
    }
    check_replay(&stepped);
}

/// A run, and the same commands given to a new world at the same times.
fn check_replay(first: &World) {
    let mut replayed = World::new(first.spec().clone(), first.seed());
    for stamped in first.commands() {
        replayed.run_until(stamped.at, &mut |_| ());
        replayed.apply(stamped.command.clone(), &mut |_| ()).expect("it was taken the first time");
    }
    replayed.run_until(first.now(), &mut |_| ());
    assert_eq!(replayed.trace_hash(), first.trace_hash());
    assert_eq!(replayed.commands(), first.commands());
}

#[test]
fn a_step_ends_with_the_instant_of_its_events() {
    let mut world = world(SEED);
    for _ in 0..500 {
        let mut instants = Vec::new();
        world.step(&mut |stamped| instants.push(stamped.at));
        assert!(instants.iter().all(|at| *at == world.now()), "{instants:?} and now {:?}", world.now());
        let hash = world.trace_hash();
        world.run_until(world.now(), &mut |_| ());
        assert_eq!(world.trace_hash(), hash, "something was left to do at {:?}", world.now());
    }
}

#[test]
fn a_clone_goes_on_like_the_world_it_was_cloned_from() {
    check_same_run(&run(world(SEED), |world, until| {
        let halfway = Instant::from_us(u64::midpoint(world.now().as_us(), until.as_us()));
        world.run_until(halfway, &mut |_| ());
        *world = world.clone();
        world.run_until(until, &mut |_| ());
    }));
}

#[test]
fn a_clone_that_goes_another_way_leaves_the_world_alone() {
    check_same_run(&run(world(SEED), |world, until| {
        let mut other = world.clone();
        other.apply(switch("notifications", false), &mut |_| ()).expect("notifications is there");
        other.run_until(until + Span::from_ms(5_000), &mut |_| ());
        world.run_until(until, &mut |_| ());
    }));
}

#[test]
fn a_run_replayed_from_its_own_commands_is_the_same_run() {
    check_replay(&run(world(SEED), at_once));
}

#[test]
fn commands_survive_being_written_down() {
    for (_, command) in commands() {
        let text = serde_json::to_string(&command).expect("a command is JSON");
        let json = Json::read(&text).expect("a command is JSON");
        assert_eq!(Command::from_json(&json), Ok(command), "{text}");
    }
}

#[test]
fn watching_a_run_does_not_change_it() {
    let mut watched = 0;
    let mut world = world(SEED);
    for (ms, command) in commands() {
        world.run_until(Instant::from_ms(ms), &mut |_| watched += 1);
        world.apply(command, &mut |_| watched += 1).expect("a command of the list");
    }
    world.run_until(END, &mut |_| watched += 1);
    assert!(watched > 500, "{watched} events");
    check_same_run(&world);
}

/// A command that is refused, with why; and that it left no trace.
fn check_refused(command: Command, expect: &str) {
    let mut tried = world(SEED);
    tried.run_until(Instant::from_ms(10_000), &mut |_| ());
    let mut untouched = tried.clone();
    let refused = tried.apply(command, &mut |stamped| panic!("a refused command brought about {stamped:?}"));
    assert_eq!(refused.map_err(|error: CommandError| error.to_string()), Err(expect.to_owned()));
    assert_eq!(tried.trace_hash(), untouched.trace_hash());
    assert_eq!(tried.commands(), untouched.commands());
    tried.run_until(END, &mut |_| ());
    untouched.run_until(END, &mut |_| ());
    assert_eq!(tried.trace_hash(), untouched.trace_hash(), "what came later");
}

#[test]
fn a_refused_command_changes_nothing() {
    let known = "orders, logistics, notifications";
    check_refused(switch("ordres", true), &format!("there is no service \"ordres\"; there are: {known}"));
    let rate =
        |service: &str, arrivals_per_min| Command::SetArrivalRate { service: service.to_owned(), arrivals_per_min };
    check_refused(rate("orders", 60_001), "arrivals_per_min is 60001, and the limit is 60000");
    let reason = "the service \"logistics\" publishes nothing by itself, so it has no arrival rate";
    check_refused(rate("logistics", 1), reason);
}

#[test]
fn a_refused_record_changes_nothing() {
    let record = |topic: &str, value: &str, partition| Command::Publish {
        topic: topic.to_owned(),
        key: None,
        value: Some(value.to_owned()),
        headers: BTreeMap::new(),
        partition,
    };
    check_refused(
        record("orders", "", None),
        "there is no topic \"orders\"; there are: order-status, schedule-changes, texts-sent, logistics-retry, logistics-dead-letters, notifications-retry, notifications-dead-letters",
    );
    let reason = "topic \"order-status\" has partitions 0 to 2, not 3";
    check_refused(record("order-status", "", Some(3)), reason);
    let reason =
        "MessageTooLarge: the record makes a batch of 2000074 bytes, and topic \"order-status\" takes at most 65536";
    check_refused(record("order-status", &"x".repeat(2_000_000), None), reason);
}

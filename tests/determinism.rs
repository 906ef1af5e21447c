//! Scenario, seed and timed commands are the run: the same three give the same trace hash, however the time is cut up.

#![cfg(not(target_arch = "wasm32"))]

use catchup::json::Json;
use catchup::scenario::shipped;
use catchup::sim::{Command, CommandError, SeekTo, World};
use catchup::sorted::SortedMap;
use catchup::time::{Instant, Span};

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
    Command::Publish { topic, key, value, headers: SortedMap::new(), partition: None }
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

/// What else can be done to services, each at its millisecond.
fn service_commands() -> Vec<(u64, Command)> {
    let service = || "logistics".to_owned();
    let set = |service: &str, name: &str, value: &str| {
        let (service, name, value) = (service.to_owned(), name.to_owned(), value.to_owned());
        Command::SetServiceConfig { service, name, value }
    };
    let poison = [("poison".to_owned(), "true".to_owned())].into();
    let (topic, key, value) = ("order-status".to_owned(), Some("poison".to_owned()), Some("{}".to_owned()));
    vec![
        (1_000, set("logistics", "instances", "3")),
        (1_000, set("logistics", "commit_policy", "exactly_once")),
        (2_000, set("notifications", "on_failure", "dead_letter")),
        (2_000, set("notifications", "failure_percent", "20")),
        (2_500, set("orders", "buffer.memory", "4096")),
        (3_000, Command::Publish { topic, key, value, headers: poison, partition: None }),
        (4_000, Command::SetInstanceOnline { service: service(), instance: 1, online: false }),
        (5_000, Command::Stall { service: service(), ms: 2_500 }),
        (6_000, Command::SetConnected { service: "orders".to_owned(), connected: false }),
        (9_000, Command::SetConnected { service: "orders".to_owned(), connected: true }),
        (10_000, Command::Redrive { service: "notifications".to_owned() }),
        (11_000, Command::SetInstanceOnline { service: service(), instance: 1, online: true }),
        (13_000, Command::ShutDown { service: "notifications".to_owned() }),
        (15_000, Command::Seek { service: "notifications".to_owned(), to: SeekTo::Earliest }),
        (16_000, switch("notifications", true)),
        (17_000, Command::Seek { service: service(), to: SeekTo::TimeMs(5_000) }),
        (18_000, Command::Seek { service: service(), to: SeekTo::Offset(3) }),
        (19_000, Command::Seek { service: service(), to: SeekTo::Latest }),
    ]
}

/// Runs the commands to the end, moving from one to the next with `go`.
fn run(world: World, go: impl Fn(&mut World, Instant)) -> World {
    run_with(world, commands(), go)
}

fn run_with(mut world: World, commands: Vec<(u64, Command)>, go: impl Fn(&mut World, Instant)) -> World {
    for (ms, command) in commands {
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
    for (_, command) in commands().into_iter().chain(service_commands()) {
        let text = command.to_json();
        let json = Json::read(&text).expect("a command is JSON");
        assert_eq!(Command::from_json(&json), Ok(command), "{text}");
    }
}

#[test]
fn a_run_in_which_services_are_changed_can_be_replayed_from_what_was_written_down() {
    let first = run_with(world(SEED), service_commands(), at_once);
    let read = |text: &String| Command::from_json(&Json::read(text).expect("JSON")).expect("a command");
    let written = first.commands().iter().map(|it| it.command.to_json());
    let commands = first.commands().iter().zip(written).map(|(it, text)| (it.at.as_ms(), read(&text))).collect();
    let replayed = run_with(world(SEED), commands, at_once);
    assert_eq!((replayed.trace_hash(), replayed.commands()), (first.trace_hash(), first.commands()));
    check_replay(&first);
}

#[test]
fn a_run_in_which_services_are_changed_is_the_same_in_slices_and_from_clones() {
    let at_once = run_with(world(SEED), service_commands(), at_once);
    let in_slices = run_with(world(SEED), service_commands(), |world, until| {
        while world.now() < until {
            let next = (world.now() + Span::from_us(333_333)).min(until);
            world.run_until(next, &mut |_| ());
            *world = world.clone();
        }
    });
    assert_eq!(in_slices.trace_hash(), at_once.trace_hash());
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
        headers: SortedMap::new(),
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

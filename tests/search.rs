//! The search for a failure: it finds what can fail, makes it short, and what it hands over fails in the same way when it is run.

#![cfg(not(target_arch = "wasm32"))]

#[expect(dead_code, reason = "other tests use more of it")]
mod observed;

use catchup::check::promises::{Breach, Cause, Promise, Verdict};
use catchup::check::{Ledger, Promises};
use catchup::search::{Base, Found, HORIZON, Search, Stage, settings_of};
use catchup::sim::{Command, Resent, SeekTo, ServiceId, StampedCommand, World, WorldSpec};
use catchup::time::Instant;
use observed::{LOGISTICS, NOTIFICATIONS, ORDERS, delivery};
use std::sync::Arc;

fn set(service: &str, name: &str, value: &str) -> Command {
    Command::SetServiceConfig { service: service.to_owned(), name: name.to_owned(), value: value.to_owned() }
}

fn base(spec: WorldSpec, settings: Vec<Command>, promise: Promise, tries_max: u32) -> Base {
    Base { spec: Arc::new(spec), seed: 42, settings, promise, tries_max, horizon: HORIZON }
}

fn searched(base: Base) -> Search {
    let mut search = Search::new(base);
    while !matches!(search.step(), Stage::Found | Stage::NotFound) {}
    search
}

fn found(base: Base) -> Found {
    let search = searched(base);
    search.found().unwrap_or_else(|| panic!("nothing found in {} tries", search.tries()))
}

/// Runs what was found as anybody would, and says when the promise breaks.
fn breach_of(spec: WorldSpec, found: &Found, promise: Promise) -> Option<Breach> {
    let mut world = World::new(Arc::new(spec), found.seed);
    let (mut ledger, mut promises) = (Ledger::of(&world), Promises::of(&world));
    let mut observe = |stamped: &catchup::sim::Stamped| {
        ledger.observe(stamped);
        promises.observe(stamped, &ledger);
    };
    for StampedCommand { at, command } in &found.commands {
        world.run_until(*at, &mut observe);
        world.apply(command.clone(), &mut observe).expect("the world takes what was found");
    }
    world.run_until(Instant::START + HORIZON, &mut observe);
    let standings = promises.standings(&ledger, true);
    let standing = standings.iter().find(|it| it.service == found.service && it.promise == promise)?;
    match standing.verdict {
        Verdict::Broken(breach) | Verdict::NeverPromised { slipped: Some(breach), .. } => Some(breach),
        Verdict::NeverPromised { slipped: None, .. } | Verdict::Holds { .. } => None,
    }
}

#[test]
fn who_commits_before_its_work_loses_something_in_a_single_crash() {
    let settings = vec![set(NOTIFICATIONS, "commit_policy", "before_processing")];
    let found = found(base(delivery(), settings.clone(), Promise::NothingIsLost, 200));
    assert_eq!(found.service, ServiceId(2));
    assert!(!found.was_promised, "who commits before its work does not promise it");
    assert!((1..=2).contains(&found.outages), "{found:?}");
    assert_eq!(found.commands.len(), settings.len() + found.outages);
    assert_eq!(found.commands[0].command, settings[0]);
    assert_eq!(breach_of(delivery(), &found, Promise::NothingIsLost), Some(found.breach));
    let outage = found.commands[settings.len()].at;
    assert!(found.from < outage && outage <= found.breach.at, "it is seen from before the outage: {found:?}");
}

#[test]
fn who_commits_after_its_work_does_something_twice() {
    let found = found(base(delivery(), Vec::new(), Promise::NothingTwice, 200));
    assert!((1..=2).contains(&found.outages), "{found:?}");
    assert_eq!(breach_of(delivery(), &found, Promise::NothingTwice), Some(found.breach));
}

#[test]
fn who_commits_after_its_work_loses_nothing_whatever_is_tried() {
    let search = searched(base(delivery(), Vec::new(), Promise::NothingIsLost, 60));
    assert_eq!((search.stage(), search.tries(), search.found()), (Stage::NotFound, 60, None));
    assert_eq!(search.simulated().as_ms(), 60 * HORIZON.as_ms());
}

#[test]
fn who_publishes_has_an_update_written_twice_by_a_restart_although_a_retry_writes_nothing_twice() {
    let found = found(base(delivery(), Vec::new(), Promise::WrittenOnce, 400));
    assert_eq!(found.service, ServiceId(0));
    assert!(!found.was_promised, "no producer promises it");
    assert!(matches!(found.breach.cause, Cause::WrittenBefore { why: Some(Resent::Restarted), .. }), "{found:?}");
    assert_eq!(breach_of(delivery(), &found, Promise::WrittenOnce), Some(found.breach));
    let search = searched(base(delivery(), Vec::new(), Promise::RetriedOnce, 20));
    assert_eq!(search.stage(), Stage::NotFound);
}

#[test]
fn the_same_search_finds_the_same() {
    let search = || found(base(delivery(), Vec::new(), Promise::NothingTwice, 200));
    assert_eq!(search(), search());
}

#[test]
fn nothing_is_tried_if_nothing_is_to_be_tried() {
    let search = Search::new(base(delivery(), Vec::new(), Promise::NothingTwice, 0));
    assert_eq!((search.stage(), search.tries()), (Stage::NotFound, 0));
}

#[test]
fn the_settings_of_a_run_are_set_again_and_nothing_else_is() {
    let mut world = World::new(Arc::new(delivery()), 1);
    let settings = [
        set(LOGISTICS, "instances", "3"),
        set(LOGISTICS, "session.timeout.ms", "20000"),
        set(LOGISTICS, "heartbeat.interval.ms", "7000"), // more than the session timeout was
        set(ORDERS, "linger.ms", "40"),
        Command::SetArrivalRate { service: ORDERS.to_owned(), arrivals_per_min: 90 },
        Command::SetTopicConfig {
            topic: "order-status".to_owned(),
            name: "retention.ms".to_owned(),
            value: "60000".to_owned(),
        },
    ];
    let other = Command::Seek { service: LOGISTICS.to_owned(), to: SeekTo::Earliest };
    for command in settings.iter().chain([&other]) {
        world.apply(command.clone(), &mut |_| ()).expect("a command that it takes");
    }
    let mut again = World::new(Arc::new(delivery()), 1);
    let found = settings_of(&world);
    assert_eq!(found.len(), settings.len(), "{found:?}");
    for command in &found {
        again.apply(command.clone(), &mut |_| ()).expect("a command that it takes");
    }
    assert_eq!(settings_of(&again), found);
    assert!(settings.iter().all(|command| found.contains(command)), "{found:?}");
}

#[test]
fn who_asks_for_no_acknowledgement_loses_something_on_the_way() {
    let mut world = World::new(Arc::new(delivery()), 42);
    for (name, value) in [("enable.idempotence", "false"), ("acks", "0")] {
        world.apply(set(ORDERS, name, value), &mut |_| {}).expect("it goes with the others");
    }
    let found = found(base(delivery(), settings_of(&world), Promise::AcknowledgedIsThere, 200));
    assert_eq!((found.service, found.was_promised), (ServiceId(0), false));
    let breach = breach_of(delivery(), &found, Promise::AcknowledgedIsThere).expect("it breaks again");
    assert_eq!(breach.cause, Cause::NeverWritten);
}

//! Whatever fails, nothing that was published is lost: random runs, each decided by its seed, under the eyes of the checker
//! and the ledger.
//!
//! `SIM_SEEDS=500..600 cargo test --test simulation` takes other seeds than the usual ones.

#![cfg(not(target_arch = "wasm32"))]

mod observed;
mod promises;
mod random_run;
mod seeded_bugs;

use catchup::broker::{BrokerId, ClusterFact};
use catchup::check::Fate;
use catchup::check::promises::Verdict;
use catchup::log::{Isolation, Log, Offset, RecordView};
use catchup::sim::Event;
use observed::{LOGISTICS, NOTIFICATIONS, Observed, publishes};
use promises::{Story, Terms};
use random_run::{BrokersRun, RandomRun, WildRun};
use std::collections::BTreeMap;
use std::ops::Range;

/// The seeds that are taken when `SIM_SEEDS` is not set.
const SEEDS: Range<u64> = 0..2_000;

#[test]
fn whatever_fails_nothing_that_was_published_is_lost() {
    for seed in seeds() {
        let replay = Replay(seed);
        let run = RandomRun::new(seed);
        let stages: Vec<String> =
            publishes(&mut run.spec.clone()).stages.iter().map(|stage| stage.name.to_string()).collect();
        let mut observed = Observed::new(run.spec, seed);
        for (wait_ms, command) in run.actions {
            observed.run_ms(wait_ms);
            observed.apply(command);
        }
        observed.drain();
        check_nothing_is_lost(&observed);
        check_every_order_went_through(&observed, &stages);
        drop(replay);
    }
}

#[test]
fn whatever_is_done_to_services_they_keep_what_they_promise() {
    for seed in seeds() {
        let replay = Replay(seed);
        let run = WildRun::new(seed);
        let began_with = [LOGISTICS, NOTIFICATIONS].map(|name| observed::config(&mut run.spec.clone(), name).clone());
        let mut observed = Observed::new(run.spec, seed);
        for (wait_ms, command) in run.actions {
            observed.run_ms(wait_ms);
            observed.try_apply(command);
            check_nobody_shares(&observed);
            check_the_ledger_agrees_with_the_broker(&observed);
        }
        observed.settle();
        assert_eq!(
            check_the_ledger_agrees_with_the_broker(&observed),
            0,
            "nothing that was passed is still to be processed"
        );
        check_no_promise_is_broken(&observed);
        for (name, config) in [LOGISTICS, NOTIFICATIONS].into_iter().zip(&began_with) {
            let terms = Terms::of(config, &observed, name);
            let broken = promises::broken(&terms, &Story::of(&observed, name));
            assert_eq!(broken, None, "{name}, under {terms:?}");
            check_the_ledger_agrees(&observed, name, &terms);
        }
        drop(replay);
    }
}

#[test]
fn whatever_brokers_fail_what_was_acknowledged_stays_unless_the_leader_was_not_in_sync() {
    for seed in seeds() {
        let replay = Replay(seed);
        let run = BrokersRun::new(seed);
        let is_unclean = run.spec.topics[0].log.unclean_leader_election;
        let stages: Vec<String> =
            publishes(&mut run.spec.clone()).stages.iter().map(|stage| stage.name.to_string()).collect();
        let mut observed = Observed::new(run.spec, seed);
        for (wait_ms, command) in run.actions {
            observed.run_ms(wait_ms);
            observed.apply(command);
            check_the_replicas(&observed);
        }
        observed.drain();
        check_the_replicas(&observed);
        let thrown_away = thrown_away(&observed);
        assert!(is_unclean || thrown_away == 0, "{thrown_away} acknowledged records were thrown away");
        if thrown_away == 0 {
            check_nothing_is_lost(&observed);
            check_every_order_went_through(&observed, &stages);
            check_no_promise_is_broken(&observed);
        }
        drop(replay);
    }
}

/// How many acknowledged records elections have thrown away.
fn thrown_away(observed: &Observed) -> usize {
    let lost = observed.events.iter().filter_map(|stamped| match &stamped.event {
        Event::Cluster(ClusterFact::CutOff { lost, .. }) => Some(lost.len()),
        _ => None,
    });
    lost.sum()
}

/// Who leads is in sync, is never behind the high watermark, and has what those in sync have.
fn check_the_replicas(observed: &Observed) {
    let broker = observed.world.broker();
    for partition in observed.partitions() {
        let (log, replicas) = (broker.log(partition).expect("there"), broker.replicas(partition).expect("there"));
        let end_of = |id: &BrokerId| replicas.log_end_of(*id).expect("it has a replica");
        assert!(!replicas.isr().is_empty());
        assert!(replicas.isr().iter().all(|id| end_of(id) >= log.high_watermark()), "{replicas:?}");
        if let Some(leader) = replicas.leader() {
            assert!(replicas.isr().contains(&leader), "{replicas:?}");
            assert_eq!(end_of(&leader), log.log_end_offset(), "{replicas:?}");
        }
    }
}

/// Each partition is held by one member of a group, as far as its coordinator knows.
fn check_nobody_shares(observed: &Observed) {
    for name in [LOGISTICS, NOTIFICATIONS] {
        let members = observed.world.broker().group(observed.group_id(name)).members();
        let held = members.values().map(|member| &**member.assignment());
        assert_eq!(promises::no_partition_is_held_twice(held), Ok(()), "{name}");
    }
}

/// What the settings promise is kept, as the page sees it, whatever is done to the services.
fn check_no_promise_is_broken(observed: &Observed) {
    let broken = observed
        .promises
        .standings(&observed.ledger, true)
        .into_iter()
        .find(|it| matches!(it.verdict, Verdict::Broken(_)));
    assert_eq!(broken, None);
}

/// The ledger, which has seen the events only, has the records that the broker has, and no fate of any other. Returns how many of them
/// each group has passed, as the broker knows, and has still to process, as the ledger does.
fn check_the_ledger_agrees_with_the_broker(observed: &Observed) -> u64 {
    let broker = observed.world.broker();
    let mut passed = 0;
    for name in [LOGISTICS, NOTIFICATIONS] {
        let (group, mut records) = (observed.group_id(name), 0);
        for partition in observed.partitions() {
            let log = broker.log(partition).expect("the topic has the partition");
            let committed = broker.group(group).committed(partition).unwrap_or_default();
            for record in log.records(Offset::ZERO, Isolation::LogEnd) {
                let fate = observed.ledger.fate(group, partition, record.offset).expect("the ledger has each record");
                passed += u64::from(record.offset < committed && is_waiting(&fate));
                records += 1;
            }
            assert_eq!(observed.ledger.fate(group, partition, log.log_end_offset()), None, "{name}");
        }
        assert_eq!(observed.account(name).published, records, "{name}: what the ledger and the log say");
    }
    passed
}

fn is_waiting(fate: &Fate) -> bool {
    let is_done =
        fate.times > 0 || fate.recognised || fate.aside.is_some() || fate.skipped || fate.compacted || fate.aborted;
    !is_done && !fate.is_marker
}

/// What the ledger says of a run that is over agrees with the log: nothing waits, and every record is accounted for.
/// What was committed in a retry topic before it was tried there, and then lost, nobody can tell from what waits there.
fn check_the_ledger_agrees(observed: &Observed, name: &str, terms: &Terms) {
    let account = observed.account(name);
    let inputs = Story::of(observed, name).inputs.len() as u64;
    assert_eq!(account.published, inputs, "{name}: what the ledger and the log say, {account:?}");
    // What was processed left its mark in the output topic, which the ledger has never seen.
    if !terms.ever("before_processing") && account.recognised == 0 {
        let outputs = Story::of(observed, name).outputs.len() as u64;
        assert_eq!(account.processed, outputs, "{name}: what the ledger and the output say, {account:?}");
    }
    let retrying = if terms.ever("before_processing") { 0 } else { account.retrying };
    assert_eq!((account.waiting, retrying, account.dead_lettered), (0, 0, 0), "{name}: {account:?}");
}

#[test]
fn a_seed_decides_on_its_run() {
    let of = |seed| format!("{:?} {:?}", RandomRun::new(seed), WildRun::new(seed));
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

/// The engine's own accounts and those of the ledger, which were kept apart.
fn check_nothing_is_lost(observed: &Observed) {
    for service in [LOGISTICS, NOTIFICATIONS] {
        let account = observed.account(service);
        assert_eq!((account.waiting, account.lost), (0, 0), "{service}: {account:?}");
        assert_eq!(account.processed, account.published, "{service}: {account:?}");
        assert_eq!(account.published, log_ends_sum(observed), "{service}: what the ledger and the log say");
        assert_eq!(observed.world.lag(observed.id(service)), 0, "{service}: what the broker says");
    }
}

/// How many records were ever appended, as the log says.
fn log_ends_sum(observed: &Observed) -> u64 {
    let logs = observed.partitions().filter_map(|partition| observed.world.broker().log(partition));
    logs.map(|log| log.log_end_offset().records_since(Offset::ZERO)).sum()
}

/// Each order is in the log with every stage from its first one on to the last, in order; again only what was sent again.
fn check_every_order_went_through(observed: &Observed, stages: &[String]) {
    let logs: Vec<&Log> = observed.partitions().filter_map(|it| observed.world.broker().log(it)).collect();
    let records = logs.iter().flat_map(|log| log.records_from(log.log_start_offset()));
    let mut lives: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (order, stage) in records.filter_map(|record| order_and_stage(&record, stages)) {
        let life = lives.entry(order).or_default();
        if !life.contains(&stage) {
            life.push(stage);
        }
    }
    for (order, life) in lives {
        let expected: Vec<usize> = (life[0]..stages.len()).collect();
        assert_eq!(life, expected, "the stages of {order} in the log");
    }
}

/// The order that a record is about, and the place of its stage in `stages`; `None` for records published by hand.
fn order_and_stage(record: &RecordView<'_>, stages: &[String]) -> Option<(String, usize)> {
    let order = std::str::from_utf8(record.key?).ok().filter(|key| key.starts_with("order-"))?;
    let value: serde_json::Value = serde_json::from_slice(record.value?).expect("orders are published as JSON");
    let stage = stages.iter().position(|stage| value["status"] == **stage).expect("a stage of the scenario");
    Some((order.to_owned(), stage))
}

/// Says how to repeat the run, if it fails.
struct Replay(u64);

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let seed = self.0;
            eprintln!(
                "seed {seed} failed; it alone: SIM_SEEDS={seed}..{} cargo test --test simulation whatever",
                seed + 1
            );
        }
    }
}

/// The seeds to take: those in `SIM_SEEDS`, written like `0..200`.
fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("SIM_SEEDS") else { return SEEDS };
    let (from, to) = text.split_once("..").expect("SIM_SEEDS is written like 0..200");
    let number = |text: &str| text.trim().parse().expect("SIM_SEEDS is written like 0..200");
    number(from)..number(to)
}

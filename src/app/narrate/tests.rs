//! The sentence, where retention has deleted what was waiting, and where a service is stuck.

use super::*;
use crate::app::rehearsal::{delivery, go_on, switch};
use crate::app::view::page;
use crate::app::{MarkKind, Msg, update};
use crate::scenario::shipped;
use crate::sim::{Command, Named, OnFailure, POISON, ReadSetting, WorldSpec};
use crate::time::Instant;
use std::sync::Arc;

const NOTIFICATIONS: ServiceId = ServiceId(2);

/// The delivery scenario, whose topic forgets after ten seconds.
fn forgetful() -> Model {
    let mut scenario = shipped("delivery").expect("a shipped scenario");
    let mut spec = WorldSpec::clone(&scenario.world);
    spec.topics[0].log.retention_ms = Some(10_000);
    spec.topics[0].log.segment_bytes = 1_024;
    spec.broker.log_retention_check_interval = Span::from_ms(1_000);
    scenario.world = Arc::new(spec);
    Model::new(scenario, 42)
}

#[test]
fn what_retention_has_deleted_is_not_said_to_wait() {
    let mut model = forgetful();
    go_on(&mut model, 20_000);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 40_000);
    let (waiting, deleted) = (model.world().waiting(NOTIFICATIONS), model.world().lag_deleted(NOTIFICATIONS));
    assert!(waiting > 0 && deleted > 0, "{waiting} waiting, {deleted} deleted");
    assert_eq!(model.world().lag(NOTIFICATIONS), waiting + deleted);
    let expected = format!(
        "notifications is offline: {waiting} updates are waiting for it, {deleted} were deleted by retention before they \
         were read."
    );
    assert!(model.narrate().1.starts_with(&expected), "{}", model.narrate().1);
}

#[test]
fn nothing_waits_when_everything_was_deleted_and_the_service_goes_on_with_what_comes_next() {
    let mut model = forgetful();
    go_on(&mut model, 20_000);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 10_000);
    switch(&mut model, "orders", false);
    go_on(&mut model, 30_000);
    let lag = model.world().lag(NOTIFICATIONS);
    assert!(lag > 0, "Kafka's tools count what was deleted");
    assert_eq!(model.world().waiting(NOTIFICATIONS), 0);
    let told = format!("nothing is waiting for it any more, {lag} were deleted by retention before they were read.");
    assert!(model.narrate().1.contains(&told), "{}", model.narrate().1);
    let lanes = page(&model).topics[0].lanes.clone();
    assert!(lanes.iter().all(|lane| lane.groups[1].text.ends_with("behind, all deleted")), "{lanes:?}");

    switch(&mut model, "notifications", true);
    go_on(&mut model, 1_500);
    assert_eq!(model.world().service_state(NOTIFICATIONS), ServiceState::Running);
    assert_eq!(model.world().lag(NOTIFICATIONS), lag, "there was nothing to commit");
    let lost = model.account_of(NOTIFICATIONS).lost;
    assert!(lost > 0 && lag - lost <= 20, "{lost} lost; of what was in hand, some was processed and not committed");

    switch(&mut model, "orders", true);
    go_on(&mut model, 8_000); // logistics works on the burst first
    let expected = format!("notifications is back. All that it had missed was deleted: {lost} were lost.");
    assert_eq!(model.narrate(), (Tone::Down, expected), "a loss is no good news");
    go_on(&mut model, 60_000);
    assert_eq!((model.narrate().0, model.world().lag_deleted(NOTIFICATIONS)), (Tone::Calm, 0));
    assert_eq!(model.account_of(NOTIFICATIONS).lost, lost, "what came next was processed");
}

#[test]
fn an_outage_that_lost_nothing_does_not_answer_for_one_that_did() {
    let mut model = forgetful();
    go_on(&mut model, 20_000);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 40_000);
    switch(&mut model, "notifications", true);
    go_on(&mut model, 40_000);
    let lost = model.account_of(NOTIFICATIONS).lost;
    assert!(lost > 0);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 3_000);
    switch(&mut model, "notifications", true);
    let back_at: Instant = model.world().now();
    while model.narrate().0 != Tone::Good && model.world().now().since(back_at) < Span::from_ms(20_000) {
        go_on(&mut model, 100);
    }
    assert!(model.narrate().1.contains("Nothing was lost"), "{}", model.narrate().1);
    assert_eq!(model.account_of(NOTIFICATIONS).lost, lost);
}

fn set(model: &mut Model, service: &str, name: &str, value: &str) {
    let (service, name, value) = (service.to_owned(), name.to_owned(), value.to_owned());
    model.act(Command::SetServiceConfig { service, name, value }).expect("there is such a setting");
}

#[test]
fn what_auto_commit_brings_again_is_told_apart_from_what_waits() {
    let mut model = delivery();
    set(&mut model, "notifications", "commit_policy", "auto");
    set(&mut model, "notifications", "auto.commit.interval.ms", "10000");
    go_on(&mut model, 28_000);
    switch(&mut model, "notifications", false);
    let (waiting, unread) = (model.world().waiting(NOTIFICATIONS), model.account_of(NOTIFICATIONS).waiting);
    assert!(waiting >= unread + REPEATED_MIN, "{waiting} waiting, {unread} of them unread");
    let told = format!(
        "notifications is offline: {waiting} updates are waiting for it, {} of them again: processed, but not committed.",
        waiting - unread
    );
    assert!(model.narrate().1.starts_with(&told), "{}", model.narrate().1);
}

#[test]
fn who_has_a_pile_to_work_on_is_not_said_to_keep_up() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    assert!(model.narrate().1.contains("keep up"), "{}", model.narrate().1);
    let stall = Command::Stall { service: "logistics".to_owned(), ms: 5_000 };
    model.act(stall).expect("there is such a service");
    go_on(&mut model, 5_100);
    let left = model.account_of(ServiceId(1)).waiting;
    assert!(left > WORTH_TELLING, "{left}");
    let told = format!("All services are running. logistics has {left} updates to go.");
    assert_eq!(model.narrate(), (Tone::Calm, told));
    go_on(&mut model, 20_000);
    assert!(model.narrate().1.contains("keep up"), "{}", model.narrate().1);
}

#[test]
fn nobody_is_said_to_have_crashed_where_only_brokers_were_away() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    let switch = |model: &mut Model, online| {
        for broker in 1..=3 {
            model.act(Command::SetBrokerOnline { broker, online }).expect("there is such a broker");
        }
    };
    switch(&mut model, false);
    go_on(&mut model, 60_000);
    switch(&mut model, true);
    let mut told = Vec::new();
    for _ in 0..600 {
        go_on(&mut model, 100);
        told.push(model.narrate().1);
    }
    assert!(!told.iter().any(|it| it.contains("crashed")), "{told:?}");
    assert!(told.iter().any(|it| it.contains("which still counts a former member")), "{told:?}");
}

#[test]
fn who_asks_for_no_acknowledgement_is_not_said_to_try_again() {
    let mut model = delivery();
    set(&mut model, "orders", "enable.idempotence", "false");
    set(&mut model, "orders", "acks", "0");
    go_on(&mut model, 20_000);
    model.act(Command::SetBrokerConnected { broker: 1, connected: false }).expect("there is such a broker");
    go_on(&mut model, 1_000);
    let told = model.narrate().1;
    assert!(told.contains("With acks 0, orders loses what goes there, readers wait."), "{told}");
    go_on(&mut model, 20_000);
    let lost = model.account_of(ServiceId(0)).lost;
    assert!(lost > 0);
    let page = page(&model);
    assert_eq!(page.services[0].note, format!("lost on the way to the log: {lost}"));
    let line = page.ledger.last().expect("a line for each group, and one for the publisher");
    assert!(line.any_lost && line.index.is_none(), "{line:?}");
    let marked: u64 = model.marks().filter(|it| it.kind == MarkKind::Lost).map(|it| it.times).sum();
    assert_eq!(marked, lost);
    let slipped = page.promises.line.contains("1 was not made, and did not hold");
    assert!(slipped, "{}", page.promises.line);
}

/// A poison record in the shop, which only `stuck` cannot read.
fn poisoned_shop(stuck: &str) -> Model {
    let mut model = Model::new(shipped("shop").expect("a shipped scenario"), 42);
    go_on(&mut model, 12_000);
    let readers = model.world().service_ids().filter(|id| model.world().group_of(*id).is_some());
    let others: Vec<String> = readers.map(|id| model.name(id).to_owned()).filter(|name| name != stuck).collect();
    for service in others {
        let (name, value) = (ReadSetting::ReadsPoison.name().to_owned(), "true".to_owned());
        model.act(Command::SetServiceConfig { service, name, value }).expect("it can be set");
    }
    let (topic, key, value, partition) = ("purchases".to_owned(), None, Some("?".to_owned()), None);
    let headers = [(POISON.to_owned(), "true".to_owned())].into();
    model.act(Command::Publish { topic, key, value, headers, partition }).expect("anybody may publish");
    go_on(&mut model, 20_000);
    assert!(model.narrate().1.starts_with(&format!("{stuck} has failed ")), "{}", model.narrate().1);
    model
}

#[test]
fn only_the_ways_out_that_there_are_are_told() {
    for (service, ways) in [
        ("notifications", "waits. Skip it, or fix the bug."),
        ("payments", "waits. Set it aside, use its retry topic, skip it, or fix the bug."),
    ] {
        let sentence = poisoned_shop(service).narrate().1;
        assert!(sentence.ends_with(ways), "{sentence}");
    }
}

#[test]
fn what_is_decided_about_a_record_is_told_instead_of_the_ways_out() {
    let mut model = poisoned_shop("notifications");
    let (service, name) = ("notifications".to_owned(), ReadSetting::OnFailure.name().to_owned());
    model
        .act(Command::SetServiceConfig { service, name, value: OnFailure::Skip.name().to_owned() })
        .expect("it can be set");
    assert!(model.narrate().1.ends_with("waits; when it fails next, the record is skipped."), "{}", model.narrate().1);
    assert_eq!(model.next_step().expect("there is nothing to be fixed").label(), "Take payments offline");
}

#[test]
fn who_works_off_what_came_in_meanwhile_is_not_said_to_fall_behind() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 400_000);
    switch(&mut model, "notifications", true);
    let mut told = Vec::new();
    while told.last().is_none_or(|text: &String| !text.starts_with("All services")) {
        go_on(&mut model, 500);
        told.push(model.narrate().1);
    }
    assert!(told.iter().all(|text| !text.contains("does not keep up")), "{told:?}");
    let newer = told.iter().position(|text| text.contains("Next are the")).expect("more came in meanwhile");
    let backlog = told.iter().position(|text| text.contains("works off its backlog")).expect("and is more than news");
    assert!(newer < backlog, "{told:?}");
}

#[test]
fn who_processes_less_than_arrives_does_not_keep_up() {
    let mut model = delivery();
    let rate = Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 600 };
    update(&mut model, Msg::Do(rate));
    go_on(&mut model, 120_000);
    let (tone, text) = model.narrate();
    assert_eq!(tone, Tone::CatchingUp);
    let lateness = model.lateness(ServiceId(1)).expect("it reads");
    assert!(lateness.arrival_tenths_per_s > lateness.processing_tenths_per_s, "{lateness:?}");
    let rates = [lateness.arrival_tenths_per_s, lateness.processing_tenths_per_s].map(tenths);
    assert!(
        text.starts_with(&format!("logistics does not keep up: {} a second arrive, {} are", rates[0], rates[1])),
        "{text}"
    );
}

/// The sentences of so long, as they come from frame to frame while time runs.
fn told_in(model: &mut Model, s: u64) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..s * 10 {
        go_on(model, 100);
        told.push(model.narrate().1);
    }
    told.dedup();
    told
}

#[test]
fn while_time_runs_the_sentence_can_be_read_and_when_it_is_held_it_is_exact() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    model.playing = true;
    switch(&mut model, "notifications", false);
    let told = told_in(&mut model, 20);
    assert!(told.len() <= 20, "not more often than once a second: {told:?}");
    let waiting = model.world().waiting(NOTIFICATIONS);
    let said = told.last().expect("it says something");
    let number = said.split_once("more than ").and_then(|(_, rest)| rest.split_once(' ')?.0.parse::<u64>().ok());
    assert!(number.is_some_and(|number| number < waiting && waiting <= number + 10), "{waiting} wait: {said}");
    model.playing = false;
    assert!(model.narrate().1.contains(&format!("{waiting} updates are waiting for it")), "{}", model.narrate().1);
    model.playing = true;
    switch(&mut model, "notifications", true);
    while model.world().service_state(NOTIFICATIONS) != ServiceState::CatchingUp {
        go_on(&mut model, 100);
    }
    let said = model.narrate().1;
    assert!(said.contains(&format!("it missed {waiting} updates")), "{said}");
    while model.world().service_state(NOTIFICATIONS) == ServiceState::CatchingUp {
        assert_eq!(model.narrate().1, said, "it stays what it is while it catches up");
        go_on(&mut model, 100);
    }
}

//! What is told of brokers that are away, and when they are back.

use super::*;
use crate::app::rehearsal::{delivery, go_on};
use crate::app::view::brokers;
use crate::check::Lost;
use crate::check::promises::{Cause, Promise, Verdict};
use crate::scenario::shipped;
use crate::sim::Command;
use crate::time::Span;

fn check(model: &mut Model, ms: u64, tone: Tone, expect: &str) {
    model.advance_to(Instant::from_ms(ms));
    let (found, text) = model.narrate();
    assert_eq!(found, tone, "{text}");
    assert!(text.contains(expect), "{expect:?} in {text:?}");
}

fn switch(model: &mut Model, broker: u32, online: bool) {
    model.act(Command::SetBrokerOnline { broker, online }).expect("there is such a broker");
}

#[test]
fn it_is_told_what_waits_for_a_leader_and_when_others_lead() {
    let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
    check(&mut model, 20_000, Tone::Calm, "All services are running");
    switch(&mut model, 2, false);
    check(&mut model, 21_000, Tone::Down, "Broker 2 is away: partition 1 of order-status");
    check(&mut model, 21_000, Tone::Down, "no leader until that is noticed");
    check(&mut model, 45_000, Tone::Down, "Others lead in its place");
    check(&mut model, 45_000, Tone::Down, "Until it is back, all 9 partitions lack a replica.");
    switch(&mut model, 1, false);
    switch(&mut model, 3, false);
    check(
        &mut model,
        60_000,
        Tone::Down,
        "Brokers 1, 2 and 3 are away: all 9 partitions have no leader until a broker",
    );
    for broker in 1..=3 {
        switch(&mut model, broker, true);
    }
    model.advance_to(Instant::from_ms(180_000));
    assert!(!model.narrate().1.contains("roker"), "{}", model.narrate().1);
}

/// The day goes on until it is told that all brokers are back.
fn until_back(model: &mut Model) -> (Tone, String) {
    for _ in 0..600 {
        go_on(model, 100);
        if let Some((_, told)) = model.tell_brokers_back() {
            return told;
        }
    }
    panic!("it was never over: {}", model.narrate().1);
}

#[test]
fn when_a_broker_is_back_it_is_told_who_led_and_that_nothing_was_lost() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    let leads = |model: &Model, id: usize| brokers(model).rows[id].leads;
    let led = leads(&model, 1);
    switch(&mut model, 2, false);
    let (mut unled_ms, mut waited) = (0, false);
    while leads(&model, 1) > 0 {
        go_on(&mut model, 100);
        unled_ms += 100;
        waited |= model.state_text(ServiceId(0)) == "waiting for the log: nobody leads partition 1";
    }
    assert!(waited, "the card of the publisher says so");
    go_on(&mut model, 20_000);
    assert_eq!(model.state_text(ServiceId(0)), "running");
    switch(&mut model, 2, true);
    assert_eq!(model.moment.blackouts.latest(), None, "its replicas lag behind");
    let (tone, text) = until_back(&mut model);
    assert_eq!(tone, Tone::Good, "{text}");
    assert!(text.starts_with(&format!(
        "Broker 2 is back, and all replicas are in sync again. Nobody led {led} partitions for "
    )));
    assert!(text.ends_with("; then others did. Nothing that was acknowledged was lost."), "{text}");
    let over = model.moment.blackouts.latest().expect("it is over");
    assert!(over.unled_for.as_ms().abs_diff(unled_ms) <= 100, "{over:?} and {unled_ms} ms");
    assert_eq!(model.narrate().1.replace('`', ""), text.replace('`', ""), "it is the news");
    model.advance_to(model.world().now() + Span::from_ms(15_000));
    assert!(model.narrate().1.starts_with("All services"), "{}", model.narrate().1);
}

#[test]
fn that_too_few_replicas_are_in_sync_is_told_before_what_comes_of_it() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    switch(&mut model, 1, false);
    switch(&mut model, 2, false);
    go_on(&mut model, 60_000);
    let before = model.account_of(ServiceId(1)).published;
    for _ in 0..40 {
        go_on(&mut model, 10_000);
        let (tone, text) = model.narrate();
        assert_eq!(tone, Tone::Down);
        let expected = "Brokers 1 and 2 are away: all 9 partitions have too few replicas in sync, fewer than min.insync.replicas. \
                        Publishers try again, and readers get nothing new until a broker is back.";
        assert_eq!(text, expected);
    }
    assert_eq!(model.account_of(ServiceId(1)).published, before, "and so it is");
    let state = "waiting for the log: too few replicas in sync";
    assert_eq!(model.state_text(ServiceId(0)), state);
    switch(&mut model, 1, true);
    go_on(&mut model, 20_000);
    assert!(model.account_of(ServiceId(1)).published > before);
    assert!(model.narrate().1.contains("everything goes on"), "{}", model.narrate().1);
}

fn connect(model: &mut Model, broker: u32, connected: bool) {
    model.act(Command::SetBrokerConnected { broker, connected }).expect("there is such a broker");
}

#[test]
fn a_broker_that_is_cut_off_for_less_than_its_session_was_replaced_by_nobody() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    connect(&mut model, 3, false);
    go_on(&mut model, 1_000);
    connect(&mut model, 3, true);
    let (tone, text) = until_back(&mut model);
    assert_eq!(tone, Tone::Good);
    assert!(text.contains(" for 1.0 s, and no other took over."), "{text}");
}

#[test]
fn a_broker_that_is_started_again_at_once_is_away_until_the_session_of_the_one_that_it_was_has_ended() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    switch(&mut model, 3, false);
    go_on(&mut model, 1_000);
    switch(&mut model, 3, true);
    go_on(&mut model, 1_000);
    let (tone, text) = model.narrate();
    assert!(tone == Tone::Down && text.starts_with("Broker 3 is starting: "), "{text}");
    assert_eq!(brokers(&model).rows[2].state, "started, and not let in before its old session ends");
    let (tone, text) = until_back(&mut model);
    assert_eq!(tone, Tone::Good);
    let session = seconds(model.world().spec().broker.broker_session_timeout);
    assert!(text.contains(&format!(" for {session}; then others did.")), "{text}");
}

#[test]
fn what_an_election_lost_is_told_and_the_promises_know_it_too() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    let (topic, name) = ("order-status".to_owned(), "unclean.leader.election.enable".to_owned());
    model.act(Command::SetTopicConfig { topic, name, value: "true".to_owned() }).expect("it takes that");
    switch(&mut model, 3, false);
    go_on(&mut model, 20_000);
    switch(&mut model, 1, false);
    switch(&mut model, 2, false);
    switch(&mut model, 3, true);
    go_on(&mut model, 30_000);
    switch(&mut model, 1, true);
    switch(&mut model, 2, true);
    let (tone, text) = until_back(&mut model);
    let lost = model.moment.blackouts.latest().map_or(0, |it| it.lost);
    assert!(tone == Tone::Down && lost > 0, "{text}");
    assert!(text.starts_with("Brokers 1, 2 and 3 are back"), "{text}");
    assert!(text.contains(&format!("{lost} records that counted as written were lost from the log.")), "{text}");
    let standings = model.moment.promises.standings(model.ledger(), true);
    let is_there = standings.iter().find(|it| it.promise == Promise::AcknowledgedIsThere).expect("orders publishes");
    let breach = match is_there.verdict {
        Verdict::Broken(breach) | Verdict::NeverPromised { slipped: Some(breach), .. } => breach,
        Verdict::Holds { .. } | Verdict::NeverPromised { slipped: None, .. } => panic!("{is_there:?}"),
    };
    assert_eq!(breach.cause, Cause::Lost(Lost::ThrownAway), "the promises have it too");
}

/// The shipped day, with a publisher that asks for no acknowledgement.
fn careless() -> Model {
    let mut model = delivery();
    for (name, value) in [("enable.idempotence", "false"), ("acks", "0")] {
        let (service, name) = ("orders".to_owned(), name.to_owned());
        model.act(Command::SetServiceConfig { service, name, value: value.to_owned() }).expect("it takes that");
    }
    model
}

#[test]
fn with_acks_0_what_goes_to_a_broker_that_does_not_run_waits_and_that_nothing_is_lost_is_said_where_it_is_true() {
    let mut model = careless();
    go_on(&mut model, 20_000);
    switch(&mut model, 2, false);
    go_on(&mut model, 1_000);
    assert_eq!(model.state_text(ServiceId(0)), "waiting for the log: nobody leads partition 1");
    assert!(model.narrate().1.contains("Publishers keep what goes there"), "{}", model.narrate().1);
    for broker in [1, 3] {
        switch(&mut model, broker, false);
    }
    go_on(&mut model, 60_000);
    assert_eq!(model.ledger().never_written(ServiceId(0)), 0, "nothing was on its way just then");
    assert!(model.narrate().1.contains("Nothing is lost meanwhile"), "{}", model.narrate().1);
}

#[test]
fn that_nothing_is_lost_is_not_said_beside_what_is_lost() {
    let mut model = careless();
    go_on(&mut model, 20_000);
    for broker in 1..=3 {
        connect(&mut model, broker, false);
    }
    go_on(&mut model, 15_000);
    let text = model.narrate().1;
    assert!(text.contains("no leader until") && text.contains("Nothing goes on there"), "{text}");
    assert!(!text.contains("Nothing is lost"), "{text}");
}

#[test]
fn with_acks_0_what_nobody_took_is_told() {
    let mut model = careless();
    go_on(&mut model, 20_000);
    let orders = ServiceId(0);
    let before = model.ledger().never_written(orders);
    connect(&mut model, 2, false);
    go_on(&mut model, 1_000);
    assert_eq!(model.state_text(orders), "losing records: nobody leads partition 1");
    assert!(model.narrate().1.contains("With acks 0, orders loses what goes there"), "{}", model.narrate().1);
    go_on(&mut model, 20_000);
    connect(&mut model, 2, true);
    let (tone, text) = until_back(&mut model);
    let never = model.ledger().never_written(orders) - before;
    assert!(tone == Tone::Down && never > 0);
    assert!(text.contains(&format!("With acks 0, {never} records that counted as written never came")), "{text}");
}

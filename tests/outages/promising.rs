//! What services promise while outages happen to them, and what is not held against a promise.

use super::observed::{LOGISTICS, ORDERS, Observed, TOPIC, config, publishes};
use super::{SEED, busy, configure, quiet};
use catchup::check::promises::{Cause, Promise, Verdict};
use catchup::sim::{Command, CommitPolicy, OnFailure, POISON};
use catchup::sorted::SortedMap;
use catchup::time::Span;

fn verdict(observed: &Observed, service: &str, promise: Promise) -> Verdict {
    let id = observed.id(service);
    let standings = observed.promises.standings(&observed.ledger, true);
    let found = standings.into_iter().find(|it| (it.service, it.promise) == (id, promise));
    found.expect("the service has the promise").verdict
}

/// Whether something was not as it is promised, though it was not promised.
fn has_slipped(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::NeverPromised { slipped: Some(_), .. })
}

/// Orders, whose producer numbers its records or not and has so many requests under way, and which cannot reach the broker for a moment. Meanwhile it is set otherwise,
/// if `sets` says so.
fn cut_off(numbers: bool, in_flight_max: u32, sets: Option<(&str, &str)>) -> Observed {
    let mut spec = busy();
    let orders = publishes(&mut spec);
    (orders.arrivals_per_min, orders.config.idempotence) = (1_200, numbers);
    (orders.config.linger, orders.config.request_timeout) = (Span::ZERO, Span::from_ms(1_000));
    orders.config.in_flight_max = in_flight_max;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(3_000);
    for connected in [false, true] {
        observed.apply(Command::SetConnected { service: ORDERS.to_owned(), connected });
        if let (false, Some((name, value))) = (connected, sets) {
            observed.apply(configure(ORDERS, name, value));
        }
        observed.run_ms(15);
    }
    observed.run_ms(10_000);
    observed
}

#[test]
fn a_record_that_is_sent_again_is_in_the_log_once_if_it_is_numbered() {
    assert!(has_slipped(verdict(&cut_off(false, 5, None), ORDERS, Promise::RetriedOnce)));
    let is_kept = |verdict| matches!(verdict, Verdict::Holds { .. });
    assert!(is_kept(verdict(&cut_off(true, 5, None), ORDERS, Promise::RetriedOnce)));
}

#[test]
fn numbers_do_not_vouch_for_what_was_sent_without_them() {
    let observed = cut_off(false, 5, Some(("enable.idempotence", "true")));
    let found = verdict(&observed, ORDERS, Promise::RetriedOnce);
    assert!(matches!(found, Verdict::Holds { since } if since > observed.events[0].at), "{found:?}");
}

#[test]
fn what_is_sent_again_without_numbers_may_come_behind_what_was_sent_later() {
    assert!(has_slipped(verdict(&cut_off(false, 5, None), ORDERS, Promise::SentInOrder)));
    for observed in [cut_off(true, 5, None), cut_off(false, 1, None)] {
        let found = verdict(&observed, ORDERS, Promise::SentInOrder);
        assert!(matches!(found, Verdict::Holds { .. }), "{found:?}");
    }
}

#[test]
fn what_is_committed_and_in_hand_is_lost_with_whoever_has_it() {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.commit_policy, reader.processing) = (CommitPolicy::BeforeProcessing, super::millis(500, 500));
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    let group = observed.group_id(LOGISTICS);
    assert_eq!(observed.ledger.committed_in_hand(group), 0);
    observed.publish(5);
    observed.run_ms(1_200);
    let at_risk = observed.ledger.committed_in_hand(group);
    assert!(at_risk > 0, "{:?}", observed.account(LOGISTICS));
    observed.apply(super::observed::switch(LOGISTICS, false));
    assert_eq!((observed.account(LOGISTICS).lost, observed.ledger.committed_in_hand(group)), (at_risk, 0));
}

/// Logistics puts a poison record of one order aside and is mended; meanwhile a record of `next` comes.
fn put_aside_before(next: &str) -> Verdict {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.on_failure, reader.retry_backoff) = (OnFailure::RetryTopic, Span::from_ms(1_000));
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    for (key, headers) in [("order-1", [(POISON.to_owned(), "true".to_owned())].into()), (next, SortedMap::new())] {
        let (topic, key, value) = (TOPIC.to_owned(), Some(key.to_owned()), Some("{}".to_owned()));
        observed.apply(Command::Publish { topic, key, value, headers, partition: Some(0) });
    }
    observed.run_ms(800);
    observed.apply(configure(LOGISTICS, "reads_poison", "true"));
    observed.run_ms(5_000);
    assert_eq!(observed.account(LOGISTICS).processed, 2);
    verdict(&observed, LOGISTICS, Promise::InOrder)
}

#[test]
fn what_is_put_aside_is_overtaken_by_updates_of_the_same_key_only() {
    let overtaken = put_aside_before("order-1");
    let is_overtaken = |it: &Verdict| matches!(it, Verdict::NeverPromised { slipped: Some(breach), .. } if breach.cause == Cause::Overtaken);
    assert!(is_overtaken(&overtaken), "{overtaken:?}");
    let alone = put_aside_before("order-2");
    assert!(matches!(alone, Verdict::NeverPromised { slipped: None, .. }), "{alone:?}");
}

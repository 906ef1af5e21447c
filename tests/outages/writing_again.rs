//! Updates that are in the log twice: what idempotence keeps out, and what it does not.

use super::observed::{ORDERS, Observed, publishes, switch};
use super::{SEED, busy};
use catchup::check::promises::{Breach, Cause, Promise, Verdict};
use catchup::log::{Isolation, Offset, RecordRef};
use catchup::sim::{Command, Event, Resent, Stream, UpdateHash};
use catchup::time::Span;
use proptest::prelude::*;

/// Orders, busy, numbering its records or not, and giving them up after a second.
fn orders(idempotence: bool) -> Observed {
    let mut spec = busy();
    let orders = publishes(&mut spec);
    orders.arrivals_per_min = 1_200;
    orders.config.idempotence = idempotence;
    (orders.config.request_timeout, orders.config.delivery_timeout) = (Span::from_ms(400), Span::from_ms(1_000));
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(3_000);
    observed
}

fn connect(observed: &mut Observed, connected: bool) {
    observed.apply(Command::SetConnected { service: ORDERS.to_owned(), connected });
}

fn verdict(observed: &Observed, promise: Promise) -> Verdict {
    let id = observed.id(ORDERS);
    let standings = observed.promises.standings(&observed.ledger, true);
    standings.into_iter().find(|it| (it.service, it.promise) == (id, promise)).expect("orders has it").verdict
}

/// Where an update was first that is there twice.
fn slip(observed: &Observed) -> Option<Breach> {
    match verdict(observed, Promise::WrittenOnce) {
        Verdict::NeverPromised { slipped, .. } => slipped,
        other => panic!("no producer promises it: {other:?}"),
    }
}

/// What a record says, and when that came about.
type Said = (Vec<u8>, Vec<u8>, i64);

/// All records in the logs.
fn records(observed: &Observed) -> Vec<(RecordRef, Said)> {
    let of_partition = |partition| {
        let log = observed.world.broker().log(partition).expect("it is there");
        let said = move |it: catchup::log::RecordView<'_>| {
            let [key, value] = [it.key, it.value].map(|bytes| bytes.unwrap_or_default().to_vec());
            (RecordRef { partition, offset: it.offset }, (key, value, it.timestamp_ms))
        };
        log.records(Offset::ZERO, Isolation::LogEnd).map(said).collect::<Vec<_>>()
    };
    observed.partitions().flat_map(of_partition).collect()
}

/// Those that say what one before them does.
fn copies(observed: &Observed) -> Vec<(RecordRef, RecordRef)> {
    let all = records(observed);
    let first = |said: &Said| all.iter().find(|(_, known)| known == said).map(|(at, _)| *at);
    let copy = |(at, said): &(RecordRef, Said)| first(said).filter(|first| first != at).map(|first| (first, *at));
    all.iter().filter_map(copy).collect()
}

/// The breach is of two records that say the same, of the moment at which the second came into the log, and for this reason.
fn check_breach(observed: &Observed, expect: Resent) {
    let breach = slip(observed).expect("an update is there twice");
    let at = RecordRef { partition: breach.partition, offset: breach.offset };
    let Cause::WrittenBefore { first, why } = breach.cause else { panic!("{breach:?}") };
    assert_eq!(why, Some(expect));
    assert!(copies(observed).contains(&(first, at)), "{breach:?}");
    let holds = |base: Offset, updates: &[UpdateHash]| (base..base.plus(updates.len() as i64)).contains(&at.offset);
    let appended = observed.events.iter().find(|it| {
        matches!(&it.event, Event::Appended { partition, base_offset, updates, .. } if *partition == at.partition && holds(*base_offset, updates))
    });
    assert_eq!(appended.map(|it| it.at), Some(breach.at));
}

#[test]
fn a_restarted_producer_writes_twice_what_its_predecessor_had_not_heard_of() {
    let mut observed = orders(true);
    for _ in 0..20 {
        observed.apply(switch(ORDERS, false));
        observed.run_ms(50);
        observed.apply(switch(ORDERS, true));
        observed.run_ms(937);
    }
    check_breach(&observed, Resent::Restarted);
    let retried = verdict(&observed, Promise::RetriedOnce);
    assert!(matches!(retried, Verdict::Holds { .. }), "idempotence keeps what it promises: {retried:?}");
}

#[test]
fn what_a_producer_has_given_up_and_is_handed_again_may_be_there_twice() {
    let mut observed = orders(true);
    for _ in 0..5 {
        connect(&mut observed, false);
        observed.run_ms(2_000);
        connect(&mut observed, true);
        observed.run_ms(3_001);
    }
    check_breach(&observed, Resent::GivenUp);
    let retried = verdict(&observed, Promise::RetriedOnce);
    assert!(matches!(retried, Verdict::Holds { .. }), "it was no retry: {retried:?}");
}

#[test]
fn a_cut_that_is_over_before_anything_is_given_up_leaves_nothing_twice() {
    let mut observed = orders(true);
    for _ in 0..20 {
        connect(&mut observed, false);
        observed.run_ms(15);
        connect(&mut observed, true);
        observed.run_ms(1_500);
    }
    assert_eq!((copies(&observed), slip(&observed)), (Vec::new(), None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happens to orders: an update is judged to be written twice if it is, and by a retry only without idempotence.
    #[test]
    fn what_is_judged_is_what_is_in_the_log(seed: u64, idempotence: bool) {
        let mut observed = orders(idempotence);
        let mut dice = Stream::new(seed, "what happens");
        for _ in 0..6 {
            let crashes = dice.below(2) == 0;
            for is_over in [false, true] {
                if crashes { observed.apply(switch(ORDERS, is_over)) } else { connect(&mut observed, is_over) }
                observed.run_ms(if dice.below(3) == 0 { dice.below(2_500) } else { dice.below(40) });
            }
        }
        observed.run_ms(3_000);
        prop_assert_eq!(slip(&observed).is_some(), !copies(&observed).is_empty());
        match verdict(&observed, Promise::RetriedOnce) {
            Verdict::Holds { .. } => prop_assert!(idempotence),
            Verdict::NeverPromised { .. } => prop_assert!(!idempotence),
            broken @ Verdict::Broken(_) => prop_assert!(false, "{:?}", broken),
        }
    }
}

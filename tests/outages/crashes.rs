//! What a crash repeats, what it does not, and when a group lets go of a member.

use super::observed::{LOGISTICS, NOTIFICATIONS, Observed, config, millis, switch};
use super::{HEARTBEAT_MS, LATENCY_MS, SEED, SESSION_MS, busy, is_leaving, quiet};
use catchup::broker::{GroupState, LeaveReason, OffsetsFact};
use catchup::sim::Event;
use catchup::time::Span;

#[test]
fn without_a_crash_nothing_is_processed_again() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(30_000);
    observed.drain();
    for service in [LOGISTICS, NOTIFICATIONS] {
        let account = observed.account(service);
        assert!(account.published > 100, "{service}: {account:?}");
        assert_eq!((account.processed, account.processed_again), (account.published, 0), "{service}");
    }
}

#[test]
fn what_was_processed_but_not_committed_before_a_crash_is_processed_again() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    observed.run_into_a_poll_of_logistics(3);
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(1_000);
    observed.drain();
    let account = observed.account(LOGISTICS);
    assert_eq!((account.published, account.processed, account.processed_again), (10, 10, 3));
    assert_eq!(observed.account(NOTIFICATIONS).processed_again, 0, "the crash of another service");
}

#[test]
fn a_crash_right_after_a_commit_repeats_nothing() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    observed.run_into_a_poll_of_logistics(3);
    let group = observed.group_id(LOGISTICS);
    observed.run_to(
        1_000,
        |event| matches!(event, Event::Offsets(OffsetsFact::Committed { group: committed, .. }) if *committed == group),
    );
    observed.apply(switch(LOGISTICS, false));
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).processed_again, 0);
}

#[test]
fn a_service_that_is_off_leaves_its_group_when_its_session_ends_and_not_before() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(5_000);
    let switched_off = observed.world.now();
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(SESSION_MS - HEARTBEAT_MS - LATENCY_MS - 1);
    assert_eq!(observed.group(LOGISTICS).members().len(), 1, "its last heartbeat is not that old");
    let group = observed.group_id(LOGISTICS);
    let left = observed.run_to(1_000, |event| is_leaving(event, group, LeaveReason::SessionTimedOut));
    assert!(left.at <= switched_off + Span::from_ms(SESSION_MS + LATENCY_MS), "it left as late as {:?}", left.at);
    assert_eq!(observed.group(LOGISTICS).state(), GroupState::Empty);
    assert_eq!(observed.group(NOTIFICATIONS).state(), GroupState::Stable, "another service's group");
}

#[test]
fn a_reader_that_works_longer_than_its_poll_interval_leaves_and_is_given_the_same_records_again() {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.processing, reader.max_poll_interval) = (millis(700, 700), Span::from_ms(5_000));
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(10); // the first alone, then nine at once, which take 6,300 ms
    let group = observed.group_id(LOGISTICS);
    observed.run_to(10_000, |event| is_leaving(event, group, LeaveReason::Left));
    observed.run_ms(10_000);
    let account = observed.account(LOGISTICS);
    assert_eq!((account.published, account.processed, account.lost), (10, 10, 0));
    assert!(account.processed_again > 0, "{account:?}");
}

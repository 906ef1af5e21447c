//! How instances leave their group, and come back: stalls, shutdowns, static members, more instances and fewer.

use super::observed::{LOGISTICS, Observed, config, switch};
use super::{HEARTBEAT_MS, LATENCY_MS, SEED, SESSION_MS, busy, configure, quiet};
use catchup::broker::{GroupFact, GroupState, LeaveReason};
use catchup::client::Assignor;
use catchup::sim::{Command, Event, WorldSpec};
use catchup::time::Span;

const POLL_INTERVAL_MS: u64 = 5_000;

fn stallable() -> WorldSpec {
    let mut spec = quiet();
    config(&mut spec, LOGISTICS).max_poll_interval = Span::from_ms(POLL_INTERVAL_MS);
    spec
}

fn stall(ms: u64) -> Command {
    Command::Stall { service: LOGISTICS.to_owned(), ms }
}

fn shut_down() -> Command {
    Command::ShutDown { service: LOGISTICS.to_owned() }
}

#[test]
fn a_stall_beyond_the_poll_interval_throws_an_instance_out_and_its_records_come_again() {
    let mut observed = Observed::new(stallable(), SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    observed.run_into_a_poll_of_logistics(3);
    observed.apply(stall(POLL_INTERVAL_MS + 1_000));
    observed.run_ms(POLL_INTERVAL_MS + 500);
    assert_eq!(observed.group(LOGISTICS).state(), GroupState::Empty);
    observed.drain();
    let account = observed.account(LOGISTICS);
    assert_eq!((account.processed, account.lost), (10, 0), "{account:?}");
    assert!(account.processed_again >= 3, "{account:?}");
}

#[test]
fn a_shorter_stall_costs_nothing_but_time() {
    let mut observed = Observed::new(stallable(), SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    observed.run_into_a_poll_of_logistics(3);
    observed.apply(stall(POLL_INTERVAL_MS - 1_000));
    observed.run_ms(POLL_INTERVAL_MS - 1_500);
    assert_eq!(observed.account(LOGISTICS).processed, 4, "it stands still");
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).processed_again, 0);
}

#[test]
fn an_instance_that_stalls_with_nothing_in_hand_is_thrown_out_too() {
    let mut observed = Observed::new(stallable(), SEED);
    observed.run_ms(2_000);
    observed.apply(stall(POLL_INTERVAL_MS + 2_000));
    observed.run_ms(POLL_INTERVAL_MS - 100);
    assert_eq!(observed.group(LOGISTICS).state(), GroupState::Stable);
    observed.run_ms(100 + LATENCY_MS);
    assert_eq!(observed.group(LOGISTICS).state(), GroupState::Empty);
    observed.run_ms(5_000);
    assert_eq!(observed.group(LOGISTICS).state(), GroupState::Stable, "it is back");
}

#[test]
fn a_shutdown_leaves_the_group_as_soon_as_what_is_in_hand_is_done() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    observed.run_into_a_poll_of_logistics(3);
    observed.apply(shut_down());
    observed.run_ms(1_000);
    assert_eq!(observed.group(LOGISTICS).state(), GroupState::Empty);
    assert_eq!(observed.world.lag(observed.id(LOGISTICS)), 0, "what it had in hand is committed");
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).processed_again, 0);
}

#[test]
fn a_setting_that_is_changed_during_a_shutdown_does_not_bring_the_service_back() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    observed.run_into_a_poll_of_logistics(1);
    observed.apply(shut_down());
    observed.apply(configure(LOGISTICS, "request.timeout.ms", "3000"));
    observed.run_ms(SESSION_MS);
    assert!(observed.world.instances(observed.id(LOGISTICS)).all(|instance| instance.ended.is_some()));
}

/// How often the group of logistics rebalances while its service is shut down and started again within a session.
fn rebalances_of_a_restart(is_static: bool) -> usize {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.instances, reader.static_membership) = (2, is_static);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(5_000);
    let (seen, group) = (observed.events.len(), observed.group_id(LOGISTICS));
    observed.apply(shut_down());
    observed.run_ms(1_000);
    observed.apply(switch(LOGISTICS, true));
    observed.run_ms(SESSION_MS);
    assert_eq!(observed.group(LOGISTICS).state(), GroupState::Stable);
    let is_one =
        |event: &Event| matches!(event, Event::Group(GroupFact::RebalanceStarted { group: of, .. }) if *of == group);
    observed.events[seen..].iter().filter(|stamped| is_one(&stamped.event)).count()
}

#[test]
fn static_members_that_restart_within_a_session_cause_no_rebalance() {
    assert_eq!(rebalances_of_a_restart(true), 0);
    assert!(rebalances_of_a_restart(false) > 0);
}

#[test]
fn a_single_instance_that_crashes_leaves_its_partitions_to_the_others_when_its_session_ends() {
    let mut spec = busy();
    config(&mut spec, LOGISTICS).instances = 3;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    observed.apply(Command::SetInstanceOnline { service: LOGISTICS.to_owned(), instance: 1, online: false });
    observed.run_ms(SESSION_MS - HEARTBEAT_MS - LATENCY_MS - 1);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [1, 1, 1]);
    observed.run_to(1_000, |event| {
        matches!(event, Event::Group(GroupFact::MemberLeft { reason: LeaveReason::SessionTimedOut, .. }))
    });
    observed.run_ms(1_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [2, 1]);
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).lost, 0);
}

#[test]
fn instances_that_are_added_share_the_work_and_those_that_are_taken_away_repeat_nothing() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(5_000);
    observed.apply(configure(LOGISTICS, "instances", "5"));
    observed.run_ms(5_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [1, 1, 1, 0, 0]);
    observed.apply(configure(LOGISTICS, "instances", "2"));
    observed.run_ms(5_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [2, 1]);
    observed.drain();
    assert_eq!((observed.account(LOGISTICS).processed_again, observed.account(LOGISTICS).lost), (0, 0));
}

/// How many records logistics processes while its group waits for its leader to assign, with much to do and another instance
/// that has just come.
fn processed_during_a_rebalance(assignor: Assignor) -> u64 {
    let mut spec = busy();
    let reader = config(&mut spec, LOGISTICS);
    (reader.assignor, reader.heartbeat_interval, reader.max_poll_records) = (assignor, Span::from_ms(100), 20);
    reader.instances = 2;
    spec.network.latency = super::millis(100, 100);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    let group = observed.group_id(LOGISTICS);
    observed.publish(200);
    observed.apply(configure(LOGISTICS, "instances", "3"));
    let ends =
        |event: &Event| matches!(event, Event::Group(GroupFact::GenerationStarted { group: of, .. }) if *of == group);
    observed.run_to(10_000, ends);
    let before = observed.account(LOGISTICS).processed;
    observed
        .run_to(10_000, |event| matches!(event, Event::Group(GroupFact::Assigned { group: of, .. }) if *of == group));
    observed.account(LOGISTICS).processed - before
}

#[test]
fn a_cooperative_group_goes_on_reading_while_it_rebalances_and_an_eager_one_does_not() {
    assert_eq!(processed_during_a_rebalance(Assignor::Range), 0);
    assert!(processed_during_a_rebalance(Assignor::CooperativeSticky) > 0);
}

#[test]
fn a_change_of_the_assignor_gets_all_instances_back_into_the_group() {
    let mut spec = busy();
    config(&mut spec, LOGISTICS).instances = 3;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    observed.apply(configure(LOGISTICS, "partition.assignment.strategy", "cooperative-sticky"));
    observed.run_ms(10_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [1, 1, 1]);
    assert_eq!(observed.group(LOGISTICS).protocol().map(|it| &**it), Some("cooperative-sticky"));
}

//! When a service commits, and what that costs when an instance crashes.

use super::observed::{LOGISTICS, Observed, config, consumes, switch};
use super::{SEED, quiet};
use catchup::check::Costs;
use catchup::log::{Isolation, Offset, PartitionId, TopicPartition};
use catchup::sim::{CommitPolicy, Event, ServiceEvent, WorkEvent, WorldSpec};
use catchup::time::Span;

fn under(policy: CommitPolicy) -> WorldSpec {
    let mut spec = quiet();
    config(&mut spec, LOGISTICS).commit_policy = policy;
    spec
}

/// Ten records, a crash when three of them are processed, and what became of all in the end.
fn crash_after_three(spec: WorldSpec) -> Observed {
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    observed.run_into_a_poll_of_logistics(3);
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(1_000);
    observed.drain();
    observed
}

/// Ten records, a crash in the midst of a transaction, and what became of all in the end.
fn crash_in_a_transaction(spec: WorldSpec) -> Observed {
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    let id = observed.id(LOGISTICS);
    observed.run_to(
        10_000,
        |event| matches!(*event, Event::Work(WorkEvent::Polled { service, records: 2.., .. }) if service == id),
    );
    observed.run_ms(70); // it has done some of it
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(1_000);
    observed.drain();
    observed
}

/// The last stretch that logistics had in hand before it crashed, as the number of its records.
fn in_hand_at_the_crash(observed: &Observed) -> u64 {
    let id = observed.id(LOGISTICS);
    let crash = observed
        .events
        .iter()
        .position(|it| matches!(it.event, Event::Service(ServiceEvent::Switched { online: false, .. })));
    let before = observed.events[..crash.expect("it crashed")].iter().rev();
    let polled = before.filter_map(|stamped| match stamped.event {
        Event::Work(WorkEvent::Polled { service, records, .. }) if service == id => Some(u64::from(records)),
        _ => None,
    });
    polled.take(1).sum()
}

#[test]
fn a_commit_before_processing_loses_what_was_in_hand_and_repeats_nothing() {
    let observed = crash_after_three(under(CommitPolicy::BeforeProcessing));
    let (account, in_hand) = (observed.account(LOGISTICS), in_hand_at_the_crash(&observed));
    assert!(in_hand > 3, "{in_hand}");
    assert_eq!((account.published, account.lost, account.processed_again), (10, in_hand - 3, 0), "{account:?}");
}

#[test]
fn a_commit_after_processing_repeats_what_was_in_hand_and_done_and_loses_nothing() {
    let account = crash_after_three(under(CommitPolicy::AfterProcessing)).account(LOGISTICS);
    assert_eq!((account.processed, account.lost, account.processed_again), (10, 0, 3), "{account:?}");
}

#[test]
fn an_automatic_commit_repeats_all_that_was_done_since_the_last_one() {
    let mut spec = under(CommitPolicy::Auto);
    config(&mut spec, LOGISTICS).auto_commit_interval = Span::from_ms(60_000);
    let account = crash_after_three(spec).account(LOGISTICS);
    let done_before = 4; // one with the first poll, three with the second
    assert_eq!((account.processed, account.lost, account.processed_again), (10, 0, done_before), "{account:?}");
}

#[test]
fn an_automatic_commit_comes_at_its_interval_and_when_the_service_is_shut_down() {
    let mut spec = under(CommitPolicy::Auto);
    config(&mut spec, LOGISTICS).auto_commit_interval = Span::from_ms(5_000);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(10);
    observed.run_ms(1_000);
    let id = observed.id(LOGISTICS);
    assert_eq!((observed.account(LOGISTICS).processed, observed.world.lag(id)), (10, 10));
    observed.run_ms(6_000);
    assert_eq!(observed.world.lag(id), 0);
    observed.publish(5);
    observed.run_ms(500);
    observed.apply(catchup::sim::Command::ShutDown { service: LOGISTICS.to_owned() });
    observed.run_ms(500);
    assert_eq!((observed.account(LOGISTICS).processed, observed.world.lag(id)), (15, 0));
}

/// How many records a reader of the output sees.
fn outputs(observed: &Observed, isolation: Isolation) -> usize {
    let topic = consumes(&mut observed.world.spec().as_ref().clone(), LOGISTICS).output.expect("it has an output");
    observed.log(TopicPartition { topic, partition: PartitionId(0) }).records(Offset::ZERO, isolation).count()
}

#[test]
fn exactly_once_publishes_the_output_once_for_those_who_read_committed_records() {
    let observed = crash_in_a_transaction(under(CommitPolicy::ExactlyOnce));
    let account = observed.account(LOGISTICS);
    assert_eq!((account.processed, account.lost, account.processed_again), (10, 0, 0), "{account:?}");
    assert_eq!(outputs(&observed, Isolation::ReadCommitted), 10);
    assert!(outputs(&observed, Isolation::ReadUncommitted) > 10, "others see what was taken back too");
}

#[test]
fn a_reader_who_remembers_pays_nothing_for_what_comes_again() {
    let costs = |remembers| {
        let mut spec = under(CommitPolicy::AfterProcessing);
        config(&mut spec, LOGISTICS).deduplicate = remembers;
        let observed = crash_after_three(spec);
        let mut costs = Costs::default();
        for stamped in &observed.events {
            costs.observe(stamped);
        }
        assert_eq!(observed.account(LOGISTICS).processed, 10);
        (costs.repeated(observed.id(LOGISTICS)), observed.account(LOGISTICS).recognised)
    };
    assert_eq!([false, true].map(costs), [(3, 0), (0, 3)]);
}

#[test]
fn work_of_a_transaction_that_is_aborted_is_not_remembered() {
    let mut spec = under(CommitPolicy::ExactlyOnce);
    config(&mut spec, LOGISTICS).deduplicate = true;
    let observed = crash_in_a_transaction(spec);
    assert_eq!((outputs(&observed, Isolation::ReadCommitted), observed.account(LOGISTICS).recognised), (10, 0));
}

//! A record on which a service fails each time, under each way of dealing with it; and how it comes back.

use super::observed::{LOGISTICS, Observed, TOPIC, config};
use super::{SEED, configure, is_processed, quiet};
use catchup::broker::GroupFact;
use catchup::sim::{
    Command, CommitPolicy, Ended, Event, Fared, Named, OnFailure, POISON, ServiceEvent, ServiceState, Stamped,
    WorkEvent,
};
use catchup::time::Span;

/// Logistics under a policy, with five records of which the third is poison, a while later.
fn poisoned(on_failure: OnFailure) -> Observed {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.on_failure, reader.retry_backoff) = (on_failure, Span::from_ms(100));
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(2);
    poison(&mut observed);
    observed.publish(2);
    observed.run_ms(5_000);
    observed
}

fn poison(observed: &mut Observed) {
    let headers = [(POISON.to_owned(), "true".to_owned())].into();
    let (topic, key, value) = (TOPIC.to_owned(), Some("poison".to_owned()), Some("{}".to_owned()));
    observed.apply(Command::Publish { topic, key, value, headers, partition: Some(0) });
}

/// Processed, waiting, put aside to be tried again, dead letters, and left out.
fn check(on_failure: OnFailure, expect: [u64; 5]) -> Observed {
    let observed = poisoned(on_failure);
    let account = observed.account(LOGISTICS);
    let found = [account.processed, account.waiting, account.retrying, account.dead_lettered, account.lost];
    assert_eq!(found, expect, "{on_failure:?}");
    observed
}

/// How often something became of a record of logistics.
fn fared(observed: &Observed, is_so: fn(Fared) -> bool) -> usize {
    let id = observed.id(LOGISTICS);
    let is_it = |stamped: &&Stamped| match stamped.event {
        Event::Work(WorkEvent::Fared { service, how, .. }) => service == id && is_so(how),
        _ => false,
    };
    observed.events.iter().filter(is_it).count()
}

#[test]
fn stop_ends_the_instance_in_front_of_the_record() {
    let mut observed = check(OnFailure::Stop, [2, 3, 0, 0, 0]);
    let id = observed.id(LOGISTICS);
    assert_eq!(observed.world.service_state(id), ServiceState::Failed);
    assert!(observed.world.instances(id).any(|instance| instance.ended == Some(Ended::Failed)));
    assert_eq!(observed.world.lag(id), 3, "what it did is committed, and no more");
    observed.apply(configure(LOGISTICS, "reads_poison", "true"));
    observed.apply(Command::SetInstanceOnline { service: LOGISTICS.to_owned(), instance: 0, online: true });
    observed.run_ms(5_000);
    let account = observed.account(LOGISTICS);
    assert_eq!((account.processed, account.processed_again), (5, 0));
}

#[test]
fn who_has_stopped_is_started_again_with_all_its_instances_when_it_is_switched_on() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.apply(configure(LOGISTICS, "instances", "2"));
    observed.run_ms(10_000);
    for instance in 0..2 {
        observed.apply(Command::SetInstanceOnline { service: LOGISTICS.to_owned(), instance, online: false });
    }
    observed.run_ms(1_000);
    let id = observed.id(LOGISTICS);
    assert_eq!(observed.world.service_state(id), ServiceState::Failed);
    let on = Command::SetServiceOnline { service: LOGISTICS.to_owned(), online: true };
    observed.apply(on.clone());
    observed.run_ms(60_000);
    assert_eq!(observed.world.service_state(id), ServiceState::Running);
    let running = |observed: &Observed| observed.world.instances(id).filter(|it| it.ended.is_none()).count();
    let all = running(&observed);
    assert!(all >= 2, "{all} run");
    observed.apply(on);
    assert_eq!(running(&observed), all, "who runs is not started twice");
}

#[test]
fn stop_loses_nothing_under_automatic_commits() {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.on_failure, reader.failure_percent) = (OnFailure::Stop, 100);
    reader.commit_policy = CommitPolicy::Auto;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(5);
    observed.run_ms(2_000);
    assert_eq!((observed.account(LOGISTICS).waiting, observed.world.lag(observed.id(LOGISTICS))), (5, 5));
}

#[test]
fn retry_holds_up_all_behind_it_and_goes_on_when_the_bug_is_fixed() {
    let mut observed = check(OnFailure::Retry, [2, 3, 0, 0, 0]);
    assert!(fared(&observed, |how| how == Fared::Failed(5)) == 1, "it has tried five times in a row");
    observed.apply(configure(LOGISTICS, "reads_poison", "true"));
    observed.run_ms(10_000);
    assert_eq!(observed.account(LOGISTICS).processed, 5);
}

/// A poison record at the head of the partition and four more behind it, tried again for a minute with pauses that are longer than
/// what may lie between two polls.
fn tried_for_long(policy: CommitPolicy) -> Observed {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.on_failure, reader.retry_backoff) = (OnFailure::Retry, Span::from_ms(3_000));
    (reader.max_poll_interval, reader.commit_policy) = (Span::from_ms(2_000), policy);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    poison(&mut observed);
    observed.publish(4);
    observed.run_ms(60_000);
    observed
}

fn check_stays(policy: CommitPolicy) {
    let mut observed = tried_for_long(policy);
    let group = observed.group_id(LOGISTICS);
    let left = observed
        .events
        .iter()
        .any(|it| matches!(it.event, Event::Group(GroupFact::MemberLeft { group: of, .. }) if of == group));
    assert!(!left, "{policy:?}: it polls while it waits");
    assert!(fared(&observed, |how| how == Fared::Failed(3)) == 1, "{policy:?}: it has tried in between");
    observed.apply(configure(LOGISTICS, "reads_poison", "true"));
    observed.run_ms(61_000);
    let account = observed.account(LOGISTICS);
    assert_eq!((account.processed, account.processed_again, account.lost), (5, 0, 0), "{policy:?}");
}

#[test]
fn one_that_tries_for_ever_stays_in_its_group_under_every_policy() {
    for policy in CommitPolicy::ALL {
        check_stays(*policy);
    }
}

#[test]
fn one_that_waits_to_try_again_lets_others_have_its_partitions() {
    let mut observed = tried_for_long(CommitPolicy::AfterProcessing);
    let generation = observed.group(LOGISTICS).generation();
    observed.apply(configure(LOGISTICS, "instances", "2"));
    observed.run_ms(3_000);
    assert!(observed.group(LOGISTICS).generation() > generation, "it joins again while it waits");
    assert_eq!(observed.group(LOGISTICS).members().len(), 2);
}

#[test]
fn retry_lets_a_shutdown_come_between_two_attempts() {
    let mut observed = poisoned(OnFailure::Retry);
    observed.apply(Command::ShutDown { service: LOGISTICS.to_owned() });
    observed.run_ms(10_000);
    let id = observed.id(LOGISTICS);
    assert_eq!((observed.world.service_state(id), observed.world.lag(id)), (ServiceState::Offline, 3));
}

#[test]
fn skip_leaves_it_out_and_says_so() {
    let observed = check(OnFailure::Skip, [4, 0, 0, 0, 1]);
    assert_eq!(fared(&observed, |how| how == Fared::Skipped), 1);
}

#[test]
fn a_retry_topic_holds_up_nothing_and_ends_among_the_dead_letters() {
    let observed = check(OnFailure::RetryTopic, [4, 0, 0, 1, 0]);
    let retried = fared(&observed, |how| matches!(how, Fared::SentToRetry(Some(_))));
    assert_eq!((retried, fared(&observed, |how| matches!(how, Fared::DeadLettered(Some(_))))), (2, 1));
}

#[test]
fn what_the_retry_topic_refuses_is_told_and_counts_as_lost() {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.on_failure, reader.failure_percent) = (OnFailure::RetryTopic, 100);
    let retry = spec.topics.iter_mut().find(|topic| &*topic.name == "logistics-retry").expect("there is one");
    retry.log.max_message_bytes = 100;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(3);
    observed.run_ms(5_000);
    let account = observed.account(LOGISTICS);
    assert_eq!((account.lost, account.retrying, account.waiting), (3, 0, 0));
    let id = observed.id(LOGISTICS);
    let is_refusal = |it: &&Stamped| match it.event {
        Event::Service(ServiceEvent::Refused { service, .. }) => service == id,
        _ => false,
    };
    assert_eq!(observed.events.iter().filter(is_refusal).count(), 3);
}

#[test]
fn what_retention_deletes_where_records_are_tried_again_counts_as_lost() {
    let mut spec = quiet();
    let reader = config(&mut spec, LOGISTICS);
    (reader.on_failure, reader.failure_percent, reader.attempts_max) = (OnFailure::DeadLetter, 100, 1);
    let dead = spec.topics.iter_mut().find(|topic| &*topic.name == "logistics-dead-letters").expect("there is one");
    (dead.log.retention_ms, dead.log.segment_ms) = (Some(10_000), 1_000);
    spec.broker.log_retention_check_interval = Span::from_ms(1_000);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(3);
    observed.run_ms(5_000);
    assert_eq!(observed.account(LOGISTICS).dead_lettered, 3);
    observed.run_ms(20_000);
    let account = observed.account(LOGISTICS);
    assert_eq!((account.dead_lettered, account.lost), (0, 3), "{account:?}");
}

#[test]
fn a_dead_letter_waits_for_somebody_and_is_processed_once_the_bug_is_fixed() {
    let mut observed = check(OnFailure::DeadLetter, [4, 0, 0, 1, 0]);
    let id = observed.id(LOGISTICS);
    assert_eq!(observed.world.dead_letters(id), Some(1));
    observed.apply(configure(LOGISTICS, "reads_poison", "true"));
    observed.apply(Command::Redrive { service: LOGISTICS.to_owned() });
    assert_eq!(observed.world.dead_letters(id), Some(0));
    observed.run_to(5_000, |event| is_processed(event, id));
    let account = observed.account(LOGISTICS);
    assert_eq!((account.processed, account.dead_lettered, account.processed_again), (5, 0, 0));
}

#[test]
fn a_dead_letter_that_is_redriven_too_early_comes_back() {
    let mut observed = poisoned(OnFailure::DeadLetter);
    observed.apply(Command::Redrive { service: LOGISTICS.to_owned() });
    observed.run_ms(5_000);
    assert_eq!(observed.world.dead_letters(observed.id(LOGISTICS)), Some(1));
    assert_eq!(observed.account(LOGISTICS).dead_lettered, 1);
}

#[test]
fn a_record_that_somebody_publishes_where_records_are_retried_breaks_nothing() {
    let mut observed = Observed::new(quiet(), SEED);
    for _ in 0..3 {
        let (topic, key, value) = ("logistics-retry".to_owned(), Some("hand".to_owned()), Some("{}".to_owned()));
        observed.apply(Command::Publish { topic, key, value, headers: [].into(), partition: None });
        observed.run_ms(2_000);
    }
    let id = observed.id(LOGISTICS);
    assert_eq!(observed.events.iter().filter(|stamped| is_processed(&stamped.event, id)).count(), 3);
    assert_eq!(observed.account(LOGISTICS).published, 0, "they are none of its topic's");
}

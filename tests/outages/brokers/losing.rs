//! What an election throws away: what others do not have, and only with settings that allow it.

use super::*;
use catchup::sim::WorkEvent;
use std::collections::BTreeSet;

fn uncleanly(spec: &mut WorldSpec) {
    for topic in &mut spec.topics {
        topic.log.unclean_leader_election = true;
    }
}

#[test]
fn an_unclean_election_brings_the_partition_back_and_loses_what_was_acknowledged() {
    let mut spec = replicated();
    uncleanly(&mut spec);
    spec.topics[0].log.min_insync_replicas = 1;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(5_000);
    let first = observed.leader(partition(0));
    let others: Vec<u16> = [1, 2, 3].into_iter().filter(|id| *id != first.0).collect();
    observed.stop_brokers(&others);
    observed.run_ms(5_000);
    observed.stop_brokers(&[first.0]);
    observed.start_brokers(&others);
    assert_ne!(observed.leader(partition(0)), first);
    observed.start_brokers(&[first.0]);
    observed.drain();
    let (lost, _) = observed.thrown_away();
    assert!(lost > 0);
    let at = observed.events.iter().find_map(|stamped| match &stamped.event {
        Event::Cluster(ClusterFact::CutOff { lost, .. }) if !lost.is_empty() => Some(stamped.at),
        _ => None,
    });
    let entries = observed.ledger.entries(observed.group_id(LOGISTICS), Listed::Lost, lost);
    let thrown_away = entries.iter().filter(|it| it.what == Some(What::Lost(Lost::ThrownAway)));
    assert!(thrown_away.clone().all(|it| it.at >= at) && thrown_away.count() > 0, "{entries:?}");
    let verdict = observed.verdict(ORDERS, Promise::AcknowledgedIsThere);
    let Verdict::NeverPromised { slipped: Some(breach), .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(Some(breach.at), at);
}

/// The records of a partition that a group has processed and that are in the log still: by their offset and the epoch in which it was
/// given out.
fn processed_of(observed: &Observed, service: &str, of: TopicPartition) -> BTreeSet<Offset> {
    let (id, epochs) = (observed.id(service), observed.replicas(of).epochs());
    let done = observed.events.iter().filter_map(|stamped| match stamped.event {
        Event::Work(WorkEvent::Processed { service, partition, offset, epoch, .. }) if service == id => {
            (partition == of && epochs.of(offset) == epoch).then_some(offset)
        }
        _ => None,
    });
    done.collect()
}

/// How often a group has processed the first record of a partition.
fn times_processed(observed: &Observed, service: &str, of: TopicPartition) -> usize {
    let id = observed.id(service);
    let is_it = |stamped: &&Stamped| {
        matches!(stamped.event, Event::Work(WorkEvent::Processed { service, partition, offset: Offset::ZERO, .. })
            if (service, partition) == (id, of))
    };
    observed.events.iter().filter(is_it).count()
}

#[test]
fn readers_go_back_to_where_an_unclean_election_has_cut_the_log_off_and_read_what_is_written_there() {
    for policy in ["after_processing", "before_processing", "auto", "exactly_once"] {
        let mut spec = replicated();
        uncleanly(&mut spec);
        spec.topics[0].log.min_insync_replicas = 1;
        let mut observed = Observed::new(spec, SEED);
        observed.apply(configure(LOGISTICS, "commit_policy", policy));
        observed.run_ms(5_000);
        let first = observed.leader(partition(0));
        let others: Vec<u16> = [1, 2, 3].into_iter().filter(|id| *id != first.0).collect();
        observed.stop_brokers(&others);
        observed.run_ms(5_000);
        let read = observed.end_of(partition(0));
        observed.apply(switch(LOGISTICS, false)); // of what it has read it will know by what it has committed
        observed.stop_brokers(&[first.0]);
        observed.start_brokers(&others);
        let cut = observed.replicas(partition(0)).epochs().entries().last().map(|(_, start)| *start);
        assert!(cut.is_some_and(|cut| cut < read), "{cut:?}, and {read} before");
        observed.run_ms(40_000);
        assert!(observed.end_of(partition(0)) > read, "so that nothing is out of range");
        observed.start_brokers(&[first.0]);
        observed.apply(switch(LOGISTICS, true));
        observed.drain();
        let there: BTreeSet<Offset> = (0..observed.end_of(partition(0)).0).map(Offset).collect();
        for service in [LOGISTICS, NOTIFICATIONS] {
            let done = processed_of(&observed, service, partition(0));
            assert_eq!(there.difference(&done).count(), 0, "{service}, {policy}");
            assert_eq!(observed.account(service).waiting, 0, "{service}, {policy}");
            assert_eq!(times_processed(&observed, service, partition(0)), 1, "{service}, {policy}: nobody begins anew");
            let lost = observed.account(service).lost as usize;
            let entries = observed.ledger.entries(observed.group_id(service), Listed::Lost, lost);
            let is_thrown_away = |it: &Entry| it.what == Some(What::Lost(Lost::ThrownAway));
            assert!(entries.iter().all(is_thrown_away), "{service}, {policy}: {entries:?}");
            for promise in [Promise::NothingIsLost, Promise::InOrder, Promise::OffsetsGoForward] {
                let verdict = observed.verdict(service, promise);
                assert!(!matches!(verdict, Verdict::Broken(_)), "{service}, {policy}: {promise:?} {verdict:?}");
            }
        }
    }
}

#[test]
fn what_only_the_leader_has_acknowledged_is_lost_with_it() {
    let mut spec = replicated();
    acks_of_one(&mut spec);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(5_000);
    observed.run_to_append(partition(0));
    let failing = observed.leader(partition(0));
    observed.stop_brokers(&[failing.0]);
    let (lost, all) = observed.thrown_away();
    assert!(lost > 0 && lost as i64 == all, "{lost} of {all}");
    observed.start_brokers(&[failing.0]);
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).lost, lost as u64);
    assert!(matches!(
        observed.verdict(ORDERS, Promise::AcknowledgedIsThere),
        Verdict::NeverPromised { slipped: Some(_), .. }
    ));
    assert!(
        matches!(observed.verdict(LOGISTICS, Promise::NothingIsLost), Verdict::Holds { .. }),
        "it is not its fault"
    );
}

#[test]
fn what_all_should_have_and_only_the_leader_has_is_written_again() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    observed.run_to_append(partition(0));
    let failing = observed.leader(partition(0));
    observed.stop_brokers(&[failing.0]);
    let (lost, all) = observed.thrown_away();
    assert!(lost == 0 && all > 0, "{lost} of {all}");
    observed.start_brokers(&[failing.0]);
    observed.check_nothing_is_lost();
    assert!(matches!(observed.verdict(ORDERS, Promise::AcknowledgedIsThere), Verdict::Holds { .. }));
    assert!(matches!(observed.verdict(ORDERS, Promise::RetriedOnce), Verdict::Holds { .. }));
}

#[test]
fn a_setting_that_allows_an_unclean_election_brings_one_about() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    let first = observed.leader(partition(0));
    let others: Vec<u16> = [1, 2, 3].into_iter().filter(|id| *id != first.0).collect();
    observed.stop_brokers(&others);
    observed.stop_brokers(&[first.0]);
    observed.start_brokers(&others);
    assert_eq!(observed.replicas(partition(0)).leader(), None);
    let (topic, name) = (crate::TOPIC.to_owned(), "unclean.leader.election.enable".to_owned());
    observed.apply(Command::SetTopicConfig { topic, name, value: "true".to_owned() });
    assert!(observed.replicas(partition(0)).leader().is_some_and(|leader| leader != first));
    observed.apply(configure(LOGISTICS, "failure_percent", "0"));
    observed.apply(arrivals(60));
    observed.start_brokers(&[first.0]);
    observed.drain();
}

/// A day with a certain number of updates, whatever happens, that are sent without waiting for an acknowledgement. `disturb` has a broker
/// fail, and come back.
fn careless(disturb: impl FnOnce(&mut Observed, BrokerId)) -> Observed {
    let mut spec = replicated();
    let publishes = publishes(&mut spec);
    publishes.arrivals_per_min = 0;
    (publishes.config.acks, publishes.config.idempotence) = (Acks::Zero, false);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(1_000);
    let leader = observed.leader(partition(0));
    disturb(&mut observed, leader);
    observed.drain();
    observed
}

fn never_written(observed: &Observed) -> u64 {
    observed.ledger.never_written(observed.id(ORDERS))
}

fn written(observed: &Observed) -> u64 {
    u64::from(observed.published_since(0, ORDERS))
}

#[test]
fn what_is_sent_without_waiting_for_an_acknowledgement_is_lost_while_nobody_notices_and_counted() {
    let undisturbed = careless(|_, _| ());
    let failing = careless(|observed, leader| {
        observed.apply(connect_broker(leader, false));
        observed.run_ms(SETTLED_MS);
        observed.apply(connect_broker(leader, true));
    });
    assert_eq!(never_written(&undisturbed), 0);
    assert!(never_written(&failing) > 0);
    assert_eq!(written(&failing) + never_written(&failing), written(&undisturbed));
    assert!(matches!(
        failing.verdict(ORDERS, Promise::AcknowledgedIsThere),
        Verdict::NeverPromised { slipped: Some(_), .. }
    ));
    assert!(matches!(
        undisturbed.verdict(ORDERS, Promise::AcknowledgedIsThere),
        Verdict::NeverPromised { slipped: None, .. }
    ));
}

#[test]
fn what_finds_no_connection_waits_for_one_also_without_acknowledgements() {
    let undisturbed = careless(|_, _| ());
    let failing = careless(|observed, leader| {
        observed.apply(switch_broker(leader, false));
        observed.run_ms(BROKER_SESSION_MS - 500);
        assert!(observed.world.buffered_bytes(observed.id(ORDERS)) > 0, "it waits");
        assert!(!observed.world.sends_in_vain(observed.id(ORDERS)));
        observed.start_brokers(&[leader.0]);
    });
    assert_eq!((never_written(&failing), written(&failing)), (0, written(&undisturbed)), "nothing was on its way");
}

#[test]
fn a_connection_that_carries_nothing_is_given_up_after_the_timeout_of_a_request() {
    let lost_within = |timeout_ms: u64| {
        let failing = careless(|observed, _| {
            let timeout = timeout_ms.to_string();
            observed.apply(configure(ORDERS, "request.timeout.ms", &timeout));
            observed.apply(Command::SetConnected { service: ORDERS.to_owned(), connected: false });
            observed.run_ms(20_000);
            observed.apply(Command::SetConnected { service: ORDERS.to_owned(), connected: true });
        });
        assert_eq!(written(&failing) + never_written(&failing), written(&careless(|_, _| ())));
        never_written(&failing)
    };
    let (short, long) = (lost_within(1_000), lost_within(15_000));
    assert!(0 < short && short < long, "{short} and {long}");
}

#[test]
fn what_waits_too_long_for_a_connection_is_given_up_and_published_again() {
    let failing = careless(|observed, _| {
        observed.apply(configure(ORDERS, "request.timeout.ms", "1000"));
        observed.apply(configure(ORDERS, "delivery.timeout.ms", "5000"));
        observed.stop_brokers(&[1, 2, 3]);
        observed.run_ms(30_000);
        observed.start_brokers(&[1, 2, 3]);
    });
    assert_eq!((never_written(&failing), written(&failing)), (0, written(&careless(|_, _| ()))));
}

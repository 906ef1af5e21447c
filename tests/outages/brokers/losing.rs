//! What an election throws away: what others do not have, and only with settings that allow it.

use super::*;

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
    assert!(matches!(observed.verdict(ORDERS, Promise::WrittenOnce), Verdict::Holds { .. }));
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

#[test]
fn what_is_sent_without_waiting_for_an_acknowledgement_is_lost_on_the_way_and_counted() {
    let drained = |is_failing: bool| {
        let mut spec = replicated();
        let publishes = publishes(&mut spec);
        publishes.arrivals_per_min = 0; // a certain number of updates, whatever happens
        (publishes.config.acks, publishes.config.idempotence) = (Acks::Zero, false);
        let mut observed = Observed::new(spec, SEED);
        observed.run_ms(1_000);
        if is_failing {
            let failing = observed.leader(partition(0));
            observed.stop_brokers(&[failing.0]);
            observed.start_brokers(&[failing.0]);
        }
        observed.drain();
        observed
    };
    let (undisturbed, failing) = (drained(false), drained(true));
    let never_written = |observed: &Observed| observed.ledger.never_written(observed.id(ORDERS));
    let written = |observed: &Observed| u64::from(observed.published_since(0, ORDERS));
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

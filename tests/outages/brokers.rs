//! Brokers that fail, one after the other or together: who leads then, who waits, and what is lost.

#[path = "brokers/losing.rs"]
mod losing;

use super::observed::{LOGISTICS, NOTIFICATIONS, ORDERS, Observed, arrivals, config, consumes, publishes, switch};
use super::{SEED, busy, configure, partition};
use catchup::broker::{Acks, BrokerId, ClusterFact, Replicas};
use catchup::check::promises::{Promise, Verdict};
use catchup::check::{Entry, Listed, Lost, What};
use catchup::log::{Isolation, Offset, TopicPartition};
use catchup::sim::{Command, CommandError, CommitPolicy, Event, Stamped, WorldSpec};
use catchup::time::Span;

/// `broker.session.timeout.ms` here.
const BROKER_SESSION_MS: u64 = 3_000;
/// How long after a fault everything is sure to have settled.
const SETTLED_MS: u64 = BROKER_SESSION_MS + 2_000;

/// Three brokers, each of which has everything; a record that is acknowledged is on two of them at least.
fn replicated() -> WorldSpec {
    let mut spec = busy();
    spec.broker.brokers = 3;
    spec.broker.broker_session_timeout = Span::from_ms(BROKER_SESSION_MS);
    spec.broker.leader_imbalance_check_interval = Span::from_ms(1_000_000_000);
    for topic in &mut spec.topics {
        topic.replication_factor = 3;
        topic.log.min_insync_replicas = 2;
    }
    spec
}

fn switch_broker(broker: BrokerId, online: bool) -> Command {
    Command::SetBrokerOnline { broker: broker.0.into(), online }
}

fn connect_broker(broker: BrokerId, connected: bool) -> Command {
    Command::SetBrokerConnected { broker: broker.0.into(), connected }
}

fn acks_of_one(spec: &mut WorldSpec) {
    let producer = &mut publishes(spec).config;
    (producer.acks, producer.idempotence) = (Acks::One, false);
}

impl Observed {
    fn replicas(&self, of: TopicPartition) -> &Replicas {
        self.world.broker().replicas(of).expect("the topic has the partition")
    }

    fn leader(&self, of: TopicPartition) -> BrokerId {
        self.replicas(of).leader().expect("it has a leader")
    }

    fn isr(&self, of: TopicPartition) -> Vec<u16> {
        let mut isr: Vec<u16> = self.replicas(of).isr().iter().map(|broker| broker.0).collect();
        isr.sort_unstable();
        isr
    }

    /// Stops the brokers, and waits until everybody knows it.
    fn stop_brokers(&mut self, brokers: &[u16]) {
        for broker in brokers {
            self.apply(switch_broker(BrokerId(*broker), false));
        }
        self.run_ms(SETTLED_MS);
    }

    fn start_brokers(&mut self, brokers: &[u16]) {
        for broker in brokers {
            self.apply(switch_broker(BrokerId(*broker), true));
        }
        self.run_ms(SETTLED_MS);
    }

    /// Goes on until something was just published to this partition, and no follower can have it yet.
    fn run_to_append(&mut self, to: TopicPartition) {
        self.run_to(20_000, |event| matches!(event, Event::Appended { partition, .. } if *partition == to));
    }

    fn end_of(&self, of: TopicPartition) -> Offset {
        self.log(of).log_end_offset()
    }

    /// How many records elections have thrown away, of those that were acknowledged and of all.
    fn thrown_away(&self) -> (usize, i64) {
        let cut = |stamped: &Stamped| match &stamped.event {
            Event::Cluster(ClusterFact::CutOff { log_end, log_end_before, lost, .. }) => {
                Some((lost.len(), log_end_before.0 - log_end.0))
            }
            _ => None,
        };
        self.events.iter().filter_map(cut).fold((0, 0), |sum, cut| (sum.0 + cut.0, sum.1 + cut.1))
    }

    fn elections_of(&self, of: TopicPartition) -> usize {
        let is_it = |stamped: &&Stamped| matches!(stamped.event, Event::Cluster(ClusterFact::Elected { partition, .. }) if partition == of);
        self.events.iter().filter(is_it).count()
    }

    fn verdict(&self, service: &str, promise: Promise) -> Verdict {
        let id = self.id(service);
        let standings = self.promises.standings(&self.ledger, true);
        let found = standings.into_iter().find(|it| (it.service, it.promise) == (id, promise));
        found.expect("the service can promise it").verdict
    }

    /// Everything was read, by both, and nothing lost.
    fn check_nothing_is_lost(&mut self) {
        self.drain();
        for service in [LOGISTICS, NOTIFICATIONS] {
            let account = self.account(service);
            assert_eq!((account.lost, account.waiting), (0, 0), "{service}");
        }
        assert_eq!(self.world.unacknowledged(self.id(ORDERS)), 0);
    }
}

#[test]
fn a_leader_that_fails_is_replaced_after_its_session_and_nothing_is_lost() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    let failing = observed.leader(partition(0));
    let (seen, before) = (observed.events.len(), observed.world.now());
    observed.apply(switch_broker(failing, false));
    let elected = observed.run_to(
        10_000,
        |event| matches!(event, Event::Cluster(ClusterFact::Elected { partition: of, .. }) if *of == partition(0)),
    );
    assert_eq!(elected.at.since(before), Span::from_ms(BROKER_SESSION_MS));
    let appends_to_it =
        |stamped: &&Stamped| matches!(stamped.event, Event::Appended { partition: to, .. } if to == partition(0));
    assert_eq!(observed.events[seen..].iter().filter(appends_to_it).count(), 0, "nobody leads it meanwhile");
    assert_ne!(observed.leader(partition(0)), failing);
    let end = observed.end_of(partition(0));
    observed.run_ms(5_000);
    assert!(observed.end_of(partition(0)) > end, "the producer has found the new leader");
    observed.apply(switch_broker(failing, true));
    observed.run_ms(1_000);
    assert_eq!(observed.isr(partition(0)), [1, 2, 3], "it has caught up");
    assert_ne!(observed.leader(partition(0)), failing, "nobody was asked to move the leader back");
    observed.check_nothing_is_lost();
}

#[test]
fn the_preferred_leader_leads_again_when_the_controller_next_looks() {
    let mut spec = replicated();
    spec.broker.leader_imbalance_check_interval = Span::from_ms(20_000);
    let mut observed = Observed::new(spec, SEED);
    let preferred = observed.leader(partition(0));
    observed.run_ms(2_000);
    observed.stop_brokers(&[preferred.0]);
    observed.start_brokers(&[preferred.0]);
    assert_ne!(observed.leader(partition(0)), preferred);
    observed.run_ms(20_000);
    assert_eq!(observed.leader(partition(0)), preferred);
    observed.check_nothing_is_lost();
}

#[test]
fn a_follower_that_fails_holds_back_what_asks_for_all_until_it_is_given_up() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    let follower = observed.replicas(partition(0)).assigned()[2];
    observed.apply(switch_broker(follower, false));
    observed.run_ms(BROKER_SESSION_MS - 500);
    let log = observed.log(partition(0));
    assert!(log.high_watermark() < log.log_end_offset(), "it is in sync still, as far as anybody knows");
    assert!(observed.world.unacknowledged(observed.id(ORDERS)) > 0);
    observed.run_ms(1_500);
    let log = observed.log(partition(0));
    assert_eq!(observed.isr(partition(0)).len(), 2);
    assert!(log.high_watermark().0 + 3 > log.log_end_offset().0, "the others are enough");
    observed.start_brokers(&[follower.0]);
    observed.check_nothing_is_lost();
}

#[test]
fn a_follower_that_lags_too_long_is_not_in_sync_any_more() {
    let mut spec = replicated();
    spec.broker.replica_lag_time_max = Span::from_ms(1_000);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(5_000);
    let follower = observed.replicas(partition(0)).assigned()[1];
    observed.apply(switch_broker(follower, false));
    observed.run_ms(BROKER_SESSION_MS - 500);
    assert_eq!(observed.isr(partition(0)).len(), 2, "long before the controller misses it");
    observed.start_brokers(&[follower.0]);
    observed.check_nothing_is_lost();
}

#[test]
fn with_too_few_replicas_in_sync_nothing_is_taken_that_asks_for_all() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    observed.stop_brokers(&[2, 3]);
    let ends: Vec<Offset> = observed.partitions().map(|it| observed.end_of(it)).collect();
    observed.run_ms(5_000);
    assert_eq!(observed.partitions().map(|it| observed.end_of(it)).collect::<Vec<_>>(), ends);
    assert!(observed.world.unacknowledged(observed.id(ORDERS)) > 10);
    observed.start_brokers(&[2]);
    assert!(observed.partitions().zip(ends).all(|(it, before)| observed.end_of(it) > before));
    observed.start_brokers(&[3]);
    observed.check_nothing_is_lost();
}

#[test]
fn without_a_replica_in_sync_a_partition_waits_for_one() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    let first = observed.leader(partition(0));
    let others: Vec<u16> = [1, 2, 3].into_iter().filter(|id| *id != first.0).collect();
    observed.stop_brokers(&others);
    observed.stop_brokers(&[first.0]);
    assert_eq!(observed.replicas(partition(0)).leader(), None);
    observed.start_brokers(&others);
    assert_eq!(observed.replicas(partition(0)).leader(), None, "they lack what only the last one has");
    assert_eq!(observed.isr(partition(0)), [first.0]);
    observed.start_brokers(&[first.0]);
    assert_eq!(observed.leader(partition(0)), first);
    observed.check_nothing_is_lost();
}

#[test]
fn all_brokers_can_be_away_and_come_back() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    observed.stop_brokers(&[1, 2, 3]);
    observed.run_ms(60_000);
    observed.start_brokers(&[3, 2, 1]);
    observed.check_nothing_is_lost();
}

#[test]
fn nobody_reads_what_is_not_on_all_replicas_in_sync() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    for _ in 0..20 {
        observed.run_to_append(partition(0));
        let log = observed.log(partition(0));
        assert!(log.high_watermark() < log.log_end_offset());
        let last = log.records(Offset::ZERO, Isolation::ReadUncommitted).last();
        assert!(last.is_some_and(|record| record.offset < log.high_watermark()));
    }
    observed.check_nothing_is_lost();
}

#[test]
fn a_broker_that_is_cut_off_is_replaced_and_follows_when_it_is_back() {
    let mut spec = replicated();
    publishes(&mut spec).config.request_timeout = Span::from_ms(2_000);
    for service in [LOGISTICS, NOTIFICATIONS] {
        config(&mut spec, service).request_timeout = Span::from_ms(2_000);
    }
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(5_000);
    let leader = observed.leader(partition(0));
    observed.apply(connect_broker(leader, false));
    observed.run_ms(SETTLED_MS);
    assert_ne!(observed.leader(partition(0)), leader);
    observed.apply(connect_broker(leader, true));
    observed.run_ms(SETTLED_MS);
    assert_eq!(observed.isr(partition(0)), [1, 2, 3]);
    observed.check_nothing_is_lost();
}

#[test]
fn a_broker_that_is_cut_off_for_a_moment_goes_on_as_before() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    let leader = observed.leader(partition(0));
    observed.apply(connect_broker(leader, false));
    observed.run_ms(BROKER_SESSION_MS / 2);
    observed.apply(connect_broker(leader, true));
    observed.run_ms(SETTLED_MS);
    assert_eq!((observed.leader(partition(0)), observed.elections_of(partition(0))), (leader, 0));
    observed.check_nothing_is_lost();
}

#[test]
fn a_broker_that_is_started_again_at_once_is_let_in_when_its_session_has_ended_and_has_lost_what_it_led() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(5_000);
    let leader = observed.leader(partition(0));
    observed.apply(switch_broker(leader, false));
    observed.run_ms(100);
    observed.apply(switch_broker(leader, true));
    observed.run_ms(BROKER_SESSION_MS - 101);
    assert_eq!((observed.leader(partition(0)), observed.elections_of(partition(0))), (leader, 0));
    assert!(!observed.world.broker().is_available(partition(0)), "it is not let in");
    observed.run_ms(1);
    assert_ne!(observed.leader(partition(0)), leader);
    observed.run_ms(1_000);
    assert_eq!(observed.isr(partition(0)), [1, 2, 3], "it is back, and has caught up");
    observed.check_nothing_is_lost();
}

#[test]
fn a_group_whose_coordinator_fails_goes_on_with_the_next_one() {
    let mut observed = Observed::new(replicated(), SEED);
    observed.run_ms(8_000);
    let group = observed.group_id(LOGISTICS);
    let coordinator = observed.world.broker().coordinator_of(group).expect("there is one");
    let members = observed.group(LOGISTICS).members().len();
    observed.apply(switch_broker(coordinator, false));
    observed.run_ms(1_000);
    assert_eq!(observed.world.broker().coordinator_of(group), None);
    observed.run_ms(SETTLED_MS);
    let next = observed.world.broker().coordinator_of(group);
    assert!(next.is_some_and(|next| next != coordinator));
    assert_eq!(observed.group(LOGISTICS).members().len(), members, "nobody had to leave");
    observed.start_brokers(&[coordinator.0]);
    observed.check_nothing_is_lost();
}

#[test]
fn a_group_that_is_just_joining_finds_another_coordinator() {
    for ms in [10, 100, 400, 520, 600] {
        let mut observed = Observed::new(replicated(), SEED);
        observed.run_ms(ms);
        observed.stop_brokers(&[1]);
        observed.start_brokers(&[1]);
        observed.stop_brokers(&[2]);
        observed.start_brokers(&[2]);
        observed.check_nothing_is_lost();
    }
}

#[test]
fn transactions_end_as_they_were_decided_whoever_fails() {
    for broker in 1..=3 {
        let mut spec = replicated();
        consumes(&mut spec, LOGISTICS).config.commit_policy = CommitPolicy::ExactlyOnce;
        let mut observed = Observed::new(spec, SEED);
        observed.run_ms(5_000 + 37 * u64::from(broker));
        observed.stop_brokers(&[broker]);
        observed.run_ms(3_000);
        observed.start_brokers(&[broker]);
        observed.check_nothing_is_lost();
        assert!(matches!(observed.verdict(LOGISTICS, Promise::NothingTwice), Verdict::Holds { .. }), "{broker}");
        assert!(matches!(observed.verdict(LOGISTICS, Promise::CommittedReads), Verdict::Holds { .. }), "{broker}");
    }
}

#[test]
fn one_broker_alone_keeps_what_it_has() {
    let mut spec = busy();
    spec.broker.brokers = 1;
    for topic in &mut spec.topics {
        topic.replication_factor = 1;
    }
    acks_of_one(&mut spec);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(5_000);
    observed.run_to_append(partition(0));
    observed.apply(switch_broker(BrokerId(1), false));
    observed.run_ms(30_000);
    observed.apply(switch_broker(BrokerId(1), true));
    observed.check_nothing_is_lost();
    assert_eq!(observed.thrown_away(), (0, 0));
    assert!(matches!(observed.verdict(ORDERS, Promise::AcknowledgedIsThere), Verdict::Holds { .. }));
}

#[test]
fn a_broker_that_does_not_exist_is_refused() {
    let mut observed = Observed::new(replicated(), SEED);
    for broker in [0, 4, 70_000] {
        let refused =
            observed.watch(|world, observe| world.apply(Command::SetBrokerOnline { broker, online: false }, observe));
        assert_eq!(refused, Err(CommandError::UnknownBroker { broker, brokers: 3 }));
    }
    let hash = observed.world.trace_hash();
    observed.apply(switch_broker(BrokerId(1), true));
    assert_eq!(observed.world.trace_hash(), hash, "it was on");
}

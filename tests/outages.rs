//! What an outage does and what it leaves behind, one case after another: crashes, session timeouts, shared work, retention.

#![cfg(not(target_arch = "wasm32"))]

mod observed;

use catchup::broker::{Group, GroupState, LeaveReason};
use catchup::log::{Log, Offset, PartitionId, TopicId, TopicPartition};
use catchup::sim::{Command, Event, ServiceState, Stamped, Template, World, WorldSpec};
use catchup::time::Span;
use observed::{
    LOGISTICS, NOTIFICATIONS, ORDERS, Observed, TOPIC, arrivals, consumes, delivery, millis, publishes, switch,
};
use std::collections::{BTreeMap, BTreeSet};

const SEED: u64 = 1;
/// The session timeout of the delivery's readers here.
const SESSION_MS: u64 = 6_000;
const HEARTBEAT_MS: u64 = 100;
/// The longest that a request or an answer is under way.
const LATENCY_MS: u64 = 12;

/// The delivery system, with nothing to deliver but what is published by hand.
fn quiet() -> WorldSpec {
    let mut spec = busy();
    publishes(&mut spec).in_progress_at_start = 0;
    publishes(&mut spec).arrivals_per_min = 0;
    spec
}

/// The delivery system, with readers that send heartbeats often and take a while for each record.
fn busy() -> WorldSpec {
    let mut spec = delivery();
    spec.network.latency = millis(4, LATENCY_MS);
    spec.topics[0].partitions = 3;
    for service in [LOGISTICS, NOTIFICATIONS] {
        let reader = consumes(&mut spec, service);
        reader.session_timeout = Span::from_ms(SESSION_MS);
        reader.heartbeat_interval = Span::from_ms(HEARTBEAT_MS);
        reader.max_poll_records = 20;
        reader.processing = millis(20, 20);
    }
    spec
}

fn partition(number: u32) -> TopicPartition {
    TopicPartition { topic: TopicId(0), partition: PartitionId(number) }
}

impl Observed {
    /// Publishes `count` records by hand to the first partition.
    fn publish(&mut self, count: u32) {
        for number in 0..count {
            let (topic, key) = (TOPIC.to_owned(), Some(format!("hand-{number}")));
            let value = Some("{\"status\":\"by hand\"}".to_owned());
            self.apply(Command::Publish { topic, key, value, headers: BTreeMap::new(), partition: Some(0) });
        }
    }

    /// Goes on, event by event, until `is_it` is true of one, which it returns; at most `ms` milliseconds.
    fn run_to(&mut self, ms: u64, is_it: impl Fn(&Event) -> bool) -> Stamped {
        let horizon = self.world.now() + Span::from_ms(ms);
        while self.world.now() < horizon {
            let seen = self.events.len();
            self.watch(World::step);
            if let Some(found) = self.events[seen..].iter().find(|stamped| is_it(&stamped.event)) {
                return found.clone();
            }
        }
        panic!("it did not happen within {ms} ms of simulated time");
    }

    /// Goes on until logistics has polled several records at once and processed `count` of them; none of them is committed yet.
    fn run_into_a_poll_of_logistics(&mut self, count: u32) {
        let id = self.id(LOGISTICS);
        self.run_to(
            10_000,
            |event| matches!(*event, Event::Polled { service, records, .. } if service == id && records > count),
        );
        for _ in 0..count {
            self.run_to(1_000, |event| matches!(*event, Event::Processed { service, .. } if service == id));
        }
    }

    fn log(&self, partition: TopicPartition) -> &Log {
        self.world.broker().log(partition).expect("the topic has the partition")
    }

    fn group(&self, service: &str) -> &Group {
        self.world.broker().group(self.group_id(service))
    }

    /// How many partitions each member of a service's group reads, most first.
    fn assignment_sizes(&self, service: &str) -> Vec<usize> {
        let mut sizes: Vec<usize> =
            self.group(service).members().values().map(|member| member.assignment().len()).collect();
        sizes.sort_unstable_by(|one, other| other.cmp(one));
        sizes
    }

    /// The instances of a service that took records to work on.
    fn instances_that_polled(&self, service: &str) -> BTreeSet<u32> {
        let id = self.id(service);
        let instance = |stamped: &Stamped| match stamped.event {
            Event::Polled { service, instance, .. } if service == id => Some(instance),
            _ => None,
        };
        self.events.iter().filter_map(instance).collect()
    }

    /// How many records a service published since `event` was the number of events.
    fn published_since(&self, event: usize, service: &str) -> u32 {
        let id = self.id(service);
        let records = |stamped: &Stamped| match stamped.event {
            Event::Appended { service, records, .. } if service == Some(id) => records,
            _ => 0,
        };
        self.events[event..].iter().map(records).sum()
    }
}

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
    observed.run_to(1_000, |event| matches!(event, Event::Committed { group: committed, .. } if *committed == group));
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
    let left = observed.run_to(1_000, |event| {
        matches!(event, Event::MemberLeft { group: of, reason: LeaveReason::SessionTimedOut, .. } if *of == group)
    });
    assert!(left.at <= switched_off + Span::from_ms(SESSION_MS + LATENCY_MS), "it left as late as {:?}", left.at);
    assert_eq!(observed.group(LOGISTICS).state(), GroupState::Empty);
    assert_eq!(observed.group(NOTIFICATIONS).state(), GroupState::Stable, "another service's group");
}

#[test]
fn a_service_that_returns_at_once_waits_until_the_session_of_its_former_self_ends() {
    let mut observed = Observed::new(quiet(), SEED);
    observed.run_ms(5_000);
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(200);
    observed.apply(switch(LOGISTICS, true));
    observed.publish(5);
    observed.run_ms(SESSION_MS - 200 - HEARTBEAT_MS - LATENCY_MS - 1);
    assert_eq!(observed.world.service_state(observed.id(LOGISTICS)), ServiceState::Joining);
    assert_eq!(observed.account(LOGISTICS).processed, 0);
    observed.run_ms(1_000);
    assert_eq!(observed.account(LOGISTICS).processed, 5);
}

#[test]
fn a_service_that_returns_goes_on_at_its_committed_offsets() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(10_000);
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(10_000);
    let committed = |observed: &Observed, it| observed.group(LOGISTICS).committed(it).expect("it has committed");
    let expected: Vec<Offset> = observed.partitions().map(|it| committed(&observed, it)).collect();
    assert!(expected.iter().all(|offset| *offset > Offset::ZERO), "{expected:?}");
    let (seen, id) = (observed.events.len(), observed.id(LOGISTICS));
    observed.apply(switch(LOGISTICS, true));
    observed.run_ms(10_000);
    let first = |wanted: TopicPartition| {
        observed.events[seen..].iter().find_map(|stamped| match stamped.event {
            Event::Processed { service, partition, offset, .. } if service == id && partition == wanted => Some(offset),
            _ => None,
        })
    };
    let resumed: Vec<Option<Offset>> = observed.partitions().map(first).collect();
    assert_eq!(resumed, expected.into_iter().map(Some).collect::<Vec<_>>());
}

#[test]
fn a_service_that_returns_says_when_it_has_caught_up() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(10_000);
    let id = observed.id(LOGISTICS);
    let state = |observed: &Observed| observed.world.service_state(id);
    assert_eq!(state(&observed), ServiceState::Running);
    observed.apply(switch(LOGISTICS, false));
    observed.run_ms(20_000);
    assert_eq!(state(&observed), ServiceState::Offline);
    assert!(observed.world.lag(id) > 60, "the lag of a service that was off is {}", observed.world.lag(id));
    observed.apply(switch(LOGISTICS, true));
    assert_eq!(state(&observed), ServiceState::Joining);
    observed.run_to(2_000, |event| matches!(event, Event::Polled { service, .. } if *service == id));
    assert_eq!(state(&observed), ServiceState::CatchingUp);
    observed.run_to(30_000, |event| matches!(event, Event::CaughtUp { service } if *service == id));
    assert_eq!(state(&observed), ServiceState::Running);
    let times = observed.events.iter().filter(|stamped| matches!(stamped.event, Event::CaughtUp { .. })).count();
    assert_eq!(times, 1, "how often anybody caught up");
}

#[test]
fn one_service_that_is_off_does_not_hold_up_another() {
    let mut observed = Observed::new(busy(), SEED);
    observed.run_ms(5_000);
    observed.apply(switch(LOGISTICS, false));
    let mut most = 0;
    for _ in 0..20 {
        observed.run_ms(1_000);
        most = most.max(observed.world.lag(observed.id(NOTIFICATIONS)));
    }
    assert!(most <= 40, "the lag of the service that was on grew to {most}");
    assert!(observed.world.lag(observed.id(LOGISTICS)) > 60);
}

#[test]
fn instances_share_the_partitions() {
    let mut spec = busy();
    consumes(&mut spec, LOGISTICS).instances = 3;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    let id = observed.id(LOGISTICS);
    let readers: BTreeSet<_> = observed.partitions().map(|it| observed.world.reader_of(id, it)).collect();
    assert_eq!(readers, BTreeSet::from([Some(0), Some(1), Some(2)]));
    assert_eq!(observed.assignment_sizes(LOGISTICS), [1, 1, 1]);
    assert_eq!(observed.instances_that_polled(LOGISTICS), BTreeSet::from([0, 1, 2]));
}

#[test]
fn fewer_instances_than_partitions_read_several_each() {
    let mut spec = busy();
    consumes(&mut spec, LOGISTICS).instances = 2;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [2, 1]);
}

#[test]
fn more_instances_than_partitions_leave_some_idle() {
    let mut spec = busy();
    consumes(&mut spec, LOGISTICS).instances = 5;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    assert_eq!(observed.assignment_sizes(LOGISTICS), [1, 1, 1, 0, 0]);
    assert_eq!(observed.instances_that_polled(LOGISTICS).len(), 3);
    observed.drain();
    assert_eq!(observed.account(LOGISTICS).processed_again, 0);
}

const RETENTION_MS: u64 = 10_000;
const RETENTION_CHECK_MS: u64 = 2_000;
/// `linger.ms`, Kafka's default: how much older than its append a record can be, besides its way to the broker.
const LINGER_MS: u64 = 5;

/// A system that forgets quickly.
fn forgetful() -> WorldSpec {
    let mut spec = busy();
    spec.topics[0].log.segment_bytes = 1_024;
    spec.broker.log_retention_check_interval = Span::from_ms(RETENTION_CHECK_MS);
    publishes(&mut spec).arrivals_per_min = 300;
    spec
}

#[test]
fn retention_by_time_bounds_the_log() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_ms = Some(RETENTION_MS as i64);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(60_000);
    let oldest_ms = (observed.world.now().as_ms() - RETENTION_MS - RETENTION_CHECK_MS) as i64;
    for partition in observed.partitions() {
        let log = observed.log(partition);
        assert!(log.log_start_offset() > Offset::ZERO, "nothing was deleted from {partition:?}");
        let youngest_ms: Vec<_> = log.segments().map(catchup::log::Segment::max_timestamp_ms).collect();
        assert!(youngest_ms.iter().flatten().all(|ms| *ms >= oldest_ms), "{youngest_ms:?}, the oldest {oldest_ms}");
    }
    for service in [LOGISTICS, NOTIFICATIONS] {
        assert_eq!(observed.account(service).lost, 0, "{service} keeps up, so that retention takes nothing from it");
    }
}

#[test]
fn retention_by_size_bounds_the_log() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_bytes = Some(4_096);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(60_000);
    for partition in observed.partitions() {
        let log = observed.log(partition);
        assert!(log.log_start_offset() > Offset::ZERO, "nothing was deleted from {partition:?}");
        assert!(log.len_bytes() >= 4_096, "{partition:?} keeps less than it may: {} bytes", log.len_bytes());
    }
    let (start, len) = (observed.world.now(), observed.log(partition(0)).len_bytes());
    observed.apply(arrivals(0));
    observed.run_ms(60_000);
    let settled = observed.log(partition(0)).len_bytes();
    assert!(settled < 4_096 + 1_024, "{settled} bytes are left of {len}, long after {start:?}");
}

#[test]
fn what_retention_deletes_before_it_was_read_is_lost_and_the_ledger_says_so() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_ms = Some(RETENTION_MS as i64);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(10_000);
    let group = observed.group_id(LOGISTICS);
    observed.run_to(1_000, |event| matches!(event, Event::Committed { group: committed, .. } if *committed == group));
    observed.apply(switch(LOGISTICS, false)); // when all that it has processed is committed
    observed.run_ms(40_000);
    let deleted = |partition| observed.log(partition).log_start_offset();
    let committed = |partition| observed.group(LOGISTICS).committed(partition).unwrap_or_default();
    let expected: u64 = observed.partitions().map(|it| deleted(it).records_since(committed(it))).sum();
    assert!(expected > 0, "retention has not reached what logistics has not read");
    assert_eq!(observed.account(LOGISTICS).lost, expected);
    observed.drain();
    let account = observed.account(LOGISTICS);
    assert_eq!((account.waiting, account.processed + account.lost), (0, account.published));
    assert_eq!(observed.account(NOTIFICATIONS).lost, 0, "it was on all the time");
}

#[test]
fn retention_by_time_deletes_nothing_that_is_younger() {
    let mut spec = forgetful();
    spec.topics[0].log.retention_ms = Some(RETENTION_MS as i64);
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(60_000);
    let mut appended = BTreeMap::new();
    let mut deletions = 0;
    for stamped in &observed.events {
        match stamped.event {
            Event::Appended { partition, base_offset, records, .. } => {
                appended.insert((partition, Offset(base_offset.0 + i64::from(records))), stamped.at);
            }
            Event::Deleted { partition, log_start_offset } => {
                let age = stamped.at.since(appended[&(partition, log_start_offset)]);
                assert!(
                    age.as_ms() + LATENCY_MS + LINGER_MS >= RETENTION_MS,
                    "{partition:?} lost what was {age:?} old"
                );
                deletions += 1;
            }
            _ => {}
        }
    }
    assert!(deletions > 10, "retention deleted only {deletions} times");
}

#[test]
fn orders_that_are_off_publish_nothing_and_afterwards_everything_that_became_due() {
    let mut spec = busy();
    publishes(&mut spec).arrivals_per_min = 0;
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.apply(switch(ORDERS, false));
    observed.run_ms(LATENCY_MS + 1);
    let (seen, on_their_way) = (observed.events.len(), observed.world.in_progress(observed.id(ORDERS)));
    observed.run_ms(30_000);
    assert_eq!(observed.published_since(seen, ORDERS), 0);
    assert_eq!(observed.world.in_progress(observed.id(ORDERS)), on_their_way);
    observed.apply(switch(ORDERS, true));
    observed.run_ms(100);
    let at_once = observed.published_since(seen, ORDERS);
    let waiting = on_their_way.expect("orders publishes") as u32;
    assert!(
        at_once >= waiting,
        "each of the {waiting} orders has an update that is overdue, and {at_once} were published"
    );
    observed.drain();
    assert_eq!(delivered(&observed).len(), 40, "orders that went through to the end");
}

#[test]
fn updates_that_do_not_fit_into_one_batch_are_published_in_several() {
    let mut spec = busy();
    spec.topics[0].partitions = 1;
    spec.topics[0].log.max_message_bytes = 1_024;
    publishes(&mut spec).arrivals_per_min = 0;
    let mut observed = Observed::new(spec, SEED);
    observed.apply(switch(ORDERS, false));
    observed.run_ms(10_000);
    observed.drain();
    assert_eq!(delivered(&observed).len(), 40, "orders that went through to the end");
}

#[test]
fn an_update_that_the_topic_never_takes_is_refused_and_said_so() {
    let mut spec = busy();
    spec.topics[0].log.max_message_bytes = 1_024;
    publishes(&mut spec).arrivals_per_min = 0;
    let large = Template::parse(&"x".repeat(2_000), &[]).expect("a text without holes");
    publishes(&mut spec).value.push(("note".into(), large));
    let mut observed = Observed::new(spec, SEED);
    observed.drain();
    let id = observed.id(ORDERS);
    let refused = |stamped: &&Stamped| matches!(stamped.event, Event::Refused { service, .. } if service == id);
    assert!(observed.events.iter().filter(refused).count() >= 40, "each of the 40 orders has an update at least");
    assert_eq!(observed.published_since(0, ORDERS), 0);
}

#[test]
fn a_reader_that_works_longer_than_its_poll_interval_leaves_and_is_given_the_same_records_again() {
    let mut spec = quiet();
    let reader = consumes(&mut spec, LOGISTICS);
    (reader.processing, reader.max_poll_interval) = (millis(700, 700), Span::from_ms(5_000));
    let mut observed = Observed::new(spec, SEED);
    observed.run_ms(2_000);
    observed.publish(10); // the first alone, then nine at once, which take 6,300 ms
    let group = observed.group_id(LOGISTICS);
    observed.run_to(
        10_000,
        |event| matches!(event, Event::MemberLeft { group: of, reason: LeaveReason::Left, .. } if *of == group),
    );
    observed.run_ms(10_000);
    let account = observed.account(LOGISTICS);
    assert_eq!((account.published, account.processed, account.lost), (10, 10, 0));
    assert!(account.processed_again > 0, "{account:?}");
}

/// The orders whose last stage is in the log.
fn delivered(observed: &Observed) -> BTreeSet<String> {
    let records = observed.partitions().flat_map(|it| observed.log(it).records_from(Offset::ZERO).collect::<Vec<_>>());
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    records.filter(|it| text(it.value).contains("\"status\":\"delivered\"")).map(|it| text(it.key)).collect()
}

//! What an outage does and what it leaves behind, one case after another: crashes, session timeouts, shared work, retention.

#![cfg(not(target_arch = "wasm32"))]

#[path = "outages/aborted.rs"]
mod aborted;
#[path = "outages/brokers.rs"]
mod brokers;
#[path = "outages/compaction.rs"]
mod compaction;
#[path = "outages/crashes.rs"]
mod crashes;
#[path = "outages/cut_off.rs"]
mod cut_off;
#[path = "outages/joining.rs"]
mod joining;
#[path = "outages/leaving.rs"]
mod leaving;
mod observed;
#[path = "outages/poison.rs"]
mod poison;
#[path = "outages/policies.rs"]
mod policies;
#[path = "outages/promising.rs"]
mod promising;
#[path = "outages/publishing.rs"]
mod publishing;
#[path = "outages/retention.rs"]
mod retention;
#[path = "outages/returning.rs"]
mod returning;
#[path = "outages/seeking.rs"]
mod seeking;
#[path = "outages/sharing.rs"]
mod sharing;
#[path = "outages/writing_again.rs"]
mod writing_again;

use catchup::broker::{Group, GroupFact, GroupId, LeaveReason};
use catchup::log::{Log, PartitionId, TopicId, TopicPartition};
use catchup::sim::{Command, Event, ServiceId, Stamped, WorkEvent, World, WorldSpec};
use catchup::sorted::SortedMap;
use catchup::time::Span;
use observed::{LOGISTICS, NOTIFICATIONS, Observed, TOPIC, config, delivery, millis, publishes};
use std::collections::BTreeSet;

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
        let reader = config(&mut spec, service);
        reader.session_timeout = Span::from_ms(SESSION_MS);
        reader.heartbeat_interval = Span::from_ms(HEARTBEAT_MS);
        reader.max_poll_records = 20;
        reader.processing = millis(20, 20);
    }
    spec
}

/// A command that gives a setting of a service another value.
fn configure(service: &str, name: &str, value: &str) -> Command {
    Command::SetServiceConfig { service: service.to_owned(), name: name.to_owned(), value: value.to_owned() }
}

fn partition(number: u32) -> TopicPartition {
    TopicPartition { topic: TopicId(0), partition: PartitionId(number) }
}

/// Whether a service has processed a record.
fn is_processed(event: &Event, id: ServiceId) -> bool {
    matches!(event, Event::Work(WorkEvent::Processed { service, .. }) if *service == id)
}

/// Whether a member has left a group for a reason.
fn is_leaving(event: &Event, group: GroupId, reason: LeaveReason) -> bool {
    matches!(event, Event::Group(GroupFact::MemberLeft { group: of, reason: why, .. }) if (*of, *why) == (group, reason))
}

impl Observed {
    /// Publishes `count` records by hand to the first partition.
    fn publish(&mut self, count: u32) {
        for number in 0..count {
            let (topic, key) = (TOPIC.to_owned(), Some(format!("hand-{number}")));
            let value = Some(format!("{{\"order\":\"hand-{number}\",\"status\":\"by hand\"}}"));
            self.apply(Command::Publish { topic, key, value, headers: SortedMap::new(), partition: Some(0) });
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
        let polls = |event: &Event| match *event {
            Event::Work(WorkEvent::Polled { service, records, .. }) => service == id && records > count,
            _ => false,
        };
        self.run_to(10_000, polls);
        for _ in 0..count {
            self.run_to(1_000, |event| is_processed(event, id));
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
            Event::Work(WorkEvent::Polled { service, instance, .. }) if service == id => Some(instance),
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

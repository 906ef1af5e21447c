//! Scripts of the area `replication`: the brokers themselves, of which one after the other fails.
//!
//! Between two steps there is time enough for everything that takes some: for the controller to miss a broker, for a follower to
//! have everything.

use super::Case;
use super::case::{Checked, same, unknown_expectation};
use super::replication::AcksName;
use catchup::broker::{
    Broker, BrokerConfig, BrokerId, ClientId, Out, ProduceError, Request, Response, Ticket, TopicConfig,
};
use catchup::log::{BatchBuilder, Isolation, LogConfig, NewRecord, Offset, TopicPartition};
use catchup::time::{Instant, Span};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const PARTITION: TopicPartition =
    TopicPartition { topic: catchup::log::TopicId(0), partition: catchup::log::PartitionId(0) };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    replicas: Vec<u16>,
    leader: u16,
    unclean_leader_election: bool,
    acks: AcksName,
    min_insync_replicas: u32,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    Produce { value: String },
    Stop { broker: u16 },
    Start { broker: u16 },
    Leader,
    ConsumeAll,
}

struct Bench {
    broker: Broker,
    /// The numbers of the case, in the order of those of the brokers, which count from 1 and of which the first leads.
    numbers: Vec<u16>,
    acks: AcksName,
    now: Instant,
    out: Out,
    sent: u32,
    acknowledged: Vec<String>,
}

pub(super) fn check(case: &Case) -> Checked {
    let script: Script = case.input()?;
    let expected = case.expect();
    let results = expected.get("results").and_then(Value::as_array).ok_or("a script expects `results`")?;
    if results.len() != script.steps.len() {
        return Err(format!("{} results of {} steps", results.len(), script.steps.len()));
    }
    let mut bench = Bench::new(&script);
    for (number, (step, expected)) in script.steps.iter().zip(results).enumerate() {
        let found = bench.perform(step)?;
        let expected = expected.as_object().ok_or("a result is a map")?;
        check_step(&found, expected).map_err(|difference| format!("step {number}: {difference}"))?;
    }
    expected.iter().try_for_each(|(key, expected)| match key.as_str() {
        "results" => Ok(()),
        "acknowledged_but_lost" => same(key, &json!(bench.lost()), expected),
        _ => unknown_expectation(key),
    })
}

fn check_step(found: &Map<String, Value>, expected: &Map<String, Value>) -> Checked {
    if let (Some(error), None) = (found.get("error").filter(|error| !error.is_null()), expected.get("error")) {
        return Err(format!("it fails with {error}"));
    }
    expected.iter().try_for_each(|(key, expected)| match found.get(key) {
        Some(found) if key == "isr" => same(key, &as_set(found), &as_set(expected)),
        Some(found) => same(key, found, expected),
        None => unknown_expectation(key),
    })
}

fn as_set(list: &Value) -> Value {
    let numbers = list.as_array().into_iter().flatten().filter_map(Value::as_u64);
    json!(numbers.collect::<BTreeSet<_>>())
}

impl Bench {
    fn new(script: &Script) -> Self {
        let others = script.replicas.iter().copied().filter(|number| *number != script.leader);
        let numbers: Vec<u16> = std::iter::once(script.leader).chain(others).collect();
        let never = Span::from_ms(1_000_000_000);
        let brokers = numbers.len() as u16;
        let mut broker =
            Broker::new(BrokerConfig { brokers, leader_imbalance_check_interval: never, ..BrokerConfig::default() });
        let log = LogConfig {
            min_insync_replicas: script.min_insync_replicas,
            unclean_leader_election: script.unclean_leader_election,
            ..LogConfig::default()
        };
        broker.create_topic(&TopicConfig {
            name: "topic".into(),
            partitions: 1,
            replication_factor: u32::from(brokers),
            log,
        });
        let (now, out, acknowledged) = (Instant::START, Out::default(), Vec::new());
        Self { broker, numbers, acks: script.acks, now, out, sent: 0, acknowledged }
    }

    fn perform(&mut self, step: &Step) -> Result<Map<String, Value>, String> {
        let found = match step {
            Step::Produce { value } => json!({ "error": self.produce(value) }),
            Step::Stop { broker } => self.switch(*broker, false)?,
            Step::Start { broker } => self.switch(*broker, true)?,
            Step::Leader => {
                let replicas = self.broker.replicas(PARTITION).ok_or("there is the partition")?;
                let isr: Vec<u16> = replicas.isr().iter().map(|id| self.number(*id)).collect();
                json!({ "leader": replicas.leader().map(|id| self.number(id)), "isr": isr })
            }
            Step::ConsumeAll if self.broker.is_available(PARTITION) => {
                json!({ "values": self.values(), "error": null })
            }
            Step::ConsumeAll => json!({ "values": [], "error": null }),
        };
        found.as_object().cloned().ok_or_else(|| "a map".to_owned())
    }

    fn number(&self, id: BrokerId) -> u16 {
        self.numbers[usize::from(id.0) - 1]
    }

    fn switch(&mut self, number: u16, online: bool) -> Result<Value, String> {
        let place = self.numbers.iter().position(|known| *known == number).ok_or("there is no such broker")?;
        self.broker.set_broker_online(self.now, BrokerId(place as u16 + 1), online, &mut self.out);
        self.wait();
        Ok(json!({}))
    }

    fn produce(&mut self, value: &str) -> Option<&'static str> {
        let mut builder = BatchBuilder::default();
        builder.push(&NewRecord { key: None, value: Some(value.as_bytes()), headers: &[], timestamp_ms: 0 });
        let batch = builder.finish().expect("a record was pushed");
        let ticket = Ticket { client: ClientId(0), correlation: self.sent };
        self.sent += 1;
        let request = Request::Produce { partition: PARTITION, batch, acks: self.acks.acks() };
        self.broker.handle(self.now, ticket, request, &mut self.out);
        self.wait();
        let answer = self.out.replies.iter().find(|reply| reply.to == ticket).map(|reply| &reply.response);
        let error = match answer {
            Some(Response::Produce { result: Ok(_), .. }) => None,
            Some(Response::Produce { result: Err(error), .. }) => Some(name_of(error)),
            Some(_) => Some("another answer"),
            None if matches!(self.acks, AcksName::Zero) => None,
            None => Some("TIMEOUT"),
        };
        if error.is_none() && !matches!(self.acks, AcksName::Zero) {
            self.acknowledged.push(value.to_owned());
        }
        error
    }

    /// Longer than anything takes.
    fn wait(&mut self) {
        let until = self.now + Span::from_ms(60_000);
        while self.broker.deadline() <= until {
            self.now = self.now.max(self.broker.deadline());
            self.broker.tick(self.now, &mut self.out);
        }
        self.now = until;
    }

    fn values(&self) -> Vec<String> {
        let log = self.broker.log(PARTITION).expect("there is the partition");
        let records = log.records(Offset::ZERO, Isolation::ReadUncommitted);
        records.filter_map(|record| record.value.map(|value| String::from_utf8_lossy(value).into_owned())).collect()
    }

    fn lost(&self) -> Vec<&String> {
        let there = self.values();
        self.acknowledged.iter().filter(|value| !there.contains(value)).collect()
    }
}

/// A producer that is to try again does so until its time is over.
const fn name_of(error: &ProduceError) -> &'static str {
    match error {
        ProduceError::NotEnoughReplicas => "NOT_ENOUGH_REPLICAS",
        ProduceError::NotEnoughReplicasAfterAppend => "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        ProduceError::NotLeaderOrFollower | ProduceError::LeaderNotAvailable | ProduceError::Disconnected => "TIMEOUT",
        ProduceError::UnknownTopicOrPartition
        | ProduceError::InvalidTxnState { .. }
        | ProduceError::DuplicateSequenceNumber
        | ProduceError::Append(_) => "another error",
    }
}

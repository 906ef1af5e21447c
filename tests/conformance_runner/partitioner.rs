//! The area `partitioner_behaviour`: where records go that no key decides on, and what unavailable partitions change.
//!
//! Random numbers are always 0, 1, 2, …, as in Kafka's own tests: with them, a free choice is a different one each time.

use super::Case;
use super::case::{Checked, same, unknown_expectation};
use super::partitioner_case::Input;
use catchup::client::{Batched, Partitioner, PartitionerError};
use catchup::log::{PartitionId, TopicId};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TOPIC_A: TopicId = TopicId(0);
const TOPIC_B: TopicId = TopicId(1);

/// Partitions in the order in which records went to them, or why one went nowhere.
type Sent = Result<Vec<u32>, PartitionerError>;

pub(super) fn check(case: &Case) -> Checked {
    let input: Input = case.input()?;
    match case.kind.as_str() {
        "keyed_stable" | "null_key_available" | "round_robin" | "null_key_random" | "null_key_hashed" | "empty_key"
        | "adaptive" => check_sends(case, &input),
        "null_key_sticky" => match (&input.new_batch_on, input.then_current_partition_unavailable) {
            (Some(topic), _) => check_other_topic(case, &input, topic),
            (None, true) => check_unavailable(case, &input),
            (None, false) if input.sends_before_new_batch.is_some() => check_new_batch(case, &input),
            (None, false) => check_sends(case, &input),
        },
        "invalid_config" | "unknown_topic" => check_error(case, &input),
        _ => case.unknown_kind(),
    }
}

/// A partitioner at work on the topics of a case.
struct Sender<'a> {
    input: &'a Input,
    partitioner: Partitioner,
    available: Vec<PartitionId>,
    next_random: u32,
}

impl<'a> Sender<'a> {
    fn new(input: &'a Input) -> Result<Self, PartitionerError> {
        let partitioner = Partitioner::new(input.config())?;
        Ok(Self { input, partitioner, available: input.available(), next_random: 0 })
    }

    fn send(&mut self, topic: TopicId) -> Result<u32, PartitionerError> {
        let key = self.input.key_utf8.as_deref().map(str::as_bytes);
        let view = self.input.view(topic, &self.available);
        let random = &mut sequential(&mut self.next_random);
        let partition = self.partitioner.partition(view, key, random)?;
        if key.is_none() {
            let bytes = self.input.record_bytes() as usize;
            self.partitioner.sent(view, Batched { bytes, is_full: true }, random);
        }
        Ok(partition.0)
    }

    fn send_many(&mut self, topic: TopicId, count: u32) -> Sent {
        (0..count).map(|_| self.send(topic)).collect()
    }

    fn new_batch(&mut self, topic: TopicId) {
        let view = self.input.view(topic, &self.available);
        self.partitioner.new_batch(view, &mut sequential(&mut self.next_random));
    }
}

fn sequential(next: &mut u32) -> impl FnMut() -> u32 {
    || {
        let number = *next;
        *next += 1;
        number
    }
}

/// Cases in which records are sent, one after another, and nothing else happens.
fn check_sends(case: &Case, input: &Input) -> Checked {
    let sent = send_all(case, input)?.map_err(|error| error.to_string())?;
    case.expectations().try_for_each(|(key, expected)| match key {
        "same_partition_every_time" => same(key, &json!(all_same(&sent)), expected),
        "partition" if expected.is_null() => only(key, &sent, &all_allowed(input)),
        "partition" => sent.iter().try_for_each(|partition| same(key, &json!(partition), expected)),
        "partitions" => same(key, &json!(sent), expected),
        "first_n_same" => same(key, &json!(all_same(&sent[..count(expected)?.min(sent.len())])), &json!(true)),
        "then_switches" => {
            let after = case.expectations().find(|(key, _)| *key == "first_n_same").map(|(_, n)| count(n));
            let after = after.ok_or("then_switches, but after how many?")??;
            let next = sent.get(after).ok_or_else(|| format!("{} sends are too few to see it", sent.len()))?;
            same(key, &json!(*next != sent[0]), expected)
        }
        "only_partitions" => only(key, &sent, &numbers(expected)?),
        "all_used_eventually" => {
            let must_be_used =
                case.expectations().find(|(key, _)| *key == "only_partitions").map(|(_, it)| numbers(it));
            let must_be_used = must_be_used.unwrap_or_else(|| Ok(all_allowed(input)))?;
            same(key, &json!(must_be_used.iter().all(|partition| sent.contains(partition))), expected)
        }
        "count_per_partition" | "frequency_per_partition" => frequencies(key, &sent, expected),
        _ => unknown_expectation(key),
    })
}

fn send_all(case: &Case, input: &Input) -> Result<Sent, String> {
    let sends = sends_of(case, input)?;
    let queues = input.queues()?;
    let send = || {
        let mut sender = Sender::new(input)?;
        if let Some(queues) = queues {
            let available = sender.available.clone();
            sender.partitioner.load(input.view(TOPIC_A, &available), &queues);
        }
        let mut sent = Vec::new();
        for index in 0..sends {
            sent.push(sender.send(TOPIC_A)?);
            if input.interleaved_other_topic_every.is_some_and(|every| index.is_multiple_of(every)) {
                sender.send(TOPIC_B)?;
            }
        }
        Ok(sent)
    };
    Ok(send())
}

/// As many sends as the case says, or as its expectations need.
fn sends_of(case: &Case, input: &Input) -> Result<u32, String> {
    if let Some(sends) = input.sends {
        return Ok(sends);
    }
    let mut needed = 1;
    for (key, expected) in case.expectations() {
        needed = needed.max(match (key, expected) {
            ("first_n_same", n) => count(n)? + 1,
            ("partitions", Value::Array(list)) => list.len(),
            ("frequency_per_partition" | "count_per_partition", table) => {
                table_of(table)?.values().map(|n| *n as usize).sum()
            }
            _ => 1,
        });
    }
    Ok(needed as u32)
}

/// Cases in which a new batch begins between two runs of sends.
fn check_new_batch(case: &Case, input: &Input) -> Checked {
    let send = || {
        let mut sender = Sender::new(input)?;
        let before = sender.send_many(TOPIC_A, input.sends_before_new_batch.unwrap_or(1))?;
        sender.new_batch(TOPIC_A);
        Ok((before, sender.send_many(TOPIC_A, input.sends_after_new_batch.unwrap_or(1))?))
    };
    let (before, after) = send().map_err(|error: PartitionerError| error.to_string())?;
    case.expectations().try_for_each(|(key, expected)| match key {
        "constant_within_batch" => same(key, &json!(all_same(&before) && all_same(&after)), expected),
        "differs_after_new_batch" => same(key, &json!(before.last() != after.first()), expected),
        "partitions" => same(key, &json!([before.clone(), after.clone()].concat()), expected),
        _ => unknown_expectation(key),
    })
}

/// Cases in which a new batch for one of two topics must leave the other alone.
fn check_other_topic(case: &Case, input: &Input, new_batch_on: &str) -> Checked {
    let topic = |name: &str| match input.topics.iter().position(|topic| topic == name) {
        Some(index) => Ok(TopicId(index as u16)),
        None => Err(format!("the case has no topic {name:?}")),
    };
    let (a, b) = (topic(new_batch_on)?, topic("b")?);
    let send = || {
        let mut sender = Sender::new(input)?;
        let before = [sender.send(a)?, sender.send(b)?];
        sender.new_batch(a);
        Ok((before, [sender.send(a)?, sender.send(b)?]))
    };
    let (before, after) = send().map_err(|error: PartitionerError| error.to_string())?;
    case.expectations().try_for_each(|(key, expected)| match key {
        "topic_b_unchanged" => same(key, &json!(before[1] == after[1]), expected),
        "differs_after_new_batch" => same(key, &json!(before[0] != after[0]), expected),
        _ => unknown_expectation(key),
    })
}

/// Cases in which the partition that records stick to loses its leader.
fn check_unavailable(case: &Case, input: &Input) -> Checked {
    let send = || {
        let mut sender = Sender::new(input)?;
        let before = sender.send(TOPIC_A)?;
        sender.available.retain(|partition| partition.0 != before);
        Ok((before, sender.send(TOPIC_A)?))
    };
    let (before, after) = send().map_err(|error: PartitionerError| error.to_string())?;
    case.expectations().try_for_each(|(key, expected)| match key {
        "differs_after_unavailable" => same(key, &json!(before != after), expected),
        _ => unknown_expectation(key),
    })
}

/// Cases in which there is nothing to send with, or nowhere to send to.
fn check_error(case: &Case, input: &Input) -> Checked {
    let error = Sender::new(input).and_then(|mut sender| sender.send(TOPIC_A)).err().map(|error| match error {
        PartitionerError::InvalidStickyBatchBytes { .. } => "INVALID_ARGUMENT",
        PartitionerError::UnknownTopicOrPartition => "UNKNOWN_TOPIC_OR_PARTITION",
    });
    case.expectations().try_for_each(|(key, expected)| match key {
        "error" => same(key, &json!(error), expected),
        _ => unknown_expectation(key),
    })
}

fn all_same(sent: &[u32]) -> bool {
    sent.windows(2).all(|pair| pair[0] == pair[1])
}

/// Where a record may go: to a partition that has a leader, or to any if none has.
fn all_allowed(input: &Input) -> Vec<u32> {
    let available: Vec<u32> = input.available().iter().map(|partition| partition.0).collect();
    if available.is_empty() { (0..input.partitions()).collect() } else { available }
}

fn only(key: &str, sent: &[u32], allowed: &[u32]) -> Checked {
    match sent.iter().find(|partition| !allowed.contains(partition)) {
        None => Ok(()),
        Some(partition) => Err(format!("{key}: a record went to {partition}, expected one of {allowed:?}")),
    }
}

fn frequencies(key: &str, sent: &[u32], expected: &Value) -> Checked {
    table_of(expected)?.into_iter().try_for_each(|(partition, expected)| {
        let actual = sent.iter().filter(|sent| **sent == partition).count() as u64;
        same(&format!("{key}[{partition}]"), &json!(actual), &json!(expected))
    })
}

/// Counts by partition, which a file may give as a list or by the partitions' numbers.
fn table_of(counts: &Value) -> Result<BTreeMap<u32, u64>, String> {
    let wrong = || format!("{counts} is no count per partition");
    let entries: Option<BTreeMap<u32, u64>> = match counts {
        Value::Array(list) => (0..).zip(list).map(|(partition, n)| Some((partition, n.as_u64()?))).collect(),
        Value::Object(map) => map.iter().map(|(partition, n)| Some((partition.parse().ok()?, n.as_u64()?))).collect(),
        _ => None,
    };
    entries.ok_or_else(wrong)
}

fn numbers(list: &Value) -> Result<Vec<u32>, String> {
    serde_json::from_value(list.clone()).map_err(|error| format!("{list}: {error}"))
}

fn count(value: &Value) -> Result<usize, String> {
    value.as_u64().map(|count| count as usize).ok_or_else(|| format!("{value} is no count"))
}

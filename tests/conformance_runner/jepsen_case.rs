//! The histories of the files, and findings, as JSON.

use catchup::check::history::{Anomaly, Completion, Does, Jump, Op, OpIndex, ProcessId, Step, Value as Sent};
use catchup::log::{Offset, PartitionId, TopicId, TopicPartition};
use catchup::time::Instant;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    history: Vec<HistoryOp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HistoryOp {
    index: u64,
    process: u64,
    r#type: Type,
    f: Function,
    value: Vec<Value>,
    #[serde(default)]
    rebalanced_keys: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Type {
    Invoke,
    Ok,
    Fail,
    Info,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Function {
    Send,
    Poll,
    Txn,
    Assign,
    Subscribe,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FileStep {
    Send(String, String, FileSent),
    Poll(String, BTreeMap<String, Vec<(Option<i64>, Value)>>),
    Begin((String,)),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FileSent {
    Acknowledged((Option<i64>, Value)),
    Plain(Value),
}

/// Keys and values by the numbers that they have in the history.
#[derive(Default)]
pub(super) struct Names {
    keys: Vec<String>,
    values: Vec<Value>,
}

impl Input {
    /// The history, and what its numbers stand for.
    pub(super) fn history(self) -> Result<(Vec<Op>, Names), String> {
        let mut names = Names::default();
        let ops = self.history.iter().map(|op| names.op(op)).collect::<Result<_, _>>()?;
        Ok((ops, names))
    }
}

impl Names {
    fn op(&mut self, op: &HistoryOp) -> Result<Op, String> {
        let does = match op.f {
            Function::Send | Function::Poll | Function::Txn => {
                Does::Transact(op.value.iter().map(|step| self.step(step)).collect::<Result<_, _>>()?)
            }
            Function::Assign | Function::Subscribe => {
                let keys = op.value.iter().map(|key| key.as_str().ok_or("a key that is no text"));
                Does::Reads(keys.map(|key| Ok::<_, &str>(self.log(key?))).collect::<Result<_, _>>()?)
            }
        };
        Ok(Op {
            index: OpIndex(op.index),
            at: Instant::from_ms(op.index),
            process: ProcessId(op.process),
            completion: match op.r#type {
                Type::Invoke => Completion::Invoke,
                Type::Ok => Completion::Ok,
                Type::Fail => Completion::Fail,
                Type::Info => Completion::Info,
            },
            does,
            rebalanced: op.rebalanced_keys.iter().map(|key| self.log(key)).collect(),
        })
    }

    fn step(&mut self, step: &Value) -> Result<Step, String> {
        match serde_json::from_value(step.clone()).map_err(|error| format!("the step {step}: {error}"))? {
            FileStep::Send(name, key, sent) if name == "send" => {
                let (offset, value) = match sent {
                    FileSent::Acknowledged(pair) => pair,
                    FileSent::Plain(value) => (None, value),
                };
                Ok(Step::Send { log: self.log(&key), offset: offset.map(Offset), value: self.value(value) })
            }
            FileStep::Poll(name, polled) if name == "poll" => {
                let of_key = |(key, pairs): (String, Vec<(Option<i64>, Value)>)| {
                    let log = self.log(&key);
                    let pairs = pairs.into_iter().map(|(offset, value)| (offset.map(Offset), self.value(value)));
                    (log, pairs.collect())
                };
                Ok(Step::Poll(polled.into_iter().map(of_key).collect()))
            }
            FileStep::Begin((name,)) if name == "poll" => Ok(Step::Poll(Vec::new())),
            FileStep::Send(..) | FileStep::Poll(..) | FileStep::Begin(_) => {
                Err(format!("nobody knows the step {step}"))
            }
        }
    }

    fn log(&mut self, key: &str) -> TopicPartition {
        let number = place(&mut self.keys, key.to_owned());
        TopicPartition { topic: TopicId(0), partition: PartitionId(number as u32) }
    }

    fn value(&mut self, value: Value) -> Sent {
        Sent(place(&mut self.values, value) as u64)
    }

    fn key_of(&self, log: TopicPartition) -> &str {
        &self.keys[log.partition.0 as usize]
    }

    fn value_of(&self, sent: Sent) -> &Value {
        &self.values[sent.0 as usize]
    }

    fn values_of(&self, sent: &[Sent]) -> Vec<&Value> {
        sent.iter().map(|sent| self.value_of(*sent)).collect()
    }

    /// Values in the order of their texts.
    fn sorted(&self, sent: &[Sent]) -> Vec<&Value> {
        let mut values = self.values_of(sent);
        values.sort_by_key(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        values
    }

    /// The name of the check and the finding, as the files have them.
    pub(super) fn finding(&self, anomaly: &Anomaly) -> (&'static str, Value) {
        let key = |log: TopicPartition| self.key_of(log);
        match anomaly {
            Anomaly::AbortedRead { log, value, reader, writer } => {
                let value = self.value_of(*value);
                ("aborted_read", json!({"key": key(*log), "value": value, "reader": reader.0, "writer": writer.0}))
            }
            Anomaly::LostWrite { log, value, position, read_up_to } => {
                let value = self.value_of(*value);
                let index = json!({"key": key(*log), "value": value, "index": position, "max_read_index": read_up_to});
                ("lost_write", index)
            }
            Anomaly::Duplicate { log, value, offsets } => {
                let (value, count) = (self.value_of(*value), offsets.len());
                ("duplicate", json!({"key": key(*log), "value": value, "count": count, "offsets": offsets}))
            }
            Anomaly::InconsistentOffsets { log, offset, position, values } => {
                let values = self.sorted(values);
                let finding = json!({"key": key(*log), "index": position, "offset": offset, "values": values});
                ("inconsistent_offsets", finding)
            }
            Anomaly::PollSkip(jump, ops) => {
                let (skipped, ops) = (self.values_of(&jump.skipped), numbers(*ops));
                ("poll_skip", json!({"key": key(jump.log), "delta": jump.delta, "skipped": skipped, "ops": ops}))
            }
            Anomaly::NonmonotonicPoll(jump, ops) => ("nonmonotonic_poll", self.between(jump, *ops)),
            Anomaly::NonmonotonicSend(jump, ops) => ("nonmonotonic_send", self.between(jump, *ops)),
            Anomaly::IntPollSkip(jump, op) => ("int_poll_skip", self.within(jump, *op, true)),
            Anomaly::IntNonmonotonicPoll(jump, op) => ("int_nonmonotonic_poll", self.within(jump, *op, false)),
            Anomaly::IntNonmonotonicSend(jump, op) => ("int_nonmonotonic_send", self.within(jump, *op, false)),
            Anomaly::IntSendSkip(jump, op) => ("int_send_skip", self.within(jump, *op, true)),
            Anomaly::PrecommittedRead { log, value, op } => {
                ("precommitted_read", json!({"key": key(*log), "value": self.value_of(*value), "op": op.0}))
            }
            Anomaly::Unseen { log, values } => {
                let (count, values) = (values.len(), self.sorted(values));
                ("unseen", json!({"key": key(*log), "count": count, "values": values}))
            }
            Anomaly::WriteCycle(ops) => ("G0", json!({"ops": ops.iter().map(|op| op.0).collect::<Vec<_>>()})),
            Anomaly::CircularInformationFlow(ops) => {
                ("G1c", json!({"ops": ops.iter().map(|op| op.0).collect::<Vec<_>>()}))
            }
        }
    }

    fn between(&self, jump: &Jump, ops: [OpIndex; 2]) -> Value {
        let values = self.values_of(&jump.values);
        json!({"key": self.key_of(jump.log), "values": values, "delta": jump.delta, "ops": numbers(ops)})
    }

    fn within(&self, jump: &Jump, op: OpIndex, skips: bool) -> Value {
        let values = self.values_of(&jump.values);
        let mut finding = json!({"key": self.key_of(jump.log), "values": values, "delta": jump.delta, "op": op.0});
        if skips {
            finding["skipped"] = json!(self.values_of(&jump.skipped));
        }
        finding
    }
}

fn numbers(ops: [OpIndex; 2]) -> [u64; 2] {
    ops.map(|op| op.0)
}

/// The place of `item` in `known`, at the end of which it is put if it is new.
fn place<T: PartialEq>(known: &mut Vec<T>, item: T) -> usize {
    known.iter().position(|it| *it == item).unwrap_or_else(|| {
        known.push(item);
        known.len() - 1
    })
}

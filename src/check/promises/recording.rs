//! The run as a history of operations: the latest of it, as Jepsen's checks want it.
//!
//! A batch that was appended is a send, what an instance takes is a poll. Of the latest [`NOTES_MAX`] of those, and the records in
//! them up to [`RECORDS_MAX`], a history is made and checked every [`CHECK_EVERY`] notes, and whenever somebody asks; older history
//! is judged by the sums of the ledger only.

use super::promise::{Breach, Cause, Promise};
use crate::broker::GroupId;
use crate::check::history::{
    Anomaly, Check, Completion, Does, Jump, Op, OpIndex, ProcessId, Seen, Step, Value, anomalies_of_order,
};
use crate::log::{Offset, TopicId, TopicPartition};
use crate::sim::ServiceId;
use crate::sorted::SortedMap;
use crate::time::Instant;
use std::collections::VecDeque;

/// How many sends and polls are kept.
pub const NOTES_MAX: usize = 512;
/// How many sent records they may hold; a single batch may hold more.
pub const RECORDS_MAX: u64 = 4_096;
/// After how many new notes the history is checked.
const CHECK_EVERY: u32 = 448;
/// The most records in one batch that are told apart.
const BATCH_RECORDS_MAX: u64 = 1 << 20;
/// What sends are told from polls by, among processes.
const PUBLISHERS: u64 = 1 << 32;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
struct Note {
    at: Instant,
    partition: TopicPartition,
    what: Noted,
}

impl Note {
    const fn records(&self) -> u64 {
        match self.what {
            Noted::Sent { records, .. } => records as u64,
            Noted::Polled { .. } | Noted::Gone(_) | Noted::Moved(_) => 0,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Noted {
    Sent {
        /// Who; `None` for a person, who may send the same twice.
        service: Option<ServiceId>,
        base: Offset,
        records: u32,
    },
    Polled {
        group: GroupId,
        instance: u32,
        first: Offset,
        last: Offset,
        records: u32,
        /// Whether nothing follows from where the instance was before.
        is_anew: bool,
    },
    /// Nothing can be said of what lies before this offset: it was deleted, compacted, or belonged to an aborted transaction.
    Gone(Offset),
    /// The instances of the group go on elsewhere.
    Moved(GroupId),
}

/// The latest of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Recording {
    notes: VecDeque<Note>,
    records: u64,
    unchecked: u32,
    /// How many notes are no longer kept.
    dropped: u64,
}

/// What was not as promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) promise: Promise,
    /// The service that publishes, if it is its promise.
    pub(super) sender: Option<ServiceId>,
    pub(super) breach: Breach,
}

impl Recording {
    pub(super) fn sent(
        &mut self,
        at: Instant,
        service: Option<ServiceId>,
        partition: TopicPartition,
        (base, records): (Offset, u32),
    ) {
        self.records += u64::from(records);
        self.note(Note { at, partition, what: Noted::Sent { service, base, records } });
    }

    /// Whether it is known that what is at this offset was sent by somebody else.
    pub(super) fn is_of_another(&self, service: ServiceId, at: TopicPartition, offset: Offset) -> bool {
        self.senders_of(at, offset).next().is_some_and(|sender| sender != Some(service))
    }

    pub(super) fn polled(
        &mut self,
        at: Instant,
        (group, instance): (GroupId, u32),
        partition: TopicPartition,
        (first, last, records): (Offset, Offset, u32),
        is_anew: bool,
    ) {
        let what = Noted::Polled { group, instance, first, last, records, is_anew };
        self.note(Note { at, partition, what });
    }

    /// Of what lies before `offset`, nothing can be said any more.
    pub(super) fn gone(&mut self, at: Instant, partition: TopicPartition, offset: Offset) {
        self.note(Note { at, partition, what: Noted::Gone(offset) });
    }

    /// Which service sent the record at `offset`, if one did and that is known still.
    pub(super) fn sender_of(&self, partition: TopicPartition, offset: Offset) -> Option<ServiceId> {
        self.senders_of(partition, offset).next().flatten()
    }

    /// Who sent the record at `offset`, a service or a person, the latest first.
    fn senders_of(&self, partition: TopicPartition, offset: Offset) -> impl Iterator<Item = Option<ServiceId>> {
        let of_partition = self.notes.iter().rev().filter(move |note| note.partition == partition);
        of_partition.filter_map(move |note| match note.what {
            Noted::Sent { service, base, records, .. } => {
                (base..base.plus(records.into())).contains(&offset).then_some(service)
            }
            Noted::Polled { .. } | Noted::Gone(_) | Noted::Moved(_) => None,
        })
    }

    /// What was sent from `log_end` on is not there any more, and may be sent again.
    pub(super) fn cut_off(&mut self, partition: TopicPartition, log_end: Offset) {
        let is_gone = |note: &Note| {
            let Noted::Sent { base, .. } = note.what else { return false };
            note.partition == partition && base >= log_end
        };
        self.notes.retain(|note| !is_gone(note));
        self.records = self.notes.iter().map(Note::records).sum();
    }

    /// The instances of a group go on elsewhere.
    pub(super) fn moved(&mut self, at: Instant, group: GroupId) {
        self.note(Note { at, partition: TopicPartition::default(), what: Noted::Moved(group) });
    }

    /// Whether it is time to check it again.
    pub(super) fn is_due(&mut self) -> bool {
        let is_due = self.unchecked >= CHECK_EVERY;
        if is_due {
            self.unchecked = 0;
        }
        is_due
    }

    /// How many notes are no longer kept.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    fn note(&mut self, note: Note) {
        self.notes.push_back(note);
        self.unchecked += 1;
        while self.notes.len() > NOTES_MAX || self.records > RECORDS_MAX && self.notes.len() > 1 {
            self.records -= self.notes.pop_front().map_or(0, |note| note.records());
            self.dropped += 1;
        }
    }

    /// What Jepsen's checks find in the latest history of a group that reads these topics.
    pub(super) fn check(&self, group: GroupId, topics: &[TopicId]) -> Vec<Finding> {
        let mut history = History::new(self, group, topics);
        self.notes.iter().for_each(|note| history.add(note));
        let found = anomalies_of_order(&history.ops);
        found.iter().filter_map(|anomaly| history.finding(anomaly)).collect()
    }
}

/// A history while it is made.
struct History<'a> {
    group: GroupId,
    topics: &'a [TopicId],
    ops: Vec<Op>,
    /// What is in each log, as far as it counts.
    logs: SortedMap<TopicPartition, VecDeque<(Offset, Value)>>,
    /// Before which offset nothing counts.
    from: SortedMap<TopicPartition, Offset>,
    /// Who sent each batch.
    senders: Vec<Option<ServiceId>>,
    /// The instances that have polled since they last went on elsewhere.
    reading: Vec<u32>,
}

impl<'a> History<'a> {
    fn new(recording: &Recording, group: GroupId, topics: &'a [TopicId]) -> Self {
        let mut from = SortedMap::new();
        for note in &recording.notes {
            if let Noted::Gone(offset) = note.what {
                let before = from.entry(note.partition).or_insert(offset);
                *before = offset.max(*before);
            }
        }
        let (ops, senders, reading) = (Vec::new(), Vec::new(), Vec::new());
        Self { group, topics, ops, logs: SortedMap::new(), from, senders, reading }
    }

    fn add(&mut self, note: &Note) {
        let is_read = self.topics.contains(&note.partition.topic);
        match note.what {
            Noted::Sent { service, base, records } if is_read => {
                let values = self.values(service, records);
                self.send(note, service, base, &values);
            }
            Noted::Polled { group, instance, first, last, records, is_anew } if is_read && group == self.group => {
                if is_anew {
                    self.moves(note.at, Some(instance));
                }
                self.poll(note, instance, (first, last, records));
            }
            Noted::Moved(group) if group == self.group => self.moves(note.at, None),
            Noted::Sent { .. } | Noted::Polled { .. } | Noted::Gone(_) | Noted::Moved(_) => {}
        }
    }

    /// The values of a batch, which nothing else has.
    fn values(&mut self, service: Option<ServiceId>, records: u32) -> Vec<Value> {
        let batch = self.senders.len() as u64;
        self.senders.push(service);
        let numbers = 0..u64::from(records).min(BATCH_RECORDS_MAX);
        numbers.map(|number| Value(batch * BATCH_RECORDS_MAX + number)).collect()
    }

    fn send(&mut self, note: &Note, service: Option<ServiceId>, base: Offset, values: &[Value]) {
        let from = self.from.get(&note.partition).copied().unwrap_or_default();
        let log = self.logs.entry(note.partition).or_default();
        let offsets = (base.0..).map(Offset).zip(values).filter(|(offset, _)| *offset >= from);
        let sent: Vec<(Offset, Value)> = offsets.map(|(offset, value)| (offset, *value)).collect();
        log.extend(&sent);
        let step = |(offset, value)| Step::Send { log: note.partition, offset: Some(offset), value };
        let process = ProcessId(PUBLISHERS + service.map_or(0, |id| u64::from(id.0) + 1));
        self.op(note.at, process, Does::Transact(sent.into_iter().map(step).collect()));
    }

    /// What lies between the first and the last offset of a poll was polled; if that is too much, all but the last ones before its
    /// last, because it must have left out some.
    fn poll(&mut self, note: &Note, instance: u32, (first, last, records): (Offset, Offset, u32)) {
        let Some(log) = self.logs.get(&note.partition) else { return };
        let place = log.partition_point(|(offset, _)| *offset < first);
        let known = log.range(place..).take_while(|(offset, _)| *offset <= last);
        let mut polled: Vec<Seen> = known.map(|(offset, value)| (Some(*offset), *value)).collect();
        if let Some(end) = polled.last().copied().filter(|_| polled.len() > records as usize) {
            polled.truncate((records as usize).saturating_sub(1));
            polled.push(end);
        }
        if !self.reading.contains(&instance) {
            self.reading.push(instance);
        }
        let steps = vec![Step::Poll(vec![(note.partition, polled)])];
        self.op(note.at, ProcessId(u64::from(instance)), Does::Transact(steps));
    }

    /// One instance, or all of them, go on elsewhere.
    fn moves(&mut self, at: Instant, instance: Option<u32>) {
        let is_meant = |process: &u32| instance.is_none_or(|instance| *process == instance);
        let (meant, others): (Vec<u32>, Vec<u32>) = std::mem::take(&mut self.reading).into_iter().partition(is_meant);
        self.reading = others;
        for process in meant {
            self.op(at, ProcessId(u64::from(process)), Does::Reads(Vec::new()));
        }
    }

    fn op(&mut self, at: Instant, process: ProcessId, does: Does) {
        let index = OpIndex(self.ops.len() as u64);
        self.ops.push(Op { index, at, process, completion: Completion::Ok, does, rebalanced: Vec::new() });
    }

    /// What an anomaly says of a promise, if it says anything of one.
    fn finding(&self, anomaly: &Anomaly) -> Option<Finding> {
        let check = anomaly.check();
        let skip = |jump: &Jump, op: OpIndex| {
            let value = jump.skipped.first().unwrap_or(&jump.values[1]);
            Some(Finding::of_reader(self.breach(check, jump.log, *value, Some(op))?))
        };
        match anomaly {
            Anomaly::PollSkip(jump, [_, op])
            | Anomaly::NonmonotonicPoll(jump, [_, op])
            | Anomaly::IntPollSkip(jump, op)
            | Anomaly::IntNonmonotonicPoll(jump, op) => skip(jump, *op),
            Anomaly::LostWrite { log, value, .. } => Some(Finding::of_reader(self.breach(check, *log, *value, None)?)),
            Anomaly::InconsistentOffsets { log, values, .. } => {
                let value = *values.last()?;
                let breach = self.breach(check, *log, value, None)?;
                Some(Finding { promise: Promise::AcknowledgedIsThere, sender: self.sender(value), breach })
            }
            Anomaly::Duplicate { .. }
            | Anomaly::AbortedRead { .. }
            | Anomaly::PrecommittedRead { .. }
            | Anomaly::NonmonotonicSend(..)
            | Anomaly::IntNonmonotonicSend(..)
            | Anomaly::IntSendSkip(..)
            | Anomaly::Unseen { .. }
            | Anomaly::WriteCycle(_)
            | Anomaly::CircularInformationFlow(_) => None,
        }
    }

    fn sender(&self, value: Value) -> Option<ServiceId> {
        self.senders.get((value.0 / BATCH_RECORDS_MAX) as usize).copied().flatten()
    }

    /// When and where something was wrong with a value: in `op`, or in the last operation that met it.
    fn breach(&self, check: Check, log: TopicPartition, value: Value, op: Option<OpIndex>) -> Option<Breach> {
        let (offset, _) = self.logs.get(&log)?.iter().rev().find(|(_, known)| *known == value)?;
        let met = || self.ops.iter().rev().find(|it| it.meets(log, value));
        let op = op.and_then(|op| self.ops.get(op.0 as usize)).or_else(met)?;
        Some(Breach { at: op.at, partition: log, offset: *offset, cause: Cause::Found(check) })
    }
}

impl Finding {
    const fn of_reader(breach: Breach) -> Self {
        Self { promise: Promise::NoneLeftOut, sender: None, breach }
    }
}

impl Op {
    fn meets(&self, log: TopicPartition, value: Value) -> bool {
        let Does::Transact(steps) = &self.does else { return false };
        steps.iter().any(|step| match step {
            Step::Send { log: of, value: sent, .. } => *of == log && *sent == value,
            Step::Poll(logs) => logs.iter().any(|(of, seen)| *of == log && seen.iter().any(|(_, it)| *it == value)),
        })
    }
}

#[cfg(test)]
mod tests;

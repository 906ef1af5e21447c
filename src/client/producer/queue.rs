//! The batches of one partition, from their first record until their fate is known, and the sequence numbers of their records.
//!
//! It knows neither requests nor the coordinator: what is in flight is here only as a batch and the number of its request.

use super::batch::ProducerBatch;
use super::{ProducerConfig, RecordHandle};
use crate::log::{NewRecord, ProducerIdAndEpoch, ProducerStamp, Sequence};
use crate::sorted::sort_by_key;
use crate::time::Instant;
use std::collections::VecDeque;

/// A batch that was sent and not answered.
#[derive(Clone, Debug)]
pub(super) struct SentBatch {
    pub(super) correlation: u32,
    /// How many batches of the partition were sent before it.
    number: u32,
    pub(super) batch: ProducerBatch,
}

/// How the records of a partition are numbered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbering {
    /// Under which id and epoch; `None` before the first.
    pub(super) producer: Option<ProducerIdAndEpoch>,
    /// The number of the next record.
    pub(super) next: Sequence,
    /// The number of the last record that was acknowledged.
    pub(super) last_acked: Option<Sequence>,
    /// Whether a batch was given up of which nobody knows whether it was appended: until what follows it is answered, nothing
    /// new may be numbered.
    pub(super) is_unresolved: bool,
    /// Whether numbering has to begin anew under a higher epoch.
    pub(super) must_restart: bool,
}

impl Numbering {
    /// Whether `sequence` follows the last one that was acknowledged.
    pub(super) fn is_next(&self, sequence: Sequence) -> bool {
        sequence == self.last_acked.map_or(Sequence::default(), |last| last.plus(1))
    }

    /// Takes note that the records up to `last` are in the log.
    pub(super) fn acked(&mut self, last: Sequence) {
        if self.last_acked.is_none_or(|known| known.precedes(last)) {
            self.last_acked = Some(last);
        }
    }
}

/// The batches of a partition.
#[derive(Clone, Debug, Default)]
pub(super) struct PartitionQueue {
    /// Not sent, or to be sent again; the last one may still grow. Those that have numbers come first, in their order.
    pub(super) waiting: VecDeque<ProducerBatch>,
    /// Sent and not answered, in the order of sending; `max.in.flight.requests.per.connection` at the most.
    pub(super) sent: Vec<SentBatch>,
    next_number: u32,
    pub(super) numbering: Numbering,
}

impl PartitionQueue {
    /// By how much the queue would grow with `record`, in bytes.
    pub(super) fn growth(&self, record: &NewRecord<'_>, config: &ProducerConfig) -> usize {
        match self.room(record, config) {
            Some((last, with_record)) => with_record - last.len_bytes(),
            None => ProducerBatch::new(Instant::START).len_bytes_with(record).unwrap_or(0),
        }
    }

    /// Puts a record into the last batch, or into a new one behind it if it does not fit; says whether the batch is full now.
    pub(super) fn push(
        &mut self,
        now: Instant,
        record: &NewRecord<'_>,
        handle: RecordHandle,
        config: &ProducerConfig,
    ) -> bool {
        if self.room(record, config).is_none() {
            if let Some(last) = self.waiting.back_mut() {
                last.close();
            }
            self.waiting.push_back(ProducerBatch::new(now));
        }
        let Some(batch) = self.waiting.back_mut() else { unreachable!("there is a batch with room") };
        batch.push(record, handle);
        let is_full = batch.len_bytes() >= config.batch_bytes;
        if is_full {
            batch.close();
        }
        is_full
    }

    /// Whether there is nothing whose fate is not known.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.sent.is_empty()
    }

    /// Whether there are numbered batches whose fate is not known.
    pub(super) fn has_numbered(&self) -> bool {
        !self.sent.is_empty() || self.waiting.front().is_some_and(|first| first.sequence().is_some())
    }

    /// Whether the first batch is to be given up.
    pub(super) fn is_late(&self, now: Instant, config: &ProducerConfig) -> bool {
        self.waiting.front().is_some_and(|first| first.expires(config) <= now)
    }

    /// When the first batch may be sent; `None` as long as it has to wait for an answer. A batch that was numbered goes alone,
    /// and those before it go first.
    pub(super) fn ready_at(
        &self,
        config: &ProducerConfig,
        producer: Option<ProducerIdAndEpoch>,
        hurries: bool,
    ) -> Option<Instant> {
        let first = self.waiting.front()?;
        // What was answered behind an answer that is missing counts too: the log recognises only the last few batches.
        let since = |oldest: &SentBatch| self.next_number.wrapping_sub(oldest.number);
        let is_free = self.sent.first().is_none_or(|oldest| since(oldest) < config.in_flight_max);
        let is_next = !config.idempotence || self.is_next(first, producer);
        (is_free && is_next).then(|| first.ready_at(config, hurries || self.waiting.len() > 1))
    }

    /// Takes out the first batch to send it, and numbers it if it has to be and is not yet.
    pub(super) fn take_first(&mut self, producer: Option<ProducerIdAndEpoch>) -> Option<ProducerBatch> {
        let mut batch = self.waiting.pop_front()?;
        if let Some(producer) = producer.filter(|_| batch.sequence().is_none()) {
            if self.numbering.producer != Some(producer) {
                self.numbering = Numbering { producer: Some(producer), ..Numbering::default() };
            }
            batch.number(Some(stamp(producer, self.numbering.next)));
            self.numbering.next = self.numbering.next.plus(batch.records());
        }
        Some(batch)
    }

    /// Takes note that a batch was sent.
    pub(super) fn add_sent(&mut self, correlation: u32, batch: ProducerBatch) {
        self.sent.push(SentBatch { correlation, number: self.next_number, batch });
        self.next_number = self.next_number.wrapping_add(1);
    }

    /// The batch that was sent with this request, if it is still waited for.
    pub(super) fn take_sent(&mut self, correlation: u32) -> Option<ProducerBatch> {
        let index = self.sent.iter().position(|sent| sent.correlation == correlation)?;
        Some(self.sent.remove(index).batch)
    }

    /// Puts back a batch to be sent again. Numbered ones keep their order. Others go to the front, as in Kafka: when several
    /// fail together, their order changes.
    pub(super) fn put_back(&mut self, batch: ProducerBatch) {
        let Some(sequence) = batch.sequence() else { return self.waiting.push_front(batch) };
        let precedes = |other: &ProducerBatch| other.sequence().is_some_and(|other| other.precedes(sequence));
        let at = self.waiting.iter().position(|other| !precedes(other)).unwrap_or(self.waiting.len());
        self.waiting.insert(at, batch);
    }

    /// Whether numbering may begin anew: nothing that is numbered can be in the log. Behind a batch that the log has refused
    /// nothing is. Kafka does not look, because on its connections no single answer is lost.
    pub(super) fn can_restart(&self) -> bool {
        self.sent.is_empty() && !self.waiting.front().is_some_and(ProducerBatch::is_doubtful)
    }

    /// Numbers what is numbered from 0 on, for another life of the producer; `None` takes the numbers away.
    pub(super) fn restart(&mut self, producer: Option<ProducerIdAndEpoch>) {
        let mut next = Sequence::default();
        for batch in self.numbered_mut() {
            batch.number(producer.map(|producer| stamp(producer, next)));
            next = next.plus(batch.records());
        }
        self.numbering = Numbering { producer, next, ..Numbering::default() };
    }

    /// Closes the gap that a batch leaves behind which the log has refused.
    pub(super) fn close_gap(&mut self, gap: Sequence, records: u32) {
        let Some(producer) = self.numbering.producer else { return };
        for batch in self.numbered_mut() {
            if let Some(sequence) = batch.sequence().filter(|sequence| gap.precedes(*sequence)) {
                batch.number(Some(stamp(producer, sequence.minus(records))));
            }
        }
        self.numbering.next = self.numbering.next.minus(records);
    }

    /// The last batch and its size with `record`, if that fits into it.
    fn room(&self, record: &NewRecord<'_>, config: &ProducerConfig) -> Option<(&ProducerBatch, usize)> {
        let last = self.waiting.back()?;
        last.len_bytes_with(record).filter(|bytes| *bytes <= config.batch_bytes).map(|bytes| (last, bytes))
    }

    fn is_next(&self, first: &ProducerBatch, producer: Option<ProducerIdAndEpoch>) -> bool {
        let Some(producer) = producer else { return false };
        match first.sequence() {
            Some(sequence) => {
                !self.sent.iter().any(|sent| sent.batch.sequence().is_some_and(|other| other.precedes(sequence)))
            }
            // Numbers under another epoch begin only when nothing is left under the old one.
            None if self.numbering.is_unresolved || self.numbering.must_restart => false,
            None if self.sent.is_empty() => true,
            // A log that does not know the producer takes any number for the first: what comes first must be acknowledged
            // before others follow. Kafka does not wait, because its connections lose nothing but everything from some point on.
            None => self.numbering.last_acked.is_some() && self.numbering.producer == Some(producer),
        }
    }

    /// What has numbers, in their order.
    fn numbered_mut(&mut self) -> Vec<&mut ProducerBatch> {
        let sent = self.sent.iter_mut().map(|sent| &mut sent.batch);
        let mut numbered: Vec<(Sequence, &mut ProducerBatch)> =
            sent.chain(&mut self.waiting).filter_map(|batch| Some((batch.sequence()?, batch))).collect();
        let Some(first) = numbered.iter().map(|(sequence, _)| *sequence).reduce(earlier) else { return Vec::new() };
        sort_by_key(&mut numbered, |(sequence, _)| sequence.minus(first.0 as u32));
        numbered.into_iter().map(|(_, batch)| batch).collect()
    }
}

fn earlier(one: Sequence, other: Sequence) -> Sequence {
    if other.precedes(one) { other } else { one }
}

fn stamp(producer: ProducerIdAndEpoch, base_sequence: Sequence) -> ProducerStamp {
    ProducerStamp { id: producer.id, epoch: producer.epoch, base_sequence: Some(base_sequence) }
}

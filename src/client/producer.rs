//! A producer: gathers records into batches, sends them, and says which arrived.

use super::Numbered;
use crate::broker::{ProduceError, Request, Response};
use crate::log::{BatchBuilder, NewRecord, Offset, TopicPartition};
use crate::time::{Instant, Span};
use std::collections::BTreeMap;

/// A producer's settings. Names and units are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducerConfig {
    /// `linger.ms`: how long a batch waits for more records.
    pub linger: Span,
    /// `batch.size`: a batch grows no larger, unless a single record is, and one that has so many bytes waits no longer.
    pub batch_bytes: usize,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        Self { linger: Span::from_ms(5), batch_bytes: 16_384 }
    }
}

/// The number by which the caller knows a record that it sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordHandle(pub u64);

/// What a record did to the batch it was put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batched {
    /// By how much the batch grew; all of the batch, if it began with this record.
    pub bytes: usize,
    /// Whether it is full now.
    pub is_full: bool,
}

/// The fate of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Which record.
    pub handle: RecordHandle,
    /// The partition it was meant for.
    pub partition: TopicPartition,
    /// Its offset, or why it has none.
    pub result: Result<Offset, ProduceError>,
}

#[derive(Clone, Debug)]
struct OpenBatch {
    builder: BatchBuilder,
    handles: Vec<RecordHandle>,
    due: Instant,
}

/// A producer. Dropping it loses what it has not sent: whoever needs more keeps its records until they are
/// acknowledged.
#[derive(Clone, Debug)]
pub struct Producer {
    config: ProducerConfig,
    open: BTreeMap<TopicPartition, OpenBatch>,
    in_flight: BTreeMap<u32, Vec<RecordHandle>>,
    requests: Vec<Numbered>,
    next_correlation: u32,
}

impl Producer {
    /// A producer that has sent nothing.
    pub fn new(config: ProducerConfig) -> Self {
        Self { config, open: BTreeMap::new(), in_flight: BTreeMap::new(), requests: Vec::new(), next_correlation: 0 }
    }

    /// Puts a record into the batch for `partition`, or into a new one if it does not fit.
    pub fn send(
        &mut self,
        now: Instant,
        partition: TopicPartition,
        record: &NewRecord<'_>,
        handle: RecordHandle,
    ) -> Batched {
        let due = now + self.config.linger;
        let would_be = self.open.get(&partition).map_or(0, |batch| batch.builder.len_bytes_with(record));
        if would_be > self.config.batch_bytes {
            self.flush(partition);
        }
        let before = self.open.get(&partition).map_or(0, |batch| batch.builder.len_bytes());
        let batch = self.open.entry(partition).or_insert_with(|| OpenBatch {
            builder: BatchBuilder::default(),
            handles: Vec::new(),
            due,
        });
        batch.builder.push(record);
        batch.handles.push(handle);
        let len_bytes = batch.builder.len_bytes();
        let is_full = len_bytes >= self.config.batch_bytes;
        if is_full {
            self.flush(partition);
        }
        Batched { bytes: len_bytes - before, is_full }
    }

    /// When [`Producer::tick`] has something to send.
    pub fn deadline(&self) -> Option<Instant> {
        self.open.values().map(|batch| batch.due).min()
    }

    /// Sends the batches that have waited long enough.
    pub fn tick(&mut self, now: Instant) {
        let due: Vec<TopicPartition> =
            self.open.iter().filter(|(_, batch)| batch.due <= now).map(|(partition, _)| *partition).collect();
        for partition in due {
            self.flush(partition);
        }
    }

    /// Takes an answer, and says what became of the records it is about.
    pub fn handle(&mut self, correlation: u32, response: Response) -> Vec<Acknowledged> {
        let Response::Produce { partition, result } = response else { return Vec::new() };
        let handles = self.in_flight.remove(&correlation).unwrap_or_default();
        let offset_of = |index: i64| result.clone().map(|base| Offset(base.0 + index));
        handles
            .into_iter()
            .zip(0..)
            .map(|(handle, index)| Acknowledged { handle, partition, result: offset_of(index) })
            .collect()
    }

    /// The requests to carry to the broker, in order.
    pub fn take_requests(&mut self) -> Vec<Numbered> {
        std::mem::take(&mut self.requests)
    }

    fn flush(&mut self, partition: TopicPartition) {
        let Some(open) = self.open.remove(&partition) else { return };
        if let Some(batch) = open.builder.finish() {
            self.in_flight.insert(self.next_correlation, open.handles);
            self.requests.push((self.next_correlation, Request::Produce { partition, batch }));
            self.next_correlation = self.next_correlation.wrapping_add(1);
        }
    }
}

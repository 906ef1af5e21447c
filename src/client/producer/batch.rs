//! A batch on the producer's side: filled, then numbered, then encoded, perhaps numbered anew or split, in the end settled.

use super::{Acknowledged, DeliveryError, ProducerConfig, RecordHandle};
use crate::log::{
    Batch, BatchBuilder, Header, NewRecord, Offset, ProducerStamp, RecordView, Sequence, TopicPartition, Writer,
};
use crate::time::Instant;

#[derive(Clone, Debug)]
enum Contents {
    Open(BatchBuilder),
    Encoded(Batch),
}

/// A batch, with what its records are called and when what happened to it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other: any combination can be")]
pub(super) struct ProducerBatch {
    contents: Contents,
    handles: Vec<RecordHandle>,
    created: Instant,
    /// Whether it takes no more records.
    is_closed: bool,
    /// Whether it is part of one that was too large.
    is_split: bool,
    /// How often it was sent in vain.
    attempts: u32,
    /// When it was last known to have been sent in vain.
    failed_at: Instant,
    /// Whether it was sent, and nobody said what became of it: it may be in the log.
    is_doubtful: bool,
    stamp: Option<ProducerStamp>,
    /// Whether its sequence number is not the one that it was first sent with.
    is_renumbered: bool,
}

impl ProducerBatch {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            contents: Contents::Open(BatchBuilder::default()),
            handles: Vec::new(),
            created: now,
            is_closed: false,
            is_split: false,
            attempts: 0,
            failed_at: now,
            is_doubtful: false,
            stamp: None,
            is_renumbered: false,
        }
    }

    pub(super) fn len_bytes(&self) -> usize {
        match &self.contents {
            Contents::Open(builder) => builder.len_bytes(),
            Contents::Encoded(batch) => batch.view().bytes().len(),
        }
    }

    pub(super) fn records(&self) -> u32 {
        self.handles.len() as u32
    }

    /// The size that it would have with `record`; `None` if it takes no more.
    pub(super) fn len_bytes_with(&self, record: &NewRecord<'_>) -> Option<usize> {
        match &self.contents {
            Contents::Open(builder) if !self.is_closed => Some(builder.len_bytes_with(record)),
            Contents::Open(_) | Contents::Encoded(_) => None,
        }
    }

    pub(super) fn push(&mut self, record: &NewRecord<'_>, handle: RecordHandle) {
        match &mut self.contents {
            Contents::Open(builder) => builder.push(record),
            Contents::Encoded(_) => unreachable!("nothing is added to a batch that was sent"),
        }
        self.handles.push(handle);
    }

    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    pub(super) fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    pub(super) fn is_renumbered(&self) -> bool {
        self.is_renumbered
    }

    /// The sequence number of its first record, once it has one.
    pub(super) fn sequence(&self) -> Option<Sequence> {
        self.stamp?.base_sequence
    }

    /// The sequence number of its last record, once it has one.
    pub(super) fn last_sequence(&self) -> Option<Sequence> {
        Some(self.sequence()?.plus(self.records() - 1))
    }

    /// When it is given up.
    pub(super) fn expires(&self, config: &ProducerConfig) -> Instant {
        self.created + config.delivery_timeout
    }

    /// When it may be sent. One that takes no more records, or has company, lingers no longer.
    pub(super) fn ready_at(&self, config: &ProducerConfig, hurries: bool) -> Instant {
        if self.attempts > 0 {
            self.failed_at + config.backoff(self.attempts)
        } else if self.is_closed || hurries {
            self.created
        } else {
            self.created + config.linger
        }
    }

    /// Gives it other numbers, or none.
    pub(super) fn number(&mut self, stamp: Option<ProducerStamp>) {
        self.is_renumbered |= self.stamp.is_some();
        self.stamp = stamp;
    }

    /// The batch as it is sent.
    pub(super) fn encode(&mut self, is_transactional: bool) -> Batch {
        let writer = match self.stamp {
            None => Writer::Anonymous,
            Some(stamp) if is_transactional => Writer::Transactional(stamp),
            Some(stamp) => Writer::Idempotent(stamp),
        };
        self.is_closed = true;
        let batch = match std::mem::replace(&mut self.contents, Contents::Open(BatchBuilder::default())) {
            Contents::Encoded(batch) if batch.view().producer() == self.stamp => batch,
            Contents::Encoded(batch) => batch.written_by(writer),
            Contents::Open(mut builder) => {
                builder.set_writer(writer);
                builder.finish().unwrap_or_else(|| unreachable!("a batch begins with a record"))
            }
        };
        self.contents = Contents::Encoded(batch.clone());
        batch
    }

    /// Takes note that it was sent in vain.
    pub(super) fn failed(&mut self, now: Instant) {
        self.attempts = self.attempts.saturating_add(1);
        self.failed_at = now;
    }

    /// Takes note that an attempt was not answered.
    pub(super) fn unanswered(&mut self) {
        self.is_doubtful = true;
    }

    /// Takes note that no attempt was appended: the log would have known it again.
    pub(super) fn is_not_there(&mut self) {
        self.is_doubtful = false;
    }

    /// Its records in batches that are smaller, as old as it is, and numbered as it was. The first time they are as large as
    /// `batch.size` allows, later they are half as large, but never smaller than its largest record.
    pub(super) fn split(self, config: &ProducerConfig) -> Vec<Self> {
        let Contents::Encoded(batch) = &self.contents else { unreachable!("it was sent") };
        let bytes_max = if self.is_split { self.half_bytes(batch) } else { config.batch_bytes };
        let mut parts: Vec<Self> = Vec::new();
        for (record, handle) in batch.view().records().zip(&self.handles) {
            let headers: Vec<Header<'_>> = record.headers().collect();
            let record = new_record(&record, &headers);
            let fits = |part: &Self| part.len_bytes_with(&record).is_some_and(|bytes| bytes <= bytes_max);
            if !parts.last().is_some_and(fits) {
                parts.push(self.next_part(parts.last()));
            }
            if let Some(part) = parts.last_mut() {
                part.push(&record, *handle);
            }
        }
        parts.iter_mut().for_each(Self::close);
        parts
    }

    /// What becomes of each of its records.
    pub(super) fn settle(
        self,
        partition: TopicPartition,
        result: &Result<Option<Offset>, DeliveryError>,
    ) -> impl Iterator<Item = Acknowledged> {
        self.handles.into_iter().zip(0..).map(move |(handle, index)| {
            let result = result.clone().map(|base| base.map(|base| base.plus(index)));
            Acknowledged { handle, partition, result }
        })
    }

    fn half_bytes(&self, batch: &Batch) -> usize {
        let largest = batch.view().records().map(|record| {
            let headers: Vec<Header<'_>> = record.headers().collect();
            BatchBuilder::default().len_bytes_with(&new_record(&record, &headers))
        });
        largest.max().unwrap_or(0).max(self.len_bytes() / 2)
    }

    fn next_part(&self, before: Option<&Self>) -> Self {
        let behind = before.and_then(Self::last_sequence).map(|last| last.plus(1));
        let base_sequence = behind.or(self.sequence());
        let mut part = Self::new(self.created);
        part.is_split = true;
        part.stamp = self.stamp.map(|stamp| ProducerStamp { base_sequence, ..stamp });
        part
    }
}

fn new_record<'a>(record: &RecordView<'a>, headers: &'a [Header<'a>]) -> NewRecord<'a> {
    NewRecord { key: record.key, value: record.value, headers, timestamp_ms: record.timestamp_ms }
}

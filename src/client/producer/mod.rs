//! A producer: gathers records into batches, sends them, sends them again if it must, and says what became of each record.
//!
//! With `enable.idempotence` every record that is acknowledged is in the log once, in the order of its partition, and one that
//! is not acknowledged is there once or not at all. Without it, a record is there at least once if it is acknowledged, and
//! order holds with one request in flight: with more, a batch that is sent again can come behind a later one, as in Kafka.
//!
//! What it does is in `sending.rs`, its talk with the transaction coordinator in `transacting.rs`.

mod batch;
mod config;
mod outcome;
mod queue;
mod sending;
mod transacting;
mod transaction;

pub use config::{ProducerConfig, ProducerConfigError};
pub use outcome::{Acknowledged, Batched, DeliveryError, RecordHandle, SendError};
pub use transaction::{AbortCause, TransactionCallError, TransactionOutcome, TransactionPhase};

use super::Numbered;
use crate::broker::{Request, Response};
use crate::log::{NewRecord, ProducerIdAndEpoch, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::Instant;
use queue::PartitionQueue;
use std::collections::VecDeque;
use transacting::Coordination;
use transaction::Transaction;

/// What a request that was not answered yet is about.
#[derive(Clone, Copy, Debug)]
enum Sent {
    Batch(TopicPartition),
    Coordination,
}

/// A request that was not answered yet.
#[derive(Clone, Copy, Debug)]
struct InFlight {
    correlation: u32,
    sent_at: Instant,
    what: Sent,
}

/// A producer. Dropping it loses what it has not sent: whoever needs more keeps its records until they are
/// acknowledged.
#[derive(Clone, Debug)]
pub struct Producer {
    config: ProducerConfig,
    queues: SortedMap<TopicPartition, PartitionQueue>,
    buffered_bytes: u64,
    /// The partitions to which there is no connection, each with since when that is known.
    unreachable: SortedMap<TopicPartition, Instant>,
    /// In the order of sending.
    in_flight: VecDeque<InFlight>,
    /// Its id and epoch, if it is idempotent and was given them.
    identity: Option<ProducerIdAndEpoch>,
    coordination: Coordination,
    transaction: Transaction,
    settled: Vec<Acknowledged>,
    requests: Vec<Numbered>,
    next_correlation: u32,
    /// When it was last called.
    now: Instant,
}

impl Producer {
    /// A producer that has sent nothing.
    pub fn new(config: ProducerConfig) -> Self {
        Self {
            config,
            queues: SortedMap::new(),
            buffered_bytes: 0,
            unreachable: SortedMap::new(),
            in_flight: VecDeque::new(),
            identity: None,
            coordination: Coordination::default(),
            transaction: Transaction::default(),
            settled: Vec::new(),
            requests: Vec::new(),
            next_correlation: 0,
            now: Instant::START,
        }
    }

    /// The settings that it was made with.
    pub fn config(&self) -> &ProducerConfig {
        &self.config
    }

    /// Puts a record into the batch for `partition`, or into a new one if it does not fit.
    pub fn send(
        &mut self,
        now: Instant,
        partition: TopicPartition,
        record: &NewRecord<'_>,
        handle: RecordHandle,
    ) -> Result<Batched, SendError> {
        self.now = now;
        self.check_transaction()?;
        let queue = self.queues.entry(partition).or_default();
        let bytes = queue.growth(record, &self.config);
        check_buffer(&self.config, self.buffered_bytes, bytes as u64)?;
        let is_full = queue.push(now, record, handle, &self.config);
        self.buffered_bytes += bytes as u64;
        if self.config.transactional_id.is_some() {
            self.transaction.add_partition(partition);
        }
        if self.config.idempotence {
            self.coordination.wants_id = true;
            self.coordinate(now);
        }
        self.drain(now, partition);
        Ok(Batched { bytes, is_full })
    }

    /// How many bytes wait to be acknowledged. More than `buffer.memory` only where a batch had to be split.
    pub fn buffered_bytes(&self) -> u64 {
        self.buffered_bytes
    }

    /// From when on a partition cannot be reached, because the connection to its leader is gone, or nobody leads it; `None` if it can be.
    /// Nothing is sent there then, and waits. With `acks=0` the owner has to say so, for no answer does: what goes into a connection
    /// that nobody knows to be gone is lost.
    pub fn set_unreachable(&mut self, partition: TopicPartition, since: Option<Instant>) {
        match since {
            Some(since) => {
                let known = self.unreachable.entry(partition).or_insert(since);
                *known = since.min(*known);
            }
            None => drop(self.unreachable.remove(&partition)),
        }
    }

    /// Whether it would send to a partition at this time.
    pub fn reaches(&self, partition: TopicPartition, at: Instant) -> bool {
        self.unreachable.get(&partition).is_none_or(|since| at < *since)
    }

    /// When [`Producer::tick`] has something to do; a time that is past if it has now.
    pub fn deadline(&self) -> Option<Instant> {
        let told = (!self.settled.is_empty() || self.coordination.is_stirred).then_some(self.now);
        let batches = self.queues.iter().flat_map(|(partition, queue)| {
            let waiting = queue.waiting.front().map(|first| first.expires(&self.config));
            let sent = queue.sent.iter().map(|sent| sent.batch.expires(&self.config));
            self.ready_at(*partition).into_iter().chain(waiting).chain(sent)
        });
        let answer = self.in_flight.front().map(|oldest| oldest.sent_at + self.config.request_timeout);
        batches.chain(told).chain(answer).chain(self.coordination_deadline()).min()
    }

    /// Sends the batches that have waited long enough, sends again what was not answered, gives up what is too late. Returns
    /// the fates that are known since they were last asked for.
    #[must_use]
    pub fn tick(&mut self, now: Instant) -> Vec<Acknowledged> {
        self.run(now);
        self.take_settled()
    }

    /// Takes an answer, which may be one to a request that was given up. Returns the fates that are known since they were last
    /// asked for.
    #[must_use]
    pub fn handle(&mut self, now: Instant, correlation: u32, response: Response) -> Vec<Acknowledged> {
        if let Some(index) = self.in_flight.iter().position(|sent| sent.correlation == correlation) {
            let sent = self.in_flight.remove(index).map(|sent| sent.what);
            match (sent, response) {
                (Some(Sent::Batch(partition)), Response::Produce { result, .. }) => {
                    self.produced(now, partition, correlation, result);
                }
                (Some(Sent::Coordination), response) => self.coordinated(now, &response),
                (Some(Sent::Batch(_)) | None, _) => {}
            }
        }
        self.run(now);
        self.take_settled()
    }

    /// The requests to carry to the broker, in order.
    pub fn take_requests(&mut self) -> Vec<Numbered> {
        std::mem::take(&mut self.requests)
    }

    fn request(&mut self, request: Request) -> u32 {
        let correlation = self.next_correlation;
        self.next_correlation = correlation.wrapping_add(1);
        self.requests.push((correlation, request));
        correlation
    }

    fn check_transaction(&self) -> Result<(), SendError> {
        if let Some(error) = self.transaction.fatal {
            return Err(SendError::Fatal(error));
        }
        match self.transaction.phase {
            _ if self.config.transactional_id.is_none() => Ok(()),
            TransactionPhase::InTransaction => Ok(()),
            TransactionPhase::AbortableError => Err(SendError::MustAbort),
            TransactionPhase::Uninitialized
            | TransactionPhase::Ready
            | TransactionPhase::Committing
            | TransactionPhase::Aborting
            | TransactionPhase::FatalError => Err(SendError::NoTransaction),
        }
    }
}

fn check_buffer(config: &ProducerConfig, buffered_bytes: u64, record_bytes: u64) -> Result<(), SendError> {
    let buffer_bytes = config.buffer_bytes;
    if record_bytes > buffer_bytes {
        return Err(SendError::RecordTooLarge { record_bytes, buffer_bytes });
    }
    if buffered_bytes + record_bytes > buffer_bytes {
        return Err(SendError::BufferExhausted { buffered_bytes, record_bytes, buffer_bytes });
    }
    Ok(())
}

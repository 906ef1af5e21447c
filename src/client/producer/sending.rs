//! Batches on their way: which go out, and what their answers, or the lack of them, mean.

use super::batch::ProducerBatch;
use super::queue::{PartitionQueue, SentBatch};
use super::{AbortCause, Acknowledged, DeliveryError, InFlight, Producer, Sent};
use crate::broker::{Acks, ProduceError, Request};
use crate::log::{AppendError, Offset, ProducerError, ProducerIdAndEpoch, TopicPartition};
use crate::time::Instant;

impl Producer {
    /// Does everything that is due.
    pub(super) fn run(&mut self, now: Instant) {
        self.now = now;
        self.give_up_connection(now);
        loop {
            self.expire(now);
            self.resolve_sequences();
            self.coordinate(now);
            let partitions: Vec<TopicPartition> = self.queues.keys().copied().collect();
            for partition in partitions {
                self.drain(now, partition);
            }
            if !self.queues.values().any(|queue| queue.is_late(now, &self.config)) {
                return;
            }
        }
    }

    /// Sends the batches of a partition that may go now.
    pub(super) fn drain(&mut self, now: Instant, partition: TopicPartition) {
        while self.may_send(now, partition) {
            self.send_first(now, partition);
        }
    }

    fn may_send(&self, now: Instant, partition: TopicPartition) -> bool {
        let is_late = |queue: &PartitionQueue| queue.is_late(now, &self.config);
        self.ready_at(partition).is_some_and(|at| at <= now) && !self.queues.get(&partition).is_some_and(is_late)
    }

    /// When the first batch of a partition may go; `None` as long as it has to wait for an answer, or a connection.
    pub(super) fn ready_at(&self, partition: TopicPartition) -> Option<Instant> {
        let is_part = self.config.transactional_id.is_none() || self.transaction.has(partition);
        let queue = self.queues.get(&partition).filter(|_| is_part)?;
        let at = queue.ready_at(&self.config, self.identity, self.transaction.hurries())?;
        self.reaches(partition, at.max(self.now)).then_some(at)
    }

    /// Takes the answer to a batch.
    pub(super) fn produced(
        &mut self,
        now: Instant,
        partition: TopicPartition,
        correlation: u32,
        result: Result<Offset, ProduceError>,
    ) {
        let queue = self.queues.entry(partition).or_default();
        let Some(mut batch) = queue.take_sent(correlation) else { return };
        if result.as_ref().is_err_and(is_left_open) {
            batch.unanswered();
        }
        if result.as_ref().is_err_and(is_out_of_order) {
            batch.is_not_there();
        }
        match result {
            Ok(base_offset) => self.written(partition, batch, Some(base_offset)),
            Err(ProduceError::DuplicateSequenceNumber) => self.written(partition, batch, None),
            // An attempt that was not answered may have been appended, before the topic took only smaller ones.
            Err(error) if batch.is_doubtful() && batch.sequence().is_some() && !is_retriable(&error) => {
                self.unknown(partition, batch, DeliveryError::Refused(error));
            }
            Err(ref error) if is_too_large(error) && batch.records() > 1 => self.split(partition, batch),
            Err(error) if self.can_retry(now, partition, &batch, &error) => self.put_back(now, partition, batch),
            Err(error) if is_of_brokers(&error) => {
                let is_late = batch.expires(&self.config) <= now;
                let error = if is_late { DeliveryError::Timeout } else { DeliveryError::Network };
                self.unknown(partition, batch, error);
            }
            Err(error) => {
                // If it was sent too often, one of the attempts may have been appended: its numbers cannot be used again.
                let is_gap = batch.attempts() < self.config.retries;
                self.refused(partition, batch, error, is_gap);
            }
        }
    }

    /// Says what became of a batch.
    pub(super) fn settle(
        &mut self,
        partition: TopicPartition,
        batch: ProducerBatch,
        result: &Result<Option<Offset>, DeliveryError>,
    ) {
        self.buffered_bytes = self.buffered_bytes.saturating_sub(batch.len_bytes() as u64);
        self.settled.extend(batch.settle(partition, result));
    }

    /// What has been settled since it was last asked for.
    pub(super) fn take_settled(&mut self) -> Vec<Acknowledged> {
        std::mem::take(&mut self.settled)
    }

    fn send_first(&mut self, now: Instant, partition: TopicPartition) {
        let Some(queue) = self.queues.get_mut(&partition) else { return };
        let producer = self.identity.filter(|_| self.config.idempotence);
        let Some(mut batch) = queue.take_first(producer) else { return };
        let before = batch.len_bytes();
        let encoded = batch.encode(self.config.transactional_id.is_some());
        debug_assert_eq!(before, batch.len_bytes(), "the size of a batch is known before it is encoded");
        let acks = self.config.acks;
        let correlation = self.request(Request::Produce { partition, batch: encoded, acks });
        match acks {
            Acks::Zero => self.settle(partition, batch, &Ok(None)),
            Acks::One | Acks::All => {
                self.queues.entry(partition).or_default().add_sent(correlation, batch);
                self.in_flight.push_back(InFlight { correlation, sent_at: now, what: Sent::Batch(partition) });
            }
        }
    }

    fn written(&mut self, partition: TopicPartition, batch: ProducerBatch, base_offset: Option<Offset>) {
        if let Some(last) = batch.last_sequence() {
            self.queues.entry(partition).or_default().numbering.acked(last);
        }
        self.settle(partition, batch, &Ok(base_offset));
    }

    /// Sends a batch that the topic does not take in smaller ones.
    fn split(&mut self, partition: TopicPartition, batch: ProducerBatch) {
        self.buffered_bytes = self.buffered_bytes.saturating_sub(batch.len_bytes() as u64);
        let parts = batch.split(&self.config);
        let queue = self.queues.entry(partition).or_default();
        for part in parts.into_iter().rev() {
            self.buffered_bytes += part.len_bytes() as u64;
            queue.put_back(part);
        }
    }

    fn put_back(&mut self, now: Instant, partition: TopicPartition, mut batch: ProducerBatch) {
        batch.failed(now);
        self.queues.entry(partition).or_default().put_back(batch);
    }

    fn can_retry(
        &mut self,
        now: Instant,
        partition: TopicPartition,
        batch: &ProducerBatch,
        error: &ProduceError,
    ) -> bool {
        if batch.expires(&self.config) <= now || batch.attempts() >= self.config.retries {
            return false;
        }
        if is_out_of_order(error) && batch.sequence().is_some() {
            return self.can_retry_out_of_order(partition, batch);
        }
        is_retriable(error)
    }

    /// A batch that came before its turn is sent again when it is. One whose turn it was shows that the log has lost what
    /// came before: only under another epoch can the producer go on.
    fn can_retry_out_of_order(&mut self, partition: TopicPartition, batch: &ProducerBatch) -> bool {
        let is_transactional = self.config.transactional_id.is_some();
        let numbering = &mut self.queues.entry(partition).or_default().numbering;
        let is_its_turn = batch.sequence().is_some_and(|sequence| numbering.is_next(sequence));
        if numbering.must_restart || !numbering.is_unresolved && (batch.is_renumbered() || !is_its_turn) {
            return true;
        }
        numbering.must_restart |= !is_transactional;
        !is_transactional
    }

    /// Gives up a batch that the broker refused for good.
    fn refused(&mut self, partition: TopicPartition, batch: ProducerBatch, error: ProduceError, is_gap: bool) {
        let is_transactional = self.config.transactional_id.is_some();
        let gap = batch.sequence().filter(|_| is_gap).map(|sequence| (sequence, batch.records()));
        let queue = self.queues.entry(partition).or_default();
        match gap {
            Some((sequence, records)) if is_transactional => queue.close_gap(sequence, records),
            Some(_) => queue.numbering.must_restart = true,
            None => queue.numbering.is_unresolved |= batch.sequence().is_some(),
        }
        self.lost(partition, batch, DeliveryError::Refused(error));
    }

    /// Gives up a batch of which nobody knows whether it is in the log.
    fn unknown(&mut self, partition: TopicPartition, batch: ProducerBatch, error: DeliveryError) {
        if batch.sequence().is_some() {
            self.queues.entry(partition).or_default().numbering.is_unresolved = true;
        }
        self.lost(partition, batch, error);
    }

    fn lost(&mut self, partition: TopicPartition, batch: ProducerBatch, error: DeliveryError) {
        if self.config.transactional_id.is_some() {
            self.transaction.must_abort(AbortCause::Delivery(error.clone()));
        }
        self.settle(partition, batch, &Err(error));
    }

    /// Gives up the connection if its oldest request goes unanswered, and with it all requests in flight: they are sent again.
    fn give_up_connection(&mut self, now: Instant) {
        let is_late = |oldest: &InFlight| oldest.sent_at + self.config.request_timeout <= now;
        if !self.in_flight.front().is_some_and(is_late) {
            return;
        }
        for InFlight { correlation, what, .. } in std::mem::take(&mut self.in_flight) {
            match what {
                Sent::Coordination => self.ask_again(now),
                Sent::Batch(partition) => {
                    let queue = self.queues.entry(partition).or_default();
                    let Some(mut batch) = queue.take_sent(correlation) else { continue };
                    batch.unanswered();
                    if batch.attempts() < self.config.retries {
                        self.put_back(now, partition, batch);
                    } else {
                        self.unknown(partition, batch, DeliveryError::Network);
                    }
                }
            }
        }
    }

    /// Gives up what has not been delivered in time.
    fn expire(&mut self, now: Instant) {
        let config = &self.config;
        let mut expired = Vec::new();
        for (partition, queue) in self.queues.iter_mut() {
            let is_due = |sent: &mut SentBatch| sent.batch.expires(config) <= now;
            expired.extend(queue.sent.extract_if(.., is_due).map(|sent| (*partition, sent.batch)));
            while queue.is_late(now, config) {
                expired.extend(queue.waiting.pop_front().map(|batch| (*partition, batch)));
            }
        }
        for (partition, batch) in expired {
            self.unknown(partition, batch, DeliveryError::Timeout);
        }
    }

    /// Decides how to go on where batches were given up, once everything behind them is answered.
    fn resolve_sequences(&mut self) {
        let is_transactional = self.config.transactional_id.is_some();
        let mut must_abort = false;
        for queue in self.queues.values_mut().filter(|queue| queue.numbering.is_unresolved && !queue.has_numbered()) {
            queue.numbering.is_unresolved = false;
            // If what was sent behind them was taken, so were they.
            if !queue.numbering.is_next(queue.numbering.next) {
                must_abort |= is_transactional;
                queue.numbering.must_restart = !is_transactional;
            }
        }
        if must_abort {
            self.transaction.must_abort(AbortCause::Unresolved);
        }
        if self.queues.values().any(|queue| queue.numbering.must_restart && queue.can_restart()) {
            self.bump_epoch();
        }
    }

    /// Begins another life, with a higher epoch, in the partitions that need it; in others when nothing of theirs is in flight.
    /// A producer that is idempotent only may do so without asking.
    fn bump_epoch(&mut self) {
        let bumped = |producer: ProducerIdAndEpoch| {
            let epoch = producer.epoch.0.checked_add(1)?;
            Some(ProducerIdAndEpoch { epoch: crate::log::ProducerEpoch(epoch), ..producer })
        };
        self.identity = self.identity.and_then(bumped);
        for queue in self.queues.values_mut().filter(|queue| queue.numbering.must_restart && queue.can_restart()) {
            queue.restart(self.identity);
        }
    }
}

fn is_too_large(error: &ProduceError) -> bool {
    matches!(error, ProduceError::Append(AppendError::MessageTooLarge { .. }))
}

fn is_out_of_order(error: &ProduceError) -> bool {
    let ProduceError::Append(AppendError::Producer(error)) = error else { return false };
    matches!(error, ProducerError::OutOfOrderSequenceNumber { .. })
}

/// Whether the batch may be in the log for all that.
fn is_left_open(error: &ProduceError) -> bool {
    match error {
        ProduceError::NotEnoughReplicasAfterAppend | ProduceError::NotLeaderOrFollower | ProduceError::Disconnected => {
            true
        }
        ProduceError::UnknownTopicOrPartition
        | ProduceError::NotEnoughReplicas
        | ProduceError::LeaderNotAvailable
        | ProduceError::InvalidTxnState { .. }
        | ProduceError::DuplicateSequenceNumber
        | ProduceError::Append(_) => false,
    }
}

/// Whether it is the brokers that have trouble, and not the batch.
fn is_of_brokers(error: &ProduceError) -> bool {
    is_left_open(error) || matches!(error, ProduceError::NotEnoughReplicas | ProduceError::LeaderNotAvailable)
}

/// Whether the same batch may be taken later.
fn is_retriable(error: &ProduceError) -> bool {
    match error {
        ProduceError::UnknownTopicOrPartition
        | ProduceError::NotEnoughReplicas
        | ProduceError::NotEnoughReplicasAfterAppend
        | ProduceError::NotLeaderOrFollower
        | ProduceError::LeaderNotAvailable
        | ProduceError::Disconnected => true,
        ProduceError::InvalidTxnState { .. } | ProduceError::DuplicateSequenceNumber | ProduceError::Append(_) => false,
    }
}

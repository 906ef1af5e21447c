//! How a transaction ends in the logs and in the groups that are part of it.

use super::super::{Broker, Fact, LogFact, Out, TransactionFact};
use super::transaction::Ending;
use super::{COORDINATOR_EPOCH, Transaction};
use crate::log::{BatchView, EndTxnMarker, Log, Offset, Origin, ProducerIdAndEpoch, TopicPartition, TransactionResult};
use crate::time::Instant;
use std::sync::Arc;

impl Broker {
    /// Writes the markers of the transactions that are to end. One for a partition whose leader cannot be reached waits, and the
    /// transaction with it; that it will end the way it was decided is certain.
    pub(in super::super) fn end_transactions(&mut self, now: Instant, out: &mut Out) {
        let ending = |(name, transaction): (&Arc<str>, &Transaction)| Some((name.clone(), transaction.ending()?));
        let endings: Vec<(Arc<str>, Ending)> = self.transactions.iter().filter_map(ending).collect();
        for (name, ending) in endings {
            let producer = ending.producer;
            let mut written = Vec::new();
            for partition in ending.partitions.iter().filter(|it| self.is_available(**it)).copied().collect::<Vec<_>>()
            {
                self.write_marker(now, partition, producer, ending.result, out);
                written.push(partition);
            }
            let is_over = written.len() == ending.partitions.len();
            if let Some(transaction) = self.transactions.ids.get_mut(&name) {
                transaction.marked(&written);
            }
            if is_over {
                self.end_transaction_of(name, &ending, out);
            }
        }
    }

    fn end_transaction_of(&mut self, name: Arc<str>, ending: &Ending, out: &mut Out) {
        let (producer, result, reason) = (ending.producer.id, ending.result, ending.reason);
        for group in &ending.groups {
            self.end_transaction(*group, producer, result == TransactionResult::Commit, out);
        }
        if let Some(transaction) = self.transactions.ids.get_mut(&name) {
            transaction.complete(result);
        }
        out.facts.push(Fact::Transaction(TransactionFact::Ended { transactional_id: name, producer, result, reason }));
    }

    /// Writes one marker.
    pub(in super::super) fn write_marker(
        &mut self,
        now: Instant,
        partition: TopicPartition,
        producer: ProducerIdAndEpoch,
        result: TransactionResult,
        out: &mut Out,
    ) {
        let topic = self.topics.get_mut(usize::from(partition.topic.0));
        let Some((log, _)) = topic.and_then(|topic| topic.partition_mut(partition.partition)) else {
            unreachable!("only partitions that exist become part of a transaction")
        };
        let offset = append_marker(now, log, producer, result);
        out.facts.push(Fact::Log(LogFact::MarkerWritten { partition, offset, producer: producer.id, result }));
        self.spread(now, partition, out);
    }
}

fn append_marker(now: Instant, log: &mut Log, producer: ProducerIdAndEpoch, result: TransactionResult) -> Offset {
    let marker = EndTxnMarker { result, coordinator_epoch: COORDINATOR_EPOCH };
    let batch = marker.batch(producer.id, producer.epoch, now.timestamp_ms());
    match log.append(batch.view(), Origin::Coordinator, now.timestamp_ms()) {
        Ok(appended) => appended.first_offset,
        Err(error) => unreachable!("a marker of the highest epoch is smaller than any limit: {error}"),
    }
}

/// Whose marker a batch is, and how it ends the transaction, if it is one.
pub(in super::super) fn marker_of(batch: BatchView<'_>) -> Option<(ProducerIdAndEpoch, TransactionResult)> {
    let (stamp, marker) = (batch.producer()?, batch.marker()?);
    Some((ProducerIdAndEpoch { id: stamp.id, epoch: stamp.epoch }, marker.result))
}

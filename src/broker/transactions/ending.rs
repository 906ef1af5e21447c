//! How a transaction ends in the logs and in the groups that are part of it.

use super::super::{Broker, Fact, LogFact, Out, TransactionFact};
use super::transaction::Ending;
use super::{COORDINATOR_EPOCH, Transaction};
use crate::log::{EndTxnMarker, Log, Offset, Origin, ProducerIdAndEpoch, TransactionResult};
use crate::time::Instant;
use std::sync::Arc;

impl Broker {
    /// Writes the markers of the transactions that are to end. There is one replica of each partition, so that is all it takes.
    pub(in super::super) fn end_transactions(&mut self, now: Instant, out: &mut Out) {
        let ending = |(name, transaction): (&Arc<str>, &Transaction)| Some((name.clone(), transaction.ending()?));
        let endings: Vec<(Arc<str>, Ending)> = self.transactions.iter().filter_map(ending).collect();
        for (name, ending) in endings {
            let producer = ending.producer;
            for partition in &ending.partitions {
                let log =
                    self.topics.get_mut(usize::from(partition.topic.0)).and_then(|t| t.log_mut(partition.partition));
                let Some(log) = log else { unreachable!("only partitions that exist become part of a transaction") };
                let offset = write_marker(now, log, producer, ending.result);
                let (partition, result) = (*partition, ending.result);
                out.facts.push(Fact::Log(LogFact::MarkerWritten { partition, offset, producer: producer.id, result }));
                self.parked.appended(partition, &self.topics, out);
            }
            for group in &ending.groups {
                let is_committed = ending.result == TransactionResult::Commit;
                self.end_transaction(*group, producer.id, is_committed, out);
            }
            let (result, reason) = (ending.result, ending.reason);
            if let Some(transaction) = self.transactions.ids.get_mut(&name) {
                transaction.complete(result);
            }
            out.facts.push(Fact::Transaction(TransactionFact::Ended {
                transactional_id: name,
                producer: producer.id,
                result,
                reason,
            }));
        }
    }
}

fn write_marker(now: Instant, log: &mut Log, producer: ProducerIdAndEpoch, result: TransactionResult) -> Offset {
    let marker = EndTxnMarker { result, coordinator_epoch: COORDINATOR_EPOCH };
    let batch = marker.batch(producer.id, producer.epoch, now.timestamp_ms());
    match log.append(batch.view(), Origin::Coordinator, now.timestamp_ms()) {
        Ok(appended) => {
            log.set_high_watermark(log.log_end_offset());
            appended.first_offset
        }
        Err(error) => unreachable!("a marker of the highest epoch is smaller than any limit: {error}"),
    }
}

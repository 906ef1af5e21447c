//! The records of transactions that have not ended: whether they count, their marker will say.

use crate::log::{Offset, ProducerId, TopicPartition};
use crate::sorted::SortedMap;

/// What each producer has written in its transaction, by partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Undecided(SortedMap<(TopicPartition, ProducerId), Vec<(Offset, u32)>>);

impl Undecided {
    /// Notes records of a transaction.
    pub(super) fn appended(&mut self, partition: TopicPartition, producer: ProducerId, base: Offset, records: u32) {
        self.0.entry((partition, producer)).or_default().push((base, records));
    }

    /// The transaction of `producer` ends in this partition: these were its records there, in order.
    pub(super) fn decided(&mut self, partition: TopicPartition, producer: ProducerId) -> Vec<Offset> {
        let batches = self.0.remove(&(partition, producer)).unwrap_or_default();
        batches.into_iter().flat_map(|(base, records)| (base.0..base.0 + i64::from(records)).map(Offset)).collect()
    }
}

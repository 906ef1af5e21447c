//! Records that were fetched ahead of the next poll.

use crate::client::ConsumedRecord;
use crate::cow::CowDeque;
use crate::log::{OffsetAndEpoch, TopicPartition};
use crate::sorted::SortedMap;

/// A step through a partition: over a record, or over offsets without any (markers, aborted records, gaps).
#[derive(Clone, Debug)]
struct Step {
    partition: TopicPartition,
    record: Option<ConsumedRecord>,
    /// The position after it.
    next: OffsetAndEpoch,
}

/// What was fetched, in the order in which it came. A consumer fetches only while less than one poll takes is here.
#[derive(Clone, Debug, Default)]
pub(super) struct Buffer(CowDeque<Step>);

impl Buffer {
    pub(super) fn push(&mut self, partition: TopicPartition, record: ConsumedRecord) {
        let next = record.end();
        self.0.push_back(Step { partition, record: Some(record), next });
    }

    /// Notes that there is nothing to read before `next`.
    pub(super) fn skip(&mut self, partition: TopicPartition, next: OffsetAndEpoch) {
        self.0.push_back(Step { partition, record: None, next });
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn has(&self, partition: TopicPartition) -> bool {
        self.0.iter().any(|step| step.partition == partition)
    }

    /// Drops what came from partitions that are not to be read on.
    pub(super) fn retain(&mut self, stays: impl Fn(TopicPartition) -> bool) {
        self.0 = self.0.iter().filter(|step| stays(step.partition)).cloned().collect();
    }

    /// Up to `count` records, and the positions after them.
    pub(super) fn take(&mut self, count: usize) -> (Vec<ConsumedRecord>, SortedMap<TopicPartition, OffsetAndEpoch>) {
        let (mut records, mut positions) = (Vec::new(), SortedMap::new());
        while let Some(step) = self.0.pop_front_if(|step| step.record.is_none() || records.len() < count) {
            positions.insert(step.partition, step.next);
            records.extend(step.record);
        }
        (records, positions)
    }
}

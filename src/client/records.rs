//! A record on the reader's side, owned, because its service keeps it while it works on it.

use crate::log::{LeaderEpoch, Offset, OffsetAndEpoch, RecordRef, RecordView, TopicPartition};
use crate::sorted::SortedMap;
use std::sync::Arc;

/// A header, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedHeader {
    /// The header's name.
    pub key: Arc<str>,
    /// The header's value; `None` is a null.
    pub value: Option<Arc<[u8]>>,
}

/// A record that a poll returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumedRecord {
    /// Where it lies.
    pub partition: TopicPartition,
    /// Its position there.
    pub offset: Offset,
    /// The epoch of the leader that took it.
    pub leader_epoch: LeaderEpoch,
    /// The writer's time, in milliseconds.
    pub timestamp_ms: i64,
    /// The key, if it has one.
    pub key: Option<Arc<[u8]>>,
    /// The value; `None` is a tombstone.
    pub value: Option<Arc<[u8]>>,
    /// The headers, in order.
    pub headers: Vec<OwnedHeader>,
}

impl ConsumedRecord {
    /// Its place.
    pub fn place(&self) -> RecordRef {
        RecordRef { partition: self.partition, offset: self.offset }
    }

    /// The place after it.
    pub fn end(&self) -> OffsetAndEpoch {
        OffsetAndEpoch { offset: self.offset.next(), epoch: Some(self.leader_epoch) }
    }

    /// Its place, to be read from there again.
    pub fn start(&self) -> OffsetAndEpoch {
        OffsetAndEpoch { offset: self.offset, epoch: Some(self.leader_epoch) }
    }

    /// A record of `partition`, as it was read from its log, where a leader of this epoch had put it.
    pub fn new(partition: TopicPartition, leader_epoch: LeaderEpoch, record: &RecordView<'_>) -> Self {
        let headers = record.headers();
        Self {
            partition,
            offset: record.offset,
            leader_epoch,
            timestamp_ms: record.timestamp_ms,
            key: record.key.map(Arc::from),
            value: record.value.map(Arc::from),
            headers: headers
                .map(|header| OwnedHeader { key: header.key.into(), value: header.value.map(Arc::from) })
                .collect(),
        }
    }
}

/// What to commit when all of `records` are done with: in each partition the offset after the last one.
pub fn offsets_after<'a>(
    records: impl IntoIterator<Item = &'a ConsumedRecord>,
) -> SortedMap<TopicPartition, OffsetAndEpoch> {
    records.into_iter().map(|record| (record.partition, record.end())).collect()
}

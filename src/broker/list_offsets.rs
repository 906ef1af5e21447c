//! Offsets by what they mean (`ListOffsets`): where a log begins, where it ends for a reader, what was written at a time.

use super::{FetchPartitionError, ListOffsetsRequest, ListedOffset, OffsetSpec, Topic};
use crate::log::{Isolation, Log, Offset, TopicPartition};

/// The offset of each partition asked for.
pub(super) fn list(request: &ListOffsetsRequest, topics: &[Topic]) -> Vec<ListedOffset> {
    let find = |(partition, spec): &(TopicPartition, OffsetSpec)| {
        let topic = topics.get(usize::from(partition.topic.0));
        let log = topic.and_then(|topic| topic.log(partition.partition));
        let log = log.ok_or(FetchPartitionError::UnknownTopicOrPartition);
        ListedOffset { partition: *partition, offset: log.map(|log| find(log, *spec, request.isolation)) }
    };
    request.partitions.iter().map(find).collect()
}

fn find(log: &Log, spec: OffsetSpec, isolation: Isolation) -> Option<Offset> {
    match spec {
        OffsetSpec::Earliest => Some(log.log_start_offset()),
        OffsetSpec::Latest => Some(log.bound(isolation)),
        OffsetSpec::MaxTimestamp => log.offset_of_max_timestamp(isolation).map(|found| found.offset),
        OffsetSpec::Timestamp(ms) => log.offset_for_time(ms, isolation).map(|found| found.offset),
    }
}

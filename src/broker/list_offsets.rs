//! Offsets by what they mean (`ListOffsets`): where a log begins, where it ends for a reader, what was written at a time.

use super::cluster::Cluster;
use super::node::Reach;
use super::{FetchPartitionError, ListOffsetsRequest, ListedOffset, OffsetSpec, Topic};
use crate::log::{Isolation, Log, Offset, TopicPartition};

/// The offset of each partition asked for; `None` if one of them is on a broker that is cut off, from which nothing comes.
pub(super) fn list(request: &ListOffsetsRequest, topics: &[Topic], cluster: &Cluster) -> Option<Vec<ListedOffset>> {
    let find = |(partition, spec): &(TopicPartition, OffsetSpec)| {
        let topic = topics.get(usize::from(partition.topic.0));
        let replicated = topic.and_then(|topic| topic.replicated(partition.partition));
        let Some((log, replicas)) = replicated else {
            let offset = Err(FetchPartitionError::UnknownTopicOrPartition);
            return Some(ListedOffset { partition: *partition, offset });
        };
        let offset = match cluster.reach(replicas) {
            Reach::Serves => Ok(find(log, *spec, request.isolation).map(|offset| replicas.place_at(offset))),
            Reach::NoLeader => Err(FetchPartitionError::LeaderNotAvailable),
            Reach::Refused => Err(FetchPartitionError::Disconnected),
            Reach::Silent => return None,
        };
        Some(ListedOffset { partition: *partition, offset })
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

//! Who reads which partition. The group's leader decides, for everyone.

use crate::broker::MemberId;
use crate::log::{PartitionId, TopicId, TopicPartition};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Kafka's range assignor: topic by topic, each subscriber gets a stretch of neighbouring partitions, the first ones one more
/// where the division leaves a remainder. Members count in the order in which they are given.
pub fn assign_range(
    members: &[(MemberId, Arc<[TopicId]>)],
    partitions_of: impl Fn(TopicId) -> u32,
) -> BTreeMap<MemberId, Vec<TopicPartition>> {
    let mut assignment: BTreeMap<_, _> = members.iter().map(|(member, _)| (*member, Vec::new())).collect();
    let mut topics: Vec<TopicId> = members.iter().flat_map(|(_, topics)| topics.iter().copied()).collect();
    topics.sort_unstable();
    topics.dedup();
    for topic in topics {
        let wants = |topics: &Arc<[TopicId]>| topics.contains(&topic);
        let subscribers: Vec<MemberId> =
            members.iter().filter(|(_, topics)| wants(topics)).map(|(member, _)| *member).collect();
        for (member, range) in subscribers.iter().zip(ranges(partitions_of(topic), subscribers.len() as u32)) {
            let partitions = range.map(|partition| TopicPartition { topic, partition: PartitionId(partition) });
            assignment.entry(*member).or_default().extend(partitions);
        }
    }
    assignment
}

fn ranges(partitions: u32, subscribers: u32) -> impl Iterator<Item = std::ops::Range<u32>> {
    let (each, remainder) = (partitions / subscribers, partitions % subscribers);
    (0..subscribers).map(move |index| {
        let start = each * index + index.min(remainder);
        start..start + each + u32::from(index < remainder)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(members: u32, partitions: u32, expect: &[usize]) {
        let topics: Arc<[TopicId]> = Arc::new([TopicId(0)]);
        let members: Vec<_> = (0..members).map(|id| (MemberId(id), topics.clone())).collect();
        let sizes: Vec<usize> = assign_range(&members, |_| partitions).values().map(Vec::len).collect();
        assert_eq!(sizes, expect);
    }

    #[test]
    fn the_first_members_get_the_remainder() {
        check(2, 3, &[2, 1]);
        check(3, 8, &[3, 3, 2]);
    }

    #[test]
    fn more_members_than_partitions_leaves_some_idle() {
        check(3, 2, &[1, 1, 0]);
    }
}

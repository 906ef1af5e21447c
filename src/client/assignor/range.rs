//! Kafka's range assignor: topic by topic, each subscriber gets a stretch of neighbouring partitions, the first ones one more
//! where the division leaves a remainder. So two topics with as many partitions are shared alike.

use super::{empty, in_order};
use crate::broker::{JoinedMember, MemberId};
use crate::log::{PartitionId, TopicId, TopicPartition};
use crate::sorted::SortedMap;
use std::ops::Range;

pub(super) fn assign(members: &[JoinedMember], topics: &[(TopicId, u32)]) -> SortedMap<MemberId, Vec<TopicPartition>> {
    let mut assignment = empty(members);
    let members = in_order(members);
    for (topic, partitions) in topics.iter().copied() {
        let subscribers: Vec<_> = members.iter().filter(|member| member.subscription.topics.contains(&topic)).collect();
        for (subscriber, range) in subscribers.iter().zip(ranges(partitions, subscribers.len() as u32)) {
            let partitions = range.map(|partition| TopicPartition { topic, partition: PartitionId(partition) });
            assignment.entry(subscriber.member).or_default().extend(partitions);
        }
    }
    assignment
}

/// `partitions` in as many stretches as there are subscribers.
fn ranges(partitions: u32, subscribers: u32) -> impl Iterator<Item = Range<u32>> {
    let share = move |index: u32| {
        let (each, remainder) = (partitions / subscribers, partitions % subscribers);
        let start = each * index + index.min(remainder);
        start..start + each + u32::from(index < remainder)
    };
    (0..subscribers).map(share)
}

//! Kafka's round robin assignor: the partitions of all topics in turn, to the members in turn. Whoever does not want the
//! topic is passed over, which is why unequal subscriptions can end up unevenly served.

use super::{empty, in_order, partitions_of};
use crate::broker::{JoinedMember, MemberId};
use crate::log::{TopicId, TopicPartition};
use crate::sorted::SortedMap;

pub(super) fn assign(members: &[JoinedMember], topics: &[(TopicId, u32)]) -> SortedMap<MemberId, Vec<TopicPartition>> {
    let mut assignment = empty(members);
    let members = in_order(members);
    let mut turn = members.iter().cycle();
    for (topic, partitions) in topics.iter().copied() {
        let wants = |member: &&&JoinedMember| member.subscription.topics.contains(&topic);
        if !members.iter().any(|member| wants(&member)) {
            continue;
        }
        for partition in partitions_of(topic, partitions) {
            // The one found has had its turn; so have those that were passed over.
            if let Some(next) = turn.find(wants) {
                assignment.entry(next.member).or_default().push(partition);
            }
        }
    }
    assignment
}

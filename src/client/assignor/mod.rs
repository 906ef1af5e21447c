//! Who reads which partition. The group's leader decides, for everyone.
//!
//! An assignor is a pure function of who wants what and of who has what now. Racks are not looked at.

mod claims;
mod general;
mod movements;
mod range;
mod round_robin;
mod sticky;
mod uniform;

use crate::broker::{JoinedMember, MemberId};
use crate::log::{PartitionId, TopicId, TopicPartition};
use crate::sorted::{SortedMap, sort_by_key};
use std::fmt;

/// How a group shares partitions among its members (`partition.assignment.strategy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignor {
    /// `range`
    #[default]
    Range,
    /// `roundrobin`
    RoundRobin,
    /// `sticky`
    Sticky,
    /// `cooperative-sticky`
    CooperativeSticky,
}

impl Assignor {
    /// All assignors, Kafka's default first.
    pub const ALL: [Self; 4] = [Self::Range, Self::RoundRobin, Self::Sticky, Self::CooperativeSticky];

    /// Kafka's name of it, by which members agree on one.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::Sticky => "sticky",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// The assignor called `name`, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// What it does, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Range => "Topic by topic, each member gets neighbouring partitions, the first members one more.",
            Self::RoundRobin => "The partitions of all topics are dealt out one by one, like cards.",
            Self::Sticky => "Shares are even, and members keep what they have as far as that allows.",
            Self::CooperativeSticky => {
                "Like sticky, but members go on reading while the group rebalances; only what moves is revoked."
            }
        }
    }

    /// Whether members keep their partitions while the group rebalances, and give up only what moves.
    pub const fn is_cooperative(self) -> bool {
        match self {
            Self::Range | Self::RoundRobin | Self::Sticky => false,
            Self::CooperativeSticky => true,
        }
    }

    /// Shares the partitions of `topics`, each with its number of partitions and in the order of their names, among
    /// `members`. Every member has an entry. A topic that is wanted but not in `topics` does not exist.
    ///
    /// [`Assignor::CooperativeSticky`] leaves out what a member has to give up first: its next owner gets it when the
    /// members have done so and assign again.
    pub fn assign(
        self,
        members: &[JoinedMember],
        topics: &[(TopicId, u32)],
    ) -> SortedMap<MemberId, Vec<TopicPartition>> {
        match self {
            Self::Range => range::assign(members, topics),
            Self::RoundRobin => round_robin::assign(members, topics),
            Self::Sticky => sticky::assign(members, topics),
            Self::CooperativeSticky => sticky::assign_cooperatively(members, topics),
        }
    }
}

impl fmt::Display for Assignor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The members in the order in which they are served: first those with an instance id, which survives a restart.
fn in_order(members: &[JoinedMember]) -> Vec<&JoinedMember> {
    let mut members: Vec<&JoinedMember> = members.iter().collect();
    sort_by_key(&mut members, |member| (member.instance.is_none(), member.instance.as_deref(), member.member));
    members
}

/// An assignment in which nobody has anything yet.
fn empty(members: &[JoinedMember]) -> SortedMap<MemberId, Vec<TopicPartition>> {
    members.iter().map(|member| (member.member, Vec::new())).collect()
}

fn partitions_of(topic: TopicId, count: u32) -> impl Iterator<Item = TopicPartition> {
    (0..count).map(move |partition| TopicPartition { topic, partition: PartitionId(partition) })
}

#[cfg(test)]
mod tests;

//! What sticky assignors start from: who wants which topics, and whose word counts on who owns what.
//!
//! Members and topics are numbers here, in the order in which ties are broken: members by id, topics by name.

use super::partitions_of;
use crate::broker::{Generation, JoinedMember, MemberId};
use crate::log::{TopicId, TopicPartition};
use crate::sorted::{SortedMap, SortedSet, sort_by_key};

/// The place of a member in the order of their ids.
pub(super) type Index = usize;

/// What each member has: a set of partitions a member, by index.
pub(super) type Shares = Vec<SortedSet<TopicPartition>>;

/// Wishes and claims. The topic of each partition is the topic's place in the order of names.
#[derive(Clone, Debug)]
pub(super) struct Claims {
    /// How many partitions each topic has that somebody wants; 0 for the others.
    pub(super) partitions: Vec<u32>,
    /// The existing topics that each member wants.
    pub(super) wants: Vec<SortedSet<TopicId>>,
    /// Whether all members want the same topics.
    pub(super) is_uniform: bool,
    /// What each member owns beyond doubt, wanted or not: partitions that exist, and that nobody claims with the same or
    /// a higher generation.
    pub(super) owned: Shares,
    /// What several members claim with the highest generation, so that nobody owns it.
    pub(super) contested: SortedSet<TopicPartition>,
    /// Who had a partition before, by the word of members that missed a generation.
    pub(super) previous: SortedMap<TopicPartition, Index>,
    members: Vec<MemberId>,
    topics: Vec<TopicId>,
    /// What each member says that it owns, if it exists.
    claimed: Shares,
}

impl Claims {
    pub(super) fn new(members: &[JoinedMember], topics: &[(TopicId, u32)]) -> Self {
        let mut members: Vec<&JoinedMember> = members.iter().collect();
        sort_by_key(&mut members, |member| member.member);
        let number_of: SortedMap<TopicId, TopicId> =
            topics.iter().zip(0..).map(|((topic, _), index)| (*topic, TopicId(index))).collect();
        let wants: Vec<SortedSet<TopicId>> = members
            .iter()
            .map(|member| member.subscription.topics.iter().filter_map(|topic| number_of.get(topic).copied()).collect())
            .collect();
        let is_wanted = |topic| wants.iter().any(|wants| wants.contains(&topic));
        let partitions =
            topics.iter().zip(0..).map(|((_, count), topic)| if is_wanted(TopicId(topic)) { *count } else { 0 });
        let partitions: Vec<u32> = partitions.collect();
        let claimed = claimed(&members, &number_of, &partitions);
        let generations: Vec<Generation> = members.iter().map(|member| member.subscription.generation).collect();
        let (owned, contested) = settle(&claimed, &generations);
        Self {
            is_uniform: want_the_same(&members),
            previous: previous(&claimed, &generations),
            members: members.iter().map(|member| member.member).collect(),
            topics: topics.iter().map(|(topic, _)| *topic).collect(),
            partitions,
            wants,
            owned,
            contested,
            claimed,
        }
    }

    /// The partitions of one topic.
    pub(super) fn partitions_of(&self, topic: TopicId) -> impl Iterator<Item = TopicPartition> + use<> {
        partitions_of(topic, self.partitions[usize::from(topic.0)])
    }

    /// The topics in order of their names.
    pub(super) fn topics(&self) -> impl Iterator<Item = TopicId> + use<> {
        (0..self.topics.len() as u16).map(TopicId)
    }

    /// Whether somebody else than `member` says that it has `partition`, so that it must be given up first.
    pub(super) fn is_claimed_by_another(&self, member: Index, partition: TopicPartition) -> bool {
        let mut others = self.claimed.iter().enumerate().filter(|(other, _)| *other != member);
        others.any(|(_, claimed)| claimed.contains(&partition))
    }

    /// Whether `member` says that it has `partition`.
    pub(super) fn is_claimed_by(&self, member: Index, partition: TopicPartition) -> bool {
        self.claimed[member].contains(&partition)
    }

    /// `shares` in the ids of members and topics.
    pub(super) fn named(&self, shares: Shares) -> SortedMap<MemberId, Vec<TopicPartition>> {
        let named = |partition: TopicPartition| TopicPartition {
            topic: self.topics[usize::from(partition.topic.0)],
            partition: partition.partition,
        };
        let shares = shares.into_iter().map(|share| share.into_iter().map(named).collect());
        self.members.iter().copied().zip(shares).collect()
    }
}

/// The claims on partitions that exist and whose topic somebody wants.
fn claimed(members: &[&JoinedMember], number_of: &SortedMap<TopicId, TopicId>, partitions: &[u32]) -> Shares {
    let numbered = |partition: &TopicPartition| {
        let topic = *number_of.get(&partition.topic)?;
        let exists = partition.partition.0 < partitions[usize::from(topic.0)];
        exists.then_some(TopicPartition { topic, partition: partition.partition })
    };
    members.iter().map(|member| member.subscription.owned.iter().filter_map(numbered).collect()).collect()
}

/// Gives each partition to the member that claims it with the highest generation; to nobody if there are two of these.
fn settle(claimed: &Shares, generations: &[Generation]) -> (Shares, SortedSet<TopicPartition>) {
    let mut best: SortedMap<TopicPartition, (Generation, Vec<Index>)> = SortedMap::new();
    for (member, partitions) in claimed.iter().enumerate() {
        for partition in partitions {
            let (highest, owners) = best.entry(*partition).or_insert((generations[member], Vec::new()));
            if generations[member] > *highest {
                (*highest, *owners) = (generations[member], Vec::new());
            }
            if generations[member] == *highest {
                owners.push(member);
            }
        }
    }
    let mut owned = vec![SortedSet::new(); claimed.len()];
    let mut contested = SortedSet::new();
    for (partition, (_, owners)) in best {
        match *owners {
            [owner] => owned[owner].insert(partition),
            _ => contested.insert(partition),
        };
    }
    (owned, contested)
}

/// Of the members that missed the latest generation: who claims what with the highest.
fn previous(claimed: &Shares, generations: &[Generation]) -> SortedMap<TopicPartition, Index> {
    let latest = generations.iter().max().copied();
    let mut previous: SortedMap<TopicPartition, Index> = SortedMap::new();
    for (member, partitions) in claimed.iter().enumerate().filter(|(member, _)| Some(generations[*member]) < latest) {
        for partition in partitions {
            let known = previous.entry(*partition).or_insert(member);
            if generations[member] > generations[*known] {
                *known = member;
            }
        }
    }
    previous
}

fn want_the_same(members: &[&JoinedMember]) -> bool {
    let wants: SortedSet<SortedSet<TopicId>> =
        members.iter().map(|member| member.subscription.topics.iter().copied().collect()).collect();
    wants.len() <= 1
}

//! The sticky assignment of members that want different topics: keep what is owned, give the rest to whoever has least, and
//! then move single partitions as long as one move makes the shares more even.
//!
//! Like Kafka's it does not look for chains of moves, so that there may be a still more even assignment.

use super::claims::{Claims, Index, Shares};
use super::movements::Movements;
use crate::log::{TopicId, TopicPartition};
use crate::sorted::{SortedMap, SortedSet};

pub(super) fn share(claims: &Claims) -> Shares {
    let mut sharing = Sharing::new(claims);
    let all = partitions_in_order(claims);
    let new: Vec<TopicPartition> =
        all.iter().copied().filter(|partition| !sharing.owners.contains_key(partition)).collect();
    for partition in &new {
        sharing.give_to_smallest(*partition);
    }
    // What is new may move without taking anything from anyone. If something is taken away anyway, that is not worth a pass.
    if !sharing.somebody_loses {
        sharing.even_out(&new);
    }
    sharing.even_out(&all);
    sharing.shares
}

/// All partitions, those first that the fewest members want.
fn partitions_in_order(claims: &Claims) -> Vec<TopicPartition> {
    let wanted = |topic: &TopicId| claims.wants.iter().filter(|wants| wants.contains(topic)).count();
    let topics: SortedSet<(usize, TopicId)> = claims.topics().map(|topic| (wanted(&topic), topic)).collect();
    topics.into_iter().flat_map(|(_, topic)| claims.partitions_of(topic)).collect()
}

struct Sharing<'a> {
    claims: &'a Claims,
    shares: Shares,
    owners: SortedMap<TopicPartition, Index>,
    /// The members with the sizes of their shares, the smallest first.
    by_size: SortedSet<(usize, Index)>,
    movements: Movements,
    /// Whether a member owns what it does not want any more.
    somebody_loses: bool,
}

impl<'a> Sharing<'a> {
    /// Everybody keeps what it owns and still wants.
    fn new(claims: &'a Claims) -> Self {
        let wanted = |(owned, wants): (&SortedSet<TopicPartition>, &SortedSet<TopicId>)| {
            owned.iter().copied().filter(|partition| wants.contains(&partition.topic)).collect()
        };
        let shares: Shares = claims.owned.iter().zip(&claims.wants).map(wanted).collect();
        let owners = shares.iter().enumerate().flat_map(|(member, share)| share.iter().map(move |it| (*it, member)));
        Self {
            claims,
            owners: owners.collect(),
            by_size: shares.iter().enumerate().map(|(member, share)| (share.len(), member)).collect(),
            movements: Movements::default(),
            somebody_loses: shares.iter().zip(&claims.owned).any(|(share, owned)| share.len() < owned.len()),
            shares,
        }
    }

    fn size(&self, member: Index) -> usize {
        self.shares[member].len()
    }

    /// The member with the smallest share among those that want the topic.
    fn smallest(&self, topic: TopicId) -> Option<Index> {
        self.by_size.iter().map(|(_, member)| *member).find(|member| self.claims.wants[*member].contains(&topic))
    }

    fn give_to_smallest(&mut self, partition: TopicPartition) {
        if let Some(member) = self.smallest(partition.topic) {
            self.put(partition, member);
        }
    }

    fn put(&mut self, partition: TopicPartition, to: Index) {
        let from = self.owners.insert(partition, to);
        for member in from.into_iter().chain([to]) {
            self.by_size.remove(&(self.size(member), member));
        }
        if let Some(from) = from {
            self.shares[from].remove(&partition);
        }
        self.shares[to].insert(partition);
        for member in from.into_iter().chain([to]) {
            self.by_size.insert((self.size(member), member));
        }
    }

    /// Moves `partitions` until no move of one of them makes the shares more even. Every move makes them so, which is why
    /// this ends.
    fn even_out(&mut self, partitions: &[TopicPartition]) {
        loop {
            let mut has_moved = false;
            for partition in partitions {
                if self.is_balanced() {
                    return;
                }
                has_moved |= self.improve(*partition);
            }
            if !has_moved {
                return;
            }
        }
    }

    /// Whether no member could take a partition from one that has at least two more.
    fn is_balanced(&self) -> bool {
        let smallest = self.by_size.first().map_or(0, |(size, _)| *size);
        let largest = self.by_size.last().map_or(0, |(size, _)| *size);
        if largest <= smallest + 1 {
            return true;
        }
        let mut largest_with: SortedMap<TopicId, usize> = SortedMap::new();
        for (partition, owner) in &self.owners {
            let largest = largest_with.entry(partition.topic).or_default();
            *largest = self.size(*owner).max(*largest);
        }
        let mut members = self.claims.wants.iter().enumerate();
        members.all(|(member, wants)| {
            let largest = wants.iter().filter_map(|topic| largest_with.get(topic)).max();
            largest.is_none_or(|largest| *largest <= self.size(member) + 1)
        })
    }

    /// Moves `partition` to a member with a smaller share, its owner of an earlier generation before others. Or another
    /// partition of its topic, if that comes to the same.
    fn improve(&mut self, partition: TopicPartition) -> bool {
        let Some(owner) = self.owners.get(&partition).copied() else { return false };
        let is_better = |sharing: &Self, owner, member| sharing.size(owner) > sharing.size(member) + 1;
        let previous = self.claims.previous.get(&partition).copied();
        let previous = previous.filter(|member| self.claims.wants[*member].contains(&partition.topic));
        let to = previous
            .filter(|member| is_better(self, owner, *member))
            .or_else(|| self.smallest(partition.topic).filter(|member| is_better(self, owner, *member)));
        let Some(to) = to else { return false };
        let better = self.movements.better(partition, owner, to);
        let partition = match self.owners.get(&better) {
            Some(from) if is_better(self, *from, to) => better,
            _ => partition,
        };
        let from = self.owners.get(&partition).copied().unwrap_or(owner);
        self.movements.note(partition, from, to);
        self.put(partition, to);
        true
    }
}

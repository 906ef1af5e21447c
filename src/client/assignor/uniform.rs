//! The sticky assignment of members that all want the same topics: there is an exact answer, found in one pass.
//!
//! With `p` partitions and `n` members, everybody gets `p / n` and `p % n` members get one more. Members keep what they own
//! within these bounds, and the rest is dealt out in turn to those who have less.

use super::claims::{Claims, Index, Shares};
use crate::log::TopicPartition;
use crate::sorted::{SortedSet, sort_by_key};
use std::collections::VecDeque;

pub(super) fn share(claims: &Claims) -> Shares {
    let partitions: Vec<TopicPartition> = claims.topics().flat_map(|topic| claims.partitions_of(topic)).collect();
    let mut sharing = Sharing::new(partitions.len(), claims.owned.len());
    for (member, owned) in claims.owned.iter().enumerate() {
        sharing.keep(member, owned);
    }
    let kept: SortedSet<TopicPartition> = sharing.shares.iter().flatten().copied().collect();
    sharing.deal(partitions.into_iter().filter(|partition| !kept.contains(partition)));
    sharing.shares
}

struct Sharing {
    shares: Shares,
    /// What everybody gets at the least.
    quota: usize,
    /// How many more members may have one more than the quota.
    extras: usize,
    /// Those below the quota, in order.
    below: Vec<Index>,
    /// Those at the quota that may get one more, in order.
    at_quota: VecDeque<Index>,
}

impl Sharing {
    fn new(partitions: usize, members: usize) -> Self {
        Self {
            shares: vec![SortedSet::new(); members],
            quota: partitions / members,
            extras: partitions % members,
            below: Vec::new(),
            at_quota: VecDeque::new(),
        }
    }

    /// Lets `member` keep of what it owns as much as it may, low partition numbers first.
    fn keep(&mut self, member: Index, owned: &SortedSet<TopicPartition>) {
        let mut owned: Vec<TopicPartition> = owned.iter().copied().collect();
        sort_by_key(&mut owned, |it| (it.partition, it.topic));
        let mut kept = owned.len().min(self.quota);
        if owned.len() < self.quota {
            self.below.push(member);
        } else if owned.len() > self.quota && self.extras > 0 {
            kept += 1;
            self.extras -= 1;
        } else {
            self.at_quota.push_back(member);
        }
        self.shares[member] = owned.into_iter().take(kept).collect();
    }

    /// Deals out what is left: first to those below the quota, in turn, then one each to those at it.
    fn deal(&mut self, partitions: impl Iterator<Item = TopicPartition>) {
        let mut turn = 0;
        for partition in partitions {
            if turn >= self.below.len() {
                turn = 0;
            }
            if let Some(member) = self.below.get(turn).copied() {
                self.shares[member].insert(partition);
                if self.shares[member].len() == self.quota {
                    self.below.remove(turn);
                    self.at_quota.push_back(member);
                } else {
                    turn += 1;
                }
            } else if let Some(member) = self.at_quota.pop_front() {
                self.shares[member].insert(partition);
            }
        }
    }
}

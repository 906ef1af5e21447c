//! Forgetting offsets that nobody has needed for long (`offsets.retention.minutes`), and groups with nothing left in them.

use super::offsets::Commit;
use super::{Group, GroupState};
use crate::broker::{Fact, OffsetsFact, Out};
use crate::log::{TopicId, TopicPartition};
use crate::time::{Instant, Span};

impl Group {
    /// Forgets what is due. A group that is empty and has no offsets left is deleted.
    pub(in crate::broker) fn expire_offsets(&mut self, now: Instant, retention: Span, out: &mut Out) {
        let expired: Vec<TopicPartition> = self
            .offsets
            .committed
            .iter()
            .filter(|(partition, commit)| self.is_expired(**partition, **commit, now, retention))
            .map(|(partition, _)| *partition)
            .collect();
        for partition in &expired {
            self.offsets.committed.remove(partition);
        }
        if !expired.is_empty() {
            out.facts.push(Fact::Offsets(OffsetsFact::Expired { group: self.id, partitions: expired.into() }));
        }
        let has_offsets = !(self.offsets.committed.is_empty() && self.offsets.pending.is_empty());
        if self.exists && self.state == GroupState::Empty && !has_offsets {
            self.die(now, out);
        }
    }

    fn is_expired(&self, partition: TopicPartition, commit: Commit, now: Instant, retention: Span) -> bool {
        let needed = self.is_subscribed(partition.topic) || self.offsets.is_pending(partition);
        let unused_since = self.unused_since(commit);
        !needed && unused_since.is_some_and(|since| since + retention <= now)
    }

    /// Since when nobody has needed an offset, if that can be said: since the last member left, or, where members are here but
    /// read other topics, or never were, since the commit. During a rebalance nothing expires.
    fn unused_since(&self, commit: Commit) -> Option<Instant> {
        match self.state {
            GroupState::Empty if self.had_members => Some(self.state_since),
            GroupState::Empty | GroupState::Stable => Some(commit.at),
            GroupState::PreparingRebalance | GroupState::CompletingRebalance | GroupState::Dead => None,
        }
    }

    fn is_subscribed(&self, topic: TopicId) -> bool {
        let mut subscriptions = self.members.values().filter_map(|member| self.subscription_of(member));
        subscriptions.any(|subscription| subscription.topics.contains(&topic))
    }
}

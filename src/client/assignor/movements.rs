//! What a sticky assignor has moved so far, so that two members do not swap partitions of a topic for nothing.

use super::claims::Index;
use crate::log::{TopicId, TopicPartition};
use crate::sorted::{SortedMap, SortedSet};

/// Where partitions came from and where they are now.
#[derive(Clone, Debug, Default)]
pub(super) struct Movements {
    routes: SortedMap<TopicPartition, (Index, Index)>,
    by_route: SortedMap<(TopicId, Index, Index), SortedSet<TopicPartition>>,
}

impl Movements {
    /// Which partition to move instead of `partition`, if a partition of the topic went the other way before: moving that
    /// one back comes to the same, and leaves one more where it was.
    pub(super) fn better(&self, partition: TopicPartition, from: Index, to: Index) -> TopicPartition {
        let origin = self.routes.get(&partition).map_or(from, |(origin, _)| *origin);
        let back = self.by_route.get(&(partition.topic, to, origin));
        back.and_then(SortedSet::first).copied().unwrap_or(partition)
    }

    /// Takes note that `partition` goes from one member to another.
    pub(super) fn note(&mut self, partition: TopicPartition, from: Index, to: Index) {
        let origin = self.forget(partition).unwrap_or(from);
        if origin != to {
            self.routes.insert(partition, (origin, to));
            self.by_route.entry((partition.topic, origin, to)).or_default().insert(partition);
        }
    }

    /// Forgets the way of `partition`, and says where it began.
    fn forget(&mut self, partition: TopicPartition) -> Option<Index> {
        let (origin, to) = self.routes.remove(&partition)?;
        if let Some(partitions) = self.by_route.get_mut(&(partition.topic, origin, to)) {
            partitions.remove(&partition);
        }
        Some(origin)
    }
}

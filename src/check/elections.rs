//! What elections do to logs, for the checker: the offsets behind a cut are given out again, and who has read there before is misled.

use super::invariants::{Broken, Checker, Invariant};
use crate::broker::{ClusterFact, GroupId};
use crate::log::{Offset, TopicPartition};
use crate::sorted::SortedSet;

/// The elections that matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Elections {
    /// The partitions whose leader was not in sync when it was elected last.
    unclean: SortedSet<TopicPartition>,
    /// The partitions from which somebody may have read what is not there any more: of the offsets of those who read them nothing
    /// can be said from then on.
    misleading: SortedSet<TopicPartition>,
}

impl Elections {
    pub(super) fn have_misled(&self, partition: TopicPartition) -> bool {
        !self.misleading.is_empty() && self.misleading.contains(&partition)
    }
}

impl Checker {
    pub(super) fn observe_cluster(&mut self, fact: &ClusterFact) -> Option<Broken> {
        match *fact {
            ClusterFact::Elected { partition, is_unclean: true, .. } => {
                self.elections.unclean.insert(partition);
                None
            }
            ClusterFact::Elected { partition, is_unclean: false, .. } => {
                self.elections.unclean.remove(&partition);
                None
            }
            ClusterFact::CutOff { partition, log_end, .. } => self.cut_off(partition, log_end),
            ClusterFact::Switched { .. }
            | ClusterFact::Connected { .. }
            | ClusterFact::Fenced { .. }
            | ClusterFact::IsrChanged { .. }
            | ClusterFact::CoordinatorMoved { .. } => None,
        }
    }

    fn cut_off(&mut self, partition: TopicPartition, log_end: Offset) -> Option<Broken> {
        self.log_ends.insert(partition, log_end);
        self.removed.entry(partition).or_default().forget_from(log_end);
        self.unreadable.cut_off(partition, log_end);
        if self.elections.unclean.contains(&partition) {
            self.elections.misleading.insert(partition);
            return None;
        }
        let is_beyond = |(place, end): (&(GroupId, TopicPartition), &Offset)| place.1 == partition && *end > log_end;
        let was_read = [&self.taken, &self.processed, &self.committed].iter().any(|it| it.iter().any(is_beyond));
        was_read.then_some((Invariant::WhatWasReadSurvivesElections, partition, log_end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{BrokerId, LeaderEpoch};
    use crate::check::rehearsal::{check_invariants as check, partition, processed};
    use crate::sim::Event;

    fn elected(is_unclean: bool) -> Event {
        let (leader, epoch) = (Some(BrokerId(1)), LeaderEpoch(1));
        Event::Cluster(ClusterFact::Elected { partition: partition(), leader, epoch, is_unclean })
    }

    fn appended(base: i64) -> Event {
        Event::Appended {
            service: None,
            transactional: None,
            is_numbered: true,
            partition: partition(),
            base_offset: Offset(base),
            records: 1,
            content_hash: 0,
        }
    }

    fn cut_off(at: i64, before: i64) -> Event {
        let [log_end, log_end_before] = [at, before].map(Offset);
        Event::Cluster(ClusterFact::CutOff { partition: partition(), log_end, log_end_before, lost: [].into() })
    }

    #[test]
    fn the_offsets_behind_a_cut_are_given_out_again() {
        check(
            &[appended(0), appended(1), elected(false), cut_off(1, 2), appended(1), processed(0), processed(1)],
            None,
        );
        let unsaid = [appended(0), appended(1), appended(1)];
        check(&unsaid, Some(Invariant::OffsetsAreDense));
    }

    #[test]
    fn what_was_read_goes_only_where_the_leader_was_not_in_sync() {
        let events =
            |is_unclean| [appended(0), processed(0), elected(is_unclean), cut_off(0, 1), appended(0), processed(0)];
        check(&events(false), Some(Invariant::WhatWasReadSurvivesElections));
        check(&events(true), None);
    }
}

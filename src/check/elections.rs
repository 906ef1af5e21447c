//! What elections do to logs, for the checker: the offsets behind a cut are given out again, and who has read there goes back.

use super::invariants::{Broken, Checker, Invariant};
use crate::broker::{ClusterFact, GroupId};
use crate::log::{LeaderEpoch, Offset, TopicPartition};
use crate::sorted::SortedSet;

/// The elections that matter.
#[derive(Clone, Debug, Default)]
pub(super) struct Elections {
    /// The partitions whose leader was not in sync when it was elected last.
    unclean: SortedSet<TopicPartition>,
    /// The groups that a person let begin somewhere: they do not know what is before that, and would not notice a cut.
    sought: SortedSet<(GroupId, TopicPartition)>,
    /// Those of them of which nothing can be said any more, for there was a cut.
    misled: SortedSet<(GroupId, TopicPartition)>,
}

impl Elections {
    /// A group has come to a place, of which it knows the epoch, or not.
    pub(super) fn commits(&mut self, place: (GroupId, TopicPartition), epoch: Option<LeaderEpoch>) {
        if epoch.is_none() {
            self.sought.insert(place);
        } else if !self.sought.is_empty() {
            self.sought.remove(&place);
        }
    }

    pub(super) fn have_misled(&self, place: (GroupId, TopicPartition)) -> bool {
        !self.misled.is_empty() && self.misled.contains(&place)
    }
}

impl Checker {
    pub(super) fn observe_cluster(&mut self, fact: &ClusterFact) -> Option<Broken> {
        self.cuts.observe(fact);
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
            self.go_back(partition, log_end);
            return None;
        }
        let is_beyond = |(place, end): (&(GroupId, TopicPartition), &Offset)| place.1 == partition && *end > log_end;
        let was_read = [&self.taken, &self.processed, &self.committed].iter().any(|it| it.iter().any(is_beyond));
        was_read.then_some((Invariant::WhatWasReadSurvivesElections, partition, log_end))
    }

    /// What was behind the cut, nobody has taken, done or committed of what will be there.
    fn go_back(&mut self, partition: TopicPartition, log_end: Offset) {
        let sought = self.elections.sought.iter().filter(|(_, of)| *of == partition);
        self.elections.misled.extend(sought.copied());
        for reached in [&mut self.taken, &mut self.processed, &mut self.committed] {
            let of_partition = reached.iter_mut().filter(|((_, of), _)| *of == partition);
            of_partition.for_each(|(_, end)| *end = log_end.min(*end));
        }
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
            updates: std::sync::Arc::default(),
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

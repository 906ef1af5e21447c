//! What befell single records, with the reason and the moment: those that were lost, processed again, or put aside. Of what went as
//! it should nothing is kept here.

use crate::log::{Offset, RecordRef, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::Instant;
use std::collections::VecDeque;

/// How many incidents of each kind are kept of each group, the newest; older ones are only counted.
pub const INCIDENTS_MAX: usize = 256;

/// Why a record was lost to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Retention deleted it before it was read.
    Expired,
    /// The group had committed it, and nobody has processed it.
    Committed,
    /// An election cut the log off before where its group was, and the group went on from there: what was written in between since,
    /// it has never read.
    ReadPast,
    /// A person let the group begin behind it.
    Sought,
    /// The service failed on it, and left it out.
    SkippedOnFailure,
    /// It had been put aside, and was deleted, replaced or thrown away where it lay.
    GoneAside,
    /// Its partition has another leader, which did not have it yet.
    ThrownAway,
}

/// Why a record was processed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// An instance ended before the record was committed.
    InstanceEnded,
    /// Its partition changed hands before the record was committed.
    HandedOver,
    /// A person let the group begin before it.
    Sought,
    /// It was delivered again without any of that: a commit did not get through, or it was put aside twice.
    Delivered,
}

/// What befell a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It was lost.
    Lost(Lost),
    /// It was processed again.
    Again(Again),
    /// It was put into the retry topic.
    SentToRetry,
    /// It was put into the dead letter topic.
    DeadLettered,
}

/// What befell a record, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incident {
    /// When.
    pub at: Instant,
    /// The record's partition.
    pub partition: TopicPartition,
    /// The record's offset.
    pub offset: Offset,
    /// What.
    pub what: What,
}

impl Incident {
    /// When, and at which record.
    pub(super) fn place(&self) -> (Instant, RecordRef) {
        (self.at, RecordRef { partition: self.partition, offset: self.offset })
    }
}

/// The incidents of one group, and what they are explained by.
#[derive(Clone, Debug, Default)]
pub(super) struct Incidents {
    lost: VecDeque<Incident>,
    again: VecDeque<Incident>,
    aside: VecDeque<Incident>,
    /// How many there have ever been.
    noted: u64,
    /// Whether some that were lost are no longer kept.
    has_forgotten_lost: bool,
    /// When an instance ended last that had something in hand, and when the group's members changed last.
    ended_at: Option<Instant>,
    rebalanced_at: Option<Instant>,
    /// Where a person let the group begin last, and when.
    sought: SortedMap<TopicPartition, (Offset, Instant)>,
}

impl Incidents {
    /// Adds one; the oldest of its kind goes if there are too many.
    pub(super) fn note(&mut self, incident: Incident) {
        self.noted += 1;
        let list = match incident.what {
            What::Lost(_) => &mut self.lost,
            What::Again(_) => &mut self.again,
            What::SentToRetry | What::DeadLettered => &mut self.aside,
        };
        if list.len() == INCIDENTS_MAX {
            list.pop_front();
            self.has_forgotten_lost |= matches!(incident.what, What::Lost(_));
        }
        list.push_back(incident);
    }

    /// Takes back that a record was lost or is aside: it is neither any more.
    pub(super) fn settle(&mut self, partition: TopicPartition, offset: Offset) {
        for list in [&mut self.lost, &mut self.aside] {
            let place = list.iter().rposition(|it| (it.partition, it.offset) == (partition, offset));
            if let Some(place) = place {
                list.remove(place);
            }
        }
    }

    /// Why a record comes again that was processed at `before`.
    pub(super) fn why_again(&self, partition: TopicPartition, offset: Offset, before: Option<Instant>) -> Again {
        let since = |at: Option<Instant>| at.is_some() && at >= before;
        let sought = self.sought.get(&partition).filter(|(to, _)| *to <= offset).map(|(_, at)| *at);
        if since(sought) {
            Again::Sought
        } else if since(self.ended_at) {
            Again::InstanceEnded
        } else if since(self.rebalanced_at) {
            Again::HandedOver
        } else {
            Again::Delivered
        }
    }

    pub(super) fn instance_ended(&mut self, at: Instant) {
        self.ended_at = Some(at);
    }

    pub(super) fn rebalanced(&mut self, at: Instant) {
        self.rebalanced_at = Some(at);
    }

    pub(super) fn sought(&mut self, partition: TopicPartition, to: Offset, at: Instant) {
        self.sought.insert(partition, (to, at));
    }

    /// How many there have ever been.
    pub(super) fn noted(&self) -> u64 {
        self.noted
    }

    /// Whether more was lost than is kept.
    pub(super) fn has_forgotten_lost(&self) -> bool {
        self.has_forgotten_lost
    }

    /// What was lost, the newest last; of what is lost now, not more than is kept.
    pub(super) fn lost(&self) -> &VecDeque<Incident> {
        &self.lost
    }

    /// What was processed again, the newest last.
    pub(super) fn again(&self) -> &VecDeque<Incident> {
        &self.again
    }

    /// What is aside, the newest last.
    pub(super) fn aside(&self) -> &VecDeque<Incident> {
        &self.aside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(offset: i64, what: What) -> Incident {
        Incident { at: Instant::START, partition: TopicPartition::default(), offset: Offset(offset), what }
    }

    #[test]
    fn the_newest_are_kept() {
        let mut incidents = Incidents::default();
        let count = INCIDENTS_MAX as i64 + 3;
        (0..count).for_each(|offset| incidents.note(incident(offset, What::Lost(Lost::Expired))));
        assert_eq!(incidents.lost().len(), INCIDENTS_MAX);
        assert_eq!(incidents.lost().back().map(|it| it.offset), Some(Offset(count - 1)));
    }

    #[test]
    fn what_is_settled_is_no_longer_listed_but_what_came_twice_came_twice() {
        let mut incidents = Incidents::default();
        let all = [What::Lost(Lost::Committed), What::DeadLettered, What::Again(Again::Delivered)];
        for what in all {
            incidents.note(incident(7, what));
        }
        incidents.settle(TopicPartition::default(), Offset(7));
        assert_eq!([incidents.lost().len(), incidents.aside().len(), incidents.again().len()], [0, 0, 1]);
    }

    #[test]
    fn a_repetition_is_explained_by_what_happened_since_it_was_processed() {
        let [before, processed, after] = [1, 2, 3].map(Instant::from_ms);
        let why = |prepare: &dyn Fn(&mut Incidents)| {
            let mut incidents = Incidents::default();
            prepare(&mut incidents);
            incidents.why_again(TopicPartition::default(), Offset(5), Some(processed))
        };
        assert_eq!(why(&|_| ()), Again::Delivered);
        assert_eq!(why(&|it| it.instance_ended(before)), Again::Delivered);
        assert_eq!(why(&|it| it.rebalanced(after)), Again::HandedOver);
        assert_eq!(why(&|it| (it.instance_ended(after), it.rebalanced(after)).0), Again::InstanceEnded);
        assert_eq!(why(&|it| it.sought(TopicPartition::default(), Offset(6), after)), Again::Delivered);
        assert_eq!(why(&|it| it.sought(TopicPartition::default(), Offset(5), after)), Again::Sought);
    }
}

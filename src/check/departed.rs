//! Why there is no record any more where one was, as far as the log itself does not say: an election has cut it off, or compaction has
//! removed it without a later one of its key. What retention deletes lies before the log's start, and needs no list.

use crate::broker::{ClusterFact, LogFact};
use crate::cow::CowDeque;
use crate::log::{Offset, RecordRef, Spent, TopicPartition};
use crate::sim::{Event, Stamped};
use crate::time::Instant;

/// How many elections are remembered that have cut something off, and how many records that compaction has not replaced.
const CUTS_MAX: usize = 256;
const SPENT_MAX: usize = 4_096;

/// What has left the logs.
#[derive(Clone, Debug, Default)]
pub struct Departed {
    cuts: CowDeque<Cut>,
    spent: CowDeque<(RecordRef, Spent)>,
    has_forgotten_spent: bool,
}

/// A stretch that an election has cut off.
#[derive(Clone, Copy, Debug)]
struct Cut {
    at: Instant,
    partition: TopicPartition,
    log_end: Offset,
    log_end_before: Offset,
}

/// What became of a record that compaction has removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// A later one has its key.
    Replaced,
    /// No later one has.
    Spent(Spent),
    /// One or the other: it is too long ago.
    Forgotten,
}

impl Departed {
    /// Takes in what happened.
    pub fn observe(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Cluster(ClusterFact::CutOff { partition, log_end, log_end_before, .. }) => {
                if self.cuts.len() == CUTS_MAX {
                    self.cuts.pop_front();
                }
                let (at, partition, log_end, log_end_before) = (stamped.at, *partition, *log_end, *log_end_before);
                self.cuts.push_back(Cut { at, partition, log_end, log_end_before });
            }
            Event::Log(LogFact::Compacted { partition, spent, .. }) => {
                for (offset, why) in spent.iter() {
                    if self.spent.len() == SPENT_MAX {
                        self.spent.pop_front();
                        self.has_forgotten_spent = true;
                    }
                    self.spent.push_back((RecordRef { partition: *partition, offset: *offset }, *why));
                }
            }
            Event::Appended { .. }
            | Event::TopicConfigured { .. }
            | Event::Log(_)
            | Event::Offsets(_)
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Cluster(_)
            | Event::Work(_)
            | Event::Outcome(_)
            | Event::Service(_) => {}
        }
    }

    /// When an election has cut off what was at this place last, if one has.
    pub fn cut_off_at(&self, place: RecordRef) -> Option<Instant> {
        let is_it =
            |it: &Cut| it.partition == place.partition && (it.log_end..it.log_end_before).contains(&place.offset);
        self.cuts.iter().rfind(|it| is_it(it)).map(|it| it.at)
    }

    /// What became of a record that compaction has removed.
    pub fn removed(&self, place: RecordRef) -> Removed {
        let found = self.spent.iter().find(|(known, _)| *known == place).map(|(_, why)| *why);
        let unknown = if self.has_forgotten_spent { Removed::Forgotten } else { Removed::Replaced };
        found.map_or(unknown, Removed::Spent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTITION: TopicPartition =
        TopicPartition { topic: crate::log::TopicId(0), partition: crate::log::PartitionId(0) };

    fn at(offset: i64) -> RecordRef {
        RecordRef { partition: PARTITION, offset: Offset(offset) }
    }

    fn compacted(spent: &[(i64, Spent)]) -> Event {
        let removed = spent.iter().map(|(offset, _)| Offset(*offset)).collect();
        let spent = spent.iter().map(|(offset, why)| (Offset(*offset), *why)).collect();
        Event::Log(LogFact::Compacted { partition: PARTITION, removed, spent, saved_bytes: 1 })
    }

    #[test]
    fn what_was_cut_off_says_when_it_was_last() {
        let mut departed = Departed::default();
        for (ms, log_end, before) in [(5, 2, 4), (9, 3, 8)] {
            let [log_end, log_end_before] = [log_end, before].map(Offset);
            let event =
                Event::Cluster(ClusterFact::CutOff { partition: PARTITION, log_end, log_end_before, lost: [].into() });
            departed.observe(&Stamped { at: Instant::from_ms(ms), event });
        }
        let found = [1, 2, 3, 7, 8].map(|offset| departed.cut_off_at(at(offset)).map(Instant::as_ms));
        assert_eq!(found, [None, Some(5), Some(9), Some(9), None]);
    }

    #[test]
    fn what_compaction_has_not_replaced_says_why_it_went_as_long_as_that_is_known() {
        let mut departed = Departed::default();
        let mut observe = |event| departed.observe(&Stamped { at: Instant::START, event });
        observe(compacted(&[(3, Spent::Tombstone), (4, Spent::Marker)]));
        let found = [2, 3, 4].map(|offset| departed.removed(at(offset)));
        assert_eq!(found, [Removed::Replaced, Removed::Spent(Spent::Tombstone), Removed::Spent(Spent::Marker)]);
        let many: Vec<(i64, Spent)> = (10..10 + SPENT_MAX as i64).map(|offset| (offset, Spent::Aborted)).collect();
        departed.observe(&Stamped { at: Instant::START, event: compacted(&many) });
        assert_eq!(
            [3, 10].map(|offset| departed.removed(at(offset))),
            [Removed::Forgotten, Removed::Spent(Spent::Aborted)]
        );
    }
}

//! Where elections have cut logs off. An offset behind a cut is given out again: which record it means, only the epoch says in which it
//! was read.

use crate::broker::ClusterFact;
use crate::log::{LeaderEpoch, Offset, TopicPartition};
use crate::sorted::SortedMap;

/// The cuts of each log.
#[derive(Clone, Debug, Default)]
pub(super) struct Cuts {
    /// The latest epoch of each partition that has had an election.
    epochs: SortedMap<TopicPartition, LeaderEpoch>,
    /// The epoch that began with each cut, and where the log ended then. Both grow: what a deeper cut took with it is not told apart.
    cuts: SortedMap<TopicPartition, Vec<(LeaderEpoch, Offset)>>,
}

impl Cuts {
    /// Takes in what happened.
    pub(super) fn observe(&mut self, fact: &ClusterFact) {
        match *fact {
            ClusterFact::Elected { partition, epoch, .. } => drop(self.epochs.insert(partition, epoch)),
            ClusterFact::CutOff { partition, log_end, .. } => {
                let epoch = self.epochs.get(&partition).copied().unwrap_or_default();
                let cuts = self.cuts.entry(partition).or_default();
                while cuts.pop_if(|(_, end)| *end >= log_end).is_some() {}
                cuts.push((epoch, log_end));
            }
            ClusterFact::Switched { .. }
            | ClusterFact::Connected { .. }
            | ClusterFact::Fenced { .. }
            | ClusterFact::IsrChanged { .. }
            | ClusterFact::CoordinatorMoved { .. } => {}
        }
    }

    /// Up to where the log still has what lies before `end`, as somebody has read it who read the last of it in `epoch`. Without an
    /// epoch an offset means what is there now.
    pub(super) fn kept(&self, partition: TopicPartition, end: Offset, epoch: Option<LeaderEpoch>) -> Offset {
        let Some((cuts, read_in)) = self.cuts.get(&partition).zip(epoch) else { return end };
        let later = cuts.partition_point(|(begun, _)| *begun <= read_in);
        cuts.get(later).map_or(end, |(_, log_end)| end.min(*log_end))
    }

    /// Whether the record that was at `offset` in `epoch` is not there any more.
    pub(super) fn took(&self, partition: TopicPartition, offset: Offset, epoch: Option<LeaderEpoch>) -> bool {
        self.kept(partition, offset.next(), epoch) <= offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rehearsal::partition;

    fn cuts(of: &[(i32, i64)]) -> Cuts {
        let mut cuts = Cuts::default();
        for (epoch, log_end) in of {
            let (partition, epoch, log_end) = (partition(), LeaderEpoch(*epoch), Offset(*log_end));
            cuts.observe(&ClusterFact::Elected { partition, leader: None, epoch, is_unclean: true });
            cuts.observe(&ClusterFact::CutOff { partition, log_end, log_end_before: log_end, lost: [].into() });
        }
        cuts
    }

    fn check(cuts: &Cuts, (end, epoch): (i64, i32), expect: i64) {
        assert_eq!(cuts.kept(partition(), Offset(end), Some(LeaderEpoch(epoch))), Offset(expect), "{end} in {epoch}");
    }

    #[test]
    fn what_was_read_in_an_earlier_epoch_is_there_up_to_the_deepest_cut_since() {
        let cuts = cuts(&[(1, 50), (3, 70), (5, 60)]);
        check(&cuts, (40, 0), 40);
        check(&cuts, (90, 0), 50);
        check(&cuts, (90, 1), 60);
        check(&cuts, (90, 4), 60);
        check(&cuts, (90, 5), 90);
        assert_eq!(cuts.kept(partition(), Offset(90), None), Offset(90));
    }

    #[test]
    fn a_record_is_gone_from_the_cut_on() {
        let cuts = cuts(&[(1, 50)]);
        let took = |offset, epoch| cuts.took(partition(), Offset(offset), Some(LeaderEpoch(epoch)));
        assert_eq!([took(49, 0), took(50, 0), took(50, 1)], [false, true, false]);
    }
}

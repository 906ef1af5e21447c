//! Where in a log each leader epoch begins: by that a follower finds out up to where its log is the same as its leader's.

use super::LeaderEpoch;
use crate::log::Offset;

/// The last epoch that both logs can share, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    /// The epoch: the one asked for, or the last one before it.
    pub epoch: LeaderEpoch,
    /// The offset after its last record.
    pub end_offset: Offset,
}

/// The epochs of a log, each with its first offset; both grow. (Kafka's leader epoch cache.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaderEpochs(Vec<(LeaderEpoch, Offset)>);

impl LeaderEpochs {
    /// The epochs, each with its first offset.
    pub fn entries(&self) -> &[(LeaderEpoch, Offset)] {
        &self.0
    }

    /// Takes note that `epoch` begins at `start`. What contradicts it goes.
    pub fn assign(&mut self, epoch: LeaderEpoch, start: Offset) {
        let is_known = self.0.last().is_some_and(|(last, begun)| *last == epoch && *begun <= start);
        if !is_known {
            while self.0.pop_if(|(other, begun)| *other >= epoch || *begun >= start).is_some() {}
            self.0.push((epoch, start));
        }
    }

    /// Where `requested` ends in a log that ends at `log_end`; `None` if nothing is known of such an epoch.
    pub fn end_of(&self, requested: LeaderEpoch, log_end: Offset) -> Option<EpochEnd> {
        if requested.0 < 0 {
            return None;
        }
        if self.0.last().is_some_and(|(latest, _)| *latest == requested) {
            return Some(EpochEnd { epoch: requested, end_offset: log_end });
        }
        let above = self.0.partition_point(|(epoch, _)| *epoch <= requested);
        let (_, end_offset) = *self.0.get(above)?;
        let before = above.checked_sub(1).and_then(|index| self.0.get(index));
        Some(EpochEnd { epoch: before.map_or(requested, |(epoch, _)| *epoch), end_offset })
    }

    /// In which epoch `offset` was given out, or will be.
    pub fn of(&self, offset: Offset) -> Option<LeaderEpoch> {
        let above = self.0.partition_point(|(_, start)| *start <= offset);
        above.checked_sub(1).and_then(|index| self.0.get(index)).map(|(epoch, _)| *epoch)
    }

    /// Forgets what begins at `end` or beyond: the log was cut off there.
    pub fn truncate(&mut self, end: Offset) {
        self.0.retain(|(_, start)| *start < end);
    }
}

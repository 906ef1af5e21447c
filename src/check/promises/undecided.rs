//! Which records belong to a transaction that is open, or was aborted: nobody who reads what was committed may see them.

use crate::check::ranges::OffsetRanges;
use crate::log::{Offset, ProducerId, TopicPartition, TransactionResult};
use crate::sorted::SortedMap;

/// How many stretches of one open transaction are remembered in one partition; of a longer one, only the first.
const STRETCHES_MAX: usize = 256;

/// The records of transactions that did not, or not yet, take effect.
#[derive(Clone, Debug, Default)]
pub(super) struct Undecided {
    open: SortedMap<(TopicPartition, ProducerId), Vec<(Offset, Offset)>>,
    aborted: SortedMap<TopicPartition, OffsetRanges>,
}

impl Undecided {
    /// Records were appended in a transaction; `end` is the offset after the last.
    pub(super) fn append(&mut self, partition: TopicPartition, producer: ProducerId, (base, end): (Offset, Offset)) {
        let stretches = self.open.entry((partition, producer)).or_default();
        if stretches.len() < STRETCHES_MAX {
            stretches.push((base, end));
        }
    }

    /// A marker decides on them.
    pub(super) fn decide(&mut self, partition: TopicPartition, producer: ProducerId, result: TransactionResult) {
        let stretches = self.open.remove(&(partition, producer)).unwrap_or_default();
        match result {
            TransactionResult::Commit => {}
            TransactionResult::Abort => {
                let aborted = self.aborted.entry(partition).or_default();
                for (base, end) in stretches {
                    (base.0..end.0).for_each(|offset| aborted.add(Offset(offset)));
                }
            }
        }
    }

    /// Records below `log_start` are gone.
    pub(super) fn forget_below(&mut self, partition: TopicPartition, log_start: Offset) {
        if let Some(aborted) = self.aborted.get_mut(&partition) {
            aborted.forget_below(log_start);
        }
    }

    /// Whether the record at `offset` is one of them.
    pub(super) fn holds(&self, partition: TopicPartition, offset: Offset) -> bool {
        let is_within = |(base, end): &(Offset, Offset)| (*base..*end).contains(&offset);
        let is_aborted = self.aborted.get(&partition).is_some_and(|aborted| aborted.skip(offset) != offset);
        let mut open = self.open.iter().filter(|((of, _), _)| *of == partition);
        is_aborted || open.any(|(_, stretches)| stretches.iter().any(is_within))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_decided_by_the_marker_of_its_producer() {
        let (partition, mut undecided) = (TopicPartition::default(), Undecided::default());
        let [a, b, c] = [1, 2, 3].map(ProducerId);
        for (producer, at) in [(a, 0), (b, 1), (c, 2)] {
            undecided.append(partition, producer, (Offset(at), Offset(at + 1)));
        }
        undecided.decide(partition, a, TransactionResult::Commit);
        undecided.decide(partition, b, TransactionResult::Abort);
        assert_eq!([0, 1, 2, 3].map(|at| undecided.holds(partition, Offset(at))), [false, true, true, false]);
        undecided.forget_below(partition, Offset(2));
        assert!(!undecided.holds(partition, Offset(1)));
    }
}

//! The records of transactions that have not ended, or were aborted: whether they count, their marker says.

use super::ranges::OffsetRanges;
use crate::log::{Offset, ProducerId, TopicPartition, TransactionResult};
use crate::sorted::SortedMap;

/// What each producer has written in its transaction, by partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Undecided(SortedMap<(TopicPartition, ProducerId), Vec<(Offset, u32)>>);

/// The records of transactions that did not, or not yet, take effect.
#[derive(Clone, Debug, Default)]
pub(super) struct Unreadable {
    open: Undecided,
    aborted: SortedMap<TopicPartition, OffsetRanges>,
}

impl Undecided {
    /// Notes records of a transaction.
    pub(super) fn appended(&mut self, partition: TopicPartition, producer: ProducerId, base: Offset, records: u32) {
        self.0.entry((partition, producer)).or_default().push((base, records));
    }

    /// A log ends at `log_end` now: what was behind it is not there any more.
    pub(super) fn cut_off(&mut self, partition: TopicPartition, log_end: Offset) {
        for (_, batches) in self.0.iter_mut().filter(|((of, _), _)| *of == partition) {
            batches.retain(|(base, _)| *base < log_end);
        }
    }

    /// The transaction of `producer` ends in this partition: these were its records there, in order.
    pub(super) fn decided(&mut self, partition: TopicPartition, producer: ProducerId) -> Vec<Offset> {
        let batches = self.0.remove(&(partition, producer)).unwrap_or_default();
        batches.into_iter().flat_map(|(base, records)| (base.0..base.0 + i64::from(records)).map(Offset)).collect()
    }

    /// Whether the record at `offset` is one of them.
    fn holds(&self, partition: TopicPartition, offset: Offset) -> bool {
        let is_within = |(base, records): &(Offset, u32)| (*base..base.plus((*records).into())).contains(&offset);
        let mut open = self.0.iter().filter(|((of, _), _)| *of == partition);
        open.any(|(_, batches)| batches.iter().any(is_within))
    }
}

impl Unreadable {
    /// Notes records of a transaction.
    pub(super) fn appended(&mut self, partition: TopicPartition, producer: ProducerId, base: Offset, records: u32) {
        self.open.appended(partition, producer, base, records);
    }

    /// A marker decides on the records of a producer in a partition. Returns those that were aborted.
    pub(super) fn decided(
        &mut self,
        partition: TopicPartition,
        producer: ProducerId,
        result: TransactionResult,
    ) -> Vec<Offset> {
        let records = self.open.decided(partition, producer);
        match result {
            TransactionResult::Commit => Vec::new(),
            TransactionResult::Abort => {
                let aborted = self.aborted.entry(partition).or_default();
                for offset in &records {
                    aborted.add(*offset);
                }
                records
            }
        }
    }

    /// Records from `log_end` on are not there any more.
    pub(super) fn cut_off(&mut self, partition: TopicPartition, log_end: Offset) {
        self.open.cut_off(partition, log_end);
        if let Some(aborted) = self.aborted.get_mut(&partition) {
            aborted.forget_from(log_end);
        }
    }

    /// Records below `log_start` are gone.
    pub(super) fn forget_below(&mut self, partition: TopicPartition, log_start: Offset) {
        if let Some(aborted) = self.aborted.get_mut(&partition) {
            aborted.forget_below(log_start);
        }
    }

    /// Whether the record at `offset` was aborted.
    pub(super) fn has_aborted(&self, partition: TopicPartition, offset: Offset) -> bool {
        self.aborted.get(&partition).is_some_and(|aborted| aborted.skip(offset) != offset)
    }

    /// Whether the record at `offset` was aborted, or is not decided.
    pub(super) fn holds(&self, partition: TopicPartition, offset: Offset) -> bool {
        self.has_aborted(partition, offset) || self.open.holds(partition, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_decided_by_the_marker_of_its_producer() {
        let (partition, mut unreadable) = (TopicPartition::default(), Unreadable::default());
        let [a, b, c] = [1, 2, 3].map(ProducerId);
        for (producer, at) in [(a, 0), (b, 1), (c, 2)] {
            unreadable.appended(partition, producer, Offset(at), 1);
        }
        assert_eq!(unreadable.decided(partition, a, TransactionResult::Commit), []);
        assert_eq!(unreadable.decided(partition, b, TransactionResult::Abort), [Offset(1)]);
        assert_eq!([0, 1, 2, 3].map(|at| unreadable.holds(partition, Offset(at))), [false, true, true, false]);
        assert_eq!([1, 2].map(|at| unreadable.has_aborted(partition, Offset(at))), [true, false]);
        unreadable.forget_below(partition, Offset(2));
        assert!(!unreadable.holds(partition, Offset(1)));
    }
}

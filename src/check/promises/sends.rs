//! What a producer is told, watched: whether its records are in each partition in the order in which it sent them.

use crate::log::{Offset, TopicPartition};
use crate::sorted::SortedMap;

/// What a producer was told last.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// Where its record is that it sent last, of those that it was told of.
    offset: Offset,
    /// How many times it had sent a record when it sent that one.
    sent_after: u64,
}

/// The latest that a producer was told of each partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Sends(SortedMap<TopicPartition, Last>);

impl Sends {
    /// A log ends at `log_end` now: of what was behind it nothing can be said.
    pub(super) fn cut_off(&mut self, partition: TopicPartition, log_end: Offset) {
        self.0.retain(|of, last| *of != partition || last.offset < log_end);
    }

    /// Takes in that records are in the log, and says whether they are where they belong: behind what was sent before them, and
    /// before what was sent after them. That is what Jepsen calls nonmonotonic-send, if they are not.
    pub(super) fn are_in_order(
        &mut self,
        partition: TopicPartition,
        (base, records): (Offset, u32),
        (first, last): (u64, u64),
    ) -> bool {
        let end = Last { offset: base.plus(i64::from(records) - 1), sent_after: last };
        let Some(before) = self.0.get_mut(&partition) else {
            self.0.insert(partition, end);
            return true;
        };
        let (is_behind, was_sent_later) = (base > before.offset, first > before.sent_after);
        if was_sent_later {
            *before = end;
        }
        is_behind == was_sent_later
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(told: &[(i64, u32, (u64, u64))], expect: &[bool]) {
        let mut sends = Sends::default();
        let found: Vec<bool> = told
            .iter()
            .map(|(base, records, sent)| {
                sends.are_in_order(TopicPartition::default(), (Offset(*base), *records), *sent)
            })
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn what_is_sent_later_lies_behind() {
        check(&[(0, 2, (0, 3)), (2, 1, (4, 4)), (7, 3, (5, 9))], &[true; 3]);
    }

    #[test]
    fn what_lies_before_something_that_was_sent_earlier_is_out_of_order() {
        check(&[(4, 2, (0, 1)), (2, 2, (2, 3))], &[true, false]);
    }

    #[test]
    fn what_comes_again_too_late_is_out_of_order_and_what_was_there_is_not() {
        check(&[(4, 2, (2, 3)), (6, 2, (0, 1))], &[true, false]);
        check(&[(4, 2, (2, 3)), (2, 2, (0, 1))], &[true, true]);
    }
}

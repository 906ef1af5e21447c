//! What a producer is told of single records, as it is told further: what lies one behind the other goes together.

use crate::log::{Offset, TopicPartition};

/// Records that lie one behind the other, in the order in which they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) partition: TopicPartition,
    /// The offset of the first.
    pub(super) base_offset: Offset,
    pub(super) records: u32,
    /// How many times a record had been sent when the first was, and the last.
    pub(super) sends: (u64, u64),
}

/// What has been told so far, as far as it may go on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told(Option<Stretch>);

impl Told {
    /// Takes in a record. Returns what was told before, if this does not follow on it. Of a record whose offset nobody knows,
    /// nothing can be told.
    pub(super) fn note(
        &mut self,
        partition: TopicPartition,
        offset: Option<Offset>,
        sent_after: Option<u64>,
    ) -> Option<Stretch> {
        let (base_offset, sent) = offset.zip(sent_after)?;
        if let Some(stretch) = &mut self.0
            && stretch.is_followed_by(partition, base_offset, sent)
        {
            (stretch.records, stretch.sends.1) = (stretch.records + 1, sent);
            return None;
        }
        self.0.replace(Stretch { partition, base_offset, records: 1, sends: (sent, sent) })
    }

    /// What is left to be told.
    pub(super) fn end(self) -> Option<Stretch> {
        self.0
    }
}

impl Stretch {
    fn is_followed_by(&self, partition: TopicPartition, offset: Offset, sent: u64) -> bool {
        let next = self.base_offset.plus(i64::from(self.records));
        (self.partition, next) == (partition, offset) && self.sends.1 < sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(records: &[(i64, u64)], expect: &[(i64, u32, (u64, u64))]) {
        let mut told = Told::default();
        let partition = TopicPartition::default();
        let mut stretches: Vec<Stretch> = records
            .iter()
            .filter_map(|(offset, sent)| told.note(partition, Some(Offset(*offset)), Some(*sent)))
            .collect();
        stretches.extend(told.end());
        let found: Vec<_> = stretches.iter().map(|it| (it.base_offset.0, it.records, it.sends)).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn what_lies_one_behind_the_other_goes_together() {
        check(&[(3, 10), (4, 12), (5, 13)], &[(3, 3, (10, 13))]);
    }

    #[test]
    fn a_gap_and_another_order_end_a_stretch() {
        check(&[(3, 10), (5, 12)], &[(3, 1, (10, 10)), (5, 1, (12, 12))]);
        check(&[(3, 10), (4, 9)], &[(3, 1, (10, 10)), (4, 1, (9, 9))]);
    }

    #[test]
    fn of_a_record_whose_offset_nobody_knows_nothing_is_told() {
        assert_eq!(Told::default().note(TopicPartition::default(), None, Some(1)), None);
    }
}

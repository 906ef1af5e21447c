//! The numbers that name things in a log, each a type of its own so that two of them cannot be swapped.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A record's position in its partition. Offsets are dense: each record has the one after its predecessor's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offset(pub i64);

/// The number of a partition in its topic, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartitionId(pub u32);

/// The number of a topic in its cluster, from 0, in the order in which topics were created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicId(pub u16);

/// One partition of one topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicId,
    /// The partition in it.
    pub partition: PartitionId,
}

/// A record, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordRef {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset in it.
    pub offset: Offset,
}

/// How often the leader of a partition has been elected (`partition_leader_epoch`). An offset and the epoch in which it was given out
/// name one record; without the epoch it may be another's after an election that lost the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaderEpoch(pub i32);

impl LeaderEpoch {
    /// The epoch after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for LeaderEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A place to read on from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffsetAndEpoch {
    /// The offset of the next record.
    pub offset: Offset,
    /// The epoch of the record before it, if whoever is there has read one: by that it is found out whether the log was cut off below.
    pub epoch: Option<LeaderEpoch>,
}

impl From<Offset> for OffsetAndEpoch {
    /// A place of which nobody knows what lies before it.
    fn from(offset: Offset) -> Self {
        Self { offset, epoch: None }
    }
}

/// The number by which a log knows an idempotent producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerId(pub i64);

/// How often a producer was fenced and began anew; a lower one than the log knows is a zombie's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerEpoch(pub i16);

/// One life of a producer (`ProducerIdAndEpoch`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerIdAndEpoch {
    /// Who it is.
    pub id: ProducerId,
    /// Which of its lives.
    pub epoch: ProducerEpoch,
}

/// The number of a record among those of its producer and partition; 0 follows the largest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub i32);

impl Sequence {
    /// The number `records` further on.
    #[must_use]
    pub const fn plus(self, records: u32) -> Self {
        let count = i32::MAX as i64 + 1;
        Self(((self.0 as i64 + records as i64) % count) as i32)
    }

    /// The number `records` before.
    #[must_use]
    pub const fn minus(self, records: u32) -> Self {
        let count = i32::MAX as i64 + 1;
        Self((self.0 as i64 - records as i64).rem_euclid(count) as i32)
    }

    /// Whether it comes before `other`, when both are in use at the same time: the numbers go round, and the shorter way counts.
    pub const fn precedes(self, other: Self) -> bool {
        let ahead = other.minus(self.0 as u32).0;
        ahead != 0 && ahead <= i32::MAX / 2
    }
}

impl Offset {
    /// The first offset of a new log.
    pub const ZERO: Self = Self(0);

    /// The offset after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The offset `delta` further on.
    #[must_use]
    pub const fn plus(self, delta: i64) -> Self {
        Self(self.0 + delta)
    }

    /// How many offsets lie from `earlier` (inclusive) to this one (exclusive); none if it is not later.
    pub const fn records_since(self, earlier: Self) -> u64 {
        if self.0 > earlier.0 { (self.0 - earlier.0) as u64 } else { 0 }
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ProducerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for ProducerEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for PartitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_go_round() {
        let check = |from, records, expect| assert_eq!(Sequence(from).plus(records), Sequence(expect));
        check(0, 5, 5);
        check(i32::MAX - 1, 1, i32::MAX);
        check(i32::MAX, 1, 0);
        check(i32::MAX - 1, 3, 1);
        check(i32::MAX, 0, i32::MAX);
    }

    #[test]
    fn going_back_is_the_way_that_was_come() {
        let check = |from, records, expect| assert_eq!(Sequence(from).minus(records), Sequence(expect));
        check(5, 5, 0);
        check(0, 1, i32::MAX);
        check(1, 3, i32::MAX - 1);
    }

    #[test]
    fn a_sequence_precedes_those_ahead_of_it_also_across_the_end() {
        let check = |a, b, expect| assert_eq!(Sequence(a).precedes(Sequence(b)), expect, "{a} before {b}");
        check(3, 4, true);
        check(4, 3, false);
        check(3, 3, false);
        check(i32::MAX, 0, true);
        check(0, i32::MAX, false);
    }

    #[test]
    fn nothing_lies_between_an_offset_and_a_later_one() {
        assert_eq!([3, 5, 9].map(|offset| Offset(5).records_since(Offset(offset))), [2, 0, 0]);
    }
}

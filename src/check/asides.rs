//! Where records lie that were put aside, and whose they are: what happens to them there, happens to them.

use crate::broker::GroupId;
use crate::log::{Offset, RecordRef, TopicPartition};
use crate::sorted::SortedMap;

/// How many records that lie aside are followed one by one. Of more than that the ledger does not notice if they are lost there, and
/// says so.
pub(super) const ASIDES_MAX: usize = 4_096;

/// A record in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub(super) group: GroupId,
    pub(super) record: RecordRef,
}

impl Claim {
    pub(super) const fn new(group: GroupId, partition: TopicPartition, offset: Offset) -> Self {
        Self { group, record: RecordRef { partition, offset } }
    }
}

/// The records that lie aside.
#[derive(Clone, Debug, Default)]
pub(super) struct Asides {
    claims: SortedMap<RecordRef, Claim>,
    places: SortedMap<Claim, RecordRef>,
}

impl Asides {
    /// A record lies there now, and nowhere else. Returns whether it is followed: there may be too many, or nobody knows its place.
    pub(super) fn put(&mut self, claim: Claim, place: Option<RecordRef>) -> bool {
        self.take(claim);
        let Some(place) = place.filter(|_| self.places.len() < ASIDES_MAX) else { return false };
        self.claims.insert(place, claim);
        self.places.insert(claim, place);
        true
    }

    /// A record does not lie aside any more, whatever else became of it.
    pub(super) fn take(&mut self, claim: Claim) {
        if let Some(place) = self.places.remove(&claim) {
            self.claims.remove(&place);
        }
    }

    /// What lies in one of these places; `end` is not among them.
    pub(super) fn between(&self, partition: TopicPartition, from: Offset, end: Offset) -> Vec<(Offset, Claim)> {
        let place = |offset| RecordRef { partition, offset };
        let found = self.claims.range(place(from)..place(end.max(from)));
        found.map(|(place, claim)| (place.offset, *claim)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(topic: u16, offset: i64) -> RecordRef {
        let partition = TopicPartition { topic: crate::log::TopicId(topic), ..TopicPartition::default() };
        RecordRef { partition, offset: Offset(offset) }
    }

    fn claim(offset: i64) -> Claim {
        Claim { group: GroupId(0), record: at(0, offset) }
    }

    fn found(asides: &Asides, topic: u16) -> Vec<Claim> {
        let all = asides.between(at(topic, 0).partition, Offset::ZERO, Offset(1_000_000));
        all.into_iter().map(|(_, claim)| claim).collect()
    }

    #[test]
    fn a_record_lies_where_it_was_put_last() {
        let mut asides = Asides::default();
        asides.put(claim(7), Some(at(1, 0)));
        asides.put(claim(8), Some(at(1, 1)));
        asides.put(claim(7), Some(at(2, 0)));
        assert_eq!((found(&asides, 1), found(&asides, 2)), (vec![claim(8)], vec![claim(7)]));
        asides.take(claim(7));
        asides.take(claim(7));
        assert_eq!(found(&asides, 2), []);
    }

    #[test]
    fn more_than_are_followed_are_told() {
        let mut asides = Asides::default();
        let max = ASIDES_MAX as i64;
        assert!((0..max).all(|offset| asides.put(claim(offset), Some(at(1, offset)))));
        assert!(!asides.put(claim(max), Some(at(1, max))));
        assert_eq!(found(&asides, 1).len(), ASIDES_MAX);
    }
}

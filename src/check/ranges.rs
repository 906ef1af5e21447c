//! A set of offsets, kept as stretches: what is removed from a log comes in runs.

use crate::log::Offset;
use crate::sorted::SortedMap;

/// Offsets, none twice.
#[derive(Clone, Debug, Default)]
pub(super) struct OffsetRanges {
    /// Each stretch by its first offset, with the offset after its last. No two touch.
    ranges: SortedMap<Offset, Offset>,
}

impl OffsetRanges {
    /// Adds one offset.
    pub(super) fn add(&mut self, offset: Offset) {
        let before = self.ranges.range(..=offset).next_back().map(|(start, end)| (*start, *end));
        if before.is_some_and(|(_, end)| offset < end) {
            return;
        }
        let start = before.filter(|(_, end)| *end == offset).map_or(offset, |(start, _)| start);
        let end = self.ranges.remove(&offset.next()).unwrap_or(offset.next());
        self.ranges.insert(start, end);
    }

    /// The first offset from `offset` on that is not in the set.
    pub(super) fn skip(&self, offset: Offset) -> Offset {
        let at = self.ranges.range(..=offset).next_back();
        at.map_or(offset, |(_, end)| offset.max(*end))
    }

    /// Forgets what lies at `offset` or above.
    pub(super) fn forget_from(&mut self, offset: Offset) {
        self.ranges.retain(|start, end| {
            *end = (*end).min(offset);
            *start < offset
        });
    }

    /// Forgets what lies below `offset`.
    pub(super) fn forget_below(&mut self, offset: Offset) {
        self.ranges.retain(|_, end| *end > offset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(added: &[i64], skipped: &[(i64, i64)], ranges: usize) {
        let mut set = OffsetRanges::default();
        for offset in added {
            set.add(Offset(*offset));
        }
        for (from, to) in skipped {
            assert_eq!(set.skip(Offset(*from)), Offset(*to), "from {from} in {added:?}");
        }
        assert_eq!(set.ranges.len(), ranges, "{set:?}");
    }

    #[test]
    fn an_empty_set_skips_nothing() {
        check(&[], &[(0, 0), (7, 7)], 0);
    }

    #[test]
    fn a_stretch_is_skipped_from_anywhere_in_it() {
        check(&[3, 4, 5], &[(2, 2), (3, 6), (4, 6), (5, 6), (6, 6)], 1);
    }

    #[test]
    fn stretches_that_touch_become_one() {
        check(&[3, 5, 4], &[(3, 6)], 1);
        check(&[4, 3, 5, 5, 3], &[(3, 6)], 1);
        check(&[1, 3], &[(1, 2), (2, 2), (3, 4)], 2);
    }

    #[test]
    fn what_lies_above_can_be_forgotten() {
        let mut set = OffsetRanges::default();
        for offset in [1, 2, 5, 6, 9] {
            set.add(Offset(offset));
        }
        set.forget_from(Offset(6));
        assert_eq!([1, 5, 6, 9].map(|offset| set.skip(Offset(offset)).0), [3, 6, 6, 9]);
    }

    #[test]
    fn what_lies_below_can_be_forgotten() {
        let mut set = OffsetRanges::default();
        for offset in [1, 2, 5, 9] {
            set.add(Offset(offset));
        }
        set.forget_below(Offset(6));
        assert_eq!([1, 5, 9].map(|offset| set.skip(Offset(offset)).0), [1, 5, 10]);
    }
}

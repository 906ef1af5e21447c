//! Which deleted records were never processed, as far as it can still matter: a consumer may have one in hand.

use super::account::Standing;
use crate::log::Offset;
use crate::sorted::SortedMap;

/// How many stretches of missed records are remembered of one partition; the oldest go first. Each is what one outage cost, and
/// nobody has in hand what was deleted that many outages ago.
const MISSED_RANGES_MAX: usize = 256;

/// Offsets below the log start whose records were deleted before they were processed.
#[derive(Clone, Debug, Default)]
pub(super) struct Missed {
    /// Each stretch by its first offset, with the offset after its last.
    ranges: SortedMap<Offset, Offset>,
    /// What lies below is no longer told apart.
    forgotten: Offset,
}

impl Missed {
    /// Notes that the record at `offset` was deleted unprocessed; offsets come in ascending order.
    pub(super) fn add(&mut self, offset: Offset) {
        match self.ranges.last_mut() {
            Some((_, end)) if *end == offset => *end = offset.next(),
            Some(_) | None => drop(self.ranges.insert(offset, offset.next())),
        }
        self.forget_oldest();
    }

    /// Whether nothing was missed.
    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Notes that the deleted record at `offset` is processed, and returns how it stood before.
    pub(super) fn process(&mut self, offset: Offset) -> Standing {
        if offset < self.forgotten {
            return Standing::Forgotten;
        }
        let range = self.ranges.range(..=offset).next_back().map(|(start, end)| (*start, *end));
        let Some((start, end)) = range.filter(|(_, end)| offset < *end) else { return Standing::Processed };
        self.ranges.remove(&start);
        let pieces = [(start, offset), (offset.next(), end)];
        self.ranges.extend(pieces.into_iter().filter(|(from, to)| from < to));
        self.forget_oldest();
        Standing::Lost
    }

    fn forget_oldest(&mut self) {
        while self.ranges.len() > MISSED_RANGES_MAX {
            if let Some((_, end)) = self.ranges.pop_first() {
                self.forgotten = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missed(offsets: impl IntoIterator<Item = i64>) -> Missed {
        let mut missed = Missed::default();
        offsets.into_iter().for_each(|offset| missed.add(Offset(offset)));
        missed
    }

    #[test]
    fn each_missed_record_is_missed_once() {
        let mut missed = missed([3, 4, 5, 9]);
        for offset in [4, 3, 9, 5] {
            assert_eq!(missed.process(Offset(offset)), Standing::Lost, "{offset}");
            assert_eq!(missed.process(Offset(offset)), Standing::Processed, "{offset} again");
        }
        assert!(missed.ranges.is_empty());
    }

    #[test]
    fn what_was_not_missed_was_processed() {
        let mut missed = missed([3, 4, 9]);
        assert_eq!([2, 5, 8, 10].map(|offset| missed.process(Offset(offset))), [Standing::Processed; 4]);
    }

    #[test]
    fn neighbours_are_one_stretch() {
        assert_eq!(missed(0..1_000).ranges.len(), 1);
    }

    #[test]
    fn the_oldest_stretches_are_forgotten() {
        let stretches = MISSED_RANGES_MAX as i64 + 1;
        let mut missed = missed((0..stretches).map(|index| 2 * index));
        assert_eq!(missed.ranges.len(), MISSED_RANGES_MAX);
        assert_eq!([0, 2].map(|offset| missed.process(Offset(offset))), [Standing::Forgotten, Standing::Lost]);
    }

    #[test]
    fn a_stretch_that_falls_into_two_counts_as_two() {
        let stretches = MISSED_RANGES_MAX as i64;
        let mut missed = missed((0..stretches).map(|index| 2 * index).chain([2 * stretches - 1, 2 * stretches]));
        assert_eq!(missed.process(Offset(2 * stretches - 1)), Standing::Lost);
        assert_eq!(missed.ranges.len(), MISSED_RANGES_MAX);
    }
}

//! Since when each promise of a service is made or not, and where it was broken first.

use super::promise::{Breach, Promise, Verdict};
use super::terms::Terms;
use crate::log::{Offset, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::Instant;

/// The offset after the last record that was taken of each partition.
pub(super) type Taken = SortedMap<TopicPartition, Offset>;

/// One promise of one service.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    made: bool,
    /// Since when it is made, or not.
    since: Instant,
    /// What had been taken when it was made: for that, the terms of before hold.
    taken: Taken,
    /// Where it was broken first.
    broken: Option<Breach>,
    /// Where it was not kept first while it was not made.
    slipped: Option<Breach>,
}

impl Kept {
    pub(super) fn new(promise: Promise, terms: &Terms) -> Self {
        let (made, since) = (terms.make(promise), Instant::START);
        Self { made, since, taken: Taken::new(), broken: None, slipped: None }
    }

    /// It is made, or not, only since then.
    pub(super) fn begin(&mut self, now: Instant) {
        self.since = now;
    }

    /// Takes in that the promise is made or not from now on.
    pub(super) fn make(&mut self, made: bool, now: Instant, taken: &Taken) {
        if made != self.made {
            (self.made, self.since) = (made, now);
            self.taken = if made { taken.clone() } else { Taken::new() };
        }
    }

    /// Takes in that what is promised did not come true.
    pub(super) fn fails(&mut self, breach: Breach) {
        self.notes(breach, self.is_broken_by(&breach));
    }

    /// Takes in that it did not come true where it was not promised, whatever is promised now.
    pub(super) fn slips(&mut self, breach: Breach) {
        self.notes(breach, false);
    }

    fn notes(&mut self, breach: Breach, is_broken: bool) {
        let first = if is_broken { &mut self.broken } else { &mut self.slipped };
        if first.is_none_or(|first| breach.at < first.at) {
            *first = Some(breach);
        }
    }

    /// Whether this happened under the promise.
    pub(super) fn is_broken_by(&self, breach: &Breach) -> bool {
        self.made && breach.at >= self.since && self.taken.get(&breach.partition).is_none_or(|it| breach.offset >= *it)
    }

    /// How it stands; `still` says whether what happened then has not been made good since.
    pub(super) fn verdict(&self, still: impl Fn(&Breach) -> bool) -> Verdict {
        let slipped = self.slipped.filter(&still);
        match (self.broken.filter(&still), self.made) {
            (Some(breach), _) => Verdict::Broken(breach),
            (None, true) => Verdict::Holds { since: self.since },
            (None, false) => Verdict::NeverPromised { since: self.since, slipped },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::promises::Cause;

    const PARTITION: TopicPartition =
        TopicPartition { topic: crate::log::TopicId(0), partition: crate::log::PartitionId(0) };

    fn breach(ms: u64, offset: i64) -> Breach {
        Breach { at: Instant::from_ms(ms), partition: PARTITION, offset: Offset(offset), cause: Cause::WentBack }
    }

    fn kept(made: bool) -> Kept {
        Kept { made, since: Instant::START, taken: Taken::new(), broken: None, slipped: None }
    }

    #[test]
    fn the_first_breach_of_a_promise_is_remembered_even_if_it_is_no_longer_made() {
        let mut kept = kept(true);
        kept.fails(breach(2, 0));
        kept.fails(breach(3, 1));
        kept.make(false, Instant::from_ms(4), &Taken::new());
        assert_eq!(kept.verdict(|_| true), Verdict::Broken(breach(2, 0)));
    }

    #[test]
    fn what_was_never_promised_is_not_broken() {
        let mut kept = kept(false);
        kept.fails(breach(2, 0));
        let expect = Verdict::NeverPromised { since: Instant::START, slipped: Some(breach(2, 0)) };
        assert_eq!(kept.verdict(|_| true), expect);
    }

    #[test]
    fn what_was_taken_before_a_promise_was_made_does_not_break_it() {
        let mut kept = kept(false);
        kept.make(true, Instant::from_ms(5), &[(PARTITION, Offset(3))].into());
        kept.fails(breach(6, 2));
        assert_eq!(kept.verdict(|_| true), Verdict::Holds { since: Instant::from_ms(5) });
        kept.fails(breach(7, 3));
        assert_eq!(kept.verdict(|_| true), Verdict::Broken(breach(7, 3)));
    }

    #[test]
    fn what_was_made_good_is_not_held_against_it() {
        let mut kept = kept(true);
        kept.fails(breach(2, 0));
        assert_eq!(kept.verdict(|_| false), Verdict::Holds { since: Instant::START });
    }
}

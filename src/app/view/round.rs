//! Which sections of the page are drawn next while time runs.
//!
//! In each round all that are in sight are drawn, on a slow machine over several frames, and one of the others. An answer to
//! somebody brings all that are in sight at once, and then the others, one a frame.

use super::section::Section;

/// Which sections are in sight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Those that are.
    pub seen: Vec<Section>,
    /// Those that are not.
    pub unseen: Vec<Section>,
}

/// The sections that are still to be drawn.
#[derive(Debug, Default)]
pub struct Round {
    waiting: Vec<Section>,
    /// How much is drawn in a frame.
    at_a_time: usize,
    /// Whether what waits follows an answer.
    is_rest: bool,
    /// The last that was drawn out of sight.
    last_unseen: Option<Section>,
}

impl Round {
    /// Begins anew, to be drawn in so many frames.
    pub fn begin(&mut self, sight: Sight, frames: usize) {
        let Sight { seen: mut waiting, unseen } = sight;
        let last = self.last_unseen.map_or(0, |section| section.place() + 1);
        let next = unseen.iter().find(|section| section.place() >= last).or(unseen.first()).copied();
        self.last_unseen = next.or(self.last_unseen);
        waiting.extend(next);
        self.at_a_time = waiting.iter().copied().map(weight).sum::<usize>().div_ceil(frames.max(1));
        (self.waiting, self.is_rest) = (waiting, false);
    }

    /// Begins anew with an answer: returns what is drawn now, which is all that is in sight and what has waited longest out of it.
    pub fn answer(&mut self, sight: Sight) -> Vec<Section> {
        let Sight { seen: mut now, unseen: mut rest } = sight;
        let before = |section: &Section| self.waiting.iter().position(|it| it == section).unwrap_or(usize::MAX);
        rest.sort_by_key(before);
        now.extend(rest.first());
        (self.waiting, self.at_a_time, self.is_rest) = (rest.split_off(rest.len().min(1)), 1, true);
        now
    }

    /// What is drawn in this frame: as many as it bears, and at least one, if there is one.
    pub fn take(&mut self) -> Vec<Section> {
        let mut load = 0;
        let fits = |section: &&Section| {
            load += weight(**section);
            load <= self.at_a_time
        };
        let count = self.waiting.iter().take_while(fits).count().max(1);
        self.waiting.drain(..count.min(self.waiting.len())).collect()
    }

    /// Whether nothing waits.
    pub fn is_over(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether what is drawn next follows an answer.
    pub fn is_rest(&self) -> bool {
        self.is_rest
    }

    /// Ends at once: all has been drawn.
    pub fn end(&mut self) {
        self.waiting.clear();
    }
}

/// How much there is to be drawn in a section, more or less, when time goes by.
const fn weight(section: Section) -> usize {
    match section {
        Section::Topics => 3,
        Section::Services => 2,
        Section::Top
        | Section::Opened
        | Section::Time
        | Section::Lag
        | Section::Groups
        | Section::Ledger
        | Section::Promises
        | Section::Challenges
        | Section::Calls
        | Section::Search
        | Section::Brokers => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in sight when the first so many sections are.
    fn sight(seen: usize) -> Sight {
        let (seen, unseen) = Section::ALL.split_at(seen);
        Sight { seen: seen.to_vec(), unseen: unseen.to_vec() }
    }

    fn drawn(round: &mut Round) -> Vec<Vec<Section>> {
        std::iter::from_fn(|| Some(round.take()).filter(|sections| !sections.is_empty())).collect()
    }

    #[test]
    fn a_round_draws_what_is_in_sight_once_and_one_of_the_others() {
        for (seen, frames) in [(5, 1), (5, 3), (1, 6), (13, 4), (0, 1)] {
            let mut round = Round::default();
            round.begin(sight(seen), frames);
            let slices = drawn(&mut round);
            assert!(slices.len() <= frames.max(seen + 1), "{slices:?}");
            let expected = &Section::ALL[..(seen + 1).min(Section::ALL.len())];
            assert_eq!(slices.concat(), expected, "{seen} in sight, {frames} frames");
        }
    }

    #[test]
    fn the_heaviest_is_drawn_alone_when_a_round_is_spread() {
        let mut round = Round::default();
        round.begin(sight(5), 3);
        assert_eq!(drawn(&mut round)[0], [Section::Topics]);
    }

    #[test]
    fn everything_out_of_sight_comes_to_its_turn_even_when_the_page_is_scrolled_all_the_time() {
        let mut round = Round::default();
        let mut missing = Section::ALL.to_vec();
        for turn in 0..2 * Section::ALL.len() {
            round.begin(sight([2, 4, 3][turn % 3]), 2);
            for section in drawn(&mut round).concat() {
                missing.retain(|it| *it != section);
            }
        }
        assert_eq!(missing, []);
    }

    #[test]
    fn an_answer_is_drawn_at_once_where_it_is_seen_and_the_rest_follows() {
        let mut round = Round::default();
        round.begin(sight(5), 3);
        round.take();
        assert_eq!(round.answer(sight(5)), Section::ALL[..6]);
        assert!(round.is_rest());
        assert_eq!(drawn(&mut round), Section::ALL[6..].iter().map(|section| vec![*section]).collect::<Vec<_>>());
    }

    #[test]
    fn answers_that_keep_coming_starve_nothing() {
        let mut round = Round::default();
        let answers: Vec<Section> = (0..Section::ALL.len()).flat_map(|_| round.answer(sight(4))).collect();
        assert!(Section::ALL.iter().all(|section| answers.contains(section)), "{answers:?}");
    }
}

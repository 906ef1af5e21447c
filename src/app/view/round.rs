//! Which sections of the page are drawn next while time runs.
//!
//! In each round all that are in sight are drawn, on a slow machine over several frames, and one of the others. An answer to
//! somebody brings at once what says what came of it, in the next frame whatever else is in sight, and then the others, one a
//! frame.

use super::section::Section;
use std::collections::VecDeque;

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
    /// What an answer has left for the next frame.
    owed: Vec<Section>,
    /// Frame by frame.
    waiting: VecDeque<Vec<Section>>,
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
        (self.owed, self.waiting, self.is_rest) = (Vec::new(), slices(waiting, frames), false);
    }

    /// Begins anew with an answer: returns what is drawn now, which is what is in sight of those that are wanted `first`, and
    /// whatever an answer just before has left.
    pub fn answer(&mut self, sight: Sight, first: &[Section]) -> Vec<Section> {
        let Sight { seen, unseen: mut rest } = sight;
        let is_now = |section: &Section| first.contains(section) || self.owed.contains(section);
        let (now, later): (Vec<Section>, Vec<Section>) = seen.into_iter().partition(is_now);
        let (mut now, mut owed) = if now.is_empty() { (later, Vec::new()) } else { (now, later) };
        let before = |section: &Section| self.waiting.iter().flatten().position(|it| it == section);
        rest.sort_by_key(|section| before(section).unwrap_or(usize::MAX));
        // Answers that keep coming would keep it waiting for ever.
        let longest = rest.drain(..rest.len().min(1));
        let last = if owed.is_empty() { &mut now } else { &mut owed };
        last.extend(longest);
        let waiting = rest.into_iter().map(|section| vec![section]).collect();
        (self.owed, self.waiting, self.is_rest) = (owed, waiting, true);
        now
    }

    /// What is drawn in this frame.
    pub fn take(&mut self) -> Vec<Section> {
        if self.owed.is_empty() { self.waiting.pop_front().unwrap_or_default() } else { std::mem::take(&mut self.owed) }
    }

    /// Whether nothing waits.
    pub fn is_over(&self) -> bool {
        self.owed.is_empty() && self.waiting.is_empty()
    }

    /// Whether what is drawn next follows an answer and is out of sight.
    pub fn is_rest(&self) -> bool {
        self.is_rest && self.owed.is_empty()
    }

    /// Ends at once: all has been drawn.
    pub fn end(&mut self) {
        self.owed.clear();
        self.waiting.clear();
    }
}

/// Shared out among so many frames: in each as many as it bears, and at least one.
fn slices(sections: Vec<Section>, frames: usize) -> VecDeque<Vec<Section>> {
    let at_a_time = sections.iter().copied().map(weight).sum::<usize>().div_ceil(frames.max(1));
    let mut slices: VecDeque<Vec<Section>> = VecDeque::new();
    let mut room = 0;
    for section in sections {
        match slices.back_mut() {
            Some(slice) if weight(section) <= room => slice.push(section),
            Some(_) | None => {
                slices.push_back(vec![section]);
                room = at_a_time;
            }
        }
        room = room.saturating_sub(weight(section));
    }
    slices
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
    fn what_came_of_it_is_drawn_at_once_and_what_else_is_seen_in_the_next_frame() {
        let mut round = Round::default();
        round.begin(sight(5), 3);
        round.take();
        assert_eq!(
            round.answer(sight(5), &[Section::Services, Section::Top, Section::Brokers]),
            [Section::Top, Section::Services]
        );
        assert!(!round.is_rest());
        let seen_else = [Section::Topics, Section::Opened, Section::Time, Section::Lag];
        assert_eq!(round.take(), seen_else, "with one out of sight");
        assert!(round.is_rest());
        assert_eq!(drawn(&mut round), Section::ALL[6..].iter().map(|section| vec![*section]).collect::<Vec<_>>());
    }

    #[test]
    fn what_came_of_it_out_of_sight_leaves_what_is_seen_for_this_frame() {
        let mut round = Round::default();
        assert_eq!(round.answer(sight(5), &[Section::Search]), Section::ALL[..6]);
        assert!(round.is_rest());
    }

    #[test]
    fn answers_that_keep_coming_starve_nothing() {
        for seen in [0, 4, 13] {
            let mut round = Round::default();
            let answers = (0..2 * Section::ALL.len()).flat_map(|_| round.answer(sight(seen), &[Section::Top]));
            let answers: Vec<Section> = answers.collect();
            assert!(Section::ALL.iter().all(|section| answers.contains(section)), "{answers:?}");
        }
    }
}

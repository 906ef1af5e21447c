//! Which commands of a run were done with one press of a button: they are taken back, and done again, as one. The world knows nothing
//! of it.

use std::ops::Range;

/// The presses of a run: the places of those commands that were done with the same press as the one before, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presses(Vec<usize>);

impl Presses {
    /// Whether every command had a press of its own.
    pub fn is_each_alone(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the command at `place` was done with the same press as the one before.
    pub fn is_with_previous(&self, place: usize) -> bool {
        self.0.binary_search(&place).is_ok()
    }

    /// Where the press begins that the command at `place` is of.
    pub fn first_with(&self, place: usize) -> usize {
        (0..place).rev().find(|before| !self.is_with_previous(before + 1)).map_or(0, |before| before + 1)
    }

    /// The last commands, those at `places`, were done with one press.
    pub fn join(&mut self, places: Range<usize>) {
        self.truncate(places.start);
        self.0.extend(places.skip(1));
    }

    /// The command at `place`, which is behind all that are known, was done with the same press as the one before.
    pub(super) fn push(&mut self, place: usize) {
        self.0.push(place);
    }

    /// There are only so many commands.
    pub fn truncate(&mut self, commands: usize) {
        self.0.truncate(self.0.partition_point(|place| *place < commands));
    }

    /// The commands at `places` are taken out. What is left of their presses stays together.
    pub fn remove(&mut self, places: Range<usize>) {
        let has_beginning_left = self.first_with(places.end) < places.start;
        self.0.retain(|place| !places.contains(place) && (has_beginning_left || *place != places.end));
        for place in self.0.iter_mut().filter(|place| **place >= places.end) {
            *place -= places.len();
        }
    }

    /// The commands at `places` are put in, done with one press and not into the midst of another.
    pub fn insert(&mut self, places: Range<usize>) {
        let index = self.0.partition_point(|place| *place < places.start);
        for place in &mut self.0[index..] {
            *place += places.len();
        }
        for (index, place) in (index..).zip(places.skip(1)) {
            self.0.insert(index, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter for each command, the same for those of one press.
    fn presses(letters: &str) -> Presses {
        let letters = letters.as_bytes();
        Presses((1..letters.len()).filter(|place| letters[*place] == letters[place - 1]).collect())
    }

    #[test]
    fn a_press_is_found_by_each_of_its_commands() {
        let presses = presses("abbbcdd");
        let firsts: Vec<usize> = (0..7).map(|place| presses.first_with(place)).collect();
        assert_eq!(firsts, [0, 1, 1, 1, 4, 5, 5]);
    }

    #[test]
    fn what_is_taken_out_leaves_the_others_together() {
        for (before, places, after) in [
            ("abbbcdd", 1..4, "acdd"),
            ("abbbcdd", 4..5, "abbbdd"),
            ("abbbcdd", 1..2, "abbcdd"), // a press without its first
            ("abbbcdd", 2..3, "abbcdd"),
            ("abbbcdd", 3..6, "abbd"),
            ("aab", 0..1, "ab"),
            ("abb", 1..3, "a"),
        ] {
            let mut presses = presses(before);
            presses.remove(places.clone());
            assert_eq!(presses, self::presses(after), "{before} without {places:?}");
        }
    }

    #[test]
    fn what_is_put_in_is_one_press() {
        for (before, places, after) in [
            ("", 0..2, "aa"),
            ("acc", 1..4, "abbbcc"),
            ("aa", 2..3, "aab"),
            ("bb", 0..1, "abb"),
            ("aacc", 2..4, "aabbcc"),
        ] {
            let mut presses = presses(before);
            presses.insert(places.clone());
            assert_eq!(presses, self::presses(after), "{before} with {places:?}");
            presses.remove(places);
            assert_eq!(presses, self::presses(before));
        }
    }

    #[test]
    fn the_last_commands_are_joined_and_what_was_known_behind_them_is_forgotten() {
        let mut presses = presses("aabbb");
        presses.join(2..4);
        assert_eq!(presses, self::presses("aabb"));
        presses.join(4..5);
        presses.join(5..5);
        assert_eq!(presses, self::presses("aabbcd"));
        presses.truncate(1);
        assert!(presses.is_each_alone());
    }
}

//! A few places on which subjects are shown, so that an eye can follow them: rows of a schedule, or phones.

use super::outcomes::OutcomeEntry;
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many rows a schedule has.
const PASSERS: usize = 5;
/// How many phones lie side by side.
const REGULARS: usize = 3;
/// How many texts a place remembers.
const TEXTS_MAX: usize = 24;
/// How many subjects there are to choose from.
const SUBJECTS_MAX: usize = 500;
/// How long a row that has come to its end stays to be read.
const FAREWELL: Span = Span::from_ms(2_500);

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardRow {
    /// What, or whom, it shows.
    pub subject: Arc<str>,
    /// More about it.
    pub detail: Arc<str>,
    /// The position of its stage among the scenario's stages, if it has one.
    pub stage: Option<usize>,
    /// Its texts, oldest first.
    pub texts: VecDeque<OutcomeEntry>,
    /// When the last text came.
    pub at: Instant,
}

/// Who gets a place, and who keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    /// Subjects come, go through their stages and leave; a place is free when its subject is through.
    Passers,
    /// Subjects stay; the first to come have the places until somebody else is asked for.
    Regulars,
}

/// The places.
#[derive(Clone, Debug)]
pub struct Board {
    policy: Policy,
    stages: Vec<Arc<str>>,
    rows: Vec<BoardRow>,
    subjects: SortedMap<Arc<str>, BoardRow>,
}

impl Board {
    pub(super) fn of_passers(stages: Vec<Arc<str>>) -> Self {
        Self { policy: Policy::Passers, stages, rows: Vec::new(), subjects: SortedMap::new() }
    }

    pub(super) fn of_regulars(stages: Vec<Arc<str>>) -> Self {
        Self { policy: Policy::Regulars, stages, rows: Vec::new(), subjects: SortedMap::new() }
    }

    /// What is on show.
    pub fn rows(&self) -> &[BoardRow] {
        &self.rows
    }

    /// The names of the stages.
    pub fn stages(&self) -> &[Arc<str>] {
        &self.stages
    }

    /// All that could be shown; empty for a board on which subjects come and go.
    pub fn subjects(&self) -> impl Iterator<Item = &Arc<str>> {
        self.subjects.keys()
    }

    pub(super) fn show(&mut self, entry: &OutcomeEntry, detail: &Arc<str>) {
        let stage = self.stages.iter().position(|stage| *stage == entry.stage);
        match self.policy {
            Policy::Passers => self.show_passer(entry, detail, stage),
            Policy::Regulars => self.show_regular(entry, detail, stage),
        }
    }

    /// Puts `subject` on a place; does nothing if there is no such place or nobody of that name.
    pub(super) fn put(&mut self, slot: usize, subject: &str) {
        if let (Some(row), Some(wanted)) = (self.rows.get_mut(slot), self.subjects.get(subject)) {
            *row = wanted.clone();
        }
    }

    fn show_passer(&mut self, entry: &OutcomeEntry, detail: &Arc<str>, stage: Option<usize>) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.subject == entry.subject) {
            return row.add(entry, stage);
        }
        let last = self.stages.len().saturating_sub(1);
        let is_through = |row: &BoardRow| row.stage.is_none_or(|stage| stage >= last);
        let is_free = |row: &&mut BoardRow| is_through(row) && entry.at.since(row.at) > FAREWELL;
        let has_a_way_to_go = self.rows.len() < PASSERS || stage.is_some_and(|stage| stage + 3 <= self.stages.len());
        let row = BoardRow::new(entry, detail, stage);
        if self.rows.len() < PASSERS {
            self.rows.push(row);
        } else if let (true, Some(free)) = (has_a_way_to_go, self.rows.iter_mut().find(is_free)) {
            *free = row;
        }
    }

    fn show_regular(&mut self, entry: &OutcomeEntry, detail: &Arc<str>, stage: Option<usize>) {
        if !self.subjects.contains_key(&entry.subject) && self.subjects.len() == SUBJECTS_MAX {
            return;
        }
        let known = self.subjects.entry(entry.subject.clone());
        known.and_modify(|row| row.add(entry, stage)).or_insert_with(|| BoardRow::new(entry, detail, stage));
        let mut is_shown = false;
        for row in self.rows.iter_mut().filter(|row| row.subject == entry.subject) {
            row.add(entry, stage);
            is_shown = true;
        }
        if !is_shown && self.rows.len() < REGULARS {
            self.rows.push(BoardRow::new(entry, detail, stage));
        }
    }
}

impl BoardRow {
    fn new(entry: &OutcomeEntry, detail: &Arc<str>, stage: Option<usize>) -> Self {
        let texts = VecDeque::from([entry.clone()]);
        Self { subject: entry.subject.clone(), detail: detail.clone(), stage, texts, at: entry.at }
    }

    fn add(&mut self, entry: &OutcomeEntry, stage: Option<usize>) {
        self.stage = stage;
        self.at = entry.at;
        if self.texts.len() == TEXTS_MAX {
            self.texts.pop_front();
        }
        self.texts.push_back(entry.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Offset, TopicPartition};

    fn entry(subject: &str, stage: &str, ms: u64) -> OutcomeEntry {
        OutcomeEntry {
            at: Instant::from_ms(ms),
            late: Span::ZERO,
            partition: TopicPartition::default(),
            offset: Offset::ZERO,
            subject: subject.into(),
            stage: stage.into(),
            text: stage.into(),
            again: false,
        }
    }

    fn stages() -> Vec<Arc<str>> {
        ["one", "two", "three"].map(Arc::from).to_vec()
    }

    fn shown(board: &Board) -> Vec<&str> {
        board.rows().iter().map(|row| &*row.subject).collect()
    }

    #[test]
    fn a_place_is_free_when_its_subject_is_through() {
        let mut board = Board::of_passers(stages());
        for (subject, ms) in ["a", "b", "c", "d", "e", "f"].into_iter().zip(0..) {
            board.show(&entry(subject, "one", ms), &"".into());
        }
        assert_eq!(shown(&board), ["a", "b", "c", "d", "e"], "the sixth finds no place");
        board.show(&entry("b", "three", 100), &"".into());
        board.show(&entry("g", "one", 200), &"".into());
        assert_eq!(shown(&board), ["a", "b", "c", "d", "e"], "what has just ended can still be read");
        board.show(&entry("h", "one", 100 + FAREWELL.as_ms() + 1), &"".into());
        assert_eq!(shown(&board), ["a", "h", "c", "d", "e"]);
    }

    #[test]
    fn a_regular_keeps_its_place_and_its_texts() {
        let mut board = Board::of_regulars(stages());
        for (subject, ms) in ["a", "b", "c", "d", "a"].into_iter().zip(0..) {
            board.show(&entry(subject, "one", ms), &"".into());
        }
        assert_eq!(shown(&board), ["a", "b", "c"]);
        assert_eq!(board.rows()[0].texts.len(), 2);
        board.put(1, "d");
        assert_eq!(shown(&board), ["a", "d", "c"]);
        board.put(1, "nobody");
        assert_eq!(shown(&board), ["a", "d", "c"]);
    }
}

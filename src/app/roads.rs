//! The roads that a run had taken before a person went back and did something else.

use super::course::Course;
use super::model::Model;
use crate::run::Presses;
use crate::sim::StampedCommand;
use crate::time::Instant;
use thiserror::Error;

/// How many roads not taken are kept; the oldest go first.
const BRANCHES_MAX: usize = 16;
/// How many characters the name of a road has at most.
pub const BRANCH_NAME_MAX: usize = 60;

/// A road that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// What was done on it.
    pub commands: Vec<StampedCommand>,
    /// Which of that was done with one press.
    pub presses: Presses,
    /// How far it had come.
    pub end: Instant,
    /// How it went, as far as anybody has been there since it was taken, or opened from a file.
    pub course: Course,
}

/// Why a road cannot be called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BranchNameError {
    /// There is nothing to call it.
    #[error("a road needs a name")]
    Empty,
    /// It is too long.
    #[error("the name of a road has at most {BRANCH_NAME_MAX} characters, and this one has {0}")]
    TooLong(usize),
    /// There is no such road.
    #[error("there is no such road any more")]
    Unknown,
}

/// All roads that were left.
#[derive(Clone, Debug, Default)]
pub(super) struct Roads {
    branches: Vec<Branch>,
    made: u32,
}

impl Roads {
    /// Roads that were kept elsewhere.
    pub(super) fn of(mut branches: Vec<Branch>) -> Self {
        let made = branches.len() as u32;
        branches.drain(..branches.len().saturating_sub(BRANCHES_MAX));
        Self { branches, made }
    }

    /// The roads, the oldest first.
    pub(super) fn all(&self) -> &[Branch] {
        &self.branches
    }

    /// Keeps a road that is being left. It gets a name, if it has none.
    pub(super) fn keep(&mut self, mut branch: Branch) {
        if self.branches.len() == BRANCHES_MAX {
            self.branches.remove(0);
        }
        self.made += 1;
        if branch.name.is_empty() {
            branch.name = format!("road {}", self.made);
        }
        self.branches.push(branch);
    }

    /// Takes out a road, by its number.
    pub(super) fn take(&mut self, index: usize) -> Option<Branch> {
        (index < self.branches.len()).then(|| self.branches.remove(index))
    }

    /// Calls a road something else.
    pub(super) fn rename(&mut self, index: usize, name: &str) -> Result<(), BranchNameError> {
        let branch = self.branches.get_mut(index).ok_or(BranchNameError::Unknown)?;
        let name = name.trim();
        match name.chars().count() {
            0 => return Err(BranchNameError::Empty),
            1..=BRANCH_NAME_MAX => name.clone_into(&mut branch.name),
            length => return Err(BranchNameError::TooLong(length)),
        }
        Ok(())
    }
}

impl Model {
    /// How the run went, as far as that is known: also beyond the instant that is looked at, if it has been there.
    pub fn course(&self) -> Course {
        self.timeline.course()
    }

    /// Up to when a road that was left is the same as this run; `None` if nothing is done otherwise on it.
    pub fn parting_from(&self, branch: &Branch) -> Option<Instant> {
        self.timeline.parting(&self.moment, &branch.commands).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branch(name: &str) -> Branch {
        let (commands, presses, course) = (Vec::new(), Presses::default(), Course::default());
        Branch { name: name.to_owned(), commands, presses, end: Instant::START, course }
    }

    fn names(roads: &Roads) -> Vec<&str> {
        roads.all().iter().map(|branch| &*branch.name).collect()
    }

    #[test]
    fn the_oldest_roads_go_first_and_names_are_never_given_twice() {
        let mut roads = Roads::of(vec![branch("mine")]);
        (0..BRANCHES_MAX).for_each(|_| roads.keep(branch("")));
        assert_eq!(names(&roads).len(), BRANCHES_MAX);
        assert_eq!((names(&roads)[0], *names(&roads).last().expect("some")), ("road 2", "road 17"));
    }

    #[test]
    fn a_road_can_be_called_something_else_and_forgotten() {
        let mut roads = Roads::of(vec![branch("one"), branch("two")]);
        assert_eq!(roads.rename(1, " the good one "), Ok(()));
        assert_eq!(names(&roads), ["one", "the good one"]);
        let long = "x".repeat(BRANCH_NAME_MAX + 1);
        for (index, name, error) in [
            (1, " ", BranchNameError::Empty),
            (1, &*long, BranchNameError::TooLong(BRANCH_NAME_MAX + 1)),
            (2, "three", BranchNameError::Unknown),
        ] {
            assert_eq!(roads.rename(index, name), Err(error));
        }
        assert_eq!(names(&roads), ["one", "the good one"]);
        assert_eq!(roads.take(0), Some(branch("one")));
        assert_eq!(roads.take(1), None);
    }
}

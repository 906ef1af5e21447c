//! What is known of a run beyond the instant that is looked at, for it has been there.

use super::course::{Course, Stood};
use super::deeds::Deed;
use super::history::Outage;
use super::marks::Mark;
use super::moment::Moment;
use crate::check::AllDone;
use crate::cow::CowDeque;
use crate::time::Instant;

/// What is known of the run.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    /// Up to when.
    pub(super) to: Instant,
    /// When services were away.
    pub(super) outages: Vec<Outage>,
    /// What else happened when.
    pub(super) marks: CowDeque<Mark>,
    /// What was done otherwise.
    pub(super) deeds: CowDeque<Deed>,
    /// Which challenges were done.
    pub(super) challenges: AllDone,
    /// How it went.
    course: Course,
    /// How things stood when it had come furthest.
    furthest: Stood,
}

impl Watched {
    /// All that is known at this moment.
    pub(super) fn of(moment: &Moment) -> Self {
        Self {
            to: moment.now(),
            outages: moment.outages.clone(),
            marks: moment.marks.all().clone(),
            deeds: moment.deeds.all().clone(),
            challenges: *moment.challenges.done(),
            course: moment.course.clone(),
            furthest: moment.stands(),
        }
    }

    /// How the run went, as far as that still holds.
    pub(super) fn course(&self) -> Course {
        if self.furthest.at <= self.to { self.course.to_end(&self.furthest) } else { self.course.until(self.to) }
    }
}

//! What is known of a run beyond the instant that is looked at.

use super::deeds::Deed;
use super::history::Outage;
use super::marks::Mark;
use super::moment::Moment;
use super::roads::RoadEnd;
use crate::check::AllDone;
use crate::cow::CowDeque;
use crate::time::Instant;

/// What is known of the run beyond the instant that is looked at, for it has been there.
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
    /// How things stood at the end.
    pub(super) outcome: RoadEnd,
}

impl Watched {
    /// What is known once `moment` has been come to.
    pub(super) fn of(moment: &Moment) -> Self {
        Self {
            to: moment.now(),
            outages: moment.outages.clone(),
            marks: moment.marks.all().clone(),
            deeds: moment.deeds.all().clone(),
            challenges: *moment.challenges.done(),
            outcome: moment.outcome(),
        }
    }
}

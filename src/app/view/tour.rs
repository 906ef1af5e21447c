//! The tour, where it stands.

use crate::app::{Model, Stop};

/// The tour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TourView {
    /// Where it stands.
    pub stop: Stop,
    /// What it says there.
    pub text: String,
    /// Whether something is to be done there first, so that going on leaves it out.
    pub is_waiting: bool,
}

/// The tour as it is now, if it goes on.
#[inline(never)]
pub fn tour(model: &Model) -> Option<TourView> {
    model.tour.map(|stop| TourView {
        stop,
        text: model.tell_tour(stop),
        is_waiting: stop == Stop::Outage && model.next_step().is_some() && model.has_broken_nothing(),
    })
}

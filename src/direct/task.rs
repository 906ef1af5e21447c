//! One update that somebody is to tell its neighbours, and the calls about it.

use crate::sim::ServiceId;
use crate::time::Instant;

/// The number of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TaskId(pub(super) u64);

/// What a call is about: an update, and the neighbour that is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallOf {
    pub(super) task: TaskId,
    pub(super) callee: ServiceId,
}

/// One attempt to tell a neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// No two calls have the same.
    pub(super) number: u64,
    pub(super) about: CallOf,
    /// Who calls; `None` is the person at the page.
    pub(super) caller: Option<ServiceId>,
    /// When the update came about.
    pub(super) updated_at: Instant,
    /// Whether it is one that a service with a bug cannot read.
    pub(super) is_poison: bool,
    /// How many calls wait for the answer to this one, one for the other.
    pub(super) depth: u32,
}

/// How far a task has come with one neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leg {
    /// It has not begun.
    Ahead,
    /// A call is out: its number, and the how-manieth it is.
    Calling { number: u64, attempt: u32 },
    /// It is to be called again in a while, after so many attempts.
    Between { attempt: u32 },
    /// It has answered.
    Told,
    /// The caller has given up.
    GivenUp,
}

impl Leg {
    pub(super) const fn is_over(self) -> bool {
        match self {
            Self::Told | Self::GivenUp => true,
            Self::Ahead | Self::Calling { .. } | Self::Between { .. } => false,
        }
    }
}

/// Who has an update to tell, and waits until that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Teller {
    /// The person at the page.
    Hand,
    /// A service that publishes on the bus.
    Publisher(ServiceId),
    /// A service that has worked on a call and tells others what came of it, before it answers: which of its instances, and the call.
    Worker(ServiceId, u32, Call),
}

impl Teller {
    /// The service that calls, if it is not the person at the page.
    pub(super) const fn service(&self) -> Option<ServiceId> {
        match self {
            Self::Hand => None,
            Self::Publisher(service) | Self::Worker(service, ..) => Some(*service),
        }
    }

    /// How many calls wait for it already.
    pub(super) const fn depth(&self) -> u32 {
        match self {
            Self::Hand | Self::Publisher(_) => 0,
            Self::Worker(_, _, call) => call.depth + 1,
        }
    }
}

/// An update to be told.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) teller: Teller,
    /// When it came about.
    pub(super) updated_at: Instant,
    pub(super) is_poison: bool,
    /// Each neighbour, and how far it has come with it.
    pub(super) legs: Vec<(ServiceId, Leg)>,
}

impl Task {
    pub(super) fn leg_mut(&mut self, callee: ServiceId) -> Option<&mut Leg> {
        self.legs.iter_mut().find(|(known, _)| *known == callee).map(|(_, leg)| leg)
    }

    /// Whether a call with this number is the one whose answer it waits for; then the how-manieth it is.
    pub(super) fn awaits(&self, call: &Call) -> Option<u32> {
        let (_, leg) = self.legs.iter().find(|(known, _)| *known == call.about.callee)?;
        match *leg {
            Leg::Calling { number, attempt } if number == call.number => Some(attempt),
            Leg::Calling { .. } | Leg::Ahead | Leg::Between { .. } | Leg::Told | Leg::GivenUp => None,
        }
    }
}

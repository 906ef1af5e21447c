//! What can be due in the world with a bus.

use super::event::ServiceId;
use super::timetable::Timetable;
use crate::broker::{ClientId, Reply, Request, Ticket};

/// Something that will happen. What is large is boxed: thousands of small things wait in a busy world, and move as others come
/// and go.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// A request reaches the broker.
    RequestArrives { ticket: Ticket, request: Box<Request> },
    /// An answer reaches its client.
    ReplyArrives(Box<Reply>),
    /// Something may be due at the broker.
    BrokerTick,
    /// Something may be due at a client.
    ClientTick(ClientId),
    /// A client has finished the record it works on.
    WorkDone(ClientId),
    /// A new entity turns up, unless the rate was changed since.
    Arrival { service: ServiceId, rate_version: u32 },
    /// An entity reaches its next stage.
    StageDue { service: ServiceId, number: u64 },
}

/// The event queue of the simulation.
pub(super) type Agenda = Timetable<Action>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_small() {
        assert!(size_of::<Action>() <= 24, "{} bytes", size_of::<Action>());
    }
}

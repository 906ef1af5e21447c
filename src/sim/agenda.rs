//! What can be due in the world with a bus.

use super::event::ServiceId;
use super::timetable::Timetable;
use crate::broker::{ClientId, Reply, Request, Ticket};

/// Something that will happen.
#[derive(Clone, Debug)]
pub(super) enum Action {
    /// A request reaches the broker.
    RequestArrives { ticket: Ticket, request: Request },
    /// An answer reaches its client.
    ReplyArrives(Reply),
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

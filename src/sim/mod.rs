//! The world: a broker, services as actors, a network between them, and simulated time that moves from one thing that is
//! due to the next.
//!
//! A [`World`] is made from a [`WorldSpec`] and a seed. Those two and the [`Command`]s applied to it, each at its
//! time, *are* the run: the same three give the same [`Event`]s, and [`World::trace_hash`] says so in one number. Nothing
//! here reads a clock, and floating point decides nothing.

mod agenda;
mod by_hand;
mod command;
mod consuming;
mod dispatch;
mod event;
mod limit;
mod network;
mod numbered;
mod outcome;
mod publishing;
mod random;
mod service;
mod spec;
mod template;
mod trace;
mod workload;
mod world;

pub use command::{COMMANDS_MAX, Command, CommandError, StampedCommand};
pub use event::{Event, ServiceId, Stamped};
pub use limit::{ENTITIES_MAX, Limit, UNACKNOWLEDGED_MAX};
pub use service::ServiceState;
pub use spec::{
    ARRIVALS_PER_MIN_MAX, ConsumesSpec, FieldSpec, INSTANCES_MAX, NetworkSpec, OutcomeSpec, OutcomeView, PublishesSpec,
    ServiceSpec, Spread, StageSpec, WorldSpec,
};
pub use template::{Template, TemplateError};
pub use world::World;

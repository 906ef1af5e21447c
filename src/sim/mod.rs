//! The world: a broker, services as actors, a network between them, and simulated time that moves from one thing that is
//! due to the next.
//!
//! A [`World`] is made from a [`WorldSpec`] and a seed. Those two and the [`Command`]s applied to it, each at its
//! time, *are* the run: the same three give the same [`Event`]s, and [`World::trace_hash`] says so in one number. Nothing
//! here reads a clock, and floating point decides nothing.

mod acknowledging;
mod agenda;
mod answers;
mod arrivals;
mod asides;
mod by_hand;
mod command;
mod config_error;
mod connections;
mod consuming;
mod defaults;
pub mod definition;
mod dispatch;
mod dormant;
mod event;
mod failing;
mod instance;
mod joining;
mod latencies;
mod lifecycle;
mod limit;
mod memory;
mod mending;
mod network;
mod numbered;
mod obeying;
mod origin;
mod outcome;
mod output;
mod policy;
mod publishing;
mod random;
mod read_config;
mod read_setting;
mod read_values;
mod reading;
mod redriving;
mod resting;
mod seeking;
mod service;
mod spec;
mod template;
mod timetable;
mod trace;
mod workload;
mod world;
mod write_config;
mod writing;

pub use answers::{Answers, HELD_UP};
pub use arrivals::{Arrival, Arrivals};
pub use command::{COMMANDS_MAX, Command, CommandError, NewService, SeekTo, StampedCommand};
pub use config_error::ServiceConfigError;
pub use dormant::in_kafka;
pub use event::{
    Begins, Event, Fared, InstanceChange, KeyHash, Outcome, Resent, ServiceEvent, ServiceId, Stamped, UpdateHash,
    WorkEvent,
};
pub use instance::{Ended, InstanceInfo, Role, Trouble};
pub use latencies::Latencies;
pub use limit::{ENTITIES_MAX, Limit, UNACKNOWLEDGED_MAX};
pub use memory::REMEMBERED_MIN;
pub use origin::{POISON, is_poison};
pub use output::SOURCE;
pub use policy::{CommitPolicy, Named, OnFailure};
pub use random::Stream;
pub use read_config::ReadConfig;
pub use read_setting::{Input, ReadSetting};
pub use seeking::SeekMove;
pub use service::ServiceState;
pub use spec::{
    ARRIVALS_PER_MIN_MAX, ConsumesSpec, FieldSpec, INSTANCES_MAX, NetworkSpec, OfferedService, OutcomeSpec,
    OutcomeView, PublishesSpec, SERVICES_EVER_MAX, ServiceSpec, Spread, StageSpec, WorldSpec,
};
pub use template::{Template, TemplateError};
pub use timetable::Timetable;
pub use world::World;
pub use write_config::WriteSetting;

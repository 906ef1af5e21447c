//! The search for a failure: which outages break a promise? Tries seeds and random schedules of outages, each decided by a number,
//! until one breaks the promise, and then makes that one as short as it goes.
//!
//! What is found is a run like any other: a seed and commands. What is not found proves nothing: the report says how much
//! was tried. Nothing here reads a clock; whoever owns a [`Search`] decides how long it goes on.

mod base;
mod hunt;
mod schedule;
mod shrink;
mod trial;

pub use base::{Base, settings_of};
pub use hunt::{Found, SEED_MAX, Search, Stage, TRIES_PER_SEED};
pub use trial::{HORIZON, HORIZON_MS};

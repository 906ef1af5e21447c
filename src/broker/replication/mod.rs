//! Replication: Kafka's rules about replicas, each a function of what is known, and the state of a partition that obeys them.
//!
//! The rules are in `high_watermark.rs`, `isr.rs`, `acks.rs`, `election.rs` and `epochs.rs`. They know no time but what they are
//! told, and no broker but by its number.

mod acks;
mod election;
mod epochs;
mod high_watermark;
mod isr;
mod replicas;

pub use acks::{AckWhen, NotEnoughReplicas, after_append, before_append};
pub use election::{Elected, Election, elect};
pub use epochs::{EpochEnd, LeaderEpochs};
pub use high_watermark::high_watermark;
pub use isr::{CaughtUp, FollowerFetch, is_caught_up, may_join};
pub(super) use replicas::Clock;
pub use replicas::Replicas;

pub use crate::log::LeaderEpoch;

use std::fmt;

/// The number of a broker (`node.id`), from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerId(pub u16);

impl fmt::Display for BrokerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

//! What became of every record, and which promises held: computed from the event trace alone.
//!
//! Nothing here asks the broker or a consumer. That is the point: the engine keeps its own accounts, these are kept apart, and
//! the two can contradict each other.

mod invariants;
mod ledger;
mod missed;
mod ranges;

pub use invariants::{Checker, Invariant, Violation};
pub use ledger::{Account, Fate, Ledger, Subscription};

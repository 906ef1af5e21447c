//! What became of every record, which invariants held, and which promises: computed from the event trace alone.
//!
//! Nothing here asks the broker or a consumer. That is the point: the engine keeps its own accounts, these are kept apart, and
//! the two can contradict each other.

mod account;
mod asides;
mod blackouts;
mod challenges;
mod costs;
mod cuts;
mod departed;
mod elections;
mod entries;
pub mod history;
mod incident;
mod invariants;
mod ledger;
mod missed;
mod page;
pub mod promises;
mod ranges;
#[cfg(test)]
mod rehearsal;
mod undecided;

pub use account::Account;
pub use blackouts::{Blackout, Blackouts};
pub use challenges::{AWAY_MIN, AllDone, By, Challenge, Challenges, Done};
pub use costs::Costs;
pub use departed::{Departed, Removed};
pub use entries::{Entry, Listed};
pub use incident::{Again, INCIDENTS_MAX, Incident, Lost, What};
pub use invariants::{Checker, Invariant, Violation};
pub use ledger::{Ledger, Subscription};
pub use page::{Aside, Fate};
pub use promises::Promises;

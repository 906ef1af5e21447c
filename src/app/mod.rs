//! The page's state without a browser: a [`Model`], the [`Msg`]s that change it, and what is to be drawn of it.
//!
//! Everything here runs natively too. [`update`] is the only way in; what needs a browser comes out of it as
//! [`Effect`]s, which are data.

mod advance;
mod board;
mod history;
mod model;
mod msg;
mod narrate;
mod outcomes;
mod rates;
mod snapshot;
mod update;
pub mod view;

pub use board::{Board, BoardRow};
pub use history::{LagHistory, Outage};
pub use model::{Flight, Model, Notice, RecordRef, Speed, Theme};
pub use msg::{ChartSpan, Effect, Msg};
pub use narrate::Tone;
pub use outcomes::{OutcomeEntry, Outcomes};
pub use snapshot::{Snapshot, snapshot};
pub use update::update;

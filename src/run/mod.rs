//! A run as data: what it takes to see it again, anywhere. Scenario, seed and commands are the run; with the instant that is
//! looked at they make a [link](link_of), and with the roads that were left a [file](file_of).
//!
//! Nothing here runs anything. A run that was read here can be begun: what it names, its scenario has, and its commands are in
//! order. Whether the world takes each of them, only the world can say.

mod base64url;
mod bits;
mod bytes;
mod checking;
mod file;
mod link;
mod packed;
mod predictor;
mod presses;
mod squeeze;
mod waits;
mod words;

pub use checking::{RunError, check};
pub use file::{FILE_BYTES_MAX, FILE_FORMAT, FileError, file_of, is_run_file, of_file};
pub use link::{FRAGMENT, LINK_CHARS_MAX, LINK_COMMANDS_MAX, LinkError, UNPACKED_BYTES_MAX, link_of, of_link};
pub use presses::Presses;

use crate::scenario::Scenario;
use crate::sim::StampedCommand;
use crate::time::{Instant, Span};

/// How long a run can be kept or sent at most: 31 days of simulated time.
pub const LENGTH_MAX: Span = Span::from_ms(31 * 24 * 3_600_000);
/// The longest text in a command, in bytes.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// How many roads that were left a file holds at most.
pub const ROADS_MAX: usize = 64;
/// The longest name of a road, in bytes.
pub const ROAD_NAME_BYTES_MAX: usize = 256;

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The system.
    pub scenario: Scenario,
    /// The seed of its randomness.
    pub seed: u64,
    /// What was done to it, before and after the instant that is looked at.
    pub commands: Vec<StampedCommand>,
    /// Which of them were done with one press.
    pub presses: Presses,
    /// The instant that is looked at.
    pub at: Instant,
    /// How far the run has come.
    pub end: Instant,
    /// The trace hash at the instant that is looked at, where it was written: whoever runs this again can tell whether everything
    /// went as it did.
    pub trace_hash: Option<u64>,
    /// The roads that were left. A link has none.
    pub roads: Vec<Road>,
}

/// A road that was left: the same scenario and seed, and other commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Road {
    /// Its name.
    pub name: String,
    /// What was done on it.
    pub commands: Vec<StampedCommand>,
    /// Which of that was done with one press.
    pub presses: Presses,
    /// How far it had come.
    pub end: Instant,
}

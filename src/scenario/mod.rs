//! A scenario: a system as data. This room reads scenario files, says exactly what is wrong with one, and knows the
//! files that ship with the page.
//!
//! Nothing about any particular business is written in Rust: the shipped scenarios are files that a user could have
//! written.

mod file;
mod shipped;

/// Why a scenario file was refused.
pub use crate::json::JsonError as ScenarioError;
pub use shipped::{SHIPPED, shipped};

use crate::json::Json;
use crate::sim::WorldSpec;
use crate::time::Instant;
use std::sync::Arc;

/// The largest scenario file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// A scenario that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its short name.
    pub name: Arc<str>,
    /// Its heading.
    pub title: Arc<str>,
    /// What it shows, in a sentence.
    pub summary: Arc<str>,
    /// What one entity is called, and several: `order`, `orders`.
    pub entity: (Arc<str>, Arc<str>),
    /// Where the page begins to show the run, so that nobody meets an empty log.
    pub opens_at: Instant,
    /// The service that the page proposes to take offline first; without one it chooses by itself.
    pub first_outage: Option<Arc<str>>,
    /// The system.
    pub world: Arc<WorldSpec>,
    /// The file that it was read from.
    pub text: Arc<str>,
}

/// Reads a scenario file.
pub fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    if let Some(reason) = too_large(text.len()) {
        return Err(ScenarioError::new("the file", reason));
    }
    let json = Json::read(text);
    let json = json.map_err(|error| ScenarioError::new("the file", format!("it is no JSON: {error}")))?;
    file::scenario_of(&json, text)
}

/// Why a file of so many bytes is not read, if it is not.
pub fn too_large(bytes: usize) -> Option<String> {
    (bytes > FILE_BYTES_MAX).then(|| format!("it has {bytes} bytes; the limit is {FILE_BYTES_MAX}"))
}

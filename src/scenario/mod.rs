//! A scenario: a system as data. This room reads scenario files, says exactly what is wrong with one, and knows the
//! files that ship with the page.
//!
//! Nothing about any particular business is written in Rust: the shipped scenarios are files that a user could have
//! written.

mod file;
mod shipped;
mod texts;
mod validate;

pub use shipped::{SHIPPED, shipped};

use crate::sim::WorldSpec;
use crate::time::Instant;
use serde_path_to_error::Segment;
use std::sync::Arc;
use thiserror::Error;

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
    /// The system.
    pub world: Arc<WorldSpec>,
}

/// Why a scenario file was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {reason}")]
pub struct ScenarioError {
    /// The path to the field that is wrong, such as `services[1].consumes.topics[0]`.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

impl ScenarioError {
    fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}

/// Reads a scenario file.
pub fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    if text.len() > FILE_BYTES_MAX {
        return Err(ScenarioError::new(
            "the file",
            format!("it has {} bytes; the limit is {FILE_BYTES_MAX}", text.len()),
        ));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let file: file::ScenarioFile = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| ScenarioError::new(path_of(error.path()), error.inner().to_string()))?;
    json.end().map_err(|error| ScenarioError::new("the file", error.to_string()))?;
    validate::scenario_of(&file)
}

/// The path to a field in the same form in which `validate.rs` writes it.
fn path_of(path: &serde_path_to_error::Path) -> String {
    let written = path.iter().fold(String::new(), |written, segment| match segment {
        Segment::Seq { index } => format!("{written}[{index}]"),
        Segment::Map { key } | Segment::Enum { variant: key } => member(&written, key),
        Segment::Unknown => written,
    });
    if written.is_empty() { "the file".to_owned() } else { written }
}

/// The path to the member `name` of what is at `path`. A name that is not one word is quoted: Kafka's settings have dots.
fn member(path: &str, name: &str) -> String {
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (is_word, path.is_empty()) {
        (false, _) => format!("{path}[\"{name}\"]"),
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
    }
}

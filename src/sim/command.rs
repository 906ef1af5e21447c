//! Everything that a person can do to the world.

use super::spec::ARRIVALS_PER_MIN_MAX;
use crate::time::Instant;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// How many commands one run takes.
pub const COMMANDS_MAX: usize = 100_000;

/// One thing that a person did. Services and topics go by their names, so that commands survive in links and files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Switch a service on or off. Off is a crash: the service says good-bye to nobody.
    SetServiceOnline {
        /// The service.
        service: String,
        /// Whether it is to run.
        online: bool,
    },
    /// Change how often new entities turn up at a publishing service.
    SetArrivalRate {
        /// The service.
        service: String,
        /// How many a minute.
        arrivals_per_min: u32,
    },
    /// Publish one record by hand.
    Publish {
        /// The topic.
        topic: String,
        /// The key; without one the record goes to any partition.
        #[serde(default)]
        key: Option<String>,
        /// The value; without one the record is a tombstone.
        #[serde(default)]
        value: Option<String>,
        /// The headers.
        #[serde(default, deserialize_with = "none_is_empty")]
        headers: BTreeMap<String, String>,
        /// The partition, if it is not the key that decides.
        #[serde(default)]
        partition: Option<u32>,
    },
}

/// A script that leaves headers out may say so with a null.
fn none_is_empty<'de, D: Deserializer<'de>>(headers: D) -> Result<BTreeMap<String, String>, D::Error> {
    Option::deserialize(headers).map(Option::unwrap_or_default)
}

/// A command and when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampedCommand {
    /// When.
    pub at: Instant,
    /// What.
    pub command: Command,
}

/// Why a command was refused. A refused command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// The scenario has no such service.
    #[error("there is no service \"{service}\"; there are: {known}")]
    UnknownService {
        /// What was asked for.
        service: String,
        /// The services there are.
        known: String,
    },
    /// The service publishes nothing of its own accord.
    #[error("the service \"{service}\" publishes nothing by itself, so it has no arrival rate")]
    NotAPublisher {
        /// The service.
        service: String,
    },
    /// The rate is beyond the limit.
    #[error("arrivals_per_min is {arrivals_per_min}, and the limit is {ARRIVALS_PER_MIN_MAX}")]
    RateTooHigh {
        /// What was asked for.
        arrivals_per_min: u32,
    },
    /// The scenario has no such topic.
    #[error("there is no topic \"{topic}\"; there are: {known}")]
    UnknownTopic {
        /// What was asked for.
        topic: String,
        /// The topics there are.
        known: String,
    },
    /// The topic has no such partition.
    #[error("topic \"{topic}\" has partitions 0 to {last}, not {partition}")]
    UnknownPartition {
        /// The topic.
        topic: String,
        /// What was asked for.
        partition: u32,
        /// The last partition there is.
        last: u32,
    },
    /// The record makes a batch that is larger than its topic takes.
    #[error(
        "MessageTooLarge: the record makes a batch of {batch_bytes} bytes, and topic \"{topic}\" takes at most \
         {max_message_bytes}"
    )]
    MessageTooLarge {
        /// The topic.
        topic: String,
        /// The size of a batch of this record alone.
        batch_bytes: usize,
        /// What the topic takes.
        max_message_bytes: usize,
    },
    /// The run is full.
    #[error("this run has had {COMMANDS_MAX} commands, which is its limit; reset it to go on")]
    TooManyCommands,
}

//! Everything that a person can do to the world.

use super::spec::ARRIVALS_PER_MIN_MAX;
use crate::json::{Json, JsonError, Place};
use crate::log::ConfigError;
use crate::time::Instant;
use serde::Serialize;
use std::collections::BTreeMap;
use thiserror::Error;

/// How many commands one run takes.
pub const COMMANDS_MAX: usize = 100_000;

/// One thing that a person did. Services and topics go by their names, so that commands survive in links and files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
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
    /// Give a setting of a topic another value.
    SetTopicConfig {
        /// The topic.
        topic: String,
        /// Kafka's name of the setting, such as `retention.ms`.
        name: String,
        /// The value, as Kafka writes it.
        value: String,
    },
    /// Publish one record by hand.
    Publish {
        /// The topic.
        topic: String,
        /// The key; without one the record goes to any partition.
        key: Option<String>,
        /// The value; without one the record is a tombstone.
        value: Option<String>,
        /// The headers.
        headers: BTreeMap<String, String>,
        /// The partition, if it is not the key that decides.
        partition: Option<u32>,
    },
}

impl Command {
    /// Reads a command as it is written in JSON, such as `{"type": "set_service_online", "service": "orders", "online": false}`.
    /// What may be left out may also be null.
    pub fn from_json(json: &Json) -> Result<Self, JsonError> {
        let command = Place::root(json, "the command");
        let kind = json.get("type").and_then(Json::as_text);
        match kind {
            Some("set_service_online") => set_service_online(&command),
            Some("set_arrival_rate") => set_arrival_rate(&command),
            Some("set_topic_config") => set_topic_config(&command),
            Some("publish") => publish(&command),
            Some(unknown) => Err(JsonError::new("type", format!("there is no command \"{unknown}\"; {KINDS}"))),
            None => Err(command.wrong(format!("it must be an object with a \"type\"; {KINDS}"))),
        }
    }
}

const KINDS: &str = "there are: set_service_online, set_arrival_rate, set_topic_config, publish";

fn set_service_online(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "online"])?;
    let service = fields.required("service")?.text()?.to_owned();
    Ok(Command::SetServiceOnline { service, online: fields.required("online")?.flag()? })
}

fn set_arrival_rate(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "service", "arrivals_per_min"])?;
    let service = fields.required("service")?.text()?.to_owned();
    let arrivals_per_min = fields.required("arrivals_per_min")?.within(0..=u32::MAX.into())? as u32;
    Ok(Command::SetArrivalRate { service, arrivals_per_min })
}

fn set_topic_config(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "topic", "name", "value"])?;
    let text = |name| fields.required(name)?.text().map(str::to_owned);
    let value = fields.required("value")?.text_or_whole()?;
    Ok(Command::SetTopicConfig { topic: text("topic")?, name: text("name")?, value })
}

fn publish(command: &Place) -> Result<Command, JsonError> {
    let fields = command.object(&["type", "topic", "key", "value", "headers", "partition"])?;
    let text = |name| fields.optional(name).map(|it| it.text().map(str::to_owned)).transpose();
    let mut headers = BTreeMap::new();
    for (name, value) in fields.optional("headers").map_or(Ok(Vec::new()), |it| it.named())? {
        headers.insert(name.to_owned(), value.text()?.to_owned());
    }
    let partition = fields.optional("partition").map(|it| it.within(0..=u32::MAX.into())).transpose()?;
    Ok(Command::Publish {
        topic: fields.required("topic")?.text()?.to_owned(),
        key: text("key")?,
        value: text("value")?,
        headers,
        partition: partition.map(|partition| partition as u32),
    })
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
    /// The topic has no such setting, or the setting takes no such value.
    #[error(transparent)]
    Config(#[from] ConfigError),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Command, String> {
        Command::from_json(&Json::read(text).expect("JSON")).map_err(|error| error.to_string())
    }

    #[test]
    fn what_was_written_is_read_again() {
        let commands = [
            Command::SetServiceOnline { service: "orders".to_owned(), online: false },
            Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 60 },
            Command::Publish {
                topic: "order-status".to_owned(),
                key: Some("order-1".to_owned()),
                value: None,
                headers: [("source".to_owned(), "me".to_owned())].into(),
                partition: Some(2),
            },
        ];
        for command in commands {
            let written = serde_json::to_string(&command).expect("JSON");
            assert_eq!(read(&written), Ok(command), "{written}");
        }
    }

    #[test]
    fn what_may_be_left_out_may_be_null() {
        let short = read(r#"{"type": "publish", "topic": "t"}"#);
        assert!(short.is_ok());
        assert_eq!(
            read(r#"{"type": "publish", "topic": "t", "key": null, "headers": null, "partition": null}"#),
            short
        );
    }

    #[test]
    fn what_is_no_command_is_refused_with_the_reason() {
        let check = |text: &str, expect: &str| assert_eq!(read(text), Err(expect.to_owned()));
        check("null", &format!("the command: it must be an object with a \"type\"; {KINDS}"));
        check(r#"{"type": "fly"}"#, &format!("type: there is no command \"fly\"; {KINDS}"));
        check(
            r#"{"type": "set_arrival_rate", "service": "orders"}"#,
            "the command: the field \"arrivals_per_min\" is missing",
        );
        check(
            r#"{"type": "set_service_online", "service": "orders", "online": 1}"#,
            "online: it is 1; it must be true or false",
        );
        check(
            r#"{"type": "publish", "topic": "t", "valeu": "v"}"#,
            "valeu: there is no such field; there are: type, topic, key, value, headers, partition",
        );
    }
}

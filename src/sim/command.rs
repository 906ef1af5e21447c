//! Everything that a person can do to the world.

use super::config_error::ServiceConfigError;
use super::spec::{ARRIVALS_PER_MIN_MAX, SERVICES_EVER_MAX};
use crate::client::SendError;
use crate::json::JsonError;
use crate::log::ConfigError;
use crate::sorted::SortedMap;
use crate::time::Instant;
use thiserror::Error;

/// How many commands one run takes.
pub const COMMANDS_MAX: usize = 100_000;

/// One thing that a person did. Services and topics go by their names, so that commands survive in links and files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Switch a service on or off. Off is a crash: the service says good-bye to nobody.
    SetServiceOnline {
        /// The service.
        service: String,
        /// Whether it is to run.
        online: bool,
    },
    /// Switch one instance of a service that reads on or off. Off is a crash.
    SetInstanceOnline {
        /// The service.
        service: String,
        /// Which of its instances, from 0.
        instance: u32,
        /// Whether it is to run.
        online: bool,
    },
    /// Switch a service off in good order: it finishes what it has in hand, commits, and leaves its group.
    ShutDown {
        /// The service.
        service: String,
    },
    /// Let a service that reads stand still, but for its heartbeats.
    Stall {
        /// The service.
        service: String,
        /// For how long, in milliseconds.
        ms: u64,
    },
    /// Cut a service off from the broker, or join them again.
    SetConnected {
        /// The service.
        service: String,
        /// Whether they can reach each other.
        connected: bool,
    },
    /// Let a broker fail, or start it again.
    SetBrokerOnline {
        /// Which, from 1.
        broker: u32,
        /// Whether it is to run.
        online: bool,
    },
    /// Cut a broker off from everybody, or join it again.
    SetBrokerConnected {
        /// Which, from 1.
        broker: u32,
        /// Whether it is to be on the network.
        connected: bool,
    },
    /// Give a setting of a service another value.
    SetServiceConfig {
        /// The service.
        service: String,
        /// The name of the setting, such as `max.poll.records` or `commit_policy`.
        name: String,
        /// The value.
        value: String,
    },
    /// Let a service that reads begin elsewhere.
    Seek {
        /// The service.
        service: String,
        /// Where.
        to: SeekTo,
    },
    /// Let a service try its dead letters again.
    Redrive {
        /// The service.
        service: String,
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
    /// Let a service join. It begins at once.
    AddService {
        /// Which.
        service: NewService,
    },
    /// Let a service go for good: it finishes what it has in hand, commits, and leaves its group. If it is at that already, it goes
    /// at once.
    RemoveService {
        /// The service.
        service: String,
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
        headers: SortedMap<String, String>,
        /// The partition, if it is not the key that decides.
        partition: Option<u32>,
    },
}

/// A service that is to join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewService {
    /// One that the scenario offers, by its name.
    Offered(String),
    /// One that is defined here, as in a scenario file, in a JSON text.
    Defined(String),
}

/// Where a group is to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekTo {
    /// At the oldest record there is.
    Earliest,
    /// Behind the latest record.
    Latest,
    /// At this offset of each partition, or at the nearest that it has.
    Offset(u64),
    /// At the first record that is as old as this or younger, in milliseconds of simulated time.
    TimeMs(u64),
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
    /// The scenario offers no such service.
    #[error("this scenario offers no service \"{service}\"; it offers: {known}")]
    UnknownOffer {
        /// What was asked for.
        service: String,
        /// What it offers.
        known: String,
    },
    /// The definition of a service is wrong, or does not go with the others.
    #[error(transparent)]
    Definition(#[from] JsonError),
    /// More services have come and gone than a run takes.
    #[error("this run has had {SERVICES_EVER_MAX} services, which is its limit; reset it to add more")]
    TooManyServices,
    /// The service publishes nothing of its own accord.
    #[error("the service \"{service}\" publishes nothing by itself, so it has no arrival rate")]
    NotAPublisher {
        /// The service.
        service: String,
    },
    /// The service reads nothing.
    #[error("the service \"{service}\" reads nothing, so there is nothing of the kind to change")]
    NotAReader {
        /// The service.
        service: String,
    },
    /// The service has no such instance.
    #[error("the service \"{service}\" has no instance {instance}; it has {instances}, counted from 0")]
    UnknownInstance {
        /// The service.
        service: String,
        /// What was asked for.
        instance: u32,
        /// How many there are.
        instances: u32,
    },
    /// There is no such broker.
    #[error("there is no broker {broker}; there are {brokers}, counted from 1")]
    UnknownBroker {
        /// What was asked for.
        broker: u32,
        /// How many there are.
        brokers: usize,
    },
    /// The service puts nothing aside.
    #[error("the service \"{service}\" has no dead letter topic in this scenario")]
    NoDeadLetters {
        /// The service.
        service: String,
    },
    /// The setting needs something that the scenario does not give the service.
    #[error("{name} is \"{value}\", for which the service \"{service}\" needs {needs}; this scenario gives it none")]
    NeedsTopic {
        /// The setting.
        name: &'static str,
        /// The value.
        value: String,
        /// The service.
        service: String,
        /// What it would need.
        needs: &'static str,
    },
    /// The service has no such setting, or the setting takes no such value.
    #[error(transparent)]
    ServiceConfig(#[from] ServiceConfigError),
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
    /// What was published by hand before is not acknowledged yet, and there is no room for more.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The run is full.
    #[error("this run has had {COMMANDS_MAX} commands, which is its limit; reset it to go on")]
    TooManyCommands,
}

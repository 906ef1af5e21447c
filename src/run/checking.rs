//! What must hold of a run before anybody runs it.

use super::{LENGTH_MAX, Presses, ROAD_NAME_BYTES_MAX, ROADS_MAX, Run, TEXT_BYTES_MAX};
use crate::json::Json;
use crate::log::Setting;
use crate::scenario::Scenario;
use crate::sim::definition::DEFINITION_BYTES_MAX;
use crate::sim::{COMMANDS_MAX, Command, NewService, ReadSetting, StampedCommand, WriteSetting};
use crate::time::Instant;
use thiserror::Error;

/// What is wrong with a run. Commands are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RunError {
    /// The run is longer than any that is kept.
    #[error("the run comes to {} of simulated time, and the limit is {} hours", clock(*.end), LENGTH_MAX.as_ms() / 3_600_000)]
    TooLong {
        /// How far it has come.
        end: Instant,
    },
    /// The instant that is looked at is not of the run.
    #[error("the run shows {}, and comes only to {}", clock(*.at), clock(*.end))]
    BeyondEnd {
        /// What is looked at.
        at: Instant,
        /// How far the run has come.
        end: Instant,
    },
    /// There are more commands than a run takes.
    #[error("the run has {commands} commands, and the limit is {COMMANDS_MAX}")]
    TooManyCommands {
        /// How many.
        commands: usize,
    },
    /// There are more roads than a run keeps.
    #[error("the run has left {roads} roads, and the limit is {ROADS_MAX}")]
    TooManyRoads {
        /// How many.
        roads: usize,
    },
    /// A road's name is too long.
    #[error("the name of road {number} has {bytes} bytes, and the limit is {ROAD_NAME_BYTES_MAX}")]
    LongName {
        /// Which of the roads, from 1.
        number: usize,
        /// How long it is.
        bytes: usize,
    },
    /// Something is wrong with one command.
    #[error("command {number}{} (at {}) {what}", of_road(road.as_deref()), clock(*.at))]
    Command {
        /// Which command.
        number: usize,
        /// The road that it is of; none is the run itself.
        road: Option<String>,
        /// When it was given.
        at: Instant,
        /// What is wrong with it.
        what: CommandFault,
    },
}

/// What is wrong with a command of a run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandFault {
    /// It comes before the one before it.
    #[error("is earlier than the one before it")]
    OutOfOrder,
    /// It goes with the one before it, and is the first.
    #[error("has \"with_previous\", and there is none before it")]
    NonePrevious,
    /// It goes with one that was given at another time.
    #[error("has \"with_previous\", and is not of the same instant as the one before it")]
    ApartFromPrevious,
    /// It comes after the run has ended.
    #[error("comes after the end of the run")]
    AfterEnd,
    /// The scenario has no such service.
    #[error("names the service \"{0}\", which this scenario does not have")]
    UnknownService(String),
    /// The scenario has no such topic.
    #[error("names the topic \"{0}\", which this scenario does not have")]
    UnknownTopic(String),
    /// The scenario has no such broker.
    #[error("names broker {broker}, and this scenario has {brokers}, counted from 1")]
    UnknownBroker {
        /// What was asked for.
        broker: u32,
        /// How many there are.
        brokers: u16,
    },
    /// There is no such setting.
    #[error("names the setting \"{0}\", which does not exist")]
    UnknownSetting(String),
    /// It defines a service by something that is no definition.
    #[error("is to add a service, and holds no definition of one")]
    NoDefinition,
    /// It defines a service at too great a length.
    #[error("has a definition of {0} bytes, and the limit is {DEFINITION_BYTES_MAX}")]
    LongDefinition(usize),
    /// One of its texts is too long.
    #[error("has a text of {0} bytes, and the limit is {TEXT_BYTES_MAX}")]
    LongText(usize),
}

/// Says what is wrong with a run, if anything is.
pub fn check(run: &Run) -> Result<(), RunError> {
    if run.at > run.end {
        return Err(RunError::BeyondEnd { at: run.at, end: run.end });
    }
    check_road(&run.scenario, None, (&run.commands, &run.presses), run.end)?;
    if run.roads.len() > ROADS_MAX {
        return Err(RunError::TooManyRoads { roads: run.roads.len() });
    }
    for (number, road) in (1..).zip(&run.roads) {
        if road.name.len() > ROAD_NAME_BYTES_MAX {
            return Err(RunError::LongName { number, bytes: road.name.len() });
        }
        check_road(&run.scenario, Some(&road.name), (&road.commands, &road.presses), road.end)?;
    }
    Ok(())
}

fn check_road(
    scenario: &Scenario,
    road: Option<&str>,
    (commands, presses): (&[StampedCommand], &Presses),
    end: Instant,
) -> Result<(), RunError> {
    if end.since(Instant::START) > LENGTH_MAX {
        return Err(RunError::TooLong { end });
    }
    if commands.len() > COMMANDS_MAX {
        return Err(RunError::TooManyCommands { commands: commands.len() });
    }
    let (mut before, mut names) = (None, Names { scenario, defined: Vec::new() });
    for (number, stamped) in (1..).zip(commands) {
        let fault = |what| RunError::Command { number, road: road.map(str::to_owned), at: stamped.at, what };
        check_time(before, stamped.at, end).map_err(fault)?;
        if presses.is_with_previous(number - 1) {
            check_press(before, stamped.at).map_err(fault)?;
        }
        names.check(&stamped.command).map_err(fault)?;
        before = Some(stamped.at);
    }
    Ok(())
}

/// The names that commands may use.
struct Names<'a> {
    scenario: &'a Scenario,
    /// Those of services that earlier commands define.
    defined: Vec<String>,
}

fn check_time(before: Option<Instant>, at: Instant, end: Instant) -> Result<(), CommandFault> {
    match at {
        _ if before.is_some_and(|before| at < before) => Err(CommandFault::OutOfOrder),
        _ if at > end => Err(CommandFault::AfterEnd),
        _ => Ok(()),
    }
}

/// One press does all that it does at one instant.
fn check_press(before: Option<Instant>, at: Instant) -> Result<(), CommandFault> {
    match before {
        None => Err(CommandFault::NonePrevious),
        Some(before) if before < at => Err(CommandFault::ApartFromPrevious),
        Some(_) => Ok(()),
    }
}

impl Names<'_> {
    fn check(&mut self, command: &Command) -> Result<(), CommandFault> {
        let scenario = self.scenario;
        match command {
            Command::SetServiceOnline { service, .. }
            | Command::SetInstanceOnline { service, .. }
            | Command::ShutDown { service }
            | Command::Stall { service, .. }
            | Command::SetConnected { service, .. }
            | Command::Seek { service, .. }
            | Command::Redrive { service }
            | Command::RemoveService { service }
            | Command::AddService { service: NewService::Offered(service) }
            | Command::SetArrivalRate { service, .. } => self.known_service(service),
            Command::AddService { service: NewService::Defined(definition) } => self.define(definition),
            Command::SetBrokerOnline { broker, .. } | Command::SetBrokerConnected { broker, .. } => {
                let brokers = scenario.world.broker.brokers;
                let is_known = (1..=u32::from(brokers)).contains(broker);
                is_known.then_some(()).ok_or(CommandFault::UnknownBroker { broker: *broker, brokers })
            }
            Command::SetServiceConfig { service, name, value } => {
                self.known_service(service)?;
                let is_known = ReadSetting::named(name).is_ok() || WriteSetting::named(name).is_ok();
                known_setting(is_known, name)?;
                short(value)
            }
            Command::SetTopicConfig { topic, name, value } => {
                known_topic(scenario, topic)?;
                known_setting(Setting::named(name).is_ok(), name)?;
                short(value)
            }
            Command::Publish { topic, key, value, headers, .. } => {
                known_topic(scenario, topic)?;
                let headers = headers.iter().flat_map(|(name, value)| [name, value]);
                key.iter().chain(value).chain(headers).try_for_each(|text| short(text))
            }
        }
    }

    fn define(&mut self, definition: &str) -> Result<(), CommandFault> {
        if definition.len() > DEFINITION_BYTES_MAX {
            return Err(CommandFault::LongDefinition(definition.len()));
        }
        let json = Json::read(definition).map_err(|_| CommandFault::NoDefinition)?;
        let name = json.get("name").and_then(Json::as_text).ok_or(CommandFault::NoDefinition)?;
        self.defined.push(name.to_owned());
        Ok(())
    }

    fn known_service(&self, name: &str) -> Result<(), CommandFault> {
        let world = &self.scenario.world;
        let named = world.services.iter().map(|it| &*it.name).chain(world.offered.iter().map(|it| &*it.name));
        let is_known = named.chain(self.defined.iter().map(String::as_str)).any(|known| known == name);
        is_known.then_some(()).ok_or_else(|| CommandFault::UnknownService(name.to_owned()))
    }
}

fn known_topic(scenario: &Scenario, name: &str) -> Result<(), CommandFault> {
    let is_known = scenario.world.topics.iter().any(|topic| *topic.name == *name);
    is_known.then_some(()).ok_or_else(|| CommandFault::UnknownTopic(name.to_owned()))
}

fn known_setting(is_known: bool, name: &str) -> Result<(), CommandFault> {
    is_known.then_some(()).ok_or_else(|| CommandFault::UnknownSetting(name.to_owned()))
}

fn short(text: &str) -> Result<(), CommandFault> {
    (text.len() <= TEXT_BYTES_MAX).then_some(()).ok_or(CommandFault::LongText(text.len()))
}

fn of_road(road: Option<&str>) -> String {
    road.map(|name| format!(" of \"{name}\"")).unwrap_or_default()
}

/// The time of a run in hours, minutes, seconds and microseconds.
fn clock(at: Instant) -> String {
    let (seconds, us) = (at.as_us() / 1_000_000, at.as_us() % 1_000_000);
    format!("{:02}:{:02}:{:02}.{us:06}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

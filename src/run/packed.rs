//! A run as few bytes, in the layout of versions 1 and 2. What has a pattern is kept apart from what has none and cannot be made
//! shorter: the times of commands but for how many bits they have, and the trace hash.
//!
//! Version 2 is version 1, and knows which commands were done with one press.

use super::bits::{BitReader, BitWriter};
use super::bytes::{Garbled, Reader, put_number, put_text};
use super::link::LINK_COMMANDS_MAX;
use super::waits::{Shape, WITH_PREVIOUS};
use super::words::WORDS_1;
use super::{Presses, Run};
use crate::scenario::{self, SHIPPED, Scenario, ScenarioError};
use crate::sim::{Command, NewService, SeekTo, StampedCommand};
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};

/// A scenario that ships with the page goes by its name, any other by its text.
const BY_NAME: u8 = 0;
const BY_TEXT: u8 = 1;
/// What a record published by hand has.
const HAS_KEY: u8 = 1;
const HAS_VALUE: u8 = 2;
const HAS_PARTITION: u8 = 4;

/// Why bytes are no run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unpackable {
    /// They are none that [`pack`] makes.
    Garbled,
    /// Their scenario is not known here, or is none.
    Scenario(ScenarioError),
}

impl From<Garbled> for Unpackable {
    fn from(_: Garbled) -> Self {
        Self::Garbled
    }
}

/// A run as bytes.
#[derive(Debug, Default)]
pub(super) struct Packed {
    /// What can be made shorter.
    pub(super) pattern: Vec<u8>,
    /// What cannot.
    pub(super) noise: Vec<u8>,
}

/// A run as bytes, without its roads.
pub(super) fn pack(run: &Run) -> Packed {
    let mut out = Packer { names: Names::of(&run.scenario), bytes: Vec::new(), noise: BitWriter::default() };
    out.scenario(&run.scenario);
    out.number(run.seed);
    out.number(run.commands.len() as u64);
    for stamped in &run.commands {
        out.command(&stamped.command);
    }
    let mut before = Instant::START;
    for (place, stamped) in run.commands.iter().enumerate() {
        if run.presses.is_with_previous(place) {
            out.bytes.push(WITH_PREVIOUS);
        } else {
            out.wait(stamped.at.since(before));
        }
        before = stamped.at;
    }
    out.wait(run.end.since(before));
    out.wait(run.end.since(run.at));
    out.bytes.push(u8::from(run.trace_hash.is_some()));
    if let Some(hash) = run.trace_hash {
        out.noise.put(hash, u64::BITS);
    }
    Packed { pattern: out.bytes, noise: out.noise.finish() }
}

/// The run that [`pack`] has made `pattern` and the end of `noise` of. Only some versions know of presses.
pub(super) fn unpack(pattern: &[u8], noise: &[u8], has_presses: bool) -> Result<Run, Unpackable> {
    let mut rest = Reader(pattern);
    let scenario = read_scenario(&mut rest)?;
    let mut unpacker = Unpacker { names: Names::of(&scenario), rest };
    let seed = unpacker.rest.number()?;
    let commands = unpacker.commands()?;
    let (shapes, presses) = unpacker.shapes(commands.len(), has_presses)?;
    let has_hash = unpacker.flag()?;
    if !unpacker.rest.0.is_empty() {
        return Err(Unpackable::Garbled);
    }
    let bits = shapes.iter().map(|shape| u64::from(shape.noise_bits())).sum::<u64>() + if has_hash { 64 } else { 0 };
    let mut noise = BitReader::of_last(noise, bits).ok_or(Garbled)?;
    let mut waits = shapes.into_iter().map(|shape| shape.span(&mut noise)).collect::<Result<Vec<Span>, Garbled>>()?;
    let trace_hash = has_hash.then(|| noise.take(u64::BITS));
    let (Some(before_end), Some(after_last)) = (waits.pop(), waits.pop()) else { return Err(Unpackable::Garbled) };
    let commands = stamped(commands, waits);
    let end = commands.last().map_or(Instant::START, |last| last.at) + after_last;
    let at = end.as_us().checked_sub(before_end.as_us()).map(Instant::from_us).ok_or(Garbled)?;
    Ok(Run { seed, commands, presses, at, end, trace_hash, roads: Vec::new(), scenario })
}

/// Each command at its time: so long after the one before.
fn stamped(commands: Vec<Command>, waits: Vec<Span>) -> Vec<StampedCommand> {
    let mut at = Instant::START;
    let stamp = |(command, wait)| {
        at += wait;
        StampedCommand { at, command }
    };
    commands.into_iter().zip(waits).map(stamp).collect()
}

fn read_scenario(rest: &mut Reader) -> Result<Scenario, Unpackable> {
    let read = match rest.byte()? {
        BY_NAME => scenario::shipped(rest.text()?),
        BY_TEXT => scenario::parse(rest.text()?),
        _ => return Err(Unpackable::Garbled),
    };
    read.map_err(Unpackable::Scenario)
}

/// What the scenario calls its things: they go by their places in it.
struct Names {
    services: Vec<String>,
    topics: Vec<String>,
}

impl Names {
    fn of(scenario: &Scenario) -> Self {
        let services = scenario.world.services.iter().map(|service| service.name.to_string());
        let offered = scenario.world.offered.iter().map(|offered| offered.name.to_string());
        let services = services.chain(offered).collect();
        let topics = scenario.world.topics.iter().map(|topic| topic.name.to_string()).collect();
        Self { services, topics }
    }
}

struct Packer {
    names: Names,
    bytes: Vec<u8>,
    noise: BitWriter,
}

impl Packer {
    fn scenario(&mut self, scenario: &Scenario) {
        let is_shipped = SHIPPED.iter().any(|(name, text)| *name == &*scenario.name && *text == &*scenario.text);
        self.bytes.push(if is_shipped { BY_NAME } else { BY_TEXT });
        put_text(&mut self.bytes, if is_shipped { &scenario.name } else { &scenario.text });
    }

    fn number(&mut self, number: u64) {
        put_number(&mut self.bytes, number);
    }

    fn wait(&mut self, span: Span) {
        let (shape, number) = Shape::of(span);
        self.bytes.push(shape.byte());
        self.noise.put(number, shape.noise_bits());
    }

    fn service(&mut self, name: &str) {
        let place = self.names.services.iter().position(|known| known == name);
        self.known(place, name);
    }

    fn topic(&mut self, name: &str) {
        let place = self.names.topics.iter().position(|known| known == name);
        self.known(place, name);
    }

    fn word(&mut self, word: &str) {
        self.known(WORDS_1.iter().position(|known| *known == word), word);
    }

    fn known(&mut self, place: Option<usize>, name: &str) {
        self.number(place.map_or(0, |place| place as u64 + 1));
        if place.is_none() {
            put_text(&mut self.bytes, name);
        }
    }

    fn of_service(&mut self, kind: u8, service: &str) {
        self.bytes.push(kind);
        self.service(service);
    }

    fn of_broker(&mut self, kind: u8, broker: u32) {
        self.bytes.push(kind);
        self.number(u64::from(broker));
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::SetServiceOnline { service, online } => self.of_service(u8::from(*online), service),
            Command::SetInstanceOnline { service, instance, online } => {
                self.of_service(2 + u8::from(*online), service);
                self.number(u64::from(*instance));
            }
            Command::ShutDown { service } => self.of_service(4, service),
            Command::Stall { service, ms } => {
                self.of_service(5, service);
                self.number(*ms);
            }
            Command::SetConnected { service, connected } => self.of_service(6 + u8::from(*connected), service),
            Command::SetServiceConfig { service, name, value } => {
                self.of_service(8, service);
                self.word(name);
                self.word(value);
            }
            Command::Seek { service, to } => self.seek(service, *to),
            Command::Redrive { service } => self.of_service(13, service),
            Command::SetArrivalRate { service, arrivals_per_min } => {
                self.of_service(14, service);
                self.number(u64::from(*arrivals_per_min));
            }
            Command::SetBrokerOnline { broker, online } => self.of_broker(17 + u8::from(*online), *broker),
            Command::SetBrokerConnected { broker, connected } => self.of_broker(19 + u8::from(*connected), *broker),
            Command::SetTopicConfig { topic, name, value } => {
                self.bytes.push(15);
                self.topic(topic);
                self.word(name);
                self.word(value);
            }
            Command::AddService { service: NewService::Offered(service) } => self.of_service(21, service),
            Command::AddService { service: NewService::Defined(definition) } => {
                self.bytes.push(22);
                put_text(&mut self.bytes, definition);
            }
            Command::RemoveService { service } => self.of_service(23, service),
            Command::Publish { topic, key, value, headers, partition } => {
                self.bytes.push(16);
                self.topic(topic);
                self.record(key.as_deref(), value.as_deref(), *partition);
                self.number(headers.len() as u64);
                for (name, value) in headers {
                    self.word(name);
                    self.word(value);
                }
            }
        }
    }

    fn seek(&mut self, service: &str, to: SeekTo) {
        let (kind, number) = match to {
            SeekTo::Earliest => (9, None),
            SeekTo::Latest => (10, None),
            SeekTo::Offset(offset) => (11, Some(offset)),
            SeekTo::TimeMs(ms) => (12, Some(ms)),
        };
        self.of_service(kind, service);
        if let Some(number) = number {
            self.number(number);
        }
    }

    fn record(&mut self, key: Option<&str>, value: Option<&str>, partition: Option<u32>) {
        let flag = |is_there: bool, flag: u8| if is_there { flag } else { 0 };
        let has =
            flag(key.is_some(), HAS_KEY) | flag(value.is_some(), HAS_VALUE) | flag(partition.is_some(), HAS_PARTITION);
        self.bytes.push(has);
        for text in key.into_iter().chain(value) {
            put_text(&mut self.bytes, text);
        }
        if let Some(partition) = partition {
            self.number(u64::from(partition));
        }
    }
}

struct Unpacker<'a> {
    names: Names,
    rest: Reader<'a>,
}

impl Unpacker<'_> {
    fn commands(&mut self) -> Result<Vec<Command>, Garbled> {
        match self.rest.number()? {
            count if count > LINK_COMMANDS_MAX as u64 => Err(Garbled),
            count => (0..count).map(|_| self.command()).collect(),
        }
    }

    /// The shapes of the times of so many commands and of the two that follow, and which commands have none of their own.
    fn shapes(&mut self, commands: usize, has_presses: bool) -> Result<(Vec<Shape>, Presses), Garbled> {
        let (mut shapes, mut presses) = (Vec::with_capacity(commands + 2), Presses::default());
        for place in 0..commands + 2 {
            let byte = self.rest.byte()?;
            let is_with_previous = has_presses && place < commands && byte == WITH_PREVIOUS;
            if is_with_previous {
                presses.push(place);
            }
            shapes.push(if is_with_previous { Shape::NONE } else { Shape::of_byte(byte)? });
        }
        Ok((shapes, presses))
    }

    fn flag(&mut self) -> Result<bool, Garbled> {
        match self.rest.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Garbled),
        }
    }

    fn service(&mut self) -> Result<String, Garbled> {
        let place = self.rest.number()?;
        named(place, &mut self.rest, &self.names.services)
    }

    fn topic(&mut self) -> Result<String, Garbled> {
        let place = self.rest.number()?;
        named(place, &mut self.rest, &self.names.topics)
    }

    fn word(&mut self) -> Result<String, Garbled> {
        let place = self.rest.number()?;
        named(place, &mut self.rest, WORDS_1)
    }

    fn command(&mut self) -> Result<Command, Garbled> {
        let kind = self.rest.byte()?;
        match kind {
            15 => Ok(Command::SetTopicConfig { topic: self.topic()?, name: self.word()?, value: self.word()? }),
            16 => self.publish(),
            22 => {
                let definition = self.rest.text()?.to_owned();
                Ok(Command::AddService { service: NewService::Defined(definition) })
            }
            17 | 18 => Ok(Command::SetBrokerOnline { broker: self.rest.number_32()?, online: kind == 18 }),
            19 | 20 => Ok(Command::SetBrokerConnected { broker: self.rest.number_32()?, connected: kind == 20 }),
            _ => {
                let service = self.service()?;
                self.command_of(kind, service)
            }
        }
    }

    fn command_of(&mut self, kind: u8, service: String) -> Result<Command, Garbled> {
        Ok(match kind {
            0 | 1 => Command::SetServiceOnline { service, online: kind == 1 },
            2 | 3 => Command::SetInstanceOnline { service, instance: self.rest.number_32()?, online: kind == 3 },
            4 => Command::ShutDown { service },
            5 => Command::Stall { service, ms: self.rest.number()? },
            6 | 7 => Command::SetConnected { service, connected: kind == 7 },
            8 => Command::SetServiceConfig { service, name: self.word()?, value: self.word()? },
            9 => Command::Seek { service, to: SeekTo::Earliest },
            10 => Command::Seek { service, to: SeekTo::Latest },
            11 => Command::Seek { service, to: SeekTo::Offset(self.rest.number()?) },
            12 => Command::Seek { service, to: SeekTo::TimeMs(self.rest.number()?) },
            13 => Command::Redrive { service },
            14 => Command::SetArrivalRate { service, arrivals_per_min: self.rest.number_32()? },
            21 => Command::AddService { service: NewService::Offered(service) },
            23 => Command::RemoveService { service },
            _ => return Err(Garbled),
        })
    }

    fn publish(&mut self) -> Result<Command, Garbled> {
        let topic = self.topic()?;
        let has = self.rest.byte()?;
        if has > HAS_KEY | HAS_VALUE | HAS_PARTITION {
            return Err(Garbled);
        }
        let key = (has & HAS_KEY > 0).then(|| self.rest.text().map(str::to_owned)).transpose()?;
        let value = (has & HAS_VALUE > 0).then(|| self.rest.text().map(str::to_owned)).transpose()?;
        let partition = (has & HAS_PARTITION > 0).then(|| self.rest.number_32()).transpose()?;
        let mut headers = SortedMap::new();
        for _ in 0..self.rest.number()? {
            headers.insert(self.word()?, self.word()?);
        }
        Ok(Command::Publish { topic, key, value, headers, partition })
    }
}

/// The name at a place in a table, counted from 1, or else what is written out.
fn named(place: u64, rest: &mut Reader, table: &[impl AsRef<str>]) -> Result<String, Garbled> {
    match place.checked_sub(1) {
        None => rest.text().map(str::to_owned),
        Some(index) => {
            let index = usize::try_from(index).map_err(|_| Garbled)?;
            table.get(index).map(|name| name.as_ref().to_owned()).ok_or(Garbled)
        }
    }
}

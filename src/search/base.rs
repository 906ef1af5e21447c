//! What a search begins with: a system, how it is set, and the promise to be broken.

use crate::check::promises::Promise;
use crate::client::ProducerConfig;
use crate::log::{Setting, TopicId};
use crate::sim::{Command, ReadConfig, ReadSetting, ServiceId, World, WorldSpec, WriteSetting};
use crate::time::Span;
use std::sync::Arc;

/// What a search begins with.
#[derive(Clone, Debug)]
pub struct Base {
    /// The system.
    pub spec: Arc<WorldSpec>,
    /// The seed that is tried first.
    pub seed: u64,
    /// What is set before anything else happens; see [`settings_of`].
    pub settings: Vec<Command>,
    /// The promise to be broken.
    pub promise: Promise,
    /// How many schedules are tried before the search gives up.
    pub tries_max: u32,
    /// How long each run is; outages begin in the first half of it.
    pub horizon: Span,
}

/// The commands that set a new world as this one is set now: settings of services and topics, and how often entities turn up.
pub fn settings_of(world: &World) -> Vec<Command> {
    let services = world.service_ids().flat_map(|id| service_settings(world, id));
    let remove = |id| Command::RemoveService { service: world.service_spec(id).name.to_string() };
    let has_joined = |id: &ServiceId| world.joined().iter().any(|(joined, _)| joined == id);
    let gone = world.all_service_ids().filter(|id| world.is_removed(*id) && !has_joined(id)).map(remove);
    let there = world.joined().iter().filter(|(id, _)| !world.is_removed(*id));
    let joined = there.map(|(_, service)| Command::AddService { service: service.clone() });
    let topics = (0..world.spec().topics.len() as u16).map(TopicId).flat_map(|topic| topic_settings(world, topic));
    gone.chain(joined).chain(services).chain(topics).collect()
}

fn service_settings(world: &World, id: ServiceId) -> Vec<Command> {
    let spec = world.service_spec(id);
    let set = |name: &str, value: String| Command::SetServiceConfig {
        service: spec.name.to_string(),
        name: name.to_owned(),
        value,
    };
    let mut commands = Vec::new();
    if let (Some(consumes), Some(now)) = (&spec.consumes, world.config_of(id)) {
        let changes = read_changes(&consumes.config, now);
        commands.extend(changes.into_iter().map(|setting| set(setting.name(), now.value(setting))));
    }
    if let (Some(publishes), Some(now)) = (&spec.publishes, world.write_config_of(id)) {
        let changes = write_changes(&publishes.config, now);
        commands.extend(changes.into_iter().map(|setting| set(setting.name(), setting.value(now))));
    }
    if let (Some(publishes), Some(now)) = (&spec.publishes, world.arrivals_per_min(id))
        && publishes.arrivals_per_min != now
    {
        commands.push(Command::SetArrivalRate { service: spec.name.to_string(), arrivals_per_min: now });
    }
    commands
}

/// The settings of a reader that differ.
fn read_changes(before: &ReadConfig, now: &ReadConfig) -> Vec<ReadSetting> {
    let mut config = before.clone();
    in_order(&ReadSetting::ALL, |setting| {
        let value = now.value(setting);
        config.value(setting) != value && config.set(setting, &value).is_ok()
    })
}

/// The settings of a publisher that differ.
fn write_changes(before: &ProducerConfig, now: &ProducerConfig) -> Vec<WriteSetting> {
    let mut config = before.clone();
    in_order(&WriteSetting::ALL, |setting| {
        let value = setting.value(now);
        setting.value(&config) != value && setting.set(&mut config, &value).is_ok()
    })
}

/// The settings that `change` has changed, in an order in which each can be: some of them are checked against each other.
fn in_order<S: Copy>(all: &[S], mut change: impl FnMut(S) -> bool) -> Vec<S> {
    let twice = all.iter().chain(all).copied();
    twice.filter(|setting| change(*setting)).collect()
}

fn topic_settings(world: &World, topic: TopicId) -> Vec<Command> {
    let (before, now) = (&world.spec().topics[usize::from(topic.0)], world.broker().topic(topic));
    let differs = |setting: &Setting| before.log.value(*setting) != now.config().value(*setting);
    let set = |setting: Setting| Command::SetTopicConfig {
        topic: before.name.to_string(),
        name: setting.name().to_owned(),
        value: now.config().value(setting),
    };
    Setting::ALL.into_iter().filter(differs).map(set).collect()
}

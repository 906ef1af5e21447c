//! A random schedule of outages, decided by a number.

use super::trial::{BEGINS, last_blow};
use crate::sim::{Command, ReadConfig, ServiceId, StampedCommand, Stream, World};
use crate::time::{Instant, Span};

/// How many outages a schedule has at most.
const OUTAGES_MAX: u64 = 4;
/// Most instances that a service is scaled to.
const SCALED_TO_MAX: u64 = 4;
/// One outage in so many is one of a broker, if there are several.
const BROKERS_ONE_IN: u64 = 5;
const SHORT: (Span, Span) = (Span::from_ms(100), Span::from_ms(2_500));
const LONG: (Span, Span) = (Span::from_ms(2_500), Span::from_ms(12_000));

/// The schedule that `number` stands for, in order of time. `world` is the one that it is for, before anything happens to it.
pub(super) fn schedule(world: &World, number: u32, horizon: Span) -> Vec<StampedCommand> {
    let mut dice = Stream::new(world.seed(), &format!("schedule {number}"));
    let mut commands = Vec::new();
    let last_blow = last_blow(horizon);
    for _ in 0..=dice.below(OUTAGES_MAX) {
        let at = Instant::START + dice.between(BEGINS.since(Instant::START), last_blow.since(Instant::START));
        let (from, to) = if dice.below(3) < 2 { SHORT } else { LONG };
        let back_at = at + dice.between(from, to);
        let (blow, back) = outage(world, &mut dice);
        commands.push(StampedCommand { at, command: blow });
        commands.extend(back.map(|command| StampedCommand { at: back_at, command }));
    }
    crate::sorted::sort_by_key(&mut commands, |command| command.at);
    commands
}

/// Something that goes wrong with a broker. Of one alone everything waits, and that tells nothing.
fn broker_outage(brokers: u64, dice: &mut Stream) -> (Command, Option<Command>) {
    let broker = 1 + dice.below(brokers) as u32;
    let online = |online| Command::SetBrokerOnline { broker, online };
    let connected = |connected| Command::SetBrokerConnected { broker, connected };
    match dice.below(3) {
        0 => (connected(false), Some(connected(true))),
        _ => (online(false), Some(online(true))),
    }
}

/// Something that goes wrong, and how it is put right again.
fn outage(world: &World, dice: &mut Stream) -> (Command, Option<Command>) {
    let brokers = world.broker().nodes().len() as u64;
    if brokers > 1 && dice.below(BROKERS_ONE_IN) == 0 {
        return broker_outage(brokers, dice);
    }
    let services: Vec<ServiceId> = world.service_ids().collect();
    let readers: Vec<ServiceId> = services.iter().copied().filter(|id| world.group_of(*id).is_some()).collect();
    let kind = dice.below(if readers.is_empty() { 3 } else { 7 });
    let among = if kind < 3 { &services } else { &readers };
    let id = among[dice.below(among.len() as u64) as usize];
    let service = world.service_spec(id).name.to_string();
    let online = |online| Command::SetServiceOnline { service: service.clone(), online };
    let connected = |connected| Command::SetConnected { service: service.clone(), connected };
    let Some(config) = world.config_of(id).filter(|_| kind > 2) else {
        return match kind {
            0 => (online(false), Some(online(true))),
            1 => (Command::ShutDown { service: service.clone() }, Some(online(true))),
            _ => (connected(false), Some(connected(true))),
        };
    };
    match kind {
        3 => (online(false), Some(online(true))),
        4 => {
            let instance = dice.below(config.instances.into()) as u32;
            let switch = |online| Command::SetInstanceOnline { service: service.clone(), instance, online };
            (switch(false), Some(switch(true)))
        }
        5 => (Command::Stall { service, ms: stall_ms(config, dice) }, None),
        _ => {
            let set = |instances: u64| Command::SetServiceConfig {
                service: service.clone(),
                name: "instances".to_owned(),
                value: instances.to_string(),
            };
            (set(1 + dice.below(SCALED_TO_MAX)), Some(set(config.instances.into())))
        }
    }
}

/// Shorter than `max.poll.interval.ms`, or longer, so that the instance is taken for dead.
fn stall_ms(config: &ReadConfig, dice: &mut Stream) -> u64 {
    let interval = config.max_poll_interval.as_ms();
    let is_long = dice.below(2) == 0 && interval <= LONG.1.as_ms() * 2;
    if is_long { interval + 500 + dice.below(3_000) } else { 200 + dice.below(5_000) }
}

#[cfg(test)]
mod tests {
    use super::super::trial::HORIZON;
    use super::*;
    use crate::broker::BrokerConfig;
    use crate::log::{LogConfig, TopicId};
    use crate::sim::{ConsumesSpec, NetworkSpec, ServiceSpec, Spread, WorldSpec};
    use std::sync::Arc;

    /// A service that reads, and nothing to be read.
    fn world() -> World {
        let none = Spread { min: Span::ZERO, max: Span::ZERO };
        let consumes = ConsumesSpec {
            topics: vec![TopicId(0)],
            group: "g".into(),
            config: ReadConfig { max_poll_interval: Span::from_ms(20_000), ..ReadConfig::default() },
            output: None,
            retry_topic: None,
            dead_letter_topic: None,
            outcome: None,
        };
        let service = ServiceSpec { name: "s".into(), summary: "".into(), publishes: None, consumes: Some(consumes) };
        let (name, log) = ("t".into(), LogConfig::default());
        let topics = vec![crate::broker::TopicConfig { name, partitions: 1, replication_factor: 1, log }];
        let broker = BrokerConfig { brokers: 3, ..BrokerConfig::default() };
        let network = NetworkSpec { latency: none };
        World::new(Arc::new(WorldSpec { broker, network, topics, services: vec![service], offered: Vec::new() }), 1)
    }

    #[test]
    fn every_kind_of_outage_turns_up_in_its_time_and_is_put_right_again() {
        let world = world();
        let mut kinds = crate::sorted::SortedSet::new();
        for number in 0..200 {
            let commands = schedule(&world, number, HORIZON);
            assert!(commands.is_sorted_by_key(|command| command.at), "schedule {number}");
            assert!(
                commands.iter().all(|it| it.at >= BEGINS && it.at <= last_blow(HORIZON) + LONG.1),
                "schedule {number}"
            );
            assert!((1..=2 * OUTAGES_MAX as usize).contains(&commands.len()), "schedule {number}");
            kinds.extend(commands.iter().map(|it| kind(&it.command)));
        }
        let expect = [
            "broker cut",
            "broker joined",
            "broker off",
            "broker on",
            "cut",
            "instance off",
            "instance on",
            "joined",
            "off",
            "on",
            "scale",
            "shut down",
            "stall",
        ];
        assert!(kinds.iter().copied().eq(expect), "{kinds:?}");
    }

    fn kind(command: &Command) -> &'static str {
        match command {
            Command::SetServiceOnline { online: true, .. } => "on",
            Command::SetServiceOnline { online: false, .. } => "off",
            Command::SetInstanceOnline { online: true, .. } => "instance on",
            Command::SetInstanceOnline { online: false, .. } => "instance off",
            Command::SetConnected { connected: true, .. } => "joined",
            Command::SetConnected { connected: false, .. } => "cut",
            Command::SetBrokerOnline { online: true, .. } => "broker on",
            Command::SetBrokerOnline { online: false, .. } => "broker off",
            Command::SetBrokerConnected { connected: true, .. } => "broker joined",
            Command::SetBrokerConnected { connected: false, .. } => "broker cut",
            Command::SetServiceConfig { .. } => "scale",
            Command::ShutDown { .. } => "shut down",
            Command::Stall { .. } => "stall",
            Command::Seek { .. }
            | Command::Redrive { .. }
            | Command::SetArrivalRate { .. }
            | Command::SetTopicConfig { .. }
            | Command::AddService { .. }
            | Command::RemoveService { .. }
            | Command::Publish { .. } => "no outage",
        }
    }
}

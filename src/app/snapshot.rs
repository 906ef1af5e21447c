//! The state of the run as scripts see it: `window.catchup.snapshot()`. Times in milliseconds, offsets as numbers.

use super::Branch;
use super::model::Model;
use super::outcomes::OutcomeEntry;
use super::view::group_state_word;
use crate::broker::{BrokerId, GroupId, Node, Replicas, Topic};
use crate::log::{Log, TopicId, TopicPartition};
use crate::sim::{InstanceInfo, Role, ServiceId, ServiceState};
use crate::sorted::SortedMap;
use serde::Serialize;
use std::sync::Arc;

/// The state of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    scenario: Arc<str>,
    seed: u64,
    time_ms: u64,
    playing: bool,
    services: Vec<ServiceSnapshot>,
    brokers: Vec<BrokerSnapshot>,
    topics: Vec<TopicSnapshot>,
    groups: Vec<GroupSnapshot>,
    effects: SortedMap<Arc<str>, Vec<EffectSnapshot>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ServiceSnapshot {
    name: Arc<str>,
    online: bool,
    state: &'static str,
    lag: u64,
    arrivals_per_min: Option<u32>,
    connected: bool,
    settings: SortedMap<&'static str, String>,
    /// Of a service that reads.
    instances: Vec<InstanceSnapshot>,
    seen_twice: u64,
    recognised: u64,
    retrying: u64,
    dead_lettered: u64,
    aborted: u64,
    lost: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct InstanceSnapshot {
    number: u32,
    retries: bool,
    running: bool,
    in_hand: usize,
    partitions: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct BrokerSnapshot {
    number: u16,
    online: bool,
    connected: bool,
    fenced: bool,
    leads: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct TopicSnapshot {
    name: Arc<str>,
    partitions: Vec<PartitionSnapshot>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct PartitionSnapshot {
    partition: u32,
    leader: Option<u16>,
    replicas: Vec<u16>,
    isr: Vec<u16>,
    leader_epoch: i32,
    log_start_offset: i64,
    high_watermark: i64,
    log_end_offset: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct GroupSnapshot {
    name: Arc<str>,
    generation: i32,
    state: &'static str,
    members: usize,
    lag: u64,
    partitions: Vec<GroupPartitionSnapshot>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct GroupPartitionSnapshot {
    topic: Arc<str>,
    partition: u32,
    committed_offset: Option<i64>,
    log_end_offset: i64,
    lag: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct EffectSnapshot {
    time_ms: u64,
    text: Arc<str>,
    topic: Arc<str>,
    partition: u32,
    offset: i64,
}

/// A road that was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BranchSnapshot {
    name: String,
    commands: usize,
    end_ms: u64,
}

/// The roads that were left, the oldest first.
pub fn branches(model: &Model) -> Vec<BranchSnapshot> {
    let branch =
        |it: &Branch| BranchSnapshot { name: it.name.clone(), commands: it.commands.len(), end_ms: it.end.as_ms() };
    model.branches().iter().map(branch).collect()
}

/// The state of the run at this moment.
pub fn snapshot(model: &Model) -> Snapshot {
    let world = model.world();
    Snapshot {
        scenario: model.scenario().name.clone(),
        seed: world.seed(),
        time_ms: world.now().as_ms(),
        playing: model.is_playing(),
        services: world.service_ids().map(|id| service(model, id)).collect(),
        brokers: world.broker().nodes().iter().map(|node| broker(model, node)).collect(),
        topics: (0..world.broker().topics().len() as u16).map(|id| topic(model, TopicId(id))).collect(),
        groups: world.service_ids().filter_map(|id| Some(group(model, id, world.group_of(id)?))).collect(),
        effects: effects(model),
    }
}

/// The word for a service's state, in snapshots.
pub(super) const fn state_word(state: ServiceState) -> &'static str {
    match state {
        ServiceState::Offline => "offline",
        ServiceState::Stopping => "stopping",
        ServiceState::Failed => "failed",
        ServiceState::Joining => "joining",
        ServiceState::CatchingUp => "catching_up",
        ServiceState::Running => "running",
    }
}

fn service(model: &Model, id: ServiceId) -> ServiceSnapshot {
    let (world, account) = (model.world(), model.account_of(id));
    ServiceSnapshot {
        name: world.service_spec(id).name.clone(),
        online: world.is_online(id),
        state: state_word(world.service_state(id)),
        lag: world.lag(id),
        arrivals_per_min: world.arrivals_per_min(id),
        connected: world.is_connected(id),
        settings: settings(model, id),
        instances: world.instances(id).map(|it| instance(&it)).collect(),
        seen_twice: model.costs().repeated(id),
        recognised: account.recognised,
        retrying: account.retrying,
        dead_lettered: account.dead_lettered,
        aborted: account.aborted,
        lost: account.lost,
    }
}

fn instance(instance: &InstanceInfo<'_>) -> InstanceSnapshot {
    InstanceSnapshot {
        number: instance.number,
        retries: instance.role == Role::Retry,
        running: instance.ended.is_none(),
        in_hand: instance.in_hand,
        partitions: instance.assignment.iter().map(|it| it.partition.0).collect(),
    }
}

fn settings(model: &Model, id: ServiceId) -> SortedMap<&'static str, String> {
    let mut settings = SortedMap::new();
    for row in model.settings_of(id) {
        settings.insert(row.name, row.value);
    }
    settings
}

fn topic(model: &Model, id: TopicId) -> TopicSnapshot {
    let topic = model.world().broker().topic(id);
    let numbers = |brokers: &[BrokerId]| brokers.iter().map(|broker| broker.0).collect();
    let partition = |(partition, (log, replicas)): (u32, (&Log, &Replicas))| PartitionSnapshot {
        partition,
        leader: replicas.leader().map(|broker| broker.0),
        replicas: numbers(replicas.assigned()),
        isr: numbers(replicas.isr()),
        leader_epoch: replicas.epoch().0,
        log_start_offset: log.log_start_offset().0,
        high_watermark: log.high_watermark().0,
        log_end_offset: log.log_end_offset().0,
    };
    let replicated = topic.logs().iter().zip(topic.replicas());
    TopicSnapshot { name: topic.name().clone(), partitions: (0..).zip(replicated).map(partition).collect() }
}

fn broker(model: &Model, node: &Node) -> BrokerSnapshot {
    let replicas = model.world().broker().topics().iter().flat_map(Topic::replicas);
    BrokerSnapshot {
        number: node.id().0,
        online: node.is_online(),
        connected: node.is_connected(),
        fenced: node.is_fenced(),
        leads: replicas.filter(|it| it.leader() == Some(node.id())).count(),
    }
}

fn group(model: &Model, service: ServiceId, id: GroupId) -> GroupSnapshot {
    let world = model.world();
    let group = world.broker().group(id);
    let topics = world.service_spec(service).consumes.iter().flat_map(|consumes| &consumes.topics);
    let partitions = topics.flat_map(|topic| world.broker().partitions(*topic));
    GroupSnapshot {
        name: group.name().clone(),
        generation: group.generation().0,
        state: group_state_word(group.state()),
        members: group.members().len(),
        lag: world.lag(service),
        partitions: partitions.map(|partition| group_partition(model, id, partition)).collect(),
    }
}

fn group_partition(model: &Model, group: GroupId, partition: TopicPartition) -> GroupPartitionSnapshot {
    let broker = model.world().broker();
    GroupPartitionSnapshot {
        topic: broker.topic(partition.topic).name().clone(),
        partition: partition.partition.0,
        committed_offset: broker.group(group).committed(partition).map(|offset| offset.0),
        log_end_offset: broker.log(partition).map_or(0, |log| log.log_end_offset().0),
        lag: broker.partition_lag(group, partition),
    }
}

/// By the names of the services. Put in one by one: to collect them would sort, and sorting weighs more than all this file.
fn effects(model: &Model) -> SortedMap<Arc<str>, Vec<EffectSnapshot>> {
    let mut effects = SortedMap::new();
    for (id, outcomes) in model.outcomes().iter().filter(|(id, _)| model.world().has_service(*id)) {
        let entries = outcomes.entries.iter().map(|entry| effect(model, entry)).collect();
        effects.insert(model.world().service_spec(id).name.clone(), entries);
    }
    effects
}

fn effect(model: &Model, entry: &OutcomeEntry) -> EffectSnapshot {
    EffectSnapshot {
        time_ms: entry.at.as_ms(),
        text: entry.text.clone(),
        topic: model.world().broker().topic(entry.partition.topic).name().clone(),
        partition: entry.partition.partition.0,
        offset: entry.offset.0,
    }
}

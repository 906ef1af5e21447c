//! A service while the world runs: whether it is on, its instances, and what it publishes.

use super::command::SeekTo;
use super::instance::{Instance, Plan, Role, Running};
use super::memory::Memory;
use super::random::Stream;
use super::read_config::ReadConfig;
use super::spec::ServiceSpec;
use super::workload::Workload;
use crate::broker::{ClientId, GroupId};
use crate::client::{ConsumerState, Partitioner, Producer, ProducerConfig};
use crate::log::{Offset, TopicPartition};
use crate::sorted::{SortedMap, SortedSet};
use crate::time::Instant;

/// What a service is doing, in the words of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceState {
    /// It is switched off.
    Offline,
    /// It is being shut down, and finishes what it has in hand.
    Stopping,
    /// It is on, and none of its instances runs: they crashed, or stopped at a record on which they failed.
    Failed,
    /// It is on and waits to be taken into its group.
    Joining,
    /// It was away and works on what it missed.
    CatchingUp,
    /// It is on, and keeps up.
    Running,
}

/// The part of a service, or of the person at the page, that publishes.
#[derive(Clone, Debug)]
pub(super) struct Publisher {
    pub(super) client: ClientId,
    /// What happens when nothing waits in it any more.
    pub(super) plan: Plan,
    /// Whether a setting has changed since it began.
    pub(super) is_outdated: bool,
    pub(super) producer: Producer,
    pub(super) partitioner: Partitioner,
    /// When it will be woken. Most often what it was to be woken for is settled by then.
    pub(super) ticks: SortedSet<Instant>,
}

impl Publisher {
    pub(super) fn new(client: ClientId, config: ProducerConfig) -> Self {
        let partitioner = Partitioner::built_in();
        Self {
            client,
            plan: Plan::GoOn,
            is_outdated: false,
            producer: Producer::new(config),
            partitioner,
            ticks: SortedSet::new(),
        }
    }
}

/// A service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) online: bool,
    /// Whether it goes for good as soon as nothing of it runs.
    pub(super) is_leaving: bool,
    /// When it was last switched.
    pub(super) since: Instant,
    /// If it was away and has not caught up since: what the log ends were when it came back.
    pub(super) catch_up_to: Option<Vec<(TopicPartition, Offset)>>,
    pub(super) group: Option<GroupId>,
    /// The group in which it reads its retry topic.
    pub(super) retry_group: Option<GroupId>,
    /// Its settings, if it reads.
    pub(super) config: Option<ReadConfig>,
    /// The settings of its producer, if it publishes of its own accord.
    pub(super) write_config: Option<ProducerConfig>,
    /// Where its group is to begin as soon as it has no members.
    pub(super) seeking: Option<SeekTo>,
    /// What it remembers of its work.
    pub(super) memory: Memory,
    /// How far its dead letters were redriven.
    pub(super) redriven: SortedMap<TopicPartition, Offset>,
    /// Decides how long it works on each record.
    pub(super) work_times: Stream,
    /// Decides which attempts fail.
    pub(super) failures: Stream,
    pub(super) instances: Vec<Instance>,
    pub(super) publisher: Option<Publisher>,
    pub(super) workload: Option<Workload>,
}

impl Service {
    /// A service that is switched off.
    pub(super) fn new(spec: &ServiceSpec, seed: u64, groups: Option<(GroupId, Option<GroupId>)>) -> Self {
        let consumes = spec.consumes.as_ref();
        Self {
            online: false,
            is_leaving: false,
            since: Instant::START,
            catch_up_to: None,
            group: groups.map(|(group, _)| group),
            retry_group: groups.and_then(|(_, retry_group)| retry_group),
            config: consumes.map(|consumes| consumes.config.clone()),
            write_config: spec.publishes.as_ref().map(|publishes| publishes.config.clone()),
            seeking: None,
            memory: Memory::default(),
            redriven: SortedMap::new(),
            work_times: Stream::new(seed, &format!("work of {}", spec.name)),
            failures: Stream::new(seed, &format!("failures of {}", spec.name)),
            instances: Vec::new(),
            publisher: None,
            workload: spec.publishes.as_ref().map(|publishes| Workload::new(publishes, &spec.name, seed)),
        }
    }

    /// The instances that run.
    pub(super) fn running(&self) -> impl Iterator<Item = &Running> {
        self.instances.iter().filter_map(Instance::running)
    }

    pub(super) fn state(&self) -> ServiceState {
        let reads = |running: &Running| running.consumer.state() == ConsumerState::Reading;
        let mut main = self.running().filter(|running| running.role == Role::Main);
        match (self.online, self.group) {
            (false, _) if self.publisher.is_some() || self.running().next().is_some() => ServiceState::Stopping,
            (false, _) => ServiceState::Offline,
            (true, Some(_)) if self.has_failed() => ServiceState::Failed,
            (true, Some(_)) if !main.any(reads) => ServiceState::Joining,
            (true, Some(_)) if self.catch_up_to.is_some() => ServiceState::CatchingUp,
            (true, _) => ServiceState::Running,
        }
    }

    /// Whether it is on and nobody reads, because each instance has ended by itself.
    fn has_failed(&self) -> bool {
        let mut main = self.instances.iter().filter(|instance| instance.role == Role::Main);
        self.seeking.is_none() && main.all(|instance| instance.running().is_none())
    }
}

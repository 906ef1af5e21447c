//! A service while the world runs: whether it is on, its instances, and what it publishes.

use super::random::Stream;
use super::workload::Workload;
use crate::broker::{ClientId, GroupId};
use crate::client::{ConsumedRecord, Consumer, ConsumerConfig, ConsumerState, Partitioner, Producer, ProducerConfig};
use crate::log::{Offset, TopicPartition};
use crate::time::Instant;

/// What a service is doing, in the words of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceState {
    /// It is switched off.
    Offline,
    /// It is on and waits to be taken into its group.
    Joining,
    /// It was away and works on what it missed.
    CatchingUp,
    /// It is on, and keeps up.
    Running,
}

/// One instance that reads.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) client: ClientId,
    pub(super) consumer: Consumer,
    /// What it took with its last poll.
    pub(super) work: Vec<ConsumedRecord>,
    /// How many of these it has finished.
    pub(super) finished: usize,
    pub(super) tick_at: Option<Instant>,
}

impl Instance {
    pub(super) fn new(client: ClientId, config: ConsumerConfig) -> Self {
        Self { client, consumer: Consumer::new(config), work: Vec::new(), finished: 0, tick_at: None }
    }
}

/// The part of a service, or of the person at the page, that publishes.
#[derive(Clone, Debug)]
pub(super) struct Publisher {
    pub(super) client: ClientId,
    pub(super) producer: Producer,
    pub(super) partitioner: Partitioner,
    pub(super) tick_at: Option<Instant>,
}

impl Publisher {
    pub(super) fn new(client: ClientId, config: ProducerConfig) -> Self {
        let partitioner = Partitioner::built_in();
        Self { client, producer: Producer::new(config), partitioner, tick_at: None }
    }
}

/// A service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) online: bool,
    /// When it was last switched.
    pub(super) since: Instant,
    /// If it was away and has not caught up since: what the log ends were when it came back.
    pub(super) catch_up_to: Option<Vec<(TopicPartition, Offset)>>,
    pub(super) group: Option<GroupId>,
    /// Decides how long it works on each record.
    pub(super) work_times: Stream,
    pub(super) instances: Vec<Instance>,
    pub(super) publisher: Option<Publisher>,
    pub(super) workload: Option<Workload>,
}

impl Service {
    pub(super) fn state(&self) -> ServiceState {
        let reads = |instance: &Instance| instance.consumer.state() == ConsumerState::Reading;
        match (self.online, self.group) {
            (false, _) => ServiceState::Offline,
            (true, Some(_)) if !self.instances.iter().any(reads) => ServiceState::Joining,
            (true, Some(_)) if self.catch_up_to.is_some() => ServiceState::CatchingUp,
            (true, _) => ServiceState::Running,
        }
    }
}

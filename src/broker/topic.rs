//! A topic: a name, settings, and one log a partition, with its replicas.

use super::replication::{BrokerId, Replicas};
use crate::log::{Log, LogConfig, PartitionId};
use std::sync::Arc;

/// What a topic is created with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicConfig {
    /// Its name.
    pub name: Arc<str>,
    /// How many partitions it has, at least one.
    pub partitions: u32,
    /// `replication.factor`: on how many brokers each partition is, as far as there are so many.
    pub replication_factor: u32,
    /// What its logs obey.
    pub log: LogConfig,
}

/// A topic of the broker.
#[derive(Clone, Debug)]
pub struct Topic {
    name: Arc<str>,
    config: LogConfig,
    logs: Vec<Log>,
    /// Of each log, who has it.
    replicas: Vec<Replicas>,
}

impl Topic {
    /// An empty topic; `place` says on which brokers each partition is.
    pub(super) fn new(config: &TopicConfig, place: &dyn Fn(u32) -> Arc<[BrokerId]>) -> Self {
        let logs = (0..config.partitions).map(|_| Log::new(config.log.clone())).collect();
        let replicas = (0..config.partitions).map(|partition| Replicas::new(place(partition))).collect();
        Self { name: config.name.clone(), config: config.log.clone(), logs, replicas }
    }

    /// What its logs obey.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    pub(super) fn set_config(&mut self, config: &LogConfig) {
        self.config = config.clone();
        for log in &mut self.logs {
            log.set_config(config.clone());
        }
    }

    /// The topic's name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How many partitions it has.
    pub fn partition_count(&self) -> u32 {
        self.logs.len() as u32
    }

    /// The log of one partition, if there is such a partition.
    pub fn log(&self, partition: PartitionId) -> Option<&Log> {
        self.logs.get(partition.0 as usize)
    }

    /// The logs in the order of their partitions.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The replicas of each partition, in their order.
    pub fn replicas(&self) -> &[Replicas] {
        &self.replicas
    }

    /// Whether fewer of these replicas of one of its partitions are in sync than its `min.insync.replicas`: what is to be acknowledged by
    /// all of them is not taken, and readers are given nothing new.
    pub fn is_short_of_sync(&self, replicas: &Replicas) -> bool {
        replicas.isr().len() < replicas.min_insync(self.config.min_insync_replicas)
    }

    /// The log of one partition with its replicas, if there is such a partition.
    pub(super) fn replicated(&self, partition: PartitionId) -> Option<(&Log, &Replicas)> {
        let index = partition.0 as usize;
        self.logs.get(index).zip(self.replicas.get(index))
    }

    /// The same, to be changed.
    pub(super) fn partition_mut(&mut self, partition: PartitionId) -> Option<(&mut Log, &mut Replicas)> {
        let index = partition.0 as usize;
        self.logs.get_mut(index).zip(self.replicas.get_mut(index))
    }

    /// The logs, to be changed, each with its replicas.
    pub(super) fn logs_mut(&mut self) -> impl Iterator<Item = (&mut Log, &Replicas)> {
        self.logs.iter_mut().zip(&self.replicas)
    }
}

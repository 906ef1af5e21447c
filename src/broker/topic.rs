//! A topic: a name, settings, and one log a partition.

use crate::log::{Log, LogConfig, PartitionId};
use std::sync::Arc;

/// What a topic is created with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicConfig {
    /// Its name.
    pub name: Arc<str>,
    /// How many partitions it has, at least one.
    pub partitions: u32,
    /// What its logs obey.
    pub log: LogConfig,
}

/// A topic of the broker.
#[derive(Clone, Debug)]
pub struct Topic {
    name: Arc<str>,
    config: LogConfig,
    logs: Vec<Log>,
}

impl Topic {
    pub(super) fn new(config: &TopicConfig) -> Self {
        let logs = (0..config.partitions).map(|_| Log::new(config.log.clone())).collect();
        Self { name: config.name.clone(), config: config.log.clone(), logs }
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

    pub(super) fn log_mut(&mut self, partition: PartitionId) -> Option<&mut Log> {
        self.logs.get_mut(partition.0 as usize)
    }

    pub(super) fn logs_mut(&mut self) -> &mut [Log] {
        &mut self.logs
    }
}

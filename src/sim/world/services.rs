//! What can be asked of the world about one of its services, with nothing changed by that.

use super::World;
use crate::broker::GroupId;
use crate::client::ProducerConfig;
use crate::log::{TopicId, TopicPartition};
use crate::sim::answers::Answers;
use crate::sim::event::ServiceId;
use crate::sim::instance::{InstanceInfo, Running};
use crate::sim::read_config::ReadConfig;
use crate::sim::service::ServiceState;
use crate::sim::spec::ServiceSpec;
use crate::sim::workload::Workload;
use crate::time::Instant;

impl World {
    /// The service called `name`.
    pub fn service_id(&self, name: &str) -> Option<ServiceId> {
        self.service_ids().find(|id| *self.service_spec(*id).name == *name)
    }

    /// Whether there is such a service: it has joined by now, and is not gone.
    pub fn has_service(&self, id: ServiceId) -> bool {
        usize::from(id.0) < self.services.len() && !self.is_removed(id)
    }

    /// What a service is called, also if it is gone. Whoever has looked at a later instant may name one that is not there yet.
    pub fn name_of(&self, id: ServiceId) -> &str {
        self.spec.services.get(usize::from(id.0)).map_or("a service that joins later", |service| &service.name)
    }

    /// What a service is made of.
    pub fn service_spec(&self, id: ServiceId) -> &ServiceSpec {
        &self.spec.services[usize::from(id.0)]
    }

    /// What a service is doing.
    pub fn service_state(&self, id: ServiceId) -> ServiceState {
        self.service(id).state()
    }

    /// Whether a service is switched on.
    pub fn is_online(&self, id: ServiceId) -> bool {
        self.service(id).online
    }

    /// When a service was last switched on or off.
    pub fn switched_at(&self, id: ServiceId) -> Instant {
        self.service(id).since
    }

    /// The group in which a service reads, if it reads.
    pub fn group_of(&self, id: ServiceId) -> Option<GroupId> {
        self.services.get(usize::from(id.0))?.group
    }

    /// The group in which a service reads its retry topic, if it has one.
    pub fn retry_group_of(&self, id: ServiceId) -> Option<GroupId> {
        self.service(id).retry_group
    }

    /// A service's lag as Kafka's tools have it: how many offsets it has still before it.
    pub fn lag(&self, id: ServiceId) -> u64 {
        self.reads(id).map_or(0, |(group, topics)| self.broker.lag(group, topics))
    }

    /// How many records that make up its lag were deleted before it committed them.
    pub fn lag_deleted(&self, id: ServiceId) -> u64 {
        self.reads(id).map_or(0, |(group, topics)| self.broker.lag_deleted(group, topics))
    }

    /// How many records wait for a service: its lag, but for those that were deleted.
    pub fn waiting(&self, id: ServiceId) -> u64 {
        self.lag(id) - self.lag_deleted(id)
    }

    /// How many new entities turn up a minute at a publishing service.
    pub fn arrivals_per_min(&self, id: ServiceId) -> Option<u32> {
        self.service(id).workload.as_ref().map(|workload| workload.arrivals_per_min)
    }

    /// How many entities of a publishing service are on their way.
    pub fn in_progress(&self, id: ServiceId) -> Option<usize> {
        self.service(id).workload.as_ref().map(Workload::in_progress)
    }

    /// The number of the instance of a service that reads `partition` at present.
    pub fn reader_of(&self, id: ServiceId, partition: TopicPartition) -> Option<u32> {
        let reads = |running: &Running| running.consumer.assignment().contains(&partition);
        let mut instances = self.service(id).instances.iter();
        instances.find(|instance| instance.running().is_some_and(reads)).map(|instance| instance.number)
    }

    /// The settings that a service has now, if it reads.
    pub fn config_of(&self, id: ServiceId) -> Option<&ReadConfig> {
        self.read_config(id)
    }

    /// The settings of a service's producer, if it publishes of its own accord.
    pub fn write_config_of(&self, id: ServiceId) -> Option<&ProducerConfig> {
        self.service(id).write_config.as_ref()
    }

    /// How many bytes wait in a service's producer for the broker's acknowledgement.
    pub fn buffered_bytes(&self, id: ServiceId) -> u64 {
        self.service(id).publisher.as_ref().map_or(0, |publisher| publisher.producer.buffered_bytes())
    }

    /// How many updates of a publishing service the broker has not acknowledged.
    pub fn unacknowledged(&self, id: ServiceId) -> u64 {
        self.service(id).workload.as_ref().map_or(0, |workload| workload.unacknowledged_count() as u64)
    }

    /// The answers that a publishing service could give to whoever waits for it; `None` if it publishes nothing by itself.
    pub fn answers(&self, id: ServiceId) -> Option<&Answers> {
        self.service(id).workload.as_ref().map(|workload| &workload.answers)
    }

    /// Whether a service can reach the broker.
    pub fn is_connected(&self, id: ServiceId) -> bool {
        self.network.is_connected(id)
    }

    /// The instances of a service that reads, also those that have ended.
    pub fn instances(&self, id: ServiceId) -> impl Iterator<Item = InstanceInfo<'_>> {
        self.service(id).instances.iter().map(|instance| instance.info(self.now))
    }

    /// How many partitions a service reads.
    pub fn partitions_of(&self, id: ServiceId) -> u64 {
        self.partitions_read(id).len() as u64
    }

    /// What a service reads that is there.
    fn reads(&self, id: ServiceId) -> Option<(GroupId, &[TopicId])> {
        if !self.has_service(id) {
            return None;
        }
        Some((self.group_of(id)?, &self.service_spec(id).consumes.as_ref()?.topics))
    }
}

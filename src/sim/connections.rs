//! What a producer knows of its connections that asks for no acknowledgement. Others learn from answers, or from their lack, that nothing
//! gets to a partition. For this one the world says it: a broker that ends closes its connections, and a leader that there is not nobody
//! connects to. A network that carries nothing any more is noticed only after a timeout.

use super::event::ServiceId;
use super::world::World;
use crate::broker::{Acks, Reach};
use crate::log::TopicPartition;

impl World {
    /// Whether a service sends something now that will come into no log, and does not know it.
    pub fn sends_in_vain(&self, id: ServiceId) -> bool {
        let Some(publisher) = self.service(id).publisher.as_ref() else { return false };
        let asks_nothing = publisher.producer.config().acks == Acks::Zero;
        let is_in_vain =
            |it: &TopicPartition| self.reach(id, *it) != Reach::Serves && publisher.producer.reaches(*it, self.now);
        asks_nothing && self.published_to(id).iter().any(is_in_vain)
    }

    /// Tells all producers that ask for no acknowledgement what they can reach now.
    pub(super) fn tell_connections(&mut self) {
        for id in self.all_service_ids() {
            self.tell_connections_of(id);
        }
    }

    /// The same of one service. What has waited for a connection goes out.
    pub(super) fn tell_connections_of(&mut self, id: ServiceId) {
        let partitions = self.published_to(id);
        let reached: Vec<Reach> = partitions.iter().map(|it| self.reach(id, *it)).collect();
        let now = self.now;
        let Some(publisher) = self.service_mut(id).publisher.as_mut() else { return };
        let config = publisher.producer.config();
        if config.acks != Acks::Zero {
            return;
        }
        let noticed = now + config.request_timeout;
        for (partition, reach) in partitions.into_iter().zip(reached) {
            let since = match reach {
                Reach::Serves => None,
                Reach::Refused | Reach::NoLeader => Some(now),
                Reach::Silent => Some(noticed),
            };
            publisher.producer.set_unreachable(partition, since);
        }
        self.publisher_tick(id);
    }

    fn reach(&self, id: ServiceId, partition: TopicPartition) -> Reach {
        if self.network.is_connected(id) { self.broker.leader_of(partition) } else { Reach::Silent }
    }

    fn published_to(&self, id: ServiceId) -> Vec<TopicPartition> {
        let topic = self.service_spec(id).publishes.as_ref().map(|publishes| publishes.topic);
        topic.into_iter().flat_map(|topic| self.broker.partitions(topic)).collect()
    }
}

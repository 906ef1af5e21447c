//! What happens to a service itself, in plain words.

use crate::app::model::Model;
use crate::app::view::text::{count, grouped, seconds};
use crate::log::TopicPartition;
use crate::sim::{Ended, InstanceChange, Limit, Resent, Role, ServiceEvent, ServiceId};

impl Model {
    pub(super) fn describe_service(&self, event: &ServiceEvent) -> String {
        match event {
            ServiceEvent::Switched { service, online } => {
                format!("{} was switched {}", self.name(*service), if *online { "on" } else { "off" })
            }
            ServiceEvent::InstanceChanged { service, instance, change } => {
                self.describe_instance(*service, *instance, *change)
            }
            ServiceEvent::Configured { service, setting, value } => {
                format!("{setting} of {} is {value} from now on", self.name(*service))
            }
            ServiceEvent::NetworkSwitched { service, connected: true } => {
                format!("{} can reach the broker again", self.name(*service))
            }
            ServiceEvent::NetworkSwitched { service, connected: false } => {
                format!("{} is cut off from the broker", self.name(*service))
            }
            ServiceEvent::RateChanged { arrivals_per_min, .. } => {
                format!("{arrivals_per_min} arrivals a minute from now on")
            }
            ServiceEvent::Sought { group, partition, from, to } => {
                let (name, number) = (self.group_name(*group), partition.partition);
                format!("{name} goes from offset {from} of partition {number} to {to}")
            }
            ServiceEvent::CaughtUp { service } => format!("{} has caught up", self.name(*service)),
            ServiceEvent::Added { service, groups, .. } => {
                let how = if groups.is_some() { ": it reads what is there, and then what comes" } else { "" };
                format!("{} has joined{how}", self.name(*service))
            }
            ServiceEvent::Removed { service, .. } => format!("{} has left for good", self.name(*service)),
            ServiceEvent::ProducerBegan { service } => {
                format!("the producer of {} begins, with its present settings", self.name(*service))
            }
            ServiceEvent::SentAgain { service, why, .. } => {
                let why = match why {
                    Resent::Restarted => "it was restarted before it heard that the update is written",
                    Resent::GivenUp => "its producer gave it up, and nobody knows whether it is written",
                };
                format!("{} sends an update again: {why}", self.name(*service))
            }
            ServiceEvent::Acknowledged { service, partition, base_offset, records, .. } => {
                let what = count((*records).into(), "record is", "records are");
                let (name, number) = (self.name(*service), partition.partition);
                format!("{name} was told that {what} in partition {number} from offset {base_offset} on")
            }
            ServiceEvent::NeverWritten { service, partition, records } => {
                self.describe_never_written(*service, *partition, *records)
            }
            ServiceEvent::Refused { service, partition } => self.describe_refused(*service, *partition),
            ServiceEvent::Limited { service, limit, reached } => self.describe_limited(*service, *limit, *reached),
        }
    }

    fn describe_instance(&self, service: ServiceId, instance: u32, change: InstanceChange) -> String {
        let found = self.moment.world.instances(service).nth(instance as usize);
        let which = found.map_or(String::new(), |it| match it.role {
            Role::Main => format!("instance {} of {}", it.number, self.name(service)),
            Role::Retry => format!("the retry instance of {}", self.name(service)),
        });
        match change {
            InstanceChange::Began => format!("{which} began"),
            InstanceChange::Stalled(span) => format!("{which} is stalled for {}", seconds(span)),
            InstanceChange::Ended(Ended::Crashed) => format!("{which} crashed"),
            InstanceChange::Ended(Ended::ShutDown) => format!("{which} shut down cleanly"),
            InstanceChange::Ended(Ended::Failed) => format!("{which} stopped, because it failed on a record"),
            InstanceChange::Ended(Ended::Refused) => format!("{which} gave up, because its client met a fatal error"),
        }
    }

    fn describe_never_written(&self, service: ServiceId, to: TopicPartition, records: u32) -> String {
        let (name, records) = (self.name(service), count(records.into(), "record", "records"));
        format!(
            "{name} lost {records} on the way to partition {}: with acks 0 it does not wait to hear of it",
            to.partition
        )
    }

    fn describe_refused(&self, service: ServiceId, by: TopicPartition) -> String {
        format!("partition {} refused a record of {}: it is too large", by.partition, self.name(service))
    }

    fn describe_limited(&self, service: ServiceId, limit: Limit, reached: bool) -> String {
        let (name, max) = (self.name(service), grouped(limit.max() as u64));
        let entities = &self.scenario().entity.1;
        match (limit, reached) {
            (Limit::Entities, true) => {
                format!(
                    "{name} has {max} {entities} on their way, which is its limit: no new ones until some are through"
                )
            }
            (Limit::Entities, false) => format!("{name} has room for new {entities} again"),
            (Limit::Unacknowledged, true) => {
                format!(
                    "{name} waits for the broker to acknowledge {max} updates, which is its limit: others wait for their turn"
                )
            }
            (Limit::BufferMemory, true) => {
                format!(
                    "the producer of {name} is full: buffer.memory holds no more until the broker acknowledges some of it"
                )
            }
            (Limit::BufferMemory, false) => format!("the producer of {name} has room again"),
            (Limit::Unacknowledged, false) => format!("{name} goes on publishing: the broker has acknowledged enough"),
        }
    }
}

//! Which command changes which setting, and to what: the one place that knows.

use crate::log::TopicId;
use crate::sim::{Command, ServiceId, World};

/// A setting that a command changes, of something that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed<'a> {
    /// One of a service.
    Service { id: ServiceId, service: &'a str, name: &'a str, value: &'a str },
    /// One of a topic.
    Topic { id: TopicId, topic: &'a str, name: &'a str, value: &'a str },
    /// How much arrives at a service.
    Rate { id: ServiceId, service: &'a str },
}

impl<'a> Changed<'a> {
    /// The setting that `command` changes, if it changes one that there is.
    pub(super) fn by(command: &'a Command, world: &World) -> Option<Self> {
        match command {
            Command::SetServiceConfig { service, name, value } => {
                Some(Self::Service { id: world.service_id(service)?, service, name, value })
            }
            Command::SetTopicConfig { topic, name, value } => {
                let index = world.broker().topics().iter().position(|it| **it.name() == **topic)?;
                Some(Self::Topic { id: TopicId(index as u16), topic, name, value })
            }
            Command::SetArrivalRate { service, .. } => Some(Self::Rate { id: world.service_id(service)?, service }),
            Command::SetServiceOnline { .. }
            | Command::SetInstanceOnline { .. }
            | Command::ShutDown { .. }
            | Command::Stall { .. }
            | Command::SetConnected { .. }
            | Command::SetBrokerOnline { .. }
            | Command::SetBrokerConnected { .. }
            | Command::Seek { .. }
            | Command::Redrive { .. }
            | Command::AddService { .. }
            | Command::RemoveService { .. }
            | Command::Publish { .. } => None,
        }
    }
}

//! What a command does: each goes to the one it concerns, or is refused and changes nothing.

use super::command::{Command, CommandError};
use super::config_error::ServiceConfigError;
use super::event::{Event, ServiceEvent, ServiceId};
use super::instance::{Ended, Role};
use super::read_config::ReadConfig;
use super::read_setting::ReadSetting;
use super::service::ServiceState;
use super::spec::ARRIVALS_PER_MIN_MAX;
use super::world::World;
use super::write_config::WriteSetting;
use crate::broker::{BrokerId, Node, Out};
use crate::log::Setting;
use crate::time::Span;

/// Ways of switching a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    On,
    Crash,
    ShutDown,
}

impl World {
    /// Does what a person wants done. A command that is refused changes nothing.
    pub(super) fn obey(&mut self, command: &Command) -> Result<(), CommandError> {
        match command {
            Command::SetServiceOnline { service, online } => {
                self.switch(self.known_service(service)?, if *online { Switch::On } else { Switch::Crash });
            }
            Command::SetInstanceOnline { service, instance, online } => {
                self.switch_instance(self.known_service(service)?, *instance, *online)?;
            }
            Command::ShutDown { service } => self.switch(self.known_service(service)?, Switch::ShutDown),
            Command::Stall { service, ms } => self.stall(self.known_reader(service)?, Span::from_ms(*ms)),
            Command::SetConnected { service, connected } => {
                self.set_connected(self.known_service(service)?, *connected);
            }
            Command::SetBrokerOnline { broker, online } => {
                let broker = self.known_broker(*broker)?;
                self.at_broker(|world, out| world.broker.set_broker_online(world.now, broker, *online, out));
            }
            Command::SetBrokerConnected { broker, connected } => {
                let broker = self.known_broker(*broker)?;
                self.at_broker(|world, out| world.broker.set_broker_connected(world.now, broker, *connected, out));
            }
            Command::SetServiceConfig { service, name, value } => {
                self.set_service_config(self.known_service(service)?, name, value)?;
            }
            Command::Seek { service, to } => self.seek(self.known_reader(service)?, *to),
            Command::Redrive { service } => self.redrive(self.known_reader(service)?)?,
            Command::SetArrivalRate { service, arrivals_per_min } => {
                self.set_arrival_rate(self.known_service(service)?, *arrivals_per_min)?;
            }
            Command::SetTopicConfig { topic, name, value } => self.set_topic_config(topic, name, value)?,
            Command::AddService { service } => self.add_service(service)?,
            Command::RemoveService { service } => self.remove_service(self.known_service(service)?),
            Command::Publish { topic, key, value, headers, partition } => {
                self.publish_by_hand(topic, key.as_deref(), value.as_deref(), headers, *partition)?;
            }
        }
        Ok(())
    }

    /// Switches a service, unless it is as it shall be. One that is on and of which nothing runs any more starts again.
    pub(super) fn switch(&mut self, id: ServiceId, to: Switch) {
        let online = to == Switch::On;
        if self.service(id).online == online && !(online && self.service(id).state() == ServiceState::Failed) {
            return;
        }
        self.service_mut(id).is_leaving &= !online;
        let now = self.now;
        let catch_up_to = (online && self.service(id).group.is_some()).then(|| self.log_ends(id));
        let service = self.service_mut(id);
        service.since = now;
        service.catch_up_to = catch_up_to;
        self.emit(Event::Service(ServiceEvent::Switched { service: id, online }));
        match to {
            Switch::On => self.start(id),
            Switch::Crash => self.crash(id),
            Switch::ShutDown => self.shut_down(id),
        }
    }

    fn switch_instance(&mut self, id: ServiceId, number: u32, online: bool) -> Result<(), CommandError> {
        let name = || self.service_spec(id).name.to_string();
        let Some(instances) = self.read_config(id).map(|config| config.instances) else {
            return Err(CommandError::NotAReader { service: name() });
        };
        if number >= instances {
            return Err(CommandError::UnknownInstance { service: name(), instance: number, instances });
        }
        if online && self.service(id).online {
            self.start_instance(id, Role::Main, number);
        } else if let (false, Some(index)) = (online, self.index_running(id, Role::Main, number)) {
            self.end(id, index, Ended::Crashed);
        }
        Ok(())
    }

    fn set_connected(&mut self, id: ServiceId, connected: bool) {
        if self.network.is_connected(id) != connected {
            self.network.set_connected(id, connected);
            self.emit(Event::Service(ServiceEvent::NetworkSwitched { service: id, connected }));
            self.tell_connections_of(id);
        }
    }

    fn set_service_config(&mut self, id: ServiceId, name: &str, value: &str) -> Result<(), CommandError> {
        let reads = self.read_config(id).is_some();
        match WriteSetting::named(name) {
            Ok(setting) if self.service(id).write_config.is_some() && !(reads && ReadSetting::named(name).is_ok()) => {
                self.set_write_config(id, setting, value)
            }
            Err(error) if !reads => Err(error.into()),
            Ok(_) | Err(_) => self.set_read_config(id, ReadSetting::named(name)?, value),
        }
    }

    fn set_write_config(&mut self, id: ServiceId, setting: WriteSetting, value: &str) -> Result<(), CommandError> {
        let Some(config) = &mut self.service_mut(id).write_config else { return Ok(()) };
        let before = config.clone();
        setting.set(config, value)?;
        let value = setting.value(config).into();
        if before != *config {
            self.emit(Event::Service(ServiceEvent::Configured { service: id, setting: setting.name(), value }));
            self.renew_publisher(id);
        }
        Ok(())
    }

    fn set_read_config(&mut self, id: ServiceId, setting: ReadSetting, value: &str) -> Result<(), CommandError> {
        let Some(before) = self.read_config(id).cloned() else { return Ok(()) };
        let mut config = before.clone();
        config.set(setting, value)?;
        self.check_needs(id, setting, &config)?;
        if config == before {
            return Ok(());
        }
        let value = config.value(setting).into();
        let instances = config.instances;
        self.service_mut(id).config = Some(config);
        self.emit(Event::Service(ServiceEvent::Configured { service: id, setting: setting.name(), value }));
        if setting.needs_restart() {
            self.restart_instances(id);
        }
        self.scale(id, before.instances, instances);
        Ok(())
    }

    /// Some decisions need a topic to put records into.
    pub(super) fn check_needs(
        &self,
        id: ServiceId,
        setting: ReadSetting,
        config: &ReadConfig,
    ) -> Result<(), CommandError> {
        let spec = self.service_spec(id);
        let broker = &self.spec.broker;
        let sessions = broker.group_min_session_timeout..=broker.group_max_session_timeout;
        if !sessions.contains(&config.session_timeout) {
            let expected =
                format!("from {} to {}, as the broker permits", sessions.start().as_ms(), sessions.end().as_ms());
            let (name, value) = (setting.name(), config.value(setting));
            return Err(ServiceConfigError::InvalidValue { name, value, expected }.into());
        }
        let Some(missing) = spec.consumes.as_ref().and_then(|consumes| consumes.misses(config)) else { return Ok(()) };
        let (value, service) = (config.value(setting), spec.name.to_string());
        Err(CommandError::NeedsTopic { name: setting.name(), value, service, needs: missing })
    }

    fn set_arrival_rate(&mut self, id: ServiceId, arrivals_per_min: u32) -> Result<(), CommandError> {
        if arrivals_per_min > ARRIVALS_PER_MIN_MAX {
            return Err(CommandError::RateTooHigh { arrivals_per_min });
        }
        let Some(workload) = &mut self.service_mut(id).workload else {
            return Err(CommandError::NotAPublisher { service: self.service_spec(id).name.to_string() });
        };
        workload.arrivals_per_min = arrivals_per_min;
        workload.rate_version += 1;
        self.emit(Event::Service(ServiceEvent::RateChanged { service: id, arrivals_per_min }));
        self.await_arrival(id);
        Ok(())
    }

    /// The service's batches follow the topic's limits from its next start on, as in Kafka, where a client has its own.
    fn set_topic_config(&mut self, topic: &str, name: &str, value: &str) -> Result<(), CommandError> {
        let topic = self.known_topic(topic)?;
        let setting = Setting::named(name)?;
        self.broker.set_topic_config(topic, setting, value)?;
        let value = self.broker.topic(topic).config().value(setting).into();
        self.emit(Event::TopicConfigured { topic, setting, value });
        self.at_broker(|world, out| world.broker.elect_missing(world.now, out));
        Ok(())
    }

    /// Lets something happen at the brokers, and tells what comes of it.
    fn at_broker(&mut self, act: impl FnOnce(&mut Self, &mut Out)) {
        let mut out = Out::default();
        act(self, &mut out);
        self.after_broker(out, None);
    }

    fn known_broker(&self, broker: u32) -> Result<BrokerId, CommandError> {
        let nodes = self.broker.nodes();
        let found = nodes.iter().map(Node::id).find(|id| u32::from(id.0) == broker);
        found.ok_or(CommandError::UnknownBroker { broker, brokers: nodes.len() })
    }

    fn known_reader(&self, name: &str) -> Result<ServiceId, CommandError> {
        let id = self.known_service(name)?;
        if self.group_of(id).is_none() {
            return Err(CommandError::NotAReader { service: name.to_owned() });
        }
        Ok(id)
    }

    fn known_service(&self, name: &str) -> Result<ServiceId, CommandError> {
        self.service_id(name).ok_or_else(|| {
            let known: Vec<&str> = self.service_ids().map(|id| &*self.service_spec(id).name).collect();
            CommandError::UnknownService { service: name.to_owned(), known: known.join(", ") }
        })
    }
}

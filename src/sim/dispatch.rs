//! What happens when something is due, and what a command does: each action goes to the one it concerns.

use super::agenda::Action;
use super::command::{Command, CommandError};
use super::config_error::ServiceConfigError;
use super::event::{Event, ServiceEvent, ServiceId};
use super::instance::{Ended, Role};
use super::network::Home;
use super::read_config::{ReadConfig, ReadSetting};
use super::spec::ARRIVALS_PER_MIN_MAX;
use super::world::World;
use super::write_config::WriteSetting;
use crate::broker::{ClientId, Fact, Out, Reply, TransactionFact};
use crate::log::Setting;
use crate::time::Span;

/// Ways of switching a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Switch {
    On,
    Crash,
    ShutDown,
}

impl World {
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::RequestArrives { ticket, request } if self.network.carries(ticket.client) => {
                let mut out = Out::default();
                self.broker.handle(self.now, ticket, *request, &mut out);
                self.after_broker(out, Some(ticket.client));
            }
            Action::BrokerTick => self.broker_tick(),
            Action::ReplyArrives(reply) => self.reply_arrives(*reply),
            Action::ClientTick(client) if self.network.is_open(client) => match self.network.home(client) {
                Home::Hand => self.hand_tick(),
                Home::Publisher(service) => self.publisher_tick(service),
                Home::Instance(service, index) => self.instance_tick(service, index),
                Home::Output(service, index) => self.output_tick(service, index),
            },
            Action::RequestArrives { .. } | Action::ClientTick(_) => {}
            Action::WorkDone(client) => {
                if let (true, Home::Instance(service, index)) =
                    (self.network.is_open(client), self.network.home(client))
                {
                    self.work_done(service, index);
                }
            }
            Action::Arrival { service, rate_version } => self.entity_arrives(service, rate_version),
            Action::StageDue { service, number } => self.stage_due(service, number),
        }
    }

    pub(super) fn obey(&mut self, command: &Command) -> Result<(), CommandError> {
        match command {
            Command::SetServiceOnline { service, online } => {
                let id = self.known_service(service)?;
                self.switch(id, if *online { Switch::On } else { Switch::Crash });
            }
            Command::SetInstanceOnline { service, instance, online } => {
                let id = self.known_service(service)?;
                self.switch_instance(id, *instance, *online)?;
            }
            Command::ShutDown { service } => {
                let id = self.known_service(service)?;
                self.switch(id, Switch::ShutDown);
            }
            Command::Stall { service, ms } => {
                let id = self.known_reader(service)?;
                self.stall(id, Span::from_ms(*ms));
            }
            Command::SetConnected { service, connected } => {
                let id = self.known_service(service)?;
                self.set_connected(id, *connected);
            }
            Command::SetServiceConfig { service, name, value } => {
                let id = self.known_service(service)?;
                self.set_service_config(id, name, value)?;
            }
            Command::Seek { service, to } => {
                let id = self.known_reader(service)?;
                self.seek(id, *to);
            }
            Command::Redrive { service } => {
                let id = self.known_reader(service)?;
                self.redrive(id)?;
            }
            Command::SetArrivalRate { service, arrivals_per_min } => {
                let id = self.known_service(service)?;
                self.set_arrival_rate(id, *arrivals_per_min)?;
            }
            Command::SetTopicConfig { topic, name, value } => self.set_topic_config(topic, name, value)?,
            Command::Publish { topic, key, value, headers, partition } => {
                self.publish_by_hand(topic, key.as_deref(), value.as_deref(), headers, *partition)?;
            }
        }
        Ok(())
    }

    fn switch(&mut self, id: ServiceId, to: Switch) {
        let online = to == Switch::On;
        if self.service(id).online == online {
            return;
        }
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
    fn check_needs(&self, id: ServiceId, setting: ReadSetting, config: &ReadConfig) -> Result<(), CommandError> {
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
        Ok(())
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
            let known: Vec<&str> = self.spec.services.iter().map(|service| &*service.name).collect();
            CommandError::UnknownService { service: name.to_owned(), known: known.join(", ") }
        })
    }

    fn broker_tick(&mut self) {
        if self.broker_wakes_at == Some(self.now) {
            self.broker_wakes_at = None;
        }
        let mut out = Out::default();
        self.broker.tick(self.now, &mut out);
        self.after_broker(out, None);
    }

    fn reply_arrives(&mut self, Reply { to, response }: Reply) {
        if !self.network.is_open(to.client) || !self.network.carries(to.client) {
            return;
        }
        match self.network.home(to.client) {
            Home::Hand => self.hand_hears(to.correlation, response),
            Home::Publisher(service) => self.publisher_hears(service, to.correlation, response),
            Home::Instance(service, index) => self.instance_hears(service, index, to.correlation, response),
            Home::Output(service, index) => self.output_hears(service, index, to.correlation, response),
        }
    }

    /// Tells what happened at the broker, and sends its answers. `asked` is the client whose request it was.
    pub(super) fn after_broker(&mut self, out: Out, asked: Option<ClientId>) {
        for fact in &out.facts {
            if let Fact::Transaction(TransactionFact::Ended { transactional_id, result, reason, .. }) = fact {
                self.decide(transactional_id, *result, *reason, asked);
            }
        }
        for fact in out.facts {
            let event = self.event_of(fact);
            self.emit(event);
        }
        for id in self.service_ids().filter(|id| self.is_seeking(*id)).collect::<Vec<_>>() {
            self.go_where_sought(id);
        }
        for reply in out.replies {
            self.network.answer(self.now, reply, &mut self.agenda);
        }
        let deadline = self.broker.deadline().max(self.now);
        if self.broker_wakes_at.is_none_or(|at| deadline < at) {
            self.broker_wakes_at = Some(deadline);
            self.agenda.put(deadline, Action::BrokerTick);
        }
    }

    /// What happened on the broker, as the world tells it: it knows to which service a client belongs.
    fn event_of(&self, fact: Fact) -> Event {
        match fact {
            Fact::Appended { client, transactional, partition, base_offset, records, content_hash } => {
                let service = self.network.home(client).service();
                Event::Appended { service, transactional, partition, base_offset, records, content_hash }
            }
            Fact::Log(fact) => Event::Log(fact),
            Fact::Offsets(fact) => Event::Offsets(fact),
            Fact::Group(fact) => Event::Group(fact),
            Fact::Transaction(fact) => Event::Transaction(fact),
        }
    }
}

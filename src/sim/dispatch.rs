//! What happens when something is due, and what a command does: each action goes to the one it concerns.

use super::agenda::Action;
use super::command::{Command, CommandError};
use super::event::{Event, ServiceId};
use super::network::Home;
use super::spec::ARRIVALS_PER_MIN_MAX;
use super::world::World;
use crate::broker::{Fact, Out, Reply};
use crate::log::Setting;

impl World {
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::RequestArrives { ticket, request } => {
                let mut out = Out::default();
                self.broker.handle(self.now, ticket, request, &mut out);
                self.after_broker(out);
            }
            Action::BrokerTick => self.broker_tick(),
            Action::ReplyArrives(reply) => self.reply_arrives(reply),
            Action::ClientTick(client) if self.network.is_open(client) => match self.network.home(client) {
                Home::Hand => self.hand_tick(),
                Home::Publisher(service) => self.publisher_tick(service),
                Home::Instance(service, index) => self.instance_tick(service, index),
            },
            Action::ClientTick(_) => {}
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
                self.switch(id, *online);
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

    pub(super) fn start(&mut self, id: ServiceId) {
        self.service_mut(id).online = true;
        self.start_publisher(id);
        self.start_instances(id);
    }

    fn switch(&mut self, id: ServiceId, online: bool) {
        if self.service(id).online == online {
            return;
        }
        let now = self.now;
        let catch_up_to = (online && self.service(id).group.is_some()).then(|| self.log_ends(id));
        let service = self.service_mut(id);
        service.since = now;
        service.catch_up_to = catch_up_to;
        self.emit(Event::ServiceSwitched { service: id, online });
        if online { self.start(id) } else { self.crash(id) }
    }

    fn crash(&mut self, id: ServiceId) {
        let service = self.service_mut(id);
        service.online = false;
        let publisher = service.publisher.take().map(|publisher| publisher.client);
        let instances = std::mem::take(&mut service.instances);
        for client in instances.into_iter().map(|instance| instance.client).chain(publisher) {
            self.network.cut(client);
            self.broker.disconnect(client);
        }
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
        self.emit(Event::RateChanged { service: id, arrivals_per_min });
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
        self.after_broker(out);
    }

    fn reply_arrives(&mut self, Reply { to, response }: Reply) {
        if !self.network.is_open(to.client) {
            return;
        }
        match self.network.home(to.client) {
            Home::Hand => self.hand_hears(to.correlation, response),
            Home::Publisher(service) => self.publisher_hears(service, to.correlation, response),
            Home::Instance(service, index) => self.instance_hears(service, index, to.correlation, response),
        }
    }

    fn after_broker(&mut self, out: Out) {
        for fact in out.facts {
            let event = self.event_of(&fact);
            self.emit(event);
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

    fn event_of(&self, fact: &Fact) -> Event {
        match *fact {
            Fact::Appended { client, partition, base_offset, records, content_hash } => {
                let service = match self.network.home(client) {
                    Home::Hand => None,
                    Home::Publisher(service) | Home::Instance(service, _) => Some(service),
                };
                Event::Appended { service, partition, base_offset, records, content_hash }
            }
            Fact::Deleted { partition, log_start_offset } => Event::Deleted { partition, log_start_offset },
            Fact::Compacted { partition, ref removed, saved_bytes } => {
                Event::Compacted { partition, removed: removed.clone(), saved_bytes }
            }
            Fact::MarkerWritten { partition, offset, producer, result } => {
                Event::MarkerWritten { partition, offset, producer, result }
            }
            Fact::TransactionEnded { ref transactional_id, producer, result, reason } => {
                let transactional_id = transactional_id.clone();
                Event::TransactionEnded { transactional_id, producer, result, reason }
            }
            Fact::ProducerFenced { ref transactional_id, producer } => {
                Event::ProducerFenced { transactional_id: transactional_id.clone(), producer }
            }
            Fact::Committed { group, member, partition, offset } => {
                Event::Committed { group, member, partition, offset }
            }
            Fact::OffsetsExpired { group, ref partitions } => {
                Event::OffsetsExpired { group, partitions: partitions.clone() }
            }
            Fact::MemberJoined { group, member, ref instance } => {
                Event::MemberJoined { group, member, instance: instance.clone() }
            }
            Fact::MemberRejoined { group, member } => Event::MemberRejoined { group, member },
            Fact::MemberReplaced { group, old, new } => Event::MemberReplaced { group, old, new },
            Fact::MemberLeft { group, member, reason } => Event::MemberLeft { group, member, reason },
            Fact::RebalanceStarted { group, generation, reason } => {
                Event::RebalanceStarted { group, generation, reason }
            }
            Fact::GenerationStarted { group, generation, ref protocol, leader } => {
                Event::GenerationStarted { group, generation, protocol: protocol.clone(), leader }
            }
            Fact::Assigned { group, generation, member, ref partitions } => {
                Event::Assigned { group, generation, member, partitions: partitions.clone() }
            }
            Fact::GroupChanged { group, state, generation, members } => {
                Event::GroupChanged { group, state, generation, members }
            }
        }
    }
}

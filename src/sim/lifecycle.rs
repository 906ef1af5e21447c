//! How services and their instances begin and end: a crash says good-bye to nobody, a shutdown finishes what it has in hand.

use super::event::{Event, InstanceChange, ServiceEvent, ServiceId};
use super::instance::{Ended, Instance, InstanceState, Phase, Plan, Role, Running};
use super::network::Home;
use super::policy::CommitPolicy;
use super::read_config::{FETCH_MAX_WAIT, ReadConfig};
use super::service::Publisher;
use super::world::World;
use crate::broker::{GroupError, GroupId};
use crate::client::{AutoOffsetReset, ConsumerConfig, ConsumerError};
use crate::log::TopicId;
use crate::time::{Instant, Span};
use std::sync::Arc;

/// How long an instance waits that its group does not take in, before it tries again.
const BARRED: Span = Span::from_ms(1_000);
/// `retry.backoff.ms`, Kafka's default.
const RETRY_BACKOFF: Span = Span::from_ms(100);
/// `max.partition.fetch.bytes`; Kafka's default is 1 MiB, of which a consumer here would keep nearly all in hand for long.
const MAX_PARTITION_FETCH_BYTES: usize = 16 * 1024;

impl World {
    /// Switches a service on: its producer, and all its instances.
    pub(super) fn start(&mut self, id: ServiceId) {
        self.service_mut(id).online = true;
        self.start_publisher(id);
        self.start_instances(id);
    }

    /// Switches a service off without a word to anybody.
    pub(super) fn crash(&mut self, id: ServiceId) {
        self.service_mut(id).online = false;
        if let Some(publisher) = self.service_mut(id).publisher.take() {
            self.network.cut(publisher.client);
            self.broker.disconnect(publisher.client);
        }
        for index in self.indexes_running(id) {
            self.end(id, index, Ended::Crashed);
        }
    }

    /// Switches a service off in good order: it publishes no more, finishes what it has in hand, commits, and leaves.
    pub(super) fn shut_down(&mut self, id: ServiceId) {
        self.service_mut(id).online = false;
        self.close_publisher(id, Plan::End(Ended::ShutDown));
        for index in self.indexes_running(id) {
            self.plan(id, index, Plan::End(Ended::ShutDown));
        }
    }

    /// Starts all instances of a service that reads, and the one that reads its retry topic.
    pub(super) fn start_instances(&mut self, id: ServiceId) {
        let Some(instances) = self.read_config(id).map(|config| config.instances) else { return };
        for number in 0..instances {
            self.start_instance(id, Role::Main, number);
        }
        if self.service_spec(id).consumes.as_ref().is_some_and(|consumes| consumes.retry_topic.is_some()) {
            self.start_instance(id, Role::Retry, 0);
        }
    }

    /// Starts an instance, if it does not run already; lets it stay, if it was about to end. While a seek waits for the group to
    /// be empty, none begins: all do when it is over.
    pub(super) fn start_instance(&mut self, id: ServiceId, role: Role, number: u32) {
        if role == Role::Main && self.service(id).seeking.is_some() {
            return;
        }
        let index = self.place_of(id, role, number);
        match &mut self.service_mut(id).instances[index as usize].state {
            InstanceState::Running(running) => running.plan = Plan::of(running.is_outdated),
            InstanceState::Ended(_) => self.begin_instance(id, index),
        }
    }

    /// So many instances are to share the work: more begin, or the last ones finish what they have and go.
    pub(super) fn scale(&mut self, id: ServiceId, before: u32, instances: u32) {
        if !self.service(id).online {
            return;
        }
        for number in before..instances {
            self.start_instance(id, Role::Main, number);
        }
        for index in self.indexes_running(id) {
            let instance = &self.service(id).instances[index as usize];
            if instance.role == Role::Main && instance.number >= instances {
                self.plan(id, index, Plan::End(Ended::ShutDown));
            }
        }
    }

    /// Starts all running instances again, one by one as each is done with what it has in hand.
    pub(super) fn restart_instances(&mut self, id: ServiceId) {
        for index in self.indexes_running(id) {
            if let Some(running) = self.running_mut(id, index) {
                running.is_outdated = true;
                running.plan = running.plan.outdated();
            }
            self.pump(id, index);
        }
    }

    /// Ends an instance at once. What it has sent still arrives.
    pub(super) fn end(&mut self, id: ServiceId, index: u32, why: Ended) -> bool {
        let instance = &mut self.service_mut(id).instances[index as usize];
        let state = std::mem::replace(&mut instance.state, InstanceState::Ended(why));
        if let InstanceState::Running(running) = state {
            for client in running.clients() {
                self.network.cut(client);
                self.broker.disconnect(client);
            }
            self.emit(Event::Service(ServiceEvent::InstanceChanged {
                service: id,
                instance: index,
                change: InstanceChange::Ended(why),
            }));
            self.go_where_sought(id);
            self.finish_leaving(id);
        }
        false
    }

    /// Lets an instance that has nothing in hand commit what is to be committed, and say good-bye to its group.
    pub(super) fn close(&mut self, id: ServiceId, index: u32) -> bool {
        let (now, timeout) = (self.now, self.read_config(id).map(|config| config.request_timeout).unwrap_or_default());
        if let Some(running) = self.running_mut(id, index) {
            running.consumer.close(now);
            running.phase = Phase::Closing { until: now + timeout };
        }
        true
    }

    /// Waits for the answers to what an instance said last; not for ever, for nobody may be there to give them.
    pub(super) fn go_on_closing(&mut self, id: ServiceId, index: u32, until: Instant) -> bool {
        let now = self.now;
        let Some(running) = self.running(id, index) else { return false };
        let (is_closed, plan) = (running.consumer.is_closed() || now >= until, running.plan);
        if !is_closed {
            return false;
        }
        self.carry_requests(id, index);
        match plan {
            Plan::End(why) => self.end(id, index, why),
            Plan::BeginAnew | Plan::GoOn => self.begin_anew(id, index),
        }
    }

    /// The client of an instance gives up. Where that is only because members with another assignor are still in the group, or
    /// because an earlier life of a static member came last with its request to join, it is started again after a while, as
    /// whoever runs a service lets it be.
    pub(super) fn refused(&mut self, id: ServiceId, index: u32) -> bool {
        let until = self.now + BARRED;
        let Some(running) = self.running_mut(id, index) else { return false };
        let is_barred = matches!(
            running.consumer.error(),
            Some(ConsumerError::Group(GroupError::InconsistentGroupProtocol | GroupError::FencedInstanceId))
        );
        match running.plan {
            Plan::End(why) => self.end(id, index, why),
            Plan::GoOn | Plan::BeginAnew if is_barred => {
                running.phase = Phase::Barred { until };
                false
            }
            Plan::GoOn | Plan::BeginAnew => self.end(id, index, Ended::Refused),
        }
    }

    pub(super) fn go_on_barred(&mut self, id: ServiceId, index: u32, until: Instant) -> bool {
        match self.running(id, index).map(|running| running.plan) {
            Some(Plan::End(why)) => self.end(id, index, why),
            Some(Plan::GoOn | Plan::BeginAnew) if self.now >= until => self.begin_anew(id, index),
            Some(Plan::GoOn | Plan::BeginAnew) | None => false,
        }
    }

    /// Ends an instance and begins another one in its place, with the service's present settings.
    pub(super) fn begin_anew(&mut self, id: ServiceId, index: u32) -> bool {
        self.end(id, index, Ended::ShutDown);
        self.begin_instance(id, index);
        false
    }

    /// The places of the instances that run.
    pub(super) fn indexes_running(&self, id: ServiceId) -> Vec<u32> {
        let places = (0..).zip(&self.service(id).instances);
        places.filter(|(_, instance)| instance.running().is_some()).map(|(index, _)| index).collect()
    }

    /// The place of an instance, if it runs.
    pub(super) fn index_running(&self, id: ServiceId, role: Role, number: u32) -> Option<u32> {
        self.indexes_running(id).into_iter().find(|index| {
            let instance = &self.service(id).instances[*index as usize];
            (instance.role, instance.number) == (role, number)
        })
    }

    pub(super) fn running(&self, id: ServiceId, index: u32) -> Option<&Running> {
        self.service(id).instances.get(index as usize)?.running()
    }

    pub(super) fn running_mut(&mut self, id: ServiceId, index: u32) -> Option<&mut Running> {
        self.service_mut(id).instances.get_mut(index as usize)?.running_mut()
    }

    /// The settings that a service has now, if it reads.
    pub(super) fn read_config(&self, id: ServiceId) -> Option<&ReadConfig> {
        self.service(id).config.as_ref()
    }

    /// The group in which instances of a service read.
    pub(super) fn group_read_by(&self, id: ServiceId, role: Role) -> Option<GroupId> {
        match role {
            Role::Main => self.service(id).group,
            Role::Retry => self.service(id).retry_group,
        }
    }

    pub(super) fn plan(&mut self, id: ServiceId, index: u32, plan: Plan) {
        if let Some(running) = self.running_mut(id, index) {
            running.plan = plan;
        }
        self.pump(id, index);
    }

    /// The name of an instance, which stays when it begins anew: its `group.instance.id` and `transactional.id`.
    pub(super) fn transactional_id(&self, id: ServiceId, index: u32) -> Arc<str> {
        let instance = &self.service(id).instances[index as usize];
        let spec = self.service_spec(id);
        match instance.role {
            Role::Main => format!("{}-{}", spec.name, instance.number).into(),
            Role::Retry => format!("{}-{}", spec.retries_as(), instance.number).into(),
        }
    }

    fn place_of(&mut self, id: ServiceId, role: Role, number: u32) -> u32 {
        let instances = &mut self.service_mut(id).instances;
        let known = instances.iter().position(|instance| (instance.role, instance.number) == (role, number));
        known.unwrap_or_else(|| {
            instances.push(Instance { role, number, state: InstanceState::Ended(Ended::ShutDown) });
            instances.len() - 1
        }) as u32
    }

    fn begin_instance(&mut self, id: ServiceId, index: u32) {
        let role = self.service(id).instances[index as usize].role;
        let Some(config) = self.consumer_config(id, index, role) else { return };
        let client = self.network.connect(Home::Instance(id, index));
        let output = self.output_of(id, index);
        let running = Box::new(Running::new(role, client, config, output));
        self.service_mut(id).instances[index as usize].state = InstanceState::Running(running);
        self.emit(Event::Service(ServiceEvent::InstanceChanged {
            service: id,
            instance: index,
            change: InstanceChange::Began,
        }));
        self.pump(id, index);
    }

    /// A producer for what an instance publishes, if it publishes anything.
    fn output_of(&mut self, id: ServiceId, index: u32) -> Option<Publisher> {
        let consumes = self.service_spec(id).consumes.as_ref()?;
        consumes.output.or(consumes.retry_topic).or(consumes.dead_letter_topic)?;
        let config = self.output_config(id, index)?;
        let is_transactional = config.transactional_id.is_some();
        let client = self.network.connect(Home::Output(id, index));
        let mut output = Publisher::new(client, config);
        if is_transactional {
            output.producer.init_transactions(self.now); // what an earlier life of it left open holds up its readers no longer
        }
        Some(output)
    }

    fn consumer_config(&self, id: ServiceId, index: u32, role: Role) -> Option<ConsumerConfig> {
        let (consumes, config) = (self.service_spec(id).consumes.as_ref()?, self.read_config(id)?);
        let group = self.group_read_by(id, role)?;
        let topics: Vec<TopicId> = match role {
            Role::Main => consumes.topics.clone(),
            Role::Retry => consumes.retry_topic.into_iter().collect(),
        };
        let partitions_of = |topic: &TopicId| (*topic, self.broker.topic(*topic).partition_count());
        Some(ConsumerConfig {
            group,
            topics: topics.iter().map(partitions_of).collect(),
            group_instance_id: config.static_membership.then(|| self.transactional_id(id, index)),
            assignor: config.assignor,
            auto_offset_reset: if role == Role::Main { config.auto_offset_reset } else { AutoOffsetReset::Earliest },
            isolation: config.isolation(),
            auto_commit: (config.commit_policy == CommitPolicy::Auto).then_some(config.auto_commit_interval),
            session_timeout: config.session_timeout,
            heartbeat_interval: config.heartbeat_interval,
            max_poll_interval: config.max_poll_interval,
            max_poll_records: config.max_poll_records,
            request_timeout: config.request_timeout,
            retry_backoff: RETRY_BACKOFF,
            fetch_max_wait: FETCH_MAX_WAIT,
            max_partition_fetch_bytes: MAX_PARTITION_FETCH_BYTES,
        })
    }
}

//! Services that read: poll, work on one record after another, commit, poll again.

use super::agenda::Action;
use super::event::{Event, ServiceId};
use super::network::Home;
use super::outcome::outcome_of;
use super::service::Instance;
use super::spec::ConsumesSpec;
use super::world::World;
use crate::broker::{GroupId, Response, Ticket};
use crate::client::{Assignor, AutoOffsetReset, ConsumedRecord, ConsumerConfig, ConsumerState, offsets_after};
use crate::log::{Isolation, Log, Offset, TopicId, TopicPartition};
use crate::time::Span;
use std::sync::Arc;

/// `fetch.max.wait.ms`, Kafka's default.
const FETCH_MAX_WAIT: Span = Span::from_ms(500);
/// `max.partition.fetch.bytes`; Kafka's default is 1 MiB, of which a consumer here would keep nearly all in hand for long.
const MAX_PARTITION_FETCH_BYTES: usize = 16 * 1024;
/// `request.timeout.ms`, Kafka's default.
const REQUEST_TIMEOUT: Span = Span::from_ms(30_000);
/// `retry.backoff.ms`, Kafka's default.
const RETRY_BACKOFF: Span = Span::from_ms(100);

impl World {
    /// Starts all instances of a service that reads; each asks to join the group.
    pub(super) fn start_instances(&mut self, id: ServiceId) {
        let spec = self.spec.clone();
        let (Some(consumes), Some(group)) = (&spec.services[usize::from(id.0)].consumes, self.service(id).group) else {
            return;
        };
        for index in 0..consumes.instances {
            let config = self.consumer_config(consumes, group);
            let client = self.network.connect(Home::Instance(id, index));
            self.service_mut(id).instances.push(Instance::new(client, config));
            self.pump(id, index);
        }
    }

    pub(super) fn instance_hears(&mut self, id: ServiceId, index: u32, correlation: u32, response: Response) {
        let now = self.now;
        if let Some(instance) = self.instance_mut(id, index) {
            instance.consumer.handle(now, correlation, response);
        }
        self.pump(id, index);
    }

    pub(super) fn instance_tick(&mut self, id: ServiceId, index: u32) {
        let now = self.now;
        if let Some(instance) = self.instance_mut(id, index) {
            if instance.tick_at == Some(now) {
                instance.tick_at = None;
            }
            instance.consumer.tick(now);
        }
        self.pump(id, index);
    }

    /// One record is finished: the next one begins, or all of them are committed.
    pub(super) fn work_done(&mut self, id: ServiceId, index: u32) {
        let Some(instance) = self.instance_mut(id, index) else { return };
        let record = instance.work[instance.finished].clone();
        instance.finished += 1;
        if instance.finished == instance.work.len() {
            let work = std::mem::take(&mut instance.work);
            instance.finished = 0;
            instance.consumer.commit(offsets_after(&work));
        } else {
            self.begin_record(id, index);
        }
        self.report_work(id, &record);
        self.pump(id, index);
    }

    fn report_work(&mut self, id: ServiceId, record: &ConsumedRecord) {
        let (partition, offset) = (record.partition, record.offset);
        if let Some(group) = self.service(id).group {
            self.emit(Event::Processed { service: id, group, partition, offset });
        }
        let spec = self.spec.clone();
        let consumes = spec.services[usize::from(id.0)].consumes.as_ref();
        if let Some(outcome) = consumes.and_then(|consumes| consumes.outcome.as_ref()) {
            let texts = outcome_of(outcome, record);
            self.emit(Event::Outcome {
                service: id,
                partition,
                offset,
                timestamp_ms: record.timestamp_ms,
                subject: texts.subject,
                detail: texts.detail,
                stage: texts.stage,
                text: texts.text,
            });
        }
    }

    /// Lets an instance do what it can do now: take records if it is free, send what it has to say, set its alarm.
    fn pump(&mut self, id: ServiceId, index: u32) {
        self.take_records(id, index);
        self.carry_requests(id, index);
        self.notice_recovery(id);
    }

    fn take_records(&mut self, id: ServiceId, index: u32) {
        let now = self.now;
        let Some(instance) = self.instance_mut(id, index) else { return };
        if !instance.work.is_empty() || instance.consumer.is_committing() {
            return;
        }
        let records = instance.consumer.poll(now);
        let Some(first) = records.first() else { return };
        let (partition, count) = (first.partition, records.len() as u32);
        instance.work = records;
        self.emit(Event::Polled { service: id, instance: index, partition, records: count });
        self.begin_record(id, index);
    }

    fn begin_record(&mut self, id: ServiceId, index: u32) {
        let Some(processing) = self.service_spec(id).consumes.as_ref().map(|consumes| consumes.processing) else {
            return;
        };
        let takes = self.service_mut(id).work_times.between(processing.min, processing.max);
        let done = self.now + takes;
        if let Some(client) = self.instance_mut(id, index).map(|instance| instance.client) {
            self.agenda.put(done, Action::WorkDone(client));
        }
    }

    fn carry_requests(&mut self, id: ServiceId, index: u32) {
        let now = self.now;
        let Some(instance) = self.services[usize::from(id.0)].instances.get_mut(index as usize) else { return };
        for (correlation, request) in instance.consumer.take_requests() {
            let ticket = Ticket { client: instance.client, correlation };
            self.network.send(now, ticket, request, &mut self.agenda);
        }
        if let Some(deadline) = instance.consumer.deadline().filter(|at| instance.tick_at.is_none_or(|tick| *at < tick))
        {
            instance.tick_at = Some(deadline);
            self.agenda.put(deadline, Action::ClientTick(instance.client));
        }
    }

    /// A service that was away has caught up when it has committed everything that was there when it came back.
    fn notice_recovery(&mut self, id: ServiceId) {
        let service = self.service(id);
        let (Some(ends), Some(group)) = (&service.catch_up_to, service.group) else { return };
        let reads = service.instances.iter().any(|instance| instance.consumer.state() == ConsumerState::Reading);
        let has_passed = |(partition, end): &(TopicPartition, Offset)| {
            let start = self.broker.log(*partition).map_or(Offset::ZERO, Log::log_start_offset);
            self.broker.group(group).committed(*partition).unwrap_or(start).max(start) >= *end
        };
        if reads && ends.iter().all(has_passed) {
            self.service_mut(id).catch_up_to = None;
            self.emit(Event::CaughtUp { service: id });
        }
    }

    /// Where the logs that a service reads end now.
    pub(super) fn log_ends(&self, id: ServiceId) -> Vec<(TopicPartition, Offset)> {
        let topics = self.service_spec(id).consumes.iter().flat_map(|consumes| &consumes.topics);
        let partitions = topics.flat_map(|topic| self.broker.partitions(*topic));
        partitions.filter_map(|partition| Some((partition, self.broker.log(partition)?.log_end_offset()))).collect()
    }

    fn consumer_config(&self, consumes: &ConsumesSpec, group: GroupId) -> ConsumerConfig {
        let partitions_of = |topic: &TopicId| (*topic, self.broker.topic(*topic).partition_count());
        let topics: Arc<[(TopicId, u32)]> = consumes.topics.iter().map(partitions_of).collect();
        ConsumerConfig {
            group,
            group_instance_id: None,
            topics,
            assignor: Assignor::Range,
            auto_offset_reset: AutoOffsetReset::Earliest,
            isolation: Isolation::ReadUncommitted,
            auto_commit: None,
            session_timeout: consumes.session_timeout,
            heartbeat_interval: consumes.heartbeat_interval,
            max_poll_interval: consumes.max_poll_interval,
            max_poll_records: consumes.max_poll_records,
            fetch_max_wait: FETCH_MAX_WAIT,
            max_partition_fetch_bytes: MAX_PARTITION_FETCH_BYTES,
            request_timeout: REQUEST_TIMEOUT,
            retry_backoff: RETRY_BACKOFF,
        }
    }

    fn instance_mut(&mut self, id: ServiceId, index: u32) -> Option<&mut Instance> {
        self.service_mut(id).instances.get_mut(index as usize)
    }
}

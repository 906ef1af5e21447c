//! Services that publish. The person at the page who publishes by hand is in `by_hand.rs`.

use super::acknowledging::{Stretch, Told};
use super::agenda::{Action, Agenda};
use super::event::{Event, ServiceEvent, ServiceId};
use super::instance::Plan;
use super::network::{Home, Network};
use super::random::Stream;
use super::service::Publisher;
use super::workload::{Update, Workload};
use super::world::World;
use crate::broker::{Broker, Response, Ticket};
use crate::client::{Acknowledged, DeliveryError, ProducerConfig, RecordHandle, SendError, TopicView};
use crate::log::{Header, NewRecord, PartitionId, TopicId, TopicPartition};
use crate::time::Instant;
use std::sync::Arc;

impl World {
    /// Starts a service's producer. What was not acknowledged before goes out again, then what came while it was off.
    pub(super) fn start_publisher(&mut self, id: ServiceId) {
        if let Some(publisher) = &mut self.service_mut(id).publisher {
            publisher.plan = Plan::of(publisher.is_outdated); // it was about to end
            self.close_if_done(id);
            return self.catch_up_on_stages(id);
        }
        let Some(config) = self.producer_config(id) else { return };
        let client = self.network.connect(Home::Publisher(id));
        let service = self.service_mut(id);
        service.publisher = Some(Publisher::new(client, config));
        self.emit(Event::Service(ServiceEvent::ProducerBegan { service: id }));
        self.tell_connections_of(id);
        let service = self.service_mut(id);
        service.workload.iter_mut().for_each(Workload::begin_producer);
        let unacknowledged = service.workload.as_ref().map(Workload::all_unacknowledged).unwrap_or_default();
        self.service_mut(id).workload.as_mut().map(Workload::take_held_back); // they are among those
        for handle in unacknowledged {
            self.publish_update(id, handle);
        }
        self.note_limits(id);
        self.catch_up_on_stages(id);
    }

    /// Lets a producer end as soon as everything in it is acknowledged; another one begins then, if its settings have changed.
    pub(super) fn close_publisher(&mut self, id: ServiceId, plan: Plan) {
        let now = self.now;
        if let Some(publisher) = &mut self.service_mut(id).publisher {
            publisher.plan = plan;
            let settled = publisher.producer.tick(now); // what needs no acknowledgement is settled, and nobody knows yet
            self.settled(id, &settled);
        }
        self.close_if_done(id);
        self.carry_produced(id);
    }

    /// Lets the settings of a producer hold that have been changed. Until it is through with what it has, new updates wait.
    pub(super) fn renew_publisher(&mut self, id: ServiceId) {
        if let Some(publisher) = &mut self.service_mut(id).publisher {
            publisher.is_outdated = true;
            let plan = publisher.plan.outdated();
            self.close_publisher(id, plan);
        }
    }

    fn close_if_done(&mut self, id: ServiceId) {
        let Some(publisher) = &self.service(id).publisher else { return };
        if publisher.plan == Plan::GoOn || publisher.producer.buffered_bytes() > 0 {
            return;
        }
        let (client, begins_anew) = (publisher.client, publisher.plan == Plan::BeginAnew);
        self.network.cut(client);
        self.service_mut(id).publisher = None;
        if begins_anew {
            self.start_publisher(id);
        }
        self.finish_leaving(id);
    }

    /// Puts down when the next new entity turns up.
    pub(super) fn await_arrival(&mut self, id: ServiceId) {
        let now = self.now;
        let Some(workload) = &mut self.service_mut(id).workload else { return };
        let rate_version = workload.rate_version;
        if let Some(after) = workload.until_next_arrival() {
            self.agenda.put(now + after, Action::Arrival { service: id, rate_version });
        }
    }

    /// A new entity turns up, if the service is there to take it and has room.
    pub(super) fn entity_arrives(&mut self, id: ServiceId, rate_version: u32) {
        let spec = self.spec.clone();
        let now = self.now;
        let service = self.service_mut(id);
        let online = service.online;
        let (Some(workload), Some(publishes)) = (&mut service.workload, &spec.services[usize::from(id.0)].publishes)
        else {
            return;
        };
        if workload.rate_version != rate_version {
            return;
        }
        if online && workload.takes_in() {
            let (number, after) = workload.arrive(publishes);
            self.agenda.put(now + after, Action::StageDue { service: id, number });
        }
        self.note_limits(id);
        self.await_arrival(id);
    }

    /// An entity reaches its next stage. While the service is off or can publish no more this waits, for it is the service that
    /// sees to it.
    pub(super) fn stage_due(&mut self, id: ServiceId, number: u64) {
        let spec = self.spec.clone();
        let now = self.now;
        let service = self.service_mut(id);
        let online = service.online;
        let (Some(workload), Some(publishes)) = (&mut service.workload, &spec.services[usize::from(id.0)].publishes)
        else {
            return;
        };
        if !online || !workload.publishes() {
            workload.put_off(number);
            return;
        }
        let Some((handle, after)) = workload.reach_stage(publishes, number, now) else { return };
        if let Some(after) = after {
            self.agenda.put(now + after, Action::StageDue { service: id, number });
        }
        self.note_limits(id);
        self.publish_update(id, handle);
    }

    /// Lets those entities reach their next stage that had to wait for it.
    fn catch_up_on_stages(&mut self, id: ServiceId) {
        let overdue = self.service_mut(id).workload.as_mut().map(Workload::take_overdue).unwrap_or_default();
        for number in overdue {
            self.stage_due(id, number);
        }
    }

    /// Says which limits of a service are reached now, and which are so no longer.
    pub(super) fn note_limits(&mut self, id: ServiceId) {
        let service = self.service_mut(id);
        let is_taking = service.publisher.as_ref().is_some_and(|publisher| publisher.plan == Plan::GoOn);
        let Some(workload) = &mut service.workload else { return };
        let full = workload.note_full(is_taking && workload.holds_back());
        for (limit, reached) in workload.update_limits().chain(full).collect::<Vec<_>>() {
            self.emit(Event::Service(ServiceEvent::Limited { service: id, limit, reached }));
        }
    }

    pub(super) fn publisher_tick(&mut self, id: ServiceId) {
        let now = self.now;
        if let Some(publisher) = &mut self.service_mut(id).publisher {
            publisher.ticks.remove(&now);
            let settled = publisher.producer.tick(now);
            self.settled(id, &settled);
        }
        self.carry_produced(id);
    }

    pub(super) fn publisher_hears(&mut self, id: ServiceId, correlation: u32, response: Response) {
        let now = self.now;
        let Some(publisher) = &mut self.service_mut(id).publisher else { return };
        let settled = publisher.producer.handle(now, correlation, response);
        self.settled(id, &settled);
        self.carry_produced(id);
    }

    /// Forgets the updates that are safe in the log. One that the broker refuses it would refuse again and again; one that was
    /// not delivered is published again.
    fn settled(&mut self, id: ServiceId, acknowledged: &[Acknowledged]) {
        if acknowledged.is_empty() {
            return;
        }
        let mut told = Told::default();
        for record in acknowledged {
            match &record.result {
                Ok(offset) => {
                    let sent_after = self.is_written(id, record.handle);
                    let before = told.note(record.partition, *offset, sent_after);
                    self.tell_acknowledged(id, before);
                }
                Err(DeliveryError::Refused(_)) => {
                    self.service_mut(id).workload.iter_mut().for_each(|workload| workload.refused(record.handle));
                    self.emit(Event::Service(ServiceEvent::Refused { service: id, partition: record.partition }));
                }
                Err(
                    DeliveryError::Timeout
                    | DeliveryError::Network
                    | DeliveryError::TransactionAborted
                    | DeliveryError::Fatal(_),
                ) => self.hold_back(id, record.handle),
            }
        }
        self.tell_acknowledged(id, told.end());
        self.publish_held_back(id);
        self.note_limits(id);
        if self.service(id).workload.as_ref().is_some_and(Workload::publishes) {
            self.catch_up_on_stages(id);
        }
        self.close_if_done(id);
    }

    /// An update leaves the outbox: it is safe in the log. Returns how many times a record had been sent when it was.
    fn is_written(&mut self, id: ServiceId, handle: RecordHandle) -> Option<u64> {
        let now = self.now;
        self.service_mut(id).workload.as_mut()?.acknowledged(handle, now)
    }

    fn tell_acknowledged(&mut self, service: ServiceId, stretch: Option<Stretch>) {
        if let Some(Stretch { partition, base_offset, records, sends }) = stretch {
            let told = ServiceEvent::Acknowledged { service, partition, base_offset, records, sends };
            self.emit(Event::Service(told));
        }
    }

    fn hold_back(&mut self, id: ServiceId, handle: RecordHandle) {
        if let Some(workload) = &mut self.service_mut(id).workload {
            workload.hold_back(handle);
        }
    }

    /// Publishes what the producer had no room for, as far as it has now.
    fn publish_held_back(&mut self, id: ServiceId) {
        let held_back = self.service_mut(id).workload.as_mut().map(Workload::take_held_back).unwrap_or_default();
        for handle in held_back {
            self.publish_update(id, handle);
        }
    }

    /// Hands an update to the producer; holds it back while that has no room, or is about to end. What was held back goes first.
    fn publish_update(&mut self, id: ServiceId, handle: RecordHandle) {
        let topic = self.service_spec(id).publishes.as_ref().map(|publishes| publishes.topic);
        let service = &mut self.services[usize::from(id.0)];
        let (Some(publisher), Some(workload), Some(topic)) = (&mut service.publisher, &mut service.workload, topic)
        else {
            return;
        };
        let may = publisher.plan == Plan::GoOn && !workload.holds_back();
        let update = workload.unacknowledged(handle).filter(|_| may);
        let at = (self.now, handle);
        let sent = update.map(|it| send_update(publisher, &self.broker, topic, it, at, &mut self.partitioning));
        match sent {
            Some(Ok(())) => {
                if let Some((update, why)) = workload.sent(handle) {
                    self.emit(Event::Service(ServiceEvent::SentAgain { service: id, update, why }));
                }
            }
            // It would not fit into an empty buffer either.
            Some(Err((partition, SendError::RecordTooLarge { .. }))) => {
                workload.refused(handle);
                self.emit(Event::Service(ServiceEvent::Refused { service: id, partition }));
            }
            Some(Err(_)) | None => workload.hold_back(handle),
        }
        self.carry_produced(id);
    }

    fn carry_produced(&mut self, id: ServiceId) {
        if let Some(publisher) = &mut self.services[usize::from(id.0)].publisher {
            carry(publisher, self.now, &mut self.network, &mut self.agenda);
        }
    }

    /// The service's settings, with batches that the topic takes; `None` if the service publishes nothing.
    fn producer_config(&self, id: ServiceId) -> Option<ProducerConfig> {
        let topic = self.service_spec(id).publishes.as_ref()?.topic;
        let batch_bytes_max = self.broker.topic(topic).config().batch_bytes_max();
        let config = self.service(id).write_config.clone()?;
        Some(ProducerConfig { batch_bytes: config.batch_bytes.min(batch_bytes_max), ..config })
    }
}

fn send_update(
    publisher: &mut Publisher,
    broker: &Broker,
    topic: TopicId,
    update: &Update,
    at: (Instant, RecordHandle),
    random: &mut Stream,
) -> Result<(), (TopicPartition, SendError)> {
    let headers: Vec<Header<'_>> =
        update.headers.iter().map(|(name, value)| Header { key: name, value: Some(value.as_bytes()) }).collect();
    let record = NewRecord {
        key: Some(update.key.as_bytes()),
        value: Some(update.value.as_bytes()),
        headers: &headers,
        timestamp_ms: update.at.timestamp_ms(),
    };
    send(publisher, broker, topic, &record, at, random)
}

/// Sends a record where the partitioner says, which knows the partitions that have a leader.
pub(super) fn send(
    publisher: &mut Publisher,
    broker: &Broker,
    topic: TopicId,
    record: &NewRecord<'_>,
    (now, handle): (Instant, RecordHandle),
    random: &mut Stream,
) -> Result<(), (TopicPartition, SendError)> {
    let led = broker.partitions(topic).filter(|it| broker.replicas(*it).is_some_and(|it| it.leader().is_some()));
    let available: Arc<[PartitionId]> = led.map(|partition| partition.partition).collect();
    let view = TopicView { topic, partitions: broker.topic(topic).partition_count(), available: &available };
    // It fails for a topic without partitions only, and there is none.
    let Ok(partition) = publisher.partitioner.partition(view, record.key, &mut || random.bits31()) else {
        return Ok(());
    };
    let to = TopicPartition { topic, partition };
    let batched = publisher.producer.send(now, to, record, handle).map_err(|error| (to, error))?;
    if record.key.is_none() {
        publisher.partitioner.sent(view, batched, &mut || random.bits31());
    }
    Ok(())
}

pub(super) fn carry(publisher: &mut Publisher, now: Instant, network: &mut Network, agenda: &mut Agenda) {
    for (correlation, request) in publisher.producer.take_requests() {
        network.send(now, Ticket { client: publisher.client, correlation }, request, agenda);
    }
    let next = publisher.ticks.first().copied();
    if let Some(deadline) =
        publisher.producer.deadline().map(|at| at.max(now)).filter(|at| next.is_none_or(|next| *at < next))
    {
        publisher.ticks.insert(deadline);
        agenda.put(deadline, Action::ClientTick(publisher.client));
    }
}

//! What an instance that reads publishes: what its work brings forth, and the records that it puts aside. Under exactly-once
//! that, and everything that follows from its work, counts only once its transaction is committed.

use super::asides::PutAside;
use super::event::{Event, ServiceEvent, ServiceId};
use super::instance::{Phase, Running};
use super::network::Home;
use super::origin::Origin;
use super::outcome::OutcomeTexts;
use super::policy::CommitPolicy;
use super::publishing::send;
use super::world::World;
use crate::broker::{ClientId, EndReason, Response};
use crate::client::{
    Acknowledged, ConsumedRecord, DeliveryError, ProducerConfig, RecordHandle, SendError, TransactionOutcome,
    TransactionPhase,
};
use crate::json::quoted;
use crate::log::{Header, NewRecord, RecordRef, TopicId, TransactionResult};
use crate::sorted::{SortedMap, SortedSet};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// What follows from work whose transaction has not ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Undecided {
    pub(super) events: Vec<Event>,
    /// What its service will remember.
    pub(super) work: SortedSet<u128>,
}

/// The header that says for which record another one was published.
pub const SOURCE: &str = "source.record";

impl World {
    /// Publishes what the work on a record has brought forth, as the outcome has it.
    pub(super) fn publish_output(
        &mut self,
        id: ServiceId,
        index: u32,
        topic: TopicId,
        record: &ConsumedRecord,
        origin: &Origin,
        texts: &OutcomeTexts,
    ) {
        let members = [("subject", &texts.subject), ("stage", &texts.stage), ("text", &texts.text)];
        let members: Vec<String> =
            members.iter().map(|(name, text)| format!("{}:{}", quoted(name), quoted(text))).collect();
        let source = format!(
            "{}-{}@{}",
            self.broker.topic(origin.partition.topic).name(),
            origin.partition.partition,
            origin.offset
        );
        let value = format!("{{{}}}", members.join(","));
        let headers = SortedMap::from([(SOURCE.to_owned(), source)]);
        let _ = self.publish_from(id, index, topic, (record.key.as_deref(), Some(value.as_bytes())), &headers);
    }

    /// Reports what follows from a piece of work: at once, or when the transaction is committed of which it is a part.
    pub(super) fn conclude(&mut self, id: ServiceId, index: u32, event: Event) {
        match self.transaction_of(id, index) {
            Some(transaction) => self.undecided.entry(transaction).or_default().events.push(event),
            None => self.emit(event),
        }
    }

    /// The transaction in which an instance works: its `transactional.id`, and who is at it.
    pub(super) fn transaction_of(&self, id: ServiceId, index: u32) -> Option<(Arc<str>, ClientId)> {
        let running = self.running(id, index).filter(|running| running.policy == CommitPolicy::ExactlyOnce)?;
        Some((self.transactional_id(id, index), running.output.as_ref()?.client))
    }

    pub(super) fn output_hears(&mut self, id: ServiceId, index: u32, correlation: u32, response: Response) {
        let now = self.now;
        let output = self.running_mut(id, index).and_then(|running| running.output.as_mut());
        let settled = output.map(|output| output.producer.handle(now, correlation, response)).unwrap_or_default();
        self.output_settled(id, index, settled);
        self.pump(id, index);
    }

    pub(super) fn output_tick(&mut self, id: ServiceId, index: u32) {
        let now = self.now;
        let output = self.running_mut(id, index).and_then(|running| running.output.as_mut());
        let settled = output.map(|output| {
            output.ticks.remove(&now);
            output.producer.tick(now)
        });
        self.output_settled(id, index, settled.unwrap_or_default());
        self.pump(id, index);
    }

    /// Takes in what became of records that an instance published. One that the broker refuses it would refuse again: that is told,
    /// and nothing waits for it.
    fn output_settled(&mut self, id: ServiceId, index: u32, settled: Vec<Acknowledged>) {
        for record in settled {
            if matches!(record.result, Err(DeliveryError::Refused(_))) {
                self.emit(Event::Service(ServiceEvent::Refused { service: id, partition: record.partition }));
            }
            self.running_mut(id, index).into_iter().for_each(|running| running.settles(&record));
        }
    }

    /// Publishes a record for an instance, and says under which number.
    pub(super) fn publish_from(
        &mut self,
        id: ServiceId,
        index: u32,
        topic: TopicId,
        (key, value): (Option<&[u8]>, Option<&[u8]>),
        headers: &SortedMap<String, String>,
    ) -> Option<RecordHandle> {
        let headers: Vec<Header<'_>> =
            headers.iter().map(|(name, value)| Header { key: name, value: Some(value.as_bytes()) }).collect();
        let record = NewRecord { key, value, headers: &headers, timestamp_ms: self.now.timestamp_ms() };
        let now = self.now;
        let instance = &mut self.services[usize::from(id.0)].instances[index as usize];
        let running = instance.running_mut()?;
        let handle = RecordHandle(running.next_handle);
        running.next_handle += 1;
        running.unacknowledged.insert(handle);
        let output = running.output.as_mut()?;
        match send(output, &self.broker, topic, &record, (now, handle), &mut self.partitioning) {
            Ok(()) => {}
            // It would not fit into an empty buffer either.
            Err((partition, SendError::RecordTooLarge { .. })) => {
                running.refused(handle);
                self.emit(Event::Service(ServiceEvent::Refused { service: id, partition }));
            }
            Err(_) => running.undelivered(handle), // its transaction is over, or its buffer full
        }
        Some(handle)
    }

    /// Begins the transaction in which an instance handles what it has just taken.
    pub(super) fn begin_transaction(&mut self, id: ServiceId, index: u32) {
        let transactional_id = self.transactional_id(id, index);
        let Some(running) = self.running_mut(id, index) else { return };
        let client = running.output.as_ref().map(|output| output.client);
        let begun = running.output.as_mut().map(|output| output.producer.begin_transaction());
        running.has_failed_to_publish = !matches!(begun, Some(Ok(())));
        // What is left of one that ended without a word, because nothing was published in it.
        client.map(|client| self.undecided.remove(&(transactional_id, client)));
    }

    /// Waits for a transaction to end. If it is aborted, the records are read again; if the producer was fenced, the instance
    /// begins anew, or ends if it was to.
    pub(super) fn go_on_ending(&mut self, id: ServiceId, index: u32) -> bool {
        let now = self.now;
        let Some(running) = self.running_mut(id, index) else { return false };
        let Some(output) = &mut running.output else { return false };
        match output.producer.take_transaction_result() {
            None => false,
            Some(TransactionOutcome::Committed) => {
                running.uncommitted.clear();
                running.phase = Phase::Idle;
                true
            }
            Some(TransactionOutcome::Aborted) => {
                running.give_back();
                true
            }
            Some(TransactionOutcome::MustAbort(_)) => output.producer.abort_transaction(now).is_ok(),
            Some(TransactionOutcome::Fatal(_)) => {
                running.needs_another_producer();
                true
            }
        }
    }

    /// What follows from a transaction that has ended: all that was done in it counts now, or nothing. `asked` is the client whose
    /// request ended it. One that has begun anew and has not got its id yet is not concerned: what it does is for later.
    pub(super) fn decide(&mut self, id: &str, result: TransactionResult, reason: EndReason, asked: Option<ClientId>) {
        let is_concerned = |world: &Self, client: ClientId| match reason {
            EndReason::Asked => asked == Some(client),
            EndReason::Fenced => asked != Some(client),
            EndReason::TimedOut => !world.network.is_open(client) || world.has_producer_id(client),
        };
        let clients: Vec<ClientId> =
            self.undecided.keys().filter(|(of, _)| **of == *id).map(|(_, client)| *client).collect();
        for client in clients.into_iter().filter(|client| is_concerned(self, *client)).collect::<Vec<_>>() {
            let undecided = self.undecided.remove(&(id.into(), client)).unwrap_or_default();
            match result {
                TransactionResult::Commit => self.counts(client, undecided),
                TransactionResult::Abort => {}
            }
        }
    }

    fn counts(&mut self, client: ClientId, Undecided { events, work }: Undecided) {
        for event in events {
            self.emit(event);
        }
        if let Some(service) = self.network.service_of(client) {
            for work in work {
                self.service_mut(service).memory.told(work);
            }
        }
    }

    fn has_producer_id(&self, client: ClientId) -> bool {
        let Some(Home::Output(id, index)) = self.network.home(client) else { return false };
        let output = self.running(id, index).and_then(|running| running.output.as_ref());
        output.is_some_and(|output| output.client == client && output.producer.producer_id().is_some())
    }

    /// The settings of the producer of an instance: everything is numbered, and under exactly-once in transactions.
    pub(super) fn output_config(&self, id: ServiceId, index: u32) -> Option<ProducerConfig> {
        let config = self.read_config(id)?;
        let is_exact = config.commit_policy == CommitPolicy::ExactlyOnce;
        let default = ProducerConfig::default();
        // Work on what one poll took may last until the next poll is due, and all of it is one transaction.
        let transaction_timeout = default.transaction_timeout.max(config.max_poll_interval);
        Some(ProducerConfig {
            linger: Span::ZERO,
            request_timeout: config.request_timeout,
            transactional_id: is_exact.then(|| self.transactional_id(id, index)),
            transaction_timeout: transaction_timeout.min(self.spec.broker.transaction_max_timeout),
            ..default
        })
    }
}

impl Running {
    /// Ends the transaction: with the offsets, if all went well so far and the instance is still a member of its group.
    pub(super) fn end_transaction(&mut self, now: Instant) {
        self.phase = Phase::EndingTransaction;
        let offsets = self.done_ends();
        let membership = self.consumer.membership().filter(|_| !self.has_failed_to_publish);
        let Some(output) = &mut self.output else { return };
        let committing = membership.map(|membership| {
            let sent = output.producer.send_offsets(membership, &offsets);
            sent.and_then(|()| output.producer.commit_transaction(now))
        });
        if matches!(committing, Some(Ok(()))) || output.producer.abort_transaction(now).is_ok() {
            return;
        }
        if output.producer.transaction_state() == TransactionPhase::FatalError {
            self.needs_another_producer();
        } else {
            self.give_back(); // there is none
        }
    }

    /// Its producer is fenced, or of no use any more for another reason: the instance leaves its group, and begins anew with
    /// another one if it is to go on.
    fn needs_another_producer(&mut self) {
        self.give_back();
        self.plan = self.plan.outdated();
    }

    /// Nobody knows that a record is in the log: what it was published for counts as not done.
    fn undelivered(&mut self, handle: RecordHandle) {
        self.unacknowledged.remove(&handle);
        self.has_failed_to_publish |= !self.is_putting_aside(handle) || self.policy == CommitPolicy::ExactlyOnce;
        self.settles_aside(handle, PutAside::Undelivered);
    }

    /// A record is not in the log, and never will be.
    fn refused(&mut self, handle: RecordHandle) {
        self.unacknowledged.remove(&handle);
        self.settles_aside(handle, PutAside::Refused);
    }

    fn settles(&mut self, record: &Acknowledged) {
        match record.result {
            Ok(offset) => {
                self.unacknowledged.remove(&record.handle);
                let partition = record.partition;
                self.settles_aside(record.handle, PutAside::At(offset.map(|offset| RecordRef { partition, offset })));
            }
            Err(DeliveryError::Refused(_)) => self.refused(record.handle),
            Err(
                DeliveryError::Timeout
                | DeliveryError::Network
                | DeliveryError::TransactionAborted
                | DeliveryError::Fatal(_),
            ) => self.undelivered(record.handle),
        }
    }
}

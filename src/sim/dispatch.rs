//! What happens when something is due: each action goes to the one it concerns.

use super::agenda::Action;
use super::event::{Event, ServiceEvent, UpdateHash};
use super::network::Home;
use super::world::World;
use crate::broker::{Acks, ClientId, Fact, Out, Reply, Request, Ticket, TransactionFact};
use crate::log::{Isolation, Offset, TopicPartition};
use std::sync::Arc;

impl World {
    pub(super) fn perform(&mut self, action: Action) {
        match action {
            Action::RequestArrives { ticket, request } => self.request_arrives(ticket, *request),
            Action::BrokerTick => self.broker_tick(),
            Action::ReplyArrives(reply) => self.reply_arrives(*reply),
            Action::ClientTick(client) => self.client_ticks(client),
            Action::WorkDone(client) => {
                if let Some(Home::Instance(service, index)) = self.network.open_home(client) {
                    self.work_done(service, index);
                }
            }
            Action::Arrival { service, rate_version } => self.entity_arrives(service, rate_version),
            Action::StageDue { service, number } => self.stage_due(service, number),
        }
    }

    /// A request comes to the broker, if the network carries it.
    fn request_arrives(&mut self, ticket: Ticket, request: Request) {
        // Asked before: a connection that is closed may be forgotten when its last request is through.
        let (unasked, home) = (unacknowledged(&request), self.network.home(ticket.client));
        let mut is_written = false;
        if self.network.carries(ticket.client) {
            let mut out = Out::default();
            self.broker.handle(self.now, ticket, request, &mut out);
            is_written =
                out.facts.iter().any(|fact| matches!(fact, Fact::Appended { client, .. } if *client == ticket.client));
            self.after_broker(out, Some(ticket.client));
        }
        let Some((partition, records)) = unasked.filter(|_| !is_written) else { return };
        if let Some(Home::Publisher(service)) = home {
            self.emit(Event::Service(ServiceEvent::NeverWritten { service, partition, records }));
        }
    }

    fn broker_tick(&mut self) {
        self.broker_ticks.remove(&self.now);
        let mut out = Out::default();
        self.broker.tick(self.now, &mut out);
        self.after_broker(out, None);
    }

    fn client_ticks(&mut self, client: ClientId) {
        match self.network.open_home(client) {
            None => {}
            Some(Home::Hand) => self.hand_tick(),
            Some(Home::Publisher(service)) => self.publisher_tick(service),
            Some(Home::Instance(service, index)) => self.instance_tick(service, index),
            Some(Home::Output(service, index)) => self.output_tick(service, index),
        }
    }

    fn reply_arrives(&mut self, Reply { to, response }: Reply) {
        let home = self.network.open_home(to.client).filter(|_| self.network.carries(to.client));
        match home {
            None => {}
            Some(Home::Hand) => self.hand_hears(to.correlation, response),
            Some(Home::Publisher(service)) => self.publisher_hears(service, to.correlation, response),
            Some(Home::Instance(service, index)) => self.instance_hears(service, index, to.correlation, response),
            Some(Home::Output(service, index)) => self.output_hears(service, index, to.correlation, response),
        }
    }

    /// Tells what happened at the broker, and sends its answers. `asked` is the client whose request it was.
    pub(super) fn after_broker(&mut self, out: Out, asked: Option<ClientId>) {
        for fact in &out.facts {
            if let Fact::Transaction(TransactionFact::Ended { transactional_id, result, reason, .. }) = fact {
                self.decide(transactional_id, *result, *reason, asked);
            }
        }
        let is_about_brokers = out.facts.iter().any(|fact| matches!(fact, Fact::Cluster(_)));
        for fact in out.facts {
            let event = self.event_of(fact);
            self.emit(event);
        }
        if is_about_brokers {
            self.tell_connections();
        }
        if self.network.has_many_closed() {
            let undecided = &self.undecided;
            let is_asked_about = |client| undecided.keys().any(|(_, of)| *of == client);
            self.network.forget_closed(self.now, is_asked_about);
        }
        for id in self.service_ids().filter(|id| self.is_seeking(*id)).collect::<Vec<_>>() {
            self.go_where_sought(id);
        }
        for reply in out.replies {
            self.network.answer(self.now, reply, &mut self.agenda);
        }
        let deadline = self.broker.deadline().max(self.now);
        if self.broker_ticks.first().is_none_or(|at| deadline < *at) {
            self.broker_ticks.insert(deadline);
            self.agenda.put(deadline, Action::BrokerTick);
        }
    }

    /// What happened on the broker, as the world tells it: it knows to which service a client belongs.
    fn event_of(&self, fact: Fact) -> Event {
        match fact {
            Fact::Appended { client, transactional, is_numbered, partition, base_offset, records, content_hash } => {
                let service = self.network.service_of(client);
                let updates = match self.network.home(client) {
                    Some(Home::Publisher(_)) => self.updates_at(partition, base_offset, records),
                    Some(Home::Hand | Home::Instance(..) | Home::Output(..)) | None => Arc::default(),
                };
                Event::Appended {
                    service,
                    transactional,
                    is_numbered,
                    partition,
                    base_offset,
                    records,
                    content_hash,
                    updates,
                }
            }
            Fact::Log(fact) => Event::Log(fact),
            Fact::Offsets(fact) => Event::Offsets(fact),
            Fact::Group(fact) => Event::Group(fact),
            Fact::Transaction(fact) => Event::Transaction(fact),
            Fact::Cluster(fact) => Event::Cluster(fact),
        }
    }
}

impl World {
    /// What the records say that were just appended.
    fn updates_at(&self, partition: TopicPartition, base_offset: Offset, records: u32) -> Arc<[UpdateHash]> {
        let log = self.broker.log(partition).into_iter();
        let appended = log.flat_map(|log| log.records(base_offset, Isolation::LogEnd)).take(records as usize);
        appended.map(|it| UpdateHash::of(it.key, it.value, it.timestamp_ms)).collect()
    }
}

/// What a request carries of which nobody will say whether it was written: where to, and how many records.
fn unacknowledged(request: &Request) -> Option<(TopicPartition, u32)> {
    match request {
        Request::Produce { partition, batch, acks: Acks::Zero } => Some((*partition, batch.view().record_count())),
        _ => None,
    }
}

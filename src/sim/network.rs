//! The network: each client has a connection to the broker, on which nothing overtakes anything.

use super::agenda::{Action, Agenda};
use super::event::ServiceId;
use super::random::Stream;
use super::spec::NetworkSpec;
use crate::broker::{ClientId, Reply, Request, Ticket};
use crate::sorted::{SortedMap, SortedSet};
use crate::time::Instant;

/// What a client is to its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// The hand of the person at the page.
    Hand,
    /// The producer of a service.
    Publisher(ServiceId),
    /// The consumer of one instance of a service.
    Instance(ServiceId, u32),
    /// The producer of one instance of a service that reads.
    Output(ServiceId, u32),
}

impl Home {
    /// The service that it belongs to.
    pub(super) const fn service(self) -> Option<ServiceId> {
        match self {
            Self::Hand => None,
            Self::Publisher(service) | Self::Instance(service, _) | Self::Output(service, _) => Some(service),
        }
    }
}

#[derive(Clone, Debug)]
struct Connection {
    home: Home,
    is_open: bool,
    request_clear_at: Instant,
    reply_clear_at: Instant,
}

/// How many connections are kept that nobody has any more; whenever there are more, those go on which nothing is under way.
const CLOSED_MAX: usize = 64;

/// The connections, by their client's number: those that are open, and some that were closed.
#[derive(Clone, Debug)]
pub(super) struct Network {
    spec: NetworkSpec,
    random: Stream,
    connections: SortedMap<ClientId, Connection>,
    /// How many of them are closed.
    closed: usize,
    next: ClientId,
    cut_off: SortedSet<ServiceId>,
}

impl Network {
    pub(super) fn new(spec: NetworkSpec, seed: u64) -> Self {
        let random = Stream::new(seed, "network");
        let (connections, cut_off) = (SortedMap::new(), SortedSet::new());
        Self { spec, random, connections, closed: 0, next: ClientId(0), cut_off }
    }

    /// Opens a connection. Its number is never used again.
    pub(super) fn connect(&mut self, home: Home) -> ClientId {
        let client = self.next;
        self.next = ClientId(client.0 + 1);
        let (request_clear_at, reply_clear_at) = (Instant::START, Instant::START);
        self.connections.insert(client, Connection { home, is_open: true, request_clear_at, reply_clear_at });
        client
    }

    /// Cuts a connection: what is under way to the client is lost, what is under way from it still arrives.
    pub(super) fn cut(&mut self, client: ClientId) {
        if let Some(connection) = self.connections.get_mut(&client).filter(|it| it.is_open) {
            connection.is_open = false;
            self.closed += 1;
        }
    }

    /// Whether so many connections are closed that some should be forgotten.
    pub(super) fn has_many_closed(&self) -> bool {
        self.closed > CLOSED_MAX
    }

    /// Forgets closed connections from which nothing can arrive any more, but for those that somebody still asks about.
    pub(super) fn forget_closed(&mut self, now: Instant, is_asked_about: impl Fn(ClientId) -> bool) {
        self.connections.retain(|client, it| it.is_open || it.request_clear_at >= now || is_asked_about(*client));
        self.closed = self.connections.values().filter(|it| !it.is_open).count();
    }

    /// Whose connection this is, or was not long ago.
    pub(super) fn home(&self, client: ClientId) -> Option<Home> {
        self.connections.get(&client).map(|connection| connection.home)
    }

    /// The service whose connection this is, if it is one's.
    pub(super) fn service_of(&self, client: ClientId) -> Option<ServiceId> {
        self.home(client).and_then(Home::service)
    }

    /// Whose connection this is, if anybody is still at the other end.
    pub(super) fn open_home(&self, client: ClientId) -> Option<Home> {
        self.connections.get(&client).filter(|connection| connection.is_open).map(|connection| connection.home)
    }

    /// Whether anybody is still at the other end.
    pub(super) fn is_open(&self, client: ClientId) -> bool {
        self.open_home(client).is_some()
    }

    /// Cuts a service off from the broker, or joins them again. What is under way when they are apart is lost, either way, and
    /// nobody is told.
    pub(super) fn set_connected(&mut self, service: ServiceId, connected: bool) {
        if connected {
            self.cut_off.remove(&service);
        } else {
            self.cut_off.insert(service);
        }
    }

    /// Whether a service can reach the broker.
    pub(super) fn is_connected(&self, service: ServiceId) -> bool {
        !self.cut_off.contains(&service)
    }

    /// Whether what is on this connection arrives.
    pub(super) fn carries(&self, client: ClientId) -> bool {
        self.service_of(client).is_none_or(|service| self.is_connected(service))
    }

    /// Sends a request on its way to the broker.
    pub(super) fn send(&mut self, now: Instant, ticket: Ticket, request: Request, agenda: &mut Agenda) {
        let arrives = self.arrival(now);
        let Some(connection) = self.connections.get_mut(&ticket.client) else { return };
        connection.request_clear_at = connection.request_clear_at.max(arrives);
        agenda.put(connection.request_clear_at, Action::RequestArrives { ticket, request: Box::new(request) });
    }

    /// Sends an answer on its way to its client.
    pub(super) fn answer(&mut self, now: Instant, reply: Reply, agenda: &mut Agenda) {
        let arrives = self.arrival(now);
        let Some(connection) = self.connections.get_mut(&reply.to.client) else { return };
        connection.reply_clear_at = connection.reply_clear_at.max(arrives);
        agenda.put(connection.reply_clear_at, Action::ReplyArrives(Box::new(reply)));
    }

    fn arrival(&mut self, now: Instant) -> Instant {
        now + self.random.between(self.spec.latency.min, self.spec.latency.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Spread;
    use crate::time::Span;

    #[test]
    fn connections_that_nobody_has_are_forgotten_but_not_while_something_may_come_of_them() {
        let latency = Spread { min: Span::from_ms(1), max: Span::from_ms(1) };
        let mut network = Network::new(NetworkSpec { latency }, 1);
        let clients: Vec<ClientId> = (0..=CLOSED_MAX).map(|_| network.connect(Home::Hand)).collect();
        let open = network.connect(Home::Hand);
        let (asked_about, busy) = (clients[3], clients[5]);
        let ticket = Ticket { client: busy, correlation: 0 };
        network.send(Instant::START, ticket, Request::Metadata(Vec::new()), &mut Agenda::default());
        for client in &clients {
            network.cut(*client);
            network.cut(*client);
        }
        assert!(network.has_many_closed());
        network.forget_closed(Instant::START, |client| client == asked_about);
        let known: Vec<ClientId> = network.connections.keys().copied().collect();
        assert_eq!(known, clients.iter().copied().chain([open]).collect::<Vec<_>>(), "something may be under way");
        network.forget_closed(Instant::from_ms(1), |client| client == asked_about);
        let known: Vec<ClientId> = network.connections.keys().copied().collect();
        assert_eq!(known, [asked_about, busy, open]);
        assert!(network.connect(Home::Hand) > open, "no number comes twice");
    }
}

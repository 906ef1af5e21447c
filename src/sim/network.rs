//! The network: each client has a connection to the broker, on which nothing overtakes anything.

use super::agenda::{Action, Agenda};
use super::event::ServiceId;
use super::random::Stream;
use super::spec::NetworkSpec;
use crate::broker::{ClientId, Reply, Request, Ticket};
use crate::sorted::SortedSet;
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

/// All connections there have ever been; the position of one is its client's number.
#[derive(Clone, Debug)]
pub(super) struct Network {
    spec: NetworkSpec,
    random: Stream,
    connections: Vec<Connection>,
    cut_off: SortedSet<ServiceId>,
}

impl Network {
    pub(super) fn new(spec: NetworkSpec, seed: u64) -> Self {
        Self { spec, random: Stream::new(seed, "network"), connections: Vec::new(), cut_off: SortedSet::new() }
    }

    /// Opens a connection. Its number is never used again.
    pub(super) fn connect(&mut self, home: Home) -> ClientId {
        let client = ClientId(self.connections.len() as u32);
        let (request_clear_at, reply_clear_at) = (Instant::START, Instant::START);
        self.connections.push(Connection { home, is_open: true, request_clear_at, reply_clear_at });
        client
    }

    /// Cuts a connection: what is under way to the client is lost, what is under way from it still arrives.
    pub(super) fn cut(&mut self, client: ClientId) {
        self.connections[client.0 as usize].is_open = false;
    }

    /// Whose connection this is, or was.
    pub(super) fn home(&self, client: ClientId) -> Home {
        self.connections[client.0 as usize].home
    }

    /// Whether anybody is still at the other end.
    pub(super) fn is_open(&self, client: ClientId) -> bool {
        self.connections[client.0 as usize].is_open
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
        self.home(client).service().is_none_or(|service| self.is_connected(service))
    }

    /// Sends a request on its way to the broker.
    pub(super) fn send(&mut self, now: Instant, ticket: Ticket, request: Request, agenda: &mut Agenda) {
        let arrives = self.arrival(now);
        let connection = &mut self.connections[ticket.client.0 as usize];
        connection.request_clear_at = connection.request_clear_at.max(arrives);
        agenda.put(connection.request_clear_at, Action::RequestArrives { ticket, request: Box::new(request) });
    }

    /// Sends an answer on its way to its client.
    pub(super) fn answer(&mut self, now: Instant, reply: Reply, agenda: &mut Agenda) {
        let arrives = self.arrival(now);
        let connection = &mut self.connections[reply.to.client.0 as usize];
        connection.reply_clear_at = connection.reply_clear_at.max(arrives);
        agenda.put(connection.reply_clear_at, Action::ReplyArrives(Box::new(reply)));
    }

    fn arrival(&mut self, now: Instant) -> Instant {
        now + self.random.between(self.spec.latency.min, self.spec.latency.max)
    }
}

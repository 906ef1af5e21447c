//! Producers and their broker with a network between them that loses and delays: requests and answers each, in order on every
//! connection, and never twice. All that is random comes from one seed.

use catchup::broker::{Broker, BrokerConfig, ClientId, Fact, Out, Reply, Request, Ticket, TopicConfig};
use catchup::client::{Acknowledged, Producer, ProducerConfig, RecordHandle, SendError, TransactionOutcome};
use catchup::log::{Isolation, Log, LogConfig, NewRecord, Offset, PartitionId, TopicId, TopicPartition};
use catchup::time::{Instant, Span};
use rand_core::Rng;
use rand_pcg::Pcg32;
use std::collections::BTreeMap;

/// How many partitions the topic has.
pub(crate) const PARTITIONS: u32 = 2;

/// All that is random in a run.
pub(crate) struct Dice(Pcg32);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg32::new(seed, 0x10_55))
    }

    /// A number from `min` to `max`, both included.
    pub(crate) fn between(&mut self, min: u64, max: u64) -> u64 {
        min + self.0.next_u64() % (max - min + 1)
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.between(0, from.len() as u64 - 1) as usize]
    }

    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.between(1, count) == 1
    }
}

enum Arrival {
    Request(Ticket, Request),
    Reply(Reply),
}

/// A producer at its end of a connection, and what it has said.
pub(crate) struct Client {
    pub(crate) producer: Producer,
    pub(crate) fates: Vec<Acknowledged>,
    pub(crate) outcomes: Vec<TransactionOutcome>,
    clear_at: [Instant; 2],
}

/// The whole of it.
pub(crate) struct Lossy {
    pub(crate) dice: Dice,
    pub(crate) broker: Broker,
    pub(crate) clients: Vec<Client>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) now: Instant,
    pub(crate) loss_percent: u64,
    pub(crate) latency_max_ms: u64,
    agenda: BTreeMap<(Instant, u64), Arrival>,
    next_arrival: u64,
}

impl Lossy {
    pub(crate) fn new(seed: u64, log: LogConfig) -> Self {
        let mut broker = Broker::new(BrokerConfig {
            transaction_abort_timed_out_cleanup_interval: Span::from_ms(100),
            ..BrokerConfig::default()
        });
        broker.create_topic(&TopicConfig { name: "orders".into(), partitions: PARTITIONS, replication_factor: 1, log });
        Self {
            dice: Dice::new(seed),
            broker,
            clients: Vec::new(),
            facts: Vec::new(),
            now: Instant::START,
            loss_percent: 0,
            latency_max_ms: 0,
            agenda: BTreeMap::new(),
            next_arrival: 0,
        }
    }

    /// Connects another producer.
    pub(crate) fn connect(&mut self, config: ProducerConfig) -> usize {
        assert_eq!(config.check(), Ok(()));
        let clear_at = [self.now; 2];
        let producer = Producer::new(config);
        self.clients.push(Client { producer, fates: Vec::new(), outcomes: Vec::new(), clear_at });
        self.clients.len() - 1
    }

    /// Sends a record whose value is its handle, in decimal, filled up to `len` bytes.
    pub(crate) fn send(&mut self, client: usize, to: u32, handle: u64, len: usize) -> Result<(), SendError> {
        let value = format!("{handle:0>len$}");
        let record = NewRecord { value: Some(value.as_bytes()), ..NewRecord::default() };
        let producer = &mut self.clients[client].producer;
        let sent = producer.send(self.now, partition(to), &record, RecordHandle(handle)).map(|_| ());
        assert!(sent.is_err() || producer.buffered_bytes() <= producer.config().buffer_bytes);
        self.carry(client);
        sent
    }

    /// Lets the owner of a producer do something with it.
    pub(crate) fn with<T>(&mut self, client: usize, act: impl FnOnce(&mut Producer, Instant) -> T) -> T {
        let done = act(&mut self.clients[client].producer, self.now);
        self.carry(client);
        done
    }

    /// Lets time pass.
    pub(crate) fn run_for(&mut self, ms: u64) {
        let until = self.now + Span::from_ms(ms);
        while let Some(at) = self.next_at().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = until;
    }

    /// Lets time pass until `is_done`, which must not take a quarter of an hour.
    pub(crate) fn run_until(&mut self, is_done: impl Fn(&Self) -> bool) {
        for _ in 0..90_000 {
            if is_done(self) {
                return;
            }
            self.run_for(10);
        }
        panic!("it never comes to an end");
    }

    /// The log of a partition.
    pub(crate) fn log(&self, number: u32) -> &Log {
        self.broker.log(partition(number)).expect("a partition of the topic")
    }

    /// Offsets and handles of the records of a partition.
    pub(crate) fn records(&self, number: u32, isolation: Isolation) -> Vec<(Offset, u64)> {
        let handle = |value: Option<&[u8]>| std::str::from_utf8(value.expect("a value")).expect("text").parse();
        let records = self.log(number).records(Offset::ZERO, isolation);
        records.map(|record| (record.offset, handle(record.value).expect("a number"))).collect()
    }

    fn next_at(&self) -> Option<Instant> {
        let deadlines = self.clients.iter().filter_map(|client| client.producer.deadline());
        let arrival = self.agenda.keys().next().map(|(at, _)| *at);
        deadlines.chain(arrival).chain([self.broker.deadline()]).min()
    }

    fn step(&mut self) {
        let mut out = Out::default();
        if let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= self.now) {
            match entry.remove() {
                Arrival::Request(ticket, request) => self.broker.handle(self.now, ticket, request, &mut out),
                Arrival::Reply(reply) => self.hears(reply),
            }
        }
        if self.broker.deadline() <= self.now {
            self.broker.tick(self.now, &mut out);
        }
        self.facts.append(&mut out.facts);
        out.replies.into_iter().for_each(|reply| self.put(reply.to.client.0 as usize, 1, Arrival::Reply(reply)));
        for client in 0..self.clients.len() {
            let Client { producer, fates, .. } = &mut self.clients[client];
            if producer.deadline().is_some_and(|at| at <= self.now) {
                fates.extend(producer.tick(self.now));
                assert!(producer.deadline().is_none_or(|at| at > self.now), "nothing is due after a tick");
            }
            self.carry(client);
        }
    }

    fn hears(&mut self, reply: Reply) {
        let Client { producer, fates, .. } = &mut self.clients[reply.to.client.0 as usize];
        fates.extend(producer.handle(self.now, reply.to.correlation, reply.response));
    }

    fn carry(&mut self, client: usize) {
        let Client { producer, outcomes, .. } = &mut self.clients[client];
        outcomes.extend(producer.take_transaction_result());
        for (correlation, request) in producer.take_requests() {
            let ticket = Ticket { client: ClientId(client as u32), correlation };
            self.put(client, 0, Arrival::Request(ticket, request));
        }
    }

    fn put(&mut self, client: usize, direction: usize, arrival: Arrival) {
        let (loss, latency) = (self.dice.between(1, 100), self.dice.between(0, self.latency_max_ms));
        if loss <= self.loss_percent {
            return;
        }
        let clear_at = &mut self.clients[client].clear_at[direction];
        *clear_at = (*clear_at).max(self.now + Span::from_ms(latency));
        self.agenda.insert((*clear_at, self.next_arrival), arrival);
        self.next_arrival += 1;
    }
}

/// The partition with this number of the only topic.
pub(crate) fn partition(number: u32) -> TopicPartition {
    TopicPartition { topic: TopicId(0), partition: PartitionId(number) }
}

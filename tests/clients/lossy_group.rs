//! Consumers of one group behind a network that loses and reorders: nothing that gets lost may hold them up for good, and
//! nothing that was written may stay unread.

use super::{at, batch};
use catchup::broker::{
    Acks, Broker, BrokerConfig, ClientId, GroupError, GroupId, Out, Reply, Request, Ticket, TopicConfig,
};
use catchup::client::{
    AssignmentChange, Assignor, AutoOffsetReset, ConsumedRecord, Consumer, ConsumerConfig, ConsumerError,
    ConsumerState, offsets_after,
};
use catchup::log::{Isolation, LogConfig, Offset, OffsetAndEpoch, PartitionId, TopicId, TopicPartition};
use catchup::time::{Instant, Span};
use proptest::prelude::*;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg32;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const CONSUMERS: usize = 3;
const TOPICS: u16 = 2;
const PARTITIONS: u32 = 2;
const BATCHES: u32 = 60;
const RECORDS_PER_BATCH: u32 = 5;
/// Until then messages get lost, and consumers are stopped and started.
const CALM_MS: u64 = 30_000;
/// By then everything has been read.
const END_MS: u64 = 75_000;
const WRITER: ClientId = ClientId(1_000);

/// What differs from run to run.
#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    assignor: Assignor,
    auto_commit: bool,
    is_static: bool,
    loss_percent: u32,
    delay_ms_max: u32,
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let assignor = prop::sample::select(Assignor::ALL.to_vec());
    (any::<u64>(), assignor, any::<bool>(), any::<bool>(), 0..40u32, 1..400u32).prop_map(
        |(seed, assignor, auto_commit, is_static, loss_percent, delay_ms_max)| Plan {
            seed,
            assignor,
            auto_commit,
            // As in Kafka, a static member that comes back between giving up a partition and joining again does not bring on
            // the rebalance in which that partition would be given to another.
            is_static: is_static && !assignor.is_cooperative(),
            loss_percent,
            delay_ms_max,
        },
    )
}

enum Event {
    ToBroker(Ticket, Request),
    ToClient(Reply),
    WorkDone(ClientId),
    Restart(usize),
}

/// A service: polls, works, commits.
struct Reader {
    client: ClientId,
    consumer: Consumer,
    work: Vec<ConsumedRecord>,
    /// What it is done with, by the offsets to commit.
    done: BTreeMap<TopicPartition, OffsetAndEpoch>,
}

impl Reader {
    /// Commits what it is done with.
    fn commit(&mut self) {
        if !self.done.is_empty() {
            self.consumer.commit(self.done.clone().into_iter().collect());
        }
    }

    /// Of what it does not read any more somebody else knows more by now.
    fn forget_what_is_gone(&mut self) {
        for change in self.consumer.take_changes() {
            match change {
                AssignmentChange::Assigned(_) => {}
                AssignmentChange::Revoked(gone) | AssignmentChange::Lost(gone) => {
                    self.done.retain(|partition, _| !gone.contains(partition));
                }
            }
        }
    }
}

struct World {
    plan: Plan,
    random: Pcg32,
    now: Instant,
    broker: Broker,
    readers: Vec<Reader>,
    agenda: BTreeMap<(Instant, u64), Event>,
    next_event: u64,
    next_client: u32,
    processed: BTreeSet<(TopicPartition, Offset)>,
}

fn partitions() -> impl Iterator<Item = TopicPartition> {
    let of = |topic| (0..PARTITIONS).map(move |partition| TopicPartition { topic, partition: PartitionId(partition) });
    (0..TOPICS).map(TopicId).flat_map(of)
}

impl World {
    fn new(plan: Plan) -> Self {
        let random = Pcg32::seed_from_u64(plan.seed);
        let mut broker = Broker::new(BrokerConfig { group_min_session_timeout: Span::ZERO, ..BrokerConfig::default() });
        for name in ["orders", "deliveries"] {
            broker.create_topic(&TopicConfig {
                name: name.into(),
                partitions: PARTITIONS,
                replication_factor: 1,
                log: LogConfig::default(),
            });
        }
        broker.group_id("g");
        let mut world = Self {
            plan,
            random,
            now: at(0),
            broker,
            readers: Vec::new(),
            agenda: BTreeMap::new(),
            next_event: 0,
            next_client: 0,
            processed: BTreeSet::new(),
        };
        for index in 0..CONSUMERS {
            let reader = world.new_reader(index);
            world.readers.push(reader);
            for _ in 0..2 {
                let when = world.below(CALM_MS as u32);
                world.put(at(u64::from(when)), Event::Restart(index));
            }
        }
        world
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.random.next_u32() % bound
    }

    fn put(&mut self, when: Instant, event: Event) {
        self.agenda.insert((when, self.next_event), event);
        self.next_event += 1;
    }

    fn new_reader(&mut self, index: usize) -> Reader {
        let config = ConsumerConfig {
            group: GroupId(0),
            group_instance_id: self.plan.is_static.then(|| Arc::from(format!("instance-{index}"))),
            topics: (0..TOPICS).map(|topic| (TopicId(topic), PARTITIONS)).collect(),
            assignor: self.plan.assignor,
            auto_offset_reset: AutoOffsetReset::Earliest,
            isolation: Isolation::ReadUncommitted,
            auto_commit: self.plan.auto_commit.then(|| Span::from_ms(700)),
            session_timeout: Span::from_ms(3_000),
            heartbeat_interval: Span::from_ms(500),
            max_poll_interval: Span::from_ms(4_000),
            max_poll_records: 7,
            fetch_max_wait: Span::from_ms(500),
            max_partition_fetch_bytes: 600,
            request_timeout: Span::from_ms(1_500),
            retry_backoff: Span::from_ms(100),
        };
        self.next_client += 1;
        Reader {
            client: ClientId(self.next_client),
            consumer: Consumer::new(config),
            work: Vec::new(),
            done: BTreeMap::new(),
        }
    }

    /// Puts a message on its way, unless it gets lost.
    fn send(&mut self, event: Event) {
        let is_calm = self.now >= at(CALM_MS);
        if is_calm || self.below(100) >= self.plan.loss_percent {
            let delay = Span::from_ms(1 + u64::from(self.below(self.plan.delay_ms_max)));
            self.put(self.now + delay, event);
        }
    }

    /// Lets a reader do what it can do now.
    fn pump(&mut self, index: usize) {
        let now = self.now;
        let reader = &mut self.readers[index];
        reader.forget_what_is_gone();
        if let Some(Err(_)) = reader.consumer.take_commit_result() {
            reader.commit();
        }
        if reader.work.is_empty() && !reader.consumer.is_committing() {
            reader.work = reader.consumer.poll(now);
            reader.forget_what_is_gone();
            if !reader.work.is_empty() {
                let client = reader.client;
                // Now and then it works longer than it may.
                let takes = if self.below(50) == 0 && now < at(CALM_MS) { 5_000 } else { self.below(200) };
                self.put(now + Span::from_ms(u64::from(takes)), Event::WorkDone(client));
            }
        }
        // What its predecessor sent last may arrive late and take its place. Such things are started again.
        if self.readers[index].consumer.error() == Some(ConsumerError::Group(GroupError::FencedInstanceId)) {
            self.readers[index] = self.new_reader(index);
            return self.pump(index);
        }
        let client = self.readers[index].client;
        for (correlation, request) in self.readers[index].consumer.take_requests() {
            self.send(Event::ToBroker(Ticket { client, correlation }, request));
        }
    }

    fn reader_of(&self, client: ClientId) -> Option<usize> {
        self.readers.iter().position(|reader| reader.client == client)
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::ToBroker(ticket, request) => {
                let mut out = Out::default();
                self.broker.handle(self.now, ticket, request, &mut out);
                self.carry(out);
            }
            Event::ToClient(reply) => {
                let Some(index) = self.reader_of(reply.to.client) else { return };
                self.readers[index].consumer.handle(self.now, reply.to.correlation, reply.response);
                self.pump(index);
            }
            Event::WorkDone(client) => {
                let Some(index) = self.reader_of(client) else { return };
                let work = std::mem::take(&mut self.readers[index].work);
                self.processed.extend(work.iter().map(|record| (record.partition, record.offset)));
                if !self.plan.auto_commit {
                    let reader = &mut self.readers[index];
                    reader.done.extend(offsets_after(&work));
                    reader.commit();
                }
                self.pump(index);
            }
            Event::Restart(index) => self.restart(index),
        }
    }

    /// Stops one, with a word or without, and starts another in its place.
    fn restart(&mut self, index: usize) {
        if self.below(2) == 0 {
            let work = std::mem::take(&mut self.readers[index].work);
            self.processed.extend(work.iter().map(|record| (record.partition, record.offset)));
            self.readers[index].consumer.close(self.now);
            self.pump(index);
        }
        self.broker.disconnect(self.readers[index].client);
        self.readers[index] = self.new_reader(index);
        self.pump(index);
    }

    fn carry(&mut self, out: Out) {
        for reply in out.replies {
            self.send(Event::ToClient(reply));
        }
    }

    fn next_time(&self) -> Instant {
        let alarms = self.readers.iter().filter_map(|reader| reader.consumer.deadline());
        let agenda = self.agenda.keys().next().map(|(when, _)| *when);
        alarms.chain(agenda).chain([self.broker.deadline()]).min().unwrap_or(at(END_MS)).max(self.now)
    }

    fn write(&mut self, index: u32) {
        let partition = partitions().nth(index as usize % partitions().count()).expect("one of them");
        let mut out = Out::default();
        let request = Request::Produce { partition, batch: batch(RECORDS_PER_BATCH), acks: Acks::All };
        self.broker.handle(self.now, Ticket { client: WRITER, correlation: index }, request, &mut out);
        out.replies.retain(|reply| reply.to.client != WRITER);
        self.carry(out);
    }

    /// Runs to the end; one that asks again and again without time passing is stuck as well.
    fn run(&mut self) {
        (0..BATCHES).for_each(|index| self.write(index));
        (0..CONSUMERS).for_each(|index| self.pump(index));
        let mut steps_at_once = 0;
        while self.next_time() < at(END_MS) {
            let next = self.next_time();
            steps_at_once = if next > self.now { 0 } else { steps_at_once + 1 };
            assert!(steps_at_once < 1_000, "time stands still at {:?}", self.now);
            self.now = next;
            if self.agenda.first_key_value().is_some_and(|((when, _), _)| *when <= next) {
                let (_, event) = self.agenda.pop_first().expect("there is one");
                self.happens(event);
            }
            if self.broker.deadline() <= next {
                let mut out = Out::default();
                self.broker.tick(next, &mut out);
                self.carry(out);
            }
            for index in 0..CONSUMERS {
                if self.readers[index].consumer.deadline().is_some_and(|deadline| deadline <= next) {
                    self.readers[index].consumer.tick(next);
                    self.pump(index);
                }
            }
        }
    }

    fn check_all_is_read(&self) {
        for partition in partitions() {
            let end = self.broker.log(partition).expect("it exists").log_end_offset();
            let unread = (0..end.0).find(|offset| !self.processed.contains(&(partition, Offset(*offset))));
            assert_eq!(unread, None, "the first unread offset of {partition:?}");
            assert_eq!(self.broker.group(GroupId(0)).committed(partition), Some(end), "{partition:?}");
        }
    }

    fn check_each_partition_has_a_reader(&self) {
        let mut assigned: Vec<TopicPartition> = Vec::new();
        for reader in &self.readers {
            assert_eq!(reader.consumer.error(), None);
            assert_eq!(reader.consumer.state(), ConsumerState::Reading);
            assigned.extend(reader.consumer.assignment());
        }
        assigned.sort_unstable();
        assert_eq!(assigned, partitions().collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn in_the_end_every_record_is_read_and_committed(plan in any_plan()) {
        let mut world = World::new(plan);
        world.run();
        world.check_all_is_read();
        world.check_each_partition_has_a_reader();
    }
}

//! A random run in which everything is done that a person can do to the services, decided by one number.

use super::Dice;
use crate::observed::{LOGISTICS, NOTIFICATIONS, ORDERS, TOPIC, arrivals, config, delivery, millis, publishes, switch};
use catchup::client::Assignor;
use catchup::sim::{Command, CommitPolicy, Named, NewService, OnFailure, SeekTo, WorldSpec};
use catchup::time::Span;
use rand_pcg::Pcg32;

/// The readers.
const READERS: [&str; 2] = [LOGISTICS, NOTIFICATIONS];

/// One run.
#[derive(Debug)]
pub(crate) struct WildRun {
    /// The system.
    pub(crate) spec: WorldSpec,
    /// What is done to it, each time after so many milliseconds. The world may refuse some of it.
    pub(crate) actions: Vec<(u64, Command)>,
}

/// What may happen in a run. The less does, the more is promised.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that may happen, with any other")]
struct Mood {
    changes_policies: bool,
    changes_failures: bool,
    changes_settings: bool,
    seeks: bool,
    cuts: bool,
    poisons: bool,
    /// Whether instances are static members. Then their assignor is an eager one: between the two steps of a cooperative
    /// rebalance, a static member that begins anew comes back without a rebalance, and nobody is given what it was to give up.
    /// That is so in Kafka too.
    is_static: bool,
}

impl WildRun {
    /// The run that `seed` stands for.
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice(Pcg32::new(seed, 0xc0_ffee));
        let mut one_in = |count| dice.between(1, count) == 1;
        let mood = Mood {
            changes_policies: one_in(3),
            changes_failures: one_in(3),
            changes_settings: one_in(2),
            seeks: one_in(5),
            cuts: one_in(2),
            poisons: one_in(3),
            is_static: one_in(4),
        };
        let spec = random_spec(&mut dice, mood);
        let actions = (0..dice.between(5, 25)).map(|_| (wait_ms(&mut dice), action(&mut dice, mood))).collect();
        Self { spec, actions }
    }
}

fn random_spec(dice: &mut Dice, mood: Mood) -> WorldSpec {
    let mut spec = delivery();
    let slow_ms = dice.pick(&[1, 10, 10, 100, 400]);
    spec.network.latency = millis(dice.between(0, slow_ms), slow_ms);
    spec.broker.group_initial_rebalance_delay = Span::from_ms(dice.pick(&[0, 100, 500]));
    spec.broker.group_min_session_timeout = Span::from_ms(2_000);
    spec.topics[0].partitions = dice.between(1, 4) as u32;
    for topic in &mut spec.topics {
        (topic.log.retention_ms, topic.log.retention_bytes) = (None, None);
    }
    publishes(&mut spec).in_progress_at_start = dice.between(0, 20) as u32;
    publishes(&mut spec).config.idempotence = dice.between(0, 3) > 0;
    for service in READERS {
        let reader = config(&mut spec, service);
        reader.instances = dice.between(1, 4) as u32;
        reader.commit_policy = dice.pick(CommitPolicy::ALL);
        reader.on_failure = dice.pick(OnFailure::ALL);
        reader.failure_percent = dice.pick(&[0, 0, 5, 20]);
        reader.retry_backoff = Span::from_ms(dice.pick(&[10, 100, 1_000]));
        reader.deduplicate = dice.between(0, 3) == 0;
        reader.assignor = dice.pick(assignors(mood));
        reader.static_membership = mood.is_static && dice.between(0, 1) == 0;
        reader.max_poll_records = dice.pick(&[1, 5, 20]);
        reader.processing = millis(dice.between(0, 5), dice.pick(&[5, 30, 100]));
        reader.auto_commit_interval = Span::from_ms(dice.pick(&[100, 1_000, 5_000]));
        reader.session_timeout = Span::from_ms(dice.between(2_500, 6_000));
        reader.heartbeat_interval = Span::from_ms(dice.between(300, 1_500));
        reader.max_poll_interval = Span::from_ms(dice.pick(&[3_000, 6_000, 60_000]));
        reader.request_timeout = Span::from_ms(dice.pick(&[1_500, 4_000]));
    }
    spec
}

/// Often shorter than any session timeout, sometimes longer.
fn wait_ms(dice: &mut Dice) -> u64 {
    match dice.between(0, 9) {
        0..5 => dice.between(0, 800),
        5..8 => dice.between(500, 3_900),
        _ => dice.between(6_000, 12_000),
    }
}

fn action(dice: &mut Dice, mood: Mood) -> Command {
    let anybody = dice.pick(&[ORDERS, LOGISTICS, NOTIFICATIONS]);
    let reader = dice.pick(&READERS);
    let service = reader.to_owned();
    match dice.between(0, 99) {
        0..16 => switch(anybody, dice.between(0, 1) == 0),
        16..28 => {
            let (instance, online) = (dice.between(0, 3) as u32, dice.between(0, 1) == 0);
            Command::SetInstanceOnline { service, instance, online }
        }
        28..35 => Command::ShutDown { service: anybody.to_owned() },
        35..43 => Command::Stall { service, ms: dice.between(100, 9_000) },
        43..53 if mood.cuts => {
            Command::SetConnected { service: anybody.to_owned(), connected: dice.between(0, 1) == 0 }
        }
        53..60 => set(reader, "instances", dice.pick(&["1", "2", "3", "5"])),
        60..65 if mood.changes_policies => set(reader, "commit_policy", dice.pick(CommitPolicy::ALL).name()),
        65..70 if mood.changes_failures => set(reader, "on_failure", dice.pick(OnFailure::ALL).name()),
        70..76 if mood.changes_settings => random_setting(dice, mood, reader),
        76..80 if mood.changes_settings => random_write_setting(dice),
        80..83 if mood.seeks => Command::Seek { service, to: random_target(dice) },
        83..85 => Command::Redrive { service },
        85 => come_or_go(dice),
        86..90 => arrivals(dice.pick(&[0, 60, 300, 600])),
        _ => random_record(dice, mood.poisons),
    }
}

/// The service that the scenario offers joins, or leaves for good.
fn come_or_go(dice: &mut Dice) -> Command {
    let name = "statistics".to_owned();
    if dice.between(0, 2) > 0 {
        Command::AddService { service: NewService::Offered(name) }
    } else {
        Command::RemoveService { service: name }
    }
}

fn random_target(dice: &mut Dice) -> SeekTo {
    let number = dice.between(0, 60);
    dice.pick(&[SeekTo::Earliest, SeekTo::Latest, SeekTo::Offset(number), SeekTo::TimeMs(number * 1_000)])
}

fn assignors(mood: Mood) -> &'static [Assignor] {
    if mood.is_static { &[Assignor::Range, Assignor::RoundRobin, Assignor::Sticky] } else { &Assignor::ALL }
}

fn random_setting(dice: &mut Dice, mood: Mood, service: &str) -> Command {
    let assignor = dice.pick(assignors(mood)).name();
    let (name, value) = dice.pick(&[
        ("failure_percent", "0"),
        ("failure_percent", "30"),
        ("deduplicate", "true"),
        ("deduplicate", "false"),
        ("reads_poison", "true"),
        ("processing_ms", "0 to 50"),
        ("processing_ms", "200 to 300"),
        ("max.poll.records", "1"),
        ("max.poll.records", "50"),
        ("partition.assignment.strategy", assignor),
        ("partition.assignment.strategy", assignor),
        ("static_membership", if mood.is_static { "true" } else { "false" }),
        ("static_membership", "false"),
        ("retry_backoff_ms", "50"),
        ("attempts_max", "1"),
        ("attempts_max", "5"),
        ("auto.offset.reset", "latest"),
        ("auto.offset.reset", "none"),
        ("auto.commit.interval.ms", "300"),
        ("max.poll.interval.ms", "2000"),
        ("max.poll.interval.ms", "20000"),
        ("session.timeout.ms", "3000"),
        ("heartbeat.interval.ms", "500"),
        ("request.timeout.ms", "2000"),
    ]);
    set(service, name, value)
}

fn random_write_setting(dice: &mut Dice) -> Command {
    let (name, value) = dice.pick(&[
        ("acks", "1"),
        ("acks", "all"),
        ("acks", "0"),
        ("enable.idempotence", "false"),
        ("enable.idempotence", "true"),
        ("linger.ms", "0"),
        ("linger.ms", "500"),
        ("batch.size", "200"),
        ("buffer.memory", "2048"),
        ("buffer.memory", "1000000"),
        ("retries", "1"),
        ("request.timeout.ms", "1500"),
        ("delivery.timeout.ms", "5000"),
        ("max.in.flight.requests.per.connection", "1"),
    ]);
    set(ORDERS, name, value)
}

pub(crate) fn set(service: &str, name: &str, value: &str) -> Command {
    Command::SetServiceConfig { service: service.to_owned(), name: name.to_owned(), value: value.to_owned() }
}

/// A record published by hand: with a key or without, poison now and then.
fn random_record(dice: &mut Dice, poisons: bool) -> Command {
    let key = (dice.between(0, 2) > 0).then(|| format!("hand-{}", dice.between(0, 3)));
    let value = (dice.between(0, 3) > 0).then(|| format!("{{\"status\":\"by hand {}\"}}", dice.between(0, 99)));
    let is_poison = poisons && dice.between(0, 2) == 0;
    let headers = is_poison.then(|| (catchup::sim::POISON.to_owned(), "true".to_owned())).into_iter().collect();
    Command::Publish { topic: TOPIC.to_owned(), key, value, headers, partition: None }
}

//! A run as somebody might send it, decided by one number: a visitor who tries everything there is.

use catchup::run::{Presses, Road, Run};
use catchup::scenario::shipped;
use catchup::sim::{Command, NewService, SeekTo, StampedCommand};
use catchup::time::{Instant, Span};
use rand_core::Rng;
use rand_pcg::Pcg32;

const SERVICES: [&str; 3] = ["orders", "logistics", "notifications"];
const READERS: [&str; 2] = ["logistics", "notifications"];
const STATUSES: [&str; 6] = ["placed", "paid", "packed", "shipped", "held by hand", "delivered"];
const READ_SETTINGS: [(&str, &[&str]); 8] = [
    ("instances", &["1", "2", "3", "4", "6"]),
    ("commit_policy", &["before_processing", "after_processing", "auto", "exactly_once"]),
    ("on_failure", &["stop", "skip", "retry", "retry_topic", "dead_letter"]),
    ("failure_percent", &["0", "5", "20", "35"]),
    ("processing_ms", &["5 to 20", "200 to 300", "30 to 70"]),
    ("max.poll.records", &["1", "20", "500"]),
    ("partition.assignment.strategy", &["range", "roundrobin", "sticky", "cooperative-sticky"]),
    ("session.timeout.ms", &["6000", "10000", "45000"]),
];
const WRITE_SETTINGS: [(&str, &[&str]); 4] = [
    ("acks", &["0", "1", "all"]),
    ("linger.ms", &["0", "5", "100", "750"]),
    ("batch.size", &["200", "16384", "65536"]),
    ("enable.idempotence", &["true", "false"]),
];
const TOPIC_SETTINGS: [(&str, &[&str]); 3] = [
    ("cleanup.policy", &["delete", "compact", "compact,delete"]),
    ("retention.ms", &["60000", "120000", "90500"]),
    ("segment.bytes", &["16384", "65536"]),
];

/// A run of the delivery scenario with so many commands.
pub(crate) fn sent_run(seed: u64, commands: usize) -> Run {
    let mut dice = Dice(Pcg32::new(seed, 0x1157));
    let commands = stamped(&mut dice, commands);
    let last = commands.last().map_or(Instant::START, |last| last.at);
    let end = last + Span::from_us(dice.below(60_000_000));
    Run {
        scenario: shipped("delivery").expect("it ships"),
        seed: dice.below(100_000),
        commands,
        presses: Presses::default(),
        at: Instant::from_us(dice.below(end.as_us() + 1)),
        end,
        trace_hash: Some(dice.0.next_u64()),
        roads: Vec::new(),
    }
}

/// The same with roads that were left.
pub(crate) fn kept_run(seed: u64, commands: usize) -> Run {
    let mut dice = Dice(Pcg32::new(seed, 0x4f1e));
    let road = |name: String, commands: Vec<StampedCommand>| {
        let end = commands.last().map_or(Instant::START, |last| last.at);
        Road { name, commands, presses: Presses::default(), end }
    };
    let roads =
        (0..dice.below(4)).map(|number| road(format!("branch {number}"), stamped(&mut dice, commands))).collect();
    Run { roads, ..sent_run(seed, commands) }
}

/// The same, and about every third command was done with the same press as the one before.
pub(crate) fn pressed_run(seed: u64, commands: usize) -> Run {
    let mut dice = Dice(Pcg32::new(seed, 0x9e55));
    let mut run = kept_run(seed, commands);
    press(&mut dice, &mut run.commands, &mut run.presses);
    for road in &mut run.roads {
        press(&mut dice, &mut road.commands, &mut road.presses);
    }
    run
}

fn press(dice: &mut Dice, commands: &mut [StampedCommand], presses: &mut Presses) {
    for place in 1..commands.len() {
        if dice.below(3) == 0 {
            commands[place].at = commands[place - 1].at;
            presses.join(presses.first_with(place - 1)..place + 1);
        }
    }
}

/// As frames and fingers have it: to the microsecond, a few seconds apart.
fn stamped(dice: &mut Dice, count: usize) -> Vec<StampedCommand> {
    let mut at = Instant::START;
    let one = |_| {
        at += Span::from_us(200_000 + dice.below(12_000_000));
        StampedCommand { at, command: command(dice) }
    };
    (0..count).map(one).collect()
}

fn command(dice: &mut Dice) -> Command {
    let (service, reader) = (dice.pick(&SERVICES).to_owned(), dice.pick(&READERS).to_owned());
    match dice.below(22) {
        20 => Command::AddService { service: joining(dice) },
        21 => Command::RemoveService { service: dice.pick(&["logistics", "statistics"]).to_owned() },
        0..5 => Command::SetServiceOnline { service, online: dice.flip() },
        5 => Command::SetInstanceOnline { service: reader, instance: dice.below(4) as u32, online: dice.flip() },
        6 => Command::ShutDown { service },
        7 => Command::Stall { service: reader, ms: dice.pick(&[5_000, 30_000]) },
        8 | 9 => Command::SetConnected { service, connected: dice.flip() },
        10 | 11 => set(dice, reader, &READ_SETTINGS),
        12 => set(dice, "orders".to_owned(), &WRITE_SETTINGS),
        13 => Command::Seek { service: reader, to: seek_to(dice) },
        14 => Command::Redrive { service: reader },
        15 => Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 60 * dice.below(20) as u32 },
        16 => {
            let (name, values) = dice.pick(&TOPIC_SETTINGS);
            let value = dice.pick(values).to_owned();
            Command::SetTopicConfig { topic: "order-status".to_owned(), name: name.to_owned(), value }
        }
        _ => publish(dice),
    }
}

/// The one that the scenario offers, or one of somebody's own.
fn joining(dice: &mut Dice) -> NewService {
    if dice.flip() {
        return NewService::Offered("statistics".to_owned());
    }
    let name = format!("reader-{}", dice.below(3));
    NewService::Defined(format!(
        "{{\"name\":\"{name}\",\"summary\":\"reads\",\"consumes\":{{\"topics\":[\"order-status\"],\"group\":\"{name}\",\
         \"processing_us\":[1000,2000]}}}}"
    ))
}

fn set(dice: &mut Dice, service: String, settings: &[(&str, &[&str])]) -> Command {
    let (name, values) = dice.pick(settings);
    Command::SetServiceConfig { service, name: name.to_owned(), value: dice.pick(values).to_owned() }
}

fn seek_to(dice: &mut Dice) -> SeekTo {
    let number = dice.below(900);
    dice.pick(&[SeekTo::Earliest, SeekTo::Latest, SeekTo::Offset(number), SeekTo::TimeMs(number * 1_000)])
}

/// What the page's own form suggests, and now and then something else.
fn publish(dice: &mut Dice) -> Command {
    let order = format!("order-{}", 1_001 + dice.below(400));
    let value = format!("{{\"order\":\"{order}\",\"status\":\"{}\"}}", dice.pick(&STATUSES));
    let is_odd = dice.below(5) == 0;
    let header = if dice.below(3) == 0 { ("poison", "true") } else { ("source", "hand") };
    Command::Publish {
        topic: "order-status".to_owned(),
        key: (!is_odd).then_some(order),
        value: (dice.below(6) > 0).then_some(value),
        headers: [(header.0.to_owned(), header.1.to_owned())].into(),
        partition: is_odd.then(|| dice.below(3) as u32),
    }
}

/// All that is random in a run.
struct Dice(Pcg32);

impl Dice {
    /// A number from 0 to less than `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end
    }

    fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

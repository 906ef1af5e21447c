//! Random runs, each decided by one number: a variant of the delivery system, and what is done to it when.

mod brokers;
mod wild;

pub(crate) use brokers::BrokersRun;
pub(crate) use wild::{WildRun, set};

use crate::observed::{LOGISTICS, NOTIFICATIONS, ORDERS, TOPIC, arrivals, config, delivery, millis, publishes, switch};
use catchup::sim::{Command, WorldSpec};
use catchup::time::Span;
use rand_core::Rng;
use rand_pcg::Pcg32;

/// One run.
#[derive(Debug)]
pub(crate) struct RandomRun {
    /// The system.
    pub(crate) spec: WorldSpec,
    /// What is done to it, each time after so many milliseconds.
    pub(crate) actions: Vec<(u64, Command)>,
}

impl RandomRun {
    /// The run that `seed` stands for.
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice(Pcg32::new(seed, 0x5eed));
        let spec = random_spec(&mut dice);
        let actions = (0..dice.between(4, 14)).map(|_| (random_wait_ms(&mut dice), random_action(&mut dice))).collect();
        Self { spec, actions }
    }
}

fn random_spec(dice: &mut Dice) -> WorldSpec {
    let mut spec = delivery();
    let slow_ms = dice.pick(&[1, 10, 10, 100, 1_500]);
    let is_slow = slow_ms > 100;
    spec.network.latency = millis(dice.between(0, slow_ms), slow_ms);
    spec.broker.group_initial_rebalance_delay = Span::from_ms(dice.pick(&[0, 100, 500]));
    spec.broker.group_min_session_timeout = Span::from_ms(4_000);
    spec.topics[0].partitions = dice.between(1, 4) as u32;
    spec.topics[0].log.segment_bytes = if is_slow { 65_536 } else { dice.pick(&[1_024, 65_536]) };
    spec.topics[0].log.max_message_bytes = dice.pick(&[1_024, 1_048_588]);
    publishes(&mut spec).in_progress_at_start = dice.between(0, 20) as u32;
    for service in [LOGISTICS, NOTIFICATIONS] {
        let reader = config(&mut spec, service);
        reader.instances = dice.between(1, 4) as u32;
        reader.max_poll_records = if is_slow { 20 } else { dice.pick(&[1, 5, 20]) };
        reader.processing = millis(dice.between(0, 5), dice.pick(&[5, 30, 100]));
        reader.session_timeout = Span::from_ms(dice.between(4_000, 6_000));
        reader.heartbeat_interval = Span::from_ms(dice.between(300, 1_500));
        reader.max_poll_interval = Span::from_ms(if is_slow { 300_000 } else { dice.pick(&[1_100, 300_000]) });
    }
    spec
}

/// Often shorter than any session timeout, sometimes longer.
fn random_wait_ms(dice: &mut Dice) -> u64 {
    match dice.between(0, 9) {
        0..5 => dice.between(0, 500),
        5..8 => dice.between(500, 3_900),
        _ => dice.between(6_000, 12_000),
    }
}

fn random_action(dice: &mut Dice) -> Command {
    match dice.between(0, 9) {
        0..6 => switch(dice.pick(&[ORDERS, LOGISTICS, NOTIFICATIONS]), dice.between(0, 1) == 0),
        6 => arrivals(dice.pick(&[0, 60, 300, 600])),
        _ => random_record(dice),
    }
}

/// A record published by hand: with a key or without, a tombstone now and then, sometimes with the partition chosen.
fn random_record(dice: &mut Dice) -> Command {
    let key = (dice.between(0, 2) > 0).then(|| format!("hand-{}", dice.between(0, 3)));
    let value = (dice.between(0, 3) > 0).then(|| format!("{{\"status\":\"by hand {}\"}}", dice.between(0, 99)));
    let partition = (dice.between(0, 3) == 0).then_some(0);
    Command::Publish { topic: TOPIC.to_owned(), key, value, headers: [].into(), partition }
}

/// All that is random in a run.
struct Dice(Pcg32);

impl Dice {
    /// A number from `min` to `max`, both included.
    fn between(&mut self, min: u64, max: u64) -> u64 {
        min + self.0.next_u64() % (max - min + 1)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.between(0, from.len() as u64 - 1) as usize]
    }
}

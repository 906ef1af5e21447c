//! A random run in which brokers fail, and services with them, decided by one number.

use super::{Dice, random_action, random_spec, random_wait_ms};
use crate::observed::publishes;
use catchup::sim::{Command, WorldSpec};
use catchup::time::Span;
use rand_pcg::Pcg32;

/// One run.
#[derive(Debug)]
pub(crate) struct BrokersRun {
    /// The system.
    pub(crate) spec: WorldSpec,
    /// What is done to it, each time after so many milliseconds.
    pub(crate) actions: Vec<(u64, Command)>,
}

impl BrokersRun {
    /// The run that `seed` stands for.
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice(Pcg32::new(seed, 0xb20_ce2));
        let is_unclean = dice.between(0, 3) == 0;
        let mut spec = random_spec(&mut dice);
        let brokers = dice.between(1, 4) as u32;
        spec.broker.brokers = brokers as u16;
        spec.broker.broker_session_timeout = Span::from_ms(dice.between(1_000, 9_000));
        spec.broker.replica_lag_time_max = Span::from_ms(dice.pick(&[500, 2_000, 30_000]));
        spec.broker.leader_imbalance_check_interval = Span::from_ms(dice.pick(&[3_000, 20_000, 300_000]));
        // Longer than a request and its answer can be under way.
        publishes(&mut spec).config.request_timeout = Span::from_ms(dice.pick(&[4_000, 8_000]));
        for topic in &mut spec.topics {
            topic.replication_factor = dice.between(1, 3.min(brokers.into())) as u32;
            topic.log.min_insync_replicas = dice.between(1, 2) as u32;
            topic.log.unclean_leader_election = is_unclean;
        }
        let actions = (0..dice.between(4, 16)).map(|_| (random_wait_ms(&mut dice), action(&mut dice, brokers)));
        Self { actions: actions.collect(), spec }
    }
}

fn action(dice: &mut Dice, brokers: u32) -> Command {
    let broker = dice.between(1, brokers.into()) as u32;
    match dice.between(0, 9) {
        0..5 => Command::SetBrokerOnline { broker, online: dice.between(0, 1) == 0 },
        5 | 6 => Command::SetBrokerConnected { broker, connected: dice.between(0, 1) == 0 },
        _ => random_action(dice),
    }
}

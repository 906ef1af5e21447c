//! What a producer promises, over a network that loses and delays: each record's fate is told once, and what is told is true.

use super::lossy_network::{Lossy, PARTITIONS};
use super::producer::plain;
use catchup::broker::Acks;
use catchup::client::{DeliveryError, ProducerConfig};
use catchup::log::{Isolation, LogConfig, Offset, Setting, TopicId};
use catchup::time::Span;
use std::collections::{BTreeMap, BTreeSet};

const SEEDS: u64 = 300;
const RECORDS: u64 = 80;

/// A run: where each record was sent to, and what was said of it.
struct Run {
    lossy: Lossy,
    sent_to: BTreeMap<u64, u32>,
    /// Whether the first attempt at each batch was answered in time.
    is_answered: bool,
    fates: BTreeMap<u64, Result<Option<Offset>, DeliveryError>>,
}

/// Timeouts that are often too short, batches of a few records, and as many of them in flight as `in_flight_max` allows.
fn impatient(lossy: &mut Lossy, config: ProducerConfig) -> ProducerConfig {
    let dice = &mut lossy.dice;
    let linger = Span::from_ms(dice.pick(&[0, 5, 40]));
    let request_timeout = Span::from_ms(dice.pick(&[60, 150, 400]));
    let delivery_timeout = Span::from_ms(dice.pick(&[500, 900, 3_000, 120_000]));
    let batch_bytes = dice.pick(&[1, 200, 500, 2_000]) as usize;
    let retry_backoff = Span::from_ms(dice.pick(&[0, 20, 100]));
    let retries = dice.pick(&[1, 3, config.retries, config.retries]);
    let buffer_bytes = dice.pick(&[1_500, config.buffer_bytes]);
    let in_flight_max = config.in_flight_max.min(dice.between(1, 5) as u32);
    ProducerConfig {
        linger,
        request_timeout,
        delivery_timeout,
        batch_bytes,
        retry_backoff,
        retries,
        buffer_bytes,
        in_flight_max,
        ..config
    }
}

/// Sends records while the network is at its worst, lets it heal, and waits for every fate.
fn run(seed: u64, config: ProducerConfig) -> Run {
    let mut lossy = Lossy::new(seed, LogConfig::default());
    let config = impatient(&mut lossy, config);
    lossy.loss_percent = lossy.dice.pick(&[0, 5, 25, 50]);
    lossy.latency_max_ms = lossy.dice.pick(&[0, 10, 100]);
    let client = lossy.connect(config);
    let mut sent_to = BTreeMap::new();
    for handle in 0..RECORDS {
        let (to, len) =
            (lossy.dice.between(0, u64::from(PARTITIONS) - 1) as u32, lossy.dice.pick(&[10, 10, 100, 1_100]));
        if lossy.send(client, to, handle, len as usize).is_ok() {
            sent_to.insert(handle, to);
        }
        if lossy.dice.one_in(20) {
            let bytes = lossy.dice.pick(&["1024", "1300", "1048588"]);
            lossy.broker.set_topic_config(TopicId(0), Setting::MaxMessageBytes, bytes).expect("a setting of a topic");
        }
        let pause_ms = lossy.dice.pick(&[0, 0, 1, 10, 100]);
        lossy.run_for(pause_ms);
    }
    let is_answered = lossy.loss_percent == 0 && lossy.latency_max_ms <= 10;
    lossy.loss_percent = 0;
    lossy.run_until(|lossy| lossy.clients[client].producer.buffered_bytes() == 0);
    lossy.run_for(1_000);
    let mut fates = BTreeMap::new();
    for fate in &lossy.clients[client].fates {
        assert_eq!(sent_to[&fate.handle.0], fate.partition.partition.0, "{fate:?} is of another partition");
        assert!(fates.insert(fate.handle.0, fate.result.clone()).is_none(), "{:?} has two fates", fate.handle);
    }
    Run { lossy, sent_to, is_answered, fates }
}

impl Run {
    /// The records of a partition, each offset with its handle.
    fn log(&self, number: u32) -> Vec<(Offset, u64)> {
        self.lossy.records(number, Isolation::ReadUncommitted)
    }

    /// Every fate was told, and where a record is said to be it is; what was refused is nowhere.
    fn check_fates(&self) {
        assert!(self.fates.keys().eq(self.sent_to.keys()), "a record without a fate: {:?}", self.fates);
        for (handle, fate) in &self.fates {
            let log = self.log(self.sent_to[handle]);
            match fate {
                Ok(Some(offset)) => assert!(log.contains(&(*offset, *handle)), "{handle} is not at {offset}: {log:?}"),
                Ok(None) | Err(DeliveryError::Timeout | DeliveryError::Network) => {}
                // An attempt that was not answered may have been taken before the topic's limit was lowered.
                Err(DeliveryError::Refused(_)) if !self.is_answered => {}
                Err(error) => assert!(!log.iter().any(|(_, it)| it == handle), "{handle} is there, and {error}"),
            }
        }
    }

    fn handles(&self, number: u32) -> Vec<u64> {
        self.log(number).into_iter().map(|(_, handle)| handle).collect()
    }
}

/// How many runs there were in which something was said, so that a test of nothing is noticed.
fn count(runs: &[Run], said: impl Fn(&Result<Option<Offset>, DeliveryError>) -> bool) -> usize {
    runs.iter().filter(|run| run.fates.values().any(&said)).count()
}

fn runs(config: &ProducerConfig, check: impl Fn(&Run)) -> Vec<Run> {
    (0..SEEDS)
        .map(|seed| {
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let run = run(seed, config.clone());
                run.check_fates();
                check(&run);
                run
            }));
            ran.unwrap_or_else(|_| panic!("seed {seed} shows it"))
        })
        .collect()
}

#[test]
fn an_idempotent_producer_writes_each_record_once_and_in_order() {
    let runs = runs(&ProducerConfig::default(), |run| {
        for number in 0..PARTITIONS {
            let handles = run.handles(number);
            assert!(handles.is_sorted_by(|one, next| one < next), "partition {number} holds {handles:?}");
        }
    });
    assert!(count(&runs, |fate| matches!(fate, Err(DeliveryError::Timeout))) > 20);
    assert!(count(&runs, |fate| matches!(fate, Err(DeliveryError::Network))) > 20);
    assert!(count(&runs, |fate| matches!(fate, Err(DeliveryError::Refused(_)))) > 20);
}

#[test]
fn a_producer_without_idempotence_writes_what_is_acknowledged_at_least_once() {
    let runs = runs(&ProducerConfig { acks: Acks::One, ..plain() }, |_| {});
    let has_duplicates = |run: &&Run| {
        (0..PARTITIONS).any(|number| {
            let handles = run.handles(number);
            handles.iter().collect::<BTreeSet<_>>().len() < handles.len()
        })
    };
    assert!(runs.iter().filter(has_duplicates).count() > 20, "idempotence would make no difference");
    let is_disordered = |run: &&Run| (0..PARTITIONS).any(|number| !first_seen(run.handles(number)).is_sorted());
    assert!(runs.iter().filter(is_disordered).count() > 5, "one request in flight would make no difference");
}

#[test]
fn with_one_request_in_flight_order_holds_without_idempotence() {
    runs(&ProducerConfig { acks: Acks::All, in_flight_max: 1, ..plain() }, |run| {
        for number in 0..PARTITIONS {
            let handles = first_seen(run.handles(number));
            assert!(handles.is_sorted(), "partition {number} holds {handles:?}");
        }
    });
}

/// Each handle where it comes first.
fn first_seen(handles: Vec<u64>) -> Vec<u64> {
    let mut seen = BTreeSet::new();
    handles.into_iter().filter(|handle| seen.insert(*handle)).collect()
}

#[test]
fn with_acks_0_a_record_is_acknowledged_when_it_is_sent_and_may_be_lost() {
    let runs = runs(&ProducerConfig { acks: Acks::Zero, ..plain() }, |run| {
        assert!(run.fates.values().all(|fate| *fate == Ok(None)), "nobody can know more: {:?}", run.fates);
    });
    let lost = |run: &&Run| (0..PARTITIONS).map(|number| run.handles(number).len()).sum::<usize>() < run.fates.len();
    assert!(runs.iter().filter(lost).count() > 20);
}

//! Transactions over a network that loses and delays: readers of committed records see all of one or nothing.

use super::lossy_network::{Lossy, PARTITIONS};
use catchup::broker::{Fact, TransactionError, TransactionFact};
use catchup::client::{Producer, ProducerConfig, TransactionOutcome, TransactionPhase};
use catchup::log::{Isolation, LogConfig, TransactionResult};
use catchup::time::Span;
use std::collections::{BTreeMap, BTreeSet};

const SEEDS: u64 = 300;
/// How many transactions a run tries, each of at most so many records.
const TRANSACTIONS: u64 = 12;
const RECORDS_MAX: u64 = 10;

/// What is known of a transaction.
#[derive(Debug, Default)]
struct Known {
    /// Its records, each with its partition.
    records: BTreeMap<u64, u32>,
    /// How it ended, as far as its producer was told.
    outcome: Option<TransactionOutcome>,
}

/// A life of the producer, which may go on as a zombie.
struct Life {
    client: usize,
    open: Option<usize>,
    told: usize,
}

struct Run {
    lossy: Lossy,
    config: ProducerConfig,
    lives: Vec<Life>,
    known: Vec<Known>,
    next_handle: u64,
}

fn config(lossy: &mut Lossy) -> ProducerConfig {
    let dice = &mut lossy.dice;
    ProducerConfig {
        transactional_id: Some("orders".into()),
        linger: Span::from_ms(dice.pick(&[0, 20])),
        batch_bytes: dice.pick(&[1, 150, 2_000]) as usize,
        request_timeout: Span::from_ms(dice.pick(&[60, 250])),
        delivery_timeout: Span::from_ms(dice.pick(&[400, 2_000, 120_000])),
        retry_backoff: Span::from_ms(20),
        transaction_timeout: Span::from_ms(dice.pick(&[500, 3_000, 60_000])),
        ..ProducerConfig::default()
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut lossy = Lossy::new(seed, LogConfig::default());
        let config = config(&mut lossy);
        lossy.loss_percent = lossy.dice.pick(&[0, 5, 25]);
        lossy.latency_max_ms = lossy.dice.pick(&[0, 10, 60]);
        let mut run = Self { lossy, config, lives: Vec::new(), known: Vec::new(), next_handle: 0 };
        run.begin_life();
        run
    }

    /// Starts the service again: a new producer takes the place of the last, which knows nothing of it.
    fn begin_life(&mut self) {
        let client = self.lossy.connect(self.config.clone());
        self.lossy.with(client, Producer::init_transactions);
        self.lives.push(Life { client, open: None, told: 0 });
    }

    fn begin(&mut self, life: usize) {
        let client = self.lives[life].client;
        if self.lossy.with(client, |producer, _| producer.begin_transaction()).is_err() {
            return;
        }
        self.known.push(Known::default());
        self.lives[life].open = Some(self.known.len() - 1);
    }

    fn send(&mut self, life: usize) {
        let Some(open) = self.lives[life].open else { return };
        let (handle, to) = (self.next_handle, self.lossy.dice.between(0, u64::from(PARTITIONS) - 1) as u32);
        self.next_handle += 1;
        if self.lossy.send(self.lives[life].client, to, handle, 20).is_ok() {
            self.known[open].records.insert(handle, to);
        }
    }

    /// Ends the open transaction, and waits for what becomes of it. One that fails is aborted.
    fn end(&mut self, life: usize, commits: bool) {
        let client = self.lives[life].client;
        let state = self.lossy.clients[client].producer.transaction_state();
        let commits = commits && state == TransactionPhase::InTransaction;
        let asked = self.lossy.with(client, |producer, now| {
            if commits { producer.commit_transaction(now) } else { producer.abort_transaction(now) }
        });
        if asked.is_err() {
            self.lives[life].open = None;
            return;
        }
        let told = self.lives[life].told;
        self.lossy.run_until(|lossy| lossy.clients[client].outcomes.len() > told);
        let outcome = self.lossy.clients[client].outcomes[told].clone();
        self.lives[life].told += 1;
        if let TransactionOutcome::MustAbort(_) = outcome {
            return self.end(life, false);
        }
        if let Some(open) = self.lives[life].open.take() {
            self.known[open].outcome = Some(outcome);
        }
    }

    /// One transaction of a life, which may stop in the middle.
    fn transact(&mut self, life: usize) {
        self.begin(life);
        for _ in 0..self.lossy.dice.between(0, RECORDS_MAX) {
            self.send(life);
            let pause_ms = self.lossy.dice.pick(&[0, 1, 20, 120]);
            self.lossy.run_for(pause_ms);
        }
        let commits = !self.lossy.dice.one_in(4);
        if !self.lossy.dice.one_in(6) {
            self.end(life, commits);
        }
    }

    fn play(&mut self) {
        for _ in 0..TRANSACTIONS {
            let last = self.lives.len() - 1;
            let life = if self.lossy.dice.one_in(5) { self.lossy.dice.between(0, last as u64) as usize } else { last };
            match self.lives[life].open {
                Some(_) => self.end(life, true),
                None => self.transact(life),
            }
            let client = self.lives[last].client;
            let is_over = self.lossy.clients[client].producer.transaction_state() == TransactionPhase::FatalError;
            if is_over || self.lossy.dice.one_in(5) {
                self.begin_life();
            }
        }
        self.lossy.loss_percent = 0;
        self.lossy.run_for(200_000);
    }

    fn visible(&self) -> BTreeMap<u64, u32> {
        let of =
            |number| self.lossy.records(number, Isolation::ReadCommitted).into_iter().map(move |(_, it)| (it, number));
        (0..PARTITIONS).flat_map(of).collect()
    }

    fn check(&self) {
        let visible = self.visible();
        for known in &self.known {
            let seen = known.records.iter().filter(|(handle, _)| visible.contains_key(handle)).count();
            assert!(seen == 0 || seen == known.records.len(), "{seen} records are seen of {known:?}");
            match known.outcome {
                Some(TransactionOutcome::Committed) => assert_eq!(seen, known.records.len(), "{known:?}"),
                Some(TransactionOutcome::Aborted) => assert_eq!(seen, 0, "{known:?}"),
                Some(TransactionOutcome::MustAbort(_) | TransactionOutcome::Fatal(_)) | None => {}
            }
        }
        for number in 0..PARTITIONS {
            let log = self.lossy.log(number);
            assert_eq!(log.last_stable_offset(), log.high_watermark(), "a transaction hangs in partition {number}");
            let handles: Vec<u64> =
                self.lossy.records(number, Isolation::ReadCommitted).iter().map(|it| it.1).collect();
            let unique: BTreeSet<u64> = handles.iter().copied().collect();
            assert_eq!(unique.len(), handles.len(), "partition {number} shows {handles:?}");
            self.check_order(&handles);
        }
        self.check_fates();
    }

    /// The records of each transaction come in the order in which they were sent.
    fn check_order(&self, handles: &[u64]) {
        for known in &self.known {
            let of_this = |handle: &&u64| known.records.contains_key(handle);
            assert!(handles.iter().filter(of_this).is_sorted(), "{handles:?} of {known:?}");
        }
    }

    /// Each record has one fate, once nothing is on its way any more. A life that nobody ended may still wait.
    fn check_fates(&self) {
        for life in &self.lives {
            let client = &self.lossy.clients[life.client];
            let fates: BTreeSet<u64> = client.fates.iter().map(|fate| fate.handle.0).collect();
            assert_eq!(fates.len(), client.fates.len(), "a record has two fates");
            assert_eq!(client.producer.buffered_bytes(), 0, "a record has none");
        }
    }
}

#[test]
fn readers_of_committed_records_see_all_of_a_transaction_or_nothing() {
    let mut outcomes: Vec<Option<TransactionOutcome>> = Vec::new();
    let mut facts = Vec::new();
    for seed in 0..SEEDS {
        let ran = std::panic::catch_unwind(|| {
            let mut run = Run::new(seed);
            run.play();
            run.check();
            (run.known.into_iter().map(|known| known.outcome).collect::<Vec<_>>(), run.lossy.facts)
        });
        let (known, happened) = ran.unwrap_or_else(|_| panic!("seed {seed} shows it"));
        outcomes.extend(known);
        facts.extend(happened);
    }
    let count = |outcome: &TransactionOutcome| outcomes.iter().flatten().filter(|it| *it == outcome).count();
    assert!(count(&TransactionOutcome::Committed) > 500, "{}", count(&TransactionOutcome::Committed));
    assert!(count(&TransactionOutcome::Aborted) > 200, "{}", count(&TransactionOutcome::Aborted));
    let fenced = TransactionOutcome::Fatal(TransactionError::ProducerFenced);
    assert!(count(&fenced) > 50, "{}", count(&fenced));
    let aborted = |fact: &&Fact| {
        matches!(fact, Fact::Transaction(TransactionFact::Ended { result: TransactionResult::Abort, .. }))
    };
    assert!(facts.iter().filter(aborted).count() > 300);
}

#[test]
fn a_fenced_zombie_writes_nothing_that_is_seen() {
    let mut lossy = Lossy::new(0, LogConfig::default());
    let config = ProducerConfig { transactional_id: Some("orders".into()), ..ProducerConfig::default() };
    let zombie = lossy.connect(config.clone());
    lossy.with(zombie, |producer, _| producer.begin_transaction()).expect("none is open");
    (0..3).for_each(|handle| lossy.send(zombie, 0, handle, 20).expect("a transaction is open"));
    lossy.run_for(50);
    let next = lossy.connect(config);
    lossy.with(next, Producer::init_transactions);
    lossy.run_for(500);
    lossy.send(zombie, 0, 3, 20).expect("it does not know yet");
    lossy.send(zombie, 1, 4, 20).expect("it does not know yet");
    lossy.run_for(50);
    assert!(lossy.with(zombie, Producer::commit_transaction).is_err());
    lossy.with(next, |producer, _| producer.begin_transaction()).expect("none is open");
    lossy.send(next, 0, 10, 20).expect("a transaction is open");
    lossy.with(next, Producer::commit_transaction).expect("a transaction is open");
    lossy.run_for(50);
    assert_eq!(lossy.clients[zombie].outcomes, [TransactionOutcome::Fatal(TransactionError::ProducerFenced)]);
    assert_eq!(lossy.clients[next].outcomes, [TransactionOutcome::Committed]);
    let seen = |number| lossy.records(number, Isolation::ReadCommitted).into_iter().map(|(_, handle)| handle);
    assert_eq!(seen(0).chain(seen(1)).collect::<Vec<_>>(), [10]);
    assert_eq!(lossy.records(0, Isolation::ReadUncommitted).len(), 4, "what the zombie wrote before is there, aborted");
    assert_eq!(lossy.clients[zombie].fates.len(), 5);
}

//! Random sequences of operations, done to the log and to one that is too simple to be wrong. A failure is shrunk to the
//! shortest sequence that shows it. `PROPTEST_CASES=10000 cargo test --release --test log_model` tries more of them.

#![cfg(not(target_arch = "wasm32"))]

mod simple_log;

use catchup::log::{BatchBuilder, Isolation, Log, LogConfig, NewRecord, Offset, Origin, Segment};
use proptest::prelude::*;
use simple_log::op::{Op, any_config, any_ops};
use simple_log::pair::Pair;

/// A case takes less than a millisecond, so that more are run than proptest would.
const CASES_FACTOR: u32 = 8;

/// What fails is printed whole, so that no file has to remember it.
fn many_cases() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.saturating_mul(CASES_FACTOR), failure_persistence: None, ..config }
}

fn run(config: LogConfig, ops: &[Op]) {
    let mut pair = Pair::new(config);
    let mut twin = pair.clone();
    for op in ops {
        match op {
            Op::Clone => twin = pair.clone(),
            Op::Swap => std::mem::swap(&mut pair, &mut twin),
            op => pair.apply(op),
        }
        pair.check();
    }
    // What was done to the one after the clone is not seen in the other.
    twin.check();
    for isolation in [Isolation::LogEnd, Isolation::ReadUncommitted, Isolation::ReadCommitted] {
        pair.check_consumer(isolation);
    }
}

proptest! {
    #![proptest_config(many_cases())]

    #[test]
    fn the_log_is_the_simple_log(config in any_config(), ops in any_ops()) {
        run(config, &ops);
    }
}

/// A log of sealed segments and one that grows.
fn log_of_segments() -> Log {
    let mut log = Log::new(LogConfig { segment_bytes: 300, ..LogConfig::default() });
    for _ in 0..20 {
        append(&mut log);
    }
    assert!(log.segments().count() > 3 && log.segments().last().is_some_and(|active| !active.is_empty()));
    log
}

fn append(log: &mut Log) {
    let mut builder = BatchBuilder::default();
    builder.push(&NewRecord { value: Some(&[7; 20]), ..NewRecord::default() });
    log.append(builder.seal().expect("a record was pushed"), Origin::Client, 0).expect("small enough");
    log.set_high_watermark(log.log_end_offset());
}

/// Where in memory the bytes lie that a fetch from `offset` returns.
fn address(log: &Log, offset: Offset) -> *const u8 {
    log.fetch(offset, Isolation::LogEnd, usize::MAX).expect("an offset in the log").bytes.as_ptr()
}

#[test]
fn a_clone_has_the_same_sealed_bytes_and_its_own_active_ones() {
    let log = log_of_segments();
    let copy = log.clone();
    let bases: Vec<Offset> = log.segments().map(Segment::base_offset).collect();
    let (active, sealed) = bases.split_last().expect("a segment at least");
    for base in sealed {
        assert_eq!(address(&log, *base), address(&copy, *base), "{base}");
    }
    assert_ne!(address(&log, *active), address(&copy, *active));
}

#[test]
fn all_but_the_active_segment_is_shared() {
    let log = log_of_segments();
    let sealed: usize = log.segments().rev().skip(1).map(Segment::len_bytes).sum();
    let active = log.segments().last().map_or(0, Segment::len_bytes);
    assert_eq!((log.shared_bytes(), log.len_bytes()), (sealed, sealed + active));
}

#[test]
fn a_clone_that_goes_on_still_shares_what_was_sealed_before() {
    let log = log_of_segments();
    let mut copy = log.clone();
    for _ in 0..20 {
        append(&mut copy);
    }
    assert!(copy.shared_bytes() > log.shared_bytes());
    assert_eq!(address(&log, Offset::ZERO), address(&copy, Offset::ZERO));
    assert_eq!(log.log_end_offset(), Offset(20));
}

//! The fuzz targets on random bytes, and on valid input that was damaged. It is one test, because it counts what is allocated
//! in the whole process. `PROPTEST_CASES=10000 cargo test --release --test fuzzing` tries more.

#![cfg(not(target_arch = "wasm32"))]

mod fuzz_targets;
mod sent_run;

use catchup::log::{
    Batch, BatchBuilder, CompactionRange, EndTxnMarker, Header, Log, LogConfig, NewRecord, Offset, Origin,
    ProducerEpoch, ProducerId, ProducerStamp, Segment, Sequence, TransactionResult, Writer,
};
use catchup::run::{file_of, link_of};
use catchup::scenario::SHIPPED;
use fuzz_targets::{RECORDS_AT, TARGETS};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use sent_run::{kept_run, pressed_run, sent_run};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What a target, with all that it checks, may allocate for each byte of its input.
const ALLOCATED_PER_BYTE_MAX: usize = 256;
/// What it may allocate whatever the input.
const ALLOCATED_MAX: usize = 64 * 1024;
/// What reading and writing a link may allocate, whatever it is said to unpack to: a predictor each time, what is unpacked, and the
/// scenario in it.
const LINK_ALLOCATED_MAX: usize = 32 * 1024 * 1024;
/// What the file of a run may: a scenario that ships goes by its name, and is read all the same.
const RUN_FILE_ALLOCATED_MAX: usize = 1024 * 1024;
/// A case takes microseconds, so that many more are run than proptest would.
const CASES_FACTOR: u32 = 20;
/// The most random bytes in a row.
const RANDOM_BYTES_MAX: usize = 300;

/// What happens to valid input on its way.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Set(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    /// From here on it is another input, from there on.
    Splice(Index, Index, Index),
    /// A number of four bytes in a row becomes an extreme one.
    Number(Index, i32),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let place = any::<Index>;
    let number = prop_oneof![Just(0), Just(-1), Just(1), Just(i32::MAX), Just(i32::MIN), any::<i32>()];
    prop_oneof![
        4 => (place(), 0..8u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        2 => (place(), prop_oneof![Just(0), Just(0xff), Just(0x80), any::<u8>()]).prop_map(|(at, it)| Damage::Set(at, it)),
        1 => place().prop_map(Damage::Cut),
        1 => (place(), vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (place(), place(), place()).prop_map(|(at, other, from)| Damage::Splice(at, other, from)),
        2 => (place(), number).prop_map(|(at, number)| Damage::Number(at, number)),
    ]
}

fn damaged(inputs: &[Vec<u8>], which: Index, damages: &[Damage]) -> Vec<u8> {
    let mut bytes = which.get(inputs).clone();
    for damage in damages {
        let len = bytes.len();
        match damage {
            _ if bytes.is_empty() => {}
            Damage::Flip(at, bit) => bytes[at.index(len)] ^= 1 << bit,
            Damage::Set(at, byte) => bytes[at.index(len)] = *byte,
            Damage::Cut(at) => bytes.truncate(at.index(len)),
            Damage::Insert(at, new) => drop(bytes.splice(at.index(len)..at.index(len), new.iter().copied())),
            Damage::Splice(at, other, from) => {
                let other = other.get(inputs);
                bytes.truncate(at.index(len));
                bytes.extend_from_slice(&other[from.index(other.len().max(1))..]);
            }
            Damage::Number(at, number) => {
                let at = at.index(len);
                let end = (at + size_of::<i32>()).min(len);
                bytes[at..end].copy_from_slice(&number.to_be_bytes()[..end - at]);
            }
        }
    }
    bytes
}

/// Valid inputs of a target.
fn valid_inputs(target: &str) -> Vec<Vec<u8>> {
    let batches = valid_batches();
    match target {
        "wire" => batches,
        "batches" => vec![batches.concat(), batches[0].clone()],
        "records" => batches.iter().map(|batch| batch[RECORDS_AT..].to_vec()).collect(),
        "markers" => [TransactionResult::Commit, TransactionResult::Abort]
            .map(|result| {
                let marker = EndTxnMarker { result, coordinator_epoch: 7 };
                [&[4], &marker.key()[..], &marker.value()].concat()
            })
            .to_vec(),
        "scenario" => SHIPPED.iter().map(|(_, text)| text.as_bytes().to_vec()).collect(),
        "link" => (0..3).flat_map(links).collect(),
        "run_file" => (0..3).flat_map(files).collect(),
        target => panic!("there is no valid input of \"{target}\""),
    }
}

/// A file of each version.
fn files(seed: u64) -> [Vec<u8>; 2] {
    [kept_run(seed, 3), pressed_run(seed, 6)].map(|run| file_of(&run).expect("it fits").into_bytes())
}

/// A link of each version as its text, and as its bytes.
fn links(seed: u64) -> Vec<Vec<u8>> {
    let links = [sent_run(seed, 12), pressed_run(seed, 12)].map(|run| link_of(&run).expect("it fits"));
    links.into_iter().flat_map(|link| [fuzz_targets::bytes_of(&link), link.into_bytes()]).collect()
}

/// One of each kind of batch.
fn valid_batches() -> Vec<Vec<u8>> {
    let stamp = ProducerStamp { id: ProducerId(7), epoch: ProducerEpoch(1), base_sequence: Some(Sequence(5)) };
    let writers = [Writer::Anonymous, Writer::Idempotent(stamp), Writer::Transactional(stamp)];
    let mut batches: Vec<Vec<u8>> = writers.map(|writer| batch_of(writer).view().to_wire()).to_vec();
    let marker = EndTxnMarker { result: TransactionResult::Abort, coordinator_epoch: 3 };
    batches.push(marker.batch(stamp.id, stamp.epoch, 900).view().to_wire());
    batches.extend(compacted_batches());
    batches
}

fn batch_of(writer: Writer) -> Batch {
    let headers = [Header { key: "source", value: Some(b"orders") }, Header { key: "héld", value: None }];
    let mut builder = BatchBuilder::new(writer);
    for (key, value, timestamp_ms) in [(Some("a"), Some("placed"), 900), (Some("b"), None, 1_200), (None, Some(""), -1)]
    {
        let (key, value) = (key.map(str::as_bytes), value.map(str::as_bytes));
        builder.push(&NewRecord { key, value, headers: &headers, timestamp_ms });
    }
    builder.finish().expect("three records")
}

/// Batches with gaps, a delete horizon, or no record.
fn compacted_batches() -> Vec<Vec<u8>> {
    let mut log = Log::starting_at(Offset(1_000), LogConfig::default(), 0);
    for id in 1..3 {
        let stamp = ProducerStamp { id: ProducerId(id), epoch: ProducerEpoch(0), base_sequence: Some(Sequence(0)) };
        log.append(batch_of(Writer::Idempotent(stamp)).view(), Origin::Client, 0).expect("small enough");
    }
    log.roll(0);
    let (first_dirty_offset, upper_bound_offset) = (log.log_start_offset(), log.log_end_offset());
    log.compact(CompactionRange { first_dirty_offset, upper_bound_offset, keys_max: usize::MAX }, 500);
    log.segments().flat_map(Segment::batches).map(catchup::log::BatchView::to_wire).collect()
}

/// Runs a target, which may not allocate out of proportion.
fn check(target: &str, input: &[u8]) {
    let region = Region::new(ALLOCATOR);
    fuzz_targets::run(target, input);
    let allocated = region.change().bytes_allocated;
    let at_most = match target {
        "link" => LINK_ALLOCATED_MAX,
        "run_file" => RUN_FILE_ALLOCATED_MAX,
        _ => ALLOCATED_MAX,
    };
    let allowed = at_most + ALLOCATED_PER_BYTE_MAX * input.len();
    assert!(allocated <= allowed, "{target} allocates {allocated} bytes for {} of input", input.len());
}

#[test]
fn no_bytes_make_a_target_panic_or_allocate_out_of_proportion() {
    let config = ProptestConfig::default();
    let cases = config.cases.saturating_mul(CASES_FACTOR);
    // One runner for each: it counts the cases of all that it runs.
    let runner = || TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..config.clone() });
    for (target, _) in TARGETS {
        let inputs = valid_inputs(target);
        for input in &inputs {
            check(target, input);
        }
        let random = vec(any::<u8>(), 0..RANDOM_BYTES_MAX);
        let which_and_how = (any::<Index>(), vec(any_damage(), 1..5));
        let damaged = which_and_how.prop_map(move |(which, damages)| damaged(&inputs, which, &damages));
        let holds = |input: Vec<u8>| {
            check(target, &input);
            Ok(())
        };
        for (name, result) in [("random", runner().run(&random, holds)), ("damaged", runner().run(&damaged, holds))] {
            result.unwrap_or_else(|error| panic!("{target} on {name} input: {error}"));
        }
    }
}

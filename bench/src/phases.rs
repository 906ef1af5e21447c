//! Where the log's time goes. Each phase is measured with those before it, and what it costs is the difference: nothing is
//! measured record by record, for a clock costs more than a record.

use crate::input::{Input, RECORDS};
use crate::log::{self, PARTITIONS};
use crate::statistics::median;
use catchup_engine::client::{Partitioner, TopicView, murmur2};
use catchup_engine::log::{BatchBuilder, BatchView, Log, TopicId};
use serde::Serialize;
use std::hint::black_box;

/// How often each phase is measured, after one round to warm up.
const ROUNDS: usize = 5;
/// How many bytes a processor takes from memory at once.
const CACHE_LINE_BYTES: usize = 64;

/// Nanoseconds a record, each phase without the others.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the unit is last in every name")]
pub struct Phases {
    /// Hashing the key.
    pub hash_ns: f64,
    /// What the partitioner adds.
    pub partition_ns: f64,
    /// Encoding into batches, which stay in the cache.
    pub encode_ns: f64,
    /// Appending the batches: all that a log checks and notes, and the copy to memory.
    pub append_ns: f64,
    /// Fetching: finding the batches.
    pub fetch_ns: f64,
    /// What the memory needs to hand over the bytes, measured by a look at one byte of each cache line.
    pub memory_ns: f64,
    /// Decoding, beyond the last two.
    pub decode_ns: f64,
    /// Reading every byte of keys and values.
    pub sum_ns: f64,
}

/// The seconds of one round; each with the phases before it, up to `write` and from `fetch` on.
#[derive(Clone, Copy)]
struct Round {
    hash: f64,
    partition: f64,
    encode: f64,
    write: f64,
    fetch: f64,
    memory: f64,
    decode: f64,
    read: f64,
}

/// Measures in turns, with `clock` in seconds.
pub(crate) fn measure(input: &Input, clock: &mut dyn FnMut() -> f64) -> Phases {
    let mut rounds: Vec<Round> = (0..=ROUNDS).map(|_| round(input, clock)).collect();
    rounds.remove(0); // A browser compiles well what has run for a while.
    let ns = |of: fn(&Round) -> f64| median(&mut rounds.iter().map(of).collect::<Vec<_>>()) * 1e9 / RECORDS as f64;
    Phases {
        hash_ns: ns(|it| it.hash),
        partition_ns: ns(|it| it.partition - it.hash),
        encode_ns: ns(|it| it.encode - it.partition),
        append_ns: ns(|it| it.write - it.encode),
        fetch_ns: ns(|it| it.fetch),
        memory_ns: ns(|it| it.memory - it.fetch),
        decode_ns: ns(|it| it.decode - it.memory),
        sum_ns: ns(|it| it.read - it.decode),
    }
}

fn round(input: &Input, clock: &mut dyn FnMut() -> f64) -> Round {
    let mut timed = |work: &mut dyn FnMut() -> u64| {
        let start = clock();
        black_box(work());
        clock() - start
    };
    let mut logs = Vec::new();
    let (hash, partition) = (timed(&mut || hash(input)), timed(&mut || partition(input)));
    let (encode, write) = (timed(&mut || encode(input)), timed(&mut || write(input, &mut logs)));
    let mut all = |of: fn(&Log) -> u64| timed(&mut || logs.iter().map(of).fold(0, u64::wrapping_add));
    Round {
        hash,
        partition,
        encode,
        write,
        fetch: all(fetch),
        memory: all(touch),
        decode: all(decode),
        read: all(|log| log::read(log).1),
    }
}

#[inline(never)]
fn hash(input: &Input) -> u64 {
    (0..RECORDS).map(|index| murmur2(input.record(index).0)).fold(0, |all, one| all ^ one) as u64
}

#[inline(never)]
fn partition(input: &Input) -> u64 {
    let mut partitioner = Partitioner::built_in();
    let topic = TopicView { topic: TopicId(0), partitions: PARTITIONS as u32, available: &[] };
    let mut choose = |index| partitioner.partition(topic, Some(input.record(index).0), &mut || 0);
    (0..RECORDS).filter_map(|index| choose(index).ok()).map(|partition| u64::from(partition.0)).sum()
}

#[inline(never)]
fn encode(input: &Input) -> u64 {
    let mut bytes = 0;
    log::encode(input, |_, batch: &mut BatchBuilder, _| {
        bytes += batch.seal().map_or(0, |view| view.bytes().len() as u64);
        batch.clear();
    });
    bytes
}

fn write(input: &Input, logs: &mut Vec<Log>) -> u64 {
    *logs = log::write(input);
    logs.len() as u64
}

#[inline(never)]
fn fetch(log: &Log) -> u64 {
    sum_over(log, |batch| batch.bytes().len() as u64)
}

#[inline(never)]
fn touch(log: &Log) -> u64 {
    sum_over(log, |batch| batch.bytes().chunks_exact(CACHE_LINE_BYTES).map(|line| u64::from(line[0])).sum())
}

#[inline(never)]
fn decode(log: &Log) -> u64 {
    sum_over(log, decode_batch)
}

/// The lengths of keys and values, without a look at their bytes.
#[inline(never)]
fn decode_batch(batch: BatchView<'_>) -> u64 {
    let len = |bytes: Option<&[u8]>| bytes.map_or(0, |bytes| bytes.len() as u64);
    batch.records().map(|record| len(record.key) + len(record.value)).sum()
}

#[inline]
fn sum_over(log: &Log, of: impl Fn(BatchView<'_>) -> u64) -> u64 {
    let mut sum = 0;
    log::fetch(log, |batch| sum += of(batch));
    sum
}

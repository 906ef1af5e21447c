//! The log against what bounds it: the same keys hashed and the same values copied into memory that is there already, and
//! every byte read back, without any log.

use crate::statistics::median;
use catchup_engine::client::{Partitioner, TopicView, murmur2};
use catchup_engine::log::{
    BatchBuilder, BatchView, Batches, Isolation, Log, LogConfig, NewRecord, Offset, Origin, TopicId,
};
use serde::Serialize;
use std::hint::black_box;

/// The size of a key, in bytes.
const KEY_BYTES: usize = 12;
/// The size of a value, in bytes.
const VALUE_BYTES: usize = 100;
/// The values of a round, together: far more than any cache holds.
const WORKING_SET_BYTES: usize = 512 << 20;
/// How many records a round has.
const RECORDS: usize = WORKING_SET_BYTES / VALUE_BYTES;
/// How many different records there are; small enough not to disturb the caches.
const DISTINCT: usize = 1 << 12;
/// The partitions of the topic.
const PARTITIONS: usize = 8;
/// `segment.bytes` of the topic.
const SEGMENT_BYTES: usize = 512 << 10;
/// `batch.size` of the producer, Kafka's default.
const BATCH_BYTES: usize = 16_384;
/// How much a fetch takes at the most (`max.partition.fetch.bytes`, Kafka's default).
const FETCH_BYTES: usize = 1 << 20;
/// How many records share a millisecond.
const RECORDS_PER_MS: i64 = 1_000;
/// How often each side is measured, after one round to warm up.
const ROUNDS: usize = 3;

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Records a second that hashing, copying and reading alone allow.
    pub bound_records_per_s: f64,
    /// Records a second through partitioner, append and fetch.
    pub log_records_per_s: f64,
    /// The median of the rounds' ratios of the two.
    pub ratio: f64,
    /// Bytes of memory a record that are neither key nor value.
    pub overhead_bytes_per_record: f64,
    /// Bytes of memory that the log took, all in all.
    pub peak_bytes: usize,
    /// Where the time goes, to write and to read.
    pub profile: Profile,
}

/// Nanoseconds a record.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Profile {
    /// The bound: hashing and copying.
    pub bound_write_ns: f64,
    /// The bound: reading.
    pub bound_read_ns: f64,
    /// The log: choosing a partition, encoding, appending.
    pub log_write_ns: f64,
    /// The log: fetching, decoding, reading.
    pub log_read_ns: f64,
}

/// The distinct records, drawn once.
struct Input {
    keys: Vec<[u8; KEY_BYTES]>,
    values: Vec<[u8; VALUE_BYTES]>,
}

impl Input {
    fn new() -> Self {
        let keys = (0..DISTINCT).map(|index| {
            let mut key = *b"order-000000";
            for (digit, place) in key[6..].iter_mut().rev().zip(0..) {
                *digit += (index / 10_usize.pow(place) % 10) as u8;
            }
            key
        });
        let values = (0..DISTINCT).map(|index| std::array::from_fn(|at| (index * 31 + at * 7) as u8));
        Self { keys: keys.collect(), values: values.collect() }
    }

    fn record(&self, index: usize) -> (&[u8], &[u8]) {
        (&self.keys[index % DISTINCT], &self.values[index % DISTINCT])
    }
}

/// The seconds that one round took.
#[expect(clippy::struct_field_names, reason = "the unit is last in every name")]
struct Round {
    bound_write_s: f64,
    bound_read_s: f64,
    log_write_s: f64,
    log_read_s: f64,
}

impl Round {
    fn bound_s(&self) -> f64 {
        self.bound_write_s + self.bound_read_s
    }

    fn log_s(&self) -> f64 {
        self.log_write_s + self.log_read_s
    }
}

/// Measures in turns, with `clock` in seconds.
pub fn run(clock: &mut dyn FnMut() -> f64) -> Figures {
    let input = Input::new();
    let mut rounds: Vec<Round> = Vec::new();
    let (mut overhead_bytes_per_record, mut peak_bytes) = (0.0, 0);
    for _ in 0..=ROUNDS {
        let (bound_write_s, bound_read_s) = bound(&input, clock);
        let (log_write_s, log_read_s, logs) = through_the_log(&input, clock);
        peak_bytes = memory_bytes(&logs);
        overhead_bytes_per_record = peak_bytes as f64 / RECORDS as f64 - (KEY_BYTES + VALUE_BYTES) as f64;
        rounds.push(Round { bound_write_s, bound_read_s, log_write_s, log_read_s });
    }
    rounds.remove(0);
    let middle = |of: fn(&Round) -> f64| median(&mut rounds.iter().map(of).collect::<Vec<_>>());
    let per_s = |seconds: f64| RECORDS as f64 / seconds;
    let ns = |seconds: f64| seconds * 1e9 / RECORDS as f64;
    Figures {
        bound_records_per_s: per_s(middle(Round::bound_s)),
        log_records_per_s: per_s(middle(Round::log_s)),
        ratio: middle(|round| round.bound_s() / round.log_s()),
        overhead_bytes_per_record,
        peak_bytes,
        profile: Profile {
            bound_write_ns: ns(middle(|round| round.bound_write_s)),
            bound_read_ns: ns(middle(|round| round.bound_read_s)),
            log_write_ns: ns(middle(|round| round.log_write_s)),
            log_read_ns: ns(middle(|round| round.log_read_s)),
        },
    }
}

/// Seconds to hash every key and copy every value, and to read every byte back.
#[inline(never)]
fn bound(input: &Input, clock: &mut dyn FnMut() -> f64) -> (f64, f64) {
    let mut memory = vec![1u8; RECORDS * VALUE_BYTES];
    black_box(&mut memory);
    let start = clock();
    let mut hashes = 0;
    for (index, place) in memory.chunks_exact_mut(VALUE_BYTES).enumerate() {
        let (key, value) = input.record(index);
        hashes ^= murmur2(key);
        place.copy_from_slice(value);
    }
    black_box((hashes, &mut memory));
    let written = clock();
    let sum = memory.chunks_exact(VALUE_BYTES).map(sum_of).fold(0, u64::wrapping_add);
    black_box(sum);
    (written - start, clock() - written)
}

/// Seconds to write every record to logs, and to read every byte back; and the logs.
#[inline(never)]
fn through_the_log(input: &Input, clock: &mut dyn FnMut() -> f64) -> (f64, f64, Vec<Log>) {
    let start = clock();
    let logs = write(input);
    let written = clock();
    let (records, sum) =
        logs.iter().map(read).fold((0, 0), |all, one| (all.0 + one.0, u64::wrapping_add(all.1, one.1)));
    black_box(sum);
    let read = clock();
    assert!(records == RECORDS, "{records} records came back of {RECORDS}");
    (written - start, read - written, logs)
}

#[inline(never)]
fn write(input: &Input) -> Vec<Log> {
    let config = LogConfig { segment_bytes: SEGMENT_BYTES, ..LogConfig::default() };
    let mut logs: Vec<Log> = (0..PARTITIONS).map(|_| Log::new(config.clone())).collect();
    let mut batches: Vec<BatchBuilder> = (0..PARTITIONS).map(|_| BatchBuilder::default()).collect();
    let mut partitioner = Partitioner::built_in();
    let topic = TopicView { topic: TopicId(0), partitions: PARTITIONS as u32, available: &[] };
    let mut no_random = || 0;
    for index in 0..RECORDS {
        let (key, value) = input.record(index);
        let now_ms = index as i64 / RECORDS_PER_MS;
        let Ok(partition) = partitioner.partition(topic, Some(key), &mut no_random) else { continue };
        let partition = partition.0 as usize;
        let batch = &mut batches[partition];
        batch.push(&NewRecord { key: Some(key), value: Some(value), headers: &[], timestamp_ms: now_ms });
        if batch.len_bytes() + KEY_BYTES + VALUE_BYTES > BATCH_BYTES {
            append(&mut logs[partition], batch, now_ms);
        }
    }
    for (log, batch) in logs.iter_mut().zip(&mut batches) {
        append(log, batch, 0);
    }
    logs
}

#[inline(never)]
fn append(log: &mut Log, batch: &mut BatchBuilder, now_ms: i64) {
    if let Some(view) = batch.seal() {
        let appended = log.append(view, Origin::Client, now_ms);
        assert!(appended.is_ok(), "{appended:?}");
        log.set_high_watermark(log.log_end_offset());
    }
    batch.clear();
}

#[inline(never)]
fn read(log: &Log) -> (usize, u64) {
    let (mut records, mut sum) = (0, 0u64);
    let mut position = Offset::ZERO;
    while let Ok(fetched) = log.fetch(position, Isolation::ReadUncommitted, FETCH_BYTES)
        && !fetched.bytes.is_empty()
    {
        for batch in Batches::new(fetched.bytes) {
            let (count, bytes) = read_batch(batch);
            records += count;
            sum = sum.wrapping_add(bytes);
            position = batch.last_offset().next();
        }
    }
    (records, sum)
}

/// How many records there are, and the sum of their keys and values. Apart, as a consumer has it: what runs long in one call
/// is compiled no better by a browser while it runs.
#[inline(never)]
fn read_batch(batch: BatchView<'_>) -> (usize, u64) {
    let (mut records, mut sum) = (0, 0u64);
    for record in batch.records() {
        records += 1;
        let of = |bytes: Option<&[u8]>| bytes.map_or(0, sum_of);
        sum = sum.wrapping_add(of(record.key)).wrapping_add(of(record.value));
    }
    (records, sum)
}

/// Reads every byte.
#[inline]
fn sum_of(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(size_of::<u64>());
    let mut sum = 0u64;
    for word in &mut words {
        sum = sum.wrapping_add(word.try_into().map_or(0, u64::from_le_bytes));
    }
    words.remainder().iter().fold(sum, |sum, byte| sum.wrapping_add(u64::from(*byte)))
}

fn memory_bytes(logs: &[Log]) -> usize {
    let segments = logs.iter().flat_map(Log::segments);
    segments.map(|segment| segment.len_bytes() + segment.overhead_bytes()).sum()
}

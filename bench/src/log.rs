//! The log against what bounds it: the same keys hashed and the same values copied into memory that is there already, and
//! every byte read back, without any log.

use crate::input::{Input, KEY_BYTES, RECORDS, VALUE_BYTES};
use crate::phases::{self, Phases};
use crate::statistics::median;
use catchup_engine::client::{Partitioner, TopicView, murmur2};
use catchup_engine::log::{
    BatchBuilder, BatchView, Batches, Isolation, Log, LogConfig, NewRecord, Offset, Origin, TopicId,
};
use serde::Serialize;
use std::hint::black_box;

/// The partitions of the topic.
pub(crate) const PARTITIONS: usize = 8;
/// `segment.bytes` of the topic.
const SEGMENT_BYTES: usize = 512 << 10;
/// `batch.size` of the producer, Kafka's default.
const BATCH_BYTES: usize = 16_384;
/// How much a fetch takes at the most (`max.partition.fetch.bytes`, Kafka's default).
const FETCH_BYTES: usize = 1 << 20;
/// How many records share a millisecond.
const RECORDS_PER_MS: u32 = 1_000;
/// How often each side is measured, after one round to warm up.
pub(crate) const ROUNDS: usize = 9;

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
    /// The parts of the last two.
    pub phases: Phases,
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
            phases: phases::measure(&input, clock),
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
pub(crate) fn write(input: &Input) -> Vec<Log> {
    let config = LogConfig { segment_bytes: SEGMENT_BYTES, ..LogConfig::default() };
    let mut logs: Vec<Log> = (0..PARTITIONS).map(|_| Log::new(config.clone())).collect();
    encode(input, |partition, batch, now_ms| append(&mut logs[partition], batch, now_ms));
    logs
}

/// Puts every record into the batch of its partition, and hands over each batch that is full, and in the end the others.
#[inline]
pub(crate) fn encode(input: &Input, mut hand_over: impl FnMut(usize, &mut BatchBuilder, i64)) {
    let mut batches: Vec<BatchBuilder> = (0..PARTITIONS).map(|_| BatchBuilder::default()).collect();
    let mut partitioner = Partitioner::built_in();
    let topic = TopicView { topic: TopicId(0), partitions: PARTITIONS as u32, available: &[] };
    let mut no_random = || 0;
    for index in 0..RECORDS {
        let (key, value) = input.record(index);
        let now_ms = i64::from(index as u32 / RECORDS_PER_MS);
        let Ok(partition) = partitioner.partition(topic, Some(key), &mut no_random) else { continue };
        let partition = partition.0 as usize;
        let batch = &mut batches[partition];
        batch.push(&NewRecord { key: Some(key), value: Some(value), headers: &[], timestamp_ms: now_ms });
        if batch.len_bytes() + KEY_BYTES + VALUE_BYTES > BATCH_BYTES {
            hand_over(partition, batch, now_ms);
        }
    }
    for (partition, batch) in batches.iter_mut().enumerate() {
        hand_over(partition, batch, 0);
    }
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
pub(crate) fn read(log: &Log) -> (usize, u64) {
    let (mut records, mut sum) = (0, 0u64);
    fetch(log, |batch| {
        let (count, bytes) = read_batch(batch);
        records += count;
        sum = sum.wrapping_add(bytes);
    });
    (records, sum)
}

/// Fetches the whole log, and shows every batch to `look`.
#[inline]
pub(crate) fn fetch(log: &Log, mut look: impl FnMut(BatchView<'_>)) {
    let mut position = Offset::ZERO;
    while let Ok(fetched) = log.fetch(position, Isolation::ReadUncommitted, FETCH_BYTES)
        && !fetched.bytes.is_empty()
    {
        for batch in Batches::new(fetched.bytes) {
            look(batch);
            position = batch.last_offset().next();
        }
    }
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

/// Reads every byte: the sum of all words, the last of them filled up with zeros.
#[inline]
fn sum_of(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<{ size_of::<u64>() }>();
    let (fours, ones) = words.as_chunks::<4>();
    let mut sum = 0u64;
    for [a, b, c, d] in fours {
        let pairs = [(a, b), (c, d)].map(|(one, other)| word(*one).wrapping_add(word(*other)));
        sum = sum.wrapping_add(pairs[0].wrapping_add(pairs[1]));
    }
    sum = ones.iter().copied().map(word).fold(sum, u64::wrapping_add);
    match bytes.last_chunk() {
        Some(_) if rest.is_empty() => sum,
        Some(last) => sum.wrapping_add(word(*last) >> (u64::BITS as usize - 8 * rest.len())),
        None => sum.wrapping_add(rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))),
    }
}

#[inline]
fn word(bytes: [u8; size_of::<u64>()]) -> u64 {
    u64::from_le_bytes(bytes)
}

fn memory_bytes(logs: &[Log]) -> usize {
    let segments = logs.iter().flat_map(Log::segments);
    segments.map(|segment| segment.len_bytes() + segment.overhead_bytes()).sum()
}

//! What the log does not copy: reading allocates nothing, and a checkpoint shares every sealed segment. It is one test,
//! because it counts what is allocated in the whole process.

#![cfg(not(target_arch = "wasm32"))]

use catchup::log::{BatchBuilder, Batches, Isolation, Log, LogConfig, NewRecord, Offset, Origin};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const BATCHES: usize = 2_000;
const SEGMENT_BYTES: usize = 8_192;
/// What a copy may take beside the bytes of the growing segment: its indexes, and a pointer for each sealed one.
const COPY_OVERHEAD_BYTES_MAX: usize = 16_384;

fn filled() -> Log {
    let mut log = Log::new(LogConfig { segment_bytes: SEGMENT_BYTES, ..LogConfig::default() });
    let mut batch = BatchBuilder::default();
    for index in 0..BATCHES {
        for _ in 0..3 {
            let (key, value) = (Some(b"order-1".as_slice()), Some([7; 100].as_slice()));
            batch.push(&NewRecord { key, value, headers: &[], timestamp_ms: index as i64 });
        }
        log.append(batch.seal().expect("three records"), Origin::Client, 0).expect("it is taken");
        batch.clear();
    }
    log.set_high_watermark(log.log_end_offset());
    log
}

#[test]
fn sealed_segments_are_neither_copied_to_be_read_nor_for_a_checkpoint() {
    let log = filled();
    check_reading(&log);
    check_copying(&log);
}

/// Reading every record allocates nothing.
fn check_reading(log: &Log) {
    let counted = Region::new(ALLOCATOR);
    let (mut position, mut bytes) = (Offset::ZERO, 0);
    while position < log.log_end_offset() {
        let fetched = log.fetch(position, Isolation::ReadUncommitted, 1 << 20).expect("it is in the log");
        for batch in Batches::new(fetched.bytes) {
            bytes += batch.records().map(|record| record.value.map_or(0, <[u8]>::len)).sum::<usize>();
            position = batch.last_offset().next();
        }
    }
    assert_eq!(counted.change().allocations, 0);
    assert_eq!(bytes, BATCHES * 300);
}

/// A checkpoint copies only the segment that grows.
fn check_copying(log: &Log) {
    let shared = log.shared_bytes();
    assert!(shared > 50 * SEGMENT_BYTES, "{shared} bytes are sealed");
    let counted = Region::new(ALLOCATOR);
    let copy = log.clone();
    let copied = counted.change().bytes_allocated;
    assert!(copied <= SEGMENT_BYTES + COPY_OVERHEAD_BYTES_MAX, "{copied} bytes were copied, {shared} are shared");
    assert_eq!(copy.records_from(Offset::ZERO).count(), BATCHES * 3);
}

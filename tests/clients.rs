//! The client library, answer by answer: what a consumer makes of the broker's answers, old ones included, and how a producer
//! cuts batches.

#![cfg(not(target_arch = "wasm32"))]

#[path = "clients/consumer.rs"]
mod consumer;
#[path = "clients/lossy.rs"]
mod lossy;
#[path = "clients/producer.rs"]
mod producer;

use catchup::log::{Batch, BatchBuilder, NewRecord, PartitionId, TopicId, TopicPartition};
use catchup::time::Instant;

fn partition() -> TopicPartition {
    TopicPartition { topic: TopicId(0), partition: PartitionId(0) }
}

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

fn batch(records: u32) -> Batch {
    let mut builder = BatchBuilder::default();
    for _ in 0..records {
        builder.push(&NewRecord { value: Some(b"placed"), ..NewRecord::default() });
    }
    builder.finish().expect("at least one record")
}

//! The client library, answer by answer: what a consumer makes of the broker's answers, old ones included, how a producer cuts
//! batches and sends them again, and what holds whatever the network does.

#![cfg(not(target_arch = "wasm32"))]

#[path = "clients/commits.rs"]
mod commits;
#[path = "clients/consumer.rs"]
mod consumer;
#[path = "clients/consumer_bench.rs"]
mod consumer_bench;
#[path = "clients/coordinating.rs"]
mod coordinating;
#[path = "clients/delivery.rs"]
mod delivery;
#[path = "clients/lossy_group.rs"]
mod lossy_group;
#[path = "clients/lossy_network.rs"]
mod lossy_network;
#[path = "clients/positions.rs"]
mod positions;
#[path = "clients/producer.rs"]
mod producer;
#[path = "clients/rebalances.rs"]
mod rebalances;
#[path = "clients/retries.rs"]
mod retries;
#[path = "clients/sending.rs"]
mod sending;
#[path = "clients/transactional.rs"]
mod transactional;
#[path = "clients/truncated.rs"]
mod truncated;

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

//! One partition's log: records encoded in Kafka's v2 batches, kept as bytes in segments.
//!
//! The log knows neither topics nor brokers nor time: timestamps come in with the records, and the caller says
//! when retention or compaction is to be looked at. It is the lowest room of the house.

mod batch;
mod compaction;
mod config;
mod control;
mod ids;
mod laid_open;
mod partition_log;
mod producers;
mod record;
mod retention;
#[cfg(test)]
mod sample;
mod segment;
mod setting;
mod timestamps;
mod transactions;
mod truncation;
mod varint;
mod wire;

pub use batch::{Batch, BatchBuilder, BatchView, Batches, NO_TIMESTAMP_MS, ProducerStamp, Records, Writer};
pub use compaction::{CleanableRange, Compacted, CompactionRange, Spent};
pub use config::{CleanupPolicy, ConfigError, LogConfig};
pub use control::{EndTxnMarker, TransactionResult};
pub use ids::{
    LeaderEpoch, Offset, OffsetAndEpoch, PartitionId, ProducerEpoch, ProducerId, ProducerIdAndEpoch, RecordRef,
    Sequence, TopicId, TopicPartition,
};
pub use partition_log::{AppendError, Appended, FetchError, Isolation, Log};
pub use producers::{Origin, ProducerError, ProducerState, RememberedBatch};
pub use record::{Header, NewRecord, RecordView};
pub use retention::{RetentionForecast, RetentionReason};
pub use segment::Segment;
pub use setting::Setting;
pub use timestamps::TimedOffset;
pub use transactions::{AbortedSearch, AbortedTransaction, CommittedRecords, Fetched, search_aborted};
pub use wire::DecodeError;

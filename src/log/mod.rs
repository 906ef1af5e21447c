//! One partition's log: records encoded in Kafka's v2 batches, kept as bytes in segments.
//!
//! The log knows neither topics nor brokers nor time: timestamps come in with the records, and the caller says
//! when retention is to be looked at. It is the lowest room of the house.

mod batch;
mod ids;
mod partition_log;
mod record;
mod segment;
mod varint;

pub use batch::{Batch, BatchBuilder, BatchView, Batches, Records};
pub use ids::{Offset, PartitionId, TopicId, TopicPartition};
pub use partition_log::{AppendError, FetchError, Log, LogConfig};
pub use record::{Header, NewRecord, RecordView};
pub use segment::Segment;

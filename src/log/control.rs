//! Control markers: the records by which a coordinator ends a transaction. They take an offset and are never shown to
//! consumers.

use super::batch::{BatchBuilder, BatchView, ProducerStamp, Writer};
use super::{Batch, NewRecord, ProducerEpoch, ProducerId};

const VERSION: [u8; 2] = [0, 0];
const ABORT: i16 = 0;
const COMMIT: i16 = 1;

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionResult {
    /// Its records count.
    Commit,
    /// Its records are as if never written, to those who read committed ones only.
    Abort,
}

/// The end of a producer's transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTxnMarker {
    /// How it ended.
    pub result: TransactionResult,
    /// Which coordinator says so: a marker of an earlier one is fenced.
    pub coordinator_epoch: i32,
}

impl EndTxnMarker {
    /// The marker as a batch for `producer`.
    pub fn batch(self, id: ProducerId, epoch: ProducerEpoch, timestamp_ms: i64) -> Batch {
        let mut builder = Self::builder(id, epoch);
        let record = NewRecord { key: Some(&self.key()), value: Some(&self.value()), headers: &[], timestamp_ms };
        builder.push(&record);
        builder.finish().unwrap_or_else(|| unreachable!("a record was pushed"))
    }

    /// What a batch with a marker for a producer is built with.
    pub fn builder(id: ProducerId, epoch: ProducerEpoch) -> BatchBuilder {
        BatchBuilder::new(Writer::Coordinator(ProducerStamp { id, epoch, base_sequence: None }))
    }

    /// The key of the marker's record: a version, and how the transaction ended.
    pub fn key(self) -> [u8; 4] {
        let kind = match self.result {
            TransactionResult::Abort => ABORT,
            TransactionResult::Commit => COMMIT,
        };
        let [high, low] = kind.to_be_bytes();
        [VERSION[0], VERSION[1], high, low]
    }

    /// The value of the marker's record: a version, and the coordinator's epoch.
    pub fn value(self) -> [u8; 6] {
        let [a, b, c, d] = self.coordinator_epoch.to_be_bytes();
        [VERSION[0], VERSION[1], a, b, c, d]
    }
}

impl BatchView<'_> {
    /// The marker that a control batch holds; `None` if it is none, or compaction has emptied it.
    pub fn marker(self) -> Option<EndTxnMarker> {
        if !self.is_control() {
            return None;
        }
        let record = self.records().next()?;
        let kind: [u8; 2] = record.key?.get(2..4)?.try_into().ok()?;
        let coordinator_epoch: [u8; 4] = record.value?.get(2..6)?.try_into().ok()?;
        let result = match i16::from_be_bytes(kind) {
            ABORT => TransactionResult::Abort,
            COMMIT => TransactionResult::Commit,
            _ => return None,
        };
        Some(EndTxnMarker { result, coordinator_epoch: i32::from_be_bytes(coordinator_epoch) })
    }
}

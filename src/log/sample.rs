//! What the unit tests of this room begin with: batches of few records, and logs of few batches.

use super::{
    Appended, Batch, BatchBuilder, EndTxnMarker, Isolation, Log, LogConfig, NewRecord, Offset, Origin, ProducerEpoch,
    ProducerId, ProducerStamp, Sequence, TransactionResult, Writer,
};

/// A producer in its first life.
pub(super) fn stamp(id: i64, base_sequence: i32) -> ProducerStamp {
    ProducerStamp { id: ProducerId(id), epoch: ProducerEpoch(0), base_sequence: Some(Sequence(base_sequence)) }
}

/// A batch with a record for each key; all have the same value and timestamp.
pub(super) fn batch(writer: Writer, keys: &[&str], value: Option<&[u8]>, timestamp_ms: i64) -> Batch {
    let mut builder = BatchBuilder::new(writer);
    for key in keys {
        builder.push(&NewRecord { key: Some(key.as_bytes()), value, headers: &[], timestamp_ms });
    }
    builder.finish().expect("at least one record")
}

/// A log of batches of two records of a second each, in segments of `segment_bytes`, all of it replicated.
pub(super) fn log_of(segment_bytes: usize, batches: usize) -> Log {
    let mut log = Log::new(LogConfig { segment_bytes, ..LogConfig::default() });
    for index in 0..batches {
        append(&mut log, &batch(Writer::Anonymous, &["a", "b"], Some(b"v"), index as i64 * 1_000));
    }
    log
}

/// Appends a batch that is taken, at the time of its records, and replicates it.
pub(super) fn append(log: &mut Log, batch: &Batch) -> Appended {
    let origin = if batch.view().is_control() { Origin::Coordinator } else { Origin::Client };
    let appended = log.append(batch.view(), origin, batch.view().max_timestamp_ms());
    log.set_high_watermark(log.log_end_offset());
    appended.expect("a batch that is taken")
}

/// Ends the transaction of a producer in its first life.
pub(super) fn end_txn(log: &mut Log, id: i64, result: TransactionResult) -> Appended {
    append(log, &EndTxnMarker { result, coordinator_epoch: 0 }.batch(ProducerId(id), ProducerEpoch(0), 0))
}

/// The offsets that a reader sees.
pub(super) fn offsets(log: &Log, isolation: Isolation) -> Vec<i64> {
    log.records(Offset::ZERO, isolation).map(|record| record.offset.0).collect()
}

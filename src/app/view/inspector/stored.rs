//! How a record lies in the log, and why there is none where one was.

use super::super::text::{clock, count, grouped};
use super::super::topic::marker_words;
use crate::app::{Model, RecordRef};
use crate::check::Removed;
use crate::log::{BatchView, Log, Offset, Spent, TransactionResult};

/// The batch that a record is in, and what it says of its producer and its transaction; nothing if there is no such batch any more.
pub(super) fn stored(model: &Model, record: RecordRef) -> Vec<(&'static str, String)> {
    let log = model.world().broker().log(record.partition);
    let Some((log, batch)) = log.and_then(|log| Some((log, log.batch_at(record.offset)?))) else { return Vec::new() };
    let mut rows = vec![("Batch", batch_words(batch))];
    rows.extend(leader_epoch(model, record).map(|epoch| ("Partition leader epoch", epoch)));
    rows.extend(producer_words(batch, record.offset));
    rows.push(("Transaction", transaction_words(log, batch)));
    rows
}

fn batch_words(batch: BatchView<'_>) -> String {
    let what = count(batch.record_count().into(), "record", "records");
    let bytes = grouped(batch.bytes().len() as u64);
    format!("base offset {}, {what}, {bytes} bytes", grouped(batch.base_offset().0.max(0) as u64))
}

/// The epoch of the leader that has taken the record.
fn leader_epoch(model: &Model, record: RecordRef) -> Option<String> {
    let epochs = model.world().broker().replicas(record.partition)?.epochs().entries();
    let (epoch, _) = epochs.iter().rfind(|(_, first)| *first <= record.offset)?;
    Some(epoch.0.to_string())
}

fn producer_words(batch: BatchView<'_>, offset: Offset) -> Vec<(&'static str, String)> {
    let Some(stamp) = batch.producer() else {
        return vec![("Producer", "none: enable.idempotence is off, so it is not numbered".to_owned())];
    };
    let delta = offset.records_since(batch.base_offset()) as u32;
    let sequence = stamp.base_sequence.map(|base| ("Sequence", base.plus(delta).0.to_string()));
    let producer = [("Producer id", stamp.id.0.to_string()), ("Producer epoch", stamp.epoch.0.to_string())];
    producer.into_iter().chain(sequence).collect()
}

fn transaction_words(log: &Log, batch: BatchView<'_>) -> String {
    if !batch.is_transactional() {
        return "none".to_owned();
    }
    let result = log.transaction_result(batch);
    match result {
        _ if batch.is_control() => "this ends one",
        Some(TransactionResult::Commit) => "committed",
        Some(TransactionResult::Abort) => "aborted: read_committed readers never see it",
        None => "open: read_committed readers do not see it yet",
    }
    .to_owned()
}

/// Why there is no record at this place.
pub(super) fn missing(model: &Model, record: RecordRef) -> String {
    let Some(log) = model.world().broker().log(record.partition) else { return String::new() };
    if let Some(marker) = log.batch_at(record.offset).and_then(BatchView::marker) {
        return format!("This is {}.", marker_words(marker.result));
    }
    if record.offset < log.log_start_offset() {
        return "This record is no longer in the log: retention has deleted it.".to_owned();
    }
    if record.offset >= log.log_end_offset() {
        return match model.moment.departed.cut_off_at(record) {
            Some(at) => format!("This record was cut off: the leader elected at {} did not have it.", clock(at)),
            None => "At this instant, nothing is written there yet.".to_owned(),
        };
    }
    match model.moment.departed.removed(record) {
        Removed::Replaced => {
            "This record is no longer in the log: compaction has removed it, because a later record has the same key."
        }
        Removed::Spent(Spent::Tombstone) => {
            "This was a tombstone, which said that its key is deleted: compaction has removed it after delete.retention.ms."
        }
        Removed::Spent(Spent::Aborted) => {
            "This record is no longer in the log: its transaction was aborted, and compaction has removed it."
        }
        Removed::Spent(Spent::Marker) => {
            "This was a transaction marker, not a record: compaction has removed it after the records of its transaction."
        }
        Removed::Forgotten => "This record is no longer in the log: compaction has removed it, too long ago to say why.",
    }
    .to_owned()
}

#[cfg(test)]
mod tests;

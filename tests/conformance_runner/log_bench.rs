//! A log under test, its clock, and batches of exactly the size that a script gives them.

use super::log_case::{Append, Config, Origin as ScriptOrigin, Producer, Record, TxnResult};
use catchup::log::{
    AppendError, Appended, BatchBuilder, BatchView, EndTxnMarker, FetchError, Header, Log, NewRecord, Offset, Origin,
    ProducerEpoch, ProducerError, ProducerId, ProducerStamp, Sequence, TransactionResult, Writer,
};

/// How much the name of the padding header grows to skip sizes that a length of more digits leaves out.
const PAD_NAME: &str = "padding";

pub(super) struct LogBench {
    pub(super) log: Log,
    pub(super) now_ms: i64,
    record_bytes: u64,
    scale: u64,
    follows_log_end: bool,
}

/// Kafka's name of what went wrong, or what is wrong with the script.
pub(super) enum Failure {
    Refused(&'static str),
    Script(String),
}

impl LogBench {
    pub(super) fn new(config: &Config) -> Result<Self, String> {
        let start = Offset(config.initial_offset);
        Ok(Self {
            log: Log::starting_at(start, config.log_config()?, config.start_time_ms),
            now_ms: config.start_time_ms,
            record_bytes: config.record_bytes,
            scale: config.scale(),
            follows_log_end: config.auto_high_watermark,
        })
    }

    /// Appends one batch; nothing if there are no records.
    pub(super) fn append(&mut self, step: &Append) -> Result<Option<Appended>, Failure> {
        if step.records.is_empty() {
            return Ok(None);
        }
        let bytes = step.batch_bytes.unwrap_or(self.record_bytes * step.records.len() as u64);
        let records: Vec<NewRecord<'_>> = step.records.iter().map(|record| self.new_record(record)).collect();
        let mut builder = BatchBuilder::new(writer(step));
        fill(&mut builder, &records, (bytes * self.scale) as usize).map_err(Failure::Script)?;
        let mut bytes = builder.seal().ok_or_else(|| Failure::Script("no records".to_owned()))?.bytes().to_vec();
        let origin = match step.origin {
            ScriptOrigin::Client => Origin::Client,
            ScriptOrigin::Replication => Origin::Replication,
        };
        let at = step.at_offset.unwrap_or(self.log.log_end_offset().0);
        bytes[..size_of::<i64>()].copy_from_slice(&at.to_be_bytes());
        self.append_batch(&bytes, origin).map(Some)
    }

    pub(super) fn end_txn(
        &mut self,
        producer: Producer,
        result: TxnResult,
        coordinator_epoch: i32,
    ) -> Result<Appended, Failure> {
        let result = match result {
            TxnResult::Commit => TransactionResult::Commit,
            TxnResult::Abort => TransactionResult::Abort,
        };
        let marker = EndTxnMarker { result, coordinator_epoch };
        let mut builder = EndTxnMarker::builder(ProducerId(producer.id), ProducerEpoch(producer.epoch));
        let (key, value) = (marker.key(), marker.value());
        let record = NewRecord { key: Some(&key), value: Some(&value), headers: &[], timestamp_ms: self.now_ms };
        fill(&mut builder, &[record], (self.record_bytes * self.scale) as usize).map_err(Failure::Script)?;
        let bytes = builder.seal().ok_or_else(|| Failure::Script("no marker".to_owned()))?.bytes().to_vec();
        self.append_batch(&bytes, Origin::Coordinator)
    }

    fn append_batch(&mut self, bytes: &[u8], origin: Origin) -> Result<Appended, Failure> {
        let batch = one_batch(bytes)?;
        let appended = self.log.append(batch, origin, self.now_ms)?;
        if self.follows_log_end {
            self.log.set_high_watermark(self.log.log_end_offset());
        }
        Ok(appended)
    }

    fn new_record<'a>(&self, record: &'a Record) -> NewRecord<'a> {
        NewRecord {
            key: record.key.as_deref().map(str::as_bytes),
            value: record.value.as_deref().map(str::as_bytes),
            headers: &[],
            timestamp_ms: record.timestamp_ms.unwrap_or(self.now_ms),
        }
    }
}

fn one_batch(bytes: &[u8]) -> Result<BatchView<'_>, Failure> {
    let mut batches = catchup::log::Batches::new(bytes);
    batches.next().ok_or_else(|| Failure::Script("the batch cannot be read".to_owned()))
}

fn writer(step: &Append) -> Writer {
    let Some(producer) = step.producer else { return Writer::Anonymous };
    let stamp = ProducerStamp {
        id: ProducerId(producer.id),
        epoch: ProducerEpoch(producer.epoch),
        base_sequence: producer.first_sequence.map(Sequence),
    };
    if step.transactional { Writer::Transactional(stamp) } else { Writer::Idempotent(stamp) }
}

/// Puts `records` into `builder`, the last with a header that makes the batch `bytes` large.
fn fill(builder: &mut BatchBuilder, records: &[NewRecord<'_>], bytes: usize) -> Result<(), String> {
    let Some((last, others)) = records.split_last() else { return Err("no records".to_owned()) };
    for record in others {
        builder.push(record);
    }
    let room = bytes.checked_sub(builder.len_bytes()).ok_or("the records are larger than the script says")?;
    let padding = vec![0; room];
    for name in (1..PAD_NAME.len()).map(|len| &PAD_NAME[..len]) {
        // The value takes what the record's other fields leave, which is a little less than all.
        for len in (0..=room).rev().take(64) {
            let headers = [Header { key: name, value: Some(&padding[..len]) }];
            let padded = NewRecord { headers: &headers, ..*last };
            if builder.len_bytes_with(&padded) == bytes {
                builder.push(&padded);
                return Ok(());
            }
        }
    }
    Err(format!("a batch of {} records cannot be made {bytes} bytes large", records.len()))
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        Self::Refused(match error {
            AppendError::MessageTooLarge { .. } => "MESSAGE_TOO_LARGE",
            AppendError::RecordListTooLarge { .. } => "RECORD_LIST_TOO_LARGE",
            AppendError::InvalidRecord { .. } | AppendError::InvalidBatch { .. } => "INVALID_RECORD",
            AppendError::UnexpectedAppendOffset { .. } => "UNEXPECTED_APPEND_OFFSET",
            AppendError::Producer(ProducerError::OutOfOrderSequenceNumber { .. }) => "OUT_OF_ORDER_SEQUENCE_NUMBER",
            AppendError::Producer(ProducerError::InvalidProducerEpoch { .. }) => "INVALID_PRODUCER_EPOCH",
            AppendError::Producer(ProducerError::InvalidTxnState { .. }) => "INVALID_TXN_STATE",
            AppendError::Producer(ProducerError::TransactionCoordinatorFenced { .. }) => {
                "TRANSACTION_COORDINATOR_FENCED"
            }
        })
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::OffsetOutOfRange { .. } => Self::Refused("OFFSET_OUT_OF_RANGE"),
        }
    }
}

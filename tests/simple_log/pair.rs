//! A log and the simple one, to which the same is done, and which must not differ in anything that can be seen.

use super::op::{Content, Follows, Op, Place};
use super::{Author, End, Entry, Outcome, Past, Refusal, SimpleLog};
use catchup::log::{
    AppendError, Batch, BatchBuilder, BatchView, Batches, CommittedRecords, EndTxnMarker, FetchError, Isolation, Log,
    LogConfig, NO_TIMESTAMP_MS, NewRecord, Offset, Origin, ProducerEpoch, ProducerError, ProducerId, ProducerStamp,
    RecordView, Segment, Sequence, TransactionResult, Writer,
};
use std::collections::BTreeMap;

const ISOLATIONS: [Isolation; 3] = [Isolation::LogEnd, Isolation::ReadUncommitted, Isolation::ReadCommitted];
/// Where the producer with the largest number begins to count, so that it soon begins again at 0.
const LATE_SEQUENCE: i64 = i32::MAX as i64 - 3;
const LATE_PRODUCER: u8 = 2;

#[derive(Clone, Debug)]
pub(crate) struct Pair {
    log: Log,
    simple: SimpleLog,
    config: LogConfig,
    now_ms: i64,
    /// Nothing below is truncated, as nothing below a high watermark is: what compaction took away does not come back.
    compacted_to: i64,
}

impl Pair {
    pub(crate) fn new(config: LogConfig) -> Self {
        let log = Log::new(config.clone());
        Self { log, simple: SimpleLog::default(), config, now_ms: 0, compacted_to: 0 }
    }

    /// Does `op` to both, and compares what each says of it.
    pub(crate) fn apply(&mut self, op: &Op) {
        match op {
            Op::Append(records) => self.append(None, false, records),
            Op::Produce { producer, is_transactional, follows, records } => {
                self.produce(*producer, *is_transactional, *follows, records);
            }
            Op::EndTxn { producer, is_abort, follows, coordinator_epoch } => {
                let end = End { is_abort: *is_abort, coordinator_epoch: *coordinator_epoch };
                self.end_txn(*producer, *follows, end);
            }
            Op::Roll => self.roll(),
            Op::Wait { ms } => self.now_ms += ms,
            Op::Replicate(place) => self.replicate(*place),
            Op::Fetch { place, isolation, bytes_max } => self.fetch(self.offset_at(*place), *isolation, *bytes_max),
            Op::ListOffsets { timestamp_ms, isolation } => self.list_offsets(*timestamp_ms, *isolation),
            Op::DeleteRecords(place) => self.delete_records(self.offset_at(*place)),
            Op::ApplyRetention => self.apply_retention(),
            Op::Truncate(place) => self.truncate(self.offset_at(*place)),
            Op::Restart { ahead } => self.restart(*ahead),
            Op::Compact => self.compact(),
            Op::Clone | Op::Swap => {}
        }
    }

    /// Both show the same to every reader.
    pub(crate) fn check(&self) {
        let (log, simple) = (&self.log, &self.simple);
        assert_eq!(
            [log.log_start_offset(), log.high_watermark(), log.last_stable_offset(), log.log_end_offset()],
            [simple.start, simple.high_watermark, simple.last_stable_offset(), simple.end].map(Offset),
            "log start, high watermark, last stable offset and log end"
        );
        for isolation in ISOLATIONS {
            let read: Vec<Entry> = log.records(log.log_start_offset(), isolation).map(|it| entry_of(&it)).collect();
            let expected: Vec<Entry> = simple.visible(simple.start, isolation).into_iter().cloned().collect();
            assert_eq!(read, expected, "{isolation:?}");
        }
        let active = log.segments().last().map_or(0, Segment::len_bytes);
        assert_eq!(log.len_bytes(), log.shared_bytes() + active);
    }

    /// A consumer that begins at the start and takes little at a time sees what there is to see.
    pub(crate) fn check_consumer(&self, isolation: Isolation) {
        let (mut position, mut seen) = (self.log.log_start_offset(), Vec::new());
        loop {
            let fetched = self.log.fetch(position, isolation, 1).expect("a position in the log");
            let Some(last) = Batches::new(fetched.bytes).last() else { break };
            let records = CommittedRecords::new(Batches::new(fetched.bytes), fetched.aborted);
            seen.extend(records.filter(|it| it.offset >= position).map(|it| entry_of(&it)));
            position = last.last_offset().next();
        }
        let expected: Vec<Entry> = self.simple.visible(0, isolation).into_iter().cloned().collect();
        assert_eq!(seen, expected, "{isolation:?}");
    }

    /// An offset from one before the log to one behind it.
    fn offset_at(&self, Place(place): Place) -> i64 {
        let (first, last) = (self.simple.start - 1, self.simple.end + 1);
        first + (last - first) * i64::from(place) / i64::from(u8::MAX)
    }

    fn produce(&mut self, producer: u8, is_transactional: bool, follows: Follows, records: &[Content]) {
        let known = self.simple.known(i64::from(producer));
        let first = if producer == LATE_PRODUCER && known.is_none() { LATE_SEQUENCE } else { 0 };
        let known = known.unwrap_or_default();
        let next = if known.recent.is_empty() { first } else { known.next_sequence() };
        let (epoch, sequence, count) = match follows {
            Follows::Next => (known.epoch, next, records.len()),
            Follows::Again(back) => match known.recent.iter().rev().nth(back) {
                Some((first, _, start, last)) => (known.epoch, *first, (last - start + 1) as usize),
                None => (known.epoch, next, records.len()),
            },
            Follows::Gap(gap) => (known.epoch, (next + gap) & i64::from(i32::MAX), records.len()),
            Follows::OldEpoch => ((known.epoch - 1).max(0), 0, records.len()),
            Follows::NewEpoch => (known.epoch + 1, 0, records.len()),
        };
        let author = Author { id: i64::from(producer), epoch, sequence: Some(sequence) };
        let records: Vec<Content> = records.iter().cycle().take(count).cloned().collect();
        self.append(Some(author), is_transactional, &records);
    }

    fn append(&mut self, author: Option<Author>, is_transactional: bool, records: &[Content]) {
        let entries: Vec<Entry> = records.iter().map(|content| self.entry(content)).collect();
        let writer = match author.map(stamp_of) {
            None => Writer::Anonymous,
            Some(stamp) if is_transactional => Writer::Transactional(stamp),
            Some(stamp) => Writer::Idempotent(stamp),
        };
        let mut builder = BatchBuilder::new(writer);
        for entry in &entries {
            let (key, value, timestamp_ms) = (entry.key.as_deref(), entry.value.as_deref(), entry.timestamp_ms);
            builder.push(&NewRecord { key, value, headers: &[], timestamp_ms });
        }
        let batch = builder.finish().expect("at least one record");
        self.append_batch(&batch, Origin::Client, Past::new(author, is_transactional, None, entries));
    }

    fn entry(&self, (key, value): &Content) -> Entry {
        // Some records are written late, and some of the first have no time.
        let timestamp_ms = (self.now_ms - i64::from(key.unwrap_or(0))).max(NO_TIMESTAMP_MS);
        Entry { offset: 0, timestamp_ms, key: key.map(|key| vec![key]), value: value.clone() }
    }

    fn end_txn(&mut self, producer: u8, follows: Follows, end: End) {
        let known = self.simple.known(i64::from(producer)).unwrap_or_default();
        let epoch = match follows {
            Follows::Next | Follows::Again(_) | Follows::Gap(_) => known.epoch,
            Follows::OldEpoch => (known.epoch - 1).max(0),
            Follows::NewEpoch => known.epoch + 1,
        };
        let author = Author { id: i64::from(producer), epoch, sequence: None };
        let result = if end.is_abort { TransactionResult::Abort } else { TransactionResult::Commit };
        let marker = EndTxnMarker { result, coordinator_epoch: end.coordinator_epoch };
        let batch = marker.batch(ProducerId(author.id), ProducerEpoch(epoch), self.now_ms);
        let entry = batch.view().records().next().map(|record| entry_of(&record)).expect("a marker");
        self.append_batch(&batch, Origin::Coordinator, Past::new(Some(author), true, Some(end), vec![entry]));
    }

    fn append_batch(&mut self, batch: &Batch, origin: Origin, past: Past) {
        let outcome = match self.log.append(batch.view(), origin, self.now_ms) {
            Ok(it) if it.is_duplicate => Outcome::Duplicate { first: it.first_offset.0, last: it.last_offset.0 },
            Ok(it) => Outcome::Appended { first: it.first_offset.0, last: it.last_offset.0 },
            Err(error) => Outcome::Refused(refusal_of(&error)),
        };
        assert_eq!(outcome, self.simple.append(past, batch.view().bytes().len(), &self.config));
    }

    fn roll(&mut self) {
        let before = self.log.segments().count();
        let is_empty = self.log.segments().last().is_none_or(Segment::is_empty);
        self.log.roll(self.now_ms);
        assert_eq!(self.log.segments().count(), before + usize::from(!is_empty));
    }

    /// Moves the high watermark on, to the end of a batch.
    fn replicate(&mut self, place: Place) {
        let wanted = self.offset_at(place);
        let ends = self.simple.history.iter().map(|batch| batch.last + 1).chain([self.simple.end]);
        let target = ends.filter(|end| *end >= wanted).min().unwrap_or(self.simple.end);
        self.simple.high_watermark = self.simple.high_watermark.max(target);
        let moved = self.log.set_high_watermark(Offset(self.simple.high_watermark));
        assert_eq!(moved.0, self.simple.high_watermark);
    }

    fn fetch(&self, from: i64, isolation: Isolation, bytes_max: usize) {
        let fetched = self.log.fetch(Offset(from), isolation, bytes_max);
        if from < self.simple.start || from > self.simple.end {
            assert!(matches!(fetched, Err(FetchError::OffsetOutOfRange { .. })));
            return;
        }
        let fetched = fetched.expect("an offset in the log");
        let batches: Vec<BatchView<'_>> = Batches::new(fetched.bytes).collect();
        assert_eq!(batches, self.batches_due(Offset(from), Offset(self.simple.bound(isolation)), bytes_max));
        let Some(last) = batches.last() else { return };
        let seen = CommittedRecords::new(batches.iter().copied(), fetched.aborted);
        let seen: Vec<Entry> = seen.filter(|it| it.offset.0 >= from).map(|it| entry_of(&it)).collect();
        let expected = self.simple.visible(from, isolation).into_iter().cloned();
        assert_eq!(seen, expected.filter(|it| it.offset <= last.last_offset().0).collect::<Vec<_>>());
    }

    /// What a fetch should return, found by looking at every batch.
    fn batches_due(&self, from: Offset, bound: Offset, bytes_max: usize) -> Vec<BatchView<'_>> {
        let is_due = |batch: &BatchView<'_>| batch.last_offset() >= from && batch.last_offset() < bound;
        let due = self.log.segments().map(|segment| segment.batches().filter(is_due).collect::<Vec<_>>());
        let mut due = due.into_iter().find(|batches| !batches.is_empty()).unwrap_or_default();
        let mut bytes = 0;
        let fits = |batch: &&BatchView<'_>| {
            bytes += batch.bytes().len();
            bytes <= bytes_max
        };
        let count = due.iter().take_while(fits).count().max(1);
        due.truncate(count);
        due
    }

    fn list_offsets(&self, timestamp_ms: i64, isolation: Isolation) {
        let entries: Vec<&Entry> = self.simple.entries(0, isolation).map(|(_, entry)| entry).collect();
        let timed = |entry: &&Entry| (entry.offset, entry.timestamp_ms);
        let first = entries.iter().find(|entry| entry.timestamp_ms >= timestamp_ms).map(timed);
        let found = self.log.offset_for_time(timestamp_ms, isolation).map(|it| (it.offset.0, it.timestamp_ms));
        assert_eq!(found, first, "the first record of {timestamp_ms} ms or later");
        let largest = entries.iter().map(|entry| entry.timestamp_ms).max();
        let largest = entries
            .iter()
            .find(|entry| Some(entry.timestamp_ms) == largest && largest > Some(NO_TIMESTAMP_MS))
            .map(timed);
        let found = self.log.offset_of_max_timestamp(isolation).map(|it| (it.offset.0, it.timestamp_ms));
        assert_eq!(found, largest, "the largest timestamp");
    }

    fn delete_records(&mut self, before: i64) {
        let deleted = self.log.delete_records(Offset(before));
        if before > self.simple.high_watermark {
            assert!(matches!(deleted, Err(FetchError::OffsetOutOfRange { .. })));
            return;
        }
        self.simple.start = self.simple.start.max(before);
        assert_eq!(deleted, Ok(Offset(self.simple.start)));
    }

    /// Segments go from the oldest on, as long as one is due.
    fn apply_retention(&mut self) {
        let segments: Vec<Segment> = self.log.segments().cloned().collect();
        let mut bytes: usize = segments.iter().map(Segment::len_bytes).sum();
        let mut deleted = 0;
        for (segment, next) in segments.iter().zip(segments.iter().skip(1).map(Some).chain([None])) {
            let end = next.map_or(self.simple.end, |next| next.base_offset().0);
            if end > self.simple.high_watermark || (next.is_none() && segment.is_empty()) {
                break;
            }
            bytes -= segment.len_bytes();
            let is_below_start = next.is_some() && end <= self.simple.start;
            let is_extra = self.config.retention_bytes.is_some_and(|bound| bytes as u64 >= bound);
            let age_ms = self.now_ms - self.youngest_ms(segment, end);
            let is_old = self.config.retention_ms.is_some_and(|retention_ms| age_ms > retention_ms);
            if !is_below_start && !(self.config.cleanup_policy.deletes() && (is_extra || is_old)) {
                break;
            }
            deleted += 1;
            self.simple.start = self.simple.start.max(end);
        }
        assert_eq!(self.log.apply_retention(self.now_ms), deleted);
    }

    /// The time from which on a segment grows old. What compaction makes of that is not the simple log's to know.
    fn youngest_ms(&self, segment: &Segment, end: i64) -> i64 {
        if self.config.cleanup_policy.compacts() {
            return segment.retention_time_ms();
        }
        let range = segment.base_offset().0..end;
        let entries = self.simple.history.iter().flat_map(|batch| &batch.entries);
        let youngest_ms = entries.filter(|it| range.contains(&it.offset)).map(|it| it.timestamp_ms).max();
        youngest_ms.filter(|ms| *ms > NO_TIMESTAMP_MS).unwrap_or_else(|| segment.retention_time_ms())
    }

    fn truncate(&mut self, offset: i64) {
        let offset = offset.max(self.compacted_to).max(0);
        let oldest = self.log.segments().next().map_or(0, |segment| segment.base_offset().0);
        self.log.truncate_to(Offset(offset), self.now_ms);
        if offset >= self.simple.end {
            return;
        }
        if offset < oldest {
            self.simple.restart_at(offset);
        } else {
            self.simple.truncate(offset);
        }
    }

    fn restart(&mut self, ahead: i64) {
        let offset = self.simple.end + ahead;
        self.log.truncate_fully_and_start_at(Offset(offset), None, self.now_ms);
        self.simple.restart_at(offset);
    }

    fn compact(&mut self) {
        let (stable, active) = (self.simple.last_stable_offset(), self.log.segments().last());
        let limit = active.map_or(0, |active| active.base_offset().0).min(stable);
        let before = self.last_values();
        let Some(done) = self.log.apply_compaction(self.now_ms) else { return };
        let bound = done.next_dirty_offset.0;
        assert!(self.config.cleanup_policy.compacts() && bound <= limit, "{bound} is above {limit}");
        assert_eq!(done.records_before - done.records_after, done.removed.len() as u64);
        let batches: Vec<BatchView<'_>> = self.log.segments().flat_map(Segment::batches).collect();
        let markers = batches.iter().filter(|batch| batch.is_control()).flat_map(|batch| batch.records());
        let markers: Vec<i64> = markers.map(|marker| marker.offset.0).collect();
        let delete_retention_ms = self.config.delete_retention_ms;
        self.simple.compact(bound, self.now_ms, delete_retention_ms, |marker| markers.contains(&marker));
        self.compacted_to = bound;
        assert_eq!(self.last_values(), before, "the last value of each key");
    }

    /// What someone knows who has read all committed records.
    fn last_values(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let mut values = BTreeMap::new();
        for record in self.log.records(self.log.log_start_offset(), Isolation::ReadCommitted) {
            let key = record.key.unwrap_or_default().to_vec();
            match record.value {
                Some(value) => values.insert(key, value.to_vec()),
                None => values.remove(&key),
            };
        }
        values
    }
}

fn entry_of(record: &RecordView<'_>) -> Entry {
    let (key, value) = (record.key.map(<[u8]>::to_vec), record.value.map(<[u8]>::to_vec));
    Entry { offset: record.offset.0, timestamp_ms: record.timestamp_ms, key, value }
}

fn stamp_of(author: Author) -> ProducerStamp {
    let base_sequence = author.sequence.map(|sequence| Sequence(sequence as i32));
    ProducerStamp { id: ProducerId(author.id), epoch: ProducerEpoch(author.epoch), base_sequence }
}

fn refusal_of(error: &AppendError) -> Refusal {
    match error {
        AppendError::MessageTooLarge { .. } => Refusal::TooLarge,
        AppendError::RecordListTooLarge { .. } => Refusal::LargerThanSegment,
        AppendError::InvalidRecord { .. } => Refusal::NoKey,
        AppendError::Producer(ProducerError::InvalidProducerEpoch { .. }) => Refusal::OldEpoch,
        AppendError::Producer(ProducerError::OutOfOrderSequenceNumber { .. }) => Refusal::OutOfOrder,
        AppendError::Producer(ProducerError::InvalidTxnState { .. }) => Refusal::OutsideTransaction,
        AppendError::Producer(ProducerError::TransactionCoordinatorFenced { .. }) => Refusal::OldCoordinator,
        AppendError::InvalidBatch { .. } | AppendError::UnexpectedAppendOffset { .. } => {
            unreachable!("these clients send what clients may, and no offsets")
        }
    }
}

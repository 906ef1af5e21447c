//! Compaction: of the records with the same key, the last one stays, and every record keeps its offset.
//!
//! One pass takes the sealed segments below a bound. It first learns the last offset of each key in the part that is
//! *dirty* (written since the last pass), then copies what is to stay. Aborted records go; a tombstone or marker stays for
//! `delete.retention.ms` after the first pass that has seen it, so that readers get to know of it.

use super::batch::{BatchHeader, BatchView, at, attribute};
use super::record::{self, Deltas};
use super::{AbortedTransaction, Log, Offset, ProducerId, RecordView, Segment, TransactionResult};
use crate::sorted::{SortedMap, SortedSet, SpreadMap, sort_by_key};
use std::collections::VecDeque;
use std::sync::Arc;

/// What a pass may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactionRange {
    /// Records from here on decide which earlier ones go.
    pub first_dirty_offset: Offset,
    /// Segments that begin here or later are not touched.
    pub upper_bound_offset: Offset,
    /// How many keys the pass can remember; it ends early when there are more.
    pub keys_max: usize,
}

/// The part of a log that a pass could take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanableRange {
    /// Where the last pass ended.
    pub first_dirty_offset: Offset,
    /// The first offset that must not be touched yet.
    pub first_uncleanable_offset: Offset,
    /// Whether the last pass ended outside of the log as it is now, so that everything is dirty again.
    pub is_reset: bool,
}

/// Why a record went that no later one has replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// A tombstone that readers have had `delete.retention.ms` to see.
    Tombstone,
    /// A record of a transaction that was aborted.
    Aborted,
    /// A marker of a transaction of which nothing else is left; it was no record.
    Marker,
}

/// What a pass did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    /// Where the next pass begins.
    pub next_dirty_offset: Offset,
    /// The offsets of the records that went, markers and those of aborted transactions included, in order.
    pub removed: Vec<Offset>,
    /// Those of them that no later record with the same key has replaced, in order.
    pub spent: Vec<(Offset, Spent)>,
    /// How many records were looked at.
    pub records_before: u64,
    /// How many of them stayed.
    pub records_after: u64,
    /// The size of the segments that were taken, in bytes.
    pub bytes_before: usize,
    /// The size of what replaced them, in bytes.
    pub bytes_after: usize,
}

impl Log {
    /// What a pass could take, if the last one ended at `last_clean_offset`: nothing undecided, nothing of the active
    /// segment, nothing younger than `min.compaction.lag.ms`.
    pub fn cleanable_range(&self, last_clean_offset: Option<Offset>, now_ms: i64) -> CleanableRange {
        let checkpoint = last_clean_offset.unwrap_or(self.start_offset);
        let is_reset = checkpoint < self.start_offset || checkpoint > self.log_end_offset();
        let first_dirty_offset = if is_reset { self.start_offset } else { checkpoint };
        let lag_ms = self.config.min_compaction_lag_ms;
        let is_young = |segment: &&Arc<Segment>| segment.retention_time_ms() > now_ms - lag_ms;
        let first = self.sealed.partition_point(|segment| segment.end_offset() <= first_dirty_offset);
        let young = self.sealed[first..].iter().find(is_young).filter(|_| lag_ms > 0);
        let bounds = [self.last_stable_offset(), self.active.base_offset()].into_iter();
        let bound = bounds.chain(young.map(|segment| segment.base_offset())).min().unwrap_or(first_dirty_offset);
        CleanableRange { first_dirty_offset, first_uncleanable_offset: bound.max(first_dirty_offset), is_reset }
    }

    /// How much of what could be compacted is dirty, in percent; 0 if there is nothing.
    pub fn dirty_percent(&self, now_ms: i64) -> u8 {
        let (dirty, all) = self.dirty_bytes(self.cleanable_range(self.clean_offset, now_ms));
        (dirty * 100).checked_div(all).unwrap_or(0) as u8
    }

    /// Up to where the log has been compacted.
    pub fn clean_offset(&self) -> Option<Offset> {
        self.clean_offset
    }

    /// Compacts what may be compacted, if the log is to be and enough of it is dirty.
    pub fn apply_compaction(&mut self, now_ms: i64) -> Option<Compacted> {
        let range = self.cleanable_range(self.clean_offset, now_ms);
        let (dirty, all) = self.dirty_bytes(range);
        let is_worth_it = dirty * 100 > all * u64::from(self.config.min_cleanable_dirty_percent);
        if !self.config.cleanup_policy.compacts() || !is_worth_it {
            return None;
        }
        let CleanableRange { first_dirty_offset, first_uncleanable_offset, .. } = range;
        let whole = self.sealed.iter().take_while(|segment| segment.end_offset() <= first_uncleanable_offset);
        let upper_bound_offset = whole.last().map_or(first_dirty_offset, |segment| segment.end_offset());
        if upper_bound_offset <= first_dirty_offset {
            return None;
        }
        let range = CompactionRange { first_dirty_offset, upper_bound_offset, keys_max: usize::MAX };
        let compacted = self.compact(range, now_ms);
        self.clean_offset = Some(compacted.next_dirty_offset);
        Some(compacted)
    }

    /// The size of what is dirty and could be compacted, and of that and all before it, in bytes.
    fn dirty_bytes(&self, range: CleanableRange) -> (u64, u64) {
        let below = |bound: Offset| {
            let segments = self.sealed.iter().take_while(|segment| segment.base_offset() < bound);
            segments.map(|segment| segment.len_bytes() as u64).sum::<u64>()
        };
        let (clean, all) = (below(range.first_dirty_offset), below(range.first_uncleanable_offset));
        (all.saturating_sub(clean), all)
    }

    /// One pass over the segments below the range's upper bound.
    pub fn compact(&mut self, range: CompactionRange, now_ms: i64) -> Compacted {
        let last_offsets = LastOffsets::learn(self, range);
        let next_dirty_offset = last_offsets.end_offset;
        let taken = self.sealed.partition_point(|segment| segment.base_offset() < next_dirty_offset);
        let mut pass = Pass {
            log: self,
            last_offsets,
            upper_bound_offset: range.upper_bound_offset,
            now_ms,
            transactions: CleanedTransactions::default(),
            done: Compacted { next_dirty_offset, ..Compacted::default() },
        };
        let groups = groups_by_size(&pass.log.sealed[..taken], pass.log.config.segment_bytes);
        let cleaned: Vec<Arc<Segment>> = groups.into_iter().map(|group| Arc::new(pass.clean(group))).collect();
        let done = pass.done;
        self.sealed.splice(..taken, cleaned);
        done
    }
}

/// Neighbouring segments that fit into one.
fn groups_by_size(segments: &[Arc<Segment>], bytes_max: usize) -> Vec<&[Arc<Segment>]> {
    let mut groups = Vec::new();
    let mut rest = segments;
    while let [first, ..] = rest {
        let mut bytes = 0;
        let fits = |segment: &&Arc<Segment>| {
            bytes += segment.len_bytes();
            bytes <= bytes_max && segment.end_offset().0 - first.base_offset().0 <= i64::from(i32::MAX)
        };
        let (group, after) = rest.split_at(rest.iter().take_while(fits).count().max(1));
        groups.push(group);
        rest = after;
    }
    groups
}

/// Whether there is room for more keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Left,
    Full,
}

/// The last offset of each key in the dirty part of a log.
struct LastOffsets<'a> {
    by_key: SpreadMap<&'a [u8], Offset>,
    /// The offset after the last one that was looked at.
    end_offset: Offset,
}

impl<'a> LastOffsets<'a> {
    fn learn(log: &'a Log, range: CompactionRange) -> Self {
        let CompactionRange { first_dirty_offset: from, upper_bound_offset, keys_max } = range;
        let taken = log.sealed.iter().take_while(|segment| segment.base_offset() < upper_bound_offset);
        let bound = taken.last().map_or(upper_bound_offset, |segment| segment.end_offset().max(upper_bound_offset));
        let mut transactions = CleanedTransactions::default();
        transactions.expect(log.aborted_in(from, bound));
        let mut learned = Self { by_key: SpreadMap::default(), end_offset: from };
        for batch in log.batches_between(from, bound) {
            if batch.is_control() {
                transactions.see_marker(batch);
            } else if !transactions.see_data(batch) && learned.learn_batch(batch, from, keys_max) == Room::Full {
                return learned;
            }
            learned.end_offset = batch.last_offset().next();
        }
        // Offsets that were never there, or are no longer, need no second look.
        learned.end_offset = bound.max(from);
        learned
    }

    fn learn_batch(&mut self, batch: BatchView<'a>, from: Offset, keys_max: usize) -> Room {
        for record in batch.records().filter(|record| record.offset >= from) {
            let Some(key) = record.key else { continue };
            if self.by_key.len() >= keys_max {
                return Room::Full;
            }
            self.by_key.insert(key, record.offset);
            self.end_offset = record.offset.next();
        }
        Room::Left
    }

    /// Whether no later record has the key of this one.
    fn is_last(&self, record: &RecordView<'_>) -> bool {
        record.offset >= self.end_offset
            || record.key.is_some_and(|key| self.by_key.get(&key).is_none_or(|last| record.offset >= *last))
    }
}

/// The transactions that a pass has come by, to know which data count and which markers have no data left.
#[derive(Default)]
struct CleanedTransactions {
    /// Aborted ones that lie ahead, in order of their first offsets.
    ahead: VecDeque<AbortedTransaction>,
    /// Aborted ones whose marker lies ahead, and whether some of their batches are still there.
    aborting: SortedMap<ProducerId, (AbortedTransaction, bool)>,
    /// Producers with data of a committed transaction whose marker lies ahead.
    committing: SortedSet<ProducerId>,
    /// Aborted ones of which batches are still there.
    kept: Vec<AbortedTransaction>,
}

impl CleanedTransactions {
    fn expect(&mut self, aborted: Vec<AbortedTransaction>) {
        self.ahead.extend(aborted);
        sort_by_key(self.ahead.make_contiguous(), |aborted| aborted.first_offset);
    }

    /// Whether the batch is of an aborted transaction, so that it goes.
    fn see_data(&mut self, batch: BatchView<'_>) -> bool {
        self.pass(batch.last_offset());
        let Some(stamp) = batch.producer().filter(|_| batch.is_transactional()) else { return false };
        let aborting = self.aborting.get_mut(&stamp.id).map(|(_, has_batches)| *has_batches = true);
        if aborting.is_none() {
            self.committing.insert(stamp.id);
        }
        aborting.is_some()
    }

    /// Whether nothing is left of the transaction that the marker ends, so that it may go in time.
    fn see_marker(&mut self, batch: BatchView<'_>) -> bool {
        self.pass(batch.last_offset());
        let (Some(marker), Some(stamp)) = (batch.marker(), batch.producer()) else { return true };
        match marker.result {
            TransactionResult::Commit => !self.committing.remove(&stamp.id),
            TransactionResult::Abort => match self.aborting.remove(&stamp.id) {
                Some((aborted, true)) => {
                    self.kept.push(aborted);
                    false
                }
                Some((_, false)) | None => true,
            },
        }
    }

    fn pass(&mut self, offset: Offset) {
        while let Some(next) = self.ahead.front()
            && next.first_offset <= offset
        {
            let next = *next;
            self.ahead.pop_front();
            self.aborting.entry(next.producer).or_insert((next, false));
        }
    }
}

struct Pass<'a> {
    log: &'a Log,
    last_offsets: LastOffsets<'a>,
    upper_bound_offset: Offset,
    now_ms: i64,
    transactions: CleanedTransactions,
    done: Compacted,
}

/// What becomes of a batch without records.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhenEmpty {
    Keep,
    Drop,
}

impl Pass<'_> {
    /// One segment with what stays of `group`, which is not empty.
    fn clean(&mut self, group: &[Arc<Segment>]) -> Segment {
        let mut bytes = Vec::new();
        for segment in group {
            self.transactions.expect(self.log.aborted_in(segment.base_offset(), segment.end_offset()));
            self.done.bytes_before += segment.len_bytes();
            for batch in segment.batches() {
                self.clean_batch(batch, &mut bytes);
            }
        }
        let (first, last) = (&group[0], &group[group.len() - 1]);
        let mut cleaned = first.rebuilt(bytes, last.end_offset(), last.modified_ms());
        cleaned.aborted = std::mem::take(&mut self.transactions.kept);
        self.done.bytes_after += cleaned.len_bytes();
        cleaned
    }

    fn clean_batch(&mut self, batch: BatchView<'_>, out: &mut Vec<u8>) {
        let is_spent_marker = batch.is_control() && self.transactions.see_marker(batch);
        let is_aborted = !batch.is_control() && self.transactions.see_data(batch);
        let is_past_horizon = batch.delete_horizon_ms().is_some_and(|horizon_ms| horizon_ms <= self.now_ms);
        let all_go = is_aborted || (is_spent_marker && is_past_horizon);
        let kept: Vec<RecordView<'_>> =
            batch.records().filter(|record| !all_go && self.stays(batch, record, is_past_horizon)).collect();
        self.note_gone(batch, &kept, is_aborted);
        self.done.records_before += u64::from(batch.record_count());
        self.done.records_after += kept.len() as u64;
        if kept.is_empty() {
            if self.when_empty(batch) == WhenEmpty::Keep {
                put_batch(out, batch, &[], None);
            }
            return;
        }
        let has_tombstone = !batch.is_control() && kept.iter().any(|record| record.value.is_none());
        let is_first_sight = (has_tombstone || is_spent_marker) && batch.delete_horizon_ms().is_none();
        if kept.len() == batch.record_count() as usize && !is_first_sight {
            out.extend_from_slice(batch.bytes());
        } else {
            let new_horizon_ms =
                is_first_sight.then(|| self.now_ms.saturating_add(self.log.config.delete_retention_ms));
            put_batch(out, batch, &kept, new_horizon_ms.or(batch.delete_horizon_ms()));
        }
    }

    fn note_gone(&mut self, batch: BatchView<'_>, kept: &[RecordView<'_>], is_aborted: bool) {
        let mut staying = kept.iter().map(|record| record.offset).peekable();
        for record in batch.records().filter(|record| staying.next_if_eq(&record.offset).is_none()) {
            self.done.removed.push(record.offset);
            let why = match (batch.is_control(), is_aborted) {
                (true, _) => Some(Spent::Marker),
                (false, true) => Some(Spent::Aborted),
                (false, false) => self.last_offsets.is_last(&record).then_some(Spent::Tombstone),
            };
            self.done.spent.extend(why.map(|why| (record.offset, why)));
        }
    }

    fn stays(&self, batch: BatchView<'_>, record: &RecordView<'_>, is_past_horizon: bool) -> bool {
        batch.is_control()
            || record.offset >= self.last_offsets.end_offset
            || (self.last_offsets.is_last(record) && (record.value.is_some() || !is_past_horizon))
    }

    /// A batch stays for what it says of its producer, and the last one of the pass so that its offsets remain known.
    fn when_empty(&self, batch: BatchView<'_>) -> WhenEmpty {
        let is_end_of_pass = batch.last_offset().next() == self.upper_bound_offset;
        if is_end_of_pass || self.log.producers.is_last_known(batch) { WhenEmpty::Keep } else { WhenEmpty::Drop }
    }
}

/// Writes `batch` with only the `kept` of its records, which keep their offsets and times.
fn put_batch(out: &mut Vec<u8>, batch: BatchView<'_>, kept: &[RecordView<'_>], horizon_ms: Option<i64>) {
    let start = out.len();
    let base_ms = horizon_ms.or(kept.first().map(|record| record.timestamp_ms)).unwrap_or(batch.max_timestamp_ms());
    out.resize(start + at::RECORDS, 0);
    for record in kept {
        let offset = record.offset.0 - batch.base_offset().0;
        record::put_view(out, record, Deltas { offset, timestamp_ms: record.timestamp_ms.wrapping_sub(base_ms) });
    }
    let horizon = if horizon_ms.is_some() { attribute::DELETE_HORIZON } else { 0 };
    let max_timestamp_ms = kept.iter().map(|record| record.timestamp_ms).max();
    let header = BatchHeader {
        base_offset: batch.base_offset(),
        leader_epoch: batch.i32_at(at::LEADER_EPOCH),
        last_offset_delta: batch.last_offset_delta() as i32,
        attributes: batch.attributes() & !attribute::DELETE_HORIZON | horizon,
        base_timestamp_ms: base_ms,
        max_timestamp_ms: max_timestamp_ms.unwrap_or(batch.max_timestamp_ms()),
        producer: batch.producer(),
        count: kept.len() as i32,
    };
    header.write(&mut out[start..]);
}

#[cfg(test)]
mod tests;

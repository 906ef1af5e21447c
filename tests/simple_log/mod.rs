//! A log as simple as it can be: the history of its batches, from which everything else is computed anew each time. It has
//! no segments, indexes or caches, and knows nothing of the log that is held against it.

pub(crate) mod op;
pub(crate) mod pair;

use catchup::log::{Isolation, LogConfig};

/// How many of a producer's batches are told from new ones.
const BATCHES_REMEMBERED: usize = 5;
/// The number after the largest sequence number, which is 0 again.
const SEQUENCES: i64 = 1 << 31;

/// A record, or the marker that ends a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) offset: i64,
    pub(crate) timestamp_ms: i64,
    pub(crate) key: Option<Vec<u8>>,
    pub(crate) value: Option<Vec<u8>>,
}

/// A producer with an id, as it signs a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Author {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
    /// The sequence number of the batch's first record; markers have none.
    pub(crate) sequence: Option<i64>,
}

/// How a transaction ended, and which coordinator says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) is_abort: bool,
    pub(crate) coordinator_epoch: i32,
}

/// A batch: what was appended, and what compaction has left of it.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) author: Option<Author>,
    pub(crate) is_transactional: bool,
    pub(crate) end: Option<End>,
    pub(crate) entries: Vec<Entry>,
    /// From when on compaction removes its tombstones.
    horizon_ms: Option<i64>,
}

/// Why a batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooLarge,
    LargerThanSegment,
    NoKey,
    OldEpoch,
    OutOfOrder,
    OutsideTransaction,
    OldCoordinator,
}

/// What becomes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Appended { first: i64, last: i64 },
    Duplicate { first: i64, last: i64 },
    Refused(Refusal),
}

/// What is known of a producer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) epoch: i16,
    /// The first and last sequence numbers and offsets of its last batches in this epoch.
    pub(crate) recent: Vec<(i64, i64, i64, i64)>,
    coordinator_epoch: Option<i32>,
    has_open_transaction: bool,
}

impl Known {
    pub(crate) fn next_sequence(&self) -> i64 {
        self.recent.last().map_or(0, |(_, last, ..)| (last + 1) % SEQUENCES)
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct SimpleLog {
    pub(crate) history: Vec<Past>,
    pub(crate) start: i64,
    pub(crate) high_watermark: i64,
    pub(crate) end: i64,
}

impl Past {
    pub(crate) fn new(author: Option<Author>, is_transactional: bool, end: Option<End>, entries: Vec<Entry>) -> Self {
        Self { first: 0, last: 0, author, is_transactional, end, entries, horizon_ms: None }
    }

    fn id(&self) -> Option<i64> {
        self.author.map(|author| author.id)
    }

    fn last_sequence(&self) -> Option<i64> {
        Some((self.author?.sequence? + self.last - self.first) % SEQUENCES)
    }
}

impl SimpleLog {
    /// Appends `batch`, which takes `bytes`, unless it is to be refused or known.
    pub(crate) fn append(&mut self, mut batch: Past, bytes: usize, config: &LogConfig) -> Outcome {
        (batch.first, batch.last) = (self.end, self.end + batch.entries.len() as i64 - 1);
        if bytes > config.max_message_bytes {
            return Outcome::Refused(Refusal::TooLarge);
        }
        if bytes > config.segment_bytes {
            return Outcome::Refused(Refusal::LargerThanSegment);
        }
        let outcome = self.judge(&batch, config.cleanup_policy.compacts());
        if let Outcome::Appended { .. } = outcome {
            for (entry, offset) in batch.entries.iter_mut().zip(self.end..) {
                entry.offset = offset;
            }
            self.end = batch.last + 1;
            self.history.push(batch);
        }
        outcome
    }

    fn judge(&self, batch: &Past, needs_keys: bool) -> Outcome {
        let appended = Outcome::Appended { first: batch.first, last: batch.last };
        if needs_keys && batch.entries.iter().any(|entry| entry.key.is_none()) {
            return Outcome::Refused(Refusal::NoKey);
        }
        let Some(author) = batch.author else { return appended };
        let Some(known) = self.known(author.id) else { return appended };
        let is_same = |it: &&(i64, i64, i64, i64)| (Some(it.0), Some(it.1)) == (author.sequence, batch.last_sequence());
        if let Some((.., first, last)) = known.recent.iter().filter(|_| known.epoch == author.epoch).find(is_same) {
            return Outcome::Duplicate { first: *first, last: *last };
        }
        if author.epoch < known.epoch {
            return Outcome::Refused(Refusal::OldEpoch);
        }
        if let Some(end) = batch.end {
            let is_old = known.coordinator_epoch.is_some_and(|epoch| epoch > end.coordinator_epoch);
            return if is_old { Outcome::Refused(Refusal::OldCoordinator) } else { appended };
        }
        let next = if author.epoch == known.epoch { known.next_sequence() } else { 0 };
        if author.sequence != Some(next) {
            return Outcome::Refused(Refusal::OutOfOrder);
        }
        if known.has_open_transaction && !batch.is_transactional {
            return Outcome::Refused(Refusal::OutsideTransaction);
        }
        appended
    }

    /// What the history tells of a producer.
    pub(crate) fn known(&self, id: i64) -> Option<Known> {
        let mut known: Option<Known> = None;
        for batch in self.history.iter().filter(|batch| batch.id() == Some(id)) {
            let author = batch.author?;
            let known = known.get_or_insert_with(|| Known { epoch: author.epoch, ..Known::default() });
            if author.epoch != known.epoch {
                known.epoch = author.epoch;
                known.recent.clear();
            }
            if let Some(end) = batch.end {
                known.coordinator_epoch = Some(end.coordinator_epoch);
                known.has_open_transaction = false;
            }
            if let (Some(first), Some(last)) = (author.sequence, batch.last_sequence()) {
                known.recent.push((first, last, batch.first, batch.last));
                known.recent.drain(..known.recent.len().saturating_sub(BATCHES_REMEMBERED));
                known.has_open_transaction |= batch.is_transactional;
            }
        }
        known
    }

    /// The marker that ends the transaction that a batch is part of: the next one of its producer.
    fn marker_of(&self, batch: &Past) -> Option<&Past> {
        let later = self.history.iter().filter(|later| later.first > batch.first && later.id() == batch.id());
        later.filter(|later| later.end.is_some()).min_by_key(|later| later.first)
    }

    fn is_aborted(&self, batch: &Past) -> bool {
        let is_abort = |marker: &Past| marker.end.is_some_and(|end| end.is_abort);
        batch.is_transactional && batch.end.is_none() && self.marker_of(batch).is_some_and(is_abort)
    }

    /// Below this offset every transaction is over, for every reader.
    pub(crate) fn last_stable_offset(&self) -> i64 {
        let data = self.history.iter().filter(|batch| batch.is_transactional && batch.end.is_none());
        let is_over = |batch: &&Past| self.marker_of(batch).is_some_and(|marker| marker.first < self.high_watermark);
        let unstable = data.filter(|batch| !is_over(batch)).map(|batch| batch.first).min();
        unstable.map_or(self.high_watermark, |offset| offset.max(self.start).min(self.high_watermark))
    }

    pub(crate) fn bound(&self, isolation: Isolation) -> i64 {
        match isolation {
            Isolation::LogEnd => self.end,
            Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => self.last_stable_offset(),
        }
    }

    /// Everything from `from` on below the bound, markers too.
    pub(crate) fn entries(&self, from: i64, isolation: Isolation) -> impl Iterator<Item = (&Past, &Entry)> {
        let (from, bound) = (from.max(self.start), self.bound(isolation));
        let entries = self.history.iter().flat_map(|batch| batch.entries.iter().map(move |entry| (batch, entry)));
        entries.filter(move |(_, entry)| entry.offset >= from && entry.offset < bound)
    }

    /// The records that a reader sees.
    pub(crate) fn visible(&self, from: i64, isolation: Isolation) -> Vec<&Entry> {
        let counts =
            |batch: &Past| batch.end.is_none() && (isolation != Isolation::ReadCommitted || !self.is_aborted(batch));
        self.entries(from, isolation).filter(|(batch, _)| counts(batch)).map(|(_, entry)| entry).collect()
    }

    /// What a compaction leaves of the batches below `bound`: of each key the last record that was not aborted, and no
    /// tombstone once a pass has kept it `delete_retention_ms` ago. `is_there` says which markers the log still has.
    pub(crate) fn compact(
        &mut self,
        bound: i64,
        now_ms: i64,
        delete_retention_ms: i64,
        is_there: impl Fn(i64) -> bool,
    ) {
        let aborted: Vec<i64> = self.history.iter().filter(|it| self.is_aborted(it)).map(|it| it.first).collect();
        let counts = |batch: &Past| batch.end.is_none() && !aborted.contains(&batch.first);
        let below = || self.history.iter().filter(|batch| batch.last < bound);
        let counting: Vec<Entry> = below().filter(|batch| counts(batch)).flat_map(|it| it.entries.clone()).collect();
        let is_last = |entry: &Entry| counting.iter().all(|it| it.key != entry.key || it.offset <= entry.offset);
        let mut history = self.history.clone();
        for batch in history.iter_mut().filter(|batch| batch.last < bound) {
            let is_due = batch.horizon_ms.is_some_and(|horizon_ms| horizon_ms <= now_ms);
            if batch.end.is_some() {
                batch.entries.retain(|marker| is_there(marker.offset));
                continue;
            }
            let stays = |entry: &Entry| is_last(entry) && (entry.value.is_some() || !is_due);
            let does_count = counts(batch);
            batch.entries.retain(|entry| does_count && stays(entry));
            if batch.entries.iter().any(|entry| entry.value.is_none()) {
                batch.horizon_ms = batch.horizon_ms.or(Some(now_ms + delete_retention_ms));
            }
        }
        self.history = history;
    }

    /// Forgets the batches that end at or above `offset`, which becomes the end.
    pub(crate) fn truncate(&mut self, offset: i64) {
        self.history.retain(|batch| batch.last < offset);
        self.end = offset;
        self.start = self.start.min(offset);
        self.high_watermark = self.high_watermark.min(offset);
    }

    /// Forgets everything, and goes on at `offset`.
    pub(crate) fn restart_at(&mut self, offset: i64) {
        *self = Self { history: Vec::new(), start: offset, high_watermark: offset, end: offset };
    }
}

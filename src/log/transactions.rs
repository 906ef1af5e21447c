//! What readers of committed records see: the last stable offset, and which transactions were aborted.

use super::batch::{BatchView, Records};
use super::{Log, Offset, ProducerId, RecordView, TransactionResult};
use crate::sorted::sort_by_key;

/// A transaction whose records do not count. Kafka keeps these in a transaction index beside each segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// Whose it was.
    pub producer: ProducerId,
    /// The offset of its first record.
    pub first_offset: Offset,
    /// The offset of its marker.
    pub last_offset: Offset,
    /// The first offset that was still undecided when the marker was written.
    pub last_stable_offset: Offset,
}

/// The aborted transactions that a fetch needs to know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbortedSearch {
    /// Those that may have records in the range.
    pub found: Vec<AbortedTransaction>,
    /// Whether the search ended before the last row, because nothing later can matter.
    pub is_complete: bool,
}

/// Of `index`, which is in order of markers, the transactions with records from `from` (inclusive) to `bound` (exclusive).
pub fn search_aborted<'a>(
    index: impl IntoIterator<Item = &'a AbortedTransaction>,
    from: Offset,
    bound: Offset,
) -> AbortedSearch {
    let mut found = Vec::new();
    for aborted in index {
        if aborted.last_offset >= from && aborted.first_offset < bound {
            found.push(*aborted);
        }
        if aborted.last_stable_offset >= bound {
            return AbortedSearch { found, is_complete: true };
        }
    }
    AbortedSearch { found, is_complete: false }
}

/// What a fetch returns, borrowed from one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched<'a> {
    /// Whole batches, one behind another.
    pub bytes: &'a [u8],
    /// The aborted transactions that a reader of committed records has to leave out.
    pub aborted: Vec<AbortedTransaction>,
}

impl Log {
    /// The offset below which everything is decided: no transaction is open, and each marker is below the high watermark.
    pub fn last_stable_offset(&self) -> Offset {
        self.first_unstable_offset().map_or(self.high_watermark, |unstable| unstable.min(self.high_watermark))
    }

    /// The first offset of the earliest undecided transaction, or the log start if that is later.
    pub fn first_unstable_offset(&self) -> Option<Offset> {
        self.producers.first_unstable_offset().map(|offset| offset.max(self.start_offset))
    }

    /// The aborted transactions in order of their markers.
    pub fn aborted_transactions(&self) -> impl Iterator<Item = &AbortedTransaction> {
        self.segments().flat_map(|segment| &segment.aborted)
    }

    /// The aborted transactions with records from `from` (inclusive) to `bound` (exclusive).
    pub(super) fn aborted_in(&self, from: Offset, bound: Offset) -> Vec<AbortedTransaction> {
        search_aborted(self.segments_from(from).flat_map(|segment| &segment.aborted), from, bound).found
    }
}

/// The records of a stretch of batches without control markers and without those of aborted transactions: what a consumer
/// makes of what it fetched.
#[derive(Clone, Debug)]
pub struct CommittedRecords<'a, B> {
    batches: B,
    /// In order of their first offsets.
    aborted: std::vec::IntoIter<AbortedTransaction>,
    /// Producers whose records are to be left out until their abort marker.
    aborting: Vec<ProducerId>,
    records: Option<Records<'a>>,
}

impl<'a, B: Iterator<Item = BatchView<'a>>> CommittedRecords<'a, B> {
    /// The records of `batches`, without those that `aborted` says do not count.
    pub fn new(batches: B, mut aborted: Vec<AbortedTransaction>) -> Self {
        sort_by_key(&mut aborted, |aborted| aborted.first_offset);
        Self { batches, aborted: aborted.into_iter(), aborting: Vec::new(), records: None }
    }

    fn counts(&mut self, batch: BatchView<'_>) -> bool {
        while let Some(next) = self.aborted.as_slice().first()
            && next.first_offset <= batch.last_offset()
        {
            self.aborting.extend(self.aborted.next().map(|aborted| aborted.producer));
        }
        let Some(producer) = batch.producer() else { return !batch.is_control() };
        if let Some(marker) = batch.marker()
            && marker.result == TransactionResult::Abort
        {
            self.aborting.retain(|id| *id != producer.id);
        }
        let is_aborted = batch.is_transactional() && self.aborting.contains(&producer.id);
        !batch.is_control() && !is_aborted
    }
}

impl<'a, B: Iterator<Item = BatchView<'a>>> Iterator for CommittedRecords<'a, B> {
    type Item = RecordView<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(record) = self.records.as_mut().and_then(Iterator::next) {
                return Some(record);
            }
            let batch = self.batches.next()?;
            self.records = self.counts(batch).then(|| batch.records());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{append, batch, end_txn, offsets, stamp};
    use super::super::{Batches, EndTxnMarker, Isolation, LogConfig, Origin, ProducerEpoch, Writer};
    use super::*;

    /// Appends one record of a transaction.
    fn transact(log: &mut Log, id: i64, sequence: i32) {
        append(log, &batch(Writer::Transactional(stamp(id, sequence)), &["key"], Some(b"v"), 0));
    }

    fn new_log() -> Log {
        Log::new(LogConfig::default())
    }

    fn check(log: &Log, last_stable_offset: i64, committed: &[i64]) {
        assert_eq!(log.last_stable_offset().0, last_stable_offset);
        assert_eq!(offsets(log, Isolation::ReadCommitted), committed);
    }

    #[test]
    fn a_log_without_transactions_is_stable_up_to_the_high_watermark() {
        let mut log = new_log();
        append(&mut log, &batch(Writer::Idempotent(stamp(1, 0)), &["key"], None, 0));
        check(&log, 1, &[0]);
    }

    #[test]
    fn what_follows_an_open_transaction_waits_for_it() {
        let mut log = new_log();
        append(&mut log, &batch(Writer::Anonymous, &["key"], None, 0));
        transact(&mut log, 1, 0);
        append(&mut log, &batch(Writer::Anonymous, &["key"], None, 0));
        check(&log, 1, &[0]);
        assert_eq!(offsets(&log, Isolation::ReadUncommitted), [0, 1, 2]);
    }

    #[test]
    fn a_transaction_is_decided_once_its_marker_is_replicated() {
        let mut log = new_log();
        transact(&mut log, 1, 0);
        let marker = EndTxnMarker { result: TransactionResult::Commit, coordinator_epoch: 0 };
        let marker = marker.batch(ProducerId(1), ProducerEpoch(0), 0);
        log.append(marker.view(), Origin::Coordinator, 0).expect("a marker that is taken");
        // The marker is at offset 1.
        for (high_watermark, last_stable_offset, committed) in [(0, 0, [].as_slice()), (1, 0, &[]), (2, 2, &[0])] {
            log.set_high_watermark(Offset(high_watermark));
            check(&log, last_stable_offset, committed);
        }
    }

    #[test]
    fn records_of_an_aborted_transaction_are_left_out() {
        let mut log = new_log();
        transact(&mut log, 1, 0);
        append(&mut log, &batch(Writer::Anonymous, &["key"], None, 0));
        transact(&mut log, 1, 1);
        end_txn(&mut log, 1, TransactionResult::Abort);
        transact(&mut log, 1, 2);
        end_txn(&mut log, 1, TransactionResult::Commit);
        check(&log, 6, &[1, 4]);
        assert_eq!(offsets(&log, Isolation::ReadUncommitted), [0, 1, 2, 4]);
    }

    #[test]
    fn transactions_of_several_producers_do_not_touch_each_other() {
        let mut log = new_log();
        for (id, sequence) in [(1, 0), (2, 0), (1, 1), (2, 1)] {
            transact(&mut log, id, sequence);
        }
        end_txn(&mut log, 2, TransactionResult::Abort);
        check(&log, 0, &[]);
        end_txn(&mut log, 1, TransactionResult::Commit);
        check(&log, 6, &[0, 2]);
    }

    #[test]
    fn an_aborted_transaction_is_remembered_with_what_was_stable_then() {
        let mut log = new_log();
        for id in [1, 2] {
            transact(&mut log, id, 0);
        }
        end_txn(&mut log, 2, TransactionResult::Abort);
        end_txn(&mut log, 1, TransactionResult::Abort);
        let rows = log
            .aborted_transactions()
            .map(|row| (row.producer.0, row.first_offset.0, row.last_offset.0, row.last_stable_offset.0));
        assert_eq!(rows.collect::<Vec<_>>(), [(2, 1, 2, 0), (1, 0, 3, 4)]);
    }

    #[test]
    fn a_fetch_names_the_aborted_transactions_from_its_offset_on() {
        let mut log = new_log();
        for (id, result) in
            [(1, TransactionResult::Abort), (2, TransactionResult::Commit), (3, TransactionResult::Abort)]
        {
            transact(&mut log, id, 0);
            end_txn(&mut log, id, result);
        }
        let named = |from| {
            let fetched = log.fetch(Offset(from), Isolation::ReadCommitted, usize::MAX).expect("in range");
            fetched.aborted.iter().map(|row| row.producer.0).collect::<Vec<_>>()
        };
        assert_eq!([0, 1, 2, 5].map(named), [vec![1, 3], vec![1, 3], vec![3], vec![3]]);
        assert!(log.fetch(Offset(0), Isolation::ReadUncommitted, 1).expect("in range").aborted.is_empty());
    }

    #[test]
    fn a_fetch_from_the_middle_of_an_aborted_transaction_shows_none_of_it() {
        let mut log = new_log();
        for sequence in 0..3 {
            transact(&mut log, 1, sequence);
        }
        end_txn(&mut log, 1, TransactionResult::Abort);
        let fetched = log.fetch(Offset(1), Isolation::ReadCommitted, 1).expect("in range");
        assert_eq!(CommittedRecords::new(Batches::new(fetched.bytes), fetched.aborted).count(), 0);
    }

    #[test]
    fn an_open_transaction_below_the_log_start_counts_as_the_log_start() {
        let mut log = new_log();
        transact(&mut log, 1, 0);
        append(&mut log, &batch(Writer::Anonymous, &["key"], None, 0));
        log.delete_records(Offset(1)).expect("below the high watermark");
        assert_eq!((log.first_unstable_offset(), log.last_stable_offset()), (Some(Offset(1)), Offset(1)));
    }
}

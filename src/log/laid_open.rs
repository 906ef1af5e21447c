//! What a person who looks at a log asks of it: how many records there are, in which batch one lies, and how its transaction ended.

use super::{BatchView, Batches, Log, Offset, RecordView, Segment, TransactionResult};

impl Log {
    /// How many records there are from `from` (inclusive) to `end` (exclusive): a transaction marker takes an offset and is none.
    pub fn record_count(&self, from: Offset, end: Offset) -> u64 {
        let of_segment = |segment: &Segment| {
            if from <= segment.base_offset() && segment.end_offset() <= end {
                return segment.records();
            }
            let batches = Batches::new(segment.read(from, segment.end_offset(), usize::MAX));
            let batches = batches.take_while(|it| it.base_offset() < end).filter(|it| !it.is_control());
            let is_within = |record: &RecordView<'_>| (from..end).contains(&record.offset);
            batches.map(|batch| batch.records().filter(is_within).count() as u64).sum()
        };
        self.segments_from(from).take_while(|segment| segment.base_offset() < end).map(of_segment).sum()
    }

    /// The batch in which `offset` was written, if that is there: also one that holds a transaction marker, or has been emptied.
    pub fn batch_at(&self, offset: Offset) -> Option<BatchView<'_>> {
        let batch = self.batches_between(offset, self.log_end_offset()).next()?;
        (batch.base_offset()..=batch.last_offset()).contains(&offset).then_some(batch)
    }

    /// How the transaction ended that `batch` is part of; `None` if it is open, or was none.
    pub fn transaction_result(&self, batch: BatchView<'_>) -> Option<TransactionResult> {
        let producer = batch.producer().filter(|_| batch.is_transactional())?;
        let is_its = |it: &BatchView<'_>| it.is_control() && it.producer().is_some_and(|by| by.id == producer.id);
        let behind = self.batches_between(batch.base_offset(), self.log_end_offset());
        let marker = behind.filter(is_its).find_map(BatchView::marker).map(|marker| marker.result);
        // Compaction removes a marker only after all that it decides on, unless that counts.
        let is_decided = batch.last_offset() < self.first_unstable_offset().unwrap_or(self.log_end_offset());
        marker.or(is_decided.then_some(TransactionResult::Commit))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{append, batch, end_txn, log_of, stamp};
    use super::super::{Isolation, LogConfig, Writer};
    use super::*;

    /// Two transactions, one committed and one aborted, each of two records, then one that is open, in segments of two batches.
    fn transacted() -> Log {
        let mut log = Log::new(LogConfig { segment_bytes: 200, ..LogConfig::default() });
        for (id, result) in [(1, TransactionResult::Commit), (2, TransactionResult::Abort)] {
            append(&mut log, &batch(Writer::Transactional(stamp(id, 0)), &["a", "b"], Some(b"v"), 0));
            end_txn(&mut log, id, result);
        }
        append(&mut log, &batch(Writer::Transactional(stamp(3, 0)), &["a", "b"], Some(b"v"), 0));
        log
    }

    #[test]
    fn records_are_counted_as_they_can_be_read_whatever_the_stretch() {
        for log in [log_of(200, 9), transacted()] {
            let all: Vec<i64> = log.records(Offset::ZERO, Isolation::LogEnd).map(|it| it.offset.0).collect();
            let end = log.log_end_offset().0;
            for from in 0..=end {
                for to in from..=end {
                    let expect = all.iter().filter(|offset| (from..to).contains(offset)).count() as u64;
                    assert_eq!(log.record_count(Offset(from), Offset(to)), expect, "{from}..{to}");
                }
            }
        }
    }

    #[test]
    fn a_place_lies_in_a_batch_whose_transaction_has_ended_or_not() {
        let log = transacted();
        let found = |offset: i64| {
            let batch = log.batch_at(Offset(offset))?;
            Some((batch.base_offset().0, batch.is_control(), log.transaction_result(batch)))
        };
        let [commit, abort] = [TransactionResult::Commit, TransactionResult::Abort].map(Some);
        assert_eq!([0, 1].map(found), [Some((0, false, commit)); 2]);
        assert_eq!([2, 5].map(found), [Some((2, true, commit)), Some((5, true, abort))]);
        assert_eq!([4, 7, 8].map(found), [Some((3, false, abort)), Some((6, false, None)), None]);
        let plain = log_of(200, 1);
        assert_eq!(plain.batch_at(Offset(1)).and_then(|batch| plain.transaction_result(batch)), None);
    }
}

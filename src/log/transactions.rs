//! What readers of committed records see: the last stable offset, and which transactions were aborted.

use super::batch::{BatchView, Records};
use super::{Log, Offset, ProducerId, RecordView, TransactionResult};

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
        let first = self.sealed.partition_point(|segment| segment.end_offset() <= from);
        search_aborted(self.segments().skip(first).flat_map(|segment| &segment.aborted), from, bound).found
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
        aborted.sort_unstable_by_key(|aborted| aborted.first_offset);
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

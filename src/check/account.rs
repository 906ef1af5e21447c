//! The sums of the ledger: how many records of a group stand how.

/// How a record stands in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is still to be processed.
    Waiting,
    /// It was replaced before it was processed.
    Compacted,
    /// It was put aside, to be tried again.
    Retrying,
    /// It was put aside, for somebody to look at.
    DeadLettered,
    /// Its transaction was aborted before it was processed: whoever reads what is committed never sees it.
    Aborted,
    /// It was skipped, or deleted before it was processed.
    Lost,
    /// It was processed, at least once.
    Processed,
    /// It was deleted too long ago to tell, or never was a record.
    Forgotten,
}

/// The sum over all records of a group's topics. `published` is always the sum of `processed`, `waiting`, `retrying`,
/// `dead_lettered`, `compacted`, `aborted` and `lost`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How many records there were to process.
    pub published: u64,
    /// How many were processed, at least once.
    pub processed: u64,
    /// How many are still to be processed.
    pub waiting: u64,
    /// How many wait in the retry topic.
    pub retrying: u64,
    /// How many were put aside for good, unless somebody redrives them.
    pub dead_lettered: u64,
    /// How many were removed by compaction before they were processed: a later record has replaced each.
    pub compacted: u64,
    /// How many belong to transactions that were aborted, and were not processed before: nobody waits for them.
    pub aborted: u64,
    /// How many were left out, or committed by somebody who then crashed, or deleted before they were processed. A consumer
    /// that has one in hand may process it after all; then it is not lost any more.
    pub lost: u64,
    /// How often a record was processed that had been processed before.
    pub processed_again: u64,
    /// How many that were put aside are no longer followed one by one: what becomes of them there, these sums do not know.
    pub unfollowed: u64,
    /// How often a service knew that it had done the work before, and did nothing.
    pub recognised: u64,
}

impl Account {
    /// Moves one record from where it stood to the processed ones.
    pub(super) fn processes(&mut self, before: Standing) {
        match before {
            Standing::Processed => self.processed_again += 1,
            Standing::Forgotten => {}
            Standing::Waiting
            | Standing::Retrying
            | Standing::DeadLettered
            | Standing::Lost
            | Standing::Aborted
            | Standing::Compacted => self.moves(before, Standing::Processed),
        }
    }

    /// Moves one record from one sum to another.
    pub(super) fn moves(&mut self, from: Standing, to: Standing) {
        if self.sum_mut(from).is_some() && self.sum_mut(to).is_some() {
            self.sum_mut(from).into_iter().for_each(|sum| *sum -= 1);
            self.sum_mut(to).into_iter().for_each(|sum| *sum += 1);
        }
    }

    fn sum_mut(&mut self, standing: Standing) -> Option<&mut u64> {
        match standing {
            Standing::Waiting => Some(&mut self.waiting),
            Standing::Compacted => Some(&mut self.compacted),
            Standing::Aborted => Some(&mut self.aborted),
            Standing::Retrying => Some(&mut self.retrying),
            Standing::DeadLettered => Some(&mut self.dead_lettered),
            Standing::Lost => Some(&mut self.lost),
            Standing::Processed => Some(&mut self.processed),
            Standing::Forgotten => None,
        }
    }
}

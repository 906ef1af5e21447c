//! What a service remembers of what it has done, to leave out what it is given again: an idempotent consumer.
//!
//! It lies in the service's own database, together with its work, so that a crash forgets neither or both.

use super::outcome::OutcomeTexts;
use crate::client::ConsumedRecord;
use std::collections::{BTreeSet, VecDeque};
use xxhash_rust::xxh64::xxh64;

/// How many pieces of work a service remembers; the oldest are forgotten.
pub const REMEMBERED_MAX: usize = 100_000;

/// The fingerprints of what a service has done.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    known: BTreeSet<u128>,
    order: VecDeque<u128>,
}

impl Memory {
    /// Notes a piece of work. Returns whether it was known already.
    pub(super) fn note(&mut self, fingerprint: u128) -> bool {
        if !self.known.insert(fingerprint) {
            return true;
        }
        self.order.push_back(fingerprint);
        if self.order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        false
    }
}

/// What makes a piece of work the same as another: the record's key, and how far its subject has come, or its value if nothing
/// says that.
pub(super) fn fingerprint(record: &ConsumedRecord, texts: Option<&OutcomeTexts>) -> u128 {
    let what = texts.map_or(record.value.as_deref().unwrap_or_default(), |texts| texts.stage.as_bytes());
    let key = record.key.as_deref().unwrap_or_default();
    let key_len = (key.len() as u64).to_le_bytes();
    let whole = [&key_len[..], key, what].concat();
    u128::from(xxh64(&whole, 0)) << 64 | u128::from(xxh64(&whole, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_known_until_it_is_forgotten() {
        let mut memory = Memory::default();
        assert_eq!([1, 2, 1].map(|work| memory.note(work)), [false, false, true]);
        for work in 10..10 + REMEMBERED_MAX as u128 {
            memory.note(work);
        }
        assert_eq!((memory.known.len(), memory.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
        assert!(!memory.note(1), "it was forgotten");
    }
}

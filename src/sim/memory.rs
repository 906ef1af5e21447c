//! What a service remembers of what it has done, to leave out what it is given again: an idempotent consumer.
//!
//! It lies in the service's own database, together with its work, so that a crash forgets neither or both. With the work it notes
//! what is to be published of it, and later that it was: what is given again and not known to be published is published again.

use super::outcome::OutcomeTexts;
use crate::client::ConsumedRecord;
use crate::cow::RecentSet;
use xxhash_rust::xxh64::xxh64;

/// How many pieces of work a service remembers at least; it may be twice as many before the oldest are forgotten.
pub const REMEMBERED_MIN: usize = 100_000;

/// What a service remembers of a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing.
    No,
    /// It is done. Whether others were told is not known.
    Done,
    /// It is done, and what comes of it is published.
    Published,
}

/// The fingerprints of what a service has done.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    done: RecentSet<u128>,
    /// What comes of which is published.
    published: RecentSet<u128>,
}

impl Memory {
    /// Whether a piece of work is known.
    pub(super) fn knows(&self, fingerprint: u128) -> bool {
        self.done.contains(fingerprint) || self.published.contains(fingerprint)
    }

    /// Notes a piece of work. Returns what was known of it already.
    pub(super) fn note(&mut self, fingerprint: u128) -> Known {
        if self.published.contains(fingerprint) {
            Known::Published
        } else if self.done.insert(fingerprint) {
            Known::No
        } else {
            Known::Done
        }
    }

    /// Notes that what comes of a piece of work is published.
    pub(super) fn told(&mut self, fingerprint: u128) {
        self.published.insert(fingerprint);
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self { done: RecentSet::new(REMEMBERED_MIN), published: RecentSet::new(REMEMBERED_MIN) }
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
        assert_eq!([1, 2, 1].map(|work| memory.note(work)), [Known::No, Known::No, Known::Done]);
        memory.told(2);
        assert_eq!([2, 3].map(|work| memory.note(work)), [Known::Published, Known::No]);
        for work in 10..10 + 2 * REMEMBERED_MIN as u128 {
            memory.note(work);
        }
        assert!(!memory.knows(1), "it was forgotten");
        assert_eq!(memory.note(2), Known::Published, "less was published since");
    }
}

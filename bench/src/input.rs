//! What is written and read: the same few records again and again, and how many of them.

/// The size of a key, in bytes.
pub(crate) const KEY_BYTES: usize = 12;
/// The size of a value, in bytes.
pub(crate) const VALUE_BYTES: usize = 100;
/// The values of a round, together: far more than any cache holds.
const WORKING_SET_BYTES: usize = 512 << 20;
/// How many records a round has.
pub(crate) const RECORDS: usize = WORKING_SET_BYTES / VALUE_BYTES;
/// How many different records there are; small enough not to disturb the caches.
const DISTINCT: usize = 1 << 12;

/// The distinct records, drawn once.
pub(crate) struct Input {
    keys: Vec<[u8; KEY_BYTES]>,
    values: Vec<[u8; VALUE_BYTES]>,
}

impl Input {
    pub(crate) fn new() -> Self {
        let keys = (0..DISTINCT).map(|index| {
            let mut key = *b"order-000000";
            for (digit, place) in key[6..].iter_mut().rev().zip(0..) {
                *digit += (index / 10_usize.pow(place) % 10) as u8;
            }
            key
        });
        let values = (0..DISTINCT).map(|index| std::array::from_fn(|at| (index * 31 + at * 7) as u8));
        Self { keys: keys.collect(), values: values.collect() }
    }

    pub(crate) fn record(&self, index: usize) -> (&[u8], &[u8]) {
        (&self.keys[index % DISTINCT], &self.values[index % DISTINCT])
    }
}

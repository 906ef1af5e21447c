//! A map for many keys that come in any order.

use super::SortedMap;

/// A key that can be spread: one byte of it, or of its hash, in which all values are as frequent.
pub trait Spread: Ord {
    /// That byte.
    fn spread(&self) -> u8;
}

/// A hash already.
impl Spread for u128 {
    fn spread(&self) -> u8 {
        *self as u8
    }
}

impl Spread for &[u8] {
    fn spread(&self) -> u8 {
        crc32c::crc32c(self) as u8
    }
}

/// Values by their keys, in 256 sorted maps, of which a key's hash says the one: what lies behind a new key is so little that
/// it does not matter that it moves up. It has no order of its own.
#[derive(Clone, Debug)]
pub struct SpreadMap<K, V> {
    parts: SortedMap<u8, SortedMap<K, V>>,
    len: usize,
}

impl<K: Spread, V> SpreadMap<K, V> {
    /// How many entries there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of `key`.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.parts.get(&key.spread())?.get(key)
    }

    /// Gives `key` a value, and returns the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let before = self.parts.entry(key.spread()).or_default().insert(key, value);
        self.len += usize::from(before.is_none());
        before
    }

    /// Takes out `key`, and returns the value that it had.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let value = self.parts.get_mut(&key.spread())?.remove(key)?;
        self.len -= 1;
        Some(value)
    }
}

impl<K, V> Default for SpreadMap<K, V> {
    fn default() -> Self {
        Self { parts: SortedMap::new(), len: 0 }
    }
}

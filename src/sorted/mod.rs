//! Maps and sets that lie in memory in the order of their keys.
//!
//! What the engine keeps by key is small: the partitions of a topic, the members of a group, what is in flight. For that a
//! vector that is kept in order is as fast as the standard library's `BTreeMap`, copies faster (a checkpoint copies all of
//! them), and is a tenth of its code, which there is once for each pair of types. Not for tens of thousands of keys that
//! come in any order, because what lies behind a new key moves up: for those there is [`SpreadMap`].
//!
//! The names and what they promise are those of `BTreeMap` and `BTreeSet`.

mod map;
mod set;
mod sort;
mod spread;

pub use map::{Entry, Iter, SortedMap};
pub use set::SortedSet;
pub use sort::sort_by_key;
pub use spread::{Spread, SpreadMap};

#[cfg(test)]
mod tests;

//! A queue in chunks.

use std::collections::VecDeque;
use std::sync::Arc;

/// About how many bytes a chunk holds: what a change copies at most after a clone.
const CHUNK_BYTES: usize = 4_096;

/// A queue whose clones share its chunks, until one of them changes a chunk.
#[derive(Clone, Debug)]
pub struct CowDeque<T> {
    /// All are full but the last.
    chunks: VecDeque<Arc<Vec<T>>>,
    /// How many items of the first chunk have left.
    gone: usize,
    len: usize,
}

impl<T> CowDeque<T> {
    const CHUNK: usize = if size_of::<T>() * 16 > CHUNK_BYTES { 16 } else { CHUNK_BYTES / size_of::<T>() };

    /// A queue of nothing.
    pub const fn new() -> Self {
        Self { chunks: VecDeque::new(), gone: 0, len: 0 }
    }

    /// How many items there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The item at this place, counted from the front.
    pub fn get(&self, index: usize) -> Option<&T> {
        let place = index.checked_add(self.gone)?;
        self.chunks.get(place / Self::CHUNK)?.get(place % Self::CHUNK)
    }

    /// The first item.
    pub fn front(&self) -> Option<&T> {
        self.get(0)
    }

    /// The last item.
    pub fn back(&self) -> Option<&T> {
        self.get(self.len.checked_sub(1)?)
    }

    /// All items, from the front.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.iter_from(0)
    }

    /// The items from this place on.
    pub fn iter_from(&self, index: usize) -> impl DoubleEndedIterator<Item = &T> + Clone {
        let place = index.min(self.len) + self.gone;
        let chunks = self.chunks.range((place / Self::CHUNK).min(self.chunks.len())..);
        let skipped = move |number| if number == 0 { place % Self::CHUNK } else { 0 };
        chunks.enumerate().flat_map(move |(number, chunk)| &chunk[skipped(number)..])
    }

    /// How many items from the front `is_before` holds for, if it holds for none behind one for which it does not.
    pub fn partition_point(&self, is_before: impl Fn(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(&is_before) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl<T: Clone> CowDeque<T> {
    /// Adds an item behind the last.
    pub fn push_back(&mut self, item: T) {
        self.len += 1;
        match self.chunks.back_mut() {
            Some(last) if last.len() < Self::CHUNK => Arc::make_mut(last).push(item),
            Some(_) | None => {
                let mut chunk = Vec::with_capacity(Self::CHUNK);
                chunk.push(item);
                self.chunks.push_back(Arc::new(chunk));
            }
        }
    }

    /// Takes out the first item.
    pub fn pop_front(&mut self) -> Option<T> {
        let first = self.front()?.clone();
        self.len -= 1;
        self.gone += 1;
        if self.gone == Self::CHUNK || self.len == 0 {
            self.chunks.pop_front();
            self.gone = 0;
        }
        Some(first)
    }

    /// Takes out the first item, if `goes` says so.
    pub fn pop_front_if(&mut self, goes: impl FnOnce(&T) -> bool) -> Option<T> {
        if goes(self.front()?) { self.pop_front() } else { None }
    }

    /// The item at this place, to be changed.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let place = index.checked_add(self.gone)?;
        let chunk = self.chunks.get_mut(place / Self::CHUNK).filter(|chunk| place % Self::CHUNK < chunk.len())?;
        Arc::make_mut(chunk).get_mut(place % Self::CHUNK)
    }

    /// Drops what lies behind the first `len` items.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        let end = len + self.gone;
        self.chunks.truncate(end.div_ceil(Self::CHUNK));
        if let Some(last) = self.chunks.back_mut().filter(|_| !end.is_multiple_of(Self::CHUNK)) {
            Arc::make_mut(last).truncate(end % Self::CHUNK);
        }
        self.len = len;
        if len == 0 {
            *self = Self::new();
        }
    }
}

impl<T> Default for CowDeque<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone> Extend<T> for CowDeque<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push_back(item));
    }
}

impl<T: Clone> FromIterator<T> for CowDeque<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut queue = Self::new();
        queue.extend(items);
        queue
    }
}

impl<T: PartialEq> PartialEq for CowDeque<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for CowDeque<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    type Queue = CowDeque<u64>;
    const CHUNK: u64 = Queue::CHUNK as u64;

    /// A queue into which the numbers below `to` came, and those below `from` have left.
    fn queue(from: u64, to: u64) -> Queue {
        let mut queue: Queue = (0..to).collect();
        (0..from).for_each(|number| assert_eq!(queue.pop_front(), Some(number)));
        queue
    }

    fn check(queue: &Queue, expected: &[u64]) {
        assert_eq!((queue.len(), queue.is_empty()), (expected.len(), expected.is_empty()));
        assert!(queue.iter().eq(expected), "from the front");
        assert!(queue.iter().rev().eq(expected.iter().rev()), "from the back");
        assert_eq!((queue.front(), queue.back()), (expected.first(), expected.last()));
        for index in 0..=expected.len() {
            assert_eq!(queue.get(index), expected.get(index), "at {index}");
            assert!(queue.iter_from(index).eq(&expected[index..]), "from {index} on");
        }
    }

    /// Where a chunk begins or ends, and around.
    const EDGES: [(u64, u64); 9] = [
        (0, 0),
        (0, 1),
        (0, CHUNK),
        (1, CHUNK + 1),
        (CHUNK - 1, CHUNK),
        (CHUNK, CHUNK),
        (CHUNK, 3 * CHUNK),
        (CHUNK + 1, 2 * CHUNK - 1),
        (5, 5),
    ];

    #[test]
    fn it_holds_what_has_come_and_not_left() {
        for (from, to) in EDGES {
            let mut queue = queue(from, to);
            check(&queue, &(from..to).collect::<Vec<_>>());
            queue.push_back(to);
            check(&queue, &(from..=to).collect::<Vec<_>>());
            assert_eq!(queue.partition_point(|number| *number < to), (to - from) as usize);
        }
    }

    #[test]
    fn a_clone_goes_its_own_way() {
        for (from, to) in EDGES {
            let (mut changed, before) = (queue(from, to), queue(from, to));
            let kept = changed.clone();
            for index in 0..changed.len() {
                changed.get_mut(index).map(|number| *number += 1_000).expect("it is there");
            }
            assert_eq!(changed.get_mut(changed.len()), None);
            check(&changed, &(from + 1_000..to + 1_000).collect::<Vec<_>>());
            changed.push_back(7);
            changed.pop_front();
            assert_eq!(kept, before);
        }
    }

    #[test]
    fn what_lies_behind_can_be_dropped() {
        for (from, to) in EDGES {
            for len in 0..=to - from {
                let mut queue = queue(from, to);
                queue.truncate(len as usize);
                queue.push_back(9);
                check(&queue, &(from..from + len).chain([9]).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn a_clone_shares_the_chunks_that_stay_as_they_are() {
        let before = queue(0, 10 * CHUNK);
        let mut after = before.clone();
        after.get_mut(0).map(|number| *number = 1).expect("it is there");
        after.push_back(1);
        let shared = before.chunks.iter().zip(&after.chunks).filter(|(one, other)| Arc::ptr_eq(one, other)).count();
        assert_eq!(shared, 9, "all but the first, which was changed");
    }
}

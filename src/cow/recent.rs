//! A set of what has come lately.

use std::cmp::Ordering;
use std::sync::Arc;

/// How many values lie in the part that changes with each new one.
const HEAD: usize = 64;

/// A set that forgets what came long ago: it knows at least the latest so many values, and at most twice as many. Its clones
/// share all but the latest few dozen.
#[derive(Clone, Debug)]
pub struct RecentSet<T> {
    known_min: usize,
    young: Runs<T>,
    old: Runs<T>,
}

/// Values in sorted runs, each at least twice as long as the next: adding one moves a few, and asking looks into few.
#[derive(Clone, Debug)]
struct Runs<T> {
    sealed: Vec<Arc<[T]>>,
    head: Vec<T>,
    len: usize,
}

impl<T: Ord + Copy> RecentSet<T> {
    /// A set of nothing, which will know at least the latest `known_min` values.
    pub const fn new(known_min: usize) -> Self {
        Self { known_min, young: Runs::new(), old: Runs::new() }
    }

    /// Whether a value has come lately.
    pub fn contains(&self, value: T) -> bool {
        self.young.contains(value) || self.old.contains(value)
    }

    /// Takes in a value. Returns whether it is new.
    pub fn insert(&mut self, value: T) -> bool {
        if self.contains(value) {
            return false;
        }
        if self.young.len == self.known_min {
            self.old = std::mem::replace(&mut self.young, Runs::new());
        }
        self.young.insert(value);
        true
    }

    /// The values that are `Equal` by `compare`, which must agree with their order.
    pub fn matching(&self, compare: impl Fn(&T) -> Ordering) -> Vec<T> {
        let mut found = self.young.matching(&compare);
        found.extend(self.old.matching(&compare));
        found
    }

    /// Forgets the values that are not to stay.
    pub fn retain(&mut self, stays: impl Fn(&T) -> bool) {
        self.young.retain(&stays);
        self.old.retain(&stays);
    }

    /// How many values it knows.
    pub const fn len(&self) -> usize {
        self.young.len + self.old.len
    }

    /// Whether nothing has come yet.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Ord + Copy> Runs<T> {
    const fn new() -> Self {
        Self { sealed: Vec::new(), head: Vec::new(), len: 0 }
    }

    fn contains(&self, value: T) -> bool {
        let runs = self.sealed.iter().map(|run| &run[..]);
        runs.chain([&self.head[..]]).any(|run| run.binary_search(&value).is_ok())
    }

    fn matching(&self, compare: &impl Fn(&T) -> Ordering) -> Vec<T> {
        let runs = self.sealed.iter().map(|run| &run[..]).chain([&self.head[..]]);
        let of_run = runs.flat_map(|run| {
            let behind = &run[run.partition_point(|known| compare(known).is_lt())..];
            behind.iter().take_while(|known| compare(known).is_eq())
        });
        of_run.copied().collect()
    }

    fn retain(&mut self, stays: &impl Fn(&T) -> bool) {
        for run in self.sealed.iter_mut().filter(|run| !run.iter().all(stays)) {
            *run = run.iter().filter(|value| stays(value)).copied().collect();
        }
        self.head.retain(stays);
        self.len = self.sealed.iter().map(|run| run.len()).sum::<usize>() + self.head.len();
    }

    fn insert(&mut self, value: T) {
        let place = self.head.partition_point(|known| *known < value);
        self.head.insert(place, value);
        self.len += 1;
        if self.head.len() == HEAD {
            self.seal();
        }
    }

    fn seal(&mut self) {
        let mut run = std::mem::take(&mut self.head);
        while let Some(shorter) = self.sealed.pop_if(|before| before.len() <= run.len()) {
            run = merged(&shorter, &run);
        }
        self.sealed.push(run.into());
    }
}

fn merged<T: Ord + Copy>(one: &[T], other: &[T]) -> Vec<T> {
    let mut all = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        all.extend(if a < b { one.next() } else { other.next() });
    }
    all.extend(one.chain(other));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(known_min: usize, values: u64) -> RecentSet<u64> {
        let mut set = RecentSet::new(known_min);
        (0..values).for_each(|index| assert!(set.insert(spread(index)), "{index} is new"));
        set
    }

    /// Many values in no order, none twice.
    fn spread(index: u64) -> u64 {
        index.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn what_came_is_known() {
        let mut set = RecentSet::new(10_000);
        for index in 0..5_000 {
            assert!(!set.contains(spread(index)), "{index}");
            assert!(set.insert(spread(index)), "{index}");
            assert!(!set.insert(spread(index)), "{index} again");
        }
        assert_eq!(set.len(), 5_000);
        assert!((0..5_000).all(|index| set.contains(spread(index))));
        assert!((5_000..6_000).all(|index| !set.contains(spread(index))));
    }

    #[test]
    fn what_came_long_ago_is_forgotten() {
        let mut set = RecentSet::new(100);
        for index in 0..250 {
            set.insert(spread(index));
            let latest = index.saturating_sub(99)..=index;
            assert!(latest.clone().all(|index| set.contains(spread(index))), "{latest:?}");
            assert!(set.len() <= 200);
        }
        assert!(!set.contains(spread(0)));
    }

    #[test]
    fn values_are_found_by_a_part_of_them_and_go_when_they_are_not_to_stay() {
        let mut set = RecentSet::new(400);
        for index in 0..1_000_u64 {
            set.insert((index / 2, index));
        }
        let found = |set: &RecentSet<(u64, u64)>, part: u64| {
            let mut found = set.matching(|it| it.0.cmp(&part));
            found.sort_unstable();
            found
        };
        assert_eq!(found(&set, 450), [(450, 900), (450, 901)]);
        let before = set.len();
        set.retain(|it| it.1 % 2 == 0 || it.0 != 450);
        assert_eq!((set.len(), found(&set, 450)), (before - 1, vec![(450, 900)]));
        assert_eq!(found(&set, 0), [], "it was long ago");
        assert!(set.insert((450, 901)), "it is new again");
    }

    #[test]
    fn there_are_few_runs() {
        let set = holding(100_000, 100_000);
        assert!(set.young.sealed.len() <= 12, "{}", set.young.sealed.len());
        assert!(set.young.sealed.windows(2).all(|pair| pair[0].len() >= 2 * pair[1].len()));
    }

    #[test]
    fn a_clone_goes_its_own_way() {
        let kept = holding(1_000, 500);
        let mut set = kept.clone();
        assert!(set.insert(7));
        assert_eq!((kept.len(), kept.contains(7), set.contains(7)), (500, false, true));
    }
}

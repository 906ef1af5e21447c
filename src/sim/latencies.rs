//! How long things took: how many, the middle one, the slowest of nearly all, the worst.
//!
//! Not a list of them all: a run has hundreds of thousands. They are counted in steps that are less than a hundredth of what they
//! stand for, so that a copy is cheap whatever the length of the run.

use crate::time::Span;

/// How many steps there are from one power of two to the next, as a power of two. Below twice as many microseconds a step is one.
const STEPS_LOG2: u32 = 7;

/// Spans, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latencies {
    /// How many lie in each step.
    steps: Vec<u32>,
    count: u64,
    worst: Span,
}

impl Latencies {
    /// Takes in one.
    pub fn note(&mut self, span: Span) {
        let step = step_of(span.as_us());
        if self.steps.len() <= step {
            self.steps.resize(step + 1, 0);
        }
        self.steps[step] += 1;
        self.count += 1;
        self.worst = self.worst.max(span);
    }

    /// Takes in all of another's.
    pub fn add(&mut self, other: &Self) {
        if self.steps.len() < other.steps.len() {
            self.steps.resize(other.steps.len(), 0);
        }
        self.steps.iter_mut().zip(&other.steps).for_each(|(sum, more)| *sum += more);
        self.count += other.count;
        self.worst = self.worst.max(other.worst);
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest.
    pub fn worst(&self) -> Span {
        self.worst
    }

    /// So long took at most so many of a hundred: `percentile(50)` is the median. Nothing if there are none.
    pub fn percentile(&self, percent: u64) -> Span {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut passed = 0;
        for (step, count) in self.steps.iter().enumerate() {
            passed += u64::from(*count);
            if passed >= rank {
                return Span::from_us(end_of(step)).min(self.worst);
            }
        }
        self.worst
    }
}

fn step_of(us: u64) -> usize {
    let doublings = (us | 1).ilog2().saturating_sub(STEPS_LOG2);
    ((u64::from(doublings) << STEPS_LOG2) + (us >> doublings)) as usize
}

/// The last microsecond of a step.
fn end_of(step: usize) -> u64 {
    let step = step as u64;
    let doublings = (step >> STEPS_LOG2).saturating_sub(1);
    ((step - (doublings << STEPS_LOG2) + 1) << doublings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_span_is_in_a_step_that_ends_with_it_or_less_than_a_hundredth_behind_it() {
        for us in (0..2_000).chain([4_095, 4_096, 999_999, 1_000_000, 86_400_000_000]) {
            let end = end_of(step_of(us));
            assert!(end >= us && end - us <= us / 100, "{us} is taken for {end}");
        }
    }

    #[test]
    fn steps_follow_one_another() {
        for step in 0..3_000 {
            assert_eq!(step_of(end_of(step)), step);
            assert_eq!(step_of(end_of(step) + 1), step + 1);
        }
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut latencies = Latencies::default();
        (1..=100).for_each(|us| latencies.note(Span::from_us(us)));
        let found = [1, 50, 95, 100].map(|percent| latencies.percentile(percent).as_us());
        assert_eq!((found, latencies.worst().as_us(), latencies.count()), ([1, 50, 95, 100], 100, 100));
    }

    #[test]
    fn a_single_one_is_told_to_the_microsecond() {
        let mut latencies = Latencies::default();
        latencies.note(Span::from_us(1_234_567));
        assert_eq!(latencies.percentile(50), Span::from_us(1_234_567));
    }

    #[test]
    fn two_lists_are_one() {
        let (mut one, mut other, mut both) = (Latencies::default(), Latencies::default(), Latencies::default());
        for us in [1, 300, 70_000] {
            one.note(Span::from_us(us));
            other.note(Span::from_us(us * 9));
            both.note(Span::from_us(us));
            both.note(Span::from_us(us * 9));
        }
        one.add(&other);
        assert_eq!(one, both);
    }
}

//! Seeded randomness: one stream per concern, so that drawing more for one does not shift the others.
//!
//! Whole numbers only: what a stream gives is the same on every platform.

use crate::time::Span;
use rand_core::Rng;
use rand_pcg::Pcg32;
use xxhash_rust::xxh64::xxh64;

/// A named stream of random numbers.
#[derive(Clone, Debug)]
pub struct Stream(Pcg32);

impl Stream {
    /// The stream called `name` of the run with this seed.
    pub fn new(seed: u64, name: &str) -> Self {
        Self(Pcg32::new(seed, xxh64(name.as_bytes(), 0)))
    }

    /// 31 random bits.
    pub fn bits31(&mut self) -> u32 {
        self.0.next_u32() >> 1
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A span from `min` to `max`, both included.
    pub fn between(&mut self, min: Span, max: Span) -> Span {
        let width = max.as_us().saturating_sub(min.as_us());
        Span::from_us(min.as_us() + self.below(width + 1))
    }

    /// A span from the exponential distribution with this mean: the time between two arrivals that know nothing of
    /// each other.
    pub fn exponential(&mut self, mean: Span) -> Span {
        Span::from_us(((u128::from(mean.as_us()) * u128::from(self.unit_exponential())) >> 32) as u64)
    }

    /// From the exponential distribution with mean 1, in units of 2^-32. Von Neumann's method: draw while the numbers fall; after
    /// an even number of draws begin again, one further.
    fn unit_exponential(&mut self) -> u64 {
        let mut whole = 0u64;
        loop {
            let first = self.0.next_u32();
            let (mut last, mut falling) = (first, 1u32);
            loop {
                let next = self.0.next_u32();
                if next > last {
                    break;
                }
                last = next;
                falling += 1;
            }
            if falling % 2 == 1 {
                return whole << 32 | u64::from(first);
            }
            whole += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_decided_by_seed_and_name() {
        let draw = |seed, name| Stream::new(seed, name).below(u64::MAX);
        assert_eq!(draw(1, "network"), draw(1, "network"));
        assert_ne!(draw(1, "network"), draw(2, "network"));
        assert_ne!(draw(1, "network"), draw(1, "arrivals"));
    }

    #[test]
    fn exponential_spans_have_their_mean_and_their_spread() {
        let mut stream = Stream::new(7, "test");
        let spans: Vec<u64> = (0..20_000).map(|_| stream.exponential(Span::from_us(1_000)).as_us()).collect();
        let mean = spans.iter().sum::<u64>() / 20_000;
        let beyond_mean = spans.iter().filter(|us| **us > 1_000).count();
        assert!((980..1_020).contains(&mean), "mean {mean}");
        assert!((7_200..7_520).contains(&beyond_mean), "e^-1 of 20,000 is 7,358, not {beyond_mean}");
    }

    #[test]
    fn between_reaches_both_ends() {
        let mut stream = Stream::new(7, "test");
        let (min, max) = (Span::from_us(3), Span::from_us(5));
        let mut seen: Vec<u64> = (0..100).map(|_| stream.between(min, max).as_us()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [3, 4, 5]);
    }
}

//! Simulated time: instants and spans in whole microseconds since the run began.
//!
//! Deliberately not a clock: nothing here, nor in any room above it but `ui`, ever asks what time it is. Kafka's own
//! timestamps are milliseconds; [`Instant::as_ms`] converts, so that a record's timestamp is the run's time.

use std::num::NonZeroU64;
use std::ops::{Add, AddAssign};

/// A moment of the run, in microseconds since it began.
///
/// It is kept as one more than that, so that an `Option` of it is no larger: millions of records have some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(NonZeroU64);

/// A length of simulated time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Instant {
    /// The beginning of a run.
    pub const START: Self = Self::from_us(0);

    /// The instant `us` microseconds into the run.
    pub const fn from_us(us: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(us))
    }

    /// The instant `ms` milliseconds into the run.
    pub const fn from_ms(ms: u64) -> Self {
        Self::from_us(ms.saturating_mul(1_000))
    }

    /// Microseconds since the run began.
    pub const fn as_us(self) -> u64 {
        self.0.get() - 1
    }

    /// Whole milliseconds since the run began.
    pub const fn as_ms(self) -> u64 {
        self.as_us() / 1_000
    }

    /// Kafka's timestamp of this instant, in milliseconds.
    pub const fn timestamp_ms(self) -> i64 {
        self.as_ms() as i64
    }

    /// How long after `earlier` this is; nothing if it is not after it.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `us` microseconds.
    pub const fn from_us(us: u64) -> Self {
        Self(us)
    }

    /// A span of `ms` milliseconds.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms.saturating_mul(1_000))
    }

    /// The span in microseconds.
    pub const fn as_us(self) -> u64 {
        self.0
    }

    /// The span in whole milliseconds.
    pub const fn as_ms(self) -> u64 {
        self.0 / 1_000
    }
}

impl Default for Instant {
    fn default() -> Self {
        Self::START
    }
}

impl Add<Span> for Instant {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Instant {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_moves_an_instant_forward() {
        assert_eq!(Instant::from_ms(2) + Span::from_us(5), Instant::from_us(2_005));
    }

    #[test]
    fn nothing_lies_between_an_instant_and_a_later_one() {
        assert_eq!(Instant::from_ms(1).since(Instant::from_ms(2)), Span::ZERO);
    }

    #[test]
    fn time_saturates_instead_of_wrapping() {
        assert_eq!(Instant::from_us(u64::MAX) + Span::from_ms(1), Instant::from_us(u64::MAX));
    }

    #[test]
    fn microseconds_are_kept_as_they_are() {
        for us in [0, 1, 999, 1_000, u64::MAX - 1] {
            assert_eq!(Instant::from_us(us).as_us(), us);
        }
        assert_eq!(Instant::default(), Instant::START);
        assert_eq!(size_of::<Option<Instant>>(), size_of::<u64>());
    }
}

//! How long after the one before a command was given, in a link: its shape in a byte among what has a pattern, its bits among what has
//! none. From version 2 on a command that was done with the same press as the one before has a byte of its own.

use super::LENGTH_MAX;
use super::bits::BitReader;
use super::bytes::Garbled;
use crate::time::Span;

/// Instead of the shape of a time: none has gone by, as it was the same press. It looks like a time of no microseconds, which is written
/// as one of no milliseconds.
pub(super) const WITH_PREVIOUS: u8 = 0;

/// How a time is written: how many bits it has, which have a pattern; the bits themselves have none.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// None of time 0.
    bits: u32,
    /// Scripts count in milliseconds, and frames in microseconds.
    is_in_ms: bool,
}

impl Shape {
    /// That of no time.
    pub(super) const NONE: Self = Self { bits: 0, is_in_ms: true };

    /// The shape of a time, and its bits.
    pub(super) fn of(span: Span) -> (Self, u64) {
        let us = span.as_us();
        let is_in_ms = us.is_multiple_of(1_000);
        let number = if is_in_ms { us / 1_000 } else { us };
        (Self { bits: u64::BITS - number.leading_zeros(), is_in_ms }, number)
    }

    /// The shape that a byte stands for.
    pub(super) fn of_byte(byte: u8) -> Result<Self, Garbled> {
        let bits = u32::from(byte >> 1);
        (bits <= u64::BITS).then_some(Self { bits, is_in_ms: byte & 1 == 1 }).ok_or(Garbled)
    }

    /// The byte that stands for it.
    pub(super) fn byte(self) -> u8 {
        (self.bits << 1) as u8 | u8::from(self.is_in_ms)
    }

    /// How many bits there are beside it: the first is always a one.
    pub(super) fn noise_bits(self) -> u32 {
        self.bits.saturating_sub(1)
    }

    /// The time of this shape whose bits come next.
    pub(super) fn span(self, noise: &mut BitReader) -> Result<Span, Garbled> {
        let first = if self.bits == 0 { 0 } else { 1 << (self.bits - 1) };
        let number = first | noise.take(self.noise_bits());
        let span = if self.is_in_ms { Span::from_ms(number) } else { Span::from_us(number) };
        let is_short = Self::of(span).0.is_in_ms == self.is_in_ms;
        // A little beyond what a run may last, so that it can be said of which command.
        (is_short && span <= LENGTH_MAX + LENGTH_MAX).then_some(span).ok_or(Garbled)
    }
}

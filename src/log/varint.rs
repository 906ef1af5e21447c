//! Kafka's variable-length integers: zig-zag, seven bits a byte, least significant first.

/// The longest encoding of a 64-bit value.
const VARLONG_BYTES_MAX: usize = 10;
/// The first value, after zig-zag, that takes more than one byte.
pub(super) const ONE_BYTE_END: u64 = 1 << 7;
/// The first value, after zig-zag, that takes more than two bytes.
pub(super) const TWO_BYTES_END: u64 = 1 << 14;

/// Writes `value` at `*at` and moves `*at` behind it.
#[inline]
pub(super) fn put(out: &mut [u8], at: &mut usize, value: i64) {
    let mut rest = zigzag(value);
    while rest >= 0x80 {
        out[*at] = (rest as u8) | 0x80;
        *at += 1;
        rest >>= 7;
    }
    out[*at] = rest as u8;
    *at += 1;
}

/// How many bytes [`put`] writes for `value`.
#[inline]
pub(super) fn len(value: i64) -> usize {
    match zigzag(value) {
        0..ONE_BYTE_END => 1,
        ONE_BYTE_END..TWO_BYTES_END => 2,
        long => (64 - long.leading_zeros() as usize).div_ceil(7),
    }
}

/// How a value that takes one byte or two, already zig-zag, is encoded, and how many it takes. Without a branch: what the next
/// record takes cannot be foretold where records go to several batches in turn.
#[inline]
pub(super) const fn short(value: u64) -> (u64, usize) {
    let is_long = (value + (TWO_BYTES_END - ONE_BYTE_END)) >> 14;
    ((value & 0x7f) + ((value & 0x3f80) << 1) + (is_long << 7), 1 + is_long as usize)
}

/// Eight bytes of varints of one byte or two, as a record has them before its key and its value: read in a register, which
/// takes a third of the time of going byte by byte.
#[derive(Clone, Copy)]
pub(super) struct Word {
    bytes: u64,
    bits: u32,
}

impl Word {
    /// A word to take from.
    #[inline]
    pub(super) fn new(bytes: [u8; size_of::<u64>()]) -> Self {
        Self { bytes: u64::from_le_bytes(bytes), bits: 0 }
    }

    /// How many bytes were taken.
    #[inline]
    pub(super) fn len(self) -> usize {
        self.bits as usize / 8
    }

    /// Takes a byte that is no varint.
    #[inline]
    pub(super) fn skip_byte(&mut self) {
        self.bytes >>= 8;
        self.bits += 8;
    }

    /// Takes the next value, still zig-zag; `None` if it has more than two bytes.
    #[inline]
    pub(super) fn take(&mut self) -> Option<u64> {
        let low = self.bytes & 0xff;
        if low < ONE_BYTE_END {
            self.skip_byte();
            return Some(low);
        }
        let high = self.bytes >> 8 & 0xff;
        self.bytes >>= 16;
        self.bits += 16;
        (high < ONE_BYTE_END).then_some(low & 0x7f | high << 7)
    }

    /// Takes the next value as a length; `None` if it is negative or has more than two bytes.
    #[inline]
    pub(super) fn take_len(&mut self) -> Option<usize> {
        self.take().filter(|zigzag| zigzag & 1 == 0).map(|zigzag| (zigzag >> 1) as usize)
    }
}

/// Takes one value off the front of `bytes`; `None` if it is cut short or too long. Most values take one byte or two.
#[inline]
pub(super) fn take(bytes: &mut &[u8]) -> Option<i64> {
    match **bytes {
        [only, ref rest @ ..] if only < 0x80 => {
            *bytes = rest;
            Some(unzigzag(u64::from(only)))
        }
        [low, high, ref rest @ ..] if high < 0x80 => {
            *bytes = rest;
            Some(unzigzag(u64::from(low & 0x7f) | u64::from(high) << 7))
        }
        _ => take_long(bytes),
    }
}

#[cold]
fn take_long(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0u64;
    for (index, byte) in bytes.iter().enumerate().take(VARLONG_BYTES_MAX) {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            *bytes = &bytes[index + 1..];
            return Some(unzigzag(value));
        }
    }
    None
}

/// Small numbers of either sign as small numbers without one.
pub(super) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Undoes [`zigzag`].
pub(super) const fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

#[cfg(all(test, not(target_arch = "wasm32")))] // proptest needs a source of entropy
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(value: i64, expect: &[u8]) {
        let (mut out, mut at) = ([0; VARLONG_BYTES_MAX], 0);
        put(&mut out, &mut at, value);
        assert_eq!(&out[..at], expect, "{value}");
    }

    #[test]
    fn small_values_take_one_byte() {
        check(0, &[0]);
        check(-1, &[1]);
        check(1, &[2]);
        check(63, &[126]);
        check(-64, &[127]);
    }

    #[test]
    fn larger_values_continue_in_the_next_byte() {
        check(64, &[0x80, 1]);
        check(i64::MIN, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    }

    #[test]
    fn a_cut_value_is_refused() {
        assert_eq!(take(&mut [0x80].as_slice()), None);
        assert_eq!(take(&mut [].as_slice()), None);
        assert_eq!(take(&mut [0x80; 11].as_slice()), None);
    }

    #[test]
    fn a_value_of_one_byte_or_two_is_put_and_taken_in_a_register_alike() {
        for value in (0..TWO_BYTES_END).map(unzigzag) {
            let (mut out, mut at) = ([0; 8], 0);
            put(&mut out, &mut at, value);
            assert_eq!(short(zigzag(value)), (u64::from_le_bytes(out), at), "{value}");
            let mut word = Word::new(out);
            assert_eq!((word.take().map(unzigzag), word.len()), (Some(value), at), "{value}");
        }
    }

    #[test]
    fn a_word_has_no_length_that_is_negative_or_takes_three_bytes() {
        let mut out = [0; 8];
        put(&mut out, &mut 0, -1);
        assert_eq!(Word::new(out).take_len(), None);
        put(&mut out, &mut 0, unzigzag(TWO_BYTES_END));
        assert_eq!(Word::new(out).take_len(), None);
    }

    proptest! {
        #[test]
        fn what_is_put_is_taken(value: i64) {
            let (mut out, mut at) = ([0; VARLONG_BYTES_MAX], 0);
            put(&mut out, &mut at, value);
            prop_assert_eq!(at, len(value));
            prop_assert_eq!(take(&mut &out[..at]), Some(value));
        }
    }
}

//! Kafka's variable-length integers: zig-zag, seven bits a byte, least significant first.

/// The longest encoding of a 64-bit value.
const VARLONG_BYTES_MAX: usize = 10;

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
    let bits = 64 - (zigzag(value) | 1).leading_zeros() as usize;
    bits.div_ceil(7)
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

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

const fn unzigzag(value: u64) -> i64 {
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

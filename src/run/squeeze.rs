//! A row of bytes made short: an arithmetic coder driven by a [`Predictor`].
//!
//! Not a general compressor: it is made for the few kilobytes of a link, and it keeps to a bound in memory and in what comes out.

use super::predictor::Predictor;

/// What both sides have read beforehand, so that it is cheap from the first time on. Part of the format: it never changes.
const READ_BEFOREHAND: &[u8] = b"{\"version\": 1, \"name\": \"order-1001\", \"title\": \"\", \"summary\": \"\"}\
    {\"order\":\"order-1002\",\"status\":\"paid\"}\0\x08delivery\0\x08delivery";

/// The interval that the bits so far have narrowed down to.
struct Interval {
    from: u32,
    to: u32,
}

impl Interval {
    const WHOLE: Self = Self { from: 0, to: u32::MAX };

    /// The last place of the part that stands for a one.
    fn split(&self, likelihood: u32) -> u32 {
        self.from + ((u64::from(self.to - self.from) * u64::from(likelihood)) >> 12) as u32
    }

    fn narrow(&mut self, split: u32, bit: bool) {
        if bit {
            self.to = split;
        } else {
            self.from = split + 1;
        }
    }

    /// The first byte, once it is certain; the interval is then that of the rest.
    fn take_byte(&mut self) -> Option<u8> {
        let (first, last) = (self.from >> 24, self.to >> 24);
        (first == last).then(|| {
            (self.from, self.to) = (self.from << 8, self.to << 8 | 0xff);
            first as u8
        })
    }

    /// The fewest bytes behind which anything may follow.
    fn last_bytes(&self) -> impl Iterator<Item = u8> + use<> {
        let shortest = (0..=32).rev().step_by(8).find_map(|free| {
            let below = (1u64 << free) - 1;
            let place = (u64::from(self.from) + below) & !below;
            (place + below <= u64::from(self.to)).then_some((place as u32, (32 - free) / 8))
        });
        let (place, count) = shortest.unwrap_or((self.from, 4));
        place.to_be_bytes().into_iter().take(count)
    }
}

/// The bytes in short.
pub(super) fn squeeze(bytes: &[u8]) -> Vec<u8> {
    let (mut predictor, mut interval, mut out) = (well_read(), Interval::WHOLE, Vec::new());
    for bit in bits(bytes) {
        let split = interval.split(predictor.likelihood());
        interval.narrow(split, bit);
        predictor.learn(bit);
        while let Some(byte) = interval.take_byte() {
            out.push(byte);
        }
    }
    out.extend(interval.last_bytes());
    out
}

/// The `len` bytes that [`squeeze`] has made the beginning of `squeezed` of. Any bytes give some; whether they are the right ones,
/// a checksum says.
pub(super) fn unsqueeze(squeezed: &[u8], len: usize) -> Vec<u8> {
    let (mut predictor, mut interval) = (well_read(), Interval::WHOLE);
    let mut rest = squeezed.iter().copied();
    let mut next = || u32::from(rest.next().unwrap_or(0));
    let mut code = (0..4).fold(0, |code, _| code << 8 | next());
    let mut bytes = Vec::with_capacity(len);
    for _ in 0..len {
        let mut byte = 0;
        for _ in 0..8 {
            let split = interval.split(predictor.likelihood());
            let bit = code <= split;
            interval.narrow(split, bit);
            predictor.learn(bit);
            while interval.take_byte().is_some() {
                code = code << 8 | next();
            }
            byte = byte << 1 | u8::from(bit);
        }
        bytes.push(byte);
    }
    bytes
}

fn well_read() -> Predictor {
    let mut predictor = Predictor::new();
    bits(READ_BEFOREHAND).for_each(|bit| predictor.learn(bit));
    predictor
}

fn bits(bytes: &[u8]) -> impl Iterator<Item = bool> {
    bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> usize {
        let squeezed = squeeze(bytes);
        for behind in [&[][..], &[0; 8], &[0xff; 8]] {
            assert_eq!(unsqueeze(&[&squeezed[..], behind].concat(), bytes.len()), bytes, "before {behind:?}");
        }
        squeezed.len()
    }

    #[test]
    fn what_was_squeezed_comes_back() {
        check(b"");
        for byte in 0..=u8::MAX {
            check(&[byte]);
            check(&[byte; 1_000]);
        }
        let mut noise = 7u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        })
        .take(5_000)
        .collect();
        assert!(check(&noise) < 5_200, "noise hardly grows");
    }

    #[test]
    fn a_scenario_becomes_much_shorter() {
        let text = crate::scenario::SHIPPED[0].1.as_bytes();
        let squeezed = check(text);
        assert!(squeezed * 4 < text.len(), "{squeezed} of {}", text.len());
    }
}

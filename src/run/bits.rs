//! Numbers as bits, one behind another, the highest first.

/// Writes bits.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// How many bits there are.
    len: usize,
}

impl BitWriter {
    /// Adds the lowest `count` bits of a number.
    pub(super) fn put(&mut self, number: u64, count: u32) {
        for place in (0..count).rev() {
            if self.len.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = (number >> place & 1) as u8;
            self.bytes[self.len / 8] |= bit << (7 - self.len % 8);
            self.len += 1;
        }
    }

    /// The bits, in as many bytes as they need.
    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads bits.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// How many bits were read.
    read: usize,
}

impl<'a> BitReader<'a> {
    /// The `len` bits that were written into the last of these bytes.
    pub(super) fn of_last(bytes: &'a [u8], len: u64) -> Option<Self> {
        let count = usize::try_from(len.div_ceil(8)).ok()?;
        let bytes = &bytes[bytes.len().checked_sub(count)?..];
        let unused = (8 - len % 8) % 8;
        let is_clean = bytes.last().is_none_or(|last| last.trailing_zeros() >= unused as u32);
        is_clean.then_some(Self { bytes, read: 0 })
    }

    /// The next `count` bits as a number; behind the last there are zeros.
    pub(super) fn take(&mut self, count: u32) -> u64 {
        (0..count).fold(0, |number, _| {
            let byte = self.bytes.get(self.read / 8).copied().unwrap_or(0);
            let bit = byte >> (7 - self.read % 8) & 1;
            self.read += 1;
            number << 1 | u64::from(bit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_read_as_they_were_written() {
        let mut bits = BitWriter::default();
        bits.put(0b101, 3);
        bits.put(u64::MAX, 64);
        bits.put(7, 0);
        bits.put(0, 2);
        let bytes = [&[0xff, 0xff][..], &bits.finish()].concat();
        let mut bits = BitReader::of_last(&bytes, 69).expect("they are there");
        assert_eq!([bits.take(3), bits.take(64), bits.take(0), bits.take(2)], [0b101, u64::MAX, 0, 0]);
        assert!(BitReader::of_last(&bytes, 88).is_some());
        assert!(BitReader::of_last(&bytes, 89).is_none(), "there are not so many");
        assert!(BitReader::of_last(&[0xff], 7).is_none(), "what is left over is zero");
    }
}

//! Numbers and texts as bytes, one behind another. A number takes a byte for each seven of its bits, the lowest first.

/// The bytes end before what is read, or are none of what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Garbled;

/// Adds a number.
pub(super) fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Adds a text behind its length.
pub(super) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

/// What is still to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// One byte.
    pub(super) fn byte(&mut self) -> Result<u8, Garbled> {
        let (first, rest) = self.0.split_first().ok_or(Garbled)?;
        self.0 = rest;
        Ok(*first)
    }

    /// So many bytes.
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Garbled> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Garbled)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number, written as [`put_number`] does.
    pub(super) fn number(&mut self) -> Result<u64, Garbled> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits || (byte == 0 && shift > 0) {
                return Err(Garbled);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Garbled)
    }

    /// A number of 32 bits.
    pub(super) fn number_32(&mut self) -> Result<u32, Garbled> {
        u32::try_from(self.number()?).map_err(|_| Garbled)
    }

    /// A text behind its length.
    pub(super) fn text(&mut self) -> Result<&'a str, Garbled> {
        let len = usize::try_from(self.number()?).map_err(|_| Garbled)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| Garbled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for number in [0, 1, 127, 128, 300, 1 << 32, u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            put_number(&mut bytes, number);
            assert_eq!(Reader(&bytes).number(), Ok(number));
            assert_eq!(Reader(&bytes[..bytes.len() - 1]).number(), Err(Garbled), "{number} cut");
        }
    }

    #[test]
    fn a_number_is_written_in_one_way_only() {
        assert_eq!(Reader(&[0x80, 0]).number(), Err(Garbled));
        assert_eq!(Reader(&[0xff; 10]).number(), Err(Garbled));
        assert_eq!(Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3]).number(), Err(Garbled));
    }
}

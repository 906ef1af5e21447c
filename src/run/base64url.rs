//! Bytes as characters that may stand in a link: base64 with `-` and `_`, and without padding (RFC 4648, section 5).

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How many characters so many bytes take.
pub(super) const fn chars_of(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Adds the bytes to a text.
pub(super) fn write(bytes: &[u8], text: &mut String) {
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0, |group, index| group << 8 | u32::from(*chunk.get(index).unwrap_or(&0)));
        let digits = (0..chars_of(chunk.len())).map(|index| DIGITS[(group >> (18 - 6 * index) & 63) as usize]);
        text.extend(digits.map(char::from));
    }
}

/// The bytes of a text, if it is one that [`write()`] writes.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        let mut group = 0;
        for index in 0..4 {
            let digit = chunk.get(index).map_or(Some(0), |c| DIGITS.iter().position(|digit| digit == c))?;
            group = group << 6 | digit as u32;
        }
        let len = chunk.len() * 3 / 4;
        let is_whole = chunk.len() > 1 && group & (0x00ff_ffff >> (8 * len)) == 0;
        is_whole.then(|| bytes.extend_from_slice(&group.to_be_bytes()[1..=len]))?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_and_read() {
        let check = |bytes: &[u8], expect: &str| {
            let mut text = String::new();
            write(bytes, &mut text);
            assert_eq!(text, expect);
            assert_eq!(text.len(), chars_of(bytes.len()));
            assert_eq!(read(&text).as_deref(), Some(bytes));
        };
        check(b"", "");
        check(b"f", "Zg");
        check(b"fo", "Zm8");
        check(b"foo", "Zm9v");
        check(b"foob", "Zm9vYg");
        check(&[0xfb, 0xff, 0xfe], "-__-");
    }

    #[test]
    fn what_nobody_writes_is_not_read() {
        for text in ["Z", "Zh", "Zm9", "Zg==", "Zm+v", "Zm9vé", "Zm 9v"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

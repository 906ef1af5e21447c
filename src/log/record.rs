//! A record as its writer hands it in and as a reader borrows it. Neither owns bytes: those are the segment's.

#![expect(
    clippy::inline_always,
    reason = "measured: a record returned through memory takes three times as long to read"
)]

use super::varint::Word;
use super::{Offset, varint};

/// A header of a record: a name and a value, both the writer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The header's name.
    pub key: &'a str,
    /// The header's value; `None` is a null.
    pub value: Option<&'a [u8]>,
}

/// A record before it has an offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewRecord<'a> {
    /// What decides the partition; `None` is no key, which differs from an empty one.
    pub key: Option<&'a [u8]>,
    /// What happened; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Headers in order.
    pub headers: &'a [Header<'a>],
    /// The writer's time, in milliseconds (`CreateTime`).
    pub timestamp_ms: i64,
}

/// A record in a log, borrowed from the segment that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordView<'a> {
    /// Its position in the partition.
    pub offset: Offset,
    /// The writer's time, in milliseconds.
    pub timestamp_ms: i64,
    /// The key, if it has one.
    pub key: Option<&'a [u8]>,
    /// The value; `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    header_count: u32,
    header_bytes: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// Whether the bytes of the headers are exactly as many headers as there should be.
    pub(super) fn is_sound(&self) -> bool {
        let mut bytes = self.header_bytes;
        (0..self.header_count).all(|_| take_header(&mut bytes).is_some()) && bytes.is_empty()
    }

    /// The headers in the order in which they were written.
    pub fn headers(&self) -> impl Iterator<Item = Header<'a>> + use<'a> {
        let mut bytes = self.header_bytes;
        (0..self.header_count).map_while(move |_| take_header(&mut bytes))
    }
}

/// The record's place relative to its batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deltas {
    pub(super) offset: i64,
    pub(super) timestamp_ms: i64,
}

/// How many bytes the length of a common record takes.
const LEN_BYTES: usize = 2;
/// The first length of a key that takes more than one byte.
const KEY_LEN_END: usize = 1 << 6;
/// The lengths of values that make the length of a record take [`LEN_BYTES`], whatever its key and numbers take.
const VALUE_LENS: std::ops::Range<usize> = 58..8_121;

/// Writes a record in Kafka's v2 format, its length and then its fields, at the front of `out`, and returns how many bytes it
/// takes. `None` if there is no room, or if it is not like most: with a key, a value, no headers, a time within 64 ms of
/// the batch's, and lengths that take one byte for the key and two for the record.
#[inline(always)]
pub(super) fn put_common(out: &mut [u8], record: &NewRecord<'_>, deltas: Deltas) -> Option<usize> {
    let NewRecord { key: Some(key), value: Some(value), headers: [], .. } = *record else { return None };
    let (timestamp, offset) = (varint::zigzag(deltas.timestamp_ms), varint::zigzag(deltas.offset));
    let is_near = timestamp < varint::ONE_BYTE_END && offset < varint::TWO_BYTES_END;
    if !is_near || key.len() >= KEY_LEN_END || !VALUE_LENS.contains(&value.len()) {
        return None;
    }
    let (offset, offset_bytes) = varint::short(offset);
    let (value_len, value_len_bytes) = varint::short(varint::zigzag(value.len() as i64));
    // A byte each: attributes, of which a record has none, timestamp, length of the key, number of headers.
    let body_len = 4 + offset_bytes + key.len() + value_len_bytes + value.len();
    let (len, _) = varint::short(varint::zigzag(body_len as i64));
    let key_len = varint::zigzag(key.len() as i64) << 32 << (8 * offset_bytes);
    let out = out.get_mut(..LEN_BYTES + body_len)?;
    *out.first_chunk_mut()? = (len | timestamp << 24 | offset << 32 | key_len).to_le_bytes();
    let (place, rest) = out.get_mut(LEN_BYTES + 3 + offset_bytes..)?.split_at_mut_checked(key.len())?;
    copy(place, key);
    *rest.first_chunk_mut()? = (value_len as u16).to_le_bytes();
    let (place, header_count) = rest.get_mut(value_len_bytes..)?.split_at_mut_checked(value.len())?;
    copy(place, value);
    *header_count.first_mut()? = 0;
    Some(LEN_BYTES + body_len)
}

/// Writes any record at the front of `out`, which has room for the [`len`] of `body_len`.
pub(super) fn put_any(out: &mut [u8], record: &NewRecord<'_>, deltas: Deltas, body_len: usize) {
    let mut at = 0;
    varint::put(out, &mut at, body_len as i64);
    out[at] = 0; // attributes
    at += 1;
    varint::put(out, &mut at, deltas.timestamp_ms);
    varint::put(out, &mut at, deltas.offset);
    put_bytes(out, &mut at, record.key);
    put_bytes(out, &mut at, record.value);
    varint::put(out, &mut at, record.headers.len() as i64);
    for header in record.headers {
        put_bytes(out, &mut at, Some(header.key.as_bytes()));
        put_bytes(out, &mut at, header.value);
    }
}

/// Appends a record that a log has, with other deltas.
pub(super) fn put_view(out: &mut Vec<u8>, record: &RecordView<'_>, deltas: Deltas) {
    let body_len = 1
        + varint::len(deltas.timestamp_ms)
        + varint::len(deltas.offset)
        + bytes_len(record.key)
        + bytes_len(record.value)
        + varint::len(i64::from(record.header_count))
        + record.header_bytes.len();
    let start = out.len();
    out.resize(start + len(body_len), 0);
    let (out, mut at) = (&mut out[start..], 0);
    varint::put(out, &mut at, body_len as i64);
    at += 1; // attributes
    varint::put(out, &mut at, deltas.timestamp_ms);
    varint::put(out, &mut at, deltas.offset);
    put_bytes(out, &mut at, record.key);
    put_bytes(out, &mut at, record.value);
    varint::put(out, &mut at, i64::from(record.header_count));
    out[at..].copy_from_slice(record.header_bytes);
}

/// How many bytes a record takes whose body has `body_len`.
#[inline]
pub(super) fn len(body_len: usize) -> usize {
    varint::len(body_len as i64) + body_len
}

/// The first two bytes of a record, where they are its length, and how many bytes it takes with them.
///
/// Where the next record begins hangs on the length of this one, so that a reader waits for memory at every record. But most
/// records are as long as the one before: while the two bytes are the same, the length is known without them, and the processor, which
/// foresees the comparison, works on several records at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Frame {
    prefix: [u8; LEN_BYTES],
    len: usize,
}

impl Frame {
    /// That of the record at the front of `bytes`; `None` if its length does not take two bytes.
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let body_len = usize::try_from(varint::take(&mut rest)?).ok()?;
        let prefix = *bytes[..bytes.len() - rest.len()].as_array()?;
        Some(Self { prefix, len: LEN_BYTES.checked_add(body_len)? })
    }
}

/// Takes one record off the front of `bytes`; `None` if they are not a record. With it come what follows it, and its frame,
/// which the next one may have too.
#[inline(always)]
pub(super) fn take(bytes: &[u8], base: Deltas, before: Frame) -> Option<(RecordView<'_>, &[u8], Frame)> {
    let frame = match bytes.first_chunk() {
        Some(prefix) if *prefix == before.prefix => before,
        Some(_) | None => Frame::of(bytes).unwrap_or_default(),
    };
    if let Some((record, rest)) = bytes.split_at_checked(frame.len)
        && let Some(record) = take_common(record, base)
    {
        return Some((record, rest, frame));
    }
    let (record, rest) = take_any(bytes, base)?;
    Some((record, rest, frame))
}

/// All of a record that is like most: with a key, a value, no headers, and numbers of two bytes at the most. `None` does not
/// say that it is damaged.
#[inline(always)]
fn take_common(record: &[u8], base: Deltas) -> Option<RecordView<'_>> {
    let mut numbers = Word::new(*record.get(LEN_BYTES..)?.first_chunk()?);
    numbers.skip_byte(); // attributes
    let (timestamp, offset) = (numbers.take()?, numbers.take()?);
    let key_len = numbers.take_len()?;
    let key_at = LEN_BYTES + numbers.len();
    let value_len_at = key_at + key_len;
    let mut numbers = Word::new(*record.get(value_len_at..)?.first_chunk()?);
    let value_len = numbers.take_len()?;
    let [value @ .., 0] = record.get(value_len_at + numbers.len()..)? else { return None };
    if value.len() != value_len {
        return None;
    }
    let deltas = Deltas { offset: varint::unzigzag(offset), timestamp_ms: varint::unzigzag(timestamp) };
    let (key, value) = (record.get(key_at..value_len_at), Some(value));
    Some(RecordView { key, value, ..view_at(base, deltas) })
}

/// Any record, and what follows it.
#[inline(never)]
fn take_any(mut bytes: &[u8], base: Deltas) -> Option<(RecordView<'_>, &[u8])> {
    let len = usize::try_from(varint::take(&mut bytes)?).ok()?;
    let (mut body, rest) = bytes.split_at_checked(len)?;
    body = body.get(1..)?; // attributes
    let timestamp_ms = varint::take(&mut body)?;
    let deltas = Deltas { offset: varint::take(&mut body)?, timestamp_ms };
    let (key, value) = (take_bytes(&mut body)?, take_bytes(&mut body)?);
    let header_count = u32::try_from(varint::take(&mut body)?).ok()?;
    Some((RecordView { key, value, header_count, header_bytes: body, ..view_at(base, deltas) }, rest))
}

/// A record without anything, so far from the beginning of its batch. Times wrap like the difference that was written, as in Kafka;
/// offsets wrap only in bytes that nobody has checked.
#[inline]
fn view_at<'a>(base: Deltas, deltas: Deltas) -> RecordView<'a> {
    RecordView {
        offset: Offset(base.offset.wrapping_add(deltas.offset)),
        timestamp_ms: base.timestamp_ms.wrapping_add(deltas.timestamp_ms),
        key: None,
        value: None,
        header_count: 0,
        header_bytes: &[],
    }
}

/// How many bytes the fields of a record take.
#[inline]
pub(super) fn body_len(record: &NewRecord<'_>, deltas: Deltas) -> usize {
    let headers: usize =
        record.headers.iter().map(|header| bytes_len(Some(header.key.as_bytes())) + bytes_len(header.value)).sum();
    1 + varint::len(deltas.timestamp_ms)
        + varint::len(deltas.offset)
        + bytes_len(record.key)
        + bytes_len(record.value)
        + varint::len(record.headers.len() as i64)
        + headers
}

#[inline]
fn bytes_len(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| varint::len(bytes.len() as i64) + bytes.len())
}

fn put_bytes(out: &mut [u8], at: &mut usize, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else { return varint::put(out, at, -1) };
    varint::put(out, at, bytes.len() as i64);
    out[*at..][..bytes.len()].copy_from_slice(bytes);
    *at += bytes.len();
}

/// Copies between slices of the same length. For up to 127 bytes a few moves of a fixed size cost less than a call to copy any
/// size.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    if from.len() >= 128 {
        return to.copy_from_slice(from);
    }
    let (to, from) = copy_if::<64>(to, from);
    let (to, from) = copy_if::<32>(to, from);
    match from.len() {
        16.. => copy_ends::<16>(to, from),
        8.. => copy_ends::<8>(to, from),
        4.. => copy_ends::<4>(to, from),
        2.. => copy_ends::<2>(to, from),
        _ => copy_ends::<1>(to, from),
    }
}

/// Copies the first `N` bytes, if there are so many, and returns what is left.
#[inline(always)]
fn copy_if<'a, 'b, const N: usize>(to: &'a mut [u8], from: &'b [u8]) -> (&'a mut [u8], &'b [u8]) {
    if from.len() < N || to.len() < N {
        return (to, from);
    }
    let (place, to) = to.split_at_mut(N);
    let (piece, from) = from.split_at(N);
    place.copy_from_slice(piece);
    (to, from)
}

/// Copies the first and the last `N` bytes, which are all if there are at most twice as many.
#[inline(always)]
fn copy_ends<const N: usize>(to: &mut [u8], from: &[u8]) {
    if let (Some(to), Some(from)) = (to.first_chunk_mut::<N>(), from.first_chunk()) {
        *to = *from;
    }
    if let (Some(to), Some(from)) = (to.last_chunk_mut::<N>(), from.last_chunk()) {
        *to = *from;
    }
}

#[expect(clippy::option_option, reason = "outside: are there bytes to take; inside: a null")]
#[inline]
fn take_bytes<'a>(bytes: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let len = varint::take(bytes)?;
    if len == -1 {
        return Some(None);
    }
    let (taken, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
    *bytes = rest;
    Some(Some(taken))
}

fn take_header<'a>(bytes: &mut &'a [u8]) -> Option<Header<'a>> {
    let key = std::str::from_utf8(take_bytes(bytes)??).ok()?;
    Some(Header { key, value: take_bytes(bytes)? })
}

#[cfg(test)]
mod tests;

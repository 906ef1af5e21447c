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

/// How much room [`put`] needs behind a record, in bytes: it writes whole words.
pub(super) const SLACK_BYTES: usize = Word::BYTES;

/// Writes one record in Kafka's v2 format, its length and then its fields, at the front of `out`, which has room for
/// [`len`] bytes and [`SLACK_BYTES`] more.
#[inline(always)]
pub(super) fn put(out: &mut [u8], record: &NewRecord<'_>, deltas: Deltas, body_len: usize) {
    match record.key {
        Some(key) if is_short(key.len(), deltas, body_len) => {
            let mut word = Word::default();
            word.put(body_len as i64);
            word.put_byte(0); // attributes: none are defined for a record
            word.put(deltas.timestamp_ms);
            word.put(deltas.offset);
            word.put(key.len() as i64);
            if let Some(place) = out.first_chunk_mut() {
                *place = word.to_bytes();
            }
            let mut at = word.len();
            copy(&mut out[at..][..key.len()], key);
            at += key.len();
            put_rest(out, at, record);
        }
        Some(_) | None => put_long(out, record, deltas, body_len),
    }
}

/// Whether everything before the key's bytes fits into a word.
#[inline]
fn is_short(key_len: usize, deltas: Deltas, body_len: usize) -> bool {
    const ONE_BYTE_MAX: usize = (1 << 6) - 1;
    const TWO_BYTES_MAX: usize = (1 << 13) - 1;
    key_len <= ONE_BYTE_MAX
        && body_len <= TWO_BYTES_MAX
        && deltas.offset as usize <= TWO_BYTES_MAX
        && deltas.timestamp_ms.unsigned_abs() <= TWO_BYTES_MAX as u64
}

#[cold]
fn put_long(out: &mut [u8], record: &NewRecord<'_>, deltas: Deltas, body_len: usize) {
    let mut at = 0;
    varint::put(out, &mut at, body_len as i64);
    out[at] = 0; // attributes
    at += 1;
    varint::put(out, &mut at, deltas.timestamp_ms);
    varint::put(out, &mut at, deltas.offset);
    put_bytes(out, &mut at, record.key);
    put_rest(out, at, record);
}

/// What follows the key.
#[inline(always)]
fn put_rest(out: &mut [u8], mut at: usize, record: &NewRecord<'_>) {
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

/// Takes one record off the front of `bytes`; `None` if they are not a record.
#[inline(always)]
pub(super) fn take<'a>(bytes: &mut &'a [u8], base: Deltas) -> Option<RecordView<'a>> {
    match take_short(bytes, base) {
        Some((record, rest)) => {
            *bytes = rest;
            Some(record)
        }
        None => take_long(bytes, base),
    }
}

/// A record that begins with a word of short numbers, and what follows it; `None` does not say that it is damaged.
#[inline(always)]
fn take_short(bytes: &[u8], base: Deltas) -> Option<(RecordView<'_>, &[u8])> {
    let mut word = Word::new(*bytes.first_chunk()?);
    let len = usize::try_from(word.take()?).ok()?;
    let (record, rest) = bytes.split_at_checked(word.len() + len)?;
    word.take_byte(); // attributes
    let timestamp_ms = base.timestamp_ms.checked_add(word.take()?)?;
    let offset = Offset(base.offset.checked_add(word.take()?)?);
    let key_len = usize::try_from(word.take()?).ok().filter(|_| word.len() <= Word::BYTES)?;
    let (key, body) = record.get(word.len()..)?.split_at_checked(key_len)?;
    let mut word = Word::new(*body.first_chunk()?);
    let value_len = usize::try_from(word.take()?).ok()?;
    let (value, body) = body.get(word.len()..)?.split_at_checked(value_len)?;
    let (header_count, header_bytes) = match *body {
        [0] => (0, [].as_slice()),
        _ => take_header_count(body)?,
    };
    let record = RecordView { offset, timestamp_ms, key: Some(key), value: Some(value), header_count, header_bytes };
    Some((record, rest))
}

fn take_header_count(mut body: &[u8]) -> Option<(u32, &[u8])> {
    let count = u32::try_from(varint::take(&mut body)?).ok()?;
    Some((count, body))
}

#[cold]
fn take_long<'a>(bytes: &mut &'a [u8], base: Deltas) -> Option<RecordView<'a>> {
    let len = usize::try_from(varint::take(bytes)?).ok()?;
    let (mut body, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    body = body.get(1..)?; // attributes
    // Wraps like the difference that was written, as in Kafka.
    let timestamp_ms = base.timestamp_ms.wrapping_add(varint::take(&mut body)?);
    let offset = Offset(base.offset.checked_add(varint::take(&mut body)?)?);
    let key = take_bytes(&mut body)?;
    let value = take_bytes(&mut body)?;
    let header_count = u32::try_from(varint::take(&mut body)?).ok()?;
    Some(RecordView { offset, timestamp_ms, key, value, header_count, header_bytes: body })
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

#[inline(always)]
fn put_bytes(out: &mut [u8], at: &mut usize, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else { return varint::put(out, at, -1) };
    varint::put(out, at, bytes.len() as i64);
    copy(&mut out[*at..][..bytes.len()], bytes);
    *at += bytes.len();
}

/// Copies between slices of the same length. For a short one, such as most keys, a few moves of a fixed size cost less than
/// a call to copy any size.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    if from.len() >= 32 {
        return to.copy_from_slice(from);
    }
    let (to, from) = copy_if::<16>(to, from);
    let (to, from) = copy_if::<8>(to, from);
    let (to, from) = copy_if::<4>(to, from);
    let (to, from) = copy_if::<2>(to, from);
    copy_if::<1>(to, from);
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

//! A record as its writer hands it in and as a reader borrows it. Neither owns bytes: those are the segment's.

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

/// Writes one record in Kafka's v2 format, its length and then its fields, at the front of `out`, which has room for
/// [`len`] bytes.
#[inline]
pub(super) fn put(out: &mut [u8], record: &NewRecord<'_>, deltas: Deltas, body_len: usize) {
    let mut at = 0;
    varint::put(out, &mut at, body_len as i64);
    out[at] = 0; // attributes: none are defined for a record
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

/// Takes one record off the front of `bytes`; `None` if they are not a record.
#[inline]
pub(super) fn take<'a>(bytes: &mut &'a [u8], base: Deltas) -> Option<RecordView<'a>> {
    let len = usize::try_from(varint::take(bytes)?).ok()?;
    let (mut body, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    body = body.get(1..)?; // attributes
    let timestamp_ms = base.timestamp_ms.checked_add(varint::take(&mut body)?)?;
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

#[inline]
fn put_bytes(out: &mut [u8], at: &mut usize, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else { return varint::put(out, at, -1) };
    varint::put(out, at, bytes.len() as i64);
    out[*at..][..bytes.len()].copy_from_slice(bytes);
    *at += bytes.len();
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

//! Tests of records: the quick way to write and to read the common ones comes to the same as the way that takes any.

use super::*;

/// Lengths and deltas at the borders of what takes one byte or two.
const KEY_LENS: [usize; 9] = [0, 1, 3, 4, 7, 8, 31, 63, 64];
const VALUE_LENS_AROUND: [usize; 9] = [0, 57, 58, 63, 64, 127, 128, 8_120, 8_121];
const TIMES_MS: [i64; 6] = [-65, -64, 0, 63, 64, i64::MAX];
const OFFSETS: [i64; 5] = [0, 63, 64, 8_191, 8_192];
/// Room for any of these.
const ROOM_BYTES: usize = 8_300;

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| at as u8 ^ 0x5a).collect()
}

/// The record as it is written in the way that takes any.
fn any(record: &NewRecord<'_>, deltas: Deltas) -> Vec<u8> {
    let body_len = body_len(record, deltas);
    let mut out = vec![0xff; len(body_len)];
    put_any(&mut out, record, deltas, body_len);
    out
}

/// Calls `check` with every combination.
fn for_each(mut check: impl FnMut(&NewRecord<'_>, Deltas)) {
    for (key_len, value_len) in KEY_LENS.iter().flat_map(|key| VALUE_LENS_AROUND.map(|value| (*key, value))) {
        let (key, value) = (bytes(key_len), bytes(value_len));
        let record = NewRecord { key: Some(&key), value: Some(&value), ..NewRecord::default() };
        for (offset, timestamp_ms) in OFFSETS.iter().flat_map(|offset| TIMES_MS.map(|time| (*offset, time))) {
            check(&record, Deltas { offset, timestamp_ms });
        }
    }
}

#[test]
fn a_common_record_is_written_as_any_would_be() {
    let mut common = 0;
    for_each(|record, deltas| {
        let mut out = [0xff; ROOM_BYTES];
        if let Some(len) = put_common(&mut out, record, deltas) {
            common += 1;
            assert_eq!(&out[..len], any(record, deltas), "{deltas:?}, {} bytes", record.value.map_or(0, <[u8]>::len));
            assert!(out[len..].iter().all(|byte| *byte == 0xff), "nothing is written behind it");
        }
    });
    // All keys but the longest, 6 of the values, 3 of the times and 4 of the offsets.
    assert_eq!(common, 8 * 6 * 3 * 4);
}

#[test]
fn a_common_record_needs_no_more_room_than_it_takes() {
    let (key, value) = (bytes(12), bytes(100));
    let record = NewRecord { key: Some(&key), value: Some(&value), ..NewRecord::default() };
    let deltas = Deltas { offset: 1, timestamp_ms: 1 };
    let needed = any(&record, deltas).len();
    assert_eq!(put_common(&mut vec![0; needed], &record, deltas), Some(needed));
    assert_eq!(put_common(&mut vec![0; needed - 1], &record, deltas), None);
}

#[test]
fn what_was_written_is_read() {
    let base = Deltas { offset: 7, timestamp_ms: 1_000 };
    for_each(|record, deltas| {
        let mut written = any(record, deltas);
        let len = written.len();
        written.extend([1, 2, 3]);
        let (view, rest, _) = take(&written, base, Frame::default()).expect("a record");
        assert_eq!((view.key, view.value, view.header_count), (record.key, record.value, 0));
        let read = (view.offset.0 - base.offset, view.timestamp_ms.wrapping_sub(base.timestamp_ms));
        assert_eq!(read, (deltas.offset, deltas.timestamp_ms));
        assert_eq!(rest, &written[len..]);
    });
}

#[test]
fn records_of_changing_lengths_are_read_one_behind_another() {
    let lens = [100, 100, 101, 100, 0, 57, 100, 9_000, 9_000, 100];
    let base = Deltas { offset: 0, timestamp_ms: 0 };
    let (key, mut written) = (bytes(12), Vec::new());
    for (len, offset) in lens.iter().zip(0..) {
        let value = bytes(*len);
        let record = NewRecord { key: Some(&key), value: Some(&value), ..NewRecord::default() };
        written.extend(any(&record, Deltas { offset, timestamp_ms: 0 }));
    }
    let (mut rest, mut frame, mut read) = (written.as_slice(), Frame::default(), Vec::new());
    while let Some((record, behind, after)) = take(rest, base, frame) {
        (rest, frame) = (behind, after);
        read.push(record.value.map_or(0, <[u8]>::len));
    }
    assert_eq!((read.as_slice(), rest.len()), (lens.as_slice(), 0));
}

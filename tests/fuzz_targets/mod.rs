//! What must hold of any bytes whatever, a target for each thing that decodes them: it never panics, and what it decodes it
//! encodes to the same bytes. `tests/fuzzing.rs` runs the targets on random and on damaged input, `fuzz/` under libFuzzer.

use catchup::log::{
    Batch, BatchBuilder, BatchView, Batches, CompactionRange, EndTxnMarker, Header, Isolation, Log, LogConfig,
    NewRecord, Offset, Origin, ProducerEpoch, ProducerId, RecordView, Segment, TransactionResult,
};
use catchup::run::{FRAGMENT, file_of, link_of, of_file, of_link};

/// What holds of any bytes: it panics where it does not.
type Target = fn(&[u8]);

/// Every target by its name, which is that of its file in `fuzz/fuzz_targets`.
pub(crate) const TARGETS: [(&str, Target); 7] = [
    ("wire", from_wire),
    ("batches", batches),
    ("records", records),
    ("markers", markers),
    ("scenario", scenario),
    ("link", link),
    ("run_file", run_file),
];

/// Where the records of a batch begin, and where their number lies before them, in bytes from its start.
pub(crate) const RECORDS_AT: usize = 61;
const RECORDS_COUNT_AT: usize = RECORDS_AT - size_of::<i32>();
/// Where a batch says how many bytes follow this, in bytes from its start.
const LENGTH_AT: usize = 8;
/// A link's bytes begin with its version, a checksum, and how long the rest is.
const LINK_VERSIONS: [u8; 2] = [1, 2];
const LINK_CHECKSUM_AT: std::ops::Range<usize> = 1..5;
/// When what came from outside is compacted here; some of its tombstones are due then.
const NOW_MS: i64 = 1_000;

/// Runs the target of this name.
pub(crate) fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(it, _)| *it == name).map(|(_, target)| target);
    target.unwrap_or_else(|| panic!("there is no target \"{name}\""))(bytes);
}

/// One batch from outside, as it is and with the checksum that belongs to it.
fn from_wire(bytes: &[u8]) {
    check_wire(bytes);
    for batch in Batches::new(bytes) {
        check_wire(&batch.to_wire());
    }
}

fn check_wire(bytes: &[u8]) {
    let Ok(batch) = Batch::from_wire(bytes) else { return };
    assert_eq!(batch.view().to_wire(), bytes);
    assert_eq!(batch.view().records().count(), batch.view().record_count() as usize);
    look_at(batch.view());
    check_log(&batch);
}

/// A batch that was let in can be stored, read and compacted, and what is left of it is let in again.
fn check_log(batch: &Batch) {
    let segment_bytes = batch.view().bytes().len();
    let mut log = Log::new(LogConfig { segment_bytes, max_message_bytes: segment_bytes, ..LogConfig::default() });
    log.append(batch.view(), Origin::Replication, NOW_MS).expect("a leader took it");
    log.set_high_watermark(log.log_end_offset());
    if !batch.view().is_control() {
        assert!(log.records(Offset::ZERO, Isolation::LogEnd).eq(batch.view().records()));
    }
    let found = log.offset_of_max_timestamp(Isolation::LogEnd).map(|largest| largest.timestamp_ms);
    assert_eq!(found, batch.view().records().map(|record| record.timestamp_ms).filter(|ms| *ms >= 0).max());
    log.roll(NOW_MS);
    let (first_dirty_offset, upper_bound_offset) = (Offset::ZERO, log.log_end_offset());
    log.compact(CompactionRange { first_dirty_offset, upper_bound_offset, keys_max: usize::MAX }, NOW_MS);
    for left in log.segments().flat_map(Segment::batches) {
        assert_eq!(Batch::from_wire(&left.to_wire()).as_ref().map(Batch::view), Ok(left));
    }
}

/// Batches one behind another, none of which anybody has checked.
fn batches(bytes: &[u8]) {
    let mut len = 0;
    for batch in Batches::new(bytes) {
        len += batch.bytes().len();
        look_at(batch);
    }
    assert!(len <= bytes.len());
}

/// Reads all that a batch has. No iterator yields more than there are bytes.
fn look_at(batch: BatchView<'_>) {
    let header = (batch.base_offset(), batch.last_offset(), batch.producer(), batch.record_count());
    let times = (batch.delete_horizon_ms(), batch.max_timestamp_ms());
    std::hint::black_box((header, times, batch.marker(), batch.is_transactional(), batch.is_control()));
    let items = batch.records().map(|record| 1 + record.headers().count()).sum::<usize>();
    assert!(items <= batch.bytes().len());
}

/// The records of a batch whose header is sound.
fn records(bytes: &[u8]) {
    let mut batch = vec![0; RECORDS_AT];
    let length = (RECORDS_AT + bytes.len() - LENGTH_AT - size_of::<i32>()) as i32;
    batch[LENGTH_AT..][..4].copy_from_slice(&length.to_be_bytes());
    batch[RECORDS_COUNT_AT..RECORDS_AT].copy_from_slice(&i32::MAX.to_be_bytes());
    batch.extend_from_slice(bytes);
    let view = Batches::new(&batch).next().expect("a batch of this length");
    look_at(view);
    let Some(once) = encode(view) else { return };
    let (decoded, again) = (contents(view), contents(once.view()));
    assert!(decoded.iter().map(Content::of).eq(again.iter().map(Content::of)));
    assert_eq!(encode(once.view()), Some(once));
}

/// Its records, encoded anew.
fn encode(batch: BatchView<'_>) -> Option<Batch> {
    let mut builder = BatchBuilder::default();
    for (record, headers) in &contents(batch) {
        let RecordView { key, value, timestamp_ms, .. } = *record;
        builder.push(&NewRecord { key, value, headers, timestamp_ms });
    }
    builder.finish()
}

fn contents(batch: BatchView<'_>) -> Vec<(RecordView<'_>, Vec<Header<'_>>)> {
    batch.records().map(|record| (record, record.headers().collect())).collect()
}

/// All of a record but its offset.
#[derive(PartialEq, Eq)]
struct Content<'a>(i64, Option<&'a [u8]>, Option<&'a [u8]>, &'a [Header<'a>]);

impl<'a> Content<'a> {
    fn of((record, headers): &'a (RecordView<'a>, Vec<Header<'a>>)) -> Self {
        Self(record.timestamp_ms, record.key, record.value, headers)
    }
}

/// The marker in a control batch of any key and value: the first byte says where the one ends.
fn markers(bytes: &[u8]) {
    let Some((split, bytes)) = bytes.split_first() else { return };
    let (key, value) = bytes.split_at(usize::from(*split).min(bytes.len()));
    let mut builder = EndTxnMarker::builder(ProducerId(1), ProducerEpoch(0));
    builder.push(&NewRecord { key: Some(key), value: Some(value), headers: &[], timestamp_ms: 0 });
    let Some(marker) = builder.seal().and_then(BatchView::marker) else { return };
    assert!(matches!(marker.result, TransactionResult::Commit | TransactionResult::Abort));
    // Two bytes of version come first.
    assert_eq!((&marker.key()[2..], &marker.value()[2..]), (&key[2..4], &value[2..6]));
    assert_eq!(marker.batch(ProducerId(1), ProducerEpoch(0), 0).view().marker(), Some(marker));
}

/// A scenario file.
fn scenario(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match catchup::scenario::parse(text) {
        Ok(scenario) => assert_eq!(catchup::scenario::parse(text), Ok(scenario)),
        Err(error) => assert!(!error.path.is_empty() && !error.reason.is_empty()),
    }
}

/// A link: any text, and any bytes behind a version and with a checksum that are right.
fn link(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_link(text);
    }
    let mut sealed = bytes.to_vec();
    if sealed.len() < LINK_CHECKSUM_AT.end {
        return;
    }
    let version = if LINK_VERSIONS.contains(&sealed[0]) { sealed[0] } else { LINK_VERSIONS[0] };
    sealed[0] = version;
    let checksum = xxhash_rust::xxh64::xxh64(&sealed[LINK_CHECKSUM_AT.end..], version.into()) as u32;
    sealed[LINK_CHECKSUM_AT].copy_from_slice(&checksum.to_le_bytes());
    check_link(&format!("{FRAGMENT}{}", base64url(&sealed)));
}

/// What is read from a link, comes back from the link that is written of it.
fn check_link(link: &str) {
    match of_link(link) {
        Ok(run) => assert_eq!(of_link(&link_of(&run).expect("it came from a link")), Ok(run)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes of a link.
pub(crate) fn bytes_of(link: &str) -> Vec<u8> {
    let digits = link.strip_prefix(FRAGMENT).expect("a link").bytes();
    let digits: Vec<usize> = digits.map(|it| DIGITS.iter().position(|digit| *digit == it).expect("a digit")).collect();
    let bit = |place: usize| (digits[place / 6] >> (5 - place % 6) & 1) as u8;
    let byte = |index: usize| (index * 8..index * 8 + 8).fold(0, |byte, place| byte << 1 | bit(place));
    (0..digits.len() * 6 / 8).map(byte).collect()
}

fn base64url(bytes: &[u8]) -> String {
    let bit = |place: usize| bytes.get(place / 8).map_or(0, |byte| byte >> (7 - place % 8) & 1);
    let digit = |first: usize| (first..first + 6).fold(0, |digit, place| digit << 1 | bit(place));
    (0..bytes.len() * 8).step_by(6).map(|first| char::from(DIGITS[usize::from(digit(first))])).collect()
}

/// The file of a run.
fn run_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match of_file(text) {
        Ok(run) => {
            let file = file_of(&run).expect("it came from a file");
            assert_eq!(of_file(&file).and_then(|again| file_of(&again)), Ok(file));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

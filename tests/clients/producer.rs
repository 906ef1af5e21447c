//! A producer: how it cuts batches, when it sends them, and what it says became of each record.

use super::{at, partition};
use catchup::broker::{ProduceError, Request, Response};
use catchup::client::{Batched, DeliveryError, Producer, ProducerConfig, RecordHandle};
use catchup::log::{AppendError, BatchBuilder, NewRecord, Offset};

/// A producer whose records go out without an id, unless it is told otherwise.
pub(super) fn plain() -> ProducerConfig {
    ProducerConfig { idempotence: false, ..ProducerConfig::default() }
}

/// How many records there are in each batch when `records`, each so many bytes, are sent at once.
fn check_batches(batch_bytes: usize, records: &[usize], expect: &[u32]) {
    let mut producer = Producer::new(ProducerConfig { batch_bytes, ..plain() });
    for (len, number) in records.iter().zip(0..) {
        let record = NewRecord { value: Some(&vec![0; *len]), ..NewRecord::default() };
        producer.send(at(0), partition(), &record, RecordHandle(number)).expect("there is room");
    }
    assert_eq!(producer.tick(at(5)), []);
    let requests = producer.take_requests();
    let counts: Vec<u32> = requests
        .iter()
        .map(|(_, request)| match request {
            Request::Produce { batch, .. } => {
                let (len, count) = (batch.view().bytes().len(), batch.view().record_count());
                assert!(len <= batch_bytes || count == 1, "{count} records in {len} bytes");
                count
            }
            other => panic!("{other:?} is no produce"),
        })
        .collect();
    assert_eq!(counts, expect);
}

#[test]
fn records_sent_at_once_share_a_batch() {
    check_batches(1_024, &[100, 100, 100], &[3]);
}

#[test]
fn a_record_that_does_not_fit_begins_another_batch() {
    check_batches(1_024, &[400, 400, 400, 400, 400], &[2, 2, 1]);
}

#[test]
fn a_record_that_is_larger_than_a_batch_goes_alone() {
    check_batches(1_024, &[10, 2_000, 10], &[1, 1, 1]);
}

#[test]
fn a_record_says_by_how_much_its_batch_grew_and_whether_it_is_full() {
    let (one, two, three) = (batch_of_tombstones(1), batch_of_tombstones(2), batch_of_tombstones(3));
    let mut producer = Producer::new(ProducerConfig { batch_bytes: three, ..plain() });
    let sent: Vec<(usize, bool)> = (0..4)
        .map(|number| producer.send(at(0), partition(), &NewRecord::default(), RecordHandle(number)))
        .map(|sent| sent.map(|Batched { bytes, is_full }| (bytes, is_full)).expect("there is room"))
        .collect();
    assert_eq!(
        sent,
        [(one, false), (two - one, false), (three - two, true), (one, false)],
        "a tombstone has a size too"
    );
}

/// The size of a batch of so many records without key and value.
fn batch_of_tombstones(records: u32) -> usize {
    let mut builder = BatchBuilder::default();
    (0..records).for_each(|_| builder.push(&NewRecord::default()));
    builder.len_bytes()
}

#[test]
fn a_batch_waits_for_its_linger_and_no_longer() {
    let mut producer = Producer::new(plain());
    producer.send(at(10), partition(), &NewRecord::default(), RecordHandle(0)).expect("there is room");
    producer.send(at(13), partition(), &NewRecord::default(), RecordHandle(1)).expect("there is room");
    assert_eq!(producer.deadline(), Some(at(15)));
    assert_eq!(producer.tick(at(14)), []);
    assert_eq!(producer.take_requests().len(), 0);
    assert_eq!(producer.tick(at(15)), []);
    assert_eq!(producer.take_requests().len(), 1);
}

/// What a producer says of two records of one batch when the broker answers with `result`.
fn check_acknowledged(result: Result<Offset, ProduceError>, expect: [Result<Option<Offset>, DeliveryError>; 2]) {
    let mut producer = Producer::new(plain());
    for handle in [RecordHandle(8), RecordHandle(9)] {
        producer.send(at(0), partition(), &NewRecord::default(), handle).expect("there is room");
    }
    assert_eq!(producer.tick(at(5)), []);
    let number = producer.take_requests()[0].0;
    let acknowledged = producer.handle(at(9), number, Response::Produce { partition: partition(), result });
    let fates: Vec<_> = acknowledged.into_iter().map(|record| (record.handle, record.result)).collect();
    let [first, second] = expect;
    assert_eq!(fates, [(RecordHandle(8), first), (RecordHandle(9), second)]);
}

#[test]
fn each_record_of_a_batch_has_its_own_offset() {
    check_acknowledged(Ok(Offset(40)), [Ok(Some(Offset(40))), Ok(Some(Offset(41)))]);
}

#[test]
fn a_batch_that_is_refused_is_refused_for_each_of_its_records() {
    let error = ProduceError::Append(AppendError::RecordListTooLarge { batch_bytes: 2, segment_bytes: 1 });
    let refused = Err(DeliveryError::Refused(error.clone()));
    check_acknowledged(Err(error), [refused.clone(), refused]);
}

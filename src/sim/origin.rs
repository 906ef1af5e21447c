//! Where a record was published first. A record that is put aside carries that in its headers, with how often it was tried.

use super::event::KeyHash;
use crate::client::ConsumedRecord;
use crate::log::{LeaderEpoch, Offset, PartitionId, TopicId, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::Instant;

/// The header that marks a poison record.
pub const POISON: &str = "poison";
const TOPIC: &str = "origin.topic";
const PARTITION: &str = "origin.partition";
const OFFSET: &str = "origin.offset";
const ATTEMPT: &str = "attempt";
/// More attempts than any setting allows: what a header says beyond that is not true.
const ATTEMPTS_MAX: u32 = 1_000;
const RETRY_AT: &str = "retry.at.ms";

/// Where a record was published first, and how often it was put aside since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) partition: TopicPartition,
    pub(super) offset: Offset,
    pub(super) key: Option<KeyHash>,
    /// The epoch in which it was published, of one that was never put aside.
    pub(super) epoch: Option<LeaderEpoch>,
    pub(super) attempt: u32,
}

impl Origin {
    /// As the headers have it; the record's own place, if they do not.
    pub(super) fn of(record: &ConsumedRecord, topic_named: impl Fn(&str) -> Option<TopicId>) -> Self {
        let carried = || {
            let partition = PartitionId(number(record, PARTITION)?);
            let topic = topic_named(text(record, TOPIC)?)?;
            let partition = TopicPartition { topic, partition };
            let attempt = number::<u32>(record, ATTEMPT)?.min(ATTEMPTS_MAX);
            let (offset, key) = (Offset(number(record, OFFSET)?), key_of(record));
            Some(Self { partition, offset, key, epoch: None, attempt })
        };
        carried().unwrap_or_else(|| Self::at(record))
    }

    /// Where the record lies, as one that was never put aside.
    pub(super) fn at(record: &ConsumedRecord) -> Self {
        let ConsumedRecord { partition, offset, leader_epoch, .. } = *record;
        Self { partition, offset, key: key_of(record), epoch: Some(leader_epoch), attempt: 0 }
    }

    /// The time before which a record is not to be tried again.
    pub(super) fn retry_at(record: &ConsumedRecord) -> Option<Instant> {
        number(record, RETRY_AT).map(Instant::from_ms)
    }

    /// The headers of a record that is put aside: its own, and where it comes from.
    pub(super) fn headers(
        &self,
        record: &ConsumedRecord,
        topic: &str,
        retry_at: Option<Instant>,
    ) -> SortedMap<String, String> {
        let own = record.headers.iter().filter_map(|header| {
            let value = header.value.as_deref().map(String::from_utf8_lossy)?;
            Some((header.key.to_string(), value.into_owned()))
        });
        let mut headers: SortedMap<String, String> = own.filter(|(key, _)| key != RETRY_AT).collect();
        headers.insert(TOPIC.to_owned(), topic.to_owned());
        headers.insert(PARTITION.to_owned(), self.partition.partition.to_string());
        headers.insert(OFFSET.to_owned(), self.offset.to_string());
        headers.insert(ATTEMPT.to_owned(), self.attempt.to_string());
        headers.extend(retry_at.map(|at| (RETRY_AT.to_owned(), at.as_ms().to_string())));
        headers
    }
}

/// Whether a record with these headers is marked as one that a service cannot read.
pub fn is_poison<'a>(mut headers: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>) -> bool {
    headers.find(|(name, _)| *name == POISON).is_some_and(|(_, value)| value == Some(b"true"))
}

fn key_of(record: &ConsumedRecord) -> Option<KeyHash> {
    record.key.as_deref().map(KeyHash::of)
}

fn text<'a>(record: &'a ConsumedRecord, name: &str) -> Option<&'a str> {
    let header = record.headers.iter().find(|header| *header.key == *name)?;
    std::str::from_utf8(header.value.as_deref()?).ok()
}

fn number<T: std::str::FromStr>(record: &ConsumedRecord, name: &str) -> Option<T> {
    text(record, name)?.parse().ok()
}

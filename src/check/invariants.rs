//! What must hold at every moment of every run, whatever fails. Each invariant is a sentence.

use super::ranges::OffsetRanges;
use crate::broker::GroupId;
use crate::log::{Offset, TopicPartition};
use crate::sim::{Event, Stamped};
use crate::time::Instant;
use std::collections::BTreeMap;
use thiserror::Error;

/// A sentence that must be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// Each batch begins where the one before it ended.
    OffsetsAreDense,
    /// A log begins later and later, never earlier.
    LogStartNeverRegresses,
    /// A group never goes back to an earlier offset by itself.
    CommittedOffsetNeverRegresses,
    /// A group says that it is done only with what it has processed.
    OnlyProcessedRecordsAreCommitted,
    /// In each partition, records are processed for the first time in the order of their offsets.
    FirstDeliveriesAreInOrder,
    /// Nothing is processed that was never published.
    OnlyPublishedRecordsAreProcessed,
}

/// An invariant that did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{invariant:?} was violated at {} ms, at offset {offset} of partition {}", at.as_ms(), partition.partition)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// When.
    pub at: Instant,
    /// In which partition.
    pub partition: TopicPartition,
    /// At which offset.
    pub offset: Offset,
}

/// Checks every invariant after every event.
#[derive(Clone, Debug, Default)]
pub struct Checker {
    log_ends: BTreeMap<TopicPartition, Offset>,
    log_starts: BTreeMap<TopicPartition, Offset>,
    /// What compaction removed and may still have to be skipped.
    removed: BTreeMap<TopicPartition, OffsetRanges>,
    committed: BTreeMap<(GroupId, TopicPartition), Offset>,
    /// The offset after the last one that was processed in order.
    processed: BTreeMap<(GroupId, TopicPartition), Offset>,
}

impl Checker {
    /// Takes in what happened, and says what it violates.
    pub fn observe(&mut self, stamped: &Stamped) -> Result<(), Violation> {
        let broken = match stamped.event {
            Event::Appended { partition, base_offset, records, .. } => self.appended(partition, base_offset, records),
            Event::Deleted { partition, log_start_offset } => self.deleted(partition, log_start_offset),
            Event::Compacted { partition, ref removed, .. } => self.compacted(partition, removed),
            Event::Committed { group, partition, offset, .. } => self.commits(group, partition, offset),
            Event::Processed { group, partition, offset, .. } => self.processes(group, partition, offset),
            Event::Refused { .. }
            | Event::Limited { .. }
            | Event::Polled { .. }
            | Event::Outcome { .. }
            | Event::OffsetsExpired { .. }
            | Event::MemberJoined { .. }
            | Event::MemberRejoined { .. }
            | Event::MemberReplaced { .. }
            | Event::MarkerWritten { .. }
            | Event::TransactionEnded { .. }
            | Event::ProducerFenced { .. }
            | Event::MemberLeft { .. }
            | Event::RebalanceStarted { .. }
            | Event::GenerationStarted { .. }
            | Event::Assigned { .. }
            | Event::GroupChanged { .. }
            | Event::ServiceSwitched { .. }
            | Event::CaughtUp { .. }
            | Event::TopicConfigured { .. }
            | Event::RateChanged { .. } => None,
        };
        broken.map_or(Ok(()), |(invariant, partition, offset)| {
            Err(Violation { invariant, at: stamped.at, partition, offset })
        })
    }

    fn appended(&mut self, partition: TopicPartition, base: Offset, records: u32) -> Option<Broken> {
        let end = self.log_ends.entry(partition).or_default();
        let is_dense = *end == base;
        *end = Offset(base.0 + i64::from(records));
        (!is_dense).then_some((Invariant::OffsetsAreDense, partition, base))
    }

    fn deleted(&mut self, partition: TopicPartition, log_start: Offset) -> Option<Broken> {
        let before = self.log_starts.insert(partition, log_start).unwrap_or_default();
        self.removed.entry(partition).or_default().forget_below(log_start);
        (log_start < before).then_some((Invariant::LogStartNeverRegresses, partition, log_start))
    }

    fn compacted(&mut self, partition: TopicPartition, removed: &[Offset]) -> Option<Broken> {
        let end = self.log_ends.get(&partition).copied().unwrap_or_default();
        let known = self.removed.entry(partition).or_default();
        for offset in removed {
            known.add(*offset);
        }
        let beyond = removed.iter().find(|offset| **offset >= end);
        beyond.map(|offset| (Invariant::OffsetsAreDense, partition, *offset))
    }

    /// The first offset from `offset` on that was not removed.
    fn existing(&self, partition: TopicPartition, offset: Offset) -> Offset {
        self.removed.get(&partition).map_or(offset, |removed| removed.skip(offset))
    }

    fn commits(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) -> Option<Broken> {
        let before = self.committed.insert((group, partition), offset).unwrap_or_default();
        if offset < before {
            return Some((Invariant::CommittedOffsetNeverRegresses, partition, offset));
        }
        let start = self.log_starts.get(&partition).copied().unwrap_or_default();
        let done = self.processed.get(&(group, partition)).copied().unwrap_or_default();
        let done = self.existing(partition, done.max(start));
        (offset > done && offset > start).then_some((Invariant::OnlyProcessedRecordsAreCommitted, partition, offset))
    }

    fn processes(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) -> Option<Broken> {
        let end = self.log_ends.get(&partition).copied().unwrap_or_default();
        if offset >= end {
            return Some((Invariant::OnlyPublishedRecordsAreProcessed, partition, offset));
        }
        let start = self.log_starts.get(&partition).copied().unwrap_or_default();
        let done = self.processed.get(&(group, partition)).copied().unwrap_or_default();
        let expected = self.existing(partition, done.max(start));
        if offset > expected {
            return Some((Invariant::FirstDeliveriesAreInOrder, partition, offset));
        }
        self.processed.insert((group, partition), done.max(offset.next()));
        None
    }
}

type Broken = (Invariant, TopicPartition, Offset);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::ServiceId;

    const GROUP: GroupId = GroupId(0);

    fn appended(base: i64, records: u32) -> Event {
        let partition = TopicPartition::default();
        Event::Appended { service: None, partition, base_offset: Offset(base), records, content_hash: 0 }
    }

    fn deleted(log_start: i64) -> Event {
        Event::Deleted { partition: TopicPartition::default(), log_start_offset: Offset(log_start) }
    }

    fn processed(offset: i64) -> Event {
        let partition = TopicPartition::default();
        Event::Processed { service: ServiceId(0), group: GROUP, partition, offset: Offset(offset) }
    }

    fn committed(offset: i64) -> Event {
        Event::Committed { group: GROUP, member: None, partition: TopicPartition::default(), offset: Offset(offset) }
    }

    fn check(events: &[Event], expect: Option<Invariant>) {
        let mut checker = Checker::default();
        let mut observe = |event: &Event| checker.observe(&Stamped { at: Instant::START, event: event.clone() });
        let first = events.iter().find_map(|event| observe(event).err());
        assert_eq!(first.map(|violation| violation.invariant), expect);
    }

    #[test]
    fn an_ordinary_run_violates_nothing() {
        check(&[appended(0, 2), processed(0), processed(1), committed(2), appended(2, 1)], None);
    }

    #[test]
    fn delivering_again_from_the_committed_offset_violates_nothing() {
        check(&[appended(0, 2), processed(0), processed(1), processed(0), processed(1), committed(2)], None);
    }

    #[test]
    fn a_gap_in_the_offsets_is_noticed() {
        check(&[appended(0, 2), appended(3, 1)], Some(Invariant::OffsetsAreDense));
    }

    #[test]
    fn a_log_start_that_goes_back_is_noticed() {
        check(&[deleted(5), deleted(4)], Some(Invariant::LogStartNeverRegresses));
    }

    #[test]
    fn a_commit_that_goes_back_is_noticed() {
        let events = [appended(0, 2), processed(0), processed(1), committed(2), committed(1)];
        check(&events, Some(Invariant::CommittedOffsetNeverRegresses));
    }

    #[test]
    fn a_commit_before_processing_is_noticed() {
        check(&[appended(0, 2), processed(0), committed(2)], Some(Invariant::OnlyProcessedRecordsAreCommitted));
    }

    #[test]
    fn a_skipped_record_is_noticed() {
        check(&[appended(0, 2), processed(1)], Some(Invariant::FirstDeliveriesAreInOrder));
    }

    #[test]
    fn a_record_out_of_nowhere_is_noticed() {
        check(&[processed(0)], Some(Invariant::OnlyPublishedRecordsAreProcessed));
    }

    #[test]
    fn beginning_again_after_retention_violates_nothing() {
        check(&[appended(0, 9), processed(0), deleted(5), processed(5), committed(6)], None);
    }
}

//! What must hold at every moment of every run, whatever fails. Each invariant is a sentence.

use super::cuts::Cuts;
use super::elections::Elections;
use super::ranges::OffsetRanges;
use super::undecided::Unreadable;
use crate::broker::{GroupId, LogFact, OffsetsFact};
use crate::client::AutoOffsetReset;
use crate::log::{Isolation, Offset, ProducerId, TopicId, TopicPartition, TransactionResult};
use crate::sim::{
    CommitPolicy, Event, Fared, Named, ReadConfig, ReadSetting, ServiceEvent, ServiceId, ServiceSpec, Stamped,
    WorkEvent, World,
};
use crate::sorted::SortedMap;
use crate::time::Instant;
use thiserror::Error;

/// A sentence that must be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invariant {
    /// Each batch begins where the one before it ended.
    OffsetsAreDense,
    /// A log begins later and later, never earlier.
    LogStartNeverRegresses,
    /// A group never goes back to an earlier offset, unless a person lets it.
    CommittedOffsetNeverRegresses,
    /// A group says that it is done only with what it has processed, left out or put aside; with what it has only taken, if that is
    /// its policy.
    OnlyProcessedRecordsAreCommitted,
    /// In each partition, records are processed for the first time in the order of their offsets, without a gap but for what
    /// was committed, or what a new group leaves out that begins at the end.
    FirstDeliveriesAreInOrder,
    /// Nothing is processed that was never published.
    OnlyPublishedRecordsAreProcessed,
    /// Who reads what is committed processes no record of an aborted transaction.
    AbortedRecordsAreNotProcessed,
    /// What somebody has read stays in its log, whoever leads, unless the leader was not in sync when it was elected.
    WhatWasReadSurvivesElections,
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
    pub(super) log_ends: SortedMap<TopicPartition, Offset>,
    log_starts: SortedMap<TopicPartition, Offset>,
    /// What compaction removed and may still have to be skipped.
    pub(super) removed: SortedMap<TopicPartition, OffsetRanges>,
    /// What was aborted with its transaction, or may still be.
    pub(super) unreadable: Unreadable,
    pub(super) committed: SortedMap<(GroupId, TopicPartition), Offset>,
    /// The offset after the last one that was processed in order, or left out, or put aside.
    pub(super) processed: SortedMap<(GroupId, TopicPartition), Offset>,
    /// The offset after the last one that a group has taken.
    pub(super) taken: SortedMap<(GroupId, TopicPartition), Offset>,
    /// What the settings of the services that read allow, by their number.
    leeways: SortedMap<ServiceId, (GroupId, Leeway)>,
    /// The topics that each of them reads. Of other topics, and in other groups, such as those in which services read their
    /// retry topics, nobody can tell by the offsets what was processed.
    subscriptions: SortedMap<GroupId, Vec<TopicId>>,
    pub(super) elections: Elections,
    pub(super) cuts: Cuts,
}

/// What decides on a group's order: the two settings that allow gaps.
#[derive(Clone, Copy, Debug, Default)]
struct Leeway {
    commits_first: bool,
    begins_at_end: bool,
    /// Whether it reads what is committed, and nothing else, whatever its settings have been so far.
    reads_committed: bool,
}

impl Leeway {
    fn of(config: &ReadConfig) -> Self {
        Self {
            commits_first: config.commit_policy == CommitPolicy::BeforeProcessing,
            begins_at_end: config.auto_offset_reset == AutoOffsetReset::Latest,
            reads_committed: config.isolation() == Isolation::ReadCommitted,
        }
    }
}

impl Checker {
    /// A checker for a world at its beginning, which knows what the settings of its services allow.
    pub fn of(world: &World) -> Self {
        let leeway = |id| Some((id, (world.group_of(id)?, Leeway::of(world.config_of(id)?))));
        let subscription = |id| Some((world.group_of(id)?, world.service_spec(id).consumes.as_ref()?.topics.clone()));
        Self {
            leeways: world.service_ids().filter_map(leeway).collect(),
            subscriptions: world.service_ids().filter_map(subscription).collect(),
            ..Self::default()
        }
    }

    /// Takes in what happened, and says what it violates.
    pub fn observe(&mut self, stamped: &Stamped) -> Result<(), Violation> {
        let broken = match &stamped.event {
            Event::Appended { transactional, partition, base_offset, records, .. } => {
                let producer = transactional.iter();
                producer.for_each(|it| self.unreadable.appended(*partition, *it, *base_offset, *records));
                self.appended(*partition, *base_offset, *records)
            }
            Event::Log(fact) => self.observe_log(fact),
            Event::Offsets(OffsetsFact::Committed { group, partition, offset, epoch, .. }) => {
                self.elections.commits((*group, *partition), *epoch);
                self.commits(*group, *partition, self.cuts.kept(*partition, *offset, *epoch))
            }
            Event::Cluster(fact) => self.observe_cluster(fact),
            Event::Work(work) => self.observe_work(work),
            Event::Service(ServiceEvent::Sought { group, partition, to, .. }) => self.seeks(*group, *partition, *to),
            Event::Service(ServiceEvent::Added { service, spec, groups: Some((group, _)), .. }) => {
                self.joins(*service, *group, spec);
                None
            }
            Event::Service(ServiceEvent::Removed { service, .. }) => {
                self.leeways.remove(service);
                None
            }
            Event::Service(ServiceEvent::Configured { service, setting, value }) => {
                self.goes_about_now(*service, setting, value)
            }
            Event::Offsets(OffsetsFact::Expired { .. })
            | Event::TopicConfigured { .. }
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Outcome(_)
            | Event::Service(_) => None,
        };
        broken.map_or(Ok(()), |(invariant, partition, offset)| {
            Err(Violation { invariant, at: stamped.at, partition, offset })
        })
    }

    fn joins(&mut self, service: ServiceId, group: GroupId, spec: &ServiceSpec) {
        if let Some(consumes) = &spec.consumes {
            self.leeways.insert(service, (group, Leeway::of(&consumes.config)));
            self.subscriptions.insert(group, consumes.topics.clone());
        }
    }

    fn observe_log(&mut self, fact: &LogFact) -> Option<Broken> {
        match *fact {
            LogFact::Deleted { partition, log_start_offset } => self.deleted(partition, log_start_offset),
            LogFact::Compacted { partition, ref removed, .. } => self.compacted(partition, removed),
            // It takes an offset, and nobody ever reads it.
            LogFact::MarkerWritten { partition, offset, producer, result } => {
                self.decided(partition, producer, result);
                self.appended(partition, offset, 1).or_else(|| self.compacted(partition, &[offset]))
            }
        }
    }

    fn observe_work(&mut self, work: &WorkEvent) -> Option<Broken> {
        match *work {
            WorkEvent::Polled { group, partition, last, epoch, .. } => {
                let kept = self.cuts.kept(partition, last.next(), epoch);
                let taken = self.taken.entry((group, partition)).or_default();
                *taken = kept.max(*taken);
                None
            }
            // Somebody has read it before it was thrown away.
            WorkEvent::Processed { partition, offset, epoch, .. }
            | WorkEvent::Fared { partition, offset, epoch, .. }
                if self.cuts.took(partition, offset, epoch) =>
            {
                None
            }
            WorkEvent::Processed { group, partition, offset, .. }
            | WorkEvent::Fared {
                how: Fared::Skipped | Fared::SentToRetry(_) | Fared::DeadLettered(_) | Fared::Deduplicated,
                group,
                partition,
                offset,
                ..
            } => self.processes(group, partition, offset),
            WorkEvent::Fared { how: Fared::Failed(_) | Fared::Redriven(_), .. } => None,
        }
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
        self.unreadable.forget_below(partition, log_start);
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

    /// A transaction ends in a partition. If it is aborted, its records may be passed over.
    fn decided(&mut self, partition: TopicPartition, producer: ProducerId, result: TransactionResult) {
        let aborted = self.unreadable.decided(partition, producer, result);
        let removed = self.removed.entry(partition).or_default();
        for offset in aborted {
            removed.add(offset);
        }
    }

    /// The first offset from `offset` on that was not removed.
    fn existing(&self, partition: TopicPartition, offset: Offset) -> Offset {
        self.removed.get(&partition).map_or(offset, |removed| removed.skip(offset))
    }

    fn commits(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) -> Option<Broken> {
        let before = self.committed.insert((group, partition), offset).unwrap_or_default();
        if self.elections.have_misled((group, partition)) {
            return None;
        }
        if offset < before {
            return Some((Invariant::CommittedOffsetNeverRegresses, partition, offset));
        }
        let leeway = self.leeway_of(group);
        let start = self.log_starts.get(&partition).copied().unwrap_or_default();
        let reached = if leeway.commits_first { &self.taken } else { &self.processed };
        let done = reached.get(&(group, partition)).copied().unwrap_or_default();
        let done = self.existing(partition, done.max(start));
        let is_early = offset > done && offset > start && !leeway.begins_at_end;
        let is_early = is_early && self.is_subscribed(group, partition);
        is_early.then_some((Invariant::OnlyProcessedRecordsAreCommitted, partition, offset))
    }

    /// Whether a group is known to read a partition, or nothing is known of any group.
    fn is_subscribed(&self, group: GroupId, partition: TopicPartition) -> bool {
        let reads = |topics: &Vec<TopicId>| topics.contains(&partition.topic);
        self.subscriptions.is_empty() || self.subscriptions.get(&group).is_some_and(reads)
    }

    fn processes(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) -> Option<Broken> {
        if !self.is_subscribed(group, partition) {
            return None; // somebody published it by hand where records are tried again
        }
        if self.elections.have_misled((group, partition)) {
            return None;
        }
        let end = self.log_ends.get(&partition).copied().unwrap_or_default();
        if offset >= end {
            return Some((Invariant::OnlyPublishedRecordsAreProcessed, partition, offset));
        }
        if self.leeway_of(group).reads_committed && self.unreadable.has_aborted(partition, offset) {
            return Some((Invariant::AbortedRecordsAreNotProcessed, partition, offset));
        }
        let place = (group, partition);
        let start = self.log_starts.get(&partition).copied().unwrap_or_default();
        let committed = self.committed.get(&place).copied().unwrap_or_default();
        let done = self.processed.get(&place).copied().unwrap_or_default();
        let expected = self.existing(partition, done.max(start).max(committed));
        if offset > expected && !self.leeway_of(group).begins_at_end {
            return Some((Invariant::FirstDeliveriesAreInOrder, partition, offset));
        }
        self.processed.insert(place, done.max(offset.next()));
        None
    }

    fn seeks(&mut self, group: GroupId, partition: TopicPartition, to: Offset) -> Option<Broken> {
        let place = (group, partition);
        self.elections.commits(place, None);
        self.committed.insert(place, to);
        let done = self.processed.entry(place).or_default();
        *done = to.max(*done);
        let taken = self.taken.entry(place).or_default();
        *taken = to.max(*taken);
        None
    }

    /// Settings only ever allow more here: what was taken under the old ones may still come.
    fn goes_about_now(&mut self, service: ServiceId, setting: &str, value: &str) -> Option<Broken> {
        if let Some((_, leeway)) = self.leeways.get_mut(&service) {
            leeway.commits_first |=
                setting == ReadSetting::CommitPolicy.name() && value == CommitPolicy::BeforeProcessing.name();
            leeway.reads_committed &=
                setting != ReadSetting::CommitPolicy.name() || value == CommitPolicy::ExactlyOnce.name();
            leeway.begins_at_end |=
                setting == ReadSetting::AutoOffsetReset.name() && value == AutoOffsetReset::Latest.name();
        }
        None
    }

    fn leeway_of(&self, group: GroupId) -> Leeway {
        let found = self.leeways.values().find(|(of, _)| *of == group);
        found.map(|(_, leeway)| *leeway).unwrap_or_default()
    }
}

pub(super) type Broken = (Invariant, TopicPartition, Offset);

#[cfg(test)]
mod tests;

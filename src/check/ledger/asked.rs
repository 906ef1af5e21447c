//! What the ledger can be asked.

use super::Ledger;
use crate::broker::GroupId;
use crate::check::account::Account;
use crate::check::incident::{Incident, Incidents};
use crate::check::page::{Fate, Page};
use crate::log::{Offset, RecordRef, TopicPartition};
use crate::sim::ServiceId;
use crate::time::Instant;

impl Ledger {
    /// What became of a record in a group; `None` if there is no such record, or no longer.
    pub fn fate(&self, group: GroupId, partition: TopicPartition, offset: Offset) -> Option<Fate> {
        let page = self.pages.get(&(group, partition))?;
        page.fates.get(usize::try_from(offset.0 - page.first.0).ok()?).copied()
    }

    /// The sum for a group.
    pub fn account(&self, group: GroupId) -> Account {
        self.accounts.get(&group).copied().unwrap_or_default()
    }

    /// How many records of a group are committed, in hand and still to be processed. If whoever has them crashes now, they are lost.
    pub fn committed_in_hand(&self, group: GroupId) -> u64 {
        let stretches = self.hands.values().filter(|hand| hand.group == group).flat_map(|hand| &hand.stretches);
        let at_risk = stretches.map(|(partition, (first, last))| {
            let Some(page) = self.pages.get(&(group, *partition)) else { return 0 };
            let end = last.next().min(page.committed);
            (first.0..end.0).filter(|offset| page.is_waiting(Offset(*offset))).count() as u64
        });
        at_risk.sum()
    }

    /// How many fates are kept, over all groups.
    pub fn records_kept(&self) -> usize {
        self.pages.values().map(|page| page.fates.len()).sum()
    }

    /// Where the logs end that a group reads.
    pub(in crate::check) fn ends(&self, group: GroupId) -> Vec<(TopicPartition, Offset)> {
        let pages = self.pages.iter().filter(|((reader, _), _)| *reader == group);
        pages.map(|((_, partition), page)| (*partition, Offset(page.first.0 + page.fates.len() as i64))).collect()
    }

    /// How far a group has committed in a partition; what was deleted counts as committed.
    pub(in crate::check) fn committed_of(&self, group: GroupId, partition: TopicPartition) -> Offset {
        self.pages.get(&(group, partition)).map_or(Offset::ZERO, |page| page.committed.max(page.first))
    }

    /// What befell the records of a group.
    pub(in crate::check) fn incidents(&self, group: GroupId) -> Option<&Incidents> {
        self.incidents.get(&group)
    }

    /// The record of a group that was lost last, and when, if it still is.
    pub fn lost_last(&self, group: GroupId) -> Option<(Instant, RecordRef)> {
        self.incidents.get(&group)?.lost().back().map(Incident::place)
    }

    /// The record of a group that was processed again last, and when.
    pub fn again_last(&self, group: GroupId) -> Option<(Instant, RecordRef)> {
        self.incidents.get(&group)?.again().back().map(Incident::place)
    }

    /// The pages, by group and partition.
    pub(in crate::check) fn pages(&self) -> impl Iterator<Item = (&(GroupId, TopicPartition), &Page)> {
        self.pages.iter()
    }

    /// How many records a publisher counted as written that never came into the log. They are nobody's to read.
    pub fn never_written(&self, service: ServiceId) -> u64 {
        self.never_written.get(&service).copied().unwrap_or(0)
    }
}

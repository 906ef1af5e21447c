//! The ledger: for every record and every group that should see it, whether and when it was processed.

use super::account::{Account, Standing};
use super::page::{Aside, Fate, Page};
use crate::broker::{GroupId, LogFact, OffsetsFact};
use crate::log::{Offset, TopicId, TopicPartition};
use crate::sim::{Event, Fared, InstanceChange, ServiceEvent, ServiceId, Stamped, WorkEvent, World};
use crate::sorted::SortedMap;
use crate::time::Instant;

/// Which topics a group is meant to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The group.
    pub group: GroupId,
    /// Its topics.
    pub topics: Vec<TopicId>,
}

/// What one instance took with its last polls and may still be at work on.
#[derive(Clone, Debug)]
struct Hand {
    group: GroupId,
    /// The first and the last offset in each partition.
    stretches: SortedMap<TopicPartition, (Offset, Offset)>,
}

/// The ledger of a run.
#[derive(Clone, Debug)]
pub struct Ledger {
    subscriptions: Vec<Subscription>,
    pages: SortedMap<(GroupId, TopicPartition), Page>,
    accounts: SortedMap<GroupId, Account>,
    hands: SortedMap<(ServiceId, u32), Hand>,
}

impl Ledger {
    /// An empty ledger for these groups.
    pub fn new(subscriptions: Vec<Subscription>) -> Self {
        let accounts = subscriptions.iter().map(|it| (it.group, Account::default())).collect();
        Self { subscriptions, pages: SortedMap::new(), accounts, hands: SortedMap::new() }
    }

    /// An empty ledger for the groups of `world`, which must be at its beginning.
    pub fn of(world: &World) -> Self {
        let subscription = |id| {
            let consumes = world.service_spec(id).consumes.as_ref()?;
            Some(Subscription { group: world.group_of(id)?, topics: consumes.topics.clone() })
        };
        Self::new(world.service_ids().filter_map(subscription).collect())
    }

    /// Takes in what happened.
    pub fn observe(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::Appended { partition, records, .. } => self.appended(*partition, *records),
            Event::Log(LogFact::Deleted { partition, log_start_offset }) => self.deleted(*partition, *log_start_offset),
            Event::Log(LogFact::Compacted { partition, removed, .. }) => self.compacted(*partition, removed),
            Event::Log(LogFact::MarkerWritten { partition, .. }) => self.marked(*partition),
            Event::Offsets(OffsetsFact::Committed { group, partition, offset, .. }) => {
                self.committed(*group, *partition, *offset);
            }
            Event::Work(work) => self.observe_work(work, stamped.at),
            Event::Service(ServiceEvent::Sought { group, partition, to, .. }) => self.sought(*group, *partition, *to),
            Event::Service(ServiceEvent::InstanceChanged { service, instance, change: InstanceChange::Ended(_) }) => {
                self.lets_go((*service, *instance));
            }
            Event::Offsets(OffsetsFact::Expired { .. })
            | Event::TopicConfigured { .. }
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Outcome(_)
            | Event::Service(_) => {}
        }
    }

    fn observe_work(&mut self, work: &WorkEvent, at: Instant) {
        match *work {
            WorkEvent::Polled { service, group, instance, partition, first, last, .. } => {
                self.polled((service, instance), group, partition, (first, last));
            }
            WorkEvent::Processed { group, partition, offset, .. } => self.processed(group, partition, offset, at),
            WorkEvent::Fared { group, partition, offset, how, .. } => self.fared(group, partition, offset, how),
        }
    }

    /// What became of a record in a group; `None` if there is no such record, or no longer.
    pub fn fate(&self, group: GroupId, partition: TopicPartition, offset: Offset) -> Option<Fate> {
        let page = self.pages.get(&(group, partition))?;
        page.fates.get(usize::try_from(offset.0 - page.first.0).ok()?).copied()
    }

    /// The sum for a group.
    pub fn account(&self, group: GroupId) -> Account {
        self.accounts.get(&group).copied().unwrap_or_default()
    }

    /// How many fates are kept, over all groups.
    pub fn records_kept(&self) -> usize {
        self.pages.values().map(|page| page.fates.len()).sum()
    }

    fn appended(&mut self, partition: TopicPartition, records: u32) {
        for subscription in self.subscriptions.iter().filter(|it| it.topics.contains(&partition.topic)) {
            let page = self.pages.entry((subscription.group, partition)).or_default();
            page.fates.extend((0..records).map(|_| Fate::default()));
            let account = self.accounts.entry(subscription.group).or_default();
            account.published += u64::from(records);
            account.waiting += u64::from(records);
        }
    }

    /// A marker takes an offset, and counts for nothing.
    fn marked(&mut self, partition: TopicPartition) {
        for subscription in self.subscriptions.iter().filter(|it| it.topics.contains(&partition.topic)) {
            let page = self.pages.entry((subscription.group, partition)).or_default();
            page.fates.push_back(Fate { is_marker: true, ..Fate::default() });
        }
    }

    fn processed(&mut self, group: GroupId, partition: TopicPartition, offset: Offset, at: Instant) {
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        let is_deleted = offset < page.first;
        match page.fate_mut(offset) {
            Some(fate) => {
                account.processes(fate.standing());
                fate.first_at.get_or_insert(at);
                fate.last_at = Some(at);
                fate.times += 1;
            }
            None if is_deleted => account.processes(page.process_deleted(offset)),
            None => {} // never published, as far as anybody knows: the checker says so
        }
    }

    /// A record that is committed without having been processed is lost, unless somebody still has it in hand.
    fn committed(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) {
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        while page.committed < offset {
            let passed = page.committed;
            page.committed = passed.next();
            if page.is_waiting(passed) && !self.hands.values().any(|hand| hand.has(group, partition, passed)) {
                page.skip(passed, account);
            }
        }
    }

    fn polled(&mut self, who: (ServiceId, u32), group: GroupId, partition: TopicPartition, stretch: (Offset, Offset)) {
        let hand = self.hands.entry(who).or_insert_with(|| Hand { group, stretches: SortedMap::new() });
        let before = hand.stretches.insert(partition, stretch);
        let passed: Vec<_> =
            self.hands.values_mut().filter_map(|hand| hand.passed(group, partition, stretch.0)).collect();
        for stretch in before.into_iter().chain(passed) {
            self.is_done_with(group, partition, stretch);
        }
    }

    /// An instance is gone, with what it had in hand.
    fn lets_go(&mut self, who: (ServiceId, u32)) {
        let Some(hand) = self.hands.remove(&who) else { return };
        for (partition, stretch) in hand.stretches {
            self.is_done_with(hand.group, partition, stretch);
        }
    }

    /// What was in hand and is committed will come to nobody again.
    fn is_done_with(&mut self, group: GroupId, partition: TopicPartition, (first, last): (Offset, Offset)) {
        let (Some(page), Some(account)) = (self.pages.get_mut(&(group, partition)), self.accounts.get_mut(&group))
        else {
            return;
        };
        let end = last.next().min(page.committed);
        for offset in (first.0..end.0).map(Offset) {
            let is_in_hand = self.hands.values().any(|hand| hand.has(group, partition, offset));
            if page.is_waiting(offset) && !is_in_hand {
                page.skip(offset, account);
            }
        }
    }

    fn fared(&mut self, group: GroupId, partition: TopicPartition, offset: Offset, how: Fared) {
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        match how {
            Fared::Failed(_) => {}
            Fared::Skipped => page.skip(offset, account),
            Fared::SentToRetry | Fared::Redriven => page.put_aside(offset, Aside::Retrying, account),
            Fared::DeadLettered => page.put_aside(offset, Aside::DeadLettered, account),
            Fared::Deduplicated => page.recognise(offset, account),
        }
    }

    /// What was committed and never processed will be read after all, if the group begins before it.
    fn sought(&mut self, group: GroupId, partition: TopicPartition, to: Offset) {
        self.committed(group, partition, to);
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        for offset in (to.0..page.committed.0).map(Offset) {
            if let Some(fate) = page.fate_mut(offset).filter(|fate| fate.standing() == Standing::Lost) {
                fate.skipped = false;
                account.moves(Standing::Lost, Standing::Waiting);
            }
        }
        page.committed = to;
    }

    fn compacted(&mut self, partition: TopicPartition, removed: &[Offset]) {
        for ((group, _), page) in self.pages.iter_mut().filter(|((_, compacted), _)| *compacted == partition) {
            let account = self.accounts.entry(*group).or_default();
            for offset in removed {
                let Some(fate) = page.fate_mut(*offset).filter(|fate| fate.standing() == Standing::Waiting) else {
                    continue;
                };
                fate.compacted = true;
                account.moves(Standing::Waiting, Standing::Compacted);
            }
        }
    }

    fn deleted(&mut self, partition: TopicPartition, log_start_offset: Offset) {
        for ((group, _), page) in self.pages.iter_mut().filter(|((_, deleted), _)| *deleted == partition) {
            let account = self.accounts.entry(*group).or_default();
            while page.first < log_start_offset {
                let Some(fate) = page.fates.pop_front() else { break };
                match fate.standing() {
                    Standing::Waiting | Standing::Lost => page.missed.add(page.first),
                    Standing::Compacted => page.replaced.add(page.first),
                    Standing::Retrying | Standing::DeadLettered => page.keep_aside(fate),
                    Standing::Processed | Standing::Forgotten => {}
                }
                if fate.standing() == Standing::Waiting {
                    account.moves(Standing::Waiting, Standing::Lost);
                }
                page.first = page.first.next();
            }
        }
    }
}

impl Hand {
    fn has(&self, group: GroupId, partition: TopicPartition, offset: Offset) -> bool {
        let stretch = self.stretches.get(&partition).filter(|_| self.group == group);
        stretch.is_some_and(|(first, last)| (*first..=*last).contains(&offset))
    }

    /// What it took and somebody has gone on behind: most often it has lost the partition, and lets go of that.
    fn passed(&mut self, group: GroupId, partition: TopicPartition, by: Offset) -> Option<(Offset, Offset)> {
        let stretch = self.stretches.get(&partition).copied().filter(|(_, last)| self.group == group && *last < by);
        stretch.and_then(|_| self.stretches.remove(&partition))
    }
}

#[cfg(test)]
mod tests;

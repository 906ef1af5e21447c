//! The ledger: for every record and every group that should see it, whether and when it was processed.

use super::account::{Account, Standing};
use super::asides::{Asides, Claim};
use super::cuts::Cuts;
use super::incident::{Again, Incident, Incidents, Lost, What};
use super::missed::Missed;
use super::page::{Aside, Fate, Page};
use super::undecided::Undecided;
use crate::broker::{GroupFact, GroupId, LogFact, OffsetsFact};
use crate::log::{Offset, ProducerId, TopicId, TopicPartition, TransactionResult};
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
    /// The group in which its service reads what it has put aside to try again, if it does.
    pub retries_in: Option<GroupId>,
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
    incidents: SortedMap<GroupId, Incidents>,
    asides: Asides,
    undecided: Undecided,
    /// How many records each publisher counted as written that never came into the log.
    never_written: SortedMap<ServiceId, u64>,
    cuts: Cuts,
    /// What was lost in the last election that cut a log off: somebody may have read it before.
    thrown_away: SortedMap<(GroupId, TopicPartition), Missed>,
    now: Instant,
}

impl Ledger {
    /// An empty ledger for these groups.
    pub fn new(subscriptions: Vec<Subscription>) -> Self {
        let accounts = subscriptions.iter().map(|it| (it.group, Account::default())).collect();
        let (pages, hands, incidents) = (SortedMap::new(), SortedMap::new(), SortedMap::new());
        let (asides, undecided, never_written) = (Asides::default(), Undecided::default(), SortedMap::new());
        let (cuts, thrown_away, now) = (Cuts::default(), SortedMap::new(), Instant::START);
        Self {
            subscriptions,
            pages,
            accounts,
            hands,
            incidents,
            asides,
            undecided,
            never_written,
            cuts,
            thrown_away,
            now,
        }
    }

    /// An empty ledger for the groups of `world`, which must be at its beginning.
    pub fn of(world: &World) -> Self {
        let subscription = |id| {
            let consumes = world.service_spec(id).consumes.as_ref()?;
            let retries_in = world.retry_group_of(id);
            Some(Subscription { group: world.group_of(id)?, topics: consumes.topics.clone(), retries_in })
        };
        Self::new(world.service_ids().filter_map(subscription).collect())
    }

    /// Takes in what happened.
    pub fn observe(&mut self, stamped: &Stamped) {
        self.now = stamped.at;
        match &stamped.event {
            Event::Appended { transactional, partition, base_offset, records, .. } => {
                self.appended(*partition, *records);
                let producer = transactional.iter();
                producer.for_each(|it| self.undecided.appended(*partition, *it, *base_offset, *records));
            }
            Event::Log(LogFact::Deleted { partition, log_start_offset }) => self.deleted(*partition, *log_start_offset),
            Event::Log(LogFact::Compacted { partition, removed, .. }) => self.compacted(*partition, removed),
            Event::Log(LogFact::MarkerWritten { partition, producer, result, .. }) => {
                self.marked(*partition);
                self.decided(*partition, *producer, *result);
            }
            Event::Offsets(OffsetsFact::Committed { group, partition, offset, epoch, .. }) => {
                let kept = self.cuts.kept(*partition, *offset, *epoch);
                self.committed(*group, *partition, kept, Lost::Committed);
            }
            Event::Group(GroupFact::RebalanceStarted { group, .. }) => {
                self.incidents.entry(*group).or_default().rebalanced(stamped.at);
            }
            Event::Cluster(fact) => self.observe_cluster(fact),
            Event::Work(work) => self.observe_work(work),
            Event::Service(ServiceEvent::Sought { group, partition, to, .. }) => self.sought(*group, *partition, *to),
            Event::Service(ServiceEvent::Added { spec, groups: Some(groups), begins, .. }) => {
                self.joins(spec, *groups, begins);
            }
            Event::Service(ServiceEvent::Removed { group: Some(group), .. }) => self.leaves(*group),
            Event::Service(ServiceEvent::NeverWritten { service, records, .. }) => {
                *self.never_written.entry(*service).or_default() += u64::from(*records);
            }
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

    fn observe_work(&mut self, work: &WorkEvent) {
        match *work {
            WorkEvent::Polled { service, group, instance, partition, first, last, epoch, .. } => {
                let kept = self.cuts.kept(partition, last.next(), epoch);
                self.polled((service, instance), group, partition, (first, kept));
            }
            WorkEvent::Processed { group, partition, offset, epoch, .. } => {
                if self.cuts.took(partition, offset, epoch) {
                    self.process_thrown_away(group, partition, offset);
                } else {
                    self.processed(group, partition, offset);
                }
            }
            // What is gone from the log stays lost, whatever else becomes of it.
            WorkEvent::Fared { partition, offset, epoch, .. } if self.cuts.took(partition, offset, epoch) => {}
            WorkEvent::Fared { group, partition, offset, how, .. } => self.fared(group, partition, offset, how),
        }
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

    /// A transaction ends in a partition. If it is aborted, nobody waits for its records any more.
    fn decided(&mut self, partition: TopicPartition, producer: ProducerId, result: TransactionResult) {
        let records = self.undecided.decided(partition, producer);
        if result == TransactionResult::Commit {
            return;
        }
        for ((group, _), page) in self.pages.iter_mut().filter(|((_, written), _)| *written == partition) {
            let account = self.accounts.entry(*group).or_default();
            for offset in &records {
                let Some(fate) = page.fate_mut(*offset) else { continue };
                let before = fate.standing();
                fate.aborted = true;
                account.moves(before, fate.standing());
                if before == Standing::Lost {
                    self.incidents.entry(*group).or_default().settle(partition, *offset);
                }
            }
        }
    }

    fn processed(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) {
        self.asides.take(Claim::new(group, partition, offset));
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        let (is_deleted, now) = (offset < page.first, self.now);
        let incidents = self.incidents.entry(group).or_default();
        let (before, last_at, comes_again) = match page.fate_mut(offset) {
            Some(fate) => {
                let before = fate.standing();
                // A seek since it was processed last is the reason by itself: what lay aside is still to come then.
                let is_sought = incidents.why_again(partition, offset, fate.last_at) == Again::Sought;
                let comes_again = before == Standing::Processed && !is_sought && fate.comes_again > 0;
                fate.comes_again -= u8::from(comes_again);
                if comes_again && fate.comes_again == 0 {
                    fate.aside = None; // nothing of it lies aside any more
                }
                fate.first_at.get_or_insert(now);
                fate.times += 1;
                (before, fate.last_at.replace(now), comes_again)
            }
            None if is_deleted => (page.process_deleted(offset), None, false),
            None => return, // never published, as far as anybody knows: the checker says so
        };
        account.processes(before);
        if comes_again {
            return self.note(group, partition, offset, What::Again(Again::Sought));
        }
        self.note_processed(group, partition, offset, (before, last_at));
    }

    fn note_processed(
        &mut self,
        group: GroupId,
        partition: TopicPartition,
        offset: Offset,
        (before, last_at): (Standing, Option<Instant>),
    ) {
        match before {
            Standing::Processed => {
                let incidents = self.incidents.entry(group).or_default();
                let what = What::Again(incidents.why_again(partition, offset, last_at));
                incidents.note(Incident { at: self.now, partition, offset, what });
            }
            Standing::Lost | Standing::Retrying | Standing::DeadLettered => self.settle(group, partition, offset),
            Standing::Waiting | Standing::Compacted | Standing::Aborted | Standing::Forgotten => {}
        }
    }

    /// A record that is committed without having been processed is lost, unless somebody still has it in hand.
    fn committed(&mut self, group: GroupId, partition: TopicPartition, offset: Offset, why: Lost) {
        let page = self.pages.entry((group, partition)).or_default();
        let from = page.committed;
        page.committed = from.max(offset);
        self.lose_what_nobody_has(group, partition, (from, offset), why);
    }

    fn lose_what_nobody_has(
        &mut self,
        group: GroupId,
        partition: TopicPartition,
        (from, end): (Offset, Offset),
        why: Lost,
    ) {
        let Some(page) = self.pages.get(&(group, partition)) else { return };
        let is_in_hand = |offset| self.hands.values().any(|hand| hand.has(group, partition, offset));
        let offsets = (from.0..end.0).map(Offset);
        let lost: Vec<Offset> = offsets.filter(|it| page.is_waiting(*it) && !is_in_hand(*it)).collect();
        // Where a service reads what it has put aside, records of its topics go by.
        let mut aside = self.asides.between(partition, from, end);
        aside.retain(|(offset, claim)| self.retries_in(claim.group) == Some(group) && !is_in_hand(*offset));
        let past_cut = page.past_cut;
        for offset in lost {
            let is_past = why == Lost::Committed && (past_cut.0..past_cut.1).contains(&offset);
            self.lose(group, partition, offset, if is_past { Lost::ReadPast } else { why });
        }
        for (_, claim) in aside {
            self.lose_claimed(claim, why);
        }
    }

    /// Gives up a record that nobody has processed.
    fn lose(&mut self, group: GroupId, partition: TopicPartition, offset: Offset, why: Lost) {
        self.asides.take(Claim::new(group, partition, offset));
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        if page.skip(offset, account) {
            self.settle(group, partition, offset);
            self.note(group, partition, offset, What::Lost(why));
        }
    }

    fn note(&mut self, group: GroupId, partition: TopicPartition, offset: Offset, what: What) {
        self.incidents.entry(group).or_default().note(Incident { at: self.now, partition, offset, what });
    }

    /// A record is no longer lost, nor aside.
    fn settle(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) {
        self.incidents.entry(group).or_default().settle(partition, offset);
    }

    /// An instance takes what lies from `first` on before `end`; nothing that is there still if the two are the same.
    fn polled(
        &mut self,
        who: (ServiceId, u32),
        group: GroupId,
        partition: TopicPartition,
        (first, end): (Offset, Offset),
    ) {
        let hand = self.hands.entry(who).or_insert_with(|| Hand { group, stretches: SortedMap::new() });
        let before = if first < end {
            hand.stretches.insert(partition, (first, Offset(end.0 - 1)))
        } else {
            hand.stretches.remove(&partition)
        };
        if let Some(page) = self.pages.get_mut(&(group, partition)).filter(|_| first < end) {
            page.goes_on_at(first);
        }
        let from = first.min(end);
        let passed: Vec<_> = self.hands.values_mut().filter_map(|hand| hand.passed(group, partition, from)).collect();
        for stretch in before.into_iter().chain(passed) {
            self.is_done_with(group, partition, stretch);
        }
    }

    /// An instance is gone, with what it had in hand.
    fn lets_go(&mut self, who: (ServiceId, u32)) {
        let Some(hand) = self.hands.remove(&who) else { return };
        self.incidents.entry(hand.group).or_default().instance_ended(self.now);
        for (partition, stretch) in hand.stretches {
            self.is_done_with(hand.group, partition, stretch);
        }
    }

    /// What was in hand and is committed will come to nobody again.
    fn is_done_with(&mut self, group: GroupId, partition: TopicPartition, (first, last): (Offset, Offset)) {
        let Some(page) = self.pages.get(&(group, partition)) else { return };
        let end = last.next().min(page.committed);
        self.lose_what_nobody_has(group, partition, (first, end), Lost::Committed);
    }

    fn fared(&mut self, group: GroupId, partition: TopicPartition, offset: Offset, how: Fared) {
        match how {
            Fared::Failed(_) => {}
            Fared::Skipped => self.lose(group, partition, offset, Lost::SkippedOnFailure),
            Fared::SentToRetry(place) | Fared::Redriven(place) => {
                self.put_aside(Claim::new(group, partition, offset), Aside::Retrying, place);
            }
            Fared::DeadLettered(place) => {
                self.put_aside(Claim::new(group, partition, offset), Aside::DeadLettered, place);
            }
            Fared::Deduplicated => {
                self.asides.take(Claim::new(group, partition, offset));
                let account = self.accounts.entry(group).or_default();
                self.pages.entry((group, partition)).or_default().recognise(offset, account);
                self.settle(group, partition, offset);
            }
        }
    }

    /// What was committed and never processed will be read after all, if the group begins before it.
    fn sought(&mut self, group: GroupId, partition: TopicPartition, to: Offset) {
        self.committed(group, partition, to, Lost::Sought);
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        let incidents = self.incidents.entry(group).or_default();
        for offset in (to.0..page.committed.0).map(Offset) {
            let Some(fate) = page.fate_mut(offset) else { continue };
            match fate.standing() {
                Standing::Lost => {
                    fate.skipped = false;
                    account.moves(Standing::Lost, Standing::Waiting);
                    incidents.settle(partition, offset);
                }
                Standing::Retrying | Standing::DeadLettered => fate.comes_again = fate.comes_again.saturating_add(1),
                // It was put aside when it came once more; what lies there is still to come.
                Standing::Processed if fate.aside.is_some() => fate.comes_again = fate.comes_again.max(1),
                Standing::Waiting
                | Standing::Compacted
                | Standing::Aborted
                | Standing::Processed
                | Standing::Forgotten => {}
            }
        }
        page.committed = to;
        incidents.sought(partition, to, self.now);
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

mod aside;
mod asked;
mod cut_off;
mod gone;
mod joining;
#[cfg(test)]
mod tests;

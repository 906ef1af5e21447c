//! The ledger: for every record and every group that should see it, whether and when it was processed.

use super::missed::Missed;
use crate::broker::GroupId;
use crate::log::{Offset, TopicId, TopicPartition};
use crate::sim::{Event, Stamped, World};
use crate::time::Instant;
use std::collections::{BTreeMap, VecDeque};

/// Which topics a group is meant to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The group.
    pub group: GroupId,
    /// Its topics.
    pub topics: Vec<TopicId>,
}

/// What became of one record in one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// When it was processed for the first time; `None` while it waits.
    pub first_at: Option<Instant>,
    /// When it was processed for the last time.
    pub last_at: Option<Instant>,
    /// How often it was processed. More than once means that it was delivered again after a crash.
    pub times: u32,
    /// Whether the group said it was done with it without having processed it.
    pub skipped: bool,
    /// Whether compaction removed it, because a later record has its key.
    pub compacted: bool,
}

/// How a record stands in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is still to be processed.
    Waiting,
    /// It was replaced before it was processed.
    Compacted,
    /// It was skipped, or deleted before it was processed.
    Lost,
    /// It was processed, at least once.
    Processed,
    /// It was deleted too long ago to tell.
    Forgotten,
}

/// The sum over all records of a group's topics. `published` is always `processed + waiting + compacted + lost`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How many records there were to process.
    pub published: u64,
    /// How many were processed, at least once.
    pub processed: u64,
    /// How many are still to be processed.
    pub waiting: u64,
    /// How many were removed by compaction before they were processed: a later record has replaced each.
    pub compacted: u64,
    /// How many were skipped by a commit, or deleted before they were processed. A consumer that has one in hand may process
    /// it after all; then it is not lost any more.
    pub lost: u64,
    /// How often a record was processed that had been processed before.
    pub processed_again: u64,
}

/// The fates of the records that a partition still holds, for one group.
#[derive(Clone, Debug, Default)]
struct Page {
    first: Offset,
    committed: Offset,
    fates: VecDeque<Fate>,
    /// What was lost when it was deleted.
    missed: Missed,
    /// What compaction had replaced by the time that it was deleted.
    replaced: Missed,
}

/// The ledger of a run.
#[derive(Clone, Debug)]
pub struct Ledger {
    subscriptions: Vec<Subscription>,
    pages: BTreeMap<(GroupId, TopicPartition), Page>,
    accounts: BTreeMap<GroupId, Account>,
}

impl Ledger {
    /// An empty ledger for these groups.
    pub fn new(subscriptions: Vec<Subscription>) -> Self {
        let accounts = subscriptions.iter().map(|it| (it.group, Account::default())).collect();
        Self { subscriptions, pages: BTreeMap::new(), accounts }
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
        match stamped.event {
            Event::Appended { partition, records, .. } => self.appended(partition, records),
            Event::Processed { group, partition, offset, .. } => self.processed(group, partition, offset, stamped.at),
            Event::Committed { group, partition, offset, .. } => self.committed(group, partition, offset),
            Event::Deleted { partition, log_start_offset } => self.deleted(partition, log_start_offset),
            Event::Compacted { partition, ref removed, .. } => self.compacted(partition, removed),
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
            | Event::RateChanged { .. } => {}
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

    fn appended(&mut self, partition: TopicPartition, records: u32) {
        for subscription in self.subscriptions.iter().filter(|it| it.topics.contains(&partition.topic)) {
            let page = self.pages.entry((subscription.group, partition)).or_default();
            page.fates.extend((0..records).map(|_| Fate::default()));
            let account = self.accounts.entry(subscription.group).or_default();
            account.published += u64::from(records);
            account.waiting += u64::from(records);
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

    fn committed(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) {
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        while page.committed < offset {
            let passed = page.committed;
            page.committed = passed.next();
            if let Some(fate) = page.fate_mut(passed).filter(|fate| fate.standing() == Standing::Waiting) {
                account.loses(fate.standing());
                fate.skipped = true;
            }
        }
    }

    fn compacted(&mut self, partition: TopicPartition, removed: &[Offset]) {
        for ((group, _), page) in self.pages.iter_mut().filter(|((_, compacted), _)| *compacted == partition) {
            let account = self.accounts.entry(*group).or_default();
            for offset in removed {
                let Some(fate) = page.fate_mut(*offset).filter(|fate| fate.standing() == Standing::Waiting) else {
                    continue;
                };
                fate.compacted = true;
                account.waiting -= 1;
                account.compacted += 1;
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
                    Standing::Processed | Standing::Forgotten => {}
                }
                account.loses(fate.standing());
                page.first = page.first.next();
            }
        }
    }
}

impl Account {
    /// Moves one record from where it stood to the processed ones.
    fn processes(&mut self, before: Standing) {
        match before {
            Standing::Waiting => self.waiting -= 1,
            Standing::Lost => self.lost -= 1,
            Standing::Compacted => self.compacted -= 1,
            Standing::Processed => {
                self.processed_again += 1;
                return;
            }
            Standing::Forgotten => return,
        }
        self.processed += 1;
    }

    /// Gives up a record that was waiting.
    fn loses(&mut self, before: Standing) {
        if before == Standing::Waiting {
            self.waiting -= 1;
            self.lost += 1;
        }
    }
}

impl Fate {
    fn standing(self) -> Standing {
        match self {
            Self { times: 1.., .. } => Standing::Processed,
            Self { compacted: true, .. } => Standing::Compacted,
            Self { skipped: true, .. } => Standing::Lost,
            Self { .. } => Standing::Waiting,
        }
    }
}

impl Page {
    /// Notes that a deleted record is processed, and returns how it stood before.
    fn process_deleted(&mut self, offset: Offset) -> Standing {
        let was_replaced = self.replaced.process(offset) == Standing::Lost;
        if was_replaced { Standing::Compacted } else { self.missed.process(offset) }
    }

    fn fate_mut(&mut self, offset: Offset) -> Option<&mut Fate> {
        self.fates.get_mut(usize::try_from(offset.0 - self.first.0).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::ServiceId;

    const GROUP: GroupId = GroupId(0);

    fn partition() -> TopicPartition {
        TopicPartition::default()
    }

    fn ledger_after(events: &[Event]) -> Ledger {
        let mut ledger = Ledger::new(vec![Subscription { group: GROUP, topics: vec![TopicId(0)] }]);
        for (event, ms) in events.iter().zip(0..) {
            ledger.observe(&Stamped { at: Instant::from_ms(ms), event: event.clone() });
        }
        ledger
    }

    fn appended(records: u32) -> Event {
        Event::Appended { service: None, partition: partition(), base_offset: Offset::ZERO, records, content_hash: 0 }
    }

    fn processed(offset: i64) -> Event {
        Event::Processed { service: ServiceId(0), group: GROUP, partition: partition(), offset: Offset(offset) }
    }

    fn committed(offset: i64) -> Event {
        Event::Committed { group: GROUP, member: None, partition: partition(), offset: Offset(offset) }
    }

    fn check(events: &[Event], expect: Account) {
        let account = ledger_after(events).account(GROUP);
        assert_eq!(account, expect);
        assert_eq!(account.published, account.processed + account.waiting + account.lost);
    }

    #[test]
    fn a_record_waits_until_it_is_processed() {
        let expect = Account { published: 3, processed: 1, waiting: 2, ..Account::default() };
        check(&[appended(3), processed(0)], expect);
    }

    #[test]
    fn processing_a_record_again_is_counted() {
        let expect = Account { published: 1, processed: 1, processed_again: 1, ..Account::default() };
        check(&[appended(1), processed(0), processed(0)], expect);
    }

    #[test]
    fn committing_past_a_record_loses_it() {
        let expect = Account { published: 2, processed: 1, lost: 1, ..Account::default() };
        check(&[appended(2), processed(1), committed(2)], expect);
    }

    #[test]
    fn a_record_that_is_processed_after_all_is_not_lost() {
        let expect = Account { published: 1, processed: 1, ..Account::default() };
        check(&[appended(1), committed(1), processed(0)], expect);
    }

    #[test]
    fn deleting_an_unread_record_loses_it() {
        let expect = Account { published: 3, processed: 1, waiting: 1, lost: 1, ..Account::default() };
        check(&[appended(3), processed(0), deleted(2)], expect);
    }

    fn deleted(log_start: i64) -> Event {
        Event::Deleted { partition: partition(), log_start_offset: Offset(log_start) }
    }

    #[test]
    fn a_record_that_was_in_hand_when_it_was_deleted_is_not_lost_once_it_is_processed() {
        let lost = Account { published: 3, processed: 1, lost: 2, ..Account::default() };
        check(&[appended(3), processed(0), deleted(3)], lost);
        let expect = Account { processed: 2, lost: 1, ..lost };
        check(&[appended(3), processed(0), deleted(3), processed(1)], expect);
    }

    #[test]
    fn a_deleted_record_is_processed_for_the_first_time_only_once() {
        let expect = Account { published: 3, processed: 2, lost: 1, processed_again: 2, ..Account::default() };
        check(&[appended(3), processed(0), deleted(3), processed(0), processed(1), processed(1)], expect);
    }

    #[test]
    fn a_record_that_was_skipped_and_deleted_and_processed_after_all_is_not_lost() {
        let expect = Account { published: 1, processed: 1, ..Account::default() };
        check(&[appended(1), committed(1), deleted(1), processed(0)], expect);
    }

    #[test]
    fn a_record_that_was_never_published_is_not_accounted_for() {
        check(&[processed(0)], Account::default());
    }

    fn compacted(offset: i64) -> Event {
        Event::Compacted { partition: partition(), removed: [Offset(offset)].into(), saved_bytes: 0 }
    }

    #[test]
    fn a_record_that_was_replaced_counts_as_processed_once_it_is() {
        let events = [appended(2), compacted(0), deleted(1), processed(0)];
        let [replaced, deleted, processed] = [2, 3, 4].map(|count| ledger_after(&events[..count]).account(GROUP));
        for account in [replaced, deleted] {
            assert_eq!((account.compacted, account.lost, account.waiting), (1, 0, 1), "{account:?}");
        }
        assert_eq!((processed.processed, processed.compacted, processed.processed_again), (1, 0, 0), "{processed:?}");
    }

    /// Every run of six events over two records, as far as a log could have it.
    #[test]
    fn the_account_adds_up_after_every_event_of_every_short_run() {
        let events =
            [appended(1), processed(0), processed(1), committed(1), committed(2), deleted(1), deleted(2), compacted(0)];
        for run in 0..events.len().pow(6) {
            let chosen = (0..6).map(|place| events[run / events.len().pow(place) % events.len()].clone());
            let mut ledger = Ledger::new(vec![Subscription { group: GROUP, topics: vec![TopicId(0)] }]);
            let (mut start, mut end, mut processed) = (0, 0, std::collections::BTreeSet::new());
            for event in chosen {
                match event {
                    Event::Appended { .. } => end += 1,
                    Event::Deleted { log_start_offset: Offset(offset), .. } if offset > end => break,
                    Event::Deleted { log_start_offset: Offset(offset), .. } => start = offset.max(start),
                    Event::Compacted { .. } if start > 0 || end == 0 => break,
                    Event::Processed { offset: Offset(offset), .. } if offset >= end => break,
                    Event::Processed { offset, .. } => drop(processed.insert(offset)),
                    _ => {}
                }
                ledger.observe(&Stamped { at: Instant::START, event });
                let account = ledger.account(GROUP);
                assert_eq!((account.published, account.processed), (end as u64, processed.len() as u64), "run {run}");
                let missing = account.waiting + account.compacted + account.lost;
                assert_eq!(account.published, account.processed + missing, "run {run}");
            }
        }
    }

    #[test]
    fn a_fate_tells_when_and_how_often() {
        let ledger = ledger_after(&[appended(1), processed(0), processed(0)]);
        let fate = ledger.fate(GROUP, partition(), Offset(0)).expect("it was appended");
        assert_eq!((fate.first_at, fate.last_at), (Some(Instant::from_ms(1)), Some(Instant::from_ms(2))));
        assert_eq!(ledger.fate(GROUP, partition(), Offset(1)), None);
    }
}

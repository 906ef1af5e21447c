//! Records that a new leader did not have: what was promised to their producers is lost, the rest was never there.

use super::Ledger;
use crate::broker::GroupId;
use crate::check::account::Standing;
use crate::check::incident::{Lost, What};
use crate::log::{Offset, TopicPartition};

impl Ledger {
    /// A log was cut off at `log_end`. Of `lost` the producers had heard that it is written; the others will write again what is not.
    pub(super) fn cut_off(&mut self, partition: TopicPartition, log_end: Offset, lost: &[Offset]) {
        for offset in lost {
            self.gone_aside(partition, *offset, offset.next());
        }
        self.undecided.cut_off(partition, log_end);
        let groups: Vec<GroupId> =
            self.pages.keys().filter(|(_, written)| *written == partition).map(|(group, _)| *group).collect();
        for group in groups {
            self.forget_in_hand(group, partition, log_end, lost);
            for offset in self.tear_off(group, partition, log_end, lost) {
                self.note(group, partition, offset, What::Lost(Lost::ThrownAway));
            }
        }
    }

    /// Takes the fates from `log_end` on out of a page, and returns the records that are lost by that.
    fn tear_off(&mut self, group: GroupId, partition: TopicPartition, log_end: Offset, lost: &[Offset]) -> Vec<Offset> {
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
        page.committed = page.committed.min(log_end);
        let kept = usize::try_from(log_end.0 - page.first.0).unwrap_or(0);
        let gone = page.fates.iter_from(kept).zip(page.first.0 + kept as i64..);
        let waiting = gone.filter(|(fate, _)| fate.standing() == Standing::Waiting).map(|(_, offset)| Offset(offset));
        let (thrown_away, unsaid): (Vec<Offset>, Vec<Offset>) = waiting.partition(|offset| lost.contains(offset));
        for _ in &thrown_away {
            account.moves(Standing::Waiting, Standing::Lost);
        }
        let unsaid = unsaid.len() as u64;
        (account.published, account.waiting) = (account.published - unsaid, account.waiting - unsaid);
        page.fates.truncate(kept);
        page.first = page.first.min(log_end);
        thrown_away
    }

    /// What an instance has in hand of it, it may still process: then that is not lost after all.
    fn forget_in_hand(&mut self, group: GroupId, partition: TopicPartition, log_end: Offset, lost: &[Offset]) {
        let in_hand = lost.iter().filter(|offset| self.hands.values().any(|hand| hand.has(group, partition, **offset)));
        let page = self.pages.get(&(group, partition));
        let waits = |offset: &&Offset| page.is_some_and(|page| page.is_waiting(**offset));
        self.thrown_away_in_hand.extend(in_hand.filter(waits).map(|offset| (group, partition, *offset)));
        for hand in self.hands.values_mut().filter(|hand| hand.group == group) {
            let Some((first, last)) = hand.stretches.get(&partition).copied() else { continue };
            if first >= log_end {
                hand.stretches.remove(&partition);
            } else if last >= log_end {
                hand.stretches.insert(partition, (first, Offset(log_end.0 - 1)));
            }
        }
    }

    /// Whether a record that is processed was thrown away while it was in hand; then it is not lost any more.
    pub(super) fn process_thrown_away(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) -> bool {
        let was_in_hand = self.thrown_away_in_hand.remove(&(group, partition, offset));
        if was_in_hand {
            self.accounts.entry(group).or_default().moves(Standing::Lost, Standing::Processed);
            self.settle(group, partition, offset);
        }
        was_in_hand
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::ClusterFact;
    use crate::check::ledger::Subscription;
    use crate::sim::{Event, ServiceId, Stamped, WorkEvent};
    use crate::time::Instant;

    const GROUP: GroupId = GroupId(0);
    const PARTITION: TopicPartition =
        TopicPartition { topic: crate::log::TopicId(0), partition: crate::log::PartitionId(0) };

    fn appended(base: i64, records: u32) -> Event {
        let (partition, base_offset) = (PARTITION, Offset(base));
        let (service, transactional, is_numbered, content_hash) = (None, None, true, 0);
        Event::Appended { service, transactional, is_numbered, partition, base_offset, records, content_hash }
    }

    fn polled(first: i64, last: i64) -> Event {
        let [first, last] = [first, last].map(Offset);
        let (service, instance, records) = (ServiceId(0), 0, 2);
        Event::Work(WorkEvent::Polled { service, group: GROUP, instance, partition: PARTITION, first, last, records })
    }

    fn processed(offset: i64) -> Event {
        let (service, offset) = (ServiceId(0), Offset(offset));
        Event::Work(WorkEvent::Processed { service, group: GROUP, partition: PARTITION, offset, key: None })
    }

    fn cut_off(at: i64, before: i64, lost: &[i64]) -> Event {
        let [log_end, log_end_before] = [at, before].map(Offset);
        let lost = lost.iter().copied().map(Offset).collect();
        Event::Cluster(ClusterFact::CutOff { partition: PARTITION, log_end, log_end_before, lost })
    }

    /// How many were published, processed and lost, and how many wait.
    fn check(events: &[Event], expect: [u64; 4]) {
        let subscription = Subscription { group: GROUP, topics: vec![PARTITION.topic], retries_in: None };
        let mut ledger = Ledger::new(vec![subscription]);
        for event in events {
            ledger.observe(&Stamped { at: Instant::START, event: event.clone() });
        }
        let account = ledger.account(GROUP);
        assert_eq!([account.published, account.processed, account.lost, account.waiting], expect);
    }

    #[test]
    fn what_was_acknowledged_is_lost_and_the_rest_never_was() {
        check(&[appended(0, 4), cut_off(1, 4, &[1, 2])], [3, 0, 2, 1]);
        check(&[appended(0, 4), cut_off(1, 4, &[1, 2]), appended(1, 2)], [5, 0, 2, 3]);
    }

    #[test]
    fn what_was_processed_before_is_not_lost() {
        check(&[appended(0, 2), processed(0), processed(1), cut_off(0, 2, &[0, 1])], [2, 2, 0, 0]);
    }

    #[test]
    fn what_somebody_has_in_hand_is_processed_after_all_and_is_not_what_is_there_now() {
        let until_cut = [appended(0, 2), polled(0, 1), cut_off(0, 2, &[0, 1]), appended(0, 2)];
        check(&until_cut, [4, 0, 2, 2]);
        let then = until_cut.into_iter().chain([processed(0), polled(0, 1), processed(0)]);
        check(&then.collect::<Vec<_>>(), [4, 2, 1, 1]);
    }
}

//! Records that a new leader did not have: what was promised to their producers is lost, the rest was never there.

use super::Ledger;
use crate::broker::{ClusterFact, GroupId};
use crate::check::account::Standing;
use crate::check::incident::{Lost, What};
use crate::check::missed::Missed;
use crate::log::{Offset, TopicPartition};

impl Ledger {
    pub(super) fn observe_cluster(&mut self, fact: &ClusterFact) {
        self.cuts.observe(fact);
        if let ClusterFact::CutOff { partition, log_end, lost, .. } = fact {
            self.cut_off(*partition, *log_end, lost);
        }
    }

    /// A log was cut off at `log_end`. Of `lost` the producers had heard that it is written; the others will write again what is not.
    fn cut_off(&mut self, partition: TopicPartition, log_end: Offset, lost: &[Offset]) {
        for offset in lost {
            self.gone_aside(partition, *offset, offset.next());
        }
        self.undecided.cut_off(partition, log_end);
        let groups: Vec<GroupId> =
            self.pages.keys().filter(|(_, written)| *written == partition).map(|(group, _)| *group).collect();
        for group in groups {
            let hands = self.hands.values().filter(|hand| hand.group == group);
            let taken = hands.filter_map(|hand| Some(hand.stretches.get(&partition)?.1.next())).max();
            if let Some(page) = self.pages.get_mut(&(group, partition)) {
                page.cut_off(log_end, taken.unwrap_or_default().max(page.committed));
            }
            self.forget_in_hand(group, partition, log_end);
            let mut thrown_away = Missed::default();
            for offset in self.tear_off(group, partition, log_end, lost) {
                thrown_away.add(offset);
                self.note(group, partition, offset, What::Lost(Lost::ThrownAway));
            }
            if !thrown_away.is_empty() {
                self.thrown_away.insert((group, partition), thrown_away);
            }
        }
    }

    /// Takes the fates from `log_end` on out of a page, and returns the records that are lost by that.
    fn tear_off(&mut self, group: GroupId, partition: TopicPartition, log_end: Offset, lost: &[Offset]) -> Vec<Offset> {
        let account = self.accounts.entry(group).or_default();
        let page = self.pages.entry((group, partition)).or_default();
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

    /// What an instance has in hand of it is not what will be there.
    fn forget_in_hand(&mut self, group: GroupId, partition: TopicPartition, log_end: Offset) {
        for hand in self.hands.values_mut().filter(|hand| hand.group == group) {
            let Some((first, last)) = hand.stretches.get(&partition).copied() else { continue };
            if first >= log_end {
                hand.stretches.remove(&partition);
            } else if last >= log_end {
                hand.stretches.insert(partition, (first, Offset(log_end.0 - 1)));
            }
        }
    }

    /// A record is processed that was thrown away after it had been read: then it is not lost after all.
    pub(super) fn process_thrown_away(&mut self, group: GroupId, partition: TopicPartition, offset: Offset) {
        let thrown_away = self.thrown_away.get_mut(&(group, partition));
        if thrown_away.is_some_and(|thrown_away| thrown_away.process(offset) == Standing::Lost) {
            self.accounts.entry(group).or_default().moves(Standing::Lost, Standing::Processed);
            self.settle(group, partition, offset);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::broker::{BrokerId, OffsetsFact};
    use crate::check::Listed;
    use crate::check::ledger::Subscription;
    use crate::log::LeaderEpoch;
    use crate::sim::{Ended, Event, InstanceChange, ServiceEvent, ServiceId, Stamped, WorkEvent};
    use crate::time::Instant;

    const GROUP: GroupId = GroupId(0);
    const PARTITION: TopicPartition =
        TopicPartition { topic: crate::log::TopicId(0), partition: crate::log::PartitionId(0) };

    fn appended(base: i64, records: u32) -> Event {
        let (partition, base_offset) = (PARTITION, Offset(base));
        let (service, transactional, is_numbered, content_hash, updates) =
            (None, None, true, 0, std::sync::Arc::default());
        Event::Appended { service, transactional, is_numbered, partition, base_offset, records, content_hash, updates }
    }

    fn polled(first: i64, last: i64, epoch: i32) -> Event {
        let [first, last] = [first, last].map(Offset);
        let (service, instance, records, epoch) = (ServiceId(0), 0, 2, Some(LeaderEpoch(epoch)));
        Event::Work(WorkEvent::Polled {
            service,
            group: GROUP,
            instance,
            partition: PARTITION,
            first,
            last,
            records,
            epoch,
        })
    }

    fn processed(offset: i64, epoch: i32) -> Event {
        let (service, offset, epoch) = (ServiceId(0), Offset(offset), Some(LeaderEpoch(epoch)));
        Event::Work(WorkEvent::Processed { service, group: GROUP, partition: PARTITION, offset, key: None, epoch })
    }

    fn committed(offset: i64, epoch: i32) -> Event {
        let (partition, offset, epoch) = (PARTITION, Offset(offset), Some(LeaderEpoch(epoch)));
        Event::Offsets(OffsetsFact::Committed { group: GROUP, member: None, partition, offset, epoch })
    }

    fn elected(epoch: i32) -> Event {
        let (partition, leader, epoch) = (PARTITION, Some(BrokerId(1)), LeaderEpoch(epoch));
        Event::Cluster(ClusterFact::Elected { partition, leader, epoch, is_unclean: true })
    }

    fn cut_off(at: i64, before: i64, lost: &[i64]) -> Event {
        let [log_end, log_end_before] = [at, before].map(Offset);
        let lost = lost.iter().copied().map(Offset).collect();
        Event::Cluster(ClusterFact::CutOff { partition: PARTITION, log_end, log_end_before, lost })
    }

    fn ledger_after(events: &[Event]) -> Ledger {
        let subscription = Subscription { group: GROUP, topics: vec![PARTITION.topic], retries_in: None };
        let mut ledger = Ledger::new(vec![subscription]);
        for event in events {
            ledger.observe(&Stamped { at: Instant::START, event: event.clone() });
        }
        ledger
    }

    /// How many were published, processed and lost, and how many wait.
    fn check(events: &[Event], expect: [u64; 4]) {
        let account = ledger_after(events).account(GROUP);
        assert_eq!([account.published, account.processed, account.lost, account.waiting], expect);
    }

    #[test]
    fn what_was_acknowledged_is_lost_and_the_rest_never_was() {
        check(&[appended(0, 4), elected(1), cut_off(1, 4, &[1, 2])], [3, 0, 2, 1]);
        check(&[appended(0, 4), elected(1), cut_off(1, 4, &[1, 2]), appended(1, 2)], [5, 0, 2, 3]);
    }

    /// Which records were lost, and why.
    fn check_lost(events: &[Event], expect: &[(i64, Lost)]) {
        let lost = ledger_after(events).entries(GROUP, Listed::Lost, 10);
        let mut lost: Vec<(i64, Option<What>)> = lost.iter().map(|it| (it.offset.0, it.what)).collect();
        lost.sort_by_key(|it| it.0);
        assert_eq!(lost, expect.iter().map(|(offset, why)| (*offset, Some(What::Lost(*why)))).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_written_where_a_group_had_been_already_is_read_past() {
        let done = [processed(0, 0), processed(1, 0), processed(2, 0), committed(3, 0)];
        let cut = [elected(1), cut_off(1, 3, &[]), appended(1, 4)];
        let until_cut = [&[appended(0, 3), polled(0, 2, 0)], &done[..], &cut[..]].concat();
        let then = |events: &[Event]| [&until_cut[..], events].concat();
        let goes_on = [polled(3, 4, 1), processed(3, 1), processed(4, 1), committed(5, 1)];
        check_lost(&then(&goes_on), &[(1, Lost::ReadPast), (2, Lost::ReadPast)]);
        let goes_back = [polled(1, 4, 1), processed(1, 1), processed(2, 1), committed(5, 1), ended(), polled(5, 5, 1)];
        check_lost(&then(&goes_back), &[(3, Lost::Committed), (4, Lost::Committed)]);
    }

    fn ended() -> Event {
        let change = InstanceChange::Ended(Ended::Crashed);
        Event::Service(ServiceEvent::InstanceChanged { service: ServiceId(0), instance: 0, change })
    }

    #[test]
    fn what_was_processed_before_is_not_lost() {
        let processed = [appended(0, 2), processed(0, 0), processed(1, 0), elected(1), cut_off(0, 2, &[0, 1])];
        check(&processed, [2, 2, 0, 0]);
    }

    #[test]
    fn what_was_read_before_is_processed_after_all_and_is_not_what_is_there_now() {
        let until_cut = [appended(0, 2), polled(0, 0, 0), elected(1), cut_off(0, 2, &[0, 1]), appended(0, 2)];
        check(&until_cut, [4, 0, 2, 2]);
        let then = until_cut.into_iter().chain([processed(0, 0), polled(1, 1, 0), processed(1, 0)]);
        check(&then.clone().collect::<Vec<_>>(), [4, 2, 0, 2]);
        check(&then.chain([polled(0, 1, 1), processed(0, 1)]).collect::<Vec<_>>(), [4, 3, 0, 1]);
    }

    #[test]
    fn what_is_committed_of_the_log_before_says_nothing_of_what_is_there_now() {
        let read = [appended(0, 2), polled(0, 1, 0), processed(0, 0), processed(1, 0)];
        let cut = read.into_iter().chain([elected(1), cut_off(1, 2, &[1]), appended(1, 3)]).collect::<Vec<_>>();
        let with = |event: Event| cut.iter().cloned().chain([event]).collect::<Vec<_>>();
        check(&with(committed(2, 0)), [5, 2, 0, 3]);
        check(&with(committed(2, 1)), [5, 2, 1, 2]);
    }
}

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

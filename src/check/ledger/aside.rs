//! Records that were put aside, and what befalls them where they lie.

use super::Ledger;
use crate::broker::GroupId;
use crate::check::asides::Claim;
use crate::check::incident::{Lost, What};
use crate::check::page::Aside;
use crate::log::{Offset, RecordRef, TopicPartition};

impl Ledger {
    pub(super) fn put_aside(&mut self, claim: Claim, aside: Aside, place: Option<RecordRef>) {
        let Claim { group, record: RecordRef { partition, offset } } = claim;
        let account = self.accounts.entry(group).or_default();
        if !self.pages.entry((group, partition)).or_default().put_aside(offset, aside, account) {
            return;
        }
        if !self.asides.put(claim, place) {
            account.unfollowed += 1;
        }
        let what = match aside {
            Aside::Retrying => What::SentToRetry,
            Aside::DeadLettered => What::DeadLettered,
        };
        self.settle(group, partition, offset);
        self.note(group, partition, offset, what);
    }

    /// Gives up what lay aside in these places: it is not there any more.
    pub(super) fn gone_aside(&mut self, partition: TopicPartition, from: Offset, end: Offset) {
        for (_, claim) in self.asides.between(partition, from, end) {
            self.lose_claimed(claim, Lost::GoneAside);
        }
    }

    /// Gives up a record that lay aside.
    pub(super) fn lose_claimed(&mut self, claim: Claim, why: Lost) {
        self.lose(claim.group, claim.record.partition, claim.record.offset, why);
    }

    /// The group in which a group's service reads what it has put aside.
    pub(super) fn retries_in(&self, group: GroupId) -> Option<GroupId> {
        self.subscriptions.iter().find(|it| it.group == group).and_then(|it| it.retries_in)
    }
}

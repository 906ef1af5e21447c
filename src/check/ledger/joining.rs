//! Groups that join while the run goes on, and such as leave it for good.

use super::{Ledger, Subscription};
use crate::broker::GroupId;
use crate::check::account::Account;
use crate::check::page::Page;
use crate::sim::{Begins, ServiceSpec};

impl Ledger {
    /// A group joins: what is there from where it begins is all for it to process, and what was before is none of its business. One
    /// that was there before begins anew.
    pub(super) fn joins(
        &mut self,
        spec: &ServiceSpec,
        (group, retries_in): (GroupId, Option<GroupId>),
        begins: &[Begins],
    ) {
        self.leaves(group);
        let topics = spec.consumes.as_ref().map(|consumes| consumes.topics.clone()).unwrap_or_default();
        self.subscriptions.push(Subscription { group, topics, retries_in });
        self.incidents.remove(&group);
        let mut account = Account::default();
        for begins in begins {
            let page = Page::from(begins);
            account.published += page.records();
            self.pages.insert((group, begins.partition), page);
        }
        account.waiting = account.published;
        self.accounts.insert(group, account);
    }

    /// A group leaves. Its sums stay as they are: they say what was left.
    pub(super) fn leaves(&mut self, group: GroupId) {
        self.subscriptions.retain(|it| it.group != group);
        self.pages.retain(|(of, _), _| *of != group);
        self.hands.retain(|_, hand| hand.group != group);
        self.thrown_away.retain(|(of, _), _| *of != group);
    }
}

//! The absence of a service that reads: it is switched off or cut off from the brokers, comes back, and catches up.

use super::AWAY_MIN;
use crate::broker::GroupId;
use crate::check::account::Account;
use crate::check::ledger::Ledger;
use crate::log::{Offset, TopicPartition};
use crate::sim::ServiceId;
use crate::time::{Instant, Span};

/// A service that reads.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) service: ServiceId,
    pub(super) group: GroupId,
    is_off: bool,
    is_cut_off: bool,
    /// While it is away, or not yet where it would be.
    absence: Option<Absence>,
}

/// The absence of a service.
#[derive(Clone, Debug)]
struct Absence {
    from: Instant,
    /// How many records there were, and how many were lost, when it went.
    published: u64,
    lost: u64,
    /// For how long it was away, once it is back.
    away: Option<Span>,
    /// If it came back from the other end of a cut network: where the logs ended then. The world says of a service that was switched
    /// on when it has caught up, and of no other.
    ends: Option<Vec<(TopicPartition, Offset)>>,
}

impl Reader {
    pub(super) const fn new(service: ServiceId, group: GroupId) -> Self {
        Self { service, group, is_off: false, is_cut_off: false, absence: None }
    }

    /// It is switched on or off.
    pub(super) fn switched(&mut self, at: Instant, online: bool, ledger: &Ledger) {
        self.is_off = !online;
        if self.is_off {
            self.goes(at, ledger);
        } else if !self.is_cut_off {
            self.comes_back(at, None);
        }
    }

    /// It is cut off from the brokers, or joined to them again.
    pub(super) fn network_switched(&mut self, at: Instant, connected: bool, ledger: &Ledger) {
        self.is_cut_off = !connected;
        if self.is_off {
            return;
        }
        if self.is_cut_off {
            self.goes(at, ledger);
        } else {
            self.comes_back(at, Some(ledger.ends(self.group)));
        }
    }

    /// It goes; if it was away already, it still is.
    fn goes(&mut self, at: Instant, ledger: &Ledger) {
        if self.absence.as_ref().is_some_and(|it| it.away.is_none()) {
            return;
        }
        let Account { published, lost, .. } = ledger.account(self.group);
        self.absence = Some(Absence { from: at, published, lost, away: None, ends: None });
    }

    fn comes_back(&mut self, at: Instant, ends: Option<Vec<(TopicPartition, Offset)>>) {
        if let Some(absence) = &mut self.absence {
            (absence.away, absence.ends) = (Some(at.since(absence.from)), ends);
        }
    }

    /// The world says that it has caught up. Returns whether it was away for long, missed something, and lost nothing.
    pub(super) fn has_caught_up(&mut self, ledger: &Ledger) -> bool {
        self.absence
            .take_if(|it| it.away.is_some() && it.ends.is_none())
            .is_some_and(|it| it.is_worth(self.group, ledger))
    }

    /// The same, when its group has committed what was there when it was joined to the brokers again.
    pub(super) fn has_committed(&mut self, ledger: &Ledger) -> bool {
        let has_passed = |ends: &Vec<(TopicPartition, Offset)>| {
            ends.iter().all(|(partition, end)| ledger.committed_of(self.group, *partition) >= *end)
        };
        let group = self.group;
        self.absence.take_if(|it| it.ends.as_ref().is_some_and(has_passed)).is_some_and(|it| it.is_worth(group, ledger))
    }
}

impl Absence {
    fn is_worth(&self, group: GroupId, ledger: &Ledger) -> bool {
        let account = ledger.account(group);
        let has_missed = self.away.is_some_and(|away| away >= AWAY_MIN) && account.published > self.published;
        has_missed && account.lost == self.lost
    }
}

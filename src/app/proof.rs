//! The proof as scripts see it, `window.catchup.ledger()` and `promises()`, and the promises with what threatens them.

use super::model::Model;
use crate::broker::GroupId;
use crate::check::promises::{Breach, Promise, Standing, Verdict};
use crate::sim::ServiceId;
use crate::time::Instant;
use serde::Serialize;
use std::sync::Arc;

/// How a promise stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is made and kept.
    Holds {
        /// Since when it is made.
        since: Instant,
    },
    /// It is made and kept, and something is about to break it.
    AtRisk {
        /// Since when it is made.
        since: Instant,
    },
    /// It was made and broken.
    Broken(Breach),
    /// It is not made.
    NeverPromised {
        /// Since when.
        since: Instant,
        /// Where it was not kept first, if so.
        slipped: Option<Breach>,
        /// How many records are committed and still to be processed: they are lost if whoever has them in hand crashes now.
        at_risk: u64,
    },
}

/// A promise with how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) service: ServiceId,
    pub(super) promise: Promise,
    pub(super) judgement: Judgement,
}

/// What became of the records of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerSnapshot {
    group: Arc<str>,
    left: bool,
    published: u64,
    processed: u64,
    waiting: u64,
    retrying: u64,
    dead_lettered: u64,
    compacted: u64,
    aborted: u64,
    lost: u64,
    processed_again: u64,
}

/// A promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PromiseSnapshot {
    service: Arc<str>,
    name: &'static str,
    promised: bool,
    verdict: &'static str,
    since_ms: u64,
    record: Option<RecordSnapshot>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct RecordSnapshot {
    topic: Arc<str>,
    partition: u32,
    offset: i64,
}

impl Model {
    /// The promises of all services, as they stand now; while their list is folded up, up to a few hundred operations ago.
    pub(super) fn promises(&self) -> Vec<Judged> {
        self.judged(self.has_unfolded_promises())
    }

    fn judged(&self, up_to_now: bool) -> Vec<Judged> {
        let standings = self.moment.promises.standings(&self.moment.ledger, up_to_now);
        standings.iter().map(|standing| self.judge(standing)).collect()
    }

    fn judge(&self, standing: &Standing) -> Judged {
        let Standing { service, promise, verdict } = *standing;
        let is_threatened =
            || promise == Promise::NothingIsLost && self.lateness(service).is_some_and(|it| it.threat.is_some());
        let judgement = match verdict {
            Verdict::Holds { since } if is_threatened() => Judgement::AtRisk { since },
            Verdict::Holds { since } => Judgement::Holds { since },
            Verdict::Broken(breach) => Judgement::Broken(breach),
            Verdict::NeverPromised { since, slipped } => {
                let group = self.world().group_of(service).filter(|_| promise == Promise::NothingIsLost);
                let at_risk = group.map_or(0, |group| self.ledger().committed_in_hand(group));
                Judgement::NeverPromised { since, slipped, at_risk }
            }
        };
        Judged { service, promise, judgement }
    }

    /// All groups that there ever were, each once: with how many came before it, and the service that reads in it or was the last to.
    pub(super) fn groups_ever(&self) -> impl Iterator<Item = (usize, ServiceId, GroupId)> {
        let world = self.world();
        let all = world.all_service_ids().filter_map(|id| Some((id, world.group_of(id)?)));
        let numbered = all.clone().enumerate().map(|(index, (id, group))| (index, id, group));
        numbered.filter(move |(_, id, group)| !all.clone().any(|(other, of)| other > *id && of == *group))
    }

    /// How many appends and polls are too old to be judged one by one.
    pub(super) fn operations_dropped(&self) -> u64 {
        self.moment.promises.operations_dropped()
    }
}

/// What became of the records of each group.
pub fn ledger_snapshot(model: &Model) -> Vec<LedgerSnapshot> {
    let world = model.world();
    let groups = model.groups_ever().map(|(_, id, group)| (world.is_removed(id), group, model.account_of(id)));
    let snapshot = |(left, group, account): (bool, _, crate::check::Account)| LedgerSnapshot {
        group: world.broker().group(group).name().clone(),
        left,
        published: account.published,
        processed: account.processed,
        waiting: account.waiting,
        retrying: account.retrying,
        dead_lettered: account.dead_lettered,
        compacted: account.compacted,
        aborted: account.aborted,
        lost: account.lost,
        processed_again: account.processed_again,
    };
    groups.map(snapshot).collect()
}

/// The promises of all services as they stand at this instant.
pub fn promises_snapshot(model: &Model) -> Vec<PromiseSnapshot> {
    model.judged(true).iter().map(|judged| promise(model, judged)).collect()
}

fn promise(model: &Model, judged: &Judged) -> PromiseSnapshot {
    let (promised, verdict, since, breach) = match judged.judgement {
        Judgement::Holds { since } => (true, "holds", since, None),
        Judgement::AtRisk { since } => (true, "at_risk", since, None),
        Judgement::Broken(breach) => (true, "broken", breach.at, Some(breach)),
        Judgement::NeverPromised { since, slipped: None, at_risk: 1.. } => (false, "at_risk", since, None),
        Judgement::NeverPromised { since, slipped: None, at_risk: 0 } => (false, "never_promised_held", since, None),
        Judgement::NeverPromised { slipped: Some(breach), .. } => {
            (false, "never_promised_not_held", breach.at, Some(breach))
        }
    };
    let record = |breach: Breach| RecordSnapshot {
        topic: model.world().broker().topic(breach.partition.topic).name().clone(),
        partition: breach.partition.partition.0,
        offset: breach.offset.0,
    };
    let service = model.world().service_spec(judged.service).name.clone();
    PromiseSnapshot {
        service,
        name: judged.promise.name(),
        promised,
        verdict,
        since_ms: since.as_ms(),
        record: breach.map(record),
    }
}

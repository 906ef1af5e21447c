//! A service with its promises: which are made, and what the ledger says of them.

use super::copies::Copies;
use super::kept::Kept;
use super::promise::{Breach, Cause, Promise, Verdict};
use super::sends::Sends;
use super::terms::{Published, Terms, Writes};
use super::watch::Watch;
use crate::broker::GroupId;
use crate::check::incident::{Again, Incident, Incidents, Lost, What};
use crate::check::ledger::Ledger;
use crate::log::{Setting, TopicId};
use crate::sim::{ServiceId, ServiceSpec};
use crate::sorted::SortedMap;
use crate::time::Instant;

/// A service with its promises.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) id: ServiceId,
    pub(super) group: Option<GroupId>,
    pub(super) topics: Vec<TopicId>,
    pub(super) terms: Terms,
    pub(super) kept: SortedMap<Promise, Kept>,
    pub(super) watch: Watch,
    pub(super) sends: Sends,
    pub(super) copies: Copies,
    /// How many incidents of the ledger have been looked at.
    pub(super) incidents_seen: u64,
}

impl Service {
    /// A service as it begins; `published` is how the topic is kept that it publishes to.
    pub(super) fn of(spec: &ServiceSpec, id: ServiceId, group: Option<GroupId>, published: Option<Published>) -> Self {
        let writes = Writes::of(spec.publishes.as_ref().map(|publishes| publishes.config.clone()));
        let reads = spec.consumes.as_ref().map(|consumes| consumes.config.clone());
        let terms = Terms { reads, writes, published };
        let promises = |has: bool, all: &'static [Promise]| all.iter().filter(move |_| has);
        let of_reading = promises(terms.reads.is_some(), &Promise::OF_READERS);
        let made = of_reading.chain(promises(terms.writes.are_any(), &Promise::OF_PUBLISHERS));
        Self {
            id,
            group,
            topics: spec.consumes.as_ref().map(|it| it.topics.clone()).unwrap_or_default(),
            kept: made.map(|promise| (*promise, Kept::new(*promise, &terms))).collect(),
            terms,
            watch: Watch::default(),
            sends: Sends::default(),
            copies: Copies::default(),
            incidents_seen: 0,
        }
    }

    pub(super) fn set(&mut self, setting: &str, value: &str, now: Instant) {
        self.terms.set(setting, value);
        self.promise(now);
    }

    /// It has joined now: nothing was promised before.
    pub(super) fn promise_from(&mut self, now: Instant) {
        self.kept.values_mut().for_each(|kept| kept.begin(now));
    }

    /// The topic that it publishes to is kept otherwise from now on.
    pub(super) fn keep_as(&mut self, setting: Setting, value: &str, now: Instant) {
        self.terms.set_topic(setting, value);
        self.promise(now);
    }

    /// Promises from now on what its terms make.
    pub(super) fn promise(&mut self, now: Instant) {
        for (promise, kept) in self.kept.iter_mut() {
            kept.make(self.terms.make(*promise), now, self.watch.taken());
        }
    }

    pub(super) fn slips(&mut self, promise: Promise, breach: Breach) {
        if let Some(kept) = self.kept.get_mut(&promise) {
            kept.slips(breach);
        }
    }

    pub(super) fn fails(&mut self, promise: Promise, breach: Breach) {
        if let Some(kept) = self.kept.get_mut(&promise) {
            kept.fails(breach);
        }
    }

    pub(super) fn verdict(&self, promise: Promise, kept: &Kept, ledger: &Ledger) -> Verdict {
        let verdict = kept.verdict(|breach| self.is_still_so(breach, ledger));
        match (promise, verdict) {
            (Promise::NothingIsLost, Verdict::Holds { .. }) => {
                let lost = self.group.and_then(|group| ledger.incidents(group)).into_iter().flat_map(Incidents::lost);
                let mut breaches = lost.filter_map(|it| Some(breach_of(it)?.1));
                breaches.find(|breach| kept.is_broken_by(breach)).map_or(verdict, Verdict::Broken)
            }
            (_, Verdict::Holds { .. } | Verdict::Broken(_) | Verdict::NeverPromised { .. }) => verdict,
        }
    }

    /// Whether a record that was lost is lost still. What is too long ago to tell is.
    fn is_still_so(&self, breach: &Breach, ledger: &Ledger) -> bool {
        let Cause::Lost(why) = breach.cause else { return true };
        if why == Lost::ThrownAway {
            return true;
        }
        let Some(incidents) = self.group.and_then(|group| ledger.incidents(group)) else { return true };
        let is_it = |it: &Incident| (it.partition, it.offset) == (breach.partition, breach.offset);
        incidents.lost().iter().any(is_it) || incidents.has_forgotten_lost()
    }
}

/// What an incident says of a promise. What a person did by seeking breaks none.
pub(super) fn breach_of(incident: &Incident) -> Option<(Promise, Breach)> {
    let Incident { at, partition, offset, what } = *incident;
    let (promise, cause) = match what {
        What::Lost(
            why @ (Lost::Expired | Lost::Committed | Lost::ReadPast | Lost::GoneAside | Lost::SkippedOnFailure),
        ) => (Promise::NothingIsLost, Cause::Lost(why)),
        What::Again(why @ (Again::InstanceEnded | Again::HandedOver | Again::Delivered)) => {
            (Promise::NothingTwice, Cause::Again(why))
        }
        // The reader is not to blame, but who told the producer that it is written.
        What::Lost(Lost::Sought | Lost::ThrownAway)
        | What::Again(Again::Sought)
        | What::SentToRetry
        | What::DeadLettered => return None,
    };
    Some((promise, Breach { at, partition, offset, cause }))
}

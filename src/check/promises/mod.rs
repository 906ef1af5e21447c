//! What the services of a run promise, as they are set, and whether they keep it: judged from the trace of events alone.
//!
//! Not the invariants of the engine, which hold whatever anybody sets: those are [`super::Invariant`]. A promise is made by
//! settings, such as when a group commits, and it is no fault of the engine if one is not made.

mod kept;
mod promise;
mod recording;
mod terms;
mod undecided;
mod watch;

pub use promise::{Breach, Cause, Promise, Standing, Verdict};
pub use recording::{NOTES_MAX, RECORDS_MAX};

use super::incident::{Again, Incident, Incidents, Lost, What};
use super::ledger::Ledger;
use super::page::Fate;
use crate::broker::{GroupFact, GroupId, LogFact, OffsetsFact};
use crate::log::{Offset, TopicId, TopicPartition, TransactionResult};
use crate::sim::{Event, Fared, InstanceChange, ServiceEvent, ServiceId, Stamped, WorkEvent, World};
use crate::sorted::SortedMap;
use crate::time::Instant;
use kept::Kept;
use recording::{Finding, Recording};
use terms::Terms;
use undecided::Undecided;
use watch::{Fault, Watch};

/// The promises of all services of a run.
#[derive(Clone, Debug)]
pub struct Promises {
    services: Vec<Service>,
    recording: Recording,
    undecided: Undecided,
    log_ends: SortedMap<TopicPartition, Offset>,
    now: Instant,
}

/// A service with its promises.
#[derive(Clone, Debug)]
struct Service {
    id: ServiceId,
    group: Option<GroupId>,
    topics: Vec<TopicId>,
    terms: Terms,
    kept: SortedMap<Promise, Kept>,
    watch: Watch,
    /// How many incidents of the ledger have been looked at.
    incidents_seen: u64,
}

impl Promises {
    /// The promises of a world at its beginning.
    pub fn of(world: &World) -> Self {
        let (recording, undecided) = (Recording::default(), Undecided::default());
        let services = world.service_ids().map(|id| Service::of(world, id)).collect();
        Self { services, recording, undecided, log_ends: SortedMap::new(), now: Instant::START }
    }

    /// Takes in what happened, after the ledger has.
    pub fn observe(&mut self, stamped: &Stamped, ledger: &Ledger) {
        self.now = stamped.at;
        match &stamped.event {
            Event::Appended { service, partition, base_offset, records, content_hash, transactional } => {
                let end = base_offset.plus(i64::from(*records));
                self.log_ends.insert(*partition, end);
                if let Some(producer) = transactional {
                    self.undecided.append(*partition, *producer, (*base_offset, end));
                }
                if self.services.iter().any(|it| it.topics.contains(&partition.topic)) {
                    self.recording.sent(self.now, *service, *partition, (*base_offset, *records, *content_hash));
                }
            }
            Event::Log(fact) => self.observe_log(fact),
            Event::Offsets(fact) => self.observe_offsets(fact),
            Event::Group(fact) => self.observe_group(fact),
            Event::Work(work) => self.observe_work(work, ledger),
            Event::Service(event) => self.observe_service(event),
            Event::TopicConfigured { .. } | Event::Transaction(_) | Event::Outcome(_) => {}
        }
        self.look_at_incidents(ledger);
        if self.recording.is_due() {
            self.check_history();
        }
    }

    /// How every promise stands: now, or as far as the history of operations has been checked, which costs less.
    pub fn standings(&self, ledger: &Ledger, up_to_now: bool) -> Vec<Standing> {
        let mut now = self.clone();
        if up_to_now {
            now.check_history();
        }
        let of_service = |service: &Service| {
            let standing = |(promise, kept): (&Promise, &Kept)| Standing {
                service: service.id,
                promise: *promise,
                verdict: service.verdict(*promise, kept, ledger),
            };
            service.kept.iter().map(standing).collect::<Vec<_>>()
        };
        now.services.iter().flat_map(of_service).collect()
    }

    /// How many sends and polls are too old for the history of operations: they are judged by the sums of the ledger only.
    pub fn operations_dropped(&self) -> u64 {
        self.recording.dropped()
    }

    fn observe_log(&mut self, fact: &LogFact) {
        match *fact {
            LogFact::Deleted { partition, log_start_offset } => {
                self.recording.gone(self.now, partition, log_start_offset);
                self.undecided.forget_below(partition, log_start_offset);
            }
            LogFact::Compacted { partition, ref removed, .. } => {
                let last = removed.last().copied().unwrap_or_default();
                self.recording.gone(self.now, partition, last.next());
            }
            LogFact::MarkerWritten { partition, offset, producer, result } => {
                self.log_ends.insert(partition, offset.next());
                self.undecided.decide(partition, producer, result);
                if result == TransactionResult::Abort {
                    self.recording.gone(self.now, partition, offset);
                }
            }
        }
    }

    fn observe_offsets(&mut self, fact: &OffsetsFact) {
        match *fact {
            OffsetsFact::Committed { group, partition, offset, .. } => {
                self.judge(group, |watch| watch.commits(partition, offset));
            }
            OffsetsFact::Expired { group, ref partitions } => {
                self.judge(group, |watch| {
                    watch.forgets(partitions);
                    None
                });
            }
        }
    }

    fn observe_group(&mut self, fact: &GroupFact) {
        match fact {
            GroupFact::Assigned { group, generation, member, partitions } => {
                self.judge(*group, |watch| watch.assigns(*generation, *member, partitions));
            }
            GroupFact::RebalanceStarted { group, .. } | GroupFact::GenerationStarted { group, .. } => {
                self.moves(*group);
            }
            GroupFact::MemberJoined { .. }
            | GroupFact::MemberRejoined { .. }
            | GroupFact::MemberReplaced { .. }
            | GroupFact::MemberLeft { .. }
            | GroupFact::Changed { .. } => {}
        }
    }

    fn observe_work(&mut self, work: &WorkEvent, ledger: &Ledger) {
        match *work {
            WorkEvent::Polled { group, instance, partition, first, last, records, .. } => {
                let now = self.now;
                let Some(service) = self.service_of(group) else { return };
                let is_anew = service.watch.polls(instance, partition, (first, last));
                self.recording.polled(now, (group, instance), partition, (first, last, records), is_anew);
            }
            WorkEvent::Processed { group, partition, offset, .. } => {
                // What was left out or recognised before has had its turn.
                let is_new = |fate: Fate| fate.times == 1 && !fate.skipped && !fate.recognised;
                let is_first = || ledger.fate(group, partition, offset).is_some_and(is_new);
                self.judge(group, |watch| watch.processes(partition, offset, is_first));
                if self.undecided.holds(partition, offset) {
                    let fault = (Promise::CommittedReads, partition, offset, Cause::Uncommitted);
                    self.judge(group, |_| Some(fault));
                }
            }
            WorkEvent::Fared { group, partition, offset, how: Fared::Skipped, .. } => {
                self.judge(group, |watch| watch.processes(partition, offset, || false));
            }
            WorkEvent::Fared { .. } => {}
        }
    }

    fn observe_service(&mut self, event: &ServiceEvent) {
        match event {
            ServiceEvent::Configured { service, setting, value } => {
                let now = self.now;
                self.services.iter_mut().filter(|it| it.id == *service).for_each(|it| it.set(setting, value, now));
            }
            ServiceEvent::Sought { group, partition, to, .. } => {
                self.judge(*group, |watch| {
                    watch.seeks(*partition, *to);
                    None
                });
                let end = self.log_ends.get(partition).copied().unwrap_or_default();
                self.recording.gone(self.now, *partition, end);
                self.recording.moved(self.now, *group);
            }
            ServiceEvent::InstanceChanged {
                service, change: InstanceChange::Began | InstanceChange::Ended(_), ..
            } => {
                let group = self.services.iter().find(|it| it.id == *service).and_then(|it| it.group);
                if let Some(group) = group {
                    self.moves(group);
                }
            }
            ServiceEvent::InstanceChanged { change: InstanceChange::Stalled(_), .. }
            | ServiceEvent::Switched { .. }
            | ServiceEvent::NetworkSwitched { .. }
            | ServiceEvent::RateChanged { .. }
            | ServiceEvent::CaughtUp { .. }
            | ServiceEvent::Refused { .. }
            | ServiceEvent::Limited { .. } => {}
        }
    }

    fn service_of(&mut self, group: GroupId) -> Option<&mut Service> {
        self.services.iter_mut().find(|it| it.group == Some(group))
    }

    fn moves(&mut self, group: GroupId) {
        if let Some(service) = self.service_of(group) {
            service.watch.begins_anew();
            self.recording.moved(self.now, group);
        }
    }

    fn judge(&mut self, group: GroupId, look: impl FnOnce(&mut Watch) -> Option<Fault>) {
        let at = self.now;
        let Some(service) = self.service_of(group) else { return };
        if let Some((promise, partition, offset, cause)) = look(&mut service.watch) {
            service.fails(promise, Breach { at, partition, offset, cause });
        }
    }

    /// Takes in what has befallen records since the last time.
    fn look_at_incidents(&mut self, ledger: &Ledger) {
        for service in &mut self.services {
            let Some(incidents) = service.group.and_then(|group| ledger.incidents(group)) else { continue };
            if incidents.noted() == service.incidents_seen {
                continue;
            }
            service.incidents_seen = incidents.noted();
            for list in [incidents.lost(), incidents.again()] {
                let new = list.iter().rev().take_while(|it| it.at == self.now).last();
                if let Some((promise, breach)) = new.and_then(breach_of) {
                    service.fails(promise, breach);
                }
            }
        }
    }

    fn check_history(&mut self) {
        let mut found: Vec<(ServiceId, Finding)> = Vec::new();
        for service in &self.services {
            let Some(group) = service.group else { continue };
            found.extend(self.recording.check(group, &service.topics).into_iter().map(|it| (service.id, it)));
        }
        for (reader, (promise, sender, breach)) in found {
            let whose = if Promise::OF_PUBLISHERS.contains(&promise) { sender } else { Some(reader) };
            self.services.iter_mut().filter(|it| Some(it.id) == whose).for_each(|it| it.fails(promise, breach));
        }
    }
}

impl Service {
    fn of(world: &World, id: ServiceId) -> Self {
        let spec = world.service_spec(id);
        let writes = spec.publishes.as_ref().and_then(|_| world.write_config_of(id).cloned());
        let terms = Terms { reads: world.config_of(id).cloned(), writes };
        let promises = |has: bool, all: &'static [Promise]| all.iter().filter(move |_| has);
        let of_reading = promises(terms.reads.is_some(), &Promise::OF_READERS);
        let made = of_reading.chain(promises(terms.writes.is_some(), &Promise::OF_PUBLISHERS));
        Self {
            id,
            group: world.group_of(id),
            topics: spec.consumes.as_ref().map(|it| it.topics.clone()).unwrap_or_default(),
            kept: made.map(|promise| (*promise, Kept::new(*promise, &terms))).collect(),
            terms,
            watch: Watch::default(),
            incidents_seen: 0,
        }
    }

    fn set(&mut self, setting: &str, value: &str, now: Instant) {
        self.terms.set(setting, value);
        for (promise, kept) in self.kept.iter_mut() {
            kept.make(self.terms.make(*promise), now, self.watch.taken());
        }
    }

    fn fails(&mut self, promise: Promise, breach: Breach) {
        if let Some(kept) = self.kept.get_mut(&promise) {
            kept.fails(breach);
        }
    }

    fn verdict(&self, promise: Promise, kept: &Kept, ledger: &Ledger) -> Verdict {
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
        let Cause::Lost(_) = breach.cause else { return true };
        let Some(incidents) = self.group.and_then(|group| ledger.incidents(group)) else { return true };
        let is_it = |it: &Incident| (it.partition, it.offset) == (breach.partition, breach.offset);
        incidents.lost().iter().any(is_it) || incidents.has_forgotten_lost()
    }
}

/// What an incident says of a promise. What a person did by seeking breaks none.
fn breach_of(incident: &Incident) -> Option<(Promise, Breach)> {
    let Incident { at, partition, offset, what } = *incident;
    let (promise, cause) = match what {
        What::Lost(why @ (Lost::Expired | Lost::Committed | Lost::GoneAside | Lost::SkippedOnFailure)) => {
            (Promise::NothingIsLost, Cause::Lost(why))
        }
        What::Again(why @ (Again::InstanceEnded | Again::HandedOver | Again::Delivered)) => {
            (Promise::NothingTwice, Cause::Again(why))
        }
        What::Lost(Lost::Sought) | What::Again(Again::Sought) | What::SentToRetry | What::DeadLettered => return None,
    };
    Some((promise, Breach { at, partition, offset, cause }))
}

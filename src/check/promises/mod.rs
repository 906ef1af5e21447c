//! What the services of a run promise, as they are set, and whether they keep it: judged from the trace of events alone.
//!
//! Not the invariants of the engine, which hold whatever anybody sets: those are [`super::Invariant`]. A promise is made by
//! settings, such as when a group commits, and it is no fault of the engine if one is not made.

mod copies;
mod cut_off;
mod kept;
mod promise;
mod recording;
mod sends;
mod service;
mod terms;
mod watch;

pub use promise::{Breach, Cause, Promise, Standing, Verdict};
pub use recording::{NOTES_MAX, RECORDS_MAX};

use super::cuts::Cuts;
use super::history::Check;
use super::ledger::Ledger;
use super::page::Fate;
use super::undecided::Unreadable;
use crate::broker::{GroupFact, GroupId, LogFact, OffsetsFact};
use crate::log::{Offset, TopicId, TopicPartition, TransactionResult};
use crate::sim::{Event, Fared, InstanceChange, ServiceEvent, ServiceId, Stamped, WorkEvent, World};
use crate::sorted::SortedMap;
use crate::time::Instant;
use recording::{Finding, Recording};
use service::{Service, breach_of};
use terms::{Published, published_by};
use watch::{Fault, Watch};

/// The promises of all services of a run.
#[derive(Clone, Debug)]
pub struct Promises {
    services: Vec<Service>,
    /// How each topic is kept.
    topics: Vec<Published>,
    recording: Recording,
    unreadable: Unreadable,
    cuts: Cuts,
    log_ends: SortedMap<TopicPartition, Offset>,
    now: Instant,
}

impl Promises {
    /// The promises of a world at its beginning.
    pub fn of(world: &World) -> Self {
        let (recording, unreadable) = (Recording::default(), Unreadable::default());
        let topics: Vec<Published> =
            world.broker().topics().iter().zip(0..).map(|(it, id)| Published::of(it, TopicId(id))).collect();
        let service = |id| {
            let spec = world.service_spec(id);
            Service::of(spec, id, world.group_of(id), published_by(spec, &topics))
        };
        let services = world.service_ids().map(service).collect();
        let (cuts, log_ends, now) = (Cuts::default(), SortedMap::new(), Instant::START);
        Self { services, topics, recording, unreadable, cuts, log_ends, now }
    }

    /// Takes in what happened, after the ledger has.
    pub fn observe(&mut self, stamped: &Stamped, ledger: &Ledger) {
        self.now = stamped.at;
        match &stamped.event {
            Event::Appended {
                service,
                partition,
                base_offset: base,
                records,
                transactional,
                is_numbered,
                updates,
                ..
            } => {
                let end = base.plus(i64::from(*records));
                self.log_ends.insert(*partition, end);
                if let Some(producer) = transactional {
                    self.unreadable.appended(*partition, *producer, *base, *records);
                }
                if self.services.iter().any(|it| it.topics.contains(&partition.topic)) {
                    self.recording.sent(self.now, *service, *partition, (*base, *records));
                }
                if let Some(sender) = service {
                    self.written(*sender, *partition, *base, updates, *is_numbered);
                }
            }
            Event::Log(fact) => self.observe_log(fact),
            Event::Offsets(fact) => self.observe_offsets(fact),
            Event::Group(fact) => self.observe_group(fact),
            Event::Cluster(fact) => self.observe_cluster(fact),
            Event::Work(work) => self.observe_work(work, ledger),
            Event::Service(event) => self.observe_service(event),
            Event::TopicConfigured { topic, setting, value } => {
                let now = self.now;
                self.topics.iter_mut().filter(|it| it.topic() == *topic).for_each(|it| it.set(*setting, value));
                let of_topic = self.services.iter_mut().filter(|it| it.terms.publishes_to(*topic));
                of_topic.for_each(|it| it.keep_as(*setting, value, now));
            }
            Event::Transaction(_) | Event::Outcome(_) => {}
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
            let standing = |(promise, kept): (&Promise, &kept::Kept)| Standing {
                service: service.id,
                promise: *promise,
                verdict: service.verdict(*promise, kept, ledger),
            };
            service.kept.iter().map(standing).collect::<Vec<_>>()
        };
        now.services.iter().flat_map(of_service).collect()
    }

    /// The services that a promise concerns and that do not make it, as they are set, or will be with their next producer.
    pub fn not_made(&self, promise: Promise) -> Vec<ServiceId> {
        let does_not = |service: &&Service| {
            service.kept.iter().any(|(known, _)| *known == promise) && !service.terms.will_make(promise)
        };
        self.services.iter().filter(does_not).map(|service| service.id).collect()
    }

    /// How many sends and polls are too old for the history of operations: they are judged by the sums of the ledger only.
    pub fn operations_dropped(&self) -> u64 {
        self.recording.dropped()
    }

    fn observe_log(&mut self, fact: &LogFact) {
        match *fact {
            LogFact::Deleted { partition, log_start_offset } => {
                self.recording.gone(self.now, partition, log_start_offset);
                self.unreadable.forget_below(partition, log_start_offset);
            }
            LogFact::Compacted { partition, ref removed, .. } => {
                let last = removed.last().copied().unwrap_or_default();
                self.recording.gone(self.now, partition, last.next());
            }
            LogFact::MarkerWritten { partition, offset, producer, result } => {
                self.log_ends.insert(partition, offset.next());
                self.unreadable.decided(partition, producer, result);
                if result == TransactionResult::Abort {
                    self.recording.gone(self.now, partition, offset);
                }
            }
        }
    }

    fn observe_offsets(&mut self, fact: &OffsetsFact) {
        match *fact {
            OffsetsFact::Committed { group, partition, offset, epoch, .. } => {
                let kept = self.cuts.kept(partition, offset, epoch);
                self.judge(group, |watch| watch.commits(partition, kept));
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
        if self.is_thrown_away(work) {
            return;
        }
        match *work {
            WorkEvent::Polled { group, instance, partition, first, last, records, epoch, .. } => {
                let now = self.now;
                let last = Offset(self.cuts.kept(partition, last.next(), epoch).0 - 1);
                let Some(service) = self.service_of(group) else { return };
                let is_anew = service.watch.polls(instance, partition, (first, last));
                self.recording.polled(now, (group, instance), partition, (first, last, records), is_anew);
            }
            WorkEvent::Processed { group, partition, offset, key, .. } => {
                // What was left out or recognised before has had its turn.
                let is_new = |fate: Fate| fate.times == 1 && !fate.skipped && !fate.recognised;
                let is_first = || ledger.fate(group, partition, offset).is_some_and(is_new);
                self.judge(group, |watch| watch.processes((partition, offset, key), is_first));
                if self.unreadable.holds(partition, offset) {
                    let fault = (Promise::CommittedReads, partition, offset, Cause::Uncommitted);
                    self.judge(group, |_| Some(fault));
                }
            }
            WorkEvent::Fared { group, partition, offset, key, how, .. } => {
                let record = (partition, offset, key);
                self.judge(group, |watch| match how {
                    Fared::Skipped | Fared::Deduplicated => watch.processes(record, || false),
                    Fared::SentToRetry(_) | Fared::DeadLettered(_) => {
                        watch.puts_aside(record);
                        None
                    }
                    Fared::Failed(_) | Fared::Redriven(_) => None,
                });
            }
        }
    }

    fn observe_service(&mut self, event: &ServiceEvent) {
        match event {
            ServiceEvent::Configured { service, setting, value } => {
                let now = self.now;
                self.services.iter_mut().filter(|it| it.id == *service).for_each(|it| it.set(setting, value, now));
            }
            ServiceEvent::Added { service, spec, groups, begins } => {
                // Who is of this name has taken the place of one that has left.
                self.services.retain(|it| it.group.is_none() || it.group != groups.map(|(group, _)| group));
                let published = published_by(spec, &self.topics);
                let mut joined = Service::of(spec, *service, groups.map(|(group, _)| group), published);
                joined.promise_from(self.now);
                self.services.push(joined);
                for begins in begins.iter() {
                    self.recording.gone(self.now, begins.partition, begins.from);
                }
            }
            ServiceEvent::Removed { service, .. } => self.services.retain(|it| it.id != *service),
            ServiceEvent::ProducerBegan { service } => self.producer_begins(*service),
            ServiceEvent::Acknowledged { service, partition, base_offset, records, sends } => {
                self.acknowledged(*service, *partition, (*base_offset, *records), *sends);
            }
            ServiceEvent::SentAgain { service, update, why } => {
                self.services.iter_mut().filter(|it| it.id == *service).for_each(|it| it.copies.resent(*update, *why));
            }
            ServiceEvent::NeverWritten { service, partition, .. } => self.never_written(*service, *partition),
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

    fn producer_begins(&mut self, id: ServiceId) {
        let now = self.now;
        for service in self.services.iter_mut().filter(|it| it.id == id) {
            service.terms.writes.begin();
            service.promise(now);
        }
    }

    /// A producer is told that its records are in the log.
    fn acknowledged(
        &mut self,
        id: ServiceId,
        partition: TopicPartition,
        (offset, records): (Offset, u32),
        sends: (u64, u64),
    ) {
        let at = self.now;
        let end = self.log_ends.get(&partition).copied().unwrap_or_default();
        let is_there = offset.plus(records.into()) <= end && !self.recording.is_of_another(id, partition, offset);
        let Some(service) = self.services.iter_mut().find(|it| it.id == id) else { return };
        if !is_there {
            let cause = Cause::NotThere;
            service.fails(Promise::AcknowledgedIsThere, Breach { at, partition, offset, cause });
        }
        if !service.sends.are_in_order(partition, (offset, records), sends) {
            let cause = Cause::Found(Check::NonmonotonicSend);
            service.fails(Promise::SentInOrder, Breach { at, partition, offset, cause });
        }
    }

    /// A producer has counted as written what never came into the log.
    fn never_written(&mut self, id: ServiceId, partition: TopicPartition) {
        let offset = self.log_ends.get(&partition).copied().unwrap_or_default();
        let breach = Breach { at: self.now, partition, offset, cause: Cause::NeverWritten };
        let of_sender = self.services.iter_mut().filter(|it| it.id == id);
        of_sender.for_each(|it| it.fails(Promise::AcknowledgedIsThere, breach));
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
        for (reader, found) in found {
            let whose = if Promise::OF_PUBLISHERS.contains(&found.promise) { found.sender } else { Some(reader) };
            self.services
                .iter_mut()
                .filter(|it| Some(it.id) == whose)
                .for_each(|it| it.fails(found.promise, found.breach));
        }
    }
}

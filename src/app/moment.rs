//! The run at one instant: the world, and all that has been watched of it up to then. A clone is a checkpoint, from which the run
//! goes on as it did.

use super::course::{Course, Standing, Stood};
use super::deeds::{Deeds, Intent};
use super::history::{LagHistory, OUTAGES_MAX, Outage, Who};
use super::marks::Marks;
use super::outcomes::Outcomes;
use super::rates::Rates;
use super::rebalances::Rebalances;
use crate::broker::{ClusterFact, GroupId, Topic};
use crate::check::{Account, Blackouts, Challenges, Checker, Costs, Departed, Fate, Ledger, Promises, Violation};
use crate::log::{Log, Offset, RecordRef, Segment};
use crate::sim::{Command, CommandError, Event, ServiceEvent, ServiceId, Stamped, World, WorldSpec};
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};
use std::sync::Arc;

/// About what is kept of a record in each group, of a text, of what is due, and of a sample of lag.
const FATE_BYTES: u64 = size_of::<Fate>() as u64;
const TEXT_BYTES: u64 = 256;
const DUE_BYTES: u64 = 40;
const SAMPLE_BYTES: u64 = 32;
/// How far a step looks for something to happen.
const STEP_HORIZON: Span = Span::from_ms(60_000);

/// The absence of a service, and its return.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Recovery {
    /// How many records waited for it when it came back.
    pub(super) missed: u64,
    /// How many records its group had lost before.
    pub(super) lost_before: u64,
    /// How often its group had processed a record again by then.
    pub(super) again_before: u64,
    /// When it had caught up, if it has.
    pub(super) done_at: Option<Instant>,
    /// Whether it had never been there before.
    pub(super) has_joined: bool,
}

/// The run at one instant.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) world: World,
    pub(super) ledger: Ledger,
    pub(super) promises: Promises,
    checker: Checker,
    /// The first invariant that did not hold; there must never be one.
    pub(super) violation: Option<Violation>,
    pub(super) outcomes: Outcomes,
    pub(super) costs: Costs,
    pub(super) challenges: Challenges,
    pub(super) blackouts: Blackouts,
    pub(super) departed: Departed,
    pub(super) rebalances: Rebalances,
    pub(super) lag: LagHistory,
    pub(super) course: Course,
    pub(super) outages: Vec<Outage>,
    pub(super) marks: Marks,
    pub(super) deeds: Deeds,
    pub(super) rates: Rates,
    pub(super) recoveries: SortedMap<ServiceId, Recovery>,
    /// The record that a person published last.
    pub(super) by_hand: Option<RecordRef>,
}

impl Moment {
    /// The beginning of a run.
    pub(super) fn new(spec: Arc<WorldSpec>, seed: u64) -> Self {
        let world = World::new(spec, seed);
        Self {
            ledger: Ledger::of(&world),
            promises: Promises::of(&world),
            checker: Checker::of(&world),
            violation: None,
            outcomes: Outcomes::of(&world),
            costs: Costs::default(),
            challenges: Challenges::of(&world),
            blackouts: Blackouts::of(&world),
            departed: Departed::default(),
            rebalances: Rebalances::default(),
            lag: LagHistory::of(&world),
            course: Course::default(),
            outages: Vec::new(),
            marks: Marks::default(),
            deeds: Deeds::default(),
            rates: Rates::of(&world),
            recoveries: SortedMap::new(),
            by_hand: None,
            world,
        }
    }

    /// About how many bytes it takes that it does not share with `before`, an earlier checkpoint of the same run.
    pub(super) fn weight_bytes(&self, before: &Self) -> u64 {
        let accounts = self.world.service_ids().map(|id| (self.account_of(id), before.account_of(id)));
        let kept = accounts.map(|(now, then)| {
            now.published.saturating_sub(then.published) * FATE_BYTES
                + now.processed.saturating_sub(then.processed) * TEXT_BYTES
        });
        let due = self.world.due_count() as u64 * DUE_BYTES + self.lag.samples_kept() as u64 * SAMPLE_BYTES;
        kept.sum::<u64>() + log_bytes(&self.world, &before.world) + due + self.course.len_bytes()
    }

    /// When it is.
    pub(super) fn now(&self) -> Instant {
        self.world.now()
    }

    /// Goes on to `until`, takes samples on the way, and passes each event to `observe`.
    pub(super) fn advance_to(&mut self, until: Instant, observe: &mut dyn FnMut(&Stamped)) {
        while self.next_sample_at() <= until {
            self.run_until(self.next_sample_at(), observe);
            self.sample();
        }
        self.run_until(until, observe);
    }

    /// Goes on to the next event, but no further than `horizon`; without one, by a minute if nothing happens at all. Returns what
    /// happened.
    pub(super) fn step(&mut self, horizon: Option<Instant>) -> Vec<Stamped> {
        let mut watched = Vec::new();
        let horizon = horizon.unwrap_or(self.now() + STEP_HORIZON);
        while watched.is_empty() && self.now() < horizon {
            let until = self.next_sample_at().min(horizon);
            self.world.step_until(until, &mut |stamped| watched.push(stamped.clone()));
            self.sample();
        }
        self.take_in(&watched);
        watched
    }

    /// Does something to the world, and watches what comes of it.
    pub(super) fn apply(&mut self, command: Command, observe: &mut dyn FnMut(&Stamped)) -> Result<(), CommandError> {
        let mut watched = Vec::new();
        let intent = Intent::of(&self.world, &command);
        let result = self.world.apply(command, &mut |stamped| watched.push(stamped.clone()));
        self.take_in(&watched);
        if let (Some(intent), Ok(())) = (intent, &result) {
            self.deeds.note(intent, &self.world);
        }
        watched.iter().for_each(observe);
        result
    }

    /// Takes in what happened.
    pub(super) fn take_in(&mut self, watched: &[Stamped]) {
        for stamped in watched {
            self.watch(stamped);
        }
    }

    fn run_until(&mut self, until: Instant, observe: &mut dyn FnMut(&Stamped)) {
        let mut watched = Vec::new();
        self.world.run_until(until, &mut |stamped| watched.push(stamped.clone()));
        self.take_in(&watched);
        watched.iter().for_each(observe);
    }

    fn next_sample_at(&self) -> Instant {
        self.lag.next_sample_at().min(self.rates.next_sample_at())
    }

    /// Takes the samples that are due now; each kind has its own clock.
    fn sample(&mut self) {
        if self.rates.next_sample_at() <= self.world.now() {
            self.rates.sample();
        }
        if self.lag.next_sample_at() <= self.world.now() {
            self.lag.sample(&self.world);
            if self.course.is_due(self.now()) {
                self.course.note(self.stands());
            }
        }
    }

    fn watch(&mut self, stamped: &Stamped) {
        self.ledger.observe(stamped);
        self.promises.observe(stamped, &self.ledger);
        if let Err(violation) = self.checker.observe(stamped) {
            self.violation.get_or_insert(violation);
        }
        self.costs.observe(stamped);
        self.challenges.observe(stamped, &self.ledger, &self.costs);
        self.blackouts.observe(stamped);
        self.departed.observe(stamped);
        self.rebalances.observe(stamped);
        self.rates.observe(&stamped.event);
        self.lag.observe(&stamped.event, &self.world);
        self.outcomes.observe(stamped, &self.ledger, &self.world);
        self.note_outage(stamped);
        self.note_by_hand(&stamped.event);
        let (world, ledger) = (&self.world, &self.ledger);
        self.marks.observe(stamped, world, |id| account_of(world, ledger, id));
    }

    /// Where the record is that a person has published.
    fn note_by_hand(&mut self, event: &Event) {
        if let Event::Appended { service: None, partition, base_offset, records, .. } = event {
            let offset = Offset(base_offset.0 + i64::from(*records) - 1);
            self.by_hand = Some(RecordRef { partition: *partition, offset });
        }
    }

    /// How things stand.
    pub(super) fn stands(&self) -> Stood {
        let at_most = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let standing = |(_, id, _): (usize, ServiceId, GroupId)| {
            let account = self.account_of(id);
            Standing {
                service: self.world.service_spec(id).name.clone(),
                lag: at_most(self.world.lag(id)),
                lost: at_most(account.lost),
                again: at_most(account.processed_again),
                set_aside: at_most(account.dead_lettered),
            }
        };
        Stood { at: self.now(), readers: self.world.readers().map(standing).collect() }
    }

    /// What became of the records that a service is meant to read.
    pub(super) fn account_of(&self, service: ServiceId) -> Account {
        account_of(&self.world, &self.ledger, service)
    }

    fn note_outage(&mut self, stamped: &Stamped) {
        if let Event::Cluster(ClusterFact::Switched { broker, online }) = stamped.event {
            let who = Who::Broker(broker);
            return if online { self.is_back(who, stamped.at) } else { self.is_away(who, stamped.at) };
        }
        let Event::Service(event) = &stamped.event else { return };
        match *event {
            // Who is removed is not missed.
            ServiceEvent::Switched { service, online: false }
                if self.world.is_leaving(service) || self.world.is_removed(service) => {}
            ServiceEvent::Switched { service, online: false } => self.goes_away(service, stamped.at),
            ServiceEvent::Switched { service, online: true } => self.comes_back(service, stamped.at),
            ServiceEvent::CaughtUp { service } => {
                if let Some(recovery) = self.recoveries.get_mut(&service) {
                    recovery.done_at = Some(stamped.at);
                }
            }
            ServiceEvent::Added { service, .. } => {
                let missed = self.world.waiting(service);
                self.recoveries.insert(service, Recovery { missed, has_joined: true, ..Recovery::default() });
            }
            ServiceEvent::Removed { service, .. } => {
                if let Some(open) = self.outages.iter_mut().rev().find(|outage| outage.who == Who::Service(service)) {
                    open.to.get_or_insert(stamped.at);
                }
            }
            ServiceEvent::InstanceChanged { .. }
            | ServiceEvent::Configured { .. }
            | ServiceEvent::NetworkSwitched { .. }
            | ServiceEvent::RateChanged { .. }
            | ServiceEvent::Sought { .. }
            | ServiceEvent::ProducerBegan { .. }
            | ServiceEvent::Acknowledged { .. }
            | ServiceEvent::SentAgain { .. }
            | ServiceEvent::NeverWritten { .. }
            | ServiceEvent::Refused { .. }
            | ServiceEvent::Limited { .. } => {}
        }
    }

    fn is_away(&mut self, who: Who, at: Instant) {
        if self.outages.len() == OUTAGES_MAX {
            self.outages.remove(0);
        }
        self.outages.push(Outage { who, from: at, to: None });
    }

    fn is_back(&mut self, who: Who, at: Instant) {
        if let Some(open) = self.outages.iter_mut().rev().find(|outage| outage.who == who) {
            open.to = Some(at);
        }
    }

    fn goes_away(&mut self, service: ServiceId, at: Instant) {
        self.is_away(Who::Service(service), at);
        let lost_before = self.account_of(service).lost;
        self.recoveries.insert(service, Recovery { lost_before, ..Recovery::default() });
    }

    fn comes_back(&mut self, service: ServiceId, at: Instant) {
        self.is_back(Who::Service(service), at);
        let (missed, again_before) = (self.world.waiting(service), self.account_of(service).processed_again);
        let recovery = self.recoveries.entry(service).or_default();
        *recovery = Recovery { missed, again_before, has_joined: false, ..*recovery };
    }
}

/// How many bytes lie in the logs of `world` that it does not share with `before`: those of segments that were not sealed then.
fn log_bytes(world: &World, before: &World) -> u64 {
    let unshared = |(now, then): (&Log, &Log)| {
        let active = then.segments().next_back().map_or(Offset::ZERO, Segment::base_offset);
        let since = now.segments().rev().take_while(|segment| segment.base_offset() >= active);
        since.map(|segment| segment.len_bytes() as u64).sum::<u64>()
    };
    logs(world).zip(logs(before)).map(unshared).sum()
}

fn logs(world: &World) -> impl Iterator<Item = &Log> {
    world.broker().topics().iter().flat_map(Topic::logs)
}

/// The account of a service's group; a publisher has lost what it counted as written and what never came into the log.
fn account_of(world: &World, ledger: &Ledger, service: ServiceId) -> Account {
    let of_publisher = || Account { lost: ledger.never_written(service), ..Account::default() };
    world.group_of(service).map_or_else(of_publisher, |group| ledger.account(group))
}

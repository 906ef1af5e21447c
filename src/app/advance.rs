//! Moving the world through time, and watching it while it moves.

use super::history::{OUTAGES_MAX, Outage};
use super::model::{FLIGHTS_MAX, Flight, Model, Notice, Recovery};
use crate::check::Account;
use crate::sim::{Event, ServiceId, Stamped};
use crate::time::{Instant, Span};

/// How much simulated time goes by at most between two looks at the budget of a frame.
const SLICE: Span = Span::from_ms(100);
/// How far a step looks for something to happen.
const STEP_HORIZON: Span = Span::from_ms(60_000);
/// The most wall time that one frame makes up for: after a pause of the tab, the world does not rush.
const FRAME_MAX: Span = Span::from_ms(250);

impl Model {
    /// Lets `real` time have gone by on the wall. [`Model::pay`] moves the world accordingly.
    pub fn owe(&mut self, real: Span) {
        if self.playing {
            self.owed = self.owed + self.speed.simulated(real.min(FRAME_MAX));
        }
    }

    /// Moves the world by a slice of what is owed. Returns whether there is more.
    pub fn pay(&mut self) -> bool {
        let slice = self.owed.min(SLICE);
        if slice > Span::ZERO {
            self.owed = Span::from_us(self.owed.as_us() - slice.as_us());
            self.advance_to(self.world.now() + slice);
        }
        self.owed > Span::ZERO
    }

    /// Ends a frame: what could not be paid in time is forgotten, so that a frame never waits for the simulation.
    pub fn settle(&mut self) {
        self.is_too_slow = self.owed > Span::ZERO;
        self.owed = Span::ZERO;
    }

    /// Moves the world to `until`, and takes samples on the way.
    pub fn advance_to(&mut self, until: Instant) {
        while self.next_sample_at() <= until {
            self.run_until(self.next_sample_at());
            self.sample();
        }
        self.run_until(until);
    }

    /// Moves the world to its next event, and says what that was.
    pub(super) fn step(&mut self) {
        let mut watched = Vec::new();
        let horizon = self.world.now() + STEP_HORIZON;
        while watched.is_empty() && self.world.now() < horizon {
            let until = self.next_sample_at().min(horizon);
            self.world.step_until(until, &mut |stamped| watched.push(stamped.clone()));
            self.sample();
        }
        self.stepped = Some(match watched.first() {
            Some(stamped) => self.describe(&stamped.event),
            None => "nothing happened for a minute".to_owned(),
        });
        self.take_in(&watched);
    }

    /// Takes in events that a command brought about.
    pub(super) fn take_in(&mut self, watched: &[Stamped]) {
        for stamped in watched {
            self.watch(stamped);
        }
    }

    fn run_until(&mut self, until: Instant) {
        let mut watched = Vec::new();
        self.world.run_until(until, &mut |stamped| watched.push(stamped.clone()));
        self.take_in(&watched);
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
        }
    }

    fn watch(&mut self, stamped: &Stamped) {
        self.ledger.observe(stamped);
        if let Err(violation) = self.checker.observe(stamped) {
            self.violation.get_or_insert(violation);
        }
        self.costs.observe(stamped);
        self.rebalances.observe(stamped);
        self.rates.observe(&stamped.event);
        self.outcomes.observe(stamped, &self.ledger, &self.world);
        self.note_flight(&stamped.event);
        self.note_outage(stamped);
        self.note_notice(&stamped.event);
    }

    /// What became of the records that a service is meant to read.
    pub(super) fn account_of(&self, service: ServiceId) -> Account {
        self.world.group_of(service).map(|group| self.ledger.account(group)).unwrap_or_default()
    }

    fn note_flight(&mut self, event: &Event) {
        let flight = match *event {
            Event::Appended { service, partition, .. } => Flight { service, partition, inbound: true },
            Event::Polled { service, partition, .. } => Flight { service: Some(service), partition, inbound: false },
            Event::Deleted { .. }
            | Event::Refused { .. }
            | Event::Limited { .. }
            | Event::Processed { .. }
            | Event::Outcome { .. }
            | Event::Committed { .. }
            | Event::OffsetsExpired { .. }
            | Event::MemberJoined { .. }
            | Event::MemberRejoined { .. }
            | Event::MemberReplaced { .. }
            | Event::MarkerWritten { .. }
            | Event::TransactionEnded { .. }
            | Event::ProducerFenced { .. }
            | Event::MemberLeft { .. }
            | Event::RebalanceStarted { .. }
            | Event::GenerationStarted { .. }
            | Event::Assigned { .. }
            | Event::GroupChanged { .. }
            | Event::Compacted { .. }
            | Event::TopicConfigured { .. }
            | Event::RateChanged { .. }
            | Event::ServiceSwitched { .. }
            | Event::Fared { .. }
            | Event::InstanceChanged { .. }
            | Event::ServiceConfigured { .. }
            | Event::NetworkSwitched { .. }
            | Event::Sought { .. }
            | Event::CaughtUp { .. } => return,
        };
        if self.flights.len() < FLIGHTS_MAX {
            self.flights.push(flight);
        }
    }

    /// What a person should know even if nobody looks at single events.
    fn note_notice(&mut self, event: &Event) {
        let (text, is_error) = match event {
            Event::Refused { .. } => (format!("{}. Nothing else happens to it.", self.describe(event)), true),
            Event::Limited { reached, .. } => (format!("{}.", self.describe(event)), *reached),
            Event::Appended { .. }
            | Event::Deleted { .. }
            | Event::Polled { .. }
            | Event::Processed { .. }
            | Event::Outcome { .. }
            | Event::Committed { .. }
            | Event::OffsetsExpired { .. }
            | Event::MemberJoined { .. }
            | Event::MemberRejoined { .. }
            | Event::MemberReplaced { .. }
            | Event::MarkerWritten { .. }
            | Event::TransactionEnded { .. }
            | Event::ProducerFenced { .. }
            | Event::MemberLeft { .. }
            | Event::RebalanceStarted { .. }
            | Event::GenerationStarted { .. }
            | Event::Assigned { .. }
            | Event::GroupChanged { .. }
            | Event::Compacted { .. }
            | Event::TopicConfigured { .. }
            | Event::RateChanged { .. }
            | Event::ServiceSwitched { .. }
            | Event::Fared { .. }
            | Event::InstanceChanged { .. }
            | Event::ServiceConfigured { .. }
            | Event::NetworkSwitched { .. }
            | Event::Sought { .. }
            | Event::CaughtUp { .. } => return,
        };
        self.notice = Some(Notice { text, is_error });
    }

    fn note_outage(&mut self, stamped: &Stamped) {
        match stamped.event {
            Event::ServiceSwitched { service, online: false } => self.goes_away(service, stamped.at),
            Event::ServiceSwitched { service, online: true } => self.comes_back(service, stamped.at),
            Event::CaughtUp { service } => {
                if let Some(recovery) = self.recoveries.get_mut(&service) {
                    recovery.done_at = Some(stamped.at);
                }
            }
            Event::Deleted { .. }
            | Event::Fared { .. }
            | Event::InstanceChanged { .. }
            | Event::ServiceConfigured { .. }
            | Event::NetworkSwitched { .. }
            | Event::Sought { .. }
            | Event::Refused { .. }
            | Event::Limited { .. }
            | Event::Processed { .. }
            | Event::Outcome { .. }
            | Event::Committed { .. }
            | Event::OffsetsExpired { .. }
            | Event::MemberJoined { .. }
            | Event::MemberRejoined { .. }
            | Event::MemberReplaced { .. }
            | Event::MarkerWritten { .. }
            | Event::TransactionEnded { .. }
            | Event::ProducerFenced { .. }
            | Event::MemberLeft { .. }
            | Event::RebalanceStarted { .. }
            | Event::GenerationStarted { .. }
            | Event::Assigned { .. }
            | Event::GroupChanged { .. }
            | Event::Compacted { .. }
            | Event::TopicConfigured { .. }
            | Event::RateChanged { .. }
            | Event::Appended { .. }
            | Event::Polled { .. } => {}
        }
    }

    fn goes_away(&mut self, service: ServiceId, at: Instant) {
        if self.outages.len() == OUTAGES_MAX {
            self.outages.remove(0);
        }
        self.outages.push(Outage { service, from: at, to: None });
        let lost_before = self.account_of(service).lost;
        self.recoveries.insert(service, Recovery { lost_before, ..Recovery::default() });
    }

    fn comes_back(&mut self, service: ServiceId, at: Instant) {
        if let Some(open) = self.outages.iter_mut().rev().find(|outage| outage.service == service) {
            open.to = Some(at);
        }
        let (missed, again_before) = (self.world.waiting(service), self.account_of(service).processed_again);
        let recovery = self.recoveries.entry(service).or_default();
        *recovery = Recovery { missed, again_before, ..*recovery };
    }
}

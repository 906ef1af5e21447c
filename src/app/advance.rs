//! Moving the run through time, and noting what the page is to show of it.

use super::model::{FLIGHTS_MAX, Flight, Model};
use super::notice::Notice;
use super::view::text::count;
use crate::check::Account;
use crate::sim::{Event, ServiceEvent, ServiceId, Stamped, WorkEvent};
use crate::time::{Instant, Span};

/// How much simulated time goes by at most between two looks at the budget of a frame.
const SLICE: Span = Span::from_ms(100);
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
            self.play_to(self.moment.now() + slice);
        }
        self.owed > Span::ZERO
    }

    /// Ends a frame: what could not be paid in time is forgotten, so that a frame never waits for the simulation.
    pub fn settle(&mut self) {
        self.is_too_slow = self.owed > Span::ZERO;
        self.owed = Span::ZERO;
        self.stop_following();
    }

    /// Moves the run to `until`, or to the first breakpoint before.
    fn play_to(&mut self, until: Instant) {
        if self.breakpoints.is_empty() {
            return self.advance_to(until);
        }
        let (mut all, mut reached) = (Vec::new(), None);
        let breakpoints = &mut self.breakpoints;
        self.timeline.advance_to_wanted(&mut self.moment, until, &mut |moment, watched| {
            all.extend_from_slice(watched);
            reached = breakpoints.reached(moment, watched);
            reached.is_some()
        });
        self.note(&all);
        if let Some(notice) = reached {
            self.hold(notice);
        }
    }

    /// Holds the run, and says why.
    pub(super) fn hold(&mut self, notice: Notice) {
        self.stay_held();
        (self.playing, self.owed) = (false, Span::ZERO);
        self.notice = Some(notice);
    }

    /// Moves the run to `until`: what was done to it ahead of the instant looked at is done again on the way.
    pub fn advance_to(&mut self, until: Instant) {
        let mut watched = Vec::new();
        self.timeline.advance(&mut self.moment, until, &mut |stamped| watched.push(stamped.clone()));
        self.breakpoints.look_at(&self.moment);
        self.note(&watched);
    }

    /// Moves the run to its next event, and says what that was.
    pub(super) fn step(&mut self) {
        let watched = self.timeline.step(&mut self.moment);
        self.breakpoints.look_at(&self.moment);
        self.stepped = Some(match watched.first() {
            Some(stamped) => self.describe(&stamped.event),
            None => "nothing happened for a minute".to_owned(),
        });
        self.note(&watched);
    }

    /// Notes what the page is to show of what has just happened.
    pub(super) fn note(&mut self, watched: &[Stamped]) {
        for stamped in watched {
            self.note_flight(&stamped.event);
            self.note_notice(&stamped.event);
        }
        self.look_at_challenges(true);
    }

    /// What became of the records that a service is meant to read.
    pub(super) fn account_of(&self, service: ServiceId) -> Account {
        self.moment.account_of(service)
    }

    fn note_flight(&mut self, event: &Event) {
        let flight = match *event {
            Event::Appended { service, partition, .. } => Flight { service, partition, inbound: true },
            Event::Work(WorkEvent::Polled { service, partition, .. }) => {
                Flight { service: Some(service), partition, inbound: false }
            }
            Event::Work(WorkEvent::Processed { .. } | WorkEvent::Fared { .. })
            | Event::Log(_)
            | Event::TopicConfigured { .. }
            | Event::Offsets(_)
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Cluster(_)
            | Event::Outcome(_)
            | Event::Service(_) => return,
        };
        if self.flights.len() < FLIGHTS_MAX {
            self.flights.push(flight);
        }
    }

    /// What is left of a service that is gone.
    fn left_behind(&self, service: ServiceId) -> String {
        let (name, waiting) = (self.name(service), self.account_of(service).waiting);
        let left = match (self.world().group_of(service), waiting) {
            (None, _) => "it publishes nothing any more".to_owned(),
            (Some(_), 0) => "it had read everything".to_owned(),
            (Some(_), waiting) => {
                format!("{} to it", count(waiting, "update is left unread", "updates are left unread"))
            }
        };
        format!("{name} has left: {left}.")
    }

    /// What a person should know even if nobody looks at single events.
    fn note_notice(&mut self, event: &Event) {
        let Event::Service(of_service) = event else { return };
        let (text, is_error) = match of_service {
            ServiceEvent::Refused { .. } => (format!("{}. Nothing else happens to it.", self.describe(event)), true),
            ServiceEvent::Limited { reached, .. } => (format!("{}.", self.describe(event)), *reached),
            ServiceEvent::Removed { service, .. } => (self.left_behind(*service), false),
            ServiceEvent::Added { .. }
            | ServiceEvent::Switched { .. }
            | ServiceEvent::ProducerBegan { .. }
            | ServiceEvent::Acknowledged { .. }
            | ServiceEvent::SentAgain { .. }
            | ServiceEvent::InstanceChanged { .. }
            | ServiceEvent::Configured { .. }
            | ServiceEvent::NetworkSwitched { .. }
            | ServiceEvent::RateChanged { .. }
            | ServiceEvent::Sought { .. }
            | ServiceEvent::NeverWritten { .. }
            | ServiceEvent::CaughtUp { .. } => return,
        };
        self.notice = Some(Notice::new(text, is_error));
    }
}

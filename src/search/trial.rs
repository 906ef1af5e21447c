//! One run, watched for the promise that is to be broken.

use super::base::Base;
use crate::check::promises::{Breach, Verdict};
use crate::check::{Ledger, Promises};
use crate::sim::{ServiceId, StampedCommand, World};
use crate::time::{Instant, Span};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// When outages begin: groups have settled by then.
pub(super) const BEGINS: Instant = Instant::from_ms(8_000);
/// How long a run is, unless it is said otherwise.
pub const HORIZON: Span = Span::from_ms(60_000);
/// How long a run can be, at the least and at the most, in milliseconds.
pub const HORIZON_MS: RangeInclusive<u64> = 30_000..=600_000;

/// When the last outage of a run begins: there is time left to get over it.
pub(super) fn last_blow(horizon: Span) -> Instant {
    let room = (Instant::START + horizon).since(BEGINS);
    BEGINS + Span::from_us(room.as_us() * 5 / 13)
}

/// A promise that was broken: whose, how, and whether it was made at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) service: ServiceId,
    pub(super) name: Arc<str>,
    pub(super) breach: Breach,
    pub(super) was_promised: bool,
}

/// A world that is watched.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) world: World,
    ledger: Ledger,
    promises: Promises,
}

impl Trial {
    /// A run with this seed, set as the base is, up to where outages begin.
    pub(super) fn begin(base: &Base, seed: u64) -> Self {
        let world = World::new(base.spec.clone(), seed);
        let mut trial = Self { ledger: Ledger::of(&world), promises: Promises::of(&world), world };
        for command in &base.settings {
            trial.apply(command.clone());
        }
        trial.run_until(BEGINS);
        trial
    }

    /// Goes on to the end, with these outages.
    pub(super) fn suffer(&mut self, commands: &[StampedCommand], horizon: Span) {
        for stamped in commands {
            self.run_until(stamped.at);
            self.apply(stamped.command.clone());
        }
        self.run_until(Instant::START + horizon);
    }

    /// Who has broken the promise by now, and when first.
    pub(super) fn broken(&self, base: &Base) -> Option<Broken> {
        let standings = self.promises.standings(&self.ledger, true);
        let of_promise = standings.into_iter().filter(|standing| standing.promise == base.promise);
        let broken = of_promise.filter_map(|standing| {
            let (breach, was_promised) = match standing.verdict {
                Verdict::Broken(breach) => (breach, true),
                Verdict::NeverPromised { slipped: Some(breach), .. } => (breach, false),
                Verdict::NeverPromised { slipped: None, .. } | Verdict::Holds { .. } => return None,
            };
            let service = standing.service;
            Some(Broken { service, name: self.world.service_spec(service).name.clone(), breach, was_promised })
        });
        broken.min_by_key(|broken| broken.breach.at)
    }

    /// What cannot be done is left out: an instance that is not there, say.
    fn apply(&mut self, command: crate::sim::Command) {
        let Self { world, ledger, promises } = self;
        let done = world.apply(command, &mut |stamped| {
            ledger.observe(stamped);
            promises.observe(stamped, ledger);
        });
        drop(done);
    }

    fn run_until(&mut self, until: Instant) {
        let Self { world, ledger, promises } = self;
        world.run_until(until, &mut |stamped| {
            ledger.observe(stamped);
            promises.observe(stamped, ledger);
        });
    }
}

//! The search itself, one run at a time.

use super::base::Base;
use super::schedule::schedule;
use super::shrink::smaller;
use super::trial::{Broken, Trial};
use crate::check::promises::Breach;
use crate::sim::{ServiceId, StampedCommand};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// How many schedules are tried with one seed before the next.
pub const TRIES_PER_SEED: u32 = 8;
/// How many runs are spent at most on making a schedule shorter.
const SHRINK_RUNS_MAX: u32 = 150;
/// How long before its first outage what was found begins to be played: time enough to see how things were.
const BEFORE: Span = Span::from_ms(1_500);
/// The largest seed that a person can type.
pub const SEED_MAX: u64 = (1 << 53) - 1;

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It tries schedules.
    Trying,
    /// It has found one, and makes it shorter.
    Shrinking,
    /// It has found one.
    Found,
    /// It has tried as many as it was to, and found none.
    NotFound,
}

/// A run that breaks the promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its seed.
    pub seed: u64,
    /// Everything that is done in it: the settings, then the outages.
    pub commands: Vec<StampedCommand>,
    /// How many of those are outages; they come last.
    pub outages: usize,
    /// Whose promise it is.
    pub service: ServiceId,
    /// What that service is called.
    pub name: Arc<str>,
    /// How it is broken.
    pub breach: Breach,
    /// Whether it was promised at all, as things are set.
    pub was_promised: bool,
    /// From when on it is worth to be seen: just before the first outage, or before the breach if there was none.
    pub from: Instant,
    /// The number of the try that found it.
    pub number: u32,
}

/// A search. The same base gives the same search.
#[derive(Clone, Debug)]
pub struct Search {
    base: Base,
    stage: Stage,
    /// How many schedules were tried.
    tries: u32,
    /// How many runs there were, also those that made a schedule shorter.
    runs: u32,
    /// The run with the present seed, before anything happens to it.
    begun: Option<Trial>,
    best: Option<Best>,
}

/// The smallest schedule so far.
#[derive(Clone, Debug)]
struct Best {
    number: u32,
    schedule: Vec<StampedCommand>,
    broken: Broken,
    /// The smaller ones, and how many of them were tried.
    smaller: Vec<Vec<StampedCommand>>,
    tried: usize,
    runs: u32,
}

impl Search {
    /// A search that has not tried anything yet.
    pub fn new(base: Base) -> Self {
        let stage = if base.tries_max == 0 { Stage::NotFound } else { Stage::Trying };
        Self { base, stage, tries: 0, runs: 0, begun: None, best: None }
    }

    /// What it began with.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// How far it is.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// How many schedules it has tried.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// How much simulated time all its runs have gone through, about.
    pub fn simulated(&self) -> Span {
        Span::from_us(self.base.horizon.as_us() * u64::from(self.runs))
    }

    /// Does one run. Returns how far the search is then.
    pub fn step(&mut self) -> Stage {
        match self.stage {
            Stage::Trying => self.try_next(),
            Stage::Shrinking => self.shrink(),
            Stage::Found | Stage::NotFound => {}
        }
        self.stage
    }

    /// What it has found.
    pub fn found(&self) -> Option<Found> {
        let best = self.best.as_ref().filter(|_| self.stage == Stage::Found)?;
        let at_once = |command: &crate::sim::Command| StampedCommand { at: Instant::START, command: command.clone() };
        let begins = best.schedule.first().map_or(best.broken.breach.at, |first| first.at.min(best.broken.breach.at));
        Some(Found {
            seed: seed_of(&self.base, best.number),
            commands: self.base.settings.iter().map(at_once).chain(best.schedule.iter().cloned()).collect(),
            outages: best.schedule.len(),
            service: best.broken.service,
            name: best.broken.name.clone(),
            breach: best.broken.breach,
            was_promised: best.broken.was_promised,
            from: Instant::from_us(begins.as_us().saturating_sub(BEFORE.as_us())),
            number: best.number,
        })
    }

    fn try_next(&mut self) {
        let number = self.tries;
        let trial = self.trial(number);
        let schedule = schedule(&trial.world, number, self.base.horizon);
        self.tries += 1;
        match self.run(number, &schedule) {
            Some(broken) => {
                self.best = Some(Best::new(number, schedule, broken, 0));
                self.stage = Stage::Shrinking;
            }
            None if self.tries >= self.base.tries_max => self.stage = Stage::NotFound,
            None => {}
        }
    }

    fn shrink(&mut self) {
        let Some(best) = &mut self.best else { return };
        let candidate = best.smaller.get(best.tried).filter(|_| best.runs < SHRINK_RUNS_MAX).cloned();
        let Some(candidate) = candidate else {
            self.stage = Stage::Found;
            return;
        };
        (best.tried, best.runs) = (best.tried + 1, best.runs + 1);
        let (number, runs) = (best.number, best.runs);
        if let Some(broken) = self.run(number, &candidate) {
            self.best = Some(Best::new(number, candidate, broken, runs));
        }
    }

    fn run(&mut self, number: u32, schedule: &[StampedCommand]) -> Option<Broken> {
        let mut trial = self.trial(number);
        self.runs += 1;
        trial.suffer(schedule, self.base.horizon);
        trial.broken(&self.base)
    }

    /// The run of a try, before anything happens to it.
    fn trial(&mut self, number: u32) -> Trial {
        let seed = seed_of(&self.base, number);
        let begun = self.begun.take().filter(|begun| begun.world.seed() == seed);
        self.begun.insert(begun.unwrap_or_else(|| Trial::begin(&self.base, seed))).clone()
    }
}

impl Best {
    fn new(number: u32, schedule: Vec<StampedCommand>, broken: Broken, runs: u32) -> Self {
        Self { number, smaller: smaller(&schedule), schedule, broken, tried: 0, runs }
    }
}

/// The seed of a try: the base's own first, then those after it.
fn seed_of(base: &Base, number: u32) -> u64 {
    base.seed.wrapping_add(u64::from(number / TRIES_PER_SEED)) & SEED_MAX
}

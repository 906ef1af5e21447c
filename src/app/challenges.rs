//! The challenges as the page keeps them: which are possible in this system, which are done in this run, which were done before.
//!
//! Which are done is judged in [`crate::check::Challenge`]. A challenge that was done once counts for good, in whatever run it was:
//! one that is taken back, or another road, shows what is done in it, and remembers the rest as done before. What a run had done before
//! it was opened was done by whoever kept or sent it, and is remembered if that was here.

use super::model::Model;
use super::panels::{Layout, Panel};
use super::view::challenge_title;
use crate::check::{AllDone, Challenge, Done};
use crate::sim::{ServiceId, ServiceSpec};
use serde::Serialize;

/// What the model holds of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Challenging {
    is_unfolded: bool,
    /// Which were done, in this run or before.
    earned: [bool; Challenge::ALL.len()],
    /// Which of these the person was not told of yet.
    untold: Vec<Challenge>,
    /// What the person is being told.
    news: Option<String>,
}

/// A challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChallengeSnapshot {
    name: &'static str,
    title: &'static str,
    done: bool,
    since_ms: Option<u64>,
    done_before: bool,
}

impl Challenging {
    /// The same in the page's next run; what was done in that while it was opened counts too.
    pub(super) fn go_on(mut self, run: &Self) -> Self {
        self.earned.iter_mut().zip(run.earned).for_each(|(earned, there)| *earned |= there);
        self
    }
}

impl Model {
    /// Which challenges are done in this run, as far as it has been watched, whatever instant of it is looked at.
    pub fn challenges_done(&self) -> &AllDone {
        self.timeline.challenges()
    }

    /// How a challenge was done in this run, if it was.
    pub fn challenge_done(&self, challenge: Challenge) -> Option<Done> {
        self.challenges_done()[challenge as usize].filter(|_| self.has_earned(challenge))
    }

    /// Whether a challenge was done, in this run or before.
    pub fn has_earned(&self, challenge: Challenge) -> bool {
        self.challenging.earned[challenge as usize]
    }

    /// The names of those that were done, for the browser to remember.
    pub fn earned_challenges(&self) -> String {
        let earned = Challenge::ALL.into_iter().filter(|it| self.has_earned(*it));
        earned.map(Challenge::name).collect::<Vec<_>>().join(" ")
    }

    /// Those with these names were done at an earlier visit. What is no name of one is passed by.
    pub fn recall_challenges(&mut self, names: &str) {
        let recalled = Challenge::ALL.into_iter().filter(|it| names.split(' ').any(|name| name == it.name()));
        recalled.for_each(|it| self.challenging.earned[it as usize] = true);
    }

    /// The challenges that this system has what it takes for.
    pub fn challenges(&self) -> impl Iterator<Item = Challenge> {
        Challenge::ALL.into_iter().filter(|challenge| self.is_possible(*challenge))
    }

    fn is_possible(&self, challenge: Challenge) -> bool {
        match challenge {
            Challenge::NothingLost | Challenge::MissedForGood | Challenge::Recognised => {
                self.reader_with(|_| true).is_some()
            }
            Challenge::SaidTwice => self.reader_with(is_seen).is_some(),
            Challenge::Redriven => self.reader_with(gives_up).is_some(),
            Challenge::BrokerBack | Challenge::AcknowledgedLost => self.world().broker().nodes().len() > 1,
        }
    }

    /// A service that reads and is so: rather the one whose outage the page proposes.
    pub(super) fn reader_with(&self, is_so: fn(&ServiceSpec) -> bool) -> Option<ServiceId> {
        let is_it = |id: &ServiceId| self.world().group_of(*id).is_some() && is_so(self.world().service_spec(*id));
        self.worth_missing().filter(is_it).or_else(|| self.world().service_ids().find(is_it))
    }

    /// Whether the challenges are shown one by one.
    pub fn has_unfolded_challenges(&self) -> bool {
        match self.layout() {
            Layout::Whole => self.challenging.is_unfolded,
            Layout::Alone(panel) => *panel == Panel::Challenges,
            Layout::Embedded(panels) => panels.contains(&Panel::Challenges),
        }
    }

    pub(super) fn unfold_challenges(&mut self, unfolded: bool) {
        self.challenging.is_unfolded = unfolded;
    }

    /// Of a run that is being opened, what was earned here counts whenever it came about: it may be this person's own.
    pub(super) fn count_own_challenges(&mut self, own: &Challenging) {
        for challenge in Challenge::ALL.into_iter().filter(|it| own.earned[*it as usize]) {
            self.moment.challenges.count_always(challenge);
            self.timeline.first_mut().into_iter().for_each(|it| it.challenges.count_always(challenge));
        }
    }

    /// Whatever comes of what a person does here counts.
    pub(super) fn count_challenges_from_here(&mut self) {
        for it in Challenge::ALL {
            self.moment.challenges.count_always(it);
        }
    }

    /// Takes note of what is done by now. Only what comes about before the person's eyes is worth telling.
    pub(super) fn look_at_challenges(&mut self, is_news: bool) {
        if self.is_opening() {
            return;
        }
        let (done, now) = (*self.timeline.challenges(), self.moment.now());
        let is_done = |it: &Challenge| done[*it as usize].is_some_and(|done| done.at <= now);
        for challenge in Challenge::ALL.into_iter().filter(is_done) {
            let was_earned = std::mem::replace(&mut self.challenging.earned[challenge as usize], true);
            if is_news && !was_earned {
                self.challenging.untold.push(challenge);
            }
        }
    }

    /// What the person is being told.
    pub fn challenge_news(&self) -> Option<&str> {
        self.challenging.news.as_deref()
    }

    /// Tells the person of what is done and not told yet, and no longer of what was told before. Returns whether anything changed.
    pub fn renew_challenge_news(&mut self) -> bool {
        let untold = std::mem::take(&mut self.challenging.untold);
        if untold.is_empty() {
            return self.challenging.news.take().is_some();
        }
        let titles: Vec<&str> = untold.into_iter().map(challenge_title).collect();
        let (earned, all) = self.challenges_counted();
        let said = if titles.len() == 1 { "Challenge done" } else { "Challenges done" };
        self.challenging.news = Some(format!("{said}: {} ({earned} of {all}).", titles.join(", ")));
        true
    }

    /// How many were done, and how many there are.
    pub(super) fn challenges_counted(&self) -> (usize, usize) {
        (self.challenges().filter(|it| self.has_earned(*it)).count(), self.challenges().count())
    }
}

/// Whether people outside see something of its work.
pub(super) fn is_seen(spec: &ServiceSpec) -> bool {
    spec.consumes.as_ref().is_some_and(|consumes| consumes.outcome.is_some())
}

/// Whether it can put aside what it fails on.
pub(super) fn gives_up(spec: &ServiceSpec) -> bool {
    spec.consumes.as_ref().is_some_and(|consumes| consumes.dead_letter_topic.is_some())
}

/// The challenges of this run.
pub fn challenges_snapshot(model: &Model) -> Vec<ChallengeSnapshot> {
    let snapshot = |challenge| {
        let done = model.challenge_done(challenge);
        ChallengeSnapshot {
            name: challenge.name(),
            title: challenge_title(challenge),
            done: done.is_some(),
            since_ms: done.map(|it| it.at.as_ms()),
            done_before: done.is_none() && model.has_earned(challenge),
        }
    };
    model.challenges().map(snapshot).collect()
}

//! The run over time: how to get back to any instant of it, and what was done when.
//!
//! Scenario, seed and commands are the run. So to get to an instant is to take the latest checkpoint before it, and to go on from
//! there as before; and to take a command back is to do the same without it.

use super::course::Course;
use super::deeds::Deed;
use super::history::Outage;
use super::marks::Mark;
use super::moment::Moment;
use super::roads::{Branch, Roads};
use super::watched::Watched;
use crate::check::AllDone;
use crate::cow::CowDeque;
use crate::run::Presses;
use crate::sim::{Command, CommandError, Stamped, StampedCommand};
use crate::time::{Instant, Span};
use std::collections::VecDeque;

/// The simulated time between two checkpoints, at the beginning of a run.
const CHECKPOINT_EVERY: Span = Span::from_ms(5_000);
/// How many checkpoints are kept. When they are full, every second one goes, and from then on half as many are made.
const CHECKPOINTS_MAX: usize = 256;
/// About how many bytes all checkpoints together may take.
const CHECKPOINT_BYTES_MAX: u64 = 384 * 1024 * 1024;
/// How few checkpoints there are whatever they take.
const CHECKPOINTS_MIN: usize = 4;

/// An instant that the run can go on from.
#[derive(Clone, Debug)]
struct Checkpoint {
    moment: Moment,
    /// About how many bytes it takes beyond what it shares with the checkpoint before it.
    weight_bytes: u64,
}

impl Checkpoint {
    fn after(before: Option<&Self>, moment: Moment) -> Self {
        let weight_bytes = before.map_or(0, |before| moment.weight_bytes(&before.moment));
        Self { moment, weight_bytes }
    }

    fn now(&self) -> Instant {
        self.moment.now()
    }
}

/// The run over time.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    /// In order; the first is the beginning.
    checkpoints: Vec<Checkpoint>,
    gap: Span,
    next_at: Instant,
    /// How far this run has come.
    end: Instant,
    watched: Watched,
    /// What was done after the instant that is looked at.
    ahead: VecDeque<StampedCommand>,
    /// What was done with one press, before and after the instant that is looked at.
    presses: Presses,
    /// What was taken back, press by press, the latest last.
    undone: Vec<Vec<StampedCommand>>,
    roads: Roads,
}

impl Timeline {
    /// The timeline of a run that begins with `moment`.
    pub(super) fn new(moment: &Moment) -> Self {
        Self {
            checkpoints: vec![Checkpoint::after(None, moment.clone())],
            gap: CHECKPOINT_EVERY,
            next_at: moment.now() + CHECKPOINT_EVERY,
            end: moment.now(),
            watched: Watched::of(moment),
            ahead: VecDeque::new(),
            presses: Presses::default(),
            undone: Vec::new(),
            roads: Roads::default(),
        }
    }

    /// The timeline of a run that begins with `moment`, and of which nothing was run again yet.
    pub(super) fn of_run(
        moment: &Moment,
        (commands, presses): (Vec<StampedCommand>, Presses),
        end: Instant,
        branches: Vec<Branch>,
    ) -> Self {
        Self { ahead: commands.into(), presses, end, roads: Roads::of(branches), ..Self::new(moment) }
    }

    /// The beginning of the run.
    pub(super) fn first_mut(&mut self) -> Option<&mut Moment> {
        self.checkpoints.first_mut().map(|checkpoint| &mut checkpoint.moment)
    }

    /// Makes the instant that is looked at the end of the run.
    pub(super) fn cut(&mut self, moment: &Moment) {
        self.ahead.clear();
        self.presses.truncate(moment.world.commands().len());
        self.forget_after(moment.now());
        self.come_to(moment);
    }

    /// Whether an instant before the end of the run is looked at: what is done there takes another road.
    pub(super) fn is_before_end(&self, moment: &Moment) -> bool {
        moment.now() < self.end || !self.ahead.is_empty()
    }

    /// How far the run has come.
    pub(super) fn end(&self) -> Instant {
        self.end
    }

    /// When services were away, as far as that is known.
    pub(super) fn outages(&self) -> &[Outage] {
        &self.watched.outages
    }

    /// What else happened when, as far as that is known.
    pub(super) fn marks(&self) -> &CowDeque<Mark> {
        &self.watched.marks
    }

    /// What was done that is neither an absence nor a mark, as far as that is known.
    pub(super) fn deeds(&self) -> &CowDeque<Deed> {
        &self.watched.deeds
    }

    /// Which challenges are done, as far as that is known.
    pub(super) fn challenges(&self) -> &AllDone {
        &self.watched.challenges
    }

    /// How the run went, as far as that is known.
    pub(super) fn course(&self) -> Course {
        self.watched.course()
    }

    /// The roads that were left.
    pub(super) fn roads(&self) -> &Roads {
        &self.roads
    }

    /// The same, to be named and forgotten.
    pub(super) fn roads_mut(&mut self) -> &mut Roads {
        &mut self.roads
    }

    /// What can be taken back, and what can be done again.
    pub(super) fn can(&self, moment: &Moment) -> (bool, bool) {
        (!moment.world.commands().is_empty(), !self.undone.is_empty())
    }

    /// Goes on to `until`, does again what was done on the way, and makes checkpoints.
    pub(super) fn advance(&mut self, moment: &mut Moment, until: Instant, observe: &mut dyn FnMut(&Stamped)) {
        while self.next_at <= until {
            self.replay(moment, self.next_at, observe);
            self.checkpoint(moment);
        }
        self.replay(moment, until, observe);
        self.come_to(moment);
    }

    /// The same from instant to instant, until `is_wanted` says of one that this is it.
    pub(super) fn advance_to_wanted(
        &mut self,
        moment: &mut Moment,
        until: Instant,
        is_wanted: &mut dyn FnMut(&Moment, &[Stamped]) -> bool,
    ) {
        while moment.now() < until {
            let next_command = self.ahead.front().map_or(until, |command| command.at);
            let mut watched = moment.step(Some(until.min(self.next_at).min(next_command)));
            self.replay(moment, moment.now(), &mut |stamped| watched.push(stamped.clone()));
            if self.next_at <= moment.now() {
                self.checkpoint(moment);
            }
            self.come_to(moment);
            if is_wanted(moment, &watched) {
                return;
            }
        }
    }

    /// Goes on to the next event, or to what was done next, if that comes first.
    pub(super) fn step(&mut self, moment: &mut Moment) -> Vec<Stamped> {
        let next_command = self.ahead.front().map(|command| command.at);
        let mut watched = moment.step(next_command);
        if let Some(at) = next_command.filter(|_| watched.is_empty()) {
            self.replay(moment, at, &mut |stamped| watched.push(stamped.clone()));
        }
        self.come_to(moment);
        watched
    }

    /// Goes back to the event before the instant that is looked at, or to the beginning if there is none.
    pub(super) fn step_back(&mut self, moment: &mut Moment) {
        let (commands, now) = (self.commands(moment), moment.now());
        let Some(until) = now.as_us().checked_sub(1).map(|us| Instant::START + Span::from_us(us)) else { return };
        let before = self.checkpoints.iter().filter(|checkpoint| checkpoint.now() <= until).map(Checkpoint::now);
        let mut latest = Instant::START;
        for from in before.collect::<Vec<_>>().into_iter().rev() {
            self.go_to(moment, &commands, from);
            self.replay(moment, until, &mut |stamped| latest = stamped.at);
            if latest > from {
                break;
            }
        }
        self.go_to(moment, &commands, latest);
    }

    /// The run at `at`, or at its end if it has not come so far.
    pub(super) fn seek(&mut self, moment: &mut Moment, at: Instant) {
        let at = at.min(self.end);
        let is_between = |checkpoint: &Checkpoint| (moment.now()..=at).contains(&checkpoint.now());
        if moment.now() <= at && !self.checkpoints.iter().any(is_between) {
            self.replay(moment, at, &mut |_| ());
        } else {
            let commands = self.commands(moment);
            self.go_to(moment, &commands, at);
        }
        self.come_to(moment);
    }

    /// Does something at the instant that is looked at. If that lies in the past, the road taken so far is kept as a branch.
    pub(super) fn act(
        &mut self,
        moment: &mut Moment,
        command: Command,
        observe: &mut dyn FnMut(&Stamped),
    ) -> Result<(), CommandError> {
        let left = self.is_before_end(moment).then(|| self.road(moment));
        moment.apply(command, observe)?;
        self.undone.clear();
        if let Some(left) = left {
            self.roads.keep(left);
        }
        self.ahead.clear();
        self.presses.truncate(moment.world.commands().len() - 1);
        self.forget_after(moment.now());
        self.come_to(moment);
        Ok(())
    }

    /// Takes back what was done last before the instant that is looked at. Returns what that was.
    pub(super) fn undo(&mut self, moment: &mut Moment) -> Option<Vec<Command>> {
        let done = moment.world.commands().len();
        let first = self.presses.first_with(done.checked_sub(1)?);
        let (mut commands, at) = (self.commands(moment), moment.now());
        let undone: Vec<StampedCommand> = commands.drain(first..done).collect();
        self.presses.remove(first..done);
        self.forget_from(first, undone[0].at);
        self.go_to(moment, &commands, at);
        self.come_to(moment);
        let told = undone.iter().map(|it| it.command.clone()).collect();
        self.undone.push(undone);
        Some(told)
    }

    /// Does again what was taken back last. Returns what that is.
    pub(super) fn redo(&mut self, moment: &mut Moment) -> Option<Vec<Command>> {
        let again = self.undone.pop()?;
        let first = again.first()?.at;
        let (mut commands, at) = (self.commands(moment), moment.now());
        let place = commands.partition_point(|command| command.at <= first);
        commands.splice(place..place, again.iter().cloned());
        self.presses.insert(place..place + again.len());
        self.forget_from(place, first);
        self.go_to(moment, &commands, at);
        self.come_to(moment);
        Some(again.into_iter().map(|it| it.command).collect())
    }

    /// What was done since there were `before` commands was done with one press: it is taken back, and done again, as one.
    pub(super) fn join(&mut self, moment: &Moment, before: usize) {
        self.presses.join(before..moment.world.commands().len());
    }

    /// What was done with one press, of all [`Timeline::commands`].
    pub(super) fn presses(&self) -> &Presses {
        &self.presses
    }

    /// Goes back to a road that was left, as far as it had come; the present one is kept in its place.
    pub(super) fn take(&mut self, moment: &mut Moment, index: usize) -> bool {
        let Some(branch) = self.roads.take(index) else { return false };
        let (common, fork) = self.parting(moment, &branch.commands);
        self.roads.keep(self.road(moment));
        self.undone.clear();
        self.forget_from(common, fork.unwrap_or(self.end).min(branch.end));
        self.end = branch.end;
        self.presses = branch.presses;
        self.go_to(moment, &branch.commands, branch.end);
        self.come_to(moment);
        true
    }

    /// Notes how far the run has come, and what it brought.
    fn come_to(&mut self, moment: &Moment) {
        self.end = self.end.max(moment.now());
        if moment.now() >= self.watched.to {
            self.watched = Watched::of(moment);
        }
    }

    /// The present road, as it is kept when it is left.
    fn road(&self, moment: &Moment) -> Branch {
        let (commands, presses) = (self.commands(moment), self.presses.clone());
        Branch { name: String::new(), commands, presses, end: self.end, course: self.course() }
    }

    /// Up to which command and to when another road is the same as this one; it stays the same if nothing is done otherwise.
    pub(super) fn parting(&self, moment: &Moment, other: &[StampedCommand]) -> (usize, Option<Instant>) {
        let here = || moment.world.commands().iter().chain(&self.ahead);
        let common = here().zip(other).take_while(|(one, other)| one == other).count();
        let next = [here().nth(common), other.get(common)];
        (common, next.into_iter().flatten().map(|command| command.at).min())
    }

    /// Everything that was done in this run, before and after the instant that is looked at.
    pub(super) fn commands(&self, moment: &Moment) -> Vec<StampedCommand> {
        moment.world.commands().iter().chain(&self.ahead).cloned().collect()
    }

    /// The run with these commands, at `at`: the latest checkpoint before, and on from there.
    fn go_to(&mut self, moment: &mut Moment, commands: &[StampedCommand], at: Instant) {
        let after = self.checkpoints.partition_point(|checkpoint| checkpoint.now() <= at);
        let from = &self.checkpoints[after.saturating_sub(1)].moment;
        *moment = from.clone();
        self.ahead = commands[moment.world.commands().len().min(commands.len())..].iter().cloned().collect();
        self.replay(moment, at, &mut |_| ());
    }

    /// Goes on to `until`, and does again what was done on the way. What is no longer possible is left out.
    fn replay(&mut self, moment: &mut Moment, until: Instant, observe: &mut dyn FnMut(&Stamped)) {
        while let Some(next) = self.ahead.pop_front_if(|next| next.at <= until) {
            moment.advance_to(next.at, observe);
            let place = moment.world.commands().len();
            if moment.apply(next.command, observe).is_err() {
                self.presses.remove(place..place + 1);
            }
        }
        moment.advance_to(until, observe);
    }

    fn checkpoint(&mut self, moment: &Moment) {
        self.checkpoints.push(Checkpoint::after(self.checkpoints.last(), moment.clone()));
        while self.checkpoints.len() > CHECKPOINTS_MIN
            && (self.checkpoints.len() > CHECKPOINTS_MAX || self.weight_bytes() > CHECKPOINT_BYTES_MAX)
        {
            self.thin_out();
        }
        self.next_at = self.checkpoints.last().map_or(moment.now(), Checkpoint::now) + self.gap;
    }

    /// Keeps every second checkpoint, the first among them.
    fn thin_out(&mut self) {
        let mut kept: Vec<Checkpoint> = Vec::with_capacity(self.checkpoints.len() / 2 + 1);
        for checkpoint in self.checkpoints.drain(..).step_by(2) {
            kept.push(Checkpoint::after(kept.last(), checkpoint.moment));
        }
        self.checkpoints = kept;
        self.gap = self.gap + self.gap;
    }

    /// About how many bytes all checkpoints take, what they share counted once.
    pub(super) fn weight_bytes(&self) -> u64 {
        self.checkpoints.iter().map(|checkpoint| checkpoint.weight_bytes).sum()
    }

    /// What comes after `at` will be another future.
    fn forget_after(&mut self, at: Instant) {
        self.end = at;
        self.watched.to = self.watched.to.min(at);
        self.checkpoints.retain(|checkpoint| checkpoint.now() < at || checkpoint.now() == Instant::START);
        self.next_at = self.checkpoints.last().map_or(at, Checkpoint::now) + self.gap;
    }

    /// From the command at `place` on, which is of `at`, everything happens differently.
    fn forget_from(&mut self, place: usize, at: Instant) {
        self.watched.to = self.watched.to.min(at);
        let is_before =
            |checkpoint: &Checkpoint| checkpoint.moment.world.commands().len() <= place && checkpoint.now() < at;
        self.checkpoints.retain(|checkpoint| is_before(checkpoint) || checkpoint.now() == Instant::START);
        self.next_at = self.checkpoints.last().map_or(at, Checkpoint::now) + self.gap;
    }
}

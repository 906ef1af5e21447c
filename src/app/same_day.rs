//! The same day with direct calls, beside the run: at the same instant, whatever instant of the run is looked at.
//!
//! It is computed while somebody looks at it and costs nothing otherwise. Like the run, it goes back to a checkpoint and on from
//! there; its commands are those of the run.

use super::model::Model;
use super::msg::Effect;
use super::refusal::Refusal;
use crate::direct::{DirectConfig, DirectRun, DirectSetting};
use crate::sim::{StampedCommand, World, WorldSpec};
use crate::time::{Instant, Span};
use std::sync::Arc;

/// The simulated time between two checkpoints, at the beginning.
const CHECKPOINT_EVERY: Span = Span::from_ms(20_000);
/// How many checkpoints are kept. When they are full, every second one goes, and from then on half as many are made.
const CHECKPOINTS_MAX: usize = 24;
/// How many things happen at most while a message is taken in, so that the page does not wait.
const STEPS_AT_ONCE: u32 = 4_000;
/// What the focus goes to when the comparison is opened.
const HEADING: &str = "direct-title";

/// What a person does about the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectMsg {
    /// Look at it, or no longer.
    Show(bool),
    /// Turn a knob of the direct calls.
    Set {
        /// Which.
        setting: DirectSetting,
        /// The value, as a text.
        value: String,
    },
}

/// The day with direct calls.
#[derive(Clone, Debug)]
pub(super) struct SameDay {
    run: DirectRun,
    /// What was done in it so far.
    done: Vec<StampedCommand>,
    /// In order, each with how much was done by then; the first is the beginning.
    checkpoints: Vec<(DirectRun, usize)>,
    gap: Span,
}

/// What the model holds of all this.
#[derive(Clone, Debug, Default)]
pub(super) struct Comparing {
    config: DirectConfig,
    day: Option<SameDay>,
    /// The knob that was not turned last, if one was not.
    refused: Option<(DirectSetting, Refusal)>,
}

impl SameDay {
    fn new(spec: Arc<WorldSpec>, seed: u64, config: DirectConfig) -> Self {
        let run = DirectRun::new(spec, seed, config);
        Self { checkpoints: vec![(run.clone(), 0)], run, done: Vec::new(), gap: CHECKPOINT_EVERY }
    }

    /// The day as far as it has been computed.
    pub(super) fn run(&self) -> &DirectRun {
        &self.run
    }

    /// Whether it is where the world is.
    fn is_level_with(&self, world: &World) -> bool {
        self.run.now() == world.now() && *self.done == *world.commands()
    }

    /// Comes to where the world is, in no more than about so many steps. Returns whether it is there.
    fn follow(&mut self, world: &World, steps_max: u32) -> bool {
        let commands = world.commands();
        if self.run.now() > world.now() || !commands.starts_with(&self.done) {
            self.go_back(commands, world.now());
        }
        let mut steps = steps_max;
        while !self.is_level_with(world) {
            let Some(left) = steps.checked_sub(STEPS_AT_ONCE.min(steps_max)) else { return false };
            steps = left;
            self.go_on(commands, world.now(), STEPS_AT_ONCE.min(steps_max));
        }
        true
    }

    /// Goes on to what is done next, to the next checkpoint, or to `until`.
    fn go_on(&mut self, commands: &[StampedCommand], until: Instant, steps_max: u32) {
        let command = commands.get(self.done.len()).filter(|command| command.at <= until);
        let checkpoint_at = self.checkpoints.last().map_or(until, |(last, _)| last.now() + self.gap);
        let stop = command.map_or(until, |command| command.at).min(checkpoint_at.max(self.run.now()));
        if !self.run.run_some(stop, steps_max) {
            return;
        }
        if stop == checkpoint_at {
            self.checkpoint();
        }
        if let Some(command) = command.filter(|command| command.at == stop) {
            self.run.apply(&command.command, &mut |_| ());
            self.done.push(command.clone());
        }
    }

    fn go_back(&mut self, commands: &[StampedCommand], to: Instant) {
        let same = commands.iter().zip(&self.done).take_while(|(one, other)| one == other).count();
        self.checkpoints.retain(|(run, done)| *done <= same || run.now() == Instant::START && *done == 0);
        let after = self.checkpoints.partition_point(|(run, _)| run.now() <= to);
        let (run, done) = &self.checkpoints[after.saturating_sub(1)];
        self.run = run.clone();
        self.done.truncate(*done);
    }

    fn checkpoint(&mut self) {
        if self.checkpoints.len() == CHECKPOINTS_MAX {
            let mut place = 0;
            self.checkpoints.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.gap = self.gap + self.gap;
        }
        self.checkpoints.push((self.run.clone(), self.done.len()));
    }
}

impl Comparing {
    /// The knobs.
    pub(super) fn config(&self) -> &DirectConfig {
        &self.config
    }

    /// What was refused of this knob, if it was the last that was turned.
    pub(super) fn refusal_of(&self, setting: DirectSetting) -> Option<&Refusal> {
        self.refused.as_ref().filter(|(refused, _)| *refused == setting).map(|(_, refusal)| refusal)
    }

    /// What was refused is let go.
    pub(super) fn forget_refusal(&mut self) {
        self.refused = None;
    }

    /// The same knobs, beside another run.
    pub(super) fn beside(&self, world: &World) -> Self {
        let day = self.day.as_ref().map(|_| new_day(world, &self.config));
        Self { config: self.config.clone(), day, refused: None }
    }
}

fn new_day(world: &World, config: &DirectConfig) -> SameDay {
    SameDay::new(world.begun_with().clone(), world.seed(), config.clone())
}

impl Model {
    /// The day with direct calls as far as it has been computed, if somebody looks at it.
    pub(super) fn same_day(&self) -> Option<&SameDay> {
        self.comparing.day.as_ref()
    }

    /// How far the day with direct calls has come to where the run is, in hundredths; `None` if it is there.
    pub(super) fn same_day_percent(&self) -> Option<u64> {
        let (day, world) = (self.same_day()?, &self.moment.world);
        let part = day.run.now().as_ms() * 100 / world.now().as_ms().max(1);
        (!day.is_level_with(world)).then_some(part.min(99))
    }

    /// Brings the day with direct calls nearer to where the run is, if somebody looks at it and it is not there. Returns whether that
    /// was so.
    pub fn follow_direct(&mut self, steps_max: u32) -> bool {
        let (Some(day), world) = (&mut self.comparing.day, &self.moment.world) else { return false };
        let is_behind = !day.is_level_with(world);
        if is_behind {
            day.follow(world, steps_max);
        }
        is_behind
    }

    /// The day with direct calls at the instant that is looked at, computed now if nobody looks at it.
    pub(super) fn whole_same_day(&mut self) -> DirectRun {
        let mut day = self.comparing.day.take().unwrap_or_else(|| new_day(&self.moment.world, &self.comparing.config));
        while !day.follow(&self.moment.world, u32::MAX) {}
        let run = day.run.clone();
        self.comparing.day = Some(day);
        run
    }

    /// Nobody looks at it any more.
    pub(super) fn forget_same_day(&mut self) {
        self.comparing.day = None;
    }
}

/// Takes in what a person does about the comparison.
pub(super) fn update(model: &mut Model, msg: DirectMsg) -> Vec<Effect> {
    match msg {
        DirectMsg::Show(true) => {
            let day = new_day(&model.moment.world, &model.comparing.config);
            model.comparing.day = Some(day);
            model.follow_direct(STEPS_AT_ONCE);
            return vec![Effect::FocusId(HEADING)];
        }
        DirectMsg::Show(false) => model.forget_same_day(),
        DirectMsg::Set { setting, value } => {
            let comparing = &mut model.comparing;
            let error = comparing.config.set(setting, &value).err();
            comparing.refused = error.map(|error| (setting, Refusal { value, why: error.to_string(), mend: None }));
            *comparing = Comparing { refused: comparing.refused.take(), ..comparing.beside(&model.moment.world) };
            model.follow_direct(STEPS_AT_ONCE);
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Msg, update};
    use crate::scenario::shipped;
    use crate::sim::Command;

    fn model() -> Model {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        update(&mut model, Msg::Direct(DirectMsg::Show(true)));
        model
    }

    fn go_on(model: &mut Model, ms: u64) {
        model.advance_to(model.world().now() + Span::from_ms(ms));
        while model.follow_direct(1_000) {}
    }

    fn switch(model: &mut Model, online: bool) {
        let command = Command::SetServiceOnline { service: "notifications".to_owned(), online };
        update(model, Msg::Do(command));
    }

    /// The day as it is when it is computed from its beginning.
    fn assert_as_from_the_beginning(model: &Model) {
        let mut day = new_day(model.world(), &model.comparing.config);
        while !day.follow(model.world(), u32::MAX) {}
        let shown = model.same_day().expect("somebody looks at it");
        assert_eq!((shown.run.now(), shown.run.tally()), (model.world().now(), day.run.tally()));
        assert_eq!(shown.done, model.world().commands());
    }

    #[test]
    fn it_is_where_the_run_is_whatever_instant_is_looked_at() {
        let mut model = model();
        for online in [false, true] {
            go_on(&mut model, 30_000);
            switch(&mut model, online);
        }
        go_on(&mut model, 30_000);
        assert_as_from_the_beginning(&model);
        for ms in [45_000, 10_000, 61_000, 0, 90_000] {
            update(&mut model, Msg::Seek(Instant::from_ms(ms)));
            go_on(&mut model, 0);
            assert_as_from_the_beginning(&model);
        }
    }

    #[test]
    fn what_is_taken_back_is_taken_back_there_too() {
        let mut model = model();
        go_on(&mut model, 30_000);
        switch(&mut model, false);
        go_on(&mut model, 20_000);
        let failed = |model: &Model| model.same_day().map(|day| day.run.tally().answers.failed);
        assert!(failed(&model) > Some(0));
        update(&mut model, Msg::Undo);
        go_on(&mut model, 0);
        assert_eq!(failed(&model), Some(0));
        assert_as_from_the_beginning(&model);
    }

    #[test]
    fn it_is_computed_a_little_at_a_time_and_says_how_far_it_is() {
        let mut model = model();
        model.advance_to(Instant::from_ms(300_000));
        assert!(model.follow_direct(10));
        assert!(model.same_day_percent().is_some_and(|percent| percent < 50));
        while model.follow_direct(10_000) {}
        assert_eq!(model.same_day_percent(), None);
    }

    #[test]
    fn a_knob_that_is_turned_runs_the_day_again_and_one_that_refuses_says_why() {
        let mut model = model();
        go_on(&mut model, 20_000);
        let set = |model: &mut Model, value: &str| {
            let (setting, value) = (DirectSetting::Timeout, value.to_owned());
            update(model, Msg::Direct(DirectMsg::Set { setting, value }));
            go_on(model, 0);
        };
        set(&mut model, "1");
        assert!(model.same_day().is_some_and(|day| day.run.tally().answers.failed > 10));
        set(&mut model, "never");
        assert_eq!(
            model.comparing.refusal_of(DirectSetting::Timeout).map(|it| (&*it.value, &*it.why)),
            Some(("never", "timeout_ms is \"never\"; it must be a whole number from 1 to 3600000"))
        );
        assert_eq!(model.comparing.config().timeout, Span::from_ms(1));
    }

    #[test]
    fn nobody_looks_at_it_and_it_is_not_there() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(20_000));
        assert!(!model.follow_direct(1_000) && model.same_day().is_none());
        drop(model.compare_direct());
        assert!(model.same_day().is_none());
    }

    #[test]
    fn another_run_has_its_own_day_beside_it() {
        let mut model = model();
        go_on(&mut model, 20_000);
        update(&mut model, Msg::Restart { seed: 9 });
        go_on(&mut model, 0);
        assert_as_from_the_beginning(&model);
    }
}

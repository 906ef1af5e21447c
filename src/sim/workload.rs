//! Entities that go through their life: what a publishing service has to say, and when.
//!
//! It is the service's own database: switching the service off does not touch it, so that nothing that happened is forgotten.
//! An update stays in the outbox until the broker has acknowledged it.

use super::answers::Answers;
use super::event::{Resent, UpdateHash};
use super::limit::{Limit, Valve};
use super::numbered::Numbered;
use super::random::Stream;
use super::spec::PublishesSpec;
use crate::client::RecordHandle;
use crate::json::push_escaped;
use crate::time::{Instant, Span};
use std::collections::VecDeque;
use std::sync::Arc;

/// Room for a value as most scenarios have it, in bytes; a longer one takes more.
const VALUE_CAPACITY: usize = 192;

/// One record to be published.
#[derive(Clone, Debug)]
pub(super) struct Update {
    /// When it came about.
    pub(super) at: Instant,
    /// How many times a record had been sent when it was sent last.
    sent_after: u64,
    /// Which of the service's producers it was handed to last, if to any.
    handed_to: Option<u32>,
    pub(super) key: String,
    pub(super) value: String,
    pub(super) headers: Vec<(Arc<str>, String)>,
}

impl Update {
    fn hash(&self) -> UpdateHash {
        UpdateHash::of(Some(self.key.as_bytes()), Some(self.value.as_bytes()), self.at.timestamp_ms())
    }
}

#[derive(Clone, Debug)]
struct Entity {
    fields: Arc<[Arc<str>]>,
    next_stage: usize,
}

/// An entity that has reached a stage.
pub(super) struct Passed {
    pub(super) stage: usize,
    fields: Arc<[Arc<str>]>,
    /// How long the stage after it is away; `None` if there is none.
    pub(super) until_next: Option<Span>,
}

/// The entities of one publishing service.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    pub(super) arrivals_per_min: u32,
    /// Which arrivals are still meant: those put down under an older rate are not.
    pub(super) rate_version: u32,
    /// Entities whose next stage came while the service was off or could publish no more, in order; each at most once, for each
    /// has one next stage.
    overdue: Vec<u64>,
    taking_in: Valve,
    publishing: Valve,
    /// Updates that the producer did not take, in order.
    held_back: VecDeque<RecordHandle>,
    /// Whether everybody was told that the producer takes nothing.
    is_full: bool,
    entities: Numbered<Entity>,
    outbox: Numbered<Update>,
    /// How many times a record was sent.
    sends: u64,
    /// How many producers there were before this one.
    producers: u32,
    /// What became of those that have left the outbox.
    pub(super) answers: Answers,
    arrivals: Stream,
    lives: Stream,
}

impl Workload {
    pub(super) fn new(spec: &PublishesSpec, service: &str, seed: u64) -> Self {
        Self {
            arrivals_per_min: spec.arrivals_per_min,
            rate_version: 0,
            overdue: Vec::new(),
            taking_in: Valve::new(Limit::Entities),
            publishing: Valve::new(Limit::Unacknowledged),
            held_back: VecDeque::new(),
            is_full: false,
            entities: Numbered::from(spec.first_number),
            outbox: Numbered::from(0),
            sends: 0,
            producers: 0,
            answers: Answers::default(),
            arrivals: Stream::new(seed, &format!("arrivals of {service}")),
            lives: Stream::new(seed, &format!("lives of {service}")),
        }
    }

    /// How many entities are on their way.
    pub(super) fn in_progress(&self) -> usize {
        self.entities.len()
    }

    /// Whether there is room for another entity.
    pub(super) fn takes_in(&self) -> bool {
        !self.taking_in.is_shut()
    }

    /// Whether there is room for another update.
    pub(super) fn publishes(&self) -> bool {
        !self.publishing.is_shut()
    }

    /// Whether updates wait because the producer did not take them.
    pub(super) fn holds_back(&self) -> bool {
        !self.held_back.is_empty()
    }

    /// Keeps an update until the producer takes it.
    pub(super) fn hold_back(&mut self, handle: RecordHandle) {
        self.held_back.push_back(handle);
    }

    /// The updates that the producer did not take, in order.
    pub(super) fn take_held_back(&mut self) -> VecDeque<RecordHandle> {
        std::mem::take(&mut self.held_back)
    }

    /// Notes whether the producer's buffer is full, and returns that if it has changed.
    pub(super) fn note_full(&mut self, is_full: bool) -> Option<(Limit, bool)> {
        let has_changed = std::mem::replace(&mut self.is_full, is_full) != is_full;
        has_changed.then_some((Limit::BufferMemory, is_full))
    }

    /// Notes which limits are reached, and which are so no longer; returns what has changed.
    pub(super) fn update_limits(&mut self) -> impl Iterator<Item = (Limit, bool)> + use<> {
        let changes = [self.taking_in.update(self.entities.len()), self.publishing.update(self.outbox.len())];
        changes.into_iter().flatten()
    }

    /// Puts off the next stage of an entity.
    pub(super) fn put_off(&mut self, number: u64) {
        self.overdue.push(number);
    }

    /// The entities whose next stage was put off, in order.
    pub(super) fn take_overdue(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.overdue)
    }

    /// How long until the next one turns up; `None` if none ever does.
    pub(super) fn until_next_arrival(&mut self) -> Option<Span> {
        let mean_us = 60_000_000u64.checked_div(self.arrivals_per_min.into())?;
        Some(self.arrivals.exponential(Span::from_us(mean_us)))
    }

    /// Takes in a new entity, before its first stage. Returns its number and how long that stage is away.
    pub(super) fn arrive(&mut self, spec: &PublishesSpec) -> (u64, Span) {
        let number = self.add(spec, 0);
        (number, self.until_stage(spec, 0))
    }

    /// Takes in an entity somewhere in the middle of its life, as if it had come before the run began.
    pub(super) fn arrive_in_progress(&mut self, spec: &PublishesSpec) -> (u64, Span) {
        let stage = self.lives.below(spec.stages.len() as u64) as usize;
        let number = self.add(spec, stage);
        (number, self.lives.between(Span::ZERO, spec.stages[stage].after.max))
    }

    /// Moves an entity to its next stage.
    pub(super) fn pass_stage(&mut self, spec: &PublishesSpec, number: u64) -> Option<Passed> {
        let entity = self.entities.get_mut(number)?;
        let stage = entity.next_stage;
        entity.next_stage += 1;
        let is_last = stage + 1 == spec.stages.len();
        let fields = entity.fields.clone();
        if is_last {
            self.entities.remove(number);
        }
        let until_next = (!is_last).then(|| self.until_stage(spec, stage + 1));
        Some(Passed { stage, fields, until_next })
    }

    /// Moves an entity to its next stage and puts the update into the outbox. Returns it, and how long the stage after it is away.
    pub(super) fn reach_stage(
        &mut self,
        spec: &PublishesSpec,
        number: u64,
        now: Instant,
    ) -> Option<(RecordHandle, Option<Span>)> {
        let passed = self.pass_stage(spec, number)?;
        let update = update_of(spec, now, number, &passed);
        Some((RecordHandle(self.outbox.add(update)), passed.until_next))
    }

    /// An update that is not acknowledged yet.
    pub(super) fn unacknowledged(&self, handle: RecordHandle) -> Option<&Update> {
        self.outbox.get(handle.0)
    }

    /// All updates that are not acknowledged yet, oldest first.
    pub(super) fn all_unacknowledged(&self) -> Vec<RecordHandle> {
        self.outbox.numbers().into_iter().map(RecordHandle).collect()
    }

    /// How many updates are not acknowledged yet.
    pub(super) fn unacknowledged_count(&self) -> usize {
        self.outbox.len()
    }

    /// Another producer begins.
    pub(super) fn begin_producer(&mut self) {
        self.producers += 1;
    }

    /// Notes that the producer has taken an update. If it is not the first time, returns what it is and why it is sent again.
    pub(super) fn sent(&mut self, handle: RecordHandle) -> Option<(UpdateHash, Resent)> {
        let update = self.outbox.get_mut(handle.0)?;
        update.sent_after = self.sends;
        self.sends += 1;
        let before = update.handed_to.replace(self.producers)?;
        let why = if before == self.producers { Resent::GivenUp } else { Resent::Restarted };
        Some((update.hash(), why))
    }

    /// Forgets an update that is safe in the log. Returns how many times a record had been sent when it was.
    pub(super) fn acknowledged(&mut self, handle: RecordHandle, now: Instant) -> Option<u64> {
        let update = self.outbox.get(handle.0)?;
        let sent_after = update.sent_after;
        self.answers.answered(now.since(update.at));
        self.outbox.remove(handle.0);
        Some(sent_after)
    }

    /// Forgets an update that the broker refused.
    pub(super) fn refused(&mut self, handle: RecordHandle) {
        self.answers.failed += u64::from(self.outbox.get(handle.0).is_some());
        self.outbox.remove(handle.0);
    }

    fn add(&mut self, spec: &PublishesSpec, next_stage: usize) -> u64 {
        let lives = &mut self.lives;
        let pick = |pick: &Vec<Arc<str>>, lives: &mut Stream| pick[lives.below(pick.len() as u64) as usize].clone();
        let fields = spec.fields.iter().map(|field| pick(&field.pick, lives)).collect();
        self.entities.add(Entity { fields, next_stage })
    }

    fn until_stage(&mut self, spec: &PublishesSpec, stage: usize) -> Span {
        let after = spec.stages[stage].after;
        self.lives.between(after.min, after.max)
    }
}

fn update_of(spec: &PublishesSpec, at: Instant, number: u64, passed: &Passed) -> Update {
    let Passed { stage, fields, .. } = passed;
    let number = number.to_string();
    let fill_simple = |name: &str| match name {
        "number" => Some(number.as_str()),
        "stage" => Some(&*spec.stages[*stage].name),
        _ => spec.fields.iter().position(|field| *field.name == *name).map(|index| &*fields[index]),
    };
    let key = spec.key.render(fill_simple);
    let fill = |name: &str| if name == "key" { Some(key.as_str()) } else { fill_simple(name) };
    let mut value = String::with_capacity(VALUE_CAPACITY);
    value.push('{');
    for (name, text) in &spec.value {
        if value.len() > 1 {
            value.push(',');
        }
        push_member(&mut value, name, text.pieces(fill));
    }
    value.push('}');
    let headers = spec.headers.iter().map(|(name, text)| (name.clone(), text.render(fill))).collect();
    Update { at, sent_after: 0, handed_to: None, value, headers, key: key.clone() }
}

/// Adds a member to a JSON object.
fn push_member<'a>(object: &mut String, name: &str, text: impl Iterator<Item = &'a str>) {
    object.push('"');
    push_escaped(object, name);
    object.push_str("\":\"");
    text.for_each(|piece| push_escaped(object, piece));
    object.push('"');
}

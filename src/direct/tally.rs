//! What comes of direct calls, in numbers: the same that are taken of the bus.

use super::task::CallOf;
use crate::sim::{Answers, Latencies, ServiceId};
use crate::sorted::SortedMap;
use crate::time::Instant;

/// What became of the updates that one neighbour was to be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// How many there were. Always the sum of `done`, `waiting` and `lost`.
    pub meant: u64,
    /// How many it has worked on, at least once.
    pub done: u64,
    /// How many it may still come to work on.
    pub waiting: u64,
    /// How many it will never hear of: whoever was to call it has given up.
    pub lost: u64,
    /// How often it worked on an update that it had worked on before: its answer had come too late, or not at all.
    pub done_again: u64,
    /// How often it knew that it had done the work before, and did nothing.
    pub recognised: u64,
    /// How long it took from an update to the work on it, of those that were done. Updates are stamped to the millisecond, as they are
    /// on the bus.
    pub effects: Latencies,
}

/// All that is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The answers of those who publish on the bus.
    pub answers: Answers,
    /// How many updates there were to tell. Always those answered, those failed, and those in hand or waiting.
    pub updates: u64,
    /// How many calls were made.
    pub calls: u64,
    /// How many updates the circuit breakers kept from a neighbour.
    pub stopped: u64,
    reached: SortedMap<ServiceId, Reached>,
    marks: SortedMap<CallOf, Mark>,
}

/// How far an update has come with one neighbour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Mark {
    /// How many calls about it are on their way to the neighbour, or with it.
    on_their_way: u32,
    is_done: bool,
    /// Whether the caller is through with it, well or not.
    is_over: bool,
}

impl Tally {
    /// How many updates nobody has an answer for yet.
    pub fn unanswered(&self) -> u64 {
        self.updates - self.answers.times.count() - self.answers.failed
    }

    /// What became of the updates that a neighbour was to be told.
    pub fn reached(&self, service: ServiceId) -> Option<&Reached> {
        self.reached.get(&service)
    }

    /// An update that a neighbour is to be told.
    pub(super) fn meant(&mut self, about: CallOf) {
        self.marks.insert(about, Mark::default());
        let reached = self.of(about.callee);
        (reached.meant, reached.waiting) = (reached.meant + 1, reached.waiting + 1);
    }

    /// A call goes out.
    pub(super) fn sent(&mut self, about: CallOf) {
        self.calls += 1;
        self.mark(about, |mark| mark.on_their_way += 1);
    }

    /// A call will never be worked on.
    pub(super) fn gone(&mut self, about: CallOf) {
        self.mark(about, |mark| mark.on_their_way -= 1);
    }

    /// A neighbour has done the work, unless it `recognises` what it has done before. Returns whether that was so.
    pub(super) fn done(&mut self, about: CallOf, updated_at: Instant, now: Instant, recognises: bool) {
        let Some(is_again) = self.marks.get(&about).map(|mark| mark.is_done) else { return };
        let reached = self.of(about.callee);
        match (is_again, recognises) {
            (true, true) => reached.recognised += 1,
            (true, false) => reached.done_again += 1,
            (false, _) => {
                (reached.done, reached.waiting) = (reached.done + 1, reached.waiting - 1);
                reached.effects.note(now.since(Instant::from_ms(updated_at.as_ms())));
            }
        }
        self.mark(about, |mark| (mark.is_done, mark.on_their_way) = (true, mark.on_their_way - 1));
    }

    /// A caller is through with an update, as far as this neighbour is concerned.
    pub(super) fn over(&mut self, about: CallOf) {
        self.mark(about, |mark| mark.is_over = true);
    }

    fn of(&mut self, service: ServiceId) -> &mut Reached {
        self.reached.entry(service).or_default()
    }

    /// Changes a mark. What nobody will call about again, and nobody has in hand, is settled.
    fn mark(&mut self, about: CallOf, change: impl FnOnce(&mut Mark)) {
        let Some(mark) = self.marks.get_mut(&about) else { return };
        change(mark);
        if !mark.is_over || mark.on_their_way > 0 {
            return;
        }
        let is_lost = !mark.is_done;
        self.marks.remove(&about);
        if is_lost {
            let reached = self.of(about.callee);
            (reached.lost, reached.waiting) = (reached.lost + 1, reached.waiting - 1);
        }
    }
}

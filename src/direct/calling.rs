//! Those who call: one neighbour after another or all at once, again when a call fails, until each has answered or is given up.

use super::run::{DirectRun, Due};
use super::task::{Call, CallOf, Leg, Task, TaskId, Teller};
use crate::sim::ServiceId;
use crate::time::Span;

impl DirectRun {
    /// Lets a service begin with as many of its updates as it has hands free.
    pub(super) fn tell_next(&mut self, service: ServiceId) {
        while self.station(service).telling < self.config.concurrency {
            let Some(id) = self.station_mut(service).to_tell.pop_front() else { return };
            self.station_mut(service).telling += 1;
            self.tell(id);
        }
    }

    /// Calls whoever is to be called next about an update; ends it if that is nobody.
    pub(super) fn tell(&mut self, id: TaskId) {
        loop {
            let Some(task) = self.tasks.get(&id) else { return };
            let mut legs = task.legs.iter();
            let is_calling = legs.any(|(_, leg)| !leg.is_over() && *leg != Leg::Ahead);
            let next = task.legs.iter().find(|(_, leg)| *leg == Leg::Ahead).map(|(callee, _)| *callee);
            match next {
                Some(callee) if self.config.in_parallel || !is_calling => self.call(CallOf { task: id, callee }, 1),
                Some(_) => return,
                None if is_calling => return,
                None => return self.end_task(id),
            }
        }
    }

    pub(super) fn call_again(&mut self, about: CallOf, attempt: u32) {
        let leg = self.tasks.get_mut(&about.task).and_then(|task| task.leg_mut(about.callee));
        if leg.is_some_and(|leg| matches!(leg, Leg::Between { .. })) {
            self.call(about, attempt);
            self.tell(about.task); // the breaker may have stopped it
        }
    }

    /// Calls a neighbour, unless the breaker says no.
    fn call(&mut self, about: CallOf, attempt: u32) {
        let Some(task) = self.tasks.get(&about.task) else { return };
        let caller = task.teller.service();
        let depth = task.teller.depth();
        let (updated_at, is_poison) = (task.updated_at, task.is_poison);
        let breaker = self.breakers.entry((caller, about.callee)).or_default();
        if !breaker.permits(self.now, &self.config) {
            self.tally.stopped += 1;
            return self.leg_over(about, Leg::GivenUp);
        }
        self.calls_made += 1;
        let call = Call { number: self.calls_made, about, caller, updated_at, is_poison, depth };
        self.set_leg(about, Leg::Calling { number: call.number, attempt });
        self.tally.sent(about);
        let (now, travels) = (self.now, self.travel_time());
        self.due.put(now + travels, Due::CallArrives(call));
        self.due.put(now + self.config.timeout, Due::TimeIsUp(call));
    }

    /// An answer comes to the caller, if it still waits for that one.
    pub(super) fn answer_arrives(&mut self, call: &Call, is_well: bool) {
        if !self.gets_through(call) || !self.is_awaited(call) {
            return;
        }
        if !is_well {
            return self.attempt_failed(call);
        }
        self.breakers.entry((call.caller, call.about.callee)).or_default().succeeded();
        self.leg_over(call.about, Leg::Told);
        self.tell(call.about.task);
    }

    /// A call was refused, or failed, or was not answered in time: it is made again after a while, or given up.
    pub(super) fn attempt_failed(&mut self, call: &Call) {
        let Some(attempt) = self.tasks.get(&call.about.task).and_then(|task| task.awaits(call)) else { return };
        let breaker = self.breakers.entry((call.caller, call.about.callee)).or_default();
        breaker.failed(self.now, &self.config);
        if attempt <= self.config.retries {
            self.set_leg(call.about, Leg::Between { attempt });
            let wait = backoff(self.config.retry_backoff, attempt);
            self.due.put(self.now + wait, Due::CallAgain { about: call.about, attempt: attempt + 1 });
        } else {
            self.leg_over(call.about, Leg::GivenUp);
            self.tell(call.about.task);
        }
    }

    /// Whoever was to tell an update can do so no more.
    pub(super) fn give_up(&mut self, id: TaskId) {
        let Some(task) = self.tasks.remove(&id) else { return };
        for (callee, _) in task.legs.iter().filter(|(_, leg)| !leg.is_over()) {
            self.tally.over(CallOf { task: id, callee: *callee });
        }
        self.count_answer(&task, false);
    }

    fn end_task(&mut self, id: TaskId) {
        let Some(task) = self.tasks.remove(&id) else { return };
        let is_well = task.legs.iter().all(|(_, leg)| *leg == Leg::Told);
        self.count_answer(&task, is_well);
        match task.teller {
            Teller::Hand => {}
            Teller::Publisher(service) => {
                self.station_mut(service).telling -= 1;
                self.tell_next(service);
            }
            Teller::Worker(service, worker, call) => self.finish_call(service, worker, &call, is_well),
        }
    }

    /// The answer of a publishing service counts; one that it gives on the way does not.
    fn count_answer(&mut self, task: &Task, is_well: bool) {
        match (task.teller, is_well) {
            (Teller::Publisher(_), true) => self.tally.answers.answered(self.now.since(task.updated_at)),
            (Teller::Publisher(_), false) => self.tally.answers.failed += 1,
            (Teller::Hand | Teller::Worker(..), _) => {}
        }
    }

    fn leg_over(&mut self, about: CallOf, how: Leg) {
        self.set_leg(about, how);
        self.tally.over(about);
    }

    fn set_leg(&mut self, about: CallOf, to: Leg) {
        if let Some(leg) = self.tasks.get_mut(&about.task).and_then(|task| task.leg_mut(about.callee)) {
            *leg = to;
        }
    }

    fn is_awaited(&self, call: &Call) -> bool {
        self.tasks.get(&call.about.task).is_some_and(|task| task.awaits(call).is_some())
    }

    /// Whether what is under way between the two arrives.
    pub(super) fn gets_through(&self, call: &Call) -> bool {
        let is_connected = |service: ServiceId| self.station(service).connected;
        is_connected(call.about.callee) && call.caller.is_none_or(is_connected)
    }
}

/// The wait before the next attempt: twice as long each time.
fn backoff(first: Span, attempts: u32) -> Span {
    Span::from_us(first.as_us().saturating_mul(1u64 << (attempts - 1).min(16)))
}

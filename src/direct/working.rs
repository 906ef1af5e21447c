//! Those who are called: a call is refused, turned away, or waits for an instance; the instance works on it, tells others what comes
//! of it, and answers.

use super::run::{DirectRun, Due};
use super::task::{Call, TaskId, Teller};
use crate::sim::ServiceId;

/// How many calls wait for one another at most: a circle of services that call each other has to end somewhere.
const DEPTH_MAX: u32 = 8;

impl DirectRun {
    pub(super) fn call_arrives(&mut self, call: Call) {
        let service = call.about.callee;
        let (now, queue_max) = (self.now, self.config.queue_max);
        let station = self.station(service);
        if !self.gets_through(&call) {
            self.tally.gone(call.about);
        } else if !station.takes_calls() {
            self.tally.gone(call.about);
            if self.config.refuses_when_off {
                self.answer(call, false);
            }
        } else if !station.has_room(now, queue_max) {
            self.tally.gone(call.about);
            self.answer(call, false);
        } else {
            self.station_mut(service).waiting.push_back(call);
            self.begin_work(service);
        }
    }

    /// Gives the calls that wait to the instances that have nothing in hand.
    pub(super) fn begin_work(&mut self, service: ServiceId) {
        let now = self.now;
        let station = &mut self.stations[usize::from(service.0)];
        let Some(processing) = station.config.as_ref().map(|config| config.processing) else { return };
        while let Some(index) = station.free_worker(now)
            && let Some(call) = station.waiting.pop_front()
        {
            let takes = station.work_times.between(processing.min, processing.max);
            let worker = &mut station.workers[index as usize];
            worker.call = Some(call);
            self.due.put(now + takes, Due::WorkDone { service, worker: index, life: worker.life });
        }
    }

    /// Work on a call is over, unless the instance stands still: it has come out well, or not.
    pub(super) fn work_done(&mut self, service: ServiceId, index: u32, life: u32) {
        let now = self.now;
        let Some(worker) = self.station(service).workers.get(index as usize).filter(|it| it.life == life) else {
            return;
        };
        let Some(call) = worker.call else { return };
        if worker.stalled_until > now {
            let at = worker.stalled_until;
            return self.due.put(at, Due::WorkDone { service, worker: index, life });
        }
        if self.fails(service, &call) {
            self.tally.gone(call.about);
            return self.finish_call(service, index, &call, false);
        }
        let recognises = self.station(service).config.as_ref().is_some_and(|config| config.deduplicate);
        self.tally.done(call.about, call.updated_at, now, recognises);
        match self.tell_others(service, index, call) {
            Some(id) => self.tell(id),
            None => self.finish_call(service, index, &call, true),
        }
    }

    /// Whoever has worked on a call tells what came of it, before it answers, where it would publish that on the bus and somebody
    /// would read it.
    fn tell_others(&mut self, service: ServiceId, index: u32, call: Call) -> Option<TaskId> {
        let output = self.spec.services[usize::from(service.0)].consumes.as_ref()?.output?;
        if call.depth >= DEPTH_MAX || super::run::readers(&self.spec, output).next().is_none() {
            return None;
        }
        let teller = Teller::Worker(service, index, call);
        Some(self.begin_task(teller, output, self.now, false))
    }

    fn fails(&mut self, service: ServiceId, call: &Call) -> bool {
        let station = self.station_mut(service);
        let Some(config) = &station.config else { return false };
        let percent = u64::from(config.failure_percent);
        let by_chance = percent > 0 && station.failures.below(100) < percent;
        by_chance || (call.is_poison && !config.reads_poison)
    }

    /// An instance is through with a call: it answers, and goes on with the next.
    pub(super) fn finish_call(&mut self, service: ServiceId, index: u32, call: &Call, is_well: bool) {
        if let Some(worker) = self.station_mut(service).workers.get_mut(index as usize) {
            worker.call = None;
            worker.end_if_done();
        }
        self.answer(*call, is_well);
        self.begin_work(service);
    }

    fn answer(&mut self, call: Call, is_well: bool) {
        let travels = self.travel_time();
        self.due.put(self.now + travels, Due::AnswerArrives { call, is_well });
    }

    /// An instance ends at once. Its caller hears nothing.
    pub(super) fn crash_worker(&mut self, service: ServiceId, index: u32) {
        let Some(worker) = self.station_mut(service).workers.get_mut(index as usize) else { return };
        let Some(call) = worker.crash() else { return };
        let is_telling = |teller: &Teller| matches!(teller, Teller::Worker(_, _, told) if told.number == call.number);
        let mut telling = self.tasks.iter().filter(|(_, task)| is_telling(&task.teller)).map(|(id, _)| *id);
        match telling.next() {
            Some(id) => self.give_up(id), // it had done its own part
            None => self.tally.gone(call.about),
        }
    }

    /// Nobody is left to take the calls that wait.
    pub(super) fn drop_waiting(&mut self, service: ServiceId) {
        for call in std::mem::take(&mut self.station_mut(service).waiting) {
            self.tally.gone(call.about);
        }
    }
}

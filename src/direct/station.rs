//! A service as its callers find it: whether it is there, its instances, and the calls that wait for one of them.

use super::task::Call;
use crate::sim::{ReadConfig, ServiceSpec, Stream};
use crate::time::Instant;
use std::collections::VecDeque;

/// One instance of a service that is called.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) is_up: bool,
    /// How often it has begun: what an earlier life was at is nothing to this one.
    pub(super) life: u32,
    /// The call that it works on.
    pub(super) call: Option<Call>,
    /// Whether it is to end when it has finished that.
    pub(super) is_ending: bool,
    /// It stands still until then.
    pub(super) stalled_until: Instant,
}

impl Worker {
    const fn new() -> Self {
        Self { is_up: true, life: 0, call: None, is_ending: false, stalled_until: Instant::START }
    }

    /// Whether it can begin with a call.
    pub(super) fn is_free(&self, now: Instant) -> bool {
        self.is_up && !self.is_ending && self.call.is_none() && self.stalled_until <= now
    }

    /// Begins, if it does not run; stays, if it was about to end.
    pub(super) fn begin(&mut self) {
        self.is_ending = false;
        if !self.is_up {
            *self = Self { life: self.life + 1, ..Self::new() };
        }
    }

    /// Ends at once. Returns what it had in hand.
    pub(super) fn crash(&mut self) -> Option<Call> {
        self.is_up = false;
        self.life += 1;
        self.call.take()
    }

    /// Ends as soon as it has nothing in hand.
    pub(super) fn end(&mut self) {
        self.is_ending = true;
        self.end_if_done();
    }

    pub(super) fn end_if_done(&mut self) {
        self.is_up &= !self.is_ending || self.call.is_some();
    }
}

/// A service.
#[derive(Clone, Debug)]
pub(super) struct Station {
    /// Whether it takes calls, and its own updates.
    pub(super) online: bool,
    /// Whether it is gone for good.
    pub(super) is_removed: bool,
    /// Whether its calls, and calls to it, get through.
    pub(super) connected: bool,
    /// Its settings, if it reads on the bus, and so is called.
    pub(super) config: Option<ReadConfig>,
    pub(super) workers: Vec<Worker>,
    pub(super) waiting: VecDeque<Call>,
    /// Decides how long it works on each call.
    pub(super) work_times: Stream,
    /// Decides which attempts fail.
    pub(super) failures: Stream,
    /// Its own updates that wait for their turn, and how many are in hand.
    pub(super) to_tell: VecDeque<super::task::TaskId>,
    pub(super) telling: u32,
}

impl Station {
    pub(super) fn new(spec: &ServiceSpec, seed: u64) -> Self {
        let config = spec.consumes.as_ref().map(|consumes| consumes.config.clone());
        let workers = config.as_ref().map_or(0, |config| config.instances);
        Self {
            online: true,
            is_removed: false,
            connected: true,
            workers: (0..workers).map(|_| Worker::new()).collect(),
            config,
            waiting: VecDeque::new(),
            work_times: Stream::new(seed, &format!("direct work of {}", spec.name)),
            failures: Stream::new(seed, &format!("direct failures of {}", spec.name)),
            to_tell: VecDeque::new(),
            telling: 0,
        }
    }

    /// Whether anybody is there to take a call.
    pub(super) fn takes_calls(&self) -> bool {
        self.online && self.workers.iter().any(|worker| worker.is_up && !worker.is_ending)
    }

    /// Whether another call may wait, or is begun at once.
    pub(super) fn has_room(&self, now: Instant, queue_max: u32) -> bool {
        self.waiting.len() < queue_max as usize || self.free_worker(now).is_some() && self.waiting.is_empty()
    }

    /// The first instance that can begin with a call.
    pub(super) fn free_worker(&self, now: Instant) -> Option<u32> {
        self.workers.iter().position(|worker| worker.is_free(now)).map(|index| index as u32)
    }

    /// So many instances are to share the work: more begin, or the last ones finish what they have and go.
    pub(super) fn scale(&mut self, instances: u32) {
        let online = self.online;
        let wanted = instances as usize;
        for worker in self.workers.iter_mut().skip(wanted) {
            worker.end();
        }
        if online {
            while self.workers.len() < wanted {
                self.workers.push(Worker::new());
            }
            self.workers.iter_mut().take(wanted).filter(|worker| worker.is_ending).for_each(Worker::begin);
        }
    }

    /// All instances begin that the service is to have.
    pub(super) fn begin(&mut self) {
        let instances = self.config.as_ref().map_or(0, |config| config.instances) as usize;
        while self.workers.len() < instances {
            self.workers.push(Worker::new());
        }
        self.workers.iter_mut().take(instances).for_each(Worker::begin);
    }
}

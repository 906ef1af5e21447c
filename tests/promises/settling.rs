//! How a run ends in which anything may have been done: everything is joined, repaired and started again, and has to get through.

use super::super::observed::{LOGISTICS, NOTIFICATIONS, ORDERS, Observed, arrivals, switch};
use super::super::random_run::set;
use catchup::client::AutoOffsetReset;
use catchup::log::{Isolation, Log, TopicId};
use catchup::sim::Command;

/// How long it may take.
const SETTLE_SECONDS_MAX: u32 = 900;
/// How long nothing may be left to do before the end is believed.
const CALM_SECONDS: u32 = 5;

impl Observed {
    /// Does what a person could do, if the world takes it.
    pub(crate) fn try_apply(&mut self, command: Command) {
        drop(self.watch(|world, observe| world.apply(command, observe)));
    }

    /// Goes on until nobody has anything left to do, dead letters included.
    pub(crate) fn settle(&mut self) {
        self.repair();
        let mut calm_seconds = 0;
        for _ in 0..SETTLE_SECONDS_MAX {
            self.run_ms(1_000);
            calm_seconds = if self.is_settled() { calm_seconds + 1 } else { 0 };
            if calm_seconds == CALM_SECONDS {
                if !self.redrive_all() {
                    return;
                }
                calm_seconds = 0;
            }
        }
        panic!("somebody waits for ever: {}", self.state());
    }

    fn repair(&mut self) {
        for name in self.names_of_readers() {
            let name = name.as_str();
            let (id, earliest) = (self.id(name), AutoOffsetReset::Earliest.name());
            let settings = [
                ("failure_percent", "0"),
                ("reads_poison", "true"),
                ("processing_ms", "1 to 5"),
                ("max.poll.records", "50"),
                ("max.poll.interval.ms", "60000"),
                ("auto.offset.reset", earliest),
                ("on_failure", "retry"),
            ];
            for (setting, value) in settings {
                self.apply(set(name, setting, value));
            }
            self.apply(Command::SetConnected { service: name.to_owned(), connected: true });
            self.apply(switch(name, true));
            let instances = self.world.config_of(id).expect("it reads").instances;
            for instance in 0..instances {
                self.apply(Command::SetInstanceOnline { service: name.to_owned(), instance, online: true });
            }
        }
        self.apply(Command::SetConnected { service: ORDERS.to_owned(), connected: true });
        self.apply(switch(ORDERS, true));
        self.apply(arrivals(0));
    }

    /// Those that read, also one that has joined.
    fn names_of_readers(&self) -> Vec<String> {
        self.world.readers().map(|(_, id, _)| self.world.name_of(id).to_owned()).collect()
    }

    /// Lets all dead letters be tried again. Returns whether there were any.
    fn redrive_all(&mut self) -> bool {
        let mut any = false;
        for name in [LOGISTICS, NOTIFICATIONS] {
            if self.world.dead_letters(self.id(name)).is_some_and(|count| count > 0) {
                self.apply(Command::Redrive { service: name.to_owned() });
                any = true;
            }
        }
        any
    }

    fn is_settled(&self) -> bool {
        let is_through = |id| self.world.lag(id) == 0 && self.world.in_progress(id).unwrap_or(0) == 0;
        let has_said_all = |id| self.world.unacknowledged(id) == 0 && !self.world.is_seeking(id);
        let topics = (0..self.world.spec().topics.len() as u16).map(TopicId);
        let mut partitions = topics.flat_map(|topic| self.world.broker().partitions(topic));
        let is_decided = |log: &Log| log.last_stable_offset() == log.log_end_offset();
        if !partitions.all(|partition| self.world.broker().log(partition).is_some_and(is_decided)) {
            return false; // a transaction is still open
        }
        self.world.service_ids().all(|id| is_through(id) && has_said_all(id) && self.retry_lag(id) == 0)
    }

    /// How many records a service has still before it in its retry topic. Markers behind the last of them are none.
    fn retry_lag(&self, id: catchup::sim::ServiceId) -> usize {
        let consumes = self.world.service_spec(id).consumes.as_ref();
        let Some((consumes, topic)) = consumes.and_then(|it| Some((it, it.retry_topic?))) else { return 0 };
        let (broker, name) = (self.world.broker(), format!("{}.retry", consumes.group));
        let group = broker.groups().iter().find(|group| **group.name() == *name).expect("it has a retry group");
        let left = broker.partitions(topic).filter_map(|partition| {
            let from = group.committed(partition).unwrap_or_default();
            Some(broker.log(partition)?.records(from, Isolation::ReadCommitted).count())
        });
        left.sum()
    }

    fn state(&self) -> String {
        let state = |id| {
            let name = &self.world.service_spec(id).name;
            let instances: Vec<_> = self.world.instances(id).collect();
            let (lag, retry_lag) = (self.world.lag(id), self.retry_lag(id));
            let waiting = (self.world.unacknowledged(id), self.world.in_progress(id));
            let config = self.world.config_of(id);
            format!(
                "{name} {:?}: lag {lag}, retry lag {retry_lag}, {waiting:?}, {config:?}, {instances:?}",
                self.world.service_state(id)
            )
        };
        self.world.service_ids().map(state).collect::<Vec<_>>().join("\n")
    }
}

//! What a command of the run means here; the table is in the room's own file.

use super::run::DirectRun;
use super::station::Station;
use super::task::{TaskId, Teller};
use crate::client::AutoOffsetReset;
use crate::sim::{Arrival, Arrivals, Command, NewService, ReadSetting, ServiceId, definition, is_poison};
use crate::time::{Instant, Span};
use std::sync::Arc;

impl DirectRun {
    /// Does what was done to the run, now, and passes each update that comes about by that to `observe`. What the world with the bus
    /// has refused must not come here.
    pub fn apply(&mut self, command: &Command, observe: &mut dyn FnMut(Arrival)) {
        match command {
            Command::SetServiceOnline { service, online } => {
                self.with(service, |it, id| it.switch(id, *online, observe));
            }
            Command::SetInstanceOnline { service, instance, online } => {
                self.with(service, |it, id| it.switch_instance(id, *instance, *online));
            }
            Command::ShutDown { service } => self.with(service, Self::shut_down),
            Command::Stall { service, ms } => self.with(service, |it, id| it.stall(id, Span::from_ms(*ms))),
            Command::SetConnected { service, connected } => {
                self.with(service, |it, id| it.station_mut(id).connected = *connected);
            }
            Command::SetServiceConfig { service, name, value } => {
                self.with(service, |it, id| it.set_config(id, name, value));
            }
            Command::SetArrivalRate { service, arrivals_per_min } => {
                self.with(service, |it, id| it.set_rate(id, *arrivals_per_min));
            }
            Command::AddService { service } => self.add_service(service),
            Command::RemoveService { service } => self.with(service, Self::remove_service),
            Command::Publish { topic, headers, .. } => {
                let headers = headers.iter().map(|(name, value)| (name.as_str(), Some(value.as_bytes())));
                self.tell_by_hand(topic, is_poison(headers));
            }
            Command::Seek { .. } => self.ignore("seek", "there is no log in which to go back"),
            Command::Redrive { .. } => self.ignore("redrive", "nothing was put aside: a call that failed is gone"),
            Command::SetTopicConfig { name, .. } => self.ignore(name, "there is no topic"),
            Command::SetBrokerOnline { .. } | Command::SetBrokerConnected { .. } => {
                self.ignore("a broker", "there is none");
            }
        }
    }

    fn with(&mut self, name: &str, act: impl FnOnce(&mut Self, ServiceId)) {
        // The last of its name: those before it are gone for good, or the world with the bus would have refused.
        let found = self.spec.services.iter().rposition(|service| *service.name == *name);
        if let Some(index) = found {
            act(self, ServiceId(index as u16));
        }
    }

    /// From now on its neighbours call it too: what was before, nobody can tell it.
    fn add_service(&mut self, service: &NewService) {
        let stations = self.stations.iter().zip(&self.spec.services);
        let present: Vec<_> = stations.filter(|(station, _)| !station.is_removed).map(|(_, spec)| spec).collect();
        let Ok(Some(spec)) = definition::joining(service, &self.spec, &present) else { return };
        if spec.consumes.as_ref().is_some_and(|it| it.config.auto_offset_reset != AutoOffsetReset::Latest) {
            self.ignore("auto.offset.reset", "who joins late is told what comes from then on, and nothing of before");
        }
        let id = ServiceId(self.stations.len() as u16);
        self.stations.push(Station::new(&spec, self.seed));
        Arc::make_mut(&mut self.spec).services.push(spec);
        self.arrivals.extend(Arrivals::since(&self.spec, id, self.seed, self.now));
    }

    /// Its neighbours call it no more. What it has, it finishes; it drops that, if somebody says so again.
    fn remove_service(&mut self, id: ServiceId) {
        if std::mem::replace(&mut self.station_mut(id).is_removed, true) {
            self.crash(id);
        }
        self.shut_down(id);
    }

    fn switch(&mut self, id: ServiceId, online: bool, observe: &mut dyn FnMut(Arrival)) {
        if self.station(id).online == online {
            return;
        }
        self.station_mut(id).is_removed &= !online;
        self.station_mut(id).online = online;
        if online {
            self.station_mut(id).begin();
        } else {
            self.crash(id);
        }
        self.switch_arrivals(id, online, observe);
    }

    fn switch_arrivals(&mut self, id: ServiceId, online: bool, observe: &mut dyn FnMut(Arrival)) {
        let now = self.now;
        for index in 0..self.arrivals.len() {
            if self.arrivals[index].service() == id {
                for arrival in self.arrivals[index].switch(now, online) {
                    self.take_in(id, arrival, observe);
                }
            }
        }
    }

    /// Everything that it had in hand is gone, as a caller and as one who is called.
    fn crash(&mut self, id: ServiceId) {
        for index in 0..self.station(id).workers.len() as u32 {
            self.crash_worker(id, index);
        }
        self.drop_waiting(id);
        let is_its = |teller: &Teller| *teller == Teller::Publisher(id);
        let its: Vec<TaskId> = self.tasks.iter().filter(|(_, task)| is_its(&task.teller)).map(|(id, _)| *id).collect();
        for task in its {
            self.give_up(task);
        }
        let station = self.station_mut(id);
        station.to_tell.clear();
        station.telling = 0;
    }

    /// It takes no more calls, and nothing new of its own comes about. What it has, it finishes.
    fn shut_down(&mut self, id: ServiceId) {
        self.station_mut(id).online = false;
        self.switch_arrivals(id, false, &mut |_| ());
    }

    fn switch_instance(&mut self, id: ServiceId, index: u32, online: bool) {
        let is_online = self.station(id).online;
        if online && is_online {
            if let Some(worker) = self.station_mut(id).workers.get_mut(index as usize) {
                worker.begin();
            }
            self.begin_work(id);
        } else if !online {
            self.crash_worker(id, index);
            if !self.station(id).workers.iter().any(|worker| worker.is_up) {
                self.drop_waiting(id);
            }
        }
    }

    fn stall(&mut self, id: ServiceId, span: Span) {
        let until = self.now + span;
        for worker in self.station_mut(id).workers.iter_mut().filter(|worker| worker.is_up) {
            worker.stalled_until = until;
        }
        self.due.put(until, super::run::Due::GoesOn(id));
    }

    fn set_config(&mut self, id: ServiceId, name: &str, value: &str) {
        let Some((setting, config)) = ReadSetting::named(name).ok().zip(self.station_mut(id).config.as_mut()) else {
            return self.ignore(name, "there is no producer");
        };
        if let Some(reason) = without_meaning(setting) {
            return self.ignore(name, reason);
        }
        if config.set(setting, value).is_ok() && setting == ReadSetting::Instances {
            let instances = config.instances;
            self.station_mut(id).scale(instances);
            self.begin_work(id);
        }
    }

    fn set_rate(&mut self, id: ServiceId, arrivals_per_min: u32) {
        let now = self.now;
        for arrivals in self.arrivals.iter_mut().filter(|arrivals| arrivals.service() == id) {
            arrivals.set_rate(now, arrivals_per_min);
        }
    }

    /// The person at the page calls everybody whom the record would reach.
    fn tell_by_hand(&mut self, topic: &str, is_poison: bool) {
        let Some(index) = self.spec.topics.iter().position(|known| *known.name == *topic) else { return };
        let now: Instant = self.now;
        let task = self.begin_task(Teller::Hand, crate::log::TopicId(index as u16), now, is_poison);
        self.tell(task);
    }

    fn ignore(&mut self, what: &str, reason: &str) {
        self.ignored.insert(format!("{what}: {reason}"));
    }
}

/// Why a setting of a service that reads means nothing where it is called; `None` if it means the same.
const fn without_meaning(setting: ReadSetting) -> Option<&'static str> {
    match setting {
        ReadSetting::Instances
        | ReadSetting::Processing
        | ReadSetting::FailurePercent
        | ReadSetting::ReadsPoison
        | ReadSetting::Deduplicate => None,
        ReadSetting::CommitPolicy | ReadSetting::AutoCommitInterval | ReadSetting::AutoOffsetReset => {
            Some("there are no offsets")
        }
        ReadSetting::OnFailure | ReadSetting::RetryBackoff | ReadSetting::AttemptsMax => {
            Some("who has failed answers so, and its caller decides")
        }
        ReadSetting::MaxPollRecords | ReadSetting::MaxPollInterval => Some("nobody polls"),
        ReadSetting::Assignor
        | ReadSetting::StaticMembership
        | ReadSetting::SessionTimeout
        | ReadSetting::HeartbeatInterval => Some("there are no groups"),
        ReadSetting::RequestTimeout => Some("nobody asks a broker"),
    }
}

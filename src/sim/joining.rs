//! Services that join while the world runs, and such as leave it for good.

use super::command::{CommandError, NewService};
use super::definition;
use super::event::{Begins, Event, ServiceEvent, ServiceId};
use super::obeying::Switch;
use super::spec::SERVICES_EVER_MAX;
use super::world::{World, new_service};
use crate::broker::Out;
use crate::client::AutoOffsetReset;
use crate::log::{Isolation, Log, Offset, TopicPartition};
use std::sync::Arc;

impl World {
    /// Lets a service join: it begins at once, where its group has committed, or where its settings say.
    pub(super) fn add_service(&mut self, service: &NewService) -> Result<(), CommandError> {
        let present = self.service_ids().map(|id| self.service_spec(id)).collect::<Vec<_>>();
        let spec = definition::joining(service, &self.spec, &present)?;
        let spec = Arc::new(spec.ok_or_else(|| self.unknown_offer(service))?);
        if self.services.len() >= SERVICES_EVER_MAX {
            return Err(CommandError::TooManyServices);
        }
        let id = ServiceId(self.services.len() as u16);
        let mut added = new_service(&spec, self.seed(), &mut self.broker);
        added.since = self.now;
        self.services.push(added);
        Arc::make_mut(&mut self.spec).services.push((*spec).clone());
        self.joined.push((id, service.clone()));
        let ends = self.log_ends(id);
        self.service_mut(id).catch_up_to = self.group_of(id).map(|_| ends);
        let groups = self.group_of(id).map(|group| (group, self.retry_group_of(id)));
        let begins: Arc<[Begins]> = self.partitions_read(id).into_iter().filter_map(|it| self.begins(id, it)).collect();
        self.emit(Event::Service(ServiceEvent::Added { service: id, spec, groups, begins: begins.clone() }));
        self.begin_at_the_end(id, &begins);
        self.begin_workload(id);
        self.start(id);
        Ok(())
    }

    /// A group that is to begin at the end does so at the end as it is now, not as it will be when it has shared out its partitions: what
    /// comes in between would be left out. It is put there as whoever deploys such a service does, with Kafka's tool for groups.
    fn begin_at_the_end(&mut self, id: ServiceId, begins: &[Begins]) {
        let resets = self.read_config(id).map(|config| config.auto_offset_reset);
        let (Some(group), Some(AutoOffsetReset::Latest)) = (self.group_of(id), resets) else { return };
        let new = begins.iter().filter(|it| self.broker.group(group).committed(it.partition).is_none());
        let offsets: Vec<(TopicPartition, Offset)> = new.map(|it| (it.partition, it.from)).collect();
        let mut out = Out::default();
        // One that was there before, and whose members are not all gone, goes on where they were.
        let _ = self.broker.alter_offsets(self.now, group, &offsets, &mut out);
        self.after_broker(out, None);
    }

    /// Lets a service go for good, as soon as it is through with what it has in hand; at once, if somebody says so again.
    pub(super) fn remove_service(&mut self, id: ServiceId) {
        if std::mem::replace(&mut self.service_mut(id).is_leaving, true) {
            self.crash(id);
        } else {
            self.switch(id, Switch::ShutDown);
        }
        self.finish_leaving(id);
    }

    /// A service that is to go is gone when nothing of it runs any more.
    pub(super) fn finish_leaving(&mut self, id: ServiceId) {
        let service = self.service_mut(id);
        let runs = service.publisher.is_some() || service.running().next().is_some();
        if !service.is_leaving || runs {
            return;
        }
        service.is_leaving = false;
        (service.workload, service.catch_up_to, service.seeking) = (None, None, None);
        self.removed |= 1 << id.0;
        let group = self.group_of(id);
        self.emit(Event::Service(ServiceEvent::Removed { service: id, group }));
    }

    fn unknown_offer(&self, service: &NewService) -> CommandError {
        let (NewService::Offered(service) | NewService::Defined(service)) = service;
        let known: Vec<&str> = self.spec.offered.iter().map(|offered| &*offered.name).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        CommandError::UnknownOffer { service: service.clone(), known }
    }

    fn begins(&self, id: ServiceId, partition: TopicPartition) -> Option<Begins> {
        let (group, config, log) = (self.group_of(id)?, self.read_config(id)?, self.broker.log(partition)?);
        let (start, end) = (log.log_start_offset(), log.log_end_offset());
        let committed = self.broker.group(group).committed(partition);
        let from = match config.auto_offset_reset {
            AutoOffsetReset::Latest => committed.unwrap_or(end),
            AutoOffsetReset::Earliest | AutoOffsetReset::None => committed.unwrap_or(start),
        };
        let from = from.max(start);
        Some(Begins { partition, from, end, without: without(log, from, config.isolation()) })
    }
}

/// The offsets at which there is no record for whoever reads with this isolation: markers, and what compaction removed or a
/// transaction took back. What is not decided yet is there.
fn without(log: &Log, from: Offset, isolation: Isolation) -> Arc<[Offset]> {
    let decided = log.records(from, isolation).map(|record| record.offset);
    let open = log.records(log.last_stable_offset().max(from), Isolation::ReadUncommitted).map(|record| record.offset);
    let (mut next, mut without) = (from, Vec::new());
    let mut pass = |offset: Offset| {
        without.extend((next.0..offset.0).map(Offset));
        next = offset.next().max(next);
    };
    decided.take_while(|offset| *offset < log.last_stable_offset()).chain(open).for_each(&mut pass);
    pass(log.log_end_offset());
    without.into()
}

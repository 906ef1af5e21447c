//! Which services are stuck on which records, and which have stopped over one, for the marks: each is told once, not with every
//! attempt.

use super::marks::MarkKind;
use crate::log::RecordRef;
use crate::sim::{Ended, Event, Fared, InstanceChange, ServiceEvent, ServiceId, WorkEvent};

/// With how many failures in a row a service is stuck on a record.
pub(super) const STUCK_FAILURES: u32 = 2;
/// How many are known at a time; the oldest go first.
const KNOWN_MAX: usize = 256;

/// Who fails on what.
#[derive(Clone, Debug, Default)]
pub(super) struct Troubles {
    /// Who is stuck on what.
    stuck: Vec<(ServiceId, RecordRef)>,
    /// On what each service has failed last.
    failed: Vec<(ServiceId, RecordRef)>,
    /// Instances that have stopped over a record.
    stopped: Vec<(ServiceId, u32)>,
}

impl Troubles {
    /// Takes in what happened. Returns whom it concerns, what it is, and over which record, if it is to be marked.
    pub(super) fn observe(&mut self, event: &Event) -> Option<(ServiceId, MarkKind, Option<RecordRef>)> {
        match *event {
            Event::Work(WorkEvent::Processed { service, partition, offset, .. }) => {
                let record = RecordRef { partition, offset };
                self.frees(service, record).then_some((service, MarkKind::Processed, Some(record)))
            }
            Event::Work(WorkEvent::Fared { service, partition, offset, how, .. }) => {
                let record = RecordRef { partition, offset };
                Some((service, self.fares(service, record, how)?, Some(record)))
            }
            Event::Service(ServiceEvent::InstanceChanged { service, instance, change }) => {
                self.changes((service, instance), change)
            }
            Event::Service(ServiceEvent::Switched { service, online }) => {
                let before = self.stopped.len();
                self.stopped.retain(|(whose, _)| *whose != service);
                // That it was switched off is told, and then that it is back.
                (online && self.stopped.len() < before).then_some((service, MarkKind::Started, None))
            }
            Event::Work(WorkEvent::Polled { .. })
            | Event::Service(_)
            | Event::Appended { .. }
            | Event::TopicConfigured { .. }
            | Event::Log(_)
            | Event::Offsets(_)
            | Event::Group(_)
            | Event::Transaction(_)
            | Event::Cluster(_)
            | Event::Outcome(_) => None,
        }
    }

    fn fares(&mut self, service: ServiceId, record: RecordRef, how: Fared) -> Option<MarkKind> {
        match how {
            Fared::Failed(failures) => self.fails(service, record, failures).then_some(MarkKind::Stuck),
            Fared::Skipped => self.frees(service, record).then_some(MarkKind::Skipped),
            Fared::SentToRetry(_) => self.frees(service, record).then_some(MarkKind::Retried),
            Fared::DeadLettered(_) => {
                self.frees(service, record);
                Some(MarkKind::SetAside)
            }
            Fared::Deduplicated => self.frees(service, record).then_some(MarkKind::Processed),
            Fared::Redriven(_) => None,
        }
    }

    /// Notes a failure. Returns whether the service is stuck with it, and has not been before.
    fn fails(&mut self, service: ServiceId, record: RecordRef, failures: u32) -> bool {
        self.failed.retain(|(whose, _)| *whose != service);
        self.failed.push((service, record));
        let is_new = failures >= STUCK_FAILURES && !self.stuck.contains(&(service, record));
        if is_new {
            keep(&mut self.stuck, (service, record));
        }
        is_new
    }

    /// Something has become of the record. Returns whether the service was stuck on it.
    fn frees(&mut self, service: ServiceId, record: RecordRef) -> bool {
        let place = self.stuck.iter().position(|it| *it == (service, record));
        place.map(|place| self.stuck.remove(place)).is_some()
    }

    fn changes(
        &mut self,
        instance: (ServiceId, u32),
        change: InstanceChange,
    ) -> Option<(ServiceId, MarkKind, Option<RecordRef>)> {
        let service = instance.0;
        match change {
            InstanceChange::Ended(Ended::Failed) => {
                keep(&mut self.stopped, instance);
                let record = self.failed.iter().find(|(whose, _)| *whose == service).map(|(_, record)| *record);
                Some((service, MarkKind::Stopped, record))
            }
            InstanceChange::Began => {
                let place = self.stopped.iter().position(|it| *it == instance)?;
                self.stopped.remove(place);
                Some((service, MarkKind::Started, None))
            }
            InstanceChange::Stalled(_) | InstanceChange::Ended(Ended::Crashed | Ended::ShutDown | Ended::Refused) => {
                None
            }
        }
    }
}

fn keep<T>(known: &mut Vec<T>, new: T) {
    if known.len() == KNOWN_MAX {
        known.remove(0);
    }
    known.push(new);
}

#[cfg(test)]
mod tests;

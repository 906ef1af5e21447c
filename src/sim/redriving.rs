//! Dead letters that come back: a person takes them out of their topic, and they are tried again by way of the retry topic.

use super::command::CommandError;
use super::event::{Event, Fared, ServiceId, WorkEvent};
use super::origin::Origin;
use super::publishing::send;
use super::world::World;
use crate::broker::Replicas;
use crate::client::{Acknowledged, ConsumedRecord};
use crate::log::{Header, Isolation, NewRecord, RecordRef, TopicId, TopicPartition};

impl World {
    /// How many records lie in a service's dead letter topic that nobody has redriven.
    pub fn dead_letters(&self, id: ServiceId) -> Option<u64> {
        let topic = self.service_spec(id).consumes.as_ref()?.dead_letter_topic?;
        let partitions = self.broker.partitions(topic);
        Some(partitions.map(|partition| self.dead_letters_in(id, partition).len() as u64).sum())
    }

    /// Puts all dead letters of a service into its retry topic, as if they had never been tried.
    pub(super) fn redrive(&mut self, id: ServiceId) -> Result<(), CommandError> {
        let consumes = self.service_spec(id).consumes.as_ref();
        let topics = consumes.and_then(|consumes| Some((consumes.dead_letter_topic?, consumes.retry_topic?)));
        let Some((from, to)) = topics else {
            return Err(CommandError::NoDeadLetters { service: self.service_spec(id).name.to_string() });
        };
        let partitions = self.broker.partitions(from);
        let all: Vec<ConsumedRecord> = partitions.flat_map(|partition| self.dead_letters_in(id, partition)).collect();
        for (count, record) in (0..).zip(&all) {
            match self.redrive_one(id, to, record) {
                Ok(()) => drop(self.service_mut(id).redriven.insert(record.partition, record.offset.next())),
                Err(error) if count == 0 => return Err(error),
                Err(_) => break, // there is no room for the rest: it stays where it is, for the next time
            }
        }
        self.carry_by_hand();
        Ok(())
    }

    fn dead_letters_in(&self, id: ServiceId, partition: TopicPartition) -> Vec<ConsumedRecord> {
        let Some(log) = self.broker.log(partition) else { return Vec::new() };
        let from = self.service(id).redriven.get(&partition).copied().unwrap_or_default();
        let epochs = self.broker.replicas(partition).map(Replicas::epochs);
        let epoch = |offset| epochs.and_then(|epochs| epochs.of(offset)).unwrap_or_default();
        let records = log.records(from, Isolation::ReadCommitted);
        records.map(|record| ConsumedRecord::new(partition, epoch(record.offset), &record)).collect()
    }

    fn redrive_one(&mut self, id: ServiceId, topic: TopicId, record: &ConsumedRecord) -> Result<(), CommandError> {
        let origin = Origin { attempt: 0, ..self.origin_carried(id, record) };
        let headers = origin.headers(record, self.broker.topic(origin.partition.topic).name(), None);
        let headers: Vec<Header<'_>> =
            headers.iter().map(|(name, value)| Header { key: name, value: Some(value.as_bytes()) }).collect();
        let (key, value, now) = (record.key.as_deref(), record.value.as_deref(), self.now);
        let again = NewRecord { key, value, headers: &headers, timestamp_ms: now.timestamp_ms() };
        self.check_size(topic, &again)?;
        let handle = self.hand_handle();
        send(&mut self.hand, &self.broker, topic, &again, (now, handle), &mut self.partitioning)
            .map_err(|(_, error)| error)?;
        self.redriving.insert(handle, (id, origin));
        Ok(())
    }

    /// Says so when a dead letter has arrived in the retry topic. One that has not is a dead letter still.
    pub(super) fn redrive_settled(&mut self, settled: &Acknowledged) {
        let Some((id, Origin { partition, offset, key, .. })) = self.redriving.remove(&settled.handle) else { return };
        let (Some(group), Ok(at)) = (self.service(id).group, &settled.result) else { return };
        let place = at.map(|offset| RecordRef { partition: settled.partition, offset });
        let (how, epoch) = (Fared::Redriven(place), None);
        self.emit(Event::Work(WorkEvent::Fared { service: id, group, partition, offset, key, epoch, how }));
    }
}

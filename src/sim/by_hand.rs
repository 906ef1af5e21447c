//! The person at the page who publishes by hand: a producer of its own, which waits for no more records.

use super::command::CommandError;
use super::publishing::{carry, send};
use super::world::World;
use crate::broker::Response;
use crate::client::{Acknowledged, RecordHandle, SendError};
use crate::log::{BatchBuilder, Header, NewRecord, PartitionId, TopicId, TopicPartition};
use crate::sorted::SortedMap;

impl World {
    pub(super) fn publish_by_hand(
        &mut self,
        topic: &str,
        key: Option<&str>,
        value: Option<&str>,
        headers: &SortedMap<String, String>,
        partition: Option<u32>,
    ) -> Result<(), CommandError> {
        let id = self.known_topic(topic)?;
        self.check_partition(id, partition)?;
        let headers: Vec<Header<'_>> =
            headers.iter().map(|(name, value)| Header { key: name, value: Some(value.as_bytes()) }).collect();
        let record = NewRecord {
            key: key.map(str::as_bytes),
            value: value.map(str::as_bytes),
            headers: &headers,
            timestamp_ms: self.now.timestamp_ms(),
        };
        self.check_size(id, &record)?;
        Ok(self.send_by_hand(id, partition.map(PartitionId), &record)?)
    }

    fn send_by_hand(
        &mut self,
        topic: TopicId,
        partition: Option<PartitionId>,
        record: &NewRecord<'_>,
    ) -> Result<(), SendError> {
        let (now, handle) = (self.now, self.hand_handle());
        match partition.map(|partition| TopicPartition { topic, partition }) {
            Some(chosen) => drop(self.hand.producer.send(now, chosen, record, handle)?),
            None => send(&mut self.hand, &self.broker, topic, record, (now, handle), &mut self.partitioning)
                .map_err(|(_, error)| error)?,
        }
        self.carry_by_hand();
        Ok(())
    }

    pub(super) fn hand_tick(&mut self) {
        self.hand.ticks.remove(&self.now);
        self.carry_by_hand();
    }

    pub(super) fn hand_hears(&mut self, correlation: u32, response: Response) {
        let settled = self.hand.producer.handle(self.now, correlation, response);
        self.settled_by_hand(&settled);
        self.carry_by_hand();
    }

    /// The number of the next record by hand.
    pub(super) fn hand_handle(&mut self) -> RecordHandle {
        let handle = self.next_by_hand;
        self.next_by_hand = RecordHandle(handle.0 + 1);
        handle
    }

    /// Nobody asks what became of a record by hand, unless it is one that was redriven.
    fn settled_by_hand(&mut self, settled: &[Acknowledged]) {
        for record in settled {
            self.redrive_settled(record);
        }
    }

    pub(super) fn carry_by_hand(&mut self) {
        let settled = self.hand.producer.tick(self.now);
        self.settled_by_hand(&settled);
        carry(&mut self.hand, self.now, &mut self.network, &mut self.agenda);
    }

    pub(super) fn known_topic(&self, name: &str) -> Result<TopicId, CommandError> {
        let topics = &self.spec.topics;
        self.topic_named(name).ok_or_else(|| {
            let known: Vec<&str> = topics.iter().map(|topic| &*topic.name).collect();
            CommandError::UnknownTopic { topic: name.to_owned(), known: known.join(", ") }
        })
    }

    fn check_partition(&self, topic: TopicId, partition: Option<u32>) -> Result<(), CommandError> {
        let topic = self.broker.topic(topic);
        match partition {
            Some(partition) if partition >= topic.partition_count() => {
                let last = topic.partition_count() - 1;
                Err(CommandError::UnknownPartition { topic: topic.name().to_string(), partition, last })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What a topic bounds is the size of a batch, and a record by hand is a batch of its own.
    pub(super) fn check_size(&self, id: TopicId, record: &NewRecord<'_>) -> Result<(), CommandError> {
        let topic = self.broker.topic(id);
        let batch_bytes = BatchBuilder::default().len_bytes_with(record);
        let max_message_bytes = topic.config().batch_bytes_max();
        if batch_bytes > max_message_bytes {
            let topic = topic.name().to_string();
            return Err(CommandError::MessageTooLarge { topic, batch_bytes, max_message_bytes });
        }
        Ok(())
    }
}

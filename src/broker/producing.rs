//! Appending what producers send, carrying it to the followers, and telling producers when it counts as written.

use super::cluster::{AwaitedAck, Replicating};
use super::node::Reach;
use super::replication::{AckWhen, Clock, NotEnoughReplicas, after_append, before_append};
use super::{Acks, Broker, ClusterFact, Fact, Out, ProduceError, Response, Ticket, Topic};
use crate::log::{Appended, Batch, Log, Origin, TopicPartition};
use crate::time::Instant;
use xxhash_rust::xxh64::xxh64;

impl Broker {
    pub(super) fn produce(
        &mut self,
        now: Instant,
        (ticket, acks): (Ticket, Acks),
        partition: TopicPartition,
        batch: &Batch,
        out: &mut Out,
    ) {
        let result = match self.leader_of(partition) {
            Reach::Silent => return,
            Reach::Refused => Err(ProduceError::Disconnected),
            Reach::NoLeader => Err(ProduceError::LeaderNotAvailable),
            Reach::Serves => self.append(now, partition, batch, acks),
        };
        if let Ok((Appended { first_offset: base_offset, is_duplicate: false, .. }, _)) = result {
            let records = batch.view().record_count();
            let content_hash = xxh64(batch.view().bytes(), 0);
            let producer = batch.view().producer();
            let (is_numbered, client) = (producer.is_some(), ticket.client);
            let transactional = producer.filter(|_| batch.view().is_transactional()).map(|it| it.id);
            out.facts.push(Fact::Appended {
                client,
                transactional,
                is_numbered,
                partition,
                base_offset,
                records,
                content_hash,
            });
            self.spread(now, partition, out);
        }
        match result {
            Ok((appended, AckWhen::HighWatermarkPastOffset)) => {
                let (base_offset, required) = (appended.first_offset, appended.last_offset.next());
                let ticket = Some(ticket);
                self.cluster.awaited.push(AwaitedAck { ticket, partition, base_offset, required });
                self.acknowledge(partition, out);
            }
            Ok(_) | Err(_) if acks == Acks::Zero => {}
            Ok((appended, AckWhen::Immediately | AckWhen::LeaderAppend)) => {
                out.reply(ticket, Response::Produce { partition, result: Ok(appended.first_offset) });
            }
            Err(error) => out.reply(ticket, Response::Produce { partition, result: Err(error) }),
        }
    }

    /// Appends to the log of a partition, on its leader.
    fn append(
        &mut self,
        now: Instant,
        partition: TopicPartition,
        batch: &Batch,
        acks: Acks,
    ) -> Result<(Appended, AckWhen), ProduceError> {
        self.transactions.check_write(batch.view(), partition)?;
        let topic = self.topics.get_mut(usize::from(partition.topic.0));
        let (log, replicas) = topic
            .and_then(|topic| topic.partition_mut(partition.partition))
            .ok_or(ProduceError::UnknownTopicOrPartition)?;
        let min = replicas.min_insync(log.config().min_insync_replicas);
        let when = before_append(acks, replicas.isr().len(), min)
            .map_err(|NotEnoughReplicas| ProduceError::NotEnoughReplicas)?;
        let appended = log.append(batch.view(), Origin::Client, now.timestamp_ms()).map_err(ProduceError::Append)?;
        Ok((appended, when))
    }

    /// Lets what was just appended come to the followers. Where there is nobody to wait for it can be read at once.
    pub(super) fn spread(&mut self, now: Instant, partition: TopicPartition, out: &mut Out) {
        let topic = self.topics.get_mut(usize::from(partition.topic.0));
        let Some((log, replicas)) = topic.and_then(|topic| topic.partition_mut(partition.partition)) else { return };
        let end = log.log_end_offset();
        replicas.appended(end);
        let (is_alone, epoch) = (replicas.is_alone(), replicas.epoch());
        if replicas.assigned().len() > 1 {
            let due = now + self.config.replication_delay;
            self.cluster.replicating.push_back(Replicating { due, sent: now, partition, epoch, end });
        }
        if is_alone {
            self.advance(now, partition, out);
        }
    }

    /// Lets arrive at the followers what is due.
    pub(super) fn replicate(&mut self, now: Instant, out: &mut Out) {
        while let Some(arrived) = self.cluster.replicating.pop_front_if(|it| it.due <= now) {
            let topic = self.topics.get_mut(usize::from(arrived.partition.topic.0));
            let partition = topic.and_then(|topic| topic.partition_mut(arrived.partition.partition));
            let Some((log, replicas)) = partition.filter(|(_, replicas)| replicas.epoch() == arrived.epoch) else {
                continue;
            };
            replicas.fetched(arrived.sent, arrived.end, log.log_end_offset(), now);
            self.advance(now, arrived.partition, out);
        }
    }

    /// Moves the high watermark as far as the replicas allow, and tells everybody who waits for that.
    pub(super) fn advance(&mut self, now: Instant, partition: TopicPartition, out: &mut Out) {
        if !self.cluster.is_settled && self.leader_of(partition) != Reach::Serves {
            return;
        }
        let clock = Clock { now, lag_max: self.config.replica_lag_time_max };
        let topic = self.topics.get_mut(usize::from(partition.topic.0));
        let Some((log, replicas)) = topic.and_then(|topic| topic.partition_mut(partition.partition)) else { return };
        if !self.cluster.is_settled && replicas.expand(log.high_watermark()) {
            self.cluster.is_stirred = true;
            let isr = replicas.isr().clone();
            out.facts.push(Fact::Cluster(ClusterFact::IsrChanged { partition, isr }));
        }
        let (before, end) = (log.high_watermark(), log.log_end_offset());
        let mark = replicas.high_watermark(before, end, log.config().min_insync_replicas, clock);
        if log.set_high_watermark(mark) > before {
            self.parked.appended(partition, (&self.topics, &self.cluster), out);
        }
        self.acknowledge(partition, out);
    }

    /// Tells the producers whose batches of this partition are written now.
    fn acknowledge(&mut self, partition: TopicPartition, out: &mut Out) {
        let Some((log, replicas)) =
            self.topics.get(usize::from(partition.topic.0)).and_then(|topic| topic.replicated(partition.partition))
        else {
            return;
        };
        let (mark, isr) = (log.high_watermark(), replicas.isr().len());
        let min = replicas.min_insync(log.config().min_insync_replicas);
        self.cluster.awaited.retain(|it| {
            let waits = it.partition == partition;
            let Some(written) = after_append(it.required, mark, isr, min).filter(|_| waits) else { return true };
            let result = written.map(|()| it.base_offset);
            let result = result.map_err(|NotEnoughReplicas| ProduceError::NotEnoughReplicasAfterAppend);
            it.ticket
                .into_iter()
                .for_each(|ticket| out.reply(ticket, Response::Produce { partition, result: result.clone() }));
            false
        });
    }

    /// Tells those who wait for a partition's replicas that its leader is none any more, or nothing, if that cannot tell.
    pub(super) fn give_up_acks(&mut self, partition: TopicPartition, error: Option<&ProduceError>, out: &mut Out) {
        for it in self.cluster.awaited.iter_mut().filter(|it| it.partition == partition) {
            if let (Some(ticket), Some(error)) = (it.ticket.take(), error) {
                out.reply(ticket, Response::Produce { partition, result: Err(error.clone()) });
            }
        }
    }

    /// What comes of a request to the leader of a partition; one that does not exist any broker can tell.
    pub fn leader_of(&self, partition: TopicPartition) -> Reach {
        let topic = self.topics.get(usize::from(partition.topic.0));
        let replicated: Option<(&Log, _)> = topic.and_then(|topic: &Topic| topic.replicated(partition.partition));
        replicated.map_or(self.cluster.reach_any(), |(_, replicas)| self.cluster.reach(replicas))
    }
}

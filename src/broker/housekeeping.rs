//! What the broker does from time to time: delete what retention no longer keeps, compact, forget idle producers, and offsets
//! that no group needs.

use super::cluster::Cluster;
use super::node::Reach;
use super::{BrokerConfig, Fact, Group, LogFact, Out, Topic};
use crate::log::{Log, PartitionId, TopicId, TopicPartition};
use crate::time::Instant;

/// When logs and groups are next looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Housekeeping {
    retention: Instant,
    cleaner: Instant,
    offsets: Instant,
}

impl Housekeeping {
    pub(super) fn new(config: &BrokerConfig) -> Self {
        Self {
            retention: Instant::START + config.log_retention_check_interval,
            cleaner: Instant::START + config.log_cleaner_backoff,
            offsets: Instant::START + config.offsets_retention_check_interval,
        }
    }

    pub(super) fn retention_check(self) -> Instant {
        self.retention
    }

    pub(super) fn cleaner_check(self) -> Instant {
        self.cleaner
    }

    pub(super) fn deadline(self) -> Instant {
        self.retention.min(self.cleaner).min(self.offsets)
    }

    pub(super) fn tick(
        &mut self,
        now: Instant,
        config: &BrokerConfig,
        (topics, groups, cluster): (&mut [Topic], &mut [Group], &Cluster),
        out: &mut Out,
    ) {
        if now >= self.retention {
            self.retention = now + config.log_retention_check_interval;
            each_log(topics, cluster, |partition, log| delete(partition, log, now, out));
        }
        if now >= self.cleaner {
            self.cleaner = now + config.log_cleaner_backoff;
            each_log(topics, cluster, |partition, log| compact(partition, log, now, out));
        }
        if now >= self.offsets {
            self.offsets = now + config.offsets_retention_check_interval;
            for group in groups {
                group.expire_offsets(now, config.offsets_retention, out);
            }
        }
    }
}

/// The leaders see to their logs; where none can be reached, nothing happens.
fn each_log(topics: &mut [Topic], cluster: &Cluster, mut act: impl FnMut(TopicPartition, &mut Log)) {
    for (topic, index) in topics.iter_mut().zip(0..) {
        for ((log, replicas), partition) in topic.logs_mut().zip(0..) {
            if cluster.is_settled || cluster.reach(replicas) == Reach::Serves {
                act(TopicPartition { topic: TopicId(index), partition: PartitionId(partition) }, log);
            }
        }
    }
}

fn delete(partition: TopicPartition, log: &mut Log, now: Instant, out: &mut Out) {
    log.expire_producers(now.timestamp_ms());
    if log.apply_retention(now.timestamp_ms()) > 0 {
        out.facts.push(Fact::Log(LogFact::Deleted { partition, log_start_offset: log.log_start_offset() }));
    }
}

fn compact(partition: TopicPartition, log: &mut Log, now: Instant, out: &mut Out) {
    let Some(done) = log.apply_compaction(now.timestamp_ms()) else { return };
    if !done.removed.is_empty() {
        let saved_bytes = done.bytes_before.saturating_sub(done.bytes_after) as u64;
        let (removed, spent) = (done.removed.into(), done.spent.into());
        out.facts.push(Fact::Log(LogFact::Compacted { partition, removed, spent, saved_bytes }));
    }
}

//! The trace hash: one number that two runs share only if everything happened alike.

use super::event::{Event, Outcome, ServiceEvent, Stamped, WorkEvent};
use crate::broker::{ClusterFact, GroupFact, LogFact, OffsetsFact, TransactionFact};
use codes::{
    broker, changed, committer, ended, ended_because, fared, group_state, left, limited, number_of, place, publisher,
    rebalanced, resent,
};
use xxhash_rust::xxh64::xxh64;

mod codes;

/// How many numbers describe an event, its kind included.
const WORDS: usize = 5;

/// A hash over all events so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TraceHash(u64);

impl TraceHash {
    /// Takes in one event. The encoding is spelled out, because a derived `Hash` depends on the width of `usize`.
    pub(super) fn add(&mut self, stamped: &Stamped) {
        let mut bytes = [0; (1 + WORDS) * 8];
        let all = std::iter::once(stamped.at.as_us()).chain(words(&stamped.event));
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(all) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        self.take(&bytes);
        self.add_rest(&stamped.event);
    }

    /// The hash as a number.
    pub(super) fn value(self) -> u64 {
        self.0
    }

    fn take(&mut self, bytes: &[u8]) {
        self.0 = xxh64(bytes, self.0);
    }

    /// Takes in what of an event has no fixed size.
    fn add_rest(&mut self, event: &Event) {
        match event {
            Event::Log(LogFact::Compacted { removed, .. }) => {
                removed.iter().for_each(|offset| self.take(&offset.0.to_le_bytes()));
            }
            Event::Offsets(OffsetsFact::Expired { partitions, .. })
            | Event::Group(GroupFact::Assigned { partitions, .. }) => {
                partitions.iter().for_each(|it| self.take(&place(*it).to_le_bytes()));
            }
            Event::Group(
                GroupFact::GenerationStarted { protocol: text, .. }
                | GroupFact::MemberJoined { instance: Some(text), .. },
            )
            | Event::TopicConfigured { value: text, .. }
            | Event::Service(ServiceEvent::Configured { value: text, .. })
            | Event::Transaction(
                TransactionFact::Ended { transactional_id: text, .. }
                | TransactionFact::Fenced { transactional_id: text, .. },
            ) => self.take(text.as_bytes()),
            Event::Outcome(Outcome { subject, detail, stage, text, .. }) => {
                for part in [subject, detail, stage, text] {
                    self.take(part.as_bytes());
                }
            }
            Event::Service(ServiceEvent::Added { spec, begins, .. }) => {
                self.take(spec.name.as_bytes());
                for begins in begins.iter() {
                    for number in [place(begins.partition), begins.from.0 as u64, begins.end.0 as u64] {
                        self.take(&number.to_le_bytes());
                    }
                    begins.without.iter().for_each(|offset| self.take(&offset.0.to_le_bytes()));
                }
            }
            Event::Cluster(ClusterFact::IsrChanged { isr, .. }) => {
                isr.iter().for_each(|broker| self.take(&broker.0.to_le_bytes()));
            }
            Event::Appended { .. }
            | Event::Cluster(_)
            | Event::Log(_)
            | Event::Offsets(_)
            | Event::Group(_)
            | Event::Work(_)
            | Event::Service(_) => {}
        }
    }
}

/// The number of an event's kind, and what it is about.
fn words(event: &Event) -> [u64; WORDS] {
    match event {
        Event::Appended { service, partition, base_offset, records, content_hash, .. } => {
            let content = content_hash ^ u64::from(*records);
            [1, publisher(*service), place(*partition), base_offset.0 as u64, content]
        }
        Event::Log(fact) => of_log(fact),
        Event::TopicConfigured { topic, setting, .. } => [17, topic.0.into(), number_of(*setting), 0, 0],
        Event::Offsets(fact) => of_offsets(fact),
        Event::Group(fact) => of_group(fact),
        Event::Transaction(fact) => of_transaction(fact),
        Event::Cluster(fact) => of_cluster(fact),
        Event::Work(work) => of_work(*work),
        Event::Outcome(Outcome { service, partition, offset, timestamp_ms, .. }) => {
            [5, service.0.into(), place(*partition), offset.0 as u64, *timestamp_ms as u64]
        }
        Event::Service(event) => of_service(event),
    }
}

fn of_log(fact: &LogFact) -> [u64; WORDS] {
    match *fact {
        LogFact::Deleted { partition, log_start_offset } => [2, place(partition), log_start_offset.0 as u64, 0, 0],
        LogFact::Compacted { partition, ref removed, saved_bytes, .. } => {
            [16, place(partition), removed.len() as u64, saved_bytes, 0]
        }
        LogFact::MarkerWritten { partition, offset, producer, result } => {
            [31, place(partition), offset.0 as u64, producer.0 as u64, ended(result)]
        }
    }
}

fn of_offsets(fact: &OffsetsFact) -> [u64; WORDS] {
    match *fact {
        OffsetsFact::Committed { group, member, partition, offset, .. } => {
            [6, group.0.into(), place(partition), offset.0 as u64, committer(member)]
        }
        OffsetsFact::Expired { group, ref partitions } => [18, group.0.into(), partitions.len() as u64, 0, 0],
    }
}

fn of_group(fact: &GroupFact) -> [u64; WORDS] {
    match *fact {
        GroupFact::MemberJoined { group, member, .. } => [7, group.0.into(), member.0.into(), 0, 0],
        GroupFact::MemberLeft { group, member, reason } => [8, group.0.into(), member.0.into(), left(reason), 0],
        GroupFact::RebalanceStarted { group, generation, reason } => {
            [9, group.0.into(), rebalanced(reason), generation.0 as u64, 0]
        }
        GroupFact::Changed { group, state, generation, members } => {
            [10, group.0.into(), group_state(state), generation.0 as u64, members.into()]
        }
        GroupFact::MemberRejoined { group, member } => [19, group.0.into(), member.0.into(), 0, 0],
        GroupFact::MemberReplaced { group, old, new } => [20, group.0.into(), old.0.into(), new.0.into(), 0],
        GroupFact::GenerationStarted { group, generation, leader, .. } => {
            [21, group.0.into(), generation.0 as u64, leader.0.into(), 0]
        }
        GroupFact::Assigned { group, generation, member, ref partitions } => {
            [22, group.0.into(), generation.0 as u64, member.0.into(), partitions.len() as u64]
        }
    }
}

fn of_transaction(fact: &TransactionFact) -> [u64; WORDS] {
    match *fact {
        TransactionFact::Ended { producer, result, reason, .. } => {
            [32, producer.0 as u64, ended(result), ended_because(reason), 0]
        }
        TransactionFact::Fenced { producer, .. } => [33, producer.id.0 as u64, producer.epoch.0 as u64, 0, 0],
    }
}

fn of_cluster(fact: &ClusterFact) -> [u64; WORDS] {
    match *fact {
        ClusterFact::Switched { broker, online } => [51, broker.0.into(), online.into(), 0, 0],
        ClusterFact::Connected { broker, connected } => [52, broker.0.into(), connected.into(), 0, 0],
        ClusterFact::Fenced { broker, fenced } => [53, broker.0.into(), fenced.into(), 0, 0],
        ClusterFact::Elected { partition, leader, epoch, is_unclean } => {
            let leader = broker(leader) << 1 | u64::from(is_unclean);
            [54, place(partition), leader, epoch.0 as u64, 0]
        }
        ClusterFact::IsrChanged { partition, ref isr } => [55, place(partition), isr.len() as u64, 0, 0],
        ClusterFact::CutOff { partition, log_end, log_end_before, ref lost } => {
            [56, place(partition), log_end.0 as u64, log_end_before.0 as u64, lost.len() as u64]
        }
        ClusterFact::CoordinatorMoved { group, broker: to } => [57, group.0.into(), broker(to), 0, 0],
    }
}

fn of_work(work: WorkEvent) -> [u64; WORDS] {
    match work {
        WorkEvent::Polled { service, instance, partition, first, records, .. } => {
            let records = u64::from(instance) << 32 | u64::from(records);
            [3, service.0.into(), place(partition), first.0 as u64, records]
        }
        WorkEvent::Processed { service, group, partition, offset, .. } => {
            [4, service.0.into(), group.0.into(), place(partition), offset.0 as u64]
        }
        WorkEvent::Fared { service, partition, offset, how, .. } => {
            [41, service.0.into(), place(partition), offset.0 as u64, fared(how)]
        }
    }
}

fn of_service(event: &ServiceEvent) -> [u64; WORDS] {
    match *event {
        ServiceEvent::Switched { service, online } => [11, service.0.into(), online.into(), 0, 0],
        ServiceEvent::CaughtUp { service } => [12, service.0.into(), 0, 0, 0],
        ServiceEvent::RateChanged { service, arrivals_per_min } => {
            [13, service.0.into(), arrivals_per_min.into(), 0, 0]
        }
        ServiceEvent::Added { service, ref begins, .. } => [48, service.0.into(), begins.len() as u64, 0, 0],
        ServiceEvent::Removed { service, .. } => [49, service.0.into(), 0, 0, 0],
        ServiceEvent::ProducerBegan { service } => [46, service.0.into(), 0, 0, 0],
        ServiceEvent::Acknowledged { service, partition, base_offset, records, sends: (first, last) } => {
            let who = u64::from(service.0) << 32 | u64::from(records);
            [47, who, place(partition), base_offset.0 as u64, first << 32 ^ last]
        }
        ServiceEvent::NeverWritten { service, partition, records } => {
            [58, service.0.into(), place(partition), records.into(), 0]
        }
        ServiceEvent::SentAgain { service, update, why } => [61, service.0.into(), update.0, resent(why), 0],
        ServiceEvent::Refused { service, partition } => [14, service.0.into(), place(partition), 0, 0],
        ServiceEvent::Limited { service, limit, reached } => [15, service.0.into(), limited(limit), reached.into(), 0],
        ServiceEvent::InstanceChanged { service, instance, change } => {
            [42, service.0.into(), instance.into(), changed(change), 0]
        }
        ServiceEvent::Configured { service, setting, .. } => [43, service.0.into(), xxh64(setting.as_bytes(), 0), 0, 0],
        ServiceEvent::NetworkSwitched { service, connected } => [44, service.0.into(), connected.into(), 0, 0],
        ServiceEvent::Sought { group, partition, from, to } => {
            [45, group.0.into(), place(partition), from.0 as u64, to.0 as u64]
        }
    }
}

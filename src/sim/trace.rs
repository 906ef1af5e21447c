//! The trace hash: one number that two runs share only if everything happened alike.

use super::event::{Event, Fared, InstanceChange, ServiceId, Stamped};
use super::instance::Ended;
use super::limit::Limit;
use crate::broker::{EndReason, GroupState, LeaveReason, MemberId, RebalanceReason};
use crate::log::{Setting, TopicPartition, TransactionResult};
use xxhash_rust::xxh64::xxh64;

/// How many numbers describe an event, its time and kind included.
const WORDS: usize = 6;

/// A hash over all events so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TraceHash(u64);

impl TraceHash {
    /// Takes in one event. The encoding is spelled out, because a derived `Hash` depends on the width of `usize`.
    pub(super) fn add(&mut self, stamped: &Stamped) {
        let words = words(stamped);
        let mut bytes = [0; WORDS * 8];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        self.0 = xxh64(&bytes, self.0);
        if let Event::Compacted { removed, .. } = &stamped.event {
            self.0 = removed.iter().fold(self.0, |hash, offset| xxh64(&offset.0.to_le_bytes(), hash));
        }
        if let Event::OffsetsExpired { partitions, .. } | Event::Assigned { partitions, .. } = &stamped.event {
            self.0 = partitions.iter().fold(self.0, |hash, it| xxh64(&place(*it).to_le_bytes(), hash));
        }
        if let Event::GenerationStarted { protocol: name, .. } | Event::MemberJoined { instance: Some(name), .. } =
            &stamped.event
        {
            self.0 = xxh64(name.as_bytes(), self.0);
        }
        if let Event::TopicConfigured { value, .. } | Event::ServiceConfigured { value, .. } = &stamped.event {
            self.0 = xxh64(value.as_bytes(), self.0);
        }
        if let Event::TransactionEnded { transactional_id, .. } | Event::ProducerFenced { transactional_id, .. } =
            &stamped.event
        {
            self.0 = xxh64(transactional_id.as_bytes(), self.0);
        }
        if let Event::Outcome { subject, detail, stage, text, .. } = &stamped.event {
            self.0 = [subject, detail, stage, text].iter().fold(self.0, |hash, part| xxh64(part.as_bytes(), hash));
        }
    }

    /// The hash as a number.
    pub(super) fn value(self) -> u64 {
        self.0
    }
}

fn words(stamped: &Stamped) -> [u64; WORDS] {
    let at = stamped.at.as_us();
    let [kind, a, b, c, d] = match stamped.event {
        Event::Appended { service, partition, base_offset, records, content_hash } => {
            let content = content_hash ^ u64::from(records);
            [1, publisher(service), place(partition), base_offset.0 as u64, content]
        }
        Event::Refused { service, partition } => [14, service.0.into(), place(partition), 0, 0],
        Event::Limited { service, limit, reached } => [15, service.0.into(), limited(limit), reached.into(), 0],
        Event::Deleted { partition, log_start_offset } => [2, place(partition), log_start_offset.0 as u64, 0, 0],
        Event::Compacted { partition, ref removed, saved_bytes } => {
            [16, place(partition), removed.len() as u64, saved_bytes, 0]
        }
        Event::TopicConfigured { topic, setting, .. } => [17, topic.0.into(), number_of(setting), 0, 0],
        Event::MarkerWritten { partition, offset, producer, result } => {
            [31, place(partition), offset.0 as u64, producer.0 as u64, ended(result)]
        }
        Event::TransactionEnded { producer, result, reason, .. } => {
            [32, producer.0 as u64, ended(result), ended_because(reason), 0]
        }
        Event::ProducerFenced { producer, .. } => [33, producer.id.0 as u64, producer.epoch.0 as u64, 0, 0],
        Event::Polled { service, instance, partition, first, records, .. } => {
            let records = u64::from(instance) << 32 | u64::from(records);
            [3, service.0.into(), place(partition), first.0 as u64, records]
        }
        Event::Fared { service, partition, offset, how, .. } => {
            [41, service.0.into(), place(partition), offset.0 as u64, fared(how)]
        }
        Event::InstanceChanged { service, instance, change } => {
            [42, service.0.into(), instance.into(), changed(change), 0]
        }
        Event::ServiceConfigured { service, setting, .. } => [43, service.0.into(), xxh64(setting.as_bytes(), 0), 0, 0],
        Event::NetworkSwitched { service, connected } => [44, service.0.into(), connected.into(), 0, 0],
        Event::Sought { group, partition, from, to } => {
            [45, group.0.into(), place(partition), from.0 as u64, to.0 as u64]
        }
        Event::Processed { service, group, partition, offset } => {
            [4, service.0.into(), group.0.into(), place(partition), offset.0 as u64]
        }
        Event::Outcome { service, partition, offset, timestamp_ms, .. } => {
            [5, service.0.into(), place(partition), offset.0 as u64, timestamp_ms as u64]
        }
        Event::Committed { group, member, partition, offset } => {
            [6, group.0.into(), place(partition), offset.0 as u64, committer(member)]
        }
        Event::MemberJoined { group, member, .. } => [7, group.0.into(), member.0.into(), 0, 0],
        Event::MemberLeft { group, member, reason } => [8, group.0.into(), member.0.into(), left(reason), 0],
        Event::RebalanceStarted { group, generation, reason } => {
            [9, group.0.into(), rebalanced(reason), generation.0 as u64, 0]
        }
        Event::GroupChanged { group, state, generation, members } => {
            [10, group.0.into(), group_state(state), generation.0 as u64, members.into()]
        }
        Event::ServiceSwitched { service, online } => [11, service.0.into(), online.into(), 0, 0],
        Event::CaughtUp { service } => [12, service.0.into(), 0, 0, 0],
        Event::RateChanged { service, arrivals_per_min } => [13, service.0.into(), arrivals_per_min.into(), 0, 0],
        Event::OffsetsExpired { group, ref partitions } => [18, group.0.into(), partitions.len() as u64, 0, 0],
        Event::MemberRejoined { group, member } => [19, group.0.into(), member.0.into(), 0, 0],
        Event::MemberReplaced { group, old, new } => [20, group.0.into(), old.0.into(), new.0.into(), 0],
        Event::GenerationStarted { group, generation, leader, .. } => {
            [21, group.0.into(), generation.0 as u64, leader.0.into(), 0]
        }
        Event::Assigned { group, generation, member, ref partitions } => {
            [22, group.0.into(), generation.0 as u64, member.0.into(), partitions.len() as u64]
        }
    };
    [at, kind, a, b, c, d]
}

const fn fared(how: Fared) -> u64 {
    match how {
        Fared::Failed(times) => 1 << 32 | times as u64,
        Fared::Skipped => 2,
        Fared::SentToRetry => 3,
        Fared::DeadLettered => 4,
        Fared::Redriven => 5,
        Fared::Deduplicated => 6,
    }
}

const fn changed(change: InstanceChange) -> u64 {
    match change {
        InstanceChange::Began => 1,
        InstanceChange::Stalled(span) => 1 << 63 | span.as_us(),
        InstanceChange::Ended(Ended::Crashed) => 2,
        InstanceChange::Ended(Ended::ShutDown) => 3,
        InstanceChange::Ended(Ended::Failed) => 4,
        InstanceChange::Ended(Ended::Refused) => 5,
    }
}

fn publisher(service: Option<ServiceId>) -> u64 {
    service.map_or(0, |id| u64::from(id.0) + 1)
}

fn committer(member: Option<MemberId>) -> u64 {
    member.map_or(0, |id| u64::from(id.0) + 1)
}

fn place(partition: TopicPartition) -> u64 {
    u64::from(partition.topic.0) << 32 | u64::from(partition.partition.0)
}

const fn limited(limit: Limit) -> u64 {
    match limit {
        Limit::Entities => 1,
        Limit::Unacknowledged => 2,
        Limit::BufferMemory => 3,
    }
}

/// A number for each setting, which stays when settings are added.
const fn number_of(setting: Setting) -> u64 {
    match setting {
        Setting::CleanupPolicy => 1,
        Setting::RetentionMs => 2,
        Setting::RetentionBytes => 3,
        Setting::SegmentMs => 4,
        Setting::SegmentBytes => 5,
        Setting::MaxMessageBytes => 6,
        Setting::MinCleanableDirtyRatio => 7,
        Setting::MinCompactionLagMs => 8,
        Setting::DeleteRetentionMs => 9,
    }
}

const fn ended(result: TransactionResult) -> u64 {
    match result {
        TransactionResult::Commit => 1,
        TransactionResult::Abort => 2,
    }
}

const fn ended_because(reason: EndReason) -> u64 {
    match reason {
        EndReason::Asked => 1,
        EndReason::TimedOut => 2,
        EndReason::Fenced => 3,
    }
}

const fn left(reason: LeaveReason) -> u64 {
    match reason {
        LeaveReason::Left => 1,
        LeaveReason::SessionTimedOut => 2,
        LeaveReason::RebalanceTimedOut => 3,
        LeaveReason::SyncTimedOut => 4,
    }
}

const fn rebalanced(reason: RebalanceReason) -> u64 {
    match reason {
        RebalanceReason::MemberJoined => 1,
        RebalanceReason::MemberLeft => 2,
        RebalanceReason::MemberRejoined => 3,
        RebalanceReason::StaticMemberReplaced => 4,
    }
}

const fn group_state(state: GroupState) -> u64 {
    match state {
        GroupState::Empty => 1,
        GroupState::PreparingRebalance => 2,
        GroupState::CompletingRebalance => 3,
        GroupState::Stable => 4,
        GroupState::Dead => 5,
    }
}

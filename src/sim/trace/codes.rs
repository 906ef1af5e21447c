//! The numbers by which the trace hash knows things. Each stays as it is when others are added, so that runs that do not have the new
//! ones keep their hashes.

use crate::broker::{BrokerId, EndReason, GroupState, LeaveReason, MemberId, RebalanceReason};
use crate::log::{Setting, TopicPartition, TransactionResult};
use crate::sim::event::{Fared, InstanceChange, Resent, ServiceId};
use crate::sim::instance::Ended;
use crate::sim::limit::Limit;

pub(super) const fn resent(why: Resent) -> u64 {
    match why {
        Resent::Restarted => 1,
        Resent::GivenUp => 2,
    }
}

pub(super) const fn fared(how: Fared) -> u64 {
    match how {
        Fared::Failed(times) => 1 << 32 | times as u64,
        Fared::Skipped => 2,
        Fared::SentToRetry(_) => 3,
        Fared::DeadLettered(_) => 4,
        Fared::Redriven(_) => 5,
        Fared::Deduplicated => 6,
    }
}

pub(super) const fn changed(change: InstanceChange) -> u64 {
    match change {
        InstanceChange::Began => 1,
        InstanceChange::Stalled(span) => 1 << 63 | span.as_us(),
        InstanceChange::Ended(Ended::Crashed) => 2,
        InstanceChange::Ended(Ended::ShutDown) => 3,
        InstanceChange::Ended(Ended::Failed) => 4,
        InstanceChange::Ended(Ended::Refused) => 5,
    }
}

/// A broker, or that there is none.
pub(super) fn broker(id: Option<BrokerId>) -> u64 {
    id.map_or(0, |id| u64::from(id.0))
}

pub(super) fn publisher(service: Option<ServiceId>) -> u64 {
    service.map_or(0, |id| u64::from(id.0) + 1)
}

pub(super) fn committer(member: Option<MemberId>) -> u64 {
    member.map_or(0, |id| u64::from(id.0) + 1)
}

pub(super) fn place(partition: TopicPartition) -> u64 {
    u64::from(partition.topic.0) << 32 | u64::from(partition.partition.0)
}

pub(super) const fn limited(limit: Limit) -> u64 {
    match limit {
        Limit::Entities => 1,
        Limit::Unacknowledged => 2,
        Limit::BufferMemory => 3,
    }
}

/// A number for each setting, which stays when settings are added.
pub(super) const fn number_of(setting: Setting) -> u64 {
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
        Setting::MinInsyncReplicas => 10,
        Setting::UncleanLeaderElection => 11,
    }
}

pub(super) const fn ended(result: TransactionResult) -> u64 {
    match result {
        TransactionResult::Commit => 1,
        TransactionResult::Abort => 2,
    }
}

pub(super) const fn ended_because(reason: EndReason) -> u64 {
    match reason {
        EndReason::Asked => 1,
        EndReason::TimedOut => 2,
        EndReason::Fenced => 3,
    }
}

pub(super) const fn left(reason: LeaveReason) -> u64 {
    match reason {
        LeaveReason::Left => 1,
        LeaveReason::SessionTimedOut => 2,
        LeaveReason::RebalanceTimedOut => 3,
        LeaveReason::SyncTimedOut => 4,
        LeaveReason::CoordinatorFailed => 5,
    }
}

pub(super) const fn rebalanced(reason: RebalanceReason) -> u64 {
    match reason {
        RebalanceReason::MemberJoined => 1,
        RebalanceReason::MemberLeft => 2,
        RebalanceReason::MemberRejoined => 3,
        RebalanceReason::StaticMemberReplaced => 4,
    }
}

pub(super) const fn group_state(state: GroupState) -> u64 {
    match state {
        GroupState::Empty => 1,
        GroupState::PreparingRebalance => 2,
        GroupState::CompletingRebalance => 3,
        GroupState::Stable => 4,
        GroupState::Dead => 5,
    }
}

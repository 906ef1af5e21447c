//! Which replicas are in sync.

use crate::log::Offset;
use crate::time::{Instant, Span};

/// Whether a follower has all, or had all not long ago (`replica.lag.time.max.ms`): only then it stays in sync.
pub fn is_caught_up(
    follower_end: Offset,
    leader_end: Offset,
    last_caught_up: Instant,
    now: Instant,
    max: Span,
) -> bool {
    follower_end == leader_end || now <= last_caught_up + max
}

/// Whether a follower that is not in sync may join those that are: it has all that is committed, and all that its leader found
/// when it became the leader.
pub fn may_join(follower_end: Offset, high_watermark: Offset, epoch_start: Offset) -> bool {
    follower_end >= high_watermark && follower_end >= epoch_start
}

/// One fetch of a follower, as its leader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerFetch {
    /// When.
    pub at: Instant,
    /// What it asked for, which is where its log ends.
    pub offset: Offset,
    /// Where the leader's log ended then.
    pub leader_end: Offset,
}

/// When a follower last had everything. One that reaches what was there at its fetch before had everything then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaughtUp {
    last: Instant,
    before: Option<FollowerFetch>,
}

impl CaughtUp {
    /// A follower of which is known that it had everything at some time.
    pub const fn at(last: Instant) -> Self {
        Self { last, before: None }
    }

    /// When it last had everything.
    pub const fn last(self) -> Instant {
        self.last
    }

    /// Takes note of a fetch.
    pub fn fetched(&mut self, fetch: FollowerFetch) {
        if fetch.offset >= fetch.leader_end {
            self.last = self.last.max(fetch.at);
        } else if let Some(before) = self.before.filter(|before| fetch.offset >= before.leader_end) {
            self.last = self.last.max(before.at);
        }
        self.before = Some(fetch);
    }
}

//! What a consumer has asked and not heard back about.
//!
//! A request that is given up is forgotten: should its answer come after all, nobody waits for it any more.

use super::commits::Commit;
use crate::log::{OffsetAndEpoch, TopicPartition};
use crate::sorted::SortedMap;
use crate::time::{Instant, Span};

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Join,
    /// About the topics of its group, as its leader.
    Metadata,
    Sync,
    Heartbeat,
    Leave,
    /// The committed offsets of these partitions.
    Committed(Vec<TopicPartition>),
    /// Where to begin in these partitions.
    Listed(Vec<TopicPartition>),
    /// What lies in these partitions, from these offsets on.
    Fetch(Vec<(TopicPartition, OffsetAndEpoch)>),
    Commit(Commit),
}

impl Asked {
    /// Whether it was to commit this.
    pub(super) fn is(&self, commit: &Commit) -> bool {
        matches!(self, Self::Commit(asked) if asked == commit)
    }
}

#[derive(Clone, Debug)]
struct Open {
    asked: Asked,
    /// When the answer is given up; unknown until the owner next says what time it is.
    deadline: Option<Instant>,
}

/// Requests by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct InFlight(SortedMap<u32, Open>);

impl InFlight {
    pub(super) fn put(&mut self, correlation: u32, asked: Asked) {
        self.0.insert(correlation, Open { asked, deadline: None });
    }

    /// What request was answered; `None` if it was given up.
    pub(super) fn take(&mut self, correlation: u32) -> Option<Asked> {
        self.0.remove(&correlation).map(|open| open.asked)
    }

    pub(super) fn any(&self, is_it: impl Fn(&Asked) -> bool) -> bool {
        self.0.values().any(|open| is_it(&open.asked))
    }

    /// Gives up all but some.
    pub(super) fn retain(&mut self, stays: impl Fn(&Asked) -> bool) {
        self.0.retain(|_, open| stays(&open.asked));
    }

    /// Gives deadlines to what was asked since the last time.
    pub(super) fn stamp(&mut self, now: Instant, timeout: impl Fn(&Asked) -> Span) {
        for open in self.0.values_mut().filter(|open| open.deadline.is_none()) {
            open.deadline = Some(now + timeout(&open.asked));
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.values().filter_map(|open| open.deadline).min()
    }

    /// Gives up what has waited too long, and says what that was.
    pub(super) fn take_expired(&mut self, now: Instant) -> Vec<Asked> {
        let is_expired = |open: &Open| open.deadline.is_some_and(|deadline| deadline <= now);
        self.0.extract_if(|_, open| is_expired(open)).map(|(_, open)| open.asked).collect()
    }
}

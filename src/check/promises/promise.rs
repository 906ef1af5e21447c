//! What a service may be relied on for, and what can be said of it.

use crate::check::history::Check;
use crate::check::incident::{Again, Lost};
use crate::log::{Offset, RecordRef, TopicPartition};
use crate::sim::{Resent, ServiceId};
use crate::time::Instant;

/// A promise, of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// No update is lost to a service that reads.
    NothingIsLost,
    /// It processes no update twice.
    NothingTwice,
    /// It processes the updates of one key in their order.
    InOrder,
    /// It is given the records of a partition one after the other, and none is left out.
    NoneLeftOut,
    /// What it reads was committed.
    CommittedReads,
    /// Its group never goes back to an earlier offset, unless a person lets it.
    OffsetsGoForward,
    /// A partition has one owner among its instances.
    OneOwner,
    /// What a service that publishes was told is published, is in the log.
    AcknowledgedIsThere,
    /// A retry of its producer writes nothing twice.
    RetriedOnce,
    /// What it publishes is in the log once, also if it sends it again itself: after a restart, or when its producer has given it up.
    WrittenOnce,
    /// What it publishes is in each partition in the order in which it was sent.
    SentInOrder,
}

/// What broke a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A record was lost.
    Lost(Lost),
    /// A record was processed again.
    Again(Again),
    /// A record was processed for the first time after one of its key that lies behind it.
    Overtaken,
    /// A check over the history of operations found something.
    Found(Check),
    /// A record was read whose transaction was aborted, or is open.
    Uncommitted,
    /// The group committed an offset before one that it had committed.
    WentBack,
    /// Two members were given the same partition.
    TwoOwners,
    /// A producer was told that a record is at an offset where it has written none.
    NotThere,
    /// The same update was written before.
    WrittenBefore {
        /// Where.
        first: RecordRef,
        /// Why the service has sent it again itself; `None` if that was a retry of its producer.
        why: Option<Resent>,
    },
    /// It counted as written when it was sent, and never came into the log.
    NeverWritten,
}

/// The first time that a promise was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    /// When.
    pub at: Instant,
    /// In which partition.
    pub partition: TopicPartition,
    /// At which record.
    pub offset: Offset,
    /// By what.
    pub cause: Cause,
}

/// How a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is made, and has been kept since then.
    Holds {
        /// Since when it is made.
        since: Instant,
    },
    /// It was made, and then broken.
    Broken(Breach),
    /// It is not made, as the settings are now.
    NeverPromised {
        /// Since when it is not made.
        since: Instant,
        /// Where it was not kept, if so.
        slipped: Option<Breach>,
    },
}

/// A promise with how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose it is.
    pub service: ServiceId,
    /// Which.
    pub promise: Promise,
    /// How it stands.
    pub verdict: Verdict,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NothingIsLost,
        Self::NothingTwice,
        Self::InOrder,
        Self::NoneLeftOut,
        Self::CommittedReads,
        Self::OffsetsGoForward,
        Self::OneOwner,
        Self::AcknowledgedIsThere,
        Self::RetriedOnce,
        Self::WrittenOnce,
        Self::SentInOrder,
    ];

    /// Its name, for scripts and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NothingIsLost => "nothing_is_lost",
            Self::NothingTwice => "nothing_twice",
            Self::InOrder => "in_order",
            Self::NoneLeftOut => "none_left_out",
            Self::CommittedReads => "committed_reads",
            Self::OffsetsGoForward => "offsets_go_forward",
            Self::OneOwner => "one_owner",
            Self::AcknowledgedIsThere => "acknowledged_is_there",
            Self::RetriedOnce => "retried_once",
            Self::WrittenOnce => "written_once",
            Self::SentInOrder => "sent_in_order",
        }
    }

    /// What is promised of reading.
    pub const OF_READERS: [Self; 7] = [
        Self::NothingIsLost,
        Self::NothingTwice,
        Self::InOrder,
        Self::NoneLeftOut,
        Self::CommittedReads,
        Self::OffsetsGoForward,
        Self::OneOwner,
    ];

    /// What is promised of publishing.
    pub const OF_PUBLISHERS: [Self; 4] =
        [Self::AcknowledgedIsThere, Self::RetriedOnce, Self::WrittenOnce, Self::SentInOrder];
}

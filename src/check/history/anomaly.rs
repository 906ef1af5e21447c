//! What can be wrong with a history: the names of Jepsen's Kafka workload, as sentences, and what was found.

use super::op::{OpIndex, Value};
use crate::log::{Offset, TopicPartition};

/// A named check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Jepsen's `G1a`.
    AbortedRead,
    /// Jepsen's `lost-write`.
    LostWrite,
    /// Jepsen's `duplicate`.
    Duplicate,
    /// Jepsen's `inconsistent-offsets`.
    InconsistentOffsets,
    /// Jepsen's `poll-skip`.
    PollSkip,
    /// Jepsen's `nonmonotonic-poll`.
    NonmonotonicPoll,
    /// Jepsen's `int-poll-skip`.
    IntPollSkip,
    /// Jepsen's `int-nonmonotonic-poll`.
    IntNonmonotonicPoll,
    /// Jepsen's `nonmonotonic-send`.
    NonmonotonicSend,
    /// Jepsen's `int-nonmonotonic-send`.
    IntNonmonotonicSend,
    /// Jepsen's `int-send-skip`.
    IntSendSkip,
    /// Jepsen's `precommitted-read`.
    PrecommittedRead,
    /// Jepsen's `unseen`.
    Unseen,
    /// Jepsen's `G0`.
    WriteCycle,
    /// Jepsen's `G1c`.
    CircularInformationFlow,
    /// Jepsen's `worst-realtime-lag`.
    WorstRealtimeLag,
    /// What Jepsen's abort workload measures.
    AbortRewind,
}

/// What a finding means for the system that was watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something is broken.
    Error,
    /// Something is broken, unless partitions changed hands meanwhile.
    ErrorUnlessRebalanced,
    /// Kafka does not promise otherwise.
    Allowed,
    /// A number, neither good nor bad.
    Measure,
}

/// Something that a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// See [`Check::AbortedRead`].
    AbortedRead {
        /// The log.
        log: TopicPartition,
        /// What was read.
        value: Value,
        /// The operation that polled it.
        reader: OpIndex,
        /// The operation that failed to send it.
        writer: OpIndex,
    },
    /// See [`Check::LostWrite`].
    LostWrite {
        /// The log.
        log: TopicPartition,
        /// What nobody has read.
        value: Value,
        /// Its first position in the order of the log, without holes.
        position: usize,
        /// The highest position that somebody has read.
        read_up_to: usize,
    },
    /// See [`Check::Duplicate`].
    Duplicate {
        /// The log.
        log: TopicPartition,
        /// What was sent once.
        value: Value,
        /// Where it is.
        offsets: Vec<Offset>,
    },
    /// See [`Check::InconsistentOffsets`].
    InconsistentOffsets {
        /// The log.
        log: TopicPartition,
        /// The offset.
        offset: Offset,
        /// Its position in the order of the log, without holes.
        position: usize,
        /// What was seen there, in the order in which it was.
        values: Vec<Value>,
    },
    /// See [`Check::PollSkip`]; from which operation to which.
    PollSkip(Jump, [OpIndex; 2]),
    /// See [`Check::NonmonotonicPoll`]; from which operation to which.
    NonmonotonicPoll(Jump, [OpIndex; 2]),
    /// See [`Check::IntPollSkip`]; in which operation.
    IntPollSkip(Jump, OpIndex),
    /// See [`Check::IntNonmonotonicPoll`]; in which operation.
    IntNonmonotonicPoll(Jump, OpIndex),
    /// See [`Check::NonmonotonicSend`]; from which operation to which.
    NonmonotonicSend(Jump, [OpIndex; 2]),
    /// See [`Check::IntNonmonotonicSend`]; in which operation.
    IntNonmonotonicSend(Jump, OpIndex),
    /// See [`Check::IntSendSkip`]; in which operation.
    IntSendSkip(Jump, OpIndex),
    /// See [`Check::PrecommittedRead`].
    PrecommittedRead {
        /// The log.
        log: TopicPartition,
        /// What the operation both sent and polled.
        value: Value,
        /// The operation.
        op: OpIndex,
    },
    /// See [`Check::Unseen`].
    Unseen {
        /// The log.
        log: TopicPartition,
        /// What nobody has polled.
        values: Vec<Value>,
    },
    /// See [`Check::WriteCycle`]; the operations of the cycle.
    WriteCycle(Vec<OpIndex>),
    /// See [`Check::CircularInformationFlow`]; the operations of the circle.
    CircularInformationFlow(Vec<OpIndex>),
}

/// From one value to another that is not the next one of its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jump {
    /// The log.
    pub log: TopicPartition,
    /// The value before, and the value after.
    pub values: [Value; 2],
    /// How many positions further on it is; 1 would be right.
    pub delta: i64,
    /// The values between, if it goes forward.
    pub skipped: Vec<Value>,
}

impl Check {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::AbortedRead,
        Self::LostWrite,
        Self::Duplicate,
        Self::InconsistentOffsets,
        Self::PollSkip,
        Self::NonmonotonicPoll,
        Self::IntPollSkip,
        Self::IntNonmonotonicPoll,
        Self::NonmonotonicSend,
        Self::IntNonmonotonicSend,
        Self::IntSendSkip,
        Self::PrecommittedRead,
        Self::Unseen,
        Self::WriteCycle,
        Self::CircularInformationFlow,
        Self::WorstRealtimeLag,
        Self::AbortRewind,
    ];

    /// The name that Jepsen gives it.
    pub const fn jepsen_name(self) -> &'static str {
        match self {
            Self::AbortedRead => "G1a",
            Self::LostWrite => ":lost-write",
            Self::Duplicate => ":duplicate",
            Self::InconsistentOffsets => ":inconsistent-offsets",
            Self::PollSkip => ":poll-skip",
            Self::NonmonotonicPoll => ":nonmonotonic-poll",
            Self::IntPollSkip => ":int-poll-skip",
            Self::IntNonmonotonicPoll => ":int-nonmonotonic-poll",
            Self::NonmonotonicSend => ":nonmonotonic-send",
            Self::IntNonmonotonicSend => ":int-nonmonotonic-send",
            Self::IntSendSkip => ":int-send-skip",
            Self::PrecommittedRead => ":precommitted-read",
            Self::Unseen => ":unseen",
            Self::WriteCycle => "G0",
            Self::CircularInformationFlow => "G1c",
            Self::WorstRealtimeLag => ":worst-realtime-lag",
            Self::AbortRewind => "abort workload",
        }
    }

    /// What a finding means.
    pub const fn severity(self) -> Severity {
        match self {
            Self::PollSkip | Self::NonmonotonicPoll => Severity::ErrorUnlessRebalanced,
            Self::IntSendSkip | Self::WriteCycle => Severity::Allowed,
            Self::WorstRealtimeLag | Self::AbortRewind => Severity::Measure,
            Self::AbortedRead
            | Self::LostWrite
            | Self::Duplicate
            | Self::InconsistentOffsets
            | Self::IntPollSkip
            | Self::IntNonmonotonicPoll
            | Self::NonmonotonicSend
            | Self::IntNonmonotonicSend
            | Self::PrecommittedRead
            | Self::Unseen
            | Self::CircularInformationFlow => Severity::Error,
        }
    }
}

impl Anomaly {
    /// The check that found it.
    pub const fn check(&self) -> Check {
        match self {
            Self::AbortedRead { .. } => Check::AbortedRead,
            Self::LostWrite { .. } => Check::LostWrite,
            Self::Duplicate { .. } => Check::Duplicate,
            Self::InconsistentOffsets { .. } => Check::InconsistentOffsets,
            Self::PollSkip(..) => Check::PollSkip,
            Self::NonmonotonicPoll(..) => Check::NonmonotonicPoll,
            Self::IntPollSkip(..) => Check::IntPollSkip,
            Self::IntNonmonotonicPoll(..) => Check::IntNonmonotonicPoll,
            Self::NonmonotonicSend(..) => Check::NonmonotonicSend,
            Self::IntNonmonotonicSend(..) => Check::IntNonmonotonicSend,
            Self::IntSendSkip(..) => Check::IntSendSkip,
            Self::PrecommittedRead { .. } => Check::PrecommittedRead,
            Self::Unseen { .. } => Check::Unseen,
            Self::WriteCycle(..) => Check::WriteCycle,
            Self::CircularInformationFlow(..) => Check::CircularInformationFlow,
        }
    }
}

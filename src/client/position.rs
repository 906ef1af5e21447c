//! The rules of positions, as functions of what is known: where a reader begins, and where a group is moved to when its offsets
//! are reset. A seek goes by them, and its preview; a consumer finds the same by asking the broker.

use crate::broker::OffsetSpec;
use crate::log::{Isolation, Offset};
use std::fmt;
use thiserror::Error;

/// Where a consumer begins that has no position, or one that is not in the log (`auto.offset.reset`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AutoOffsetReset {
    /// `earliest`
    Earliest,
    /// `latest`
    #[default]
    Latest,
    /// `none`
    None,
}

impl AutoOffsetReset {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Earliest, Self::Latest, Self::None];

    /// Kafka's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Earliest => "earliest",
            Self::Latest => "latest",
            Self::None => "none",
        }
    }

    /// The one called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reset| reset.name() == name)
    }

    /// What it does, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Earliest => "Without a committed offset, a consumer begins with the oldest record.",
            Self::Latest => "Without a committed offset, a consumer begins with what is written from now on.",
            Self::None => "Without a committed offset, a consumer stops with an error.",
        }
    }

    /// What to ask the broker for; nothing if the consumer is to stop.
    pub const fn spec(self) -> Option<OffsetSpec> {
        match self {
            Self::Earliest => Some(OffsetSpec::Earliest),
            Self::Latest => Some(OffsetSpec::Latest),
            Self::None => None,
        }
    }
}

impl fmt::Display for AutoOffsetReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why there is no position to begin at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PositionError {
    /// `NO_OFFSET_FOR_PARTITION`: there is no position, and the policy is `none`.
    #[error("NoOffsetForPartition: there is no committed offset, and auto.offset.reset is none")]
    NoOffsetForPartition,
    /// `OFFSET_OUT_OF_RANGE`: the position is not in the log, and the policy is `none`.
    #[error("OffsetOutOfRange: there is nothing at the position, and auto.offset.reset is none")]
    OffsetOutOfRange,
}

/// Where a log begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBounds {
    /// The first offset that can be read.
    pub log_start_offset: Offset,
    /// The offset below which everything is replicated.
    pub high_watermark: Offset,
    /// The offset below which everything is decided.
    pub last_stable_offset: Offset,
}

impl LogBounds {
    /// Where the log ends for a reader with this isolation level.
    pub const fn end(&self, isolation: Isolation) -> Offset {
        match isolation {
            Isolation::LogEnd | Isolation::ReadUncommitted => self.high_watermark,
            Isolation::ReadCommitted => self.last_stable_offset,
        }
    }
}

/// Where a consumer begins: at `position`, which is what was sought or else what is committed, if that is in the log.
pub fn start_position(
    reset: AutoOffsetReset,
    position: Option<Offset>,
    bounds: &LogBounds,
    isolation: Isolation,
) -> Result<Offset, PositionError> {
    let in_log = bounds.log_start_offset..=bounds.high_watermark;
    match (position, reset) {
        (Some(position), _) if in_log.contains(&position) => Ok(position),
        (_, AutoOffsetReset::Earliest) => Ok(bounds.log_start_offset),
        (_, AutoOffsetReset::Latest) => Ok(bounds.end(isolation)),
        (None, AutoOffsetReset::None) => Err(PositionError::NoOffsetForPartition),
        (Some(_), AutoOffsetReset::None) => Err(PositionError::OffsetOutOfRange),
    }
}

/// Where to move a group's committed offset (`kafka-consumer-groups --reset-offsets`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetReset {
    /// `--to-earliest`
    ToEarliest,
    /// `--to-latest`
    ToLatest,
    /// `--to-current`: where it is; to the end if nothing is committed.
    ToCurrent,
    /// `--to-offset`
    ToOffset(Offset),
    /// `--shift-by`: so many offsets on, or back if negative.
    ShiftBy(i64),
    /// `--to-datetime`, `--by-duration`: to what was written from some time on. The broker looks that up
    /// ([`OffsetSpec::Timestamp`]); without such a record it is the end.
    ToTime {
        /// What the broker found.
        found: Option<Offset>,
    },
}

/// The offset that a group is moved to, never outside of the log. [`OffsetReset::ShiftBy`] fails if nothing is committed.
pub fn reset_offset(
    reset: OffsetReset,
    committed: Option<Offset>,
    log_start_offset: Offset,
    log_end_offset: Offset,
) -> Result<Offset, PositionError> {
    let offset = match reset {
        OffsetReset::ToEarliest => log_start_offset,
        OffsetReset::ToLatest => log_end_offset,
        OffsetReset::ToCurrent => return Ok(committed.unwrap_or(log_end_offset)),
        OffsetReset::ToOffset(offset) => offset,
        OffsetReset::ShiftBy(delta) => {
            let committed = committed.ok_or(PositionError::NoOffsetForPartition)?;
            Offset(committed.0.saturating_add(delta))
        }
        OffsetReset::ToTime { found } => found.unwrap_or(log_end_offset),
    };
    Ok(offset.max(log_start_offset).min(log_end_offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_committed_cannot_be_shifted() {
        let shifted = reset_offset(OffsetReset::ShiftBy(3), None, Offset(0), Offset(9));
        assert_eq!(shifted, Err(PositionError::NoOffsetForPartition));
    }

    #[test]
    fn a_shift_ends_where_the_log_does_however_far_it_goes() {
        let check = |delta, expect| {
            assert_eq!(
                reset_offset(OffsetReset::ShiftBy(delta), Some(Offset(5)), Offset(2), Offset(9)),
                Ok(Offset(expect))
            );
        };
        check(i64::MAX, 9);
        check(i64::MIN, 2);
    }

    #[test]
    fn every_policy_is_found_by_its_name() {
        assert_eq!(
            AutoOffsetReset::ALL.map(|reset| AutoOffsetReset::named(reset.name())),
            AutoOffsetReset::ALL.map(Some)
        );
        assert_eq!(AutoOffsetReset::named("by_duration"), None);
    }
}

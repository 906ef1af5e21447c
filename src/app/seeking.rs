//! Where a person wants a group to begin, while it is being made up.

use crate::sim::SeekTo;

/// The kinds of places at which a group can begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeekKind {
    /// At the oldest record there is.
    #[default]
    Earliest,
    /// Behind the latest record.
    Latest,
    /// At an offset.
    Offset,
    /// At a time.
    Time,
}

impl SeekKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Earliest, Self::Latest, Self::Offset, Self::Time];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Earliest => "earliest",
            Self::Latest => "latest",
            Self::Offset => "offset",
            Self::Time => "time",
        }
    }

    /// How it reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Earliest => "the earliest record",
            Self::Latest => "the end of the log (only new records)",
            Self::Offset => "an offset",
            Self::Time => "a time of this run, in seconds",
        }
    }

    /// Whether it needs a number.
    pub const fn has_number(self) -> bool {
        matches!(self, Self::Offset | Self::Time)
    }
}

/// What has been chosen and typed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeekDraft {
    /// What kind of place.
    pub kind: SeekKind,
    /// The offset, or the time in seconds, as it was typed.
    pub number: String,
}

impl SeekDraft {
    /// The place, or what is missing.
    pub fn target(&self) -> Result<SeekTo, String> {
        let number = || self.number.trim().parse::<u64>().ok().filter(|number| *number <= u64::MAX / 1_000);
        match self.kind {
            SeekKind::Earliest => Ok(SeekTo::Earliest),
            SeekKind::Latest => Ok(SeekTo::Latest),
            SeekKind::Offset => number().map(SeekTo::Offset).ok_or("Which offset? A whole number from 0.".to_owned()),
            SeekKind::Time => number()
                .map(|seconds| SeekTo::TimeMs(seconds * 1_000))
                .ok_or("Which time? Whole seconds from the beginning of the run.".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_becomes_a_place_or_says_what_is_missing() {
        let check = |kind, number: &str, expect: Option<SeekTo>| {
            let draft = SeekDraft { kind, number: number.to_owned() };
            assert_eq!(draft.target().ok(), expect, "{draft:?}");
        };
        check(SeekKind::Earliest, "", Some(SeekTo::Earliest));
        check(SeekKind::Latest, "7", Some(SeekTo::Latest));
        check(SeekKind::Offset, " 7 ", Some(SeekTo::Offset(7)));
        check(SeekKind::Time, "12", Some(SeekTo::TimeMs(12_000)));
        for wrong in ["", "-1", "x", "1.5", "18446744073709551615"] {
            check(SeekKind::Offset, wrong, None);
            check(SeekKind::Time, wrong, None);
        }
    }
}

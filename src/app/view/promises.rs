//! What each service promises, as it is set, and whether it has kept it: a line, and a list behind it.

use super::ledger::{reason, warning};
use super::text::{clock, count, grouped};
use crate::app::proof::{Judged, Judgement};
use crate::app::{Model, RecordRef};
use crate::check::What;
use crate::check::history::Check;
use crate::check::promises::{Breach, Cause, NOTES_MAX, Promise};
use crate::sorted::sort_by_key;
use crate::time::Instant;
use std::borrow::Cow;
use std::rc::Rc;

/// The promises of all services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromisesView {
    /// How many hold, and how many do not.
    pub line: String,
    /// The worst of all verdicts.
    pub worst: PromiseMark,
    /// Whether the list is unfolded.
    pub is_unfolded: bool,
    /// The promises; none while the list is folded up.
    pub rows: Vec<PromiseRow>,
    /// What is no longer judged one by one, if there is anything.
    pub bound: Option<String>,
}

/// How a promise stands, in one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PromiseMark {
    /// It is not made.
    Unmade,
    /// It is kept.
    Kept,
    /// It is not made, and what it would have promised did not hold.
    Slipped,
    /// It is kept, and something is about to break it.
    AtRisk,
    /// It was broken.
    Broken,
}

/// A promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseRow {
    /// Whose it is.
    pub service: Rc<str>,
    /// What is promised.
    pub sentence: Cow<'static, str>,
    /// How it stands.
    pub mark: PromiseMark,
    /// The same in a word or two.
    pub verdict: String,
    /// Why.
    pub why: String,
    /// The moment at which it was broken, or not kept.
    pub at: Option<Instant>,
    /// The record by which.
    pub record: Option<RecordRef>,
}

impl PromiseMark {
    /// A sign that tells it without colour.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Kept => "✓",
            Self::AtRisk => "!",
            Self::Slipped | Self::Broken => "✕",
            Self::Unmade => "–",
        }
    }

    /// Its name, for style sheets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::AtRisk => "at-risk",
            Self::Broken => "broken",
            Self::Slipped => "slipped",
            Self::Unmade => "unmade",
        }
    }

    pub(super) const fn of(judgement: &Judgement) -> Self {
        match judgement {
            Judgement::Holds { .. } => Self::Kept,
            Judgement::AtRisk { .. } | Judgement::NeverPromised { slipped: None, at_risk: 1.., .. } => Self::AtRisk,
            Judgement::Broken(_) => Self::Broken,
            Judgement::NeverPromised { slipped: Some(_), .. } => Self::Slipped,
            Judgement::NeverPromised { .. } => Self::Unmade,
        }
    }
}

/// The promises as they stand now.
pub fn promises(model: &Model) -> PromisesView {
    let judged = model.promises();
    let is_unfolded = model.has_unfolded_promises();
    // What is at risk and was never promised comes and goes with each poll: the line does not.
    let mark_of = |it: &Judged| match it.judgement {
        Judgement::NeverPromised { slipped: None, .. } => PromiseMark::Unmade,
        Judgement::NeverPromised { slipped: Some(_), .. }
        | Judgement::Holds { .. }
        | Judgement::AtRisk { .. }
        | Judgement::Broken(_) => PromiseMark::of(&it.judgement),
    };
    let marks = || judged.iter().map(mark_of);
    let number = |mark| marks().filter(|it| *it == mark).count() as u64;
    let mut parts =
        vec![count(number(PromiseMark::Kept) + number(PromiseMark::AtRisk), "promise holds", "promises hold")];
    for (mark, one, many) in [
        (PromiseMark::AtRisk, "of them is at risk", "of them are at risk"),
        (PromiseMark::Broken, "is broken", "are broken"),
        (PromiseMark::Slipped, "was not made, and did not hold", "were not made, and did not hold"),
        (PromiseMark::Unmade, "is not made by these settings", "are not made by these settings"),
    ] {
        let number = number(mark);
        parts.extend((number > 0).then(|| count(number, one, many)));
    }
    let dropped = model.operations_dropped();
    PromisesView {
        line: parts.join(", "),
        worst: marks().max().unwrap_or(PromiseMark::Kept),
        is_unfolded,
        rows: if is_unfolded { all_promises(model) } else { Vec::new() },
        bound: (dropped > 0).then(|| {
            format!(
                "The latest {NOTES_MAX} appends and polls are checked one by one; of the {} before them, what was found at the time is \
                 remembered, and the totals of the account tell the rest.",
                grouped(dropped)
            )
        }),
    }
}

/// All of them one by one, whether the list is unfolded or not.
pub fn all_promises(model: &Model) -> Vec<PromiseRow> {
    let mut rows: Vec<PromiseRow> = model.promises().iter().map(|it| row(model, it)).collect();
    // What did not hold comes first.
    sort_by_key(&mut rows, |row| !matches!(row.mark, PromiseMark::Broken | PromiseMark::Slipped));
    rows
}

fn row(model: &Model, judged: &Judged) -> PromiseRow {
    let (verdict, why, breach) = match &judged.judgement {
        Judgement::Holds { .. } => ("holds".to_owned(), why_made(judged.promise).to_owned(), None),
        Judgement::AtRisk { .. } => ("at risk".to_owned(), at_risk(model, judged), None),
        Judgement::Broken(breach) => {
            (format!("broken at {}", clock(breach.at)), cause(breach.cause).to_owned(), Some(*breach))
        }
        Judgement::NeverPromised { slipped: None, at_risk: at_risk @ 1.., .. } => {
            ("not promised, at risk".to_owned(), in_hand(*at_risk), None)
        }
        Judgement::NeverPromised { slipped, .. } => never(judged.promise, *slipped),
    };
    PromiseRow {
        service: Rc::from(model.name(judged.service)),
        sentence: sentence(judged.promise, model),
        mark: PromiseMark::of(&judged.judgement),
        verdict,
        why,
        at: breach.map(|it| it.at),
        record: breach.map(|it| RecordRef { partition: it.partition, offset: it.offset }),
    }
}

fn at_risk(model: &Model, judged: &Judged) -> String {
    model.lateness(judged.service).as_ref().and_then(warning).unwrap_or_default()
}

fn in_hand(records: u64) -> String {
    let what = count(records, "update is", "updates are");
    format!(
        "{what} committed and still in hand: if the service crashes now, that is lost, because nothing delivers it again."
    )
}

fn never(promise: Promise, slipped: Option<Breach>) -> (String, String, Option<Breach>) {
    let why = why_not_made(promise);
    let (verdict, held) = match slipped {
        None => ("not promised, but has held so far", String::new()),
        Some(breach) => {
            ("not promised, and did not hold", format!(" First at {}: {}.", clock(breach.at), cause(breach.cause)))
        }
    };
    (verdict.to_owned(), format!("{why}{held}"), slipped)
}

fn sentence(promise: Promise, model: &Model) -> Cow<'static, str> {
    match promise {
        Promise::NothingIsLost => "No update is lost".into(),
        Promise::NothingTwice => "No update is processed twice".into(),
        Promise::InOrder => {
            format!("The updates of one {} are processed in their order", model.scenario().entity.0).into()
        }
        Promise::NoneLeftOut => "Each partition is read record by record, and none is skipped".into(),
        Promise::CommittedReads => "Only committed records are read".into(),
        Promise::OffsetsGoForward => "Committed offsets never go back, unless somebody seeks".into(),
        Promise::OneOwner => "Each partition has one owner in the group".into(),
        Promise::AcknowledgedIsThere => "What was acknowledged is in the log".into(),
        Promise::WrittenOnce => "What is sent is in the log exactly once".into(),
        Promise::SentInOrder => "Each partition holds what is sent in the order of sending".into(),
    }
}

const fn why_made(promise: Promise) -> &'static str {
    match promise {
        Promise::NothingIsLost => {
            "It commits only what it has processed or put aside, as long as nobody is away for longer than retention keeps records."
        }
        Promise::NothingTwice => {
            "It commits before it works, or remembers its work, or commits both in one transaction."
        }
        Promise::InOrder => "It works on one record of a partition at a time, and goes on only when that is done.",
        Promise::NoneLeftOut => "A consumer continues where it was, or where its group has committed.",
        Promise::CommittedReads => "isolation.level is read_committed with commit_policy exactly_once.",
        Promise::OffsetsGoForward => "The coordinator accepts commits from current members only.",
        Promise::OneOwner => "The assignor gives each partition to one member of a generation.",
        Promise::AcknowledgedIsThere => {
            "acks is all: the producer waits until every replica in sync has it, and only one of those can lead; or there is one replica."
        }
        Promise::WrittenOnce => "enable.idempotence: records are numbered, and the log knows those that come again.",
        Promise::SentInOrder => "enable.idempotence: records are numbered, or one request at a time is under way.",
    }
}

const fn why_not_made(promise: Promise) -> &'static str {
    match promise {
        Promise::NothingIsLost => {
            "It commits before it works, skips what it fails on, or begins at the end of the log."
        }
        Promise::NothingTwice => {
            "It commits after the work, or from time to time by itself: whatever was not yet committed is delivered again after a crash (at least once)."
        }
        Promise::InOrder => {
            "What it puts aside is processed later than what lies behind it, and what it commits first may be overtaken."
        }
        Promise::NoneLeftOut => "auto.offset.reset is latest: a new group skips what was there before.",
        Promise::CommittedReads => {
            "isolation.level is read_uncommitted: it also reads what a transaction may still abort."
        }
        Promise::OffsetsGoForward | Promise::OneOwner => "",
        Promise::AcknowledgedIsThere => {
            "acks is 0, or 1 and others can lead that do not have it yet, or unclean.leader.election.enable lets one lead that lacks it."
        }
        Promise::WrittenOnce => "enable.idempotence is off: what is sent again after a timeout may be there twice.",
        Promise::SentInOrder => {
            "enable.idempotence is off and several requests are under way: one that is sent again comes behind the others."
        }
    }
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Lost(why) => reason(What::Lost(why)),
        Cause::Again(why) => reason(What::Again(why)),
        Cause::Overtaken => "processed for the first time after a later one of the same key",
        Cause::Uncommitted => "read although its transaction was aborted, or is still open",
        Cause::WentBack => "committed although the group had committed a later offset",
        Cause::TwoOwners => "two members were given the partition in one generation",
        Cause::NeverWritten => "counted as written when it was sent (acks is 0), and never came into the log",
        Cause::NotThere => "acknowledged, and something else is there, or nothing",
        Cause::Found(check) => found(check),
    }
}

const fn found(check: Check) -> &'static str {
    match check {
        Check::LostWrite => "nobody polled it, although somebody polled what lies behind it (Jepsen: lost-write)",
        Check::Duplicate => "the same batch is in the log twice (Jepsen: duplicate)",
        Check::InconsistentOffsets => "two records were seen at one offset (Jepsen: inconsistent-offsets)",
        Check::PollSkip => "the poll before ended earlier (Jepsen: poll-skip)",
        Check::NonmonotonicPoll => "the poll before had it already (Jepsen: nonmonotonic-poll)",
        Check::IntPollSkip => "a poll left it out (Jepsen: int-poll-skip)",
        Check::IntNonmonotonicPoll => "a poll went back to it (Jepsen: int-nonmonotonic-poll)",
        Check::NonmonotonicSend => "something that was sent later lies before it (Jepsen: nonmonotonic-send)",
        Check::AbortedRead
        | Check::IntNonmonotonicSend
        | Check::IntSendSkip
        | Check::PrecommittedRead
        | Check::Unseen
        | Check::WriteCycle
        | Check::CircularInformationFlow
        | Check::WorstRealtimeLag
        | Check::AbortRewind => "a check over the history found it",
    }
}

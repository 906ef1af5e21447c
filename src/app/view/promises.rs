//! What each service promises, as it is set, and whether it has kept it: a line, and a list behind it.

mod why;

use self::why::{cause, sentence, why_made, why_not_made};
use super::ledger::warning;
use super::text::{clock, count, grouped};
use crate::app::proof::{Judged, Judgement};
use crate::app::{Model, RecordRef};
use crate::check::promises::{Breach, NOTES_MAX};
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
        Judgement::Holds { .. } => ("holds".to_owned(), why_made(model, judged).to_owned(), None),
        Judgement::AtRisk { .. } => ("at risk".to_owned(), at_risk(model, judged), None),
        Judgement::Broken(breach) => {
            (format!("broken at {}", clock(breach.at)), cause(breach).into_owned(), Some(*breach))
        }
        Judgement::NeverPromised { slipped: None, at_risk: at_risk @ 1.., .. } => {
            ("not promised, at risk".to_owned(), in_hand(*at_risk), None)
        }
        Judgement::NeverPromised { slipped, .. } => never(model, judged, *slipped),
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

fn never(model: &Model, judged: &Judged, slipped: Option<Breach>) -> (String, String, Option<Breach>) {
    let why = why_not_made(model, judged);
    let (verdict, held) = match slipped {
        None => ("not promised, but has held so far", String::new()),
        Some(breach) => {
            ("not promised, and did not hold", format!(" First at {}: {}.", clock(breach.at), cause(&breach)))
        }
    };
    (verdict.to_owned(), format!("{why}{held}"), slipped)
}

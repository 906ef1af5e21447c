//! The page's state without a browser: a [`Model`], the [`Msg`]s that change it, and what is to be drawn of it.
//!
//! Everything here runs natively too. What a person does goes through [`update()`], and what needs a browser comes out of it
//! as [`Effect`]s, which are data. Scripts have two more ways in, because they want an answer: [`Model::act`] and
//! [`Model::advance_to`].

mod advance;
mod at_home;
mod board;
mod breakpoints;
mod challenges;
mod changed;
mod comparison;
mod course;
mod csv;
mod deeds;
mod describe;
mod embed;
mod following;
mod glossary;
mod history;
mod holding;
mod keeping;
mod kept;
mod lateness;
mod marks;
mod model;
mod moment;
mod msg;
mod names;
mod narrate;
mod narrate_brokers;
mod next_step;
mod notice;
mod opened;
mod outcomes;
mod panels;
mod proof;
mod rates;
mod rebalances;
mod refusal;
#[cfg(test)]
mod rehearsal;
mod roads;
mod same_day;
mod samples;
mod searching;
mod seeking;
mod sharing;
mod shortcuts;
mod snapshot;
mod timeline;
mod tour;
mod troubles;
mod update;
pub mod view;
mod watched;
mod ways_out;

pub use crate::log::RecordRef;
pub use at_home::{HomeEffect, HomeMsg};
pub use board::{Board, BoardRow};
pub use breakpoints::{BREAKPOINTS_MAX, Breakpoint, BreakpointError};
pub use challenges::{ChallengeSnapshot, challenges_snapshot};
pub use comparison::{Better, ComparisonSnapshot};
pub use course::{Course, Standing, Stood};
pub use csv::csv;
pub use deeds::Deed;
pub use embed::{Copied, Embed};
pub use glossary::Term;
pub use history::{LagHistory, Outage, Series, Who};
pub use holding::{HeldBy, HeldLane};
pub use keeping::{Arrival, KeepMsg};
pub use kept::Kept;
pub use lateness::{CatchUp, LagReason, Lateness, PartitionLateness, Threat};
pub use marks::{Mark, MarkKind, MomentSign};
pub use model::{Flight, Model, Speed, Theme};
pub use msg::{ChartSpan, ChartUnit, Effect, FocusMove, Msg};
pub use narrate::Tone;
pub use next_step::{NextStep, WhatToDo};
pub use notice::{Notice, Opens};
pub use outcomes::{OutcomeEntry, Outcomes};
pub use panels::{Layout, Panel};
pub use proof::{LedgerSnapshot, PromiseSnapshot, ledger_snapshot, promises_snapshot};
pub use rebalances::RebalanceSummary;
pub use refusal::{Mend, Refusal};
pub use roads::{BRANCH_NAME_MAX, Branch, BranchNameError};
pub use same_day::DirectMsg;
pub use samples::Samples;
pub use searching::{
    Change, FoundRun, Outlook, Report, SOUGHT, SearchJob, SearchMsg, SearchOptions, SearchState, TRIES_MAX, report_of,
    search_of,
};
pub use seeking::{SeekDraft, SeekKind};
pub use sharing::Sharing;
pub use shortcuts::{SHORTCUTS, Shortcut, shortcut};
pub use snapshot::{BranchSnapshot, Snapshot, branches, snapshot};
pub use tour::{Stop, TourMsg};
pub use update::update;
pub use ways_out::WayOut;

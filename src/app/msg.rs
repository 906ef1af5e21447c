//! What can be done to the page, and what the page may ask of the browser.

use super::RecordRef;
use super::at_home::{HomeEffect, HomeMsg};
use super::breakpoints::Breakpoint;
use super::embed::Embed;
use super::holding::{HeldBy, HeldLane};
use super::keeping::KeepMsg;
use super::model::{Speed, Theme};
use super::next_step::NextStep;
use super::panels::Panel;
use super::same_day::DirectMsg;
use super::searching::{SearchJob, SearchMsg};
use super::seeking::SeekDraft;
use super::tour::TourMsg;
use crate::check::Listed;
use crate::log::{TopicId, TopicPartition};
use crate::sim::{Command, ServiceId};
use crate::time::Instant;
use std::rc::Rc;

/// Something that happened to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// Let simulated time run, or hold it.
    SetPlaying(bool),
    /// Go on to the next event, and hold.
    Step,
    /// Go back to the event before, and hold.
    StepBack,
    /// Look at another instant of the run, and hold.
    Seek(Instant),
    /// Go to where the run has come to.
    SeekEnd,
    /// Take back what was done last.
    Undo,
    /// Do again what was taken back last.
    Redo,
    /// Go back to a road that was left, by its number.
    TakeBranch(usize),
    /// Call a road that was left something else.
    RenameBranch(usize, String),
    /// Forget a road that was left.
    ForgetBranch(usize),
    /// Hold the run when something happens.
    HoldAt(Breakpoint),
    /// Hold it no longer at the breakpoint with this number.
    Unhold(usize),
    /// Let simulated time run faster or slower.
    SetSpeed(Speed),
    /// Begin the run anew with this seed.
    Restart {
        /// The seed of the new run.
        seed: u64,
    },
    /// Begin the run anew as it is, with the seed that it has by then.
    Reset,
    /// Begin a run of a shipped scenario, by its name.
    Load(String),
    /// Open the run, or begin a run of the scenario, in this file.
    Open {
        /// The text of the file.
        text: String,
        /// The seed of a run that begins.
        seed: u64,
    },
    /// Do something to the world.
    Do(Command),
    /// Do what the large control offers, and see what that does.
    TakeStep(NextStep),
    /// Do this for a service that fails on the record that is looked at.
    TakeWayOut(ServiceId, Command),
    /// Look at a record, or at none.
    Select(Option<RecordRef>),
    /// Close all that is laid open beside the flow.
    CloseOpened,
    /// Look at the record so many offsets further on in the same partition.
    SelectNeighbour(i64),
    /// Move the keyboard's focus within a lane.
    MoveFocus {
        /// The record that has the focus; `None` if the lane itself has it.
        from: Option<RecordRef>,
        /// The lane.
        lane: TopicPartition,
        /// Where to.
        to: FocusMove,
    },
    /// Hold a lane still as it is drawn, or let it go on.
    HoldLane(HeldBy, Option<HeldLane>),
    /// The keyboard's focus comes to a record: its lane shows it, and is held.
    HoldRecord(RecordRef),
    /// Look into a partition, or into none.
    OpenPartition(Option<TopicPartition>),
    /// Look into a service, or into none.
    OpenService(Option<ServiceId>),
    /// Show the lanes of a topic that stands beside, or fold them up.
    UnfoldTopic {
        /// The topic.
        topic: TopicId,
        /// Whether to show them.
        unfolded: bool,
    },
    /// Show in the lanes of a topic where a service reads, or the newest records again.
    Follow(Option<(TopicId, ServiceId)>),
    /// Make up where a group is to begin.
    DraftSeek(SeekDraft),
    /// Show so much time in the lag chart.
    SetChartSpan(ChartSpan),
    /// Show lag in records, or in seconds.
    SetChartUnit(ChartUnit),
    /// Look at the records behind a number of a service's account, or at none.
    OpenList(Option<(ServiceId, Listed)>),
    /// Show the promises one by one, or fold them up.
    UnfoldPromises(bool),
    /// Show the challenges one by one, or fold them up.
    UnfoldChallenges(bool),
    /// Show the challenges, wherever the person is on the page.
    ShowChallenges,
    /// Show the phone of somebody else.
    ShowSubject {
        /// The position of the service in the scenario.
        service: u16,
        /// Which of the places on its board.
        slot: usize,
        /// Whom.
        subject: String,
    },
    /// Use other colours.
    SetTheme(Theme),
    /// So many records fit side by side into a lane.
    SetLaneCells(u32),
    /// The person has read the notice.
    DismissNotice,
    /// Do several things to the world, to be taken back as one.
    DoAll(Vec<Command>),
    /// The person leaves the setting whose change was refused as it is.
    ForgetRefusal,
    /// Something outside the model failed, and the person should know.
    Complain(String),
    /// Keep the run, send it, or open one that was.
    Keep(KeepMsg),
    /// Compare the run with the same day with direct calls.
    Direct(DirectMsg),
    /// Search for an outage that breaks a promise.
    Search(SearchMsg),
    /// Be shown around.
    Tour(TourMsg),
    /// Show other panels, or take something along.
    Home(HomeMsg),
}

/// What the lag chart counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartUnit {
    /// Records that are still to be read.
    #[default]
    Records,
    /// How old the oldest of them is.
    Seconds,
}

/// How much time the lag chart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartSpan {
    /// The last two minutes.
    #[default]
    TwoMinutes,
    /// The last ten minutes.
    TenMinutes,
    /// The whole run.
    Everything,
}

/// A way for the keyboard's focus to go in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusMove {
    /// To the record before.
    Previous,
    /// To the record after.
    Next,
    /// To the first record in the picture.
    First,
    /// To the last.
    Last,
}

/// Something that only the browser can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Put the colours on, and remember the choice.
    ApplyTheme(Theme),
    /// Begin a search apart from the page.
    StartSearch(SearchJob),
    /// End it.
    StopSearch,
    /// Bring what has this class into sight.
    Reveal(&'static str),
    /// Move the keyboard's focus to the element with this id.
    FocusId(&'static str),
    /// Move the keyboard's focus to the inspector.
    FocusInspector,
    /// Move the keyboard's focus to the lane of a partition.
    FocusLane(TopicPartition),
    /// Bring the card of a service into sight, with what people see of it.
    ShowCard(ServiceId),
    /// Move the keyboard's focus to the card of a service.
    FocusCard(ServiceId),
    /// Move the keyboard's focus to the account of a service.
    FocusAccount(ServiceId),
    /// Move the keyboard's focus to a record in its lane, or to the lane if it is no longer shown.
    FocusRecord(RecordRef),
    /// Move the keyboard's focus to what there is to send the run with, or back to the button that shows it.
    FocusSharing,
    /// See [`Self::FocusSharing`].
    FocusShare(Option<Panel>),
    /// Put the link with this fragment on the clipboard, and say whether that worked.
    CopyLink(Rc<str>),
    /// Put what embeds the run on the clipboard, and say whether that worked.
    CopyEmbed(Rc<Embed>),
    /// Show other panels, or take something along.
    Home(HomeEffect),
    /// Give the person a file.
    Download {
        /// Its name.
        name: String,
        /// What is in it.
        text: String,
    },
}

//! The business effects: a delivery schedule, customers' phones.

use super::text::{seconds, short_clock};
use crate::app::board::{Board, BoardRow};
use crate::app::{Model, OutcomeEntry};
use crate::sim::{OutcomeView, ServiceId};
use crate::time::Span;
use std::rc::Rc;

/// From how late on a text says that it is late.
const LATE: Span = Span::from_ms(3_000);
/// How many texts a phone shows.
const TEXTS_SHOWN: usize = 4;

/// What people outside see of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutcomeBoard {
    /// A table of subjects and how far they have come.
    Schedule {
        /// Its heading.
        title: Rc<str>,
        /// How many stages there are.
        stages: usize,
        /// Its rows.
        rows: Vec<ScheduleRow>,
    },
    /// Phones with texts.
    Phones {
        /// Its heading.
        title: Rc<str>,
        /// The phones.
        phones: Vec<PhoneView>,
        /// Whose phones there are.
        subjects: Vec<Rc<str>>,
    },
}

/// A row of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleRow {
    /// What it is about.
    pub subject: Rc<str>,
    /// More about it.
    pub detail: Rc<str>,
    /// The name of the stage it has reached.
    pub stage: Rc<str>,
    /// The position of that stage, from 1; 0 if it is none of the scenario's.
    pub stage_number: usize,
    /// Its latest text.
    pub text: Rc<str>,
    /// How long after it happened that came, if that was late.
    pub late: Option<String>,
}

/// A phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneView {
    /// Whose.
    pub subject: Rc<str>,
    /// The latest texts, oldest first.
    pub texts: Vec<TextView>,
}

/// A text on a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextView {
    /// Tells it from the others on the phone.
    pub key: String,
    /// What it says.
    pub text: Rc<str>,
    /// When it came, on the run's clock.
    pub at: String,
    /// How late it was, if it was.
    pub late: Option<String>,
    /// Whether it is one that had come before.
    pub again: bool,
}

/// What people outside see of a service, if the scenario says so.
pub fn outcome(model: &Model, id: ServiceId) -> Option<OutcomeBoard> {
    let spec = model.world().service_spec(id).consumes.as_ref()?.outcome.as_ref()?;
    let board = &model.outcomes().of_service(id)?.board;
    let title = Rc::from(&*spec.title);
    Some(match spec.view {
        OutcomeView::Schedule => OutcomeBoard::Schedule {
            title,
            stages: board.stages().len(),
            rows: board.rows().iter().map(|row| schedule_row(row, board)).collect(),
        },
        OutcomeView::Phones => OutcomeBoard::Phones {
            title,
            phones: board.rows().iter().map(phone).collect(),
            subjects: board.subjects().map(|subject| Rc::from(&**subject)).collect(),
        },
    })
}

fn schedule_row(row: &BoardRow, board: &Board) -> ScheduleRow {
    let last = row.texts.back();
    ScheduleRow {
        subject: Rc::from(&*row.subject),
        detail: Rc::from(&*row.detail),
        stage: row.stage.map_or_else(|| Rc::from("?"), |stage| Rc::from(&*board.stages()[stage])),
        stage_number: row.stage.map_or(0, |stage| stage + 1),
        text: last.map_or_else(|| Rc::from(""), |text| Rc::from(&*text.text)),
        late: last.and_then(late),
    }
}

fn phone(row: &BoardRow) -> PhoneView {
    let skipped = row.texts.len().saturating_sub(TEXTS_SHOWN);
    PhoneView { subject: Rc::from(&*row.subject), texts: row.texts.iter().skip(skipped).map(text).collect() }
}

fn text(entry: &OutcomeEntry) -> TextView {
    let (partition, offset, us) = (entry.partition.partition, entry.offset, entry.at.as_us());
    TextView {
        key: format!("{partition}-{offset}-{us}"),
        text: Rc::from(&*entry.text),
        at: short_clock(entry.at),
        late: late(entry),
        again: entry.again,
    }
}

fn late(entry: &OutcomeEntry) -> Option<String> {
    (entry.late >= LATE).then(|| format!("{} late", seconds(entry.late)))
}

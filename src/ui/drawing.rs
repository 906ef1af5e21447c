//! When the page is drawn, and how much of it: the page's own drawing, apart from the canvas, which is drawn in each frame.

use super::announcing::Announcement;
use super::earning::Earning;
use super::effects::OnceDrawn;
use super::pace::Pace;
use super::shared::Shared;
use crate::app::view::{PageView, Round, Section, Sight, answering, page, page_with};
use crate::app::{Model, Msg, SearchMsg};
use gloo::utils::{document, window};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// Whether the page is to be drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// Not at all.
    Not,
    /// When its turn comes: something has changed that nobody has asked for.
    InTurn,
    /// In the next frame: somebody has done something, and sees it once, however much it was; what else has changed follows.
    AtOnce,
    /// In the next frame, and the whole page: another run is there, or what is looked at is of one instant from now on.
    Whole,
}

/// What is to be drawn, and when.
pub struct Request {
    due: Due,
    /// Which sections before the others, if somebody waits.
    first: &'static [Section],
    /// What is done once that is seen.
    once_drawn: Vec<OnceDrawn>,
}

impl Request {
    /// What a message brings.
    pub(super) fn of(msg: &Msg) -> Self {
        let due = if matches!(msg, Msg::Search(SearchMsg::Report(..))) { Due::InTurn } else { Due::AtOnce };
        Self { due, first: answering(msg), once_drawn: Vec::new() }
    }

    /// The same, with what is done once that is seen.
    pub(super) fn then(self, once_drawn: Vec<OnceDrawn>) -> Self {
        Self { once_drawn, ..self }
    }
}

impl From<Due> for Request {
    fn from(due: Due) -> Self {
        Self { due, first: &[], once_drawn: Vec::new() }
    }
}

/// How much of the page is drawn in a frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Nothing,
    /// Some sections, in which only time has moved things.
    Sections,
    /// What somebody has changed: things may have moved.
    Changed,
}

/// The page as it was drawn last, and what comes next.
pub(super) struct Drawing {
    pace: Pace,
    round: Round,
    due: Due,
    /// Which sections come first in the answer that is due.
    first: Vec<Section>,
    once_drawn: Vec<OnceDrawn>,
    was_playing: bool,
    announcement: Announcement,
    earning: Earning,
    page: RefCell<Option<Rc<PageView>>>,
    stale: RefCell<Stale>,
}

/// What of the page is not true any more.
enum Stale {
    Sections(Vec<Section>),
    Everything,
}

impl Drawing {
    pub(super) fn new(earning: Earning) -> Self {
        Self {
            pace: Pace::new(),
            round: Round::default(),
            due: Due::Not,
            first: Vec::new(),
            once_drawn: Vec::new(),
            was_playing: false,
            announcement: Announcement::default(),
            earning,
            page: RefCell::new(None),
            stale: RefCell::new(Stale::Everything),
        }
    }

    /// The time, in milliseconds.
    pub(super) fn now_ms(&self) -> f64 {
        self.pace.now_ms()
    }

    /// What a screen reader is told.
    pub(super) fn announcement(&self) -> &Rc<str> {
        self.announcement.text()
    }

    /// Whether somebody waits for an answer.
    pub(super) fn is_answer_due(&self) -> bool {
        self.due >= Due::AtOnce
    }

    /// Whether somebody is at work on the page right now.
    pub(super) fn is_hands_on(&self) -> bool {
        self.pace.is_hands_on()
    }

    /// Has the page drawn then, or sooner if it is to be drawn sooner anyway.
    pub(super) fn ask(&mut self, request: impl Into<Request>) {
        let Request { due, first, once_drawn } = request.into();
        self.due = self.due.max(due);
        self.once_drawn.extend(once_drawn);
        if due == Due::AtOnce {
            self.first.extend(first);
        }
    }

    /// What is to be done once what somebody has changed is drawn.
    pub(super) fn take_once_drawn(&mut self) -> Vec<OnceDrawn> {
        std::mem::take(&mut self.once_drawn)
    }

    /// Everything is to be made anew before it is drawn.
    pub(super) fn discard(&self) {
        self.stale.replace(Stale::Everything);
    }

    /// The page as it is to be drawn now.
    pub(super) fn page(&self, model: &Model) -> Rc<PageView> {
        let stale = self.stale.replace(Stale::Sections(Vec::new()));
        let now = match (self.page.take(), stale) {
            (Some(before), Stale::Sections(sections)) if sections.is_empty() => before,
            (Some(before), Stale::Sections(sections)) => Rc::new(page_with(&sections, model, &before)),
            (None, _) | (_, Stale::Everything) => Rc::new(page(model)),
        };
        self.page.replace(Some(now.clone()));
        now
    }

    /// Decides what is drawn in the frame that is due at `at_ms`.
    pub(super) fn decide(&mut self, at_ms: f64, shared: &Shared) -> Extent {
        let (is_playing, is_another) = {
            let model = shared.model();
            (model.is_playing(), model.is_opening() || self.shows_another(&model))
        };
        if std::mem::replace(&mut self.was_playing, is_playing) && !is_playing {
            self.due = Due::Whole;
        }
        match self.due {
            Due::Whole => self.draw_everything(at_ms, shared),
            Due::AtOnce if is_another || !is_playing => self.draw_everything(at_ms, shared),
            Due::AtOnce => self.draw_answer(at_ms, shared),
            Due::InTurn | Due::Not if !self.round.is_over() => self.draw_next(),
            Due::InTurn | Due::Not if !self.pace.is_due(at_ms) => Extent::Nothing,
            Due::InTurn | Due::Not if is_another || !is_playing => self.draw_everything(at_ms, shared),
            Due::InTurn | Due::Not => self.begin_round(at_ms, shared),
        }
    }

    /// Whether another run was drawn last, or other panels of it: then nothing of that may stay.
    fn shows_another(&self, model: &Model) -> bool {
        let page = self.page.borrow();
        page.as_ref().is_none_or(|page| page.run_id != model.run_id() || page.layout != *model.layout())
    }

    /// Has the whole page drawn, if something has changed.
    fn draw_everything(&mut self, at_ms: f64, shared: &Shared) -> Extent {
        self.pace.begin(at_ms);
        let is_due = std::mem::replace(&mut self.due, Due::Not) != Due::Not;
        if !self.tell(at_ms, shared) && !is_due {
            return Extent::Nothing;
        }
        self.round.end();
        self.first.clear();
        self.discard();
        self.pace.measure();
        Extent::Changed
    }

    /// Has drawn what says what came of it; the rest follows.
    fn draw_answer(&mut self, at_ms: f64, shared: &Shared) -> Extent {
        self.due = Due::Not;
        self.pace.begin(at_ms);
        self.tell(at_ms, shared);
        let sections = self.round.answer(sight(|_| true), &std::mem::take(&mut self.first));
        self.discard_sections(sections);
        self.pace.measure();
        Extent::Changed
    }

    fn begin_round(&mut self, at_ms: f64, shared: &Shared) -> Extent {
        self.due = Due::Not;
        let frames = self.pace.begin(at_ms);
        self.tell(at_ms, shared);
        let is_opened = self.page.borrow().as_ref().is_some_and(|page| page.is_opened());
        self.round.begin(sight(|section| is_opened || section != Section::Opened), frames);
        self.draw_next()
    }

    /// Has the next sections of this round drawn.
    fn draw_next(&mut self) -> Extent {
        if !self.round.is_rest() {
            self.pace.measure();
        }
        let sections = self.round.take();
        self.discard_sections(sections);
        Extent::Sections
    }

    fn discard_sections(&self, sections: Vec<Section>) {
        if let Stale::Sections(stale) = &mut *self.stale.borrow_mut() {
            stale.extend(sections);
        }
    }

    /// Takes in what there is to be told, and says whether that is new.
    fn tell(&mut self, at_ms: f64, shared: &Shared) -> bool {
        let is_told = self.earning.consider(at_ms, shared);
        let (tone, sentence) = shared.model().narrate();
        self.announcement.consider(at_ms, tone, &sentence) || is_told
    }
}

/// Which of the wanted sections are in sight. What goes around the page always is.
fn sight(is_wanted: impl Fn(Section) -> bool) -> Sight {
    let wanted = Section::ALL.into_iter().filter(|section| is_wanted(*section));
    let (seen, unseen) = wanted.partition(|section| is_in_sight(*section));
    Sight { seen, unseen }
}

fn is_in_sight(section: Section) -> bool {
    let selector = match section.panel() {
        Some(panel) => format!("[data-panel={}]", panel.word()),
        None if section == Section::Brokers => ".brokers".to_owned(),
        None => return true,
    };
    document().query_selector(&selector).ok().flatten().is_some_and(|element| is_seen(&element))
}

fn is_seen(element: &Element) -> bool {
    let (place, height) = (element.get_bounding_client_rect(), window().inner_height());
    let height = height.ok().and_then(|height| height.as_f64()).unwrap_or(f64::INFINITY);
    place.height() > 0.0 && place.bottom() > 0.0 && place.top() < height
}

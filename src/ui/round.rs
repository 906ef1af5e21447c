//! Which sections of the page are drawn next while time runs: in each round all that are in sight, and one that is not.

use crate::app::Model;
use crate::app::view::{PageView, Section, page, page_with};
use gloo::utils::{document, window};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;

/// The page as it was drawn last, and what of it is not true any more.
#[derive(Default)]
pub(super) struct Drawn {
    page: RefCell<Option<Rc<PageView>>>,
    stale: RefCell<Stale>,
}

#[derive(Default)]
enum Stale {
    Some(Vec<Section>),
    #[default]
    Everything,
}

impl Drawn {
    /// Everything is to be made anew.
    pub(super) fn discard(&self) {
        self.stale.replace(Stale::Everything);
    }

    /// These sections are to be made anew.
    pub(super) fn discard_sections(&self, sections: Vec<Section>) {
        if let Stale::Some(stale) = &mut *self.stale.borrow_mut() {
            stale.extend(sections);
        }
    }

    /// The page as it is to be drawn now.
    pub(super) fn page(&self, model: &Model) -> Rc<PageView> {
        let stale = self.stale.replace(Stale::Some(Vec::new()));
        let now = match (self.page.take(), stale) {
            (Some(before), Stale::Some(sections)) if sections.is_empty() => before,
            (Some(before), Stale::Some(sections)) => Rc::new(page_with(&sections, model, &before)),
            (None, _) | (_, Stale::Everything) => Rc::new(page(model)),
        };
        self.page.replace(Some(now.clone()));
        now
    }

    /// Whether something is laid open.
    pub(super) fn is_opened(&self) -> bool {
        self.page.borrow().as_ref().is_some_and(|page| page.is_opened())
    }
}

/// The sections that are still to be drawn in this round.
#[derive(Default)]
pub(super) struct Round {
    waiting: Vec<Section>,
    /// How much is drawn in a frame.
    at_a_time: usize,
    /// Which of those out of sight is next.
    turn: usize,
}

impl Round {
    /// Begins anew, to be drawn in so many frames; when nothing is laid open, nothing of that is drawn.
    pub(super) fn begin(&mut self, frames: usize, is_opened: bool) {
        let (mut seen, unseen) = sections(|section| is_opened || section != Section::Opened);
        let next = unseen.get(self.turn).or(unseen.first());
        self.turn = if self.turn < unseen.len() { self.turn + 1 } else { 1 };
        seen.extend(next);
        self.at_a_time = seen.iter().copied().map(weight).sum::<usize>().div_ceil(frames);
        self.waiting = seen;
    }

    /// Begins anew with an answer to somebody: returns all that is in sight. What is not follows, one section a frame.
    pub(super) fn answer(&mut self) -> Vec<Section> {
        let (seen, unseen) = sections(|_| true);
        (self.waiting, self.at_a_time) = (unseen, 1);
        seen
    }

    /// The sections that are drawn in this frame: as many as it bears, and at least one.
    pub(super) fn next(&mut self) -> Vec<Section> {
        let mut load = 0;
        let fits = |section: &&Section| {
            load += weight(**section);
            load <= self.at_a_time
        };
        let count = self.waiting.iter().take_while(fits).count().max(1);
        self.waiting.drain(..count.min(self.waiting.len())).collect()
    }

    /// Ends at once: all has been drawn.
    pub(super) fn end(&mut self) {
        self.waiting.clear();
    }
}

/// The wanted sections that are in sight, and those that are not.
fn sections(is_wanted: impl Fn(Section) -> bool) -> (Vec<Section>, Vec<Section>) {
    Section::ALL.into_iter().filter(|section| is_wanted(*section)).partition(|section| is_in_sight(*section))
}

/// How much there is to be drawn in a section, more or less, when time goes by.
const fn weight(section: Section) -> usize {
    match section {
        Section::Topics => 3,
        Section::Services => 2,
        Section::Top
        | Section::Opened
        | Section::Time
        | Section::Lag
        | Section::Groups
        | Section::Ledger
        | Section::Promises
        | Section::Challenges
        | Section::Calls
        | Section::Search
        | Section::Brokers => 1,
    }
}

/// Whether a section lies in the part of the page that is seen. What goes around the page always does.
fn is_in_sight(section: Section) -> bool {
    let Some(selector) = selector(section) else { return true };
    let element = document().query_selector(&selector).ok().flatten();
    element.is_some_and(|element| is_seen(&element))
}

fn is_seen(element: &Element) -> bool {
    let (place, height) = (element.get_bounding_client_rect(), window().inner_height());
    let height = height.ok().and_then(|height| height.as_f64()).unwrap_or(f64::INFINITY);
    place.height() > 0.0 && place.bottom() > 0.0 && place.top() < height
}

fn selector(section: Section) -> Option<String> {
    match section.panel() {
        Some(panel) => Some(format!("[data-panel={}]", panel.word())),
        None => (section == Section::Brokers).then(|| ".brokers".to_owned()),
    }
}

//! What a screen reader is told: not more often than one can listen.

use crate::app::Tone;
use std::rc::Rc;

/// How long between two announcements of the same kind of news, in milliseconds.
const ANNOUNCE_EVERY_MS: f64 = 8_000.0;

/// What a screen reader is told: the sentence, at once when the news is of another kind, and otherwise now and then.
pub(super) struct Announcement {
    text: Rc<str>,
    tone: Option<Tone>,
    at_ms: f64,
}

impl Default for Announcement {
    fn default() -> Self {
        Self { text: Rc::from(""), tone: None, at_ms: 0.0 }
    }
}

impl Announcement {
    pub(super) fn text(&self) -> &Rc<str> {
        &self.text
    }

    /// Takes in what the sentence is now, and says whether that is to be announced.
    pub(super) fn consider(&mut self, at_ms: f64, tone: Tone, sentence: &str) -> bool {
        let is_due = self.tone != Some(tone) || at_ms - self.at_ms >= ANNOUNCE_EVERY_MS;
        let is_new = is_due && *self.text != *sentence;
        if is_new {
            *self = Self { text: Rc::from(sentence), tone: Some(tone), at_ms };
        }
        is_new
    }
}

//! Keys that are pressed anywhere on the page.

use super::shared::Shared;
use crate::app::{HomeMsg, Layout, Msg, shortcut};
use gloo::events::{EventListener, EventListenerOptions};
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

/// Where somebody types, or a key means something else.
const TYPING: &str = "input:not([type=range]), textarea, select, [contenteditable], dialog";
/// What Space and Enter press.
const PRESSED: &str = "button, summary, a, label";
/// What Escape closes by itself.
const CLOSED: &str = ".inspector, .tour, dialog, .tool[open]";

/// Listens until it is dropped.
pub(super) fn listen(shared: Shared) -> EventListener {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&document(), "keydown", options, move |event: &Event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let msg = msg_of(&shared, event);
        if let Some(msg) = msg {
            event.prevent_default();
            shared.update(msg);
        }
    })
}

fn msg_of(shared: &Shared, event: &KeyboardEvent) -> Option<Msg> {
    let key = event.key();
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok())?;
    let is_in = |selector: &str| target.closest(selector).is_ok_and(|found| found.is_some());
    let is_with_others = event.ctrl_key() || event.alt_key() || event.meta_key();
    if event.default_prevented() || event.is_composing() || is_with_others {
        return None;
    }
    if key == "Escape" {
        let is_alone = matches!(shared.model().layout(), Layout::Alone(_));
        return (is_alone && !is_in(CLOSED)).then_some(Msg::Home(HomeMsg::ShowWhole));
    }
    let is_held_down = event.repeat() && key != "," && key != ".";
    if is_held_down || is_in(TYPING) || (key == " " && is_in(PRESSED)) {
        return None;
    }
    shortcut(&shared.model(), &key)
}

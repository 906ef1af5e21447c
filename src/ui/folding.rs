//! What is unfolded above the time bar folds up again when Escape is pressed, or something else is.

use gloo::events::EventListener;
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, Node};

/// Listens until it is dropped.
pub(super) fn listen() -> [EventListener; 2] {
    let pressed = EventListener::new(&document(), "pointerdown", |event: &Event| {
        let target = event.target().and_then(|it| it.dyn_into::<Node>().ok());
        let is_meaning = shown().is_some_and(|it| it.contains(target.as_ref()));
        if let Some(tool) = unfolded().filter(|tool| !is_meaning && !tool.contains(target.as_ref())) {
            fold(&tool);
        }
    });
    let typed = EventListener::new(&document(), "keydown", |event: &Event| {
        let is_escape = event.dyn_ref::<KeyboardEvent>().is_some_and(|it| it.key() == "Escape");
        let target = event.target().and_then(|it| it.dyn_into::<Node>().ok());
        // What a word means lies over it, and is closed first.
        let Some(tool) = unfolded().filter(|tool| is_escape && tool.contains(target.as_ref()) && shown().is_none())
        else {
            return;
        };
        fold(&tool);
        let summary = tool.query_selector("summary").ok().flatten().and_then(|it| it.dyn_into::<HtmlElement>().ok());
        if let Some(Err(error)) = summary.map(|it| it.focus()) {
            gloo::console::error!("the focus could not be moved", error);
        }
    });
    [pressed, typed]
}

/// The one that is unfolded, if one is.
fn unfolded() -> Option<Element> {
    document().query_selector(".tool[open]").ok()?
}

/// What a word means, while that is shown.
fn shown() -> Option<Element> {
    document().query_selector(".meaning:popover-open").ok()?
}

fn fold(tool: &Element) {
    if let Err(error) = tool.remove_attribute("open") {
        gloo::console::error!("it could not be folded up", error);
    }
}

//! Files that are dropped on the page, anywhere.

use super::sharing;
use crate::app::Msg;
use gloo::events::{EventListener, EventListenerOptions};
use gloo::utils::{body, document};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event};
use yew::Callback;

/// What the style sheet knows a page by over which a file is held.
const DROPPING: &str = "data-dropping";

/// Listens until it is dropped itself.
pub(super) struct Dropping {
    _listeners: [EventListener; 3],
}

impl Dropping {
    /// Has the files opened that are dropped. `seed` is that of a run of a scenario.
    pub(super) fn listen(seed: impl Fn() -> u64 + 'static, on_msg: Callback<Msg>) -> Self {
        let on = |name: &'static str, act: Box<dyn Fn(&DragEvent)>| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&document(), name, options, move |event: &Event| {
                if let Some(event) = event.dyn_ref::<DragEvent>().filter(|event| has_files(event)) {
                    event.prevent_default();
                    act(event);
                }
            })
        };
        let over = on("dragover", Box::new(|_| show(true)));
        let leave = on("dragleave", Box::new(|event| show(event.related_target().is_some())));
        let drop_file = move |event: &DragEvent| {
            show(false);
            let file = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0));
            if let Some(file) = file {
                sharing::open(&file, seed(), &on_msg);
            }
        };
        Self { _listeners: [over, leave, on("drop", Box::new(drop_file))] }
    }
}

fn has_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

fn show(is_over: bool) {
    let shown = if is_over { body().set_attribute(DROPPING, "") } else { body().remove_attribute(DROPPING) };
    if let Err(error) = shown {
        gloo::console::error!("the page could not be marked", error);
    }
}

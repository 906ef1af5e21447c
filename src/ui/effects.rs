//! The one place that runs effects: what the model wants of the browser.

use crate::app::{Effect, RecordRef, Theme};
use gloo::storage::{LocalStorage, Storage};
use gloo::utils::document;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::platform::{spawn_local, time::sleep};

/// Where the choice of colours is remembered.
const THEME_KEY: &str = "catchup.theme";
/// The element that an inspector's focus goes to.
const INSPECTOR_HEADING: &str = "inspector-heading";

/// Runs one effect.
pub(super) fn run(effect: Effect) {
    match effect {
        Effect::ApplyTheme(theme) => {
            apply_theme(theme);
            remember_theme(theme);
        }
        Effect::FocusInspector => after_drawing(|| document().get_element_by_id(INSPECTOR_HEADING)),
        Effect::FocusRecord(record) => after_drawing(move || cell_of(record)),
    }
}

/// The colours that were chosen at an earlier visit. A browser that forbids storage has none, and nothing else breaks.
pub(super) fn remembered_theme() -> Theme {
    match LocalStorage::get::<String>(THEME_KEY).as_deref() {
        Ok("light") => Theme::Light,
        Ok("dark") => Theme::Dark,
        Ok(_) | Err(_) => Theme::Auto,
    }
}

fn remember_theme(theme: Theme) {
    if let Err(error) = LocalStorage::set(THEME_KEY, word(theme)) {
        gloo::console::info!(format!("the choice of colours will be forgotten: {error}"));
    }
}

fn apply_theme(theme: Theme) {
    if let Some(root) = document().document_element() {
        let applied = match theme {
            Theme::Auto => root.remove_attribute("data-theme"),
            Theme::Light | Theme::Dark => root.set_attribute("data-theme", word(theme)),
        };
        if let Err(error) = applied {
            gloo::console::error!("the colours could not be put on", error);
        }
    }
}

/// Moves the focus to what `find` finds once the page has been drawn, which Yew does after the present task.
fn after_drawing(find: impl Fn() -> Option<Element> + 'static) {
    spawn_local(async move {
        sleep(Duration::ZERO).await;
        let found = find().and_then(|it| it.dyn_into::<HtmlElement>().ok());
        if let Some(Err(error)) = found.map(|it| it.focus()) {
            gloo::console::error!("the focus could not be moved", error);
        }
    });
}

/// The cell of a record in its lane, or else the newest cell of that lane.
fn cell_of(record: RecordRef) -> Option<Element> {
    let lane = format!("[data-lane=\"{}-{}\"]", record.partition.topic.0, record.partition.partition);
    let find = |cell: &str| document().query_selector(&format!("{lane} {cell}")).ok().flatten();
    find(&format!("[data-offset=\"{}\"]", record.offset)).or_else(|| find("[tabindex=\"0\"]"))
}

const fn word(theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}

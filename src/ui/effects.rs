//! The one place that runs effects: what the model wants of the browser.

use crate::app::{Effect, Theme};
use gloo::storage::{LocalStorage, Storage};
use gloo::timers::callback::Timeout;
use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

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
        Effect::FocusInspector => {
            Timeout::new(0, focus_inspector).forget();
        }
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

fn focus_inspector() {
    let heading = document().get_element_by_id(INSPECTOR_HEADING);
    if let Some(Err(error)) = heading.and_then(|it| it.dyn_into::<HtmlElement>().ok()).map(|it| it.focus()) {
        gloo::console::error!("the inspector could not take the focus", error);
    }
}

const fn word(theme: Theme) -> &'static str {
    match theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}

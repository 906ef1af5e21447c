//! The top of the page: what this is, how its run is sent, kept and opened, other colours.

use super::choice::choice;
use super::field::{button, field};
use super::tour;
use crate::app::{KeepMsg, Msg, Theme};
use crate::scenario::SHIPPED;
use crate::ui::sharing;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

const THEMES: [(Theme, &str, &str); 3] =
    [(Theme::Auto, "auto", "Auto"), (Theme::Light, "light", "Light"), (Theme::Dark, "dark", "Dark")];

/// What stands at the top.
#[derive(Clone, PartialEq)]
pub(super) struct Top {
    pub(super) scenario: Rc<str>,
    pub(super) title: Rc<str>,
    pub(super) summary: Rc<str>,
    pub(super) theme: Theme,
    pub(super) seed: u64,
}

pub(super) fn header(top: &Top, on_msg: &Callback<Msg>) -> Html {
    let Top { scenario, title, summary, theme, seed } = top;
    html! {
        <header class="top">
            <h1 class="brand">{ logo() }{ "Catchup" }</h1>
            <p class="scenario"><strong>{ &**title }</strong>{ " " }{ &**summary }</p>
            <div class="top-tools">
                { scenarios(scenario, title, on_msg) }
                { tour::opener(on_msg) }
                { share(on_msg) }
                { button("button quiet", "Save", Some("Save this run and its other roads as a file"), on_msg, Msg::Keep(KeepMsg::Save)) }
                { open_file(*seed, on_msg) }
                { theme_choice(*theme, on_msg) }
            </div>
        </header>
    }
}

/// The systems to choose from: those that ship, and the present one if it is another.
fn scenarios(name: &Rc<str>, title: &Rc<str>, on_msg: &Callback<Msg>) -> Html {
    let shipped = SHIPPED.iter().map(|(name, text)| (AttrValue::from(*name), AttrValue::from(title_of(text))));
    let is_shipped = SHIPPED.iter().any(|(known, _)| *known == &**name);
    let own = (!is_shipped).then(|| (AttrValue::from(name.clone()), AttrValue::from(title.clone())));
    let on_choice = on_msg.reform(Msg::Load);
    field("field inline", "System", "", choice(None, shipped.chain(own), name, on_choice))
}

/// The heading of a shipped scenario. Its text is not read as a whole for that.
fn title_of(text: &'static str) -> &'static str {
    let title = text.split_once("\"title\": \"").and_then(|(_, rest)| rest.split_once('"'));
    title.map_or("", |(title, _)| title)
}

fn logo() -> Html {
    html! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <rect x="1" y="1" width="30" height="30" rx="8" class="logo-ground" />
            <path d="M7 11 h10 M7 16 h13 M7 21 h16" class="logo-lanes" />
            <path d="M21 8.5 l4 2.5 l-4 2.5 z" class="logo-head" />
        </svg>
    }
}

/// Opens a file from the person's disk.
fn open_file(seed: u64, on_msg: &Callback<Msg>) -> Html {
    let on_msg = on_msg.clone();
    let onchange = Callback::from(move |event: Event| {
        let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        input.set_value(""); // so that the same file can be opened again
        sharing::open(&file, seed, &on_msg);
    });
    html! {
        <label class="button quiet file" title="Open a scenario, or a run that was saved. A file can be dropped on the page too.">
            { "Open" }
            <input type="file" accept=".json,application/json" aria-label="Open a scenario or a saved run" {onchange} />
        </label>
    }
}

/// Sends the run; the focus comes back to it.
fn share(on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(|_: MouseEvent| Msg::Keep(KeepMsg::Share));
    let title = "Copy a link to exactly this run at this instant";
    html! { <button type="button" id="share" class="button quiet" {title} {onclick}>{ "Share" }</button> }
}

fn theme_choice(theme: Theme, on_msg: &Callback<Msg>) -> Html {
    let on_choice = on_msg.reform(|wanted: String| {
        let known = THEMES.into_iter().find(|(_, known, _)| *known == wanted);
        Msg::SetTheme(known.map_or(Theme::Auto, |(theme, _, _)| theme))
    });
    let chosen = THEMES.into_iter().find(|(known, _, _)| *known == theme).map_or("", |(_, word, _)| word);
    let offers = THEMES.into_iter().map(|(_, word, label)| (word.into(), label.into()));
    field("field inline", "Colours", "", choice(None, offers, chosen, on_choice))
}

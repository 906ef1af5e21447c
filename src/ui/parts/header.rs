//! The top of the page: what this is, another scenario, other colours.

use crate::app::{Msg, Theme};
use gloo::file::callbacks::{FileReader, read_as_text};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

const THEMES: [(Theme, &str, &str); 3] =
    [(Theme::Auto, "auto", "Auto"), (Theme::Light, "light", "Light"), (Theme::Dark, "dark", "Dark")];

#[derive(PartialEq, Properties)]
pub(super) struct HeaderProps {
    pub(super) title: Rc<str>,
    pub(super) summary: Rc<str>,
    pub(super) theme: Theme,
    pub(super) seed: u64,
    pub(super) on_msg: Callback<Msg>,
}

#[component]
pub(super) fn Header(props: &HeaderProps) -> Html {
    html! {
        <header class="top">
            <h1 class="brand"><Logo />{ "Catchup" }</h1>
            <p class="scenario"><strong>{ &*props.title }</strong>{ " " }{ &*props.summary }</p>
            <div class="top-tools">
                <OpenFile seed={props.seed} on_msg={props.on_msg.clone()} />
                <ThemeChoice theme={props.theme} on_msg={props.on_msg.clone()} />
            </div>
        </header>
    }
}

#[component]
fn Logo() -> Html {
    html! {
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
            <rect x="1" y="1" width="30" height="30" rx="8" class="logo-ground" />
            <path d="M7 11 h10 M7 16 h13 M7 21 h16" class="logo-lanes" />
            <path d="M21 8.5 l4 2.5 l-4 2.5 z" class="logo-head" />
        </svg>
    }
}

#[derive(PartialEq, Properties)]
struct OpenFileProps {
    seed: u64,
    on_msg: Callback<Msg>,
}

/// Reads a scenario file from the person's disk.
#[component]
fn OpenFile(props: &OpenFileProps) -> Html {
    let reader = use_mut_ref(|| None::<FileReader>);
    let onchange = {
        let (seed, on_msg) = (props.seed, props.on_msg.clone());
        Callback::from(move |event: Event| {
            let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) else { return };
            let Some(file) = input.files().and_then(|files| files.get(0)).map(gloo::file::File::from) else { return };
            input.set_value(""); // so that the same file can be opened again
            let on_msg = on_msg.clone();
            *reader.borrow_mut() = Some(read_as_text(&file, move |text| {
                on_msg.emit(match text {
                    Ok(text) => Msg::Open { text, seed },
                    Err(error) => Msg::Complain(format!("The file could not be read: {error}")),
                });
            }));
        })
    };
    html! {
        <label class="button quiet file">
            { "Open a scenario" }
            <input type="file" accept=".json,application/json" {onchange} />
        </label>
    }
}

#[derive(PartialEq, Properties)]
struct ThemeChoiceProps {
    theme: Theme,
    on_msg: Callback<Msg>,
}

#[component]
fn ThemeChoice(props: &ThemeChoiceProps) -> Html {
    let onchange = props.on_msg.reform(|event: Event| {
        let word = event.target().and_then(|it| it.dyn_into::<HtmlSelectElement>().ok()).map(|it| it.value());
        let theme = THEMES.into_iter().find(|(_, known, _)| Some(*known) == word.as_deref());
        Msg::SetTheme(theme.map_or(Theme::Auto, |(theme, _, _)| theme))
    });
    html! {
        <label class="field inline">
            <span>{ "Colours" }</span>
            <select {onchange}>
                { for THEMES.iter().map(|(theme, word, label)| html! {
                    <option key={*word} value={*word} selected={*theme == props.theme}>{ *label }</option>
                }) }
            </select>
        </label>
    }
}

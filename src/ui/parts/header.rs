//! The top of the page: what this is, another scenario, other colours.

use super::choice::choice;
use super::field::field;
use crate::app::{Msg, Theme};
use crate::scenario;
use gloo::file::callbacks::{FileReader, read_as_text};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

const THEMES: [(Theme, &str, &str); 3] =
    [(Theme::Auto, "auto", "Auto"), (Theme::Light, "light", "Light"), (Theme::Dark, "dark", "Dark")];

pub(super) fn header(title: &str, summary: &str, theme: Theme, seed: u64, on_msg: &Callback<Msg>) -> Html {
    html! {
        <header class="top">
            <h1 class="brand">{ logo() }{ "Catchup" }</h1>
            <p class="scenario"><strong>{ title }</strong>{ " " }{ summary }</p>
            <div class="top-tools">
                <OpenFile {seed} on_msg={on_msg.clone()} />
                { theme_choice(theme, on_msg) }
            </div>
        </header>
    }
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
            if let Some(reason) = scenario::too_large(file.size() as usize) {
                on_msg.emit(Msg::Complain(format!("The file {} was not opened: {reason}.", file.name())));
                return;
            }
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

fn theme_choice(theme: Theme, on_msg: &Callback<Msg>) -> Html {
    let on_choice = on_msg.reform(|wanted: String| {
        let known = THEMES.into_iter().find(|(_, known, _)| *known == wanted);
        Msg::SetTheme(known.map_or(Theme::Auto, |(theme, _, _)| theme))
    });
    let chosen = THEMES.into_iter().find(|(known, _, _)| *known == theme).map_or("", |(_, word, _)| word);
    let offers = THEMES.into_iter().map(|(_, word, label)| (word.into(), label.into()));
    field("field inline", "Colours", "", choice(None, offers, chosen, on_choice))
}

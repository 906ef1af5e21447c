//! A setting: its name, its value to be changed, what it means, and why a value was not taken.

use super::choice::judged_choice;
use super::switch::track;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// How a value is asked for.
pub(super) enum Control {
    /// One of these: a value, and how it reads.
    OneOf(Vec<(&'static str, &'static str)>),
    /// Yes or no.
    Flag,
    /// A text.
    Text,
}

/// What there is to say of a setting.
pub(super) struct Said<'a> {
    pub(super) name: &'static str,
    /// The name in plain words, if there are any: then they are what is read first.
    pub(super) words: Option<&'static str>,
    pub(super) meaning: &'static str,
    pub(super) value: &'a str,
    /// Why the last change was refused, if it was.
    pub(super) refused: Option<&'a String>,
}

pub(super) fn setting(said: &Said<'_>, control: Control, on_value: Callback<String>) -> Html {
    let why_id = said.refused.map(|_| format!("{}-refused", said.name));
    let is_choice = matches!(control, Control::OneOf(_));
    let control = match control {
        Control::OneOf(offers) => {
            let offers = offers.into_iter().map(|(value, text)| (value.into(), text.into()));
            judged_choice(None, offers, said.value, on_value, why_id.clone())
        }
        Control::Flag => flag(said.value == "true", &on_value, why_id.clone()),
        Control::Text => text_input("", said.value, &on_value, why_id.clone()),
    };
    let words = said.words.map(|words| html! { <b key="words">{ words }</b> });
    let class = classes!("setting", words.is_some().then_some("plain"), is_choice.then_some("chosen"));
    html! {
        <div {class} key={said.name}>
            <label><code>{ said.name }</code>{ for words }{ control }<small>{ said.meaning }</small></label>
            <p class="refused" role="status" id={why_id}>{ said.refused.cloned().unwrap_or_default() }</p>
        </div>
    }
}

/// A switch that a label around it names.
fn flag(on: bool, on_value: &Callback<String>, wrong_because: Option<String>) -> Html {
    let onclick = on_value.reform(move |_: MouseEvent| (!on).to_string());
    html! {
        <button type="button" class="switch" role="switch" aria-checked={on.to_string()} aria-describedby={wrong_because} {onclick}>
            { track() }
        </button>
    }
}

/// A field for a text, told when it has been filled in. Without a `name`, a label around it names it. `wrong_because` is the id of
/// what says why its last value was not taken.
pub(super) fn text_input(
    name: &'static str,
    value: &str,
    on_value: &Callback<String>,
    wrong_because: Option<String>,
) -> Html {
    let onchange = on_value.reform(|event: Event| {
        let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        input.map(|input| input.value()).unwrap_or_default()
    });
    let name = (!name.is_empty()).then_some(name);
    let invalid = wrong_because.as_ref().map(|_| "true");
    html! { <input aria-label={name} aria-invalid={invalid} aria-describedby={wrong_because} value={value.to_owned()} autocomplete="off" {onchange} /> }
}

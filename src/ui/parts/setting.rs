//! A setting: its name, its value to be changed, and what it means.

use super::choice::choice;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// How a value is asked for.
pub(super) enum Control {
    /// One of these.
    OneOf(Vec<&'static str>),
    /// A text.
    Text,
}

pub(super) fn setting(
    name: &'static str,
    meaning: &'static str,
    control: &Control,
    value: &str,
    on_value: Callback<String>,
) -> Html {
    let control = match control {
        Control::OneOf(words) => {
            choice(None, words.iter().map(|word| ((*word).into(), (*word).into())), value, on_value)
        }
        Control::Text => text_input("", value, &on_value),
    };
    html! { <label class="setting" key={name}><code>{ name }</code>{ control }<small>{ meaning }</small></label> }
}

/// A field for a text, told when it has been filled in. Without a `name`, a label around it names it.
pub(super) fn text_input(name: &'static str, value: &str, on_value: &Callback<String>) -> Html {
    let onchange = on_value.reform(|event: Event| {
        let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        input.map(|input| input.value()).unwrap_or_default()
    });
    let name = (!name.is_empty()).then_some(name);
    html! { <input aria-label={name} value={value.to_owned()} autocomplete="off" {onchange} /> }
}

//! A setting: its name, its value to be changed, what it means, and why a value was not taken.

use super::choice::judged_choice;
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

/// What there is to say of a setting.
pub(super) struct Said<'a> {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) value: &'a str,
    /// Why the last change was refused, if it was.
    pub(super) refused: Option<&'a String>,
}

pub(super) fn setting(said: &Said<'_>, control: &Control, on_value: Callback<String>) -> Html {
    let why_id = said.refused.map(|_| format!("{}-refused", said.name));
    let control = match control {
        Control::OneOf(words) => {
            let offers = words.iter().map(|word| ((*word).into(), (*word).into()));
            judged_choice(None, offers, said.value, on_value, why_id.clone())
        }
        Control::Text => text_input("", said.value, &on_value, why_id.clone()),
    };
    html! {
        <div class="setting" key={said.name}>
            <label><code>{ said.name }</code>{ control }<small>{ said.meaning }</small></label>
            <p class="refused" role="status" id={why_id}>{ said.refused.cloned().unwrap_or_default() }</p>
        </div>
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

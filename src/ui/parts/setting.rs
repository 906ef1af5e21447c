//! A setting: its name, its value to be changed, what it means, and why a value was not taken.

use super::choice::judged_choice;
use super::switch::track;
use crate::app::view::SettingRow;
use crate::app::{Mend, Msg, Refusal};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};
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
    /// What it is in Kafka, if that has no setting of this name, or what the default is there.
    pub(super) in_kafka: Option<&'a str>,
    /// Why it has no effect now, if it has none.
    pub(super) no_effect: Option<&'a str>,
    pub(super) value: &'a str,
    /// What was refused when it was changed last, if it was: a field for a text shows that, until it is mended or left.
    pub(super) refused: Option<&'a Refusal>,
}

impl<'a> Said<'a> {
    /// What there is to say of one as it is to be shown.
    pub(super) fn of(row: &'a SettingRow) -> Self {
        Self {
            name: row.name,
            words: row.words,
            meaning: row.meaning,
            in_kafka: row.in_kafka.as_deref(),
            no_effect: row.no_effect.as_deref(),
            value: &row.value,
            refused: row.refused.as_ref(),
        }
    }
}

pub(super) fn setting(said: &Said<'_>, control: Control, on_value: Callback<String>, on_msg: &Callback<Msg>) -> Html {
    let why_id = said.refused.map(|_| format!("{}-refused", said.name));
    let shown = said.refused.map_or(said.value, |refusal| &refusal.value);
    let is_choice = matches!(control, Control::OneOf(_));
    let control = match control {
        Control::OneOf(offers) => {
            let offers = offers.into_iter().map(|(value, text)| (value.into(), text.into()));
            judged_choice(None, offers, said.value, on_value, why_id.clone())
        }
        Control::Flag => flag(said.value == "true", &on_value, why_id.clone()),
        Control::Text => text_input("", shown, &on_value, why_id.clone()),
    };
    let words = said.words.map(|words| html! { <b key="words">{ words }</b> });
    let in_kafka =
        said.in_kafka.map(|text| html! { <span key="kafka" class="also">{ "In Kafka: " }{ text }{ "." }</span> });
    let no_effect = said
        .no_effect
        .map(|why| html! { <strong key="idle" class="also">{ "No effect now: " }{ why }{ "." }</strong> });
    let more = in_kafka.into_iter().chain(no_effect);
    let class = classes!("setting", words.is_some().then_some("plain"), is_choice.then_some("chosen"));
    html! {
        <div {class} key={said.name} onkeydown={said.refused.map(|_| on_escape(on_msg))}>
            <label><code>{ said.name }</code>{ for words }{ control }<small>{ said.meaning }<span>{ for more }</span></small></label>
            <p class="refused" role="status" id={why_id}>{ said.refused.map(|refusal| refusal.why.clone()).unwrap_or_default() }</p>
            <div>{ for said.refused.and_then(|refusal| refusal.mend.as_ref()).map(|it| mend(it, on_msg)) }</div>
        </div>
    }
}

/// One press that makes the refused value fit. It goes away with what was in the way, so the focus goes to the setting.
fn mend(mend: &Mend, on_msg: &Callback<Msg>) -> Html {
    let (commands, on_msg) = (mend.commands.clone(), on_msg.clone());
    let onclick = Callback::from(move |event: MouseEvent| {
        let button = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let setting = button.and_then(|it| it.closest(".setting").ok().flatten());
        let control = setting.and_then(|it| it.query_selector("label :is(input, select, button)").ok().flatten());
        if let Some(Err(error)) = control.and_then(|it| it.dyn_into::<HtmlElement>().ok()).map(|it| it.focus()) {
            gloo::console::error!("the focus could not be moved", error);
        }
        on_msg.emit(Msg::DoAll(commands.clone()));
    });
    html! { <button key="mend" type="button" class="button quiet mend" {onclick}>{ &mend.label }</button> }
}

/// Escape leaves a setting as it is, and what it stands in open.
fn on_escape(on_msg: &Callback<Msg>) -> Callback<KeyboardEvent> {
    let on_msg = on_msg.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            on_msg.emit(Msg::ForgetRefusal);
        }
    })
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

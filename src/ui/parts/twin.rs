//! The same as a picture, as a table. It is folded up at first, and drawn only while it is unfolded.

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

pub(super) fn twin(summary: &'static str, unfolded: &UseStateHandle<bool>, table: impl FnOnce() -> Html) -> Html {
    html! {
        <details class="twin" ontoggle={on_toggle(unfolded)}>
            <summary>{ summary }</summary>
            { for unfolded.then(table) }
        </details>
    }
}

/// Notes whether what is pressed is unfolded.
pub(super) fn on_toggle(unfolded: &UseStateHandle<bool>) -> Callback<Event> {
    let unfolded = unfolded.clone();
    Callback::from(move |event: Event| {
        let details = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        unfolded.set(details.is_some_and(|it| it.has_attribute("open")));
    })
}

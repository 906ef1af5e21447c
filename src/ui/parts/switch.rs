//! An on/off switch, named by another element.

use yew::prelude::*;

/// A switch whose name is the text of the element with the id `named_by`; `title` says what it does, unless that goes without saying.
pub(super) fn switch(named_by: &str, title: &'static str, on: bool, on_change: &Callback<bool>) -> Html {
    let title = (!title.is_empty()).then_some(title);
    let onclick = on_change.reform(move |_| !on);
    html! {
        <button type="button" class="switch" role="switch" aria-checked={on.to_string()}
            aria-labelledby={named_by.to_owned()} {title} {onclick}>
            { track() }
        </button>
    }
}

/// What is seen of a switch.
pub(super) fn track() -> Html {
    html! { <span class="switch-track" aria-hidden="true"><span class="switch-thumb"></span></span> }
}

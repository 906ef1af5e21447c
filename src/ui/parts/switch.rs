//! An on/off switch, named by another element.

use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(super) struct SwitchProps {
    /// The id of the element that names it.
    pub(super) named_by: String,
    pub(super) on: bool,
    pub(super) on_change: Callback<bool>,
}

#[component]
pub(super) fn Switch(props: &SwitchProps) -> Html {
    let onclick = {
        let (on, on_change) = (props.on, props.on_change.clone());
        Callback::from(move |_| on_change.emit(!on))
    };
    html! {
        <button type="button" class="switch" role="switch" aria-checked={props.on.to_string()}
            aria-labelledby={props.named_by.clone()} {onclick}>
            <span class="switch-track" aria-hidden="true"><span class="switch-thumb"></span></span>
            <span class="switch-word" aria-hidden="true">{ if props.on { "On" } else { "Off" } }</span>
        </button>
    }
}

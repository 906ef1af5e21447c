//! What is laid open beside the flow: a heading, the way back to what it lies over, and the way out.

use super::field::button;
use crate::app::Msg;
use yew::prelude::*;

/// Lays something open. `back` is what it lies over, as it is called, and what leads there.
pub(super) fn opened(
    class: Classes,
    heading: Html,
    back: Option<(&String, Msg)>,
    body: Html,
    on_msg: &Callback<Msg>,
) -> Html {
    let close = on_msg.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close.emit(Msg::CloseOpened);
        }
    });
    html! {
        <aside class={classes!("inspector", class)} aria-labelledby="inspector-heading" {onkeydown}>
            <div class="panel-head" key="head">
                <h2 id="inspector-heading" tabindex="-1">{ heading }</h2>
                <div class="ways-back">
                    { for back.map(|(name, msg)| way_back(name, msg, on_msg)) }
                    { button("button quiet", "Close", None, on_msg, Msg::CloseOpened) }
                </div>
            </div>
            { body }
        </aside>
    }
}

fn way_back(name: &str, msg: Msg, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(move |_: MouseEvent| msg.clone());
    html! { <button key="back" type="button" class="button quiet" {onclick}>{ format!("Back to {name}") }</button> }
}

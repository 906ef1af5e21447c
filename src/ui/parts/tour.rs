//! The tour: a card that says what is framed at present.

use super::field::button;
use super::prose::prose;
use crate::app::view::TourView;
use crate::app::{Msg, Stop, TourMsg};
use yew::prelude::*;

/// What begins it.
pub(super) fn opener(on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(|_: MouseEvent| Msg::Tour(TourMsg::Go(Stop::default())));
    html! { <button type="button" id="tour-begin" class="button quiet" title="A tour in six stops" {onclick}>{ "Show me around" }</button> }
}

#[inline(never)]
pub(super) fn tour(view: &TourView, on_msg: &Callback<Msg>) -> Html {
    let stop = view.stop;
    let onkeydown = {
        let on_msg = on_msg.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                on_msg.emit(Msg::Tour(TourMsg::End));
            }
        })
    };
    let go = |label, to: Stop, class| button(class, label, None, on_msg, Msg::Tour(TourMsg::Go(to)));
    html! {
        <aside class="tour" aria-labelledby="tour-heading" {onkeydown}>
            <p class="note">{ format!("{} of {}", stop.index() + 1, Stop::ALL.len()) }</p>
            <h2 id="tour-heading" tabindex="-1">{ stop.heading() }</h2>
            <p aria-live="polite">{ prose(&view.text) }</p>
            <div class="tour-tools">
                { button("button quiet", "End the tour", None, on_msg, Msg::Tour(TourMsg::End)) }
                <span class="tour-way">
                    { for stop.previous().map(|it| go("Back", it, "button quiet")) }
                    { for stop.next().map(|it| if view.is_waiting { go("Leave it out", it, "button quiet") } else { go("Next", it, "button primary") }) }
                    { for stop.next().is_none().then(|| button("button primary", "Done", None, on_msg, Msg::Tour(TourMsg::End))) }
                </span>
            </div>
        </aside>
    }
}

//! A run that is being opened, one of an earlier visit, and the link to this one.

use super::field::button;
use crate::app::view::{KeepingView, OfferedView, SharingView};
use crate::app::{Copied, Embed, KeepMsg, Msg};
use crate::ui::sharing::address;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

const fn msg(msg: KeepMsg) -> Msg {
    Msg::Keep(msg)
}

#[inline(never)]
pub(super) fn keeping(view: &KeepingView, on_msg: &Callback<Msg>) -> Html {
    html! {
        <div class="keeping">
            { for view.opening.iter().map(|text| opening(text, on_msg)) }
            { for view.arrival.iter().map(|text| arrival(text, on_msg)) }
            { for view.offer.iter().map(|view| offer(view, on_msg)) }
            { for view.sharing.iter().map(|view| sharing(view, on_msg)) }
        </div>
    }
}

fn opening(text: &str, on_msg: &Callback<Msg>) -> Html {
    html! {
        <p key="opening" class="notice">
            <span>{ text.to_owned() }</span>
            { button("button quiet", "Stop here", Some("Leave the rest of the run away"), on_msg, msg(KeepMsg::StopOpening)) }
        </p>
    }
}

/// A run that came from elsewhere is held: that is said beside what has it go on.
fn arrival(text: &str, on_msg: &Callback<Msg>) -> Html {
    html! {
        <p key="arrival" class="notice arrival" role="status">
            <span>{ text.to_owned() }</span>
            { button("button primary", "Play", None, on_msg, Msg::SetPlaying(true)) }
            { button("button quiet", "Dismiss", None, on_msg, msg(KeepMsg::DismissArrival)) }
        </p>
    }
}

fn offer(view: &OfferedView, on_msg: &Callback<Msg>) -> Html {
    let (go_on, decline) =
        if view.is_set_aside { ("Go back to it", "Forget that run") } else { ("Go on where you were", "No, thanks") };
    html! {
        <p key="offer" class="notice" role={view.is_set_aside.then_some("status")}>
            <span>{ &view.text }</span>
            { button("button quiet", go_on, None, on_msg, msg(KeepMsg::GoOn)) }
            { button("button quiet", decline, None, on_msg, msg(KeepMsg::Decline)) }
        </p>
    }
}

fn sharing(view: &SharingView, on_msg: &Callback<Msg>) -> Html {
    html! {
        <section key="sharing" id="sharing" class="notice sharing" tabindex="-1" aria-label="Send this run">
            <p role="status">{ &view.text }</p>
            { for view.link.iter().map(|(fragment, embed)| links(fragment, embed, on_msg)) }
            <div class="row" key="tools">
                { button("button quiet", "Save as a file", None, on_msg, msg(KeepMsg::Save)) }
                { button("button quiet", "Close", None, on_msg, msg(KeepMsg::CloseSharing)) }
            </div>
        </section>
    }
}

/// The link, and what shows the same within a document.
fn links(fragment: &str, embed: &Embed, on_msg: &Callback<Msg>) -> Html {
    let code = embed.code(&address(embed.tail()));
    let what = format!(
        "For a slide or a document of yours: this code shows {} there, in this run and ready to play.",
        embed.what()
    );
    html! {
        <div key="links" class="links">
            { copied_field("sharing-link", "Link to this run at this instant", address(fragment)) }
            { button("button quiet", "Copy again", None, on_msg, msg(KeepMsg::Copy(Copied::Link))) }
            <p id="sharing-embed-what" class="note">{ what }</p>
            { copied_field("sharing-embed", "Code to embed this run", code) }
            { button("button quiet", "Copy embed code", None, on_msg, msg(KeepMsg::Copy(Copied::Embed))) }
        </div>
    }
}

/// What is copied, to be seen, and copied by hand where the clipboard cannot be reached.
fn copied_field(id: &'static str, name: &'static str, value: String) -> Html {
    let onfocus = Callback::from(|event: FocusEvent| {
        if let Some(field) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
            field.select();
        }
    });
    html! { <input key={id} {id} readonly=true aria-label={name} {value} {onfocus} /> }
}

//! The search for an outage that breaks a promise: what to break, how far it is, what it has found.

use super::choice::choice;
use super::field::{button, field};
use super::part::{Part, part};
use super::prose::prose;
use crate::app::view::{SearchView, breaking, text::thousandths};
use crate::app::{Msg, Panel, SOUGHT, SearchMsg};
use crate::sim::Command;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

const HINT: &str = "Tries random outages in the background, with the settings as they are now, until one does.";

#[inline(never)]
pub(super) fn search(view: &SearchView, on_msg: &Callback<Msg>) -> Html {
    let on_choice = on_msg.reform(|word| Msg::Search(SearchMsg::Choose(word)));
    let offers = SOUGHT.into_iter().map(|promise| (promise.name().into(), breaking(promise).into()));
    let (label, msg) = if view.is_running { ("Cancel", SearchMsg::Cancel) } else { ("Start", SearchMsg::Start) };
    let style = format!("--part: {}", thousandths(view.part));
    html! {
        <section class="panel search" aria-labelledby="search-title" data-panel={Panel::Search.word()}>
            <div class="panel-head"><h2 id="search-title" tabindex="-1">{ "Find an outage that …" }</h2>{ part("tools", Part::PanelTools(Panel::Search), on_msg) }</div>
            <p class="note">{ HINT }</p>
            <div class="row">
                { choice(Some("Find an outage that".into()), offers, view.chosen.name(), on_choice) }
                { button("button quiet", label, None, on_msg, Msg::Search(msg)) }
            </div>
            { for (!view.outlook.is_empty()).then(|| outlook(view, on_msg)) }
            { more(view, on_msg) }
            { for view.is_running.then(|| html! { <span class="bar" key="bar" ~style={style} aria-hidden="true"></span> }) }
            <p class="search-status" role="status" aria-live={if view.is_running { "off" } else { "polite" }}>{ prose(&view.status) }</p>
            { for (!view.found.is_empty()).then(|| found(&view.found, on_msg)) }
        </section>
    }
}

/// What is to be expected, and what to change if that is nothing.
fn outlook(view: &SearchView, on_msg: &Callback<Msg>) -> Html {
    let change = view.change.as_ref().map(|it| change(it, on_msg));
    html! { <div class="row" key="outlook"><span class="note">{ prose(&view.outlook) }</span>{ for change }</div> }
}

fn change((label, commands): &(String, Vec<Command>), on_msg: &Callback<Msg>) -> Html {
    let commands = commands.clone();
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::DoAll(commands.clone()));
    html! { <button key="change" type="button" class="button quiet" {onclick}>{ label }</button> }
}

/// What hardly anybody needs.
fn more(view: &SearchView, on_msg: &Callback<Msg>) -> Html {
    let text = |value: &str, hint: &'static str, msg: fn(String) -> SearchMsg| {
        let onchange = on_msg.reform(move |event: Event| {
            let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
            Msg::Search(msg(input.map(|it| it.value()).unwrap_or_default()))
        });
        html! { <input type="text" inputmode="numeric" value={value.to_owned()} placeholder={hint} {onchange} /> }
    };
    html! {
        <details class="twin">
            <summary>{ "More" }</summary>
            <div class="row">
                { field("field inline", "First seed", "", text(&view.seed, "that of the run", SearchMsg::SetSeed)) }
                { field("field inline", "Seconds of each run", "", text(&view.horizon_s, "60", SearchMsg::SetHorizon)) }
            </div>
        </details>
    }
}

fn found(steps: &[String], on_msg: &Callback<Msg>) -> Html {
    html! {
        <div class="search-found" key="found">
            <ol aria-label="What happens">{ for steps.iter().enumerate().map(|(index, step)| html! { <li key={index}>{ prose(step) }</li> }) }</ol>
            { button("button", "Play it from just before the outage", None, on_msg, Msg::Search(SearchMsg::Play)) }
        </div>
    }
}

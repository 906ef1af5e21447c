//! A service as a card: what it is, whether it is on, how it fares.

use super::shape::{ink, shape};
use super::switch::switch;
use super::word::word;
use crate::app::view::{Lamp, OfferView, ServiceView, text};
use crate::app::{Msg, Term};
use crate::sim::{Command, NewService};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The arrival rates that the slider offers, per minute.
const RATES: [u32; 13] = [0, 6, 12, 30, 60, 120, 240, 600, 1_200, 3_000, 6_000, 12_000, 30_000];

pub(super) fn card(service: &ServiceView, on_msg: &Callback<Msg>) -> Html {
    let id = format!("service-{}", service.id.0);
    let on_change = {
        let name = service.name.to_string();
        on_msg.reform(move |online| Msg::Do(Command::SetServiceOnline { service: name.clone(), online }))
    };
    let ink = service.group.map_or("ink-publisher", ink);
    let lamp = match service.lamp {
        Lamp::On => "on",
        Lamp::Busy => "busy",
        Lamp::Off => "off",
    };
    html! {
        <article class={classes!("card", ink, lamp)} data-card={service.id.0.to_string()} data-topics={service.topics.to_string()}
            data-way={if service.group.is_some() { "out" } else { "in" }} data-live={service.online.to_string()}
            aria-labelledby={id.clone()}>
            <div class="card-head">
                <h2 id={id.clone()}>{ for service.group.map(|index| html! { <span key="shape">{ shape(index) }</span> }) }{ &*service.name }</h2>
                { switch(&id, text::switching(service.online, service.group.is_some()), service.online, &on_change) }
            </div>
            <p class="card-summary">{ &*service.summary }</p>
            <p class={classes!("state", lamp)}><span class="lamp" aria-hidden="true"></span>{ &service.state }</p>
            <div class="card-numbers">{ numbers(service) }</div>
            <div class="card-tools">
                { for service.arrivals_per_min.map(|rate| arrivals(service, rate, on_msg)) }
                { inside(service, on_msg) }
            </div>
        </article>
    }
}

/// The services that may join, each with what it does.
pub(super) fn offers(offers: &[OfferView], on_msg: &Callback<Msg>) -> Html {
    let offer = |offer: &OfferView| {
        let name = offer.name.to_string();
        let onclick = on_msg
            .reform(move |_: MouseEvent| Msg::Do(Command::AddService { service: NewService::Offered(name.clone()) }));
        html! {
            <li key={offer.name.to_string()}>
                <p><b>{ &*offer.name }</b><span class="note">{ &*offer.summary }</span></p>
                <button type="button" class="button quiet" aria-label={format!("Add {}", offer.name)} {onclick}>{ "Add" }</button>
            </li>
        }
    };
    html! {
        <details class="publish card offers">
            <summary>{ "Add a service" }</summary>
            <p class="note">{ "It joins while everything runs. Nobody has to be changed for it, or even told." }</p>
            <ul>{ for offers.iter().map(offer) }</ul>
        </details>
    }
}

fn numbers(service: &ServiceView) -> Html {
    let lag_style = format!("--part: {}", text::thousandths(service.lag_per_mille));
    html! {
        <>
            <dl class="figures">
                <div key="rate"><dt>{ if service.lag.is_some() { "processes" } else { "publishes" } }</dt>
                    <dd>{ &service.rate }<small>{ " /s" }</small></dd></div>
                { for service.lag.map(|lag| html! {
                    <div key="lag"><dt>{ word(Term::Lag, "lag") }</dt>
                        <dd class="lag-number">{ text::grouped(lag) }</dd></div>
                }) }
            </dl>
            { for service.lag.map(|_| html! { <div key="bar" class="bar" ~style={lag_style.clone()} aria-hidden="true"></div> }) }
            { for service.in_progress.iter().map(|text| html! { <p key="progress" class="note">{ text }</p> }) }
        </>
    }
}

/// What a service has to say beyond its numbers, and the way into it.
fn inside(service: &ServiceView, on_msg: &Callback<Msg>) -> Html {
    let onclick = {
        let id = service.id;
        on_msg.reform(move |_: MouseEvent| Msg::OpenService(Some(id)))
    };
    html! {
        <div key="inside" class="inside">
            <span class="note">{ &service.note }</span>
            <button type="button" class="link opener" aria-label={format!("Look inside {}", service.name)} {onclick}>{ "Look inside" }</button>
        </div>
    }
}

fn arrivals(service: &ServiceView, rate: u32, on_msg: &Callback<Msg>) -> Html {
    let nearest = RATES.iter().enumerate().min_by_key(|(_, known)| known.abs_diff(rate)).map_or(0, |(index, _)| index);
    let name = service.name.to_string();
    let oninput = on_msg.reform(move |event: InputEvent| {
        let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        let index = input.and_then(|input| input.value().parse::<usize>().ok()).unwrap_or(nearest);
        let arrivals_per_min = RATES[index.min(RATES.len() - 1)];
        Msg::Do(Command::SetArrivalRate { service: name.clone(), arrivals_per_min })
    });
    let text = format!("{} a minute", text::grouped(u64::from(rate)));
    html! {
        <label key="arrivals" class="field">
            <span>{ "New arrivals: " }<output>{ &text }</output></span>
            <input type="range" min="0" max={(RATES.len() - 1).to_string()} step="1" value={nearest.to_string()}
                aria-valuetext={text.clone()} {oninput} />
        </label>
    }
}

//! One record, laid open.

use super::field::button;
use super::opened::opened;
use super::shape::{outline, shape};
use crate::app::view::{FateView, InspectorView, StuckView};
use crate::app::{Msg, WayOut};
use yew::prelude::*;

#[inline(never)]
pub(super) fn inspector(record: &InspectorView, on_msg: &Callback<Msg>) -> Html {
    let (partition, offset) = (record.record.partition.partition, record.record.offset);
    let heading = html! { { format!("{} · partition {partition} · offset {offset}", record.topic) } };
    let body = html! {
        <>
            <div class="inspector-body">{ record.missing.as_ref().map_or_else(|| contents(record, on_msg), |reason| html! { <p>{ reason }</p> }) }{ stored(record) }</div>
            <div class="inspector-tools">
                { button("button", "Previous", None, on_msg, Msg::SelectNeighbour(-1)) }
                { button("button", "Next", None, on_msg, Msg::SelectNeighbour(1)) }
            </div>
        </>
    };
    opened(Classes::new(), heading, record.back.as_ref().map(|back| (back, Msg::Select(None))), body, on_msg)
}

fn contents(record: &InspectorView, on_msg: &Callback<Msg>) -> Html {
    let none = || html! { <em>{ "none" }</em> };
    html! {
        <>
            <ul class="fates" aria-label="What became of it">{ for record.fates.iter().map(fate) }</ul>
            <div class="ways-out" key="stuck">
                <p key="said" role="status">{ &record.said }</p>
                { for record.stuck.iter().map(|it| ways_out(it, on_msg)) }
            </div>
            <dl class="fields">
                <dt>{ "Key" }</dt><dd>{ record.key.as_ref().map_or_else(none, |key| html! { <code>{ key }</code> }) }</dd>
                <dt>{ "Timestamp" }</dt><dd>{ record.timestamp.clone().unwrap_or_default() }</dd>
                <dt>{ "Headers" }</dt><dd>{ headers(&record.headers) }</dd>
                <dt>{ "Value" }</dt><dd>{ record.value.as_ref().map_or_else(|| html! { <em>{ "null: a tombstone" }</em> }, |value| html! { <pre>{ value }</pre> }) }</dd>
            </dl>
        </>
    }
}

/// How it lies in the log, folded up.
fn stored(record: &InspectorView) -> Option<Html> {
    let row = |(name, value): &(&'static str, String)| html! { <key={*name}><dt>{ *name }</dt><dd>{ value }</dd></> };
    (!record.stored.is_empty()).then(|| {
        html! {
            <details class="fold" key="stored">
                <summary>{ "As the log stores it" }</summary>
                <dl class="fields">{ for record.stored.iter().map(row) }</dl>
            </details>
        }
    })
}

/// What can be done for a service that fails on it.
fn ways_out(stuck: &StuckView, on_msg: &Callback<Msg>) -> Html {
    let way = |way: &WayOut| {
        let msg = Msg::TakeWayOut(stuck.id, way.command.clone());
        html! { <li key={way.label}>{ button("button quiet", way.label, None, on_msg, msg) }<span class="note">{ way.meaning }</span></li> }
    };
    let label = format!("What can be done for {}", stuck.service);
    html! {
        <section key={stuck.id.0} aria-label={label}>
            <p>{ &stuck.text }</p>
            <p><b>{ &stuck.next }</b></p>
            <ul>{ for stuck.ways.iter().map(way) }</ul>
            { button("link", "All its settings", Some("Look inside the service"), on_msg, Msg::OpenService(Some(stuck.id))) }
        </section>
    }
}

fn headers(headers: &[(String, String)]) -> Html {
    if headers.is_empty() {
        return html! { <em>{ "none" }</em> };
    }
    html! { <ul class="headers">{ for headers.iter().map(|(name, value)| html! { <li key={name.clone()}><code>{ format!("{name}: {value}") }</code></li> }) }</ul> }
}

fn fate(fate: &FateView) -> Html {
    html! {
        <li key={fate.index}>{ if fate.processed { shape(fate.index) } else { outline(fate.index) } }<b>{ &*fate.name }</b>{ " " }{ &fate.text }</li>
    }
}

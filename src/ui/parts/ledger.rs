//! What became of every update: a line a group that adds up, each number of which opens its list.

use super::opened::opened;
use super::part::{Part, part};
use super::shape::{ink, shape};
use crate::app::view::{LedgerLine, LedgerTerm, ListRow, ListView};
use crate::app::{Msg, Panel};
use crate::sim::ServiceId;
use crate::time::Instant;
use yew::prelude::*;

pub(super) fn ledger(lines: &[LedgerLine], on_msg: &Callback<Msg>) -> Html {
    html! {
        <section class="panel ledger" aria-labelledby="ledger-title" data-panel={Panel::Ledger.word()}>
            <div class="panel-head"><h2 id="ledger-title">{ "What became of every update" }</h2>{ part("tools", Part::PanelTools(Panel::Ledger), on_msg) }</div>
            <ul class="accounts">{ for lines.iter().map(|it| line(it, on_msg)) }</ul>
        </section>
    }
}

fn line(line: &LedgerLine, on_msg: &Callback<Msg>) -> Html {
    let verdict = if line.any_lost { "Something was lost." } else { "Nothing lost." };
    html! {
        <li key={key_of(line)} class={classes!(line.index.map_or("ink-publisher", ink), line.any_lost.then_some("lost"))} data-line={line.service.0.to_string()}>
            <p>{ for line.index.map(shape) }<b>{ verdict }</b>{ format!(" {}:", line.name) }{ for line.terms.iter().map(|it| term(line.service, it, on_msg)) }</p>
            { for line.unfollowed.iter().map(|text| html! { <p key="unfollowed" class="note">{ text }</p> }) }
            { for line.late.iter().map(|text| html! { <p key="late" class="note">{ text }</p> }) }
            { for line.warning.iter().map(|text| html! { <p key="warning" class="warning"><b>{ "! " }</b>{ text }</p> }) }
        </li>
    }
}

/// What tells a line from the others: groups have their place, and a publisher may have a line beside them.
pub(super) fn key_of(line: &LedgerLine) -> String {
    line.index.map_or_else(|| format!("publisher-{}", line.service.0), |index| index.to_string())
}

fn term(service: ServiceId, term: &LedgerTerm, on_msg: &Callback<Msg>) -> Html {
    let listed = term.listed;
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::OpenList(Some((service, listed))));
    // What only follows begins no line.
    let (before, sign) = if term.sign == ";" { ("; ", "") } else { (" ", term.sign) };
    html! {
        <key={term.word}>{ before }<span class="term">{ sign }{ if sign.is_empty() { "" } else { " " } }<button type="button" class="link" title="Show which" {onclick}>{ &term.number }{ " " }{ term.word }</button></span></>
    }
}

/// The records behind a number.
#[inline(never)]
pub(super) fn list(list: &ListView, on_msg: &Callback<Msg>) -> Html {
    let body = html! {
        <>
            <p class="note">{ list.meaning }</p>
            <p class="note">{ if list.rows.is_empty() { "None so far." } else { "" } }</p>
            <ul class="entries" aria-label="The newest first">{ for list.rows.iter().map(|it| row(it, on_msg)) }</ul>
            <p class="note">{ list.rest.clone().unwrap_or_default() }</p>
        </>
    };
    opened(Classes::new(), html! { { &list.title } }, None, body, on_msg)
}

fn row(row: &ListRow, on_msg: &Callback<Msg>) -> Html {
    let record = row.record;
    let open = on_msg.reform(move |_: MouseEvent| Msg::Select(Some(record)));
    let key = format!("{}-{}-{}", record.partition.partition, record.offset, row.at.map_or(0, Instant::as_us));
    html! {
        <li {key}>
            <button type="button" class="link" onclick={open}>{ &row.place }</button>
            <span>{ &row.text }</span>
            { for row.at.map(|at| moment(at, on_msg)) }
        </li>
    }
}

/// A button that goes to a moment of the run.
pub(super) fn moment(at: Instant, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::Seek(at));
    html! { <button key="moment" type="button" class="button quiet" {onclick}>{ "Go to that moment" }</button> }
}

//! What the services promise, and whether they keep it: a line that unfolds to a list.

use super::ledger::moment;
use super::part::{Part, part};
use super::word::word;
use crate::app::view::{PromiseRow, PromisesView};
use crate::app::{Msg, Panel, RecordRef, Term};
use yew::prelude::*;

#[inline(never)]
pub(super) fn promises(view: &PromisesView, on_msg: &Callback<Msg>) -> Html {
    let unfold = !view.is_unfolded;
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::UnfoldPromises(unfold));
    html! {
        <section class={classes!("panel", "promises", view.is_unfolded.then_some("unfolded"))} aria-label="Promises" data-panel={Panel::Promises.word()}>
            <div class="panel-head"><h2>{ "What the services " }{ word(Term::Promise, "promise") }</h2>{ part("tools", Part::PanelTools(Panel::Promises), on_msg) }</div>
            <button type="button" class={classes!("promises-line", view.worst.name())} aria-expanded={view.is_unfolded.to_string()} {onclick}>
                <b class="sign" aria-hidden="true">{ view.worst.sign() }</b><span>{ &view.line }</span>
            </button>
            <ul hidden={!view.is_unfolded}>{ for view.rows.iter().enumerate().map(|(index, it)| row(index, it, on_msg)) }</ul>
            <p class="note" hidden={!view.is_unfolded}>{ view.bound.clone().unwrap_or_default() }</p>
        </section>
    }
}

fn row(index: usize, row: &PromiseRow, on_msg: &Callback<Msg>) -> Html {
    html! {
        <li key={index} class={row.mark.name()}>
            <b class="sign" aria-hidden="true">{ row.mark.sign() }</b>
            <div>
                <p><b>{ &*row.service }</b>{ format!(": {}. ", row.sentence) }<strong>{ &row.verdict }</strong></p>
                <p class="note">{ &row.why }</p>
                <div class="row" hidden={row.at.is_none()}>
                    { for row.at.map(|at| moment(at, on_msg)) }
                    { for row.record.map(|record| open(record, on_msg)) }
                </div>
            </div>
        </li>
    }
}

fn open(record: RecordRef, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::Select(Some(record)));
    let label = format!("The record at offset {} of partition {}", record.offset, record.partition.partition);
    html! { <button key="record" type="button" class="button quiet" {onclick}>{ label }</button> }
}

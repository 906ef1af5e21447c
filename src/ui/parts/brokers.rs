//! The brokers, folded up: a row for each, with a switch.

use super::field::button;
use super::switch::switch;
use super::word::word;
use crate::app::view::{BrokerRow, BrokersView};
use crate::app::{Msg, Term};
use crate::sim::Command;
use yew::prelude::*;

const HINT: &str = "A broker is a server that stores partitions. Switch one off: after a few seconds others take over, and \
                    nothing acknowledged with acks=all is lost, unless unclean.leader.election.enable is on.";

#[inline(never)]
pub(super) fn brokers(view: &BrokersView, on_msg: &Callback<Msg>) -> Html {
    html! {
        <details class="more brokers">
            <summary><b>{ "Brokers" }</b><span class="note">{ &view.summary }</span></summary>
            <p class="note">{ HINT }</p>
            <div class="scroll" tabindex="0" role="region" aria-label="The brokers">
                <table class="lag-table" role="table">
                    <thead role="rowgroup"><tr role="row">
                        { explained(Term::Broker, "Broker") }
                        { for ["On", "State"].map(column) }
                        { explained(Term::Leader, "Leads") }
                        { explained(Term::InSync, "In sync") }
                        { explained(Term::Coordinator, "Coordinates") }
                        { column("Network") }
                    </tr></thead>
                    <tbody role="rowgroup">{ for view.rows.iter().map(|broker| row(broker, on_msg)) }</tbody>
                </table>
            </div>
        </details>
    }
}

fn column(text: &'static str) -> Html {
    html! { <th key={text} scope="col" role="columnheader">{ text }</th> }
}

/// The heading of a column whose word explains itself.
fn explained(term: Term, text: &'static str) -> Html {
    html! { <th key={text} scope="col" role="columnheader">{ word(term, text) }</th> }
}

/// What a number is, beside it: for a narrow window, where a broker is a card and columns have no headings.
fn label(term: Term, text: &'static str) -> Html {
    html! { <span class="cell-label">{ word(term, text) }</span> }
}

/// What its switch does.
const fn title_of(is_online: bool) -> &'static str {
    if is_online { "Switch it off: it crashes, and others lead once that is noticed" } else { "Start it again" }
}

fn row(row: &BrokerRow, on_msg: &Callback<Msg>) -> Html {
    let (broker, connected) = (row.number, !row.is_connected);
    let on_change = on_msg.reform(move |online| Msg::Do(Command::SetBrokerOnline { broker, online }));
    let id = format!("broker-{broker}");
    let network = if row.is_connected { "Cut" } else { "Join" };
    let title = "Nothing gets to it or back: it still believes it is the leader";
    html! {
        <tr key={broker} role="row">
            <th scope="row" role="rowheader" id={id.clone()}>{ format!("broker {broker}") }</th>
            <td role="cell">{ switch(&id, title_of(row.is_online), row.is_online, &on_change) }</td>
            <td role="cell">{ row.state }</td>
            <td role="cell">{ label(Term::Leader, "Leads") }{ row.leads }</td>
            <td role="cell">{ label(Term::InSync, "In sync") }{ &row.in_sync }</td>
            <td role="cell">{ label(Term::Coordinator, "Coordinates") }{ &row.coordinates }</td>
            <td role="cell">{ button("button quiet", network, Some(title), on_msg, Msg::Do(Command::SetBrokerConnected { broker, connected })) }</td>
        </tr>
    }
}

//! The lag of each group as a table.

use super::part::{Part, part};
use super::shape::shape;
use super::table::head;
use super::twin::twin;
use super::word::word;
use crate::app::Term;
use crate::app::view::{LagPart, LagRow, text::grouped};
use crate::app::{Msg, Panel};
use yew::prelude::*;

const COLUMNS: [(Term, &str); 4] =
    [(Term::Lag, "Lag"), (Term::Oldest, "Oldest"), (Term::Generation, "Generation"), (Term::Members, "Members")];

pub(super) fn lag_table(rows: &[LagRow], unfolded: &UseStateHandle<bool>, on_msg: &Callback<Msg>) -> Html {
    html! {
        <section class="panel lag-panel" aria-labelledby="lag-title" data-panel={Panel::Groups.word()}>
            <div class="panel-head"><h2 id="lag-title">{ "How far behind each service is" }</h2>{ part("tools", Part::PanelTools(Panel::Groups), on_msg) }</div>
            <div class="lag-scroll" tabindex="0" role="group" aria-label="Scrolls when there are many groups">
                <table class="lag-table" aria-label="Consumer lag">
                    <thead><tr>
                        <th key="group" scope="col">{ word(Term::Group, "Consumer group") }</th>
                        { for COLUMNS.map(|(term, name)| html! { <th key={name} scope="col">{ word(term, name) }</th> }) }
                    </tr></thead>
                    <tbody>{ for rows.iter().map(row) }</tbody>
                </table>
            </div>
            { twin("By partition", unfolded, || html! { <>{ for rows.iter().map(partitions) }</> }) }
        </section>
    }
}

fn partitions(group: &LagRow) -> Html {
    let part = |part: &LagPart| {
        html! { <tr key={part.name.clone()}><th scope="row">{ &part.name }</th><td>{ grouped(part.lag) }</td><td>{ &part.oldest }</td></tr> }
    };
    html! {
        <table key={group.index}>
            <caption>{ &*group.name }<span class="note">{ format!(": {}", group.pace) }</span></caption>
            { head(None, &["Partition", "Lag", "Oldest"]) }
            <tbody>{ for group.partitions.iter().map(part) }</tbody>
        </table>
    }
}

fn row(row: &LagRow) -> Html {
    html! {
        <tr key={row.index}>
            <th scope="row">{ shape(row.index) }{ &*row.name }</th>
            <td class="lag-number">{ grouped(row.lag) }</td><td>{ &row.oldest }</td><td>{ row.generation }</td><td>{ row.members }</td>
        </tr>
    }
}

//! The lag of each group as a table.

use super::part::{Part, part};
use super::shape::shape;
use super::table::head;
use super::twin::twin;
use super::word::word;
use crate::app::Term;
use crate::app::view::{LagOrder, LagPart, LagRow, text::grouped};
use crate::app::{Msg, Panel};
use std::rc::Rc;
use yew::prelude::*;

/// The columns beside the group's name; and by which of them the rows can be ordered.
const COLUMNS: [(Term, &str, Option<LagOrder>); 5] = [
    (Term::Group, "Consumer group", Some(LagOrder::Name)),
    (Term::Lag, "Lag", Some(LagOrder::Lag)),
    (Term::Oldest, "Oldest", None),
    (Term::Generation, "Generation", None),
    (Term::Members, "Members", Some(LagOrder::Members)),
];
/// How many rows are seen at once, about: from more on, it is said that the table scrolls.
const ROWS_SEEN: usize = 11;

#[derive(PartialEq, Properties)]
pub(super) struct LagTableProps {
    pub(super) rows: Rc<Vec<LagRow>>,
    /// Whether the table by partition is unfolded.
    pub(super) unfolded: UseStateHandle<bool>,
    pub(super) on_msg: Callback<Msg>,
}

/// The table, in the order that the person has chosen.
#[component]
pub(super) fn LagTable(props: &LagTableProps) -> Html {
    let order = use_state(|| LagOrder::Given);
    let rows = order.of(&props.rows);
    let is_long = rows.len() > ROWS_SEEN;
    html! {
        <section class="panel lag-panel" aria-labelledby="lag-title" data-panel={Panel::Groups.word()}>
            <div class="panel-head"><h2 id="lag-title">{ "How far behind each service is" }</h2>{ part("tools", Part::PanelTools(Panel::Groups), &props.on_msg) }</div>
            <div class={classes!("lag-scroll", is_long.then_some("long"))} tabindex="0" role="group" aria-label="Scrolls when there are many groups">
                <table class="lag-table" aria-label="Consumer lag">
                    <thead><tr>{ for COLUMNS.map(|column| head_of(column, &order)) }</tr></thead>
                    <tbody>{ for rows.iter().copied().map(row) }</tbody>
                </table>
            </div>
            { for is_long.then(|| html! { <p key="count" class="note">{ format!("{} groups: the list scrolls.", rows.len()) }</p> }) }
            { twin("By partition", &props.unfolded, || html! { <>{ for rows.iter().copied().map(partitions) }</> }) }
        </section>
    }
}

/// The head of a column: what it means, and the button that orders the rows by it.
fn head_of((term, name, by): (Term, &'static str, Option<LagOrder>), order: &UseStateHandle<LagOrder>) -> Html {
    let sorter = by.map(|by| {
        let is_chosen = **order == by;
        let onclick = {
            let order = order.clone();
            Callback::from(move |_: MouseEvent| order.set(if is_chosen { LagOrder::Given } else { by }))
        };
        let label = format!("Sort by {}", name.to_lowercase());
        let title = if is_chosen { "Back to the order of the page" } else { by.meaning() };
        let sign = match (is_chosen, by == LagOrder::Lag) {
            (false, _) => "\u{2195}",
            (true, true) => "\u{25be}",
            (true, false) => "\u{25b4}",
        };
        html! { <button key="sorter" type="button" class="sorter" aria-label={label} {title} {onclick}>{ sign }</button> }
    });
    let sort = by.filter(|by| **order == *by).map(|by| if by == LagOrder::Lag { "descending" } else { "ascending" });
    html! { <th key={name} scope="col" aria-sort={sort}>{ word(term, name) }{ for sorter }</th> }
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
            <th scope="row" title={row.name.to_string()}>{ shape(row.index) }{ &*row.name }</th>
            <td class="lag-number">{ grouped(row.lag) }</td><td>{ row.why.map_or_else(|| html! { { &row.oldest } }, |term| word(term, &row.oldest)) }</td><td>{ row.generation }</td><td>{ row.members }</td>
        </tr>
    }
}

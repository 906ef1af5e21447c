//! The lag of each group as a table.

use super::shape::shape;
use super::table::{column, head};
use crate::app::view::{LagPart, LagRow, text::grouped};
use yew::prelude::*;

const COLUMNS: [(&str, Option<&str>); 5] = [
    ("Consumer group", None),
    ("Lag", Some("Log end offset less committed offset, over all partitions")),
    ("Oldest", Some("How old the oldest record is that the group has not read")),
    ("Generation", Some("How often the group's membership was settled")),
    ("Members", Some("Instances in the group")),
];

pub(super) fn lag_table(rows: &[LagRow]) -> Html {
    html! {
        <section class="panel lag-panel">
            <table class="lag-table" aria-label="Consumer lag">
                <thead><tr>
                    { for COLUMNS.map(|(name, title)| column(name, title)) }
                </tr></thead>
                <tbody>{ for rows.iter().map(row) }</tbody>
            </table>
            <details class="twin">
                <summary>{ "By partition" }</summary>
                { for rows.iter().map(partitions) }
            </details>
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

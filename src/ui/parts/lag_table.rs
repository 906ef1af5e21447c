//! The lag of each group as a table.

use super::shape::shape;
use super::table::column;
use crate::app::view::{LagRow, text::grouped};
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
        </section>
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

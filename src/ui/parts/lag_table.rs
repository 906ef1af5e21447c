//! The lag of each group as a table, with what became of its records.

use super::shape::shape;
use crate::app::view::{LagRow, text::grouped};
use yew::prelude::*;

pub(super) fn lag_table(rows: &[LagRow]) -> Html {
    html! {
        <section class="panel lag-panel">
            <table class="lag-table" aria-label="Consumer lag">
                <thead><tr>
                    <th scope="col">{ "Consumer group" }</th>
                    <th scope="col" title="Log end offset less committed offset, over all partitions">{ "Lag" }</th>
                    <th scope="col" title="How often the group's membership was settled">{ "Generation" }</th>
                    <th scope="col" title="Instances in the group">{ "Members" }</th>
                </tr></thead>
                <tbody>{ for rows.iter().map(row) }</tbody>
            </table>
            <ul class="accounts" aria-label="What became of every update">{ for rows.iter().map(account) }</ul>
        </section>
    }
}

fn row(row: &LagRow) -> Html {
    html! {
        <tr key={row.index}>
            <th scope="row">{ shape(row.index) }{ &*row.name }</th>
            <td class="lag-number">{ grouped(row.lag) }</td><td>{ row.generation }</td><td>{ row.members }</td>
        </tr>
    }
}

fn account(row: &LagRow) -> Html {
    html! {
        <li key={row.index} class={classes!(row.any_lost.then_some("lost"))}>
            <b>{ if row.any_lost { "Something was lost. " } else { "Nothing lost. " } }</b>
            { format!("{}: {}", row.name, row.account) }
        </li>
    }
}

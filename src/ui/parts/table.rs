//! The head of a table.

use yew::prelude::*;

/// A heading for each column.
pub(super) fn head(class: Option<&'static str>, columns: &[&str]) -> Html {
    let column = |name: &&str| html! { <th key={*name} scope="col">{ *name }</th> };
    html! { <thead {class}><tr>{ for columns.iter().map(column) }</tr></thead> }
}

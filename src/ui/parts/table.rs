//! The head of a table.

use yew::prelude::*;

/// A heading for each column.
pub(super) fn head(class: Option<&'static str>, columns: &[&str]) -> Html {
    let columns = columns.iter().map(|name| (*name, None));
    html! { <thead {class}><tr>{ for columns.map(|(name, title)| column(name, title)) }</tr></thead> }
}

/// The heading of one column, and what more there is to say of it.
pub(super) fn column(name: &str, title: Option<&'static str>) -> Html {
    html! { <th key={name} scope="col" {title}>{ name }</th> }
}

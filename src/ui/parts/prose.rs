//! A sentence in which names look like names.

use crate::app::view::text::NAME_MARK;
use yew::prelude::*;

/// The sentence, with what is marked in it set apart.
pub(super) fn prose(text: &str) -> Html {
    let part = |(index, part): (usize, &str)| {
        if index % 2 == 0 {
            html! { part }
        } else {
            html! { <b class="name" key={index}>{ part }</b> }
        }
    };
    html! { <>{ for text.split(NAME_MARK).enumerate().map(part) }</> }
}

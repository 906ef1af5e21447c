//! The shape of a group: what tells groups apart for those who do not see their colours.

use yew::prelude::*;

/// How many shapes, and how many colours there are; together they tell this many times as many groups apart.
const KINDS: usize = 5;

/// The class that gives something the colour of the group at `index`.
pub(super) const fn ink(index: usize) -> &'static str {
    // With each round through the shapes the colours move on by one, so that no two of 25 groups look the same.
    match (index + index / KINDS) % KINDS {
        0 => "ink-0",
        1 => "ink-1",
        2 => "ink-2",
        3 => "ink-3",
        _ => "ink-4",
    }
}

/// The full shape of the group at `index`.
pub(super) fn shape(index: usize) -> Html {
    drawn(index, None)
}

/// Its outline.
pub(super) fn outline(index: usize) -> Html {
    drawn(index, Some("hollow"))
}

fn drawn(index: usize, style: Option<&'static str>) -> Html {
    let d = match index % KINDS {
        0 => "M1.5 1.5H10.5V10.5H1.5Z",
        1 => "M6 1L11 10.5H1Z",
        2 => "M6 1.2A4.8 4.8 0 1 1 6 10.8A4.8 4.8 0 1 1 6 1.2Z",
        3 => "M6 .8L11.2 6L6 11.2L.8 6Z",
        _ => "M4.3 1H7.7V4.3H11V7.7H7.7V11H4.3V7.7H1V4.3H4.3Z",
    };
    let class = classes!("shape", ink(index), style);
    html! { <svg {class} viewBox="0 0 12 12" aria-hidden="true"><path {d} /></svg> }
}

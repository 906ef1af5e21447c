//! The shape of a group: what tells groups apart for those who do not see their colours.

use yew::prelude::*;

/// The class that gives something the colour of the group at `index`.
pub(super) const fn ink(index: usize) -> &'static str {
    match index % 4 {
        0 => "ink-0",
        1 => "ink-1",
        2 => "ink-2",
        _ => "ink-3",
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
    let d = match index % 4 {
        0 => "M1.5 1.5H10.5V10.5H1.5Z",
        1 => "M6 1L11 10.5H1Z",
        2 => "M6 1.2A4.8 4.8 0 1 1 6 10.8A4.8 4.8 0 1 1 6 1.2Z",
        _ => "M6 .8L11.2 6L6 11.2L.8 6Z",
    };
    let class = classes!("shape", ink(index), style);
    html! { <svg {class} viewBox="0 0 12 12" aria-hidden="true"><path {d} /></svg> }
}

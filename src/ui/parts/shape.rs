//! The shape of a group: what tells groups apart for those who do not see their colours.

use yew::prelude::*;

/// How many shapes, and how many colours there are; together they tell this many times as many groups apart.
const KINDS: usize = 5;

/// The state of a group that has processed a record again: its shape has a frame around it.
pub(super) const AGAIN: &str = "processed-again";
/// The side of a shape, and how far one is from the next, in its own units.
const SIDE: usize = 12;
const COLUMN: usize = 18;
const ROW: usize = 14;
/// The side of a shape in CSS pixels, in one row and in several.
const LARGE_PX: usize = 9;
const SMALL_PX: usize = 7;

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

/// The shapes of several groups in one small picture, each with a class for its state, in rows of `columns`.
///
/// There is one of these in each record of each lane: an element less in it is hundreds less on the page.
pub(super) fn marks(groups: impl Iterator<Item = (usize, &'static str)>, columns: usize) -> Html {
    let columns = columns.max(1);
    let paths: Vec<Html> =
        groups.enumerate().map(|(place, (index, state))| mark(index, state, place, columns)).collect();
    let rows = paths.len().div_ceil(columns).max(1);
    let (width, height) = (columns * COLUMN - (COLUMN - SIDE), rows * ROW - (ROW - SIDE));
    let px = if rows == 1 { LARGE_PX } else { SMALL_PX };
    html! {
        <svg class="marks" viewBox={format!("0 0 {width} {height}")} height={(height * px / SIDE).to_string()} aria-hidden="true">{ for paths }</svg>
    }
}

fn mark(index: usize, state: &'static str, place: usize, columns: usize) -> Html {
    let (x, y) = (place % columns * COLUMN, place / columns * ROW);
    let at = (x + y > 0).then(|| format!("translate({x} {y})"));
    let class = classes!("shape", ink(index), state);
    if state == AGAIN {
        return html! { <g key={index} transform={at}><path {class} d={outline_of(index)} /><path class="frame" d="M-2-2H14V14H-2Z" /></g> };
    }
    html! { <path key={index} {class} transform={at} d={outline_of(index)} /> }
}

const fn outline_of(index: usize) -> &'static str {
    match index % KINDS {
        0 => "M1.5 1.5H10.5V10.5H1.5Z",
        1 => "M6 1L11 10.5H1Z",
        2 => "M6 1.2A4.8 4.8 0 1 1 6 10.8A4.8 4.8 0 1 1 6 1.2Z",
        3 => "M6 .8L11.2 6L6 11.2L.8 6Z",
        _ => "M4.3 1H7.7V4.3H11V7.7H7.7V11H4.3V7.7H1V4.3H4.3Z",
    }
}

fn drawn(index: usize, style: Option<&'static str>) -> Html {
    let class = classes!("shape", ink(index), style);
    html! { <svg {class} viewBox="0 0 12 12" aria-hidden="true"><path d={outline_of(index)} /></svg> }
}

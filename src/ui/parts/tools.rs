//! What goes with the time line, folded up: what happened when, what the run is held at, the roads that were left.

use super::field::button;
use super::hold::Hold;
use super::icon::{Icon, icon};
use super::part::{Part, part};
use super::prose::prose;
use super::roads::roads;
use super::twin::on_toggle;
use crate::app::view::{MomentRow, ToolsView};
use crate::app::{MarkKind, MomentSign, Msg, Term};
use std::rc::Rc;
use yew::prelude::*;

#[inline(never)]
pub(super) fn tools(view: &Rc<ToolsView>, seed: u64, unfolded: &UseStateHandle<bool>, on_msg: &Callback<Msg>) -> Html {
    let hold = html! { <Hold view={view.clone()} on_msg={on_msg.clone()} /> };
    // While time runs the roads change all the time: they are drawn only while they are looked at.
    let roads = unfolded.then(|| roads(&view.roads, on_msg));
    html! {
        <div class="tools">
            { folded("moments", (Icon::List, "History", "What happened"), 0, moments(&view.moments, on_msg), None) }
            { folded("hold", (Icon::Hold, "Hold", "Hold when …"), view.breakpoints.len(), hold, None) }
            { folded("roads", (Icon::Roads, "Roads", "Other roads"), view.roads.len(), html! { <>{ for roads }</> }, Some(on_toggle(unfolded))) }
            { folded("restart", (Icon::Restart, "Restart", "Start over"), 0, restart(seed, on_msg), None) }
        </div>
    }
}

/// Something that opens above the time bar; only one of them is open at a time. Where there is no room for its name, its picture is
/// shown with a word. How many there are of it has its place also while there are none, so that nothing moves.
fn folded(
    key: &'static str,
    (shown, word, name): (Icon, &'static str, &'static str),
    count: usize,
    content: Html,
    ontoggle: Option<Callback<Event>>,
) -> Html {
    let count = if count == 0 { String::new() } else { format!(" ({count})") };
    html! {
        <details class="tool" name="tools" {key} {ontoggle}>
            <summary class="button" title={name}>{ icon(shown) }<span class="short">{ word }{ " " }</span><span class="tool-name">{ name }</span><span class="tool-count">{ count }</span></summary>
            <div class="tool-body">{ content }</div>
        </details>
    }
}

/// The run anew, with the same seed or another one.
fn restart(seed: u64, on_msg: &Callback<Msg>) -> Html {
    html! {
        <div class="restart">
            { part("seed", Part::Seed(seed), on_msg) }
            { button("button", "Reset", Some("Begin the run anew, with the same seed"), on_msg, Msg::Reset) }
            <p class="note">{ Term::Seed.meaning() }{ " Another seed is another day." }</p>
        </div>
    }
}

fn moments(rows: &[MomentRow], on_msg: &Callback<Msg>) -> Html {
    let row = |(index, row): (usize, &MomentRow)| {
        let at = row.at;
        let onclick = on_msg.reform(move |_| Msg::Seek(at));
        let mark = match row.sign {
            MomentSign::Off => "mark-band",
            MomentSign::On => "mark-on",
            MomentSign::Mark(kind) => class_of(kind),
            MomentSign::Setting => "mark-setting",
            MomentSign::Deed => "mark-deed",
        };
        html! {
            <li key={format!("{}-{index}", row.clock)}>
                <button type="button" class="moment" {onclick} title="Look at this instant">
                    <i class={classes!("mark", mark)} aria-hidden="true"></i><time>{ &row.clock }</time><span>{ prose(&row.text) }</span></button>
            </li>
        }
    };
    if rows.is_empty() {
        return html! { <p class="note">{ "Nothing out of the ordinary so far. Switch a service off or change a setting, and it will be noted here." }</p> };
    }
    html! { <ol class="moments">{ for rows.iter().enumerate().map(row) }</ol> }
}

/// The look of a mark on the line.
pub(super) const fn class_of(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Rebalance => "mark-rebalance",
        MarkKind::Lost => "mark-lost",
        MarkKind::Again => "mark-again",
        MarkKind::CaughtUp
        | MarkKind::Processed
        | MarkKind::Skipped
        | MarkKind::Retried
        | MarkKind::SetAside
        | MarkKind::Started => "mark-back",
        MarkKind::Joined => "mark-joined",
        MarkKind::Left => "mark-left",
        MarkKind::Election => "mark-election",
        MarkKind::Stuck | MarkKind::Stopped => "mark-stuck",
    }
}

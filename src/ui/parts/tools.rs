//! What goes with the time line, folded up: what happened when, what the run is held at, the roads that were left.

use super::field::button;
use super::hold::Hold;
use super::icon::{Icon, icon};
use super::part::{Part, part};
use super::prose::prose;
use super::setting::text_input;
use super::table::head;
use crate::app::view::{MomentRow, RoadRow, RoadView, ToolsView};
use crate::app::{MarkKind, MomentSign, Msg, Term};
use std::rc::Rc;
use yew::prelude::*;

#[inline(never)]
pub(super) fn tools(view: &Rc<ToolsView>, seed: u64, on_msg: &Callback<Msg>) -> Html {
    let hold = html! { <Hold view={view.clone()} on_msg={on_msg.clone()} /> };
    html! {
        <div class="tools">
            { folded("moments", (Icon::List, "History", "What happened"), 0, moments(&view.moments, on_msg)) }
            { folded("hold", (Icon::Hold, "Hold", "Hold when …"), view.breakpoints.len(), hold) }
            { folded("roads", (Icon::Roads, "Roads", "Other roads"), view.roads.len(), roads(view, on_msg)) }
            { folded("restart", (Icon::Restart, "Restart", "Start over"), 0, restart(seed, on_msg)) }
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
) -> Html {
    let count = if count == 0 { String::new() } else { format!(" ({count})") };
    html! {
        <details class="tool" name="tools" {key}>
            <summary class="button" title={name}>{ icon(shown) }<span class="short">{ word }{ " " }</span><span class="tool-name">{ name }</span><span class="tool-count">{ count }</span></summary>
            <div class="tool-body">{ content }</div>
        </details>
    }
}

/// The roads that were left, or how there come to be any.
fn roads(view: &ToolsView, on_msg: &Callback<Msg>) -> Html {
    if view.roads.is_empty() {
        return html! { <p class="note">{ "There is one road so far. Go back in time and do something else there, and the road that you leave is kept here, to be compared and gone back to." }</p> };
    }
    html! { <ul>{ for each_road(view, on_msg) }</ul> }
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

fn each_road(view: &ToolsView, on_msg: &Callback<Msg>) -> Vec<Html> {
    view.roads.iter().enumerate().map(|(index, it)| road(index, it, on_msg)).collect()
}

fn road(index: usize, road: &RoadView, on_msg: &Callback<Msg>) -> Html {
    let on_name = on_msg.reform(move |name| Msg::RenameBranch(index, name));
    html! {
        <li class="road" key={format!("{index}-{}", road.name)}>
            <div class="road-head">
                { text_input("Name of this road", &road.name, &on_name, None) }
                { button("button quiet", "Go there", Some("Go on from the end of this road; the present one is kept"), on_msg, Msg::TakeBranch(index)) }
                { button("button quiet", "Forget", Some("Do not keep this road"), on_msg, Msg::ForgetBranch(index)) }
            </div>
            <p class="note">{ &road.text }</p>
            { comparison(road) }
        </li>
    }
}

fn comparison(road: &RoadView) -> Html {
    let Some(rows) = &road.compared else {
        return html! { <p class="note">{ "Go there once, and its end can be compared with this run's." }</p> };
    };
    let [here, there] = &road.ends;
    let cell = |[here, there]: &[String; 2]| {
        let class = (here != there).then_some("differs");
        html! { <td {class}>{ here }<span class="unseen">{ " here, " }</span><span aria-hidden="true">{ " | " }</span>{ there }<span class="unseen">{ " there" }</span></td> }
    };
    let row = |row: &RoadRow| {
        html! { <tr key={&*row.service}><th scope="row">{ &*row.service }</th>{ cell(&row.waiting) }{ cell(&row.lost) }{ cell(&row.again) }{ cell(&row.set_aside) }</tr> }
    };
    html! {
        <>
            <table class="road-ends">
                <caption class="note">{ format!("This run at {here} | that road at {there}") }</caption>
                { head(None, &["Service", "Waiting", "Lost", "Done again", "Set aside"]) }
                <tbody>{ for rows.iter().map(row) }</tbody>
            </table>
            { for road.shorter.iter().map(|text| html! { <p class="note" key="shorter">{ text }</p> }) }
        </>
    }
}

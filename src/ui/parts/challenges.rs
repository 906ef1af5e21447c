//! What is worth bringing about: a line that unfolds to a list; and, above the time bar, word of what has just been done.

use super::field::button;
use super::ledger::moment;
use super::part::{Part, part};
use crate::app::view::{ChallengeRow, ChallengesView, DoneView, ToldView};
use crate::app::{Msg, Panel};
use yew::prelude::*;

const INVITATION: &str = "Lose nothing, say something twice, survive a broker: the run itself is the judge.";

#[inline(never)]
pub(super) fn challenges(view: &ChallengesView, on_msg: &Callback<Msg>) -> Html {
    html! {
        <section class="panel challenges" aria-label="Challenges" data-panel={Panel::Challenges.word()}>
            <div class="panel-head">
                <h2>{ "Challenges" }</h2>
                { line(view, on_msg) }
                { part("tools", Part::PanelTools(Panel::Challenges), on_msg) }
            </div>
            <ol hidden={!view.is_unfolded}>{ for view.rows.iter().zip(1..).map(|(it, number)| row(number, it, on_msg)) }</ol>
        </section>
    }
}

/// How many are done; a press shows which.
fn line(view: &ChallengesView, on_msg: &Callback<Msg>) -> Html {
    let (done, all) = view.counted;
    let pips = (0..all).map(|it| html! { <i key={it} class={if it < done { "done" } else { "" }}></i> });
    let content = html! {
        <><span class="pips" aria-hidden="true">{ for pips }</span><b>{ format!("{done} of {all}") }</b><span class="note">{ INVITATION }</span></>
    };
    if !view.is_foldable {
        return html! { <p key="line" class="challenges-line">{ content }</p> };
    }
    let unfold = !view.is_unfolded;
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::UnfoldChallenges(unfold));
    html! {
        <button key="line" type="button" id="challenges-fold" class="challenges-line" aria-expanded={view.is_unfolded.to_string()} {onclick}>{ content }</button>
    }
}

fn row(number: usize, row: &ChallengeRow, on_msg: &Callback<Msg>) -> Html {
    let (mark, said) = if row.done.is_some() { ("✓".to_owned(), "Done: ") } else { (number.to_string(), "") };
    html! {
        <li key={number} class={if row.done.is_some() { "kept" } else { "" }}>
            <b class="sign" aria-hidden="true">{ mark }</b>
            <div>
                <h3><span class="unseen">{ said }</span>{ row.title }</h3>
                <p>{ &row.task }</p>
                { for row.done.iter().map(|it| done(it, on_msg)) }
                <details><summary>{ "Hint" }</summary><p>{ &row.hint }</p></details>
            </div>
        </li>
    }
}

fn done(done: &DoneView, on_msg: &Callback<Msg>) -> Html {
    html! {
        <div class="came" key="done">
            <p><b>{ &done.when }</b>{ " " }{ done.lesson }</p>
            { for done.at.map(|at| moment(at, on_msg)) }
        </div>
    }
}

/// Word of one that has just been done.
pub(super) fn told(view: Option<&ToldView>, on_msg: &Callback<Msg>) -> Html {
    let offer = || html! { <span key="show">{ button("button quiet", "Show challenges", None, on_msg, Msg::ShowChallenges) }</span> };
    html! {
        <div class={if view.is_some() { "earned told" } else { "earned" }} key="told">
            <p role="status">{ view.map(|it| it.text.clone()).unwrap_or_default() }</p>
            { for view.filter(|it| it.is_offered).map(|_| offer()) }
        </div>
    }
}

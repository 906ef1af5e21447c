//! The bus and direct calls side by side: a verdict, a handful of numbers, the knobs.

use super::field::button;
use super::part::{Part, part};
use super::setting::{Control, Said, setting};
use crate::app::view::{ComparedCell, ComparedRow, ComparedView, DirectView, SettingRow, text::thousandths};
use crate::app::{Better, DirectMsg, Msg, Panel};
use crate::direct::DirectSetting;
use crate::sim::Input;
use yew::prelude::*;

const QUESTION: &str = "Would it have gone as well without a bus? The same updates at the same times and the same outages, \
                        but services call each other and wait for the answer.";

#[inline(never)]
pub(super) fn direct(view: &DirectView, on_msg: &Callback<Msg>) -> Html {
    let (label, show) = if view.shown.is_some() { ("Close", false) } else { ("Compare", true) };
    html! {
        <section class={classes!("panel", "direct", view.shown.is_some().then_some("wide"))} aria-labelledby="direct-title" data-panel={Panel::Calls.word()}>
            <div class="panel-head">
                <h2 id="direct-title" tabindex="-1">{ "The same day with direct calls" }</h2>
                { button("button quiet", label, None, on_msg, Msg::Direct(DirectMsg::Show(show))) }
                { part("tools", Part::PanelTools(Panel::Calls), on_msg) }
            </div>
            <p class="note">{ QUESTION }</p>
            { for view.shown.iter().map(|shown| compared(shown, on_msg)) }
        </section>
    }
}

fn compared(view: &ComparedView, on_msg: &Callback<Msg>) -> Html {
    let tone = match view.better {
        Better::Bus => "verdict bus",
        Better::Direct => "verdict calls",
        Better::Neither => "verdict",
    };
    let verdict = match view.percent {
        Some(percent) => format!("The day with direct calls is being computed: {percent} of 100."),
        None => view.verdict.clone(),
    };
    html! {
        <div class="compared" key="compared">
            <p class={tone}>{ verdict }</p>
            <table class="versus">
                <thead><tr><th scope="col"><span class="unseen">{ "What is compared" }</span></th>
                    <th scope="col">{ "On the bus" }</th><th scope="col">{ "With direct calls" }</th></tr></thead>
                <tbody>
                    { for view.rows.iter().map(row) }
                    { said("Who knows whom", &view.knows) }
                    { said("What has to run", &view.parts) }
                </tbody>
            </table>
            { for ignored(&view.ignored) }
            <details class="twin">
                <summary>{ "How services call each other" }</summary>
                { part("knobs", Part::DirectKnobs(view.knobs.clone()), on_msg) }
            </details>
        </div>
    }
}

fn row(row: &ComparedRow) -> Html {
    let [bus, direct] = &row.sides;
    html! {
        <tr key={row.title}>
            <th scope="row">{ row.title }<small>{ row.meaning }</small></th>
            { cell("bus", bus, row.better == Better::Bus) }
            { cell("calls", direct, row.better == Better::Direct) }
        </tr>
    }
}

fn cell(class: &'static str, cell: &ComparedCell, is_better: bool) -> Html {
    let style = format!("--part: {}", thousandths(cell.part));
    html! {
        <td {class}>
            <span class="versus-number"><b>{ &cell.text }</b>{ for is_better.then(|| html! { <span class="better">{ "better" }</span> }) }</span>
            <span class="bar" ~style={style} aria-hidden="true"></span>
            <small>{ &cell.more }</small>
        </td>
    }
}

fn said(title: &'static str, [bus, direct]: &[String; 2]) -> Html {
    html! { <tr key={title}><th scope="row">{ title }</th><td class="bus said">{ bus }</td><td class="calls said">{ direct }</td></tr> }
}

fn ignored(reasons: &[String]) -> Option<Html> {
    (!reasons.is_empty()).then(|| {
        html! { <p class="note" key="ignored">{ format!("Means nothing with direct calls: {}.", reasons.join("; ")) }</p> }
    })
}

/// The knobs.
#[inline(never)]
pub(super) fn knobs(rows: &[SettingRow], on_msg: &Callback<Msg>) -> Html {
    html! { <div class="settings">{ for rows.iter().map(|row| knob(row, on_msg)) }</div> }
}

fn knob(row: &SettingRow, on_msg: &Callback<Msg>) -> Html {
    let control = match row.input {
        Input::Flag | Input::OneOf(_) => Control::Flag,
        Input::Text => Control::Text,
    };
    let (name, told) = (row.name, on_msg.clone());
    let on_value = Callback::from(move |value: String| {
        if let Ok(setting) = DirectSetting::named(name) {
            told.emit(Msg::Direct(DirectMsg::Set { setting, value }));
        }
    });
    setting(&Said::of(row), control, on_value, on_msg)
}

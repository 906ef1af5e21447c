//! What is printed instead of the page.

use super::chart::plot;
use super::ledger::key_of;
use super::prose::prose;
use super::shape::shape;
use crate::app::view::{LedgerLine, MomentRow, PromiseRow, ReportView};
use crate::ui::sharing::address;
use yew::prelude::*;

#[inline(never)]
pub(super) fn report(view: &ReportView) -> Html {
    html! {
        <article class="report">
            <header>
                <h1>{ format!("{}: what happened", view.title) }</h1>
                <p>{ &view.run }{ " " }{ prose(&view.sentence) }</p>
            </header>
            <section class="report-lag"><h2>{ "Lag in records" }</h2>
                <ul class="legend">{ for view.chart.series.iter().filter(|series| series.is_named).map(|series| html! { <li key={series.index}>{ shape(series.index) }{ &*series.name }<b>{ &series.now }</b></li> }) }</ul>
                { plot(&view.chart) }</section>
            <div class="report-columns">
                <section><h2>{ "What happened when" }</h2>
                    { for view.earlier.iter().map(|text| html! { <p key="earlier">{ text }</p> }) }
                    { moments(&view.moments) }</section>
                <section><h2>{ "What became of every update" }</h2><ul>{ for view.ledger.iter().map(line) }</ul>
                    <h2>{ "What was set" }</h2>{ settings(&view.settings) }</section>
            </div>
            <section><h2>{ "What was promised" }</h2>
                { for view.rest.iter().map(|text| html! { <p key="rest">{ text }</p> }) }
                <ul class="report-promises">{ for view.promises.iter().enumerate().map(|(index, it)| promise(index, it)) }</ul></section>
            { for view.fragment.iter().map(|fragment| link(fragment)) }
        </article>
    }
}

fn moments(rows: &[MomentRow]) -> Html {
    if rows.is_empty() {
        return html! { <p>{ "Nothing out of the ordinary." }</p> };
    }
    let row = |(index, row): (usize, &MomentRow)| {
        html! { <li key={index}><time>{ &row.clock }</time><span>{ prose(&row.text) }</span></li> }
    };
    html! { <ol class="report-moments">{ for rows.iter().enumerate().map(row) }</ol> }
}

fn line(line: &LedgerLine) -> Html {
    let verdict = if line.any_lost { "Something was lost." } else { "Nothing lost." };
    let terms = line.terms.iter().map(|term| format!("{} {} {}", term.sign, term.number, term.word).trim().to_owned());
    let terms = terms.collect::<Vec<_>>().join(" ");
    let rest = line.unfollowed.as_deref().unwrap_or_default();
    html! { <li key={key_of(line)}>{ for line.index.map(shape) }<b>{ verdict }</b>{ format!(" {}: {terms}{rest}", line.name) }</li> }
}

fn settings(changed: &[String]) -> Html {
    if changed.is_empty() {
        return html! { <p>{ "Everything as the scenario sets it." }</p> };
    }
    html! { <ul>{ for changed.iter().map(|text| html! { <li key={text.clone()}>{ text }</li> }) }</ul> }
}

fn promise(index: usize, row: &PromiseRow) -> Html {
    html! {
        <li key={index} class={row.mark.name()}><b class="sign" aria-hidden="true">{ row.mark.sign() }</b>
            <span>{ format!("{}: {}. ", row.service, row.sentence) }<strong>{ &row.verdict }</strong></span></li>
    }
}

fn link(fragment: &str) -> Html {
    let address = address(fragment);
    html! { <p key="link" class="report-link">{ "The run itself, to be gone on with: " }<a href={address.clone()}>{ address }</a></p> }
}

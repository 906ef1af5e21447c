//! What became of every update: a line a group that adds up, or a table of many groups; each number opens its list.

use super::opened::opened;
use super::page::ROOMY_READERS;
use super::part::{Part, part};
use super::shape::{ink, shape};
use crate::app::view::{LedgerLine, LedgerTerm, ListRow, ListView, columns};
use crate::app::{Msg, Panel};
use crate::check::Listed;
use crate::sim::ServiceId;
use crate::time::Instant;
use yew::prelude::*;

pub(super) fn ledger(lines: &[LedgerLine], on_msg: &Callback<Msg>) -> Html {
    html! {
        <section class="panel ledger" aria-labelledby="ledger-title" data-panel={Panel::Ledger.word()}>
            <div class="panel-head"><h2 id="ledger-title">{ "What became of every update" }</h2>{ part("tools", Part::PanelTools(Panel::Ledger), on_msg) }</div>
            { if are_many(lines) { table(lines, on_msg) } else { html! { <ul key="lines" class="accounts">{ for lines.iter().map(|it| line(it, on_msg)) }</ul> } } }
        </section>
    }
}

/// Whether the groups are compared column by column, as there is no room for a card of each either.
fn are_many(lines: &[LedgerLine]) -> bool {
    lines.iter().filter(|line| line.index.is_some()).count() > ROOMY_READERS
}

fn line(line: &LedgerLine, on_msg: &Callback<Msg>) -> Html {
    html! {
        <li key={key_of(line)} class={classes!(line.index.map_or("ink-publisher", ink), line.any_lost.then_some("lost"))} data-line={line.service.0.to_string()}>
            <p>{ for line.index.map(shape) }<b>{ verdict(line.any_lost) }</b>{ format!(" {}:", line.name) }{ for line.terms.iter().map(|it| term(line.service, it, on_msg)) }</p>
            { for remarks(line) }
        </li>
    }
}

fn verdict(any_lost: bool) -> &'static str {
    if any_lost { "Something was lost." } else { "Nothing lost." }
}

/// What the numbers of a line do not say.
fn remarks(line: &LedgerLine) -> impl Iterator<Item = Html> {
    let note = |key: &'static str, text: &Option<String>| {
        text.as_ref().map(|text| html! { <p {key} class="note">{ text }</p> })
    };
    let warning =
        line.warning.as_ref().map(|text| html! { <p key="warning" class="warning"><b>{ "! " }</b>{ text }</p> });
    [note("unfollowed", &line.unfollowed), note("late", &line.late), warning].into_iter().flatten()
}

/// Many groups: a row each.
#[inline(never)]
fn table(lines: &[LedgerLine], on_msg: &Callback<Msg>) -> Html {
    let columns = columns(lines);
    let any_lost = lines.iter().any(|line| line.any_lost);
    let head = |&(_, sign, word): &(Listed, &'static str, &'static str)| {
        html! { <th key={word} scope="col">{ sign }{ " " }{ word }</th> }
    };
    html! {
        <div key="table" class="accounts">
            <p class={any_lost.then_some("lost")}><b>{ verdict(any_lost) }</b></p>
            <div class="lag-scroll long" tabindex="0" role="group" aria-label="Scrolls when there are many groups">
                <table class="lag-table" aria-label="What became of every update">
                    <thead><tr><th scope="col">{ "Consumer group" }</th>{ for columns.iter().map(head) }</tr></thead>
                    <tbody>{ for lines.iter().flat_map(|line| [Some(row(line, &columns, on_msg)), remarks_row(line, columns.len())]).flatten() }</tbody>
                </table>
            </div>
        </div>
    }
}

fn row(line: &LedgerLine, columns: &[(Listed, &'static str, &'static str)], on_msg: &Callback<Msg>) -> Html {
    let cell = |&(listed, _, word): &(Listed, &'static str, &'static str)| {
        let term = line.terms.iter().find(|term| term.listed == listed);
        let number = term.map(|term| number(line.service, term, false, on_msg));
        html! { <td key={word}>{ number.unwrap_or_else(|| html! { "–" }) }</td> }
    };
    html! {
        <tr key={key_of(line)} class={line.any_lost.then_some("lost")} data-line={line.service.0.to_string()}>
            <th scope="row" title={line.name.to_string()}>{ for line.index.map(shape) }{ &*line.name }</th>{ for columns.iter().map(cell) }
        </tr>
    }
}

fn remarks_row(line: &LedgerLine, columns: usize) -> Option<Html> {
    let remarks: Vec<Html> = remarks(line).collect();
    (!remarks.is_empty()).then(|| {
        html! { <tr key={format!("{}-remarks", key_of(line))} class="remarks"><td colspan={(columns + 1).to_string()}>{ for remarks }</td></tr> }
    })
}

/// What tells a line from the others: groups have their place, and a publisher may have a line beside them.
pub(super) fn key_of(line: &LedgerLine) -> String {
    line.index.map_or_else(|| format!("publisher-{}", line.service.0), |index| index.to_string())
}

fn term(service: ServiceId, term: &LedgerTerm, on_msg: &Callback<Msg>) -> Html {
    // What only follows begins no line.
    let (before, sign) = if term.sign == ";" { ("; ", "") } else { (" ", term.sign) };
    html! {
        <key={term.word}>{ before }<span class="term">{ sign }{ if sign.is_empty() { "" } else { " " } }{ number(service, term, true, on_msg) }</span></>
    }
}

/// A number that opens its list, with the word for what it counts unless that stands above it.
fn number(service: ServiceId, term: &LedgerTerm, has_word: bool, on_msg: &Callback<Msg>) -> Html {
    let listed = term.listed;
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::OpenList(Some((service, listed))));
    let label = (!has_word).then(|| format!("{} {}", term.number, term.word));
    html! {
        <button type="button" class="link" title="Show which" aria-label={label} {onclick}>{ &term.number }{ for has_word.then(|| html! { <>{ " " }{ term.word }</> }) }</button>
    }
}

/// The records behind a number.
#[inline(never)]
pub(super) fn list(list: &ListView, on_msg: &Callback<Msg>) -> Html {
    let body = html! {
        <>
            <p class="note">{ list.meaning }</p>
            <p class="note">{ if list.rows.is_empty() { "None so far." } else { "" } }</p>
            <ul class="entries" aria-label="The newest first">{ for list.rows.iter().map(|it| entry(it, on_msg)) }</ul>
            <p class="note">{ list.rest.clone().unwrap_or_default() }</p>
        </>
    };
    opened(Classes::new(), html! { { &list.title } }, None, body, on_msg)
}

fn entry(row: &ListRow, on_msg: &Callback<Msg>) -> Html {
    let record = row.record;
    let open = on_msg.reform(move |_: MouseEvent| Msg::Select(Some(record)));
    let key = format!("{}-{}-{}", record.partition.partition, record.offset, row.at.map_or(0, Instant::as_us));
    html! {
        <li {key}>
            <button type="button" class="link" onclick={open}>{ &row.place }</button>
            <span>{ &row.text }</span>
            { for row.at.map(|at| moment(at, on_msg)) }
        </li>
    }
}

/// A button that goes to a moment of the run.
pub(super) fn moment(at: Instant, on_msg: &Callback<Msg>) -> Html {
    let onclick = on_msg.reform(move |_: MouseEvent| Msg::Seek(at));
    html! { <button key="moment" type="button" class="button quiet" {onclick}>{ "Go to that moment" }</button> }
}

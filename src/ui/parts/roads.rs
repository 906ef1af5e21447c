//! The roads that were left: each with its name and the ways to it, and how it went beside this run.

use super::chart::{lags, polyline, scaled};
use super::field::button;
use super::setting::text_input;
use super::word::word;
use crate::app::view::{RoadChart, RoadComparison, RoadLine, RoadReader, RoadSide, RoadView, text::percent};
use crate::app::{Msg, Term};
use yew::prelude::*;

/// The sides in the order of their lines, and the looks of those.
const SIDES: [(RoadSide, &str); 2] = [(RoadSide::Here, "here ink-0"), (RoadSide::There, "there ink-1")];

/// All of them, or how there come to be any.
#[inline(never)]
pub(super) fn roads(roads: &[RoadView], on_msg: &Callback<Msg>) -> Html {
    if roads.is_empty() {
        return html! { <p class="note">{ "There is one road so far. Go back in time and do something else there, and the road that you leave is kept here, to be compared and gone back to." }</p> };
    }
    html! { <ul class="roads">{ for roads.iter().enumerate().map(|(index, it)| road(index, it, on_msg)) }</ul> }
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
            { road.compared.as_ref().map_or_else(unknown, compared) }
        </li>
    }
}

fn unknown() -> Html {
    html! { <p class="note">{ "How it went is not known yet: it came with a file, and nobody has been on it since. Go there once, and it can be compared with this run from its beginning on; this run is kept." }</p> }
}

fn compared(view: &RoadComparison) -> Html {
    html! {
        <>
            <p class="road-verdict">{ &view.verdict }</p>
            { plot(&view.chart) }
            <p class="note">{ &view.instant }{ " A dot marks it on either line. " }{ for view.peaks.iter() }</p>
            { for (!view.readers.is_empty()).then(|| table(&view.readers)) }
            { twin(&view.chart) }
        </>
    }
}

/// Both lines, each with its name at its end.
fn plot(chart: &RoadChart) -> Html {
    let [from, to] = &chart.times;
    let sides = || SIDES.iter().zip(&chart.lines);
    let lines = html! {
        <>
            { for chart.fork.iter().map(|(x, _)| html! { <path key="fork" class="fork" d={format!("M{x} 0V1000")} /> }) }
            { for sides().rev().map(|((_, look), it)| polyline((*look).into(), look, &it.points)) }
        </>
    };
    let around = html! {
        <>
            { for chart.fork.iter().map(fork) }
            { for sides().map(|((side, look), it)| marks(*side, look, it)) }
        </>
    };
    html! {
        <figure class="road-plot">
            <figcaption>{ word(Term::Lag, "Lag") }{ " of all services together" }</figcaption>
            { scaled([&chart.scale, from, to], chart.summary.clone(), around, lines) }
        </figure>
    }
}

fn fork((x, at): &(u32, String)) -> Html {
    html! { <span key="fork" class="fork-name" aria-hidden="true" ~style={format!("left: {}", percent(*x))}>{ format!("{at}: they part") }</span> }
}

/// Where a line is at the instant of the comparison, and its name.
fn marks(side: RoadSide, look: &'static str, line: &RoadLine) -> Html {
    let place = |(x, y): (u32, u32)| format!("left: {}; top: {}", percent(x), percent(1_000 - y));
    let dot = |at| html! { <i key="dot" class={classes!("road-dot", look)} ~style={place(at)}></i> };
    html! {
        <div key={look} aria-hidden="true">
            { for line.dot.map(dot) }
            <span class={classes!("road-name", look)} ~style={place(line.name_at)}>{ side.words() }</span>
        </div>
    }
}

fn table(readers: &[RoadReader]) -> Html {
    html! {
        <table class="road-table">
            <thead><tr><th scope="col"><span class="unseen">{ "Road" }</span></th>
                <th scope="col">{ word(Term::Lag, "Lag") }</th><th scope="col">{ word(Term::Lost, "Lost") }</th>
                <th scope="col">{ word(Term::Again, "Processed again") }</th><th scope="col">{ word(Term::DeadLetter, "Dead letters") }</th></tr></thead>
            { for readers.iter().map(reader) }
        </table>
    }
}

fn reader(reader: &RoadReader) -> Html {
    let row = |(side, cells): &(RoadSide, [String; 4])| {
        let class = (*side == RoadSide::Difference).then_some("difference");
        html! { <tr key={side.words()} {class}><th scope="row">{ side.words() }</th>{ for cells.iter().map(|cell| html! { <td>{ cell }</td> }) }</tr> }
    };
    html! {
        <tbody key={&*reader.service}>
            <tr><th scope="rowgroup" colspan="5">{ &*reader.service }</th></tr>
            { for reader.rows.iter().map(row) }
        </tbody>
    }
}

/// The lines as a table.
fn twin(chart: &RoadChart) -> Html {
    let columns = ["Time", RoadSide::Here.words(), RoadSide::There.words()];
    html! {
        <details class="twin">
            <summary>{ "The lines as a table" }</summary>
            { lags("Lag of all services together, as it was last noted by then", &columns, &chart.rows) }
        </details>
    }
}

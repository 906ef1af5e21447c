//! Lag over time: a line a group, and the same as a table.

use super::part::{Part, part};
use super::shape::{ink, shape};
use super::table::head;
use super::twin::twin;
use crate::app::view::{BandLabel, ChartBand, ChartSeries, ChartView, text::percent};
use crate::app::{ChartSpan, ChartUnit, Msg, Panel};
use yew::prelude::*;
use yew::virtual_dom::Key;

const SPANS: [(ChartSpan, &str); 3] =
    [(ChartSpan::TwoMinutes, "2 min"), (ChartSpan::TenMinutes, "10 min"), (ChartSpan::Everything, "All")];

/// How high a line of names of bands is; the style sheet says the same.
const LABEL_HEIGHT_PX: usize = 17;

const UNITS: [(ChartUnit, &str); 2] = [(ChartUnit::Records, "Records"), (ChartUnit::Seconds, "Seconds")];

pub(super) fn chart(chart: &ChartView, unfolded: &UseStateHandle<bool>, on_msg: &Callback<Msg>) -> Html {
    html! {
        <section class="panel chart" aria-labelledby="chart-title" data-panel={Panel::Lag.word()}>
            <div class="panel-head">
                <h2 id="chart-title">{ "Lag over time" }</h2>
                <ul class="legend">{ for chart.series.iter().filter(|series| series.is_named).map(legend) }{ for unnamed(chart) }</ul>
                <div class="choice" role="group" aria-label="Lag in">
                    { for UNITS.iter().map(|(unit, label)| choice(label, *unit == chart.unit, on_msg, Msg::SetChartUnit(*unit))) }
                </div>
                <div class="choice" role="group" aria-label="Time shown">
                    { for SPANS.iter().map(|(span, label)| choice(label, *span == chart.span, on_msg, Msg::SetChartSpan(*span))) }
                </div>
                { part("tools", Part::PanelTools(Panel::Lag), on_msg) }
            </div>
            { plot(chart) }
            { twin("The same as a table", unfolded, || table(chart)) }
        </section>
    }
}

/// The lines between their scales.
pub(super) fn plot(chart: &ChartView) -> Html {
    let bands = html! {
        <>
            { for chart.bands.iter().enumerate().map(|(index, band)| band_of(index, band)) }
            { for chart.bands.iter().enumerate().filter_map(|(index, band)| Some(band_name(index, band, band.label.as_ref()?))) }
        </>
    };
    let lines = chart.series.iter().map(line).collect();
    let label = format!("{}. {}", heading(chart.unit), chart.summary);
    scaled([&chart.scale_text, &chart.from, &chart.to], label, bands, lines)
}

/// Lines between the largest number and two instants, and what stands around them.
pub(super) fn scaled([top, from, to]: [&str; 3], label: String, around: Html, lines: Html) -> Html {
    html! {
        <div class="plot">
            <span class="scale-top" aria-hidden="true">{ top }</span>
            <span class="scale-bottom" aria-hidden="true">{ "0" }</span>
            <div class="plot-area">
                { around }
                <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label={label}>
                    <path class="grid" d="M0 0H1000 M0 500H1000 M0 1000H1000" />
                    { lines }
                </svg>
            </div>
            <span class="scale-from" aria-hidden="true">{ from }</span>
            <span class="scale-to" aria-hidden="true">{ to }</span>
        </div>
    }
}

fn legend(series: &ChartSeries) -> Html {
    html! { <li key={series.index}>{ shape(series.index) }{ &*series.name }<b>{ &series.now }</b></li> }
}

/// How many lines have no place in the legend.
fn unnamed(chart: &ChartView) -> Option<Html> {
    let count = chart.series.iter().filter(|series| !series.is_named).count();
    (count > 0).then(|| html! { <li key="others">{ format!("and {count} with less lag") }</li> })
}

/// What is shown, in words.
const fn heading(unit: ChartUnit) -> &'static str {
    match unit {
        ChartUnit::Records => "Lag in records",
        ChartUnit::Seconds => "Age of the oldest unread record",
    }
}

fn choice(label: &'static str, is_chosen: bool, on_msg: &Callback<Msg>, msg: Msg) -> Html {
    let onclick = on_msg.reform(move |_: MouseEvent| msg.clone());
    html! { <button type="button" key={label} aria-pressed={is_chosen.to_string()} {onclick}>{ label }</button> }
}

fn line(series: &ChartSeries) -> Html {
    polyline(series.index.into(), ink(series.index), &series.points)
}

/// A line of such a look.
pub(super) fn polyline(key: Key, look: &'static str, points: &[(u32, u32)]) -> Html {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x},{}", 1_000 - y)).collect();
    html! { <polyline {key} class={classes!("line", look)} points={points.join(" ")} /> }
}

fn band_of(index: usize, band: &ChartBand) -> Html {
    let style = format!("left: {}; width: {}", percent(band.from), percent(band.to - band.from));
    let ink = band.index.map_or("ink-publisher", ink);
    html! { <span key={index} class={classes!("band", ink)} title={band.text.clone()} ~style={style}></span> }
}

/// The name of a band, and how many have none beside it.
fn band_name(index: usize, band: &ChartBand, label: &BandLabel) -> Html {
    let top = label.line * LABEL_HEIGHT_PX;
    let style = format!("left: {}; max-width: {}; top: {top}px", percent(label.from), percent(label.room));
    let others = label.others.len();
    let text = if others > 0 { format!("{} +{others}", band.text) } else { band.text.clone() };
    let title: Vec<&str> = std::iter::once(&band.text).chain(&label.others).map(String::as_str).collect();
    let ink = band.index.map_or("ink-publisher", ink);
    html! { <span key={format!("name-{index}")} class={classes!("band-name", ink)} title={title.join(", ")} ~style={style}>{ text }</span> }
}

fn table(chart: &ChartView) -> Html {
    let columns: Vec<&str> = std::iter::once("Time").chain(chart.series.iter().map(|series| &*series.name)).collect();
    lags(heading(chart.unit), &columns, &chart.rows)
}

/// Lines as a table: a time, and a number of each then.
pub(super) fn lags(caption: &'static str, columns: &[&str], rows: &[(String, Vec<String>)]) -> Html {
    html! {
        <table key="table">
            <caption>{ caption }</caption>
            { head(None, columns) }
            <tbody>
                { for rows.iter().map(|(at, lags)| html! {
                    <tr key={at.clone()}><th scope="row">{ at }</th>
                        { for lags.iter().enumerate().map(|(index, lag)| html! { <td key={index}>{ lag }</td> }) }
                    </tr>
                }) }
            </tbody>
        </table>
    }
}

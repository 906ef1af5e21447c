//! Lag over time, as lines.

use super::text::{clock, grouped};
use crate::app::{ChartSpan, Model};
use crate::time::{Instant, Span};
use std::rc::Rc;

/// How many points a line has at most.
const POINTS_MAX: usize = 240;
/// How many rows the table beside the chart has.
const ROWS: usize = 12;
/// The smallest scale, so that a lag of two does not look like a catastrophe.
const SCALE_MIN: u64 = 20;

/// The chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartView {
    /// How much time it shows.
    pub span: ChartSpan,
    /// The lines.
    pub series: Vec<ChartSeries>,
    /// When services were away.
    pub bands: Vec<ChartBand>,
    /// The lag at the top.
    pub scale: u64,
    /// The time at the left.
    pub from: String,
    /// The time at the right.
    pub to: String,
    /// The same as a table: a time, and the lag of each group then.
    pub rows: Vec<(String, Vec<String>)>,
    /// In words.
    pub summary: String,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartSeries {
    /// The group.
    pub name: Rc<str>,
    /// Which of the groups, from 0.
    pub index: usize,
    /// Points from left to right: thousandths of the width, thousandths of the height.
    pub points: Vec<(u32, u32)>,
    /// The lag now.
    pub now: u64,
}

/// A time during which a service was away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartBand {
    /// The service.
    pub name: Rc<str>,
    /// Which of the groups its is, if it reads.
    pub index: Option<usize>,
    /// Where it begins, in thousandths of the width.
    pub from: u32,
    /// Where it ends.
    pub to: u32,
}

/// The chart as it is now.
pub fn chart(model: &Model) -> ChartView {
    let history = model.lag_history();
    let now = model.world().now();
    let from = match model.chart_span {
        ChartSpan::TwoMinutes => before(now, Span::from_ms(120_000)),
        ChartSpan::TenMinutes => before(now, Span::from_ms(600_000)),
        ChartSpan::Everything => Instant::START,
    };
    let first = history.taken().partition_point(|at| *at < from);
    // Strides begin at the same samples from one drawing to the next, or the line would flicker.
    let first = first - first % stride_of(history.taken().len() - first);
    let shown = &history.taken()[first..];
    let scale = history.series().iter().flat_map(|series| &series.lag[first..]).max().copied().unwrap_or(0);
    let scale = round_up(scale.max(SCALE_MIN));
    let series = history.series().iter().enumerate().map(|(index, series)| ChartSeries {
        name: Rc::from(&*series.name),
        index,
        points: points(shown, &series.lag[first..], (from, now), scale),
        now: model.world().lag(series.service),
    });
    let series: Vec<ChartSeries> = series.collect();
    let peaks = history.series().iter().map(|series| series.lag[first..].iter().max().copied().unwrap_or(0));
    ChartView {
        span: model.chart_span,
        bands: bands(model, from, now),
        scale,
        from: clock(from),
        to: clock(now),
        rows: rows(model, first),
        summary: summary(&series, peaks),
        series,
    }
}

fn before(at: Instant, span: Span) -> Instant {
    Instant::from_us(at.as_us().saturating_sub(span.as_us()))
}

/// A pleasant number at the top of the scale: 1, 2 or 5 times a power of ten.
fn round_up(value: u64) -> u64 {
    let mut power = 1;
    loop {
        if let Some(round) = [1, 2, 5].map(|factor| factor * power).into_iter().find(|round| *round >= value) {
            return round;
        }
        power *= 10;
    }
}

fn stride_of(samples: usize) -> usize {
    samples.div_ceil(POINTS_MAX).max(1)
}

fn points(taken: &[Instant], lag: &[u64], (from, to): (Instant, Instant), scale: u64) -> Vec<(u32, u32)> {
    let stride = stride_of(taken.len());
    // Each point is the highest of the samples it stands for: a peak must not fall between two points.
    let strides = taken.chunks(stride).zip(lag.chunks(stride));
    strides
        .filter_map(|(at, lag)| {
            let x = per_mille(at.last()?.since(from), to.since(from));
            let y = lag.iter().max()? * 1_000 / scale;
            Some((x, y as u32))
        })
        .collect()
}

fn per_mille(part: Span, whole: Span) -> u32 {
    (part.as_us().saturating_mul(1_000) / whole.as_us().max(1)).min(1_000) as u32
}

fn bands(model: &Model, from: Instant, now: Instant) -> Vec<ChartBand> {
    let is_shown = |outage: &&crate::app::Outage| outage.to.is_none_or(|to| to > from);
    let groups = model.lag_history().series();
    let outages = model.outages().iter().filter(is_shown);
    outages
        .map(|outage| ChartBand {
            name: Rc::from(model.name(outage.service)),
            index: groups.iter().position(|series| series.service == outage.service),
            from: per_mille(outage.from.since(from), now.since(from)),
            to: per_mille(outage.to.unwrap_or(now).since(from), now.since(from)),
        })
        .collect()
}

fn rows(model: &Model, first: usize) -> Vec<(String, Vec<String>)> {
    let history = model.lag_history();
    let stride = (history.taken().len() - first).div_ceil(ROWS).max(1);
    let indexes = (first..history.taken().len()).step_by(stride);
    let lags = |index: usize| history.series().iter().map(|series| grouped(series.lag[index])).collect();
    indexes.map(|index| (clock(history.taken()[index]), lags(index))).collect()
}

fn summary(series: &[ChartSeries], peaks: impl Iterator<Item = u64>) -> String {
    let tell = |(series, peak): (&ChartSeries, u64)| {
        format!("{}: {} now, {} at most", series.name, grouped(series.now), grouped(peak.max(series.now)))
    };
    series.iter().zip(peaks).map(tell).collect::<Vec<_>>().join("; ")
}

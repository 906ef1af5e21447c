//! Lag over time, as lines.

use super::text::{clock, grouped, seconds};
use crate::app::lateness::oldest_unread;
use crate::app::{ChartSpan, ChartUnit, Model, Outage, Samples, Series, Who};
use crate::time::{Instant, Span};
use std::rc::Rc;

/// How many points a line has at most, besides the one that has just begun.
const POINTS_MAX: u64 = 240;
/// How many rows the table beside the chart has.
const ROWS: usize = 12;
/// The smallest scales, in records and in milliseconds, so that a lag of two does not look like a catastrophe.
const SCALE_MIN: u64 = 50;
const AGE_SCALE_MIN_MS: u64 = 5_000;

/// How long the services must take to start for that to be shown, and how long they may.
const START_MIN: Span = Span::from_ms(1_000);
const START_MAX: Span = Span::from_ms(30_000);

/// The chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartView {
    /// How much time it shows.
    pub span: ChartSpan,
    /// The lines.
    pub series: Vec<ChartSeries>,
    /// When services were away.
    pub bands: Vec<ChartBand>,
    /// What is counted.
    pub unit: ChartUnit,
    /// The lag at the top, in records or milliseconds.
    pub scale: u64,
    /// The same as it is written.
    pub scale_text: String,
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
    /// The lag now, as it is written.
    pub now: String,
    /// Whether it has a place in the legend; with many groups, those have it that lag most.
    pub is_named: bool,
}

/// How many lines of names of bands lie on each other at most.
const LABEL_LINES: usize = 3;
/// About how wide one letter of such a name is, in thousandths of the chart's width; a name that comes out wider is cut short.
const LETTER_WIDTH: u32 = 11;

/// How many groups the legend names.
const NAMED_MAX: usize = 6;

/// A time during which a service was away, or the services started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartBand {
    /// What was so.
    pub text: String,
    /// Which of the groups is concerned, if one is.
    pub index: Option<usize>,
    /// Whether it is the time in which the services start.
    pub is_start: bool,
    /// Where it begins, in thousandths of the width.
    pub from: u32,
    /// Where it ends.
    pub to: u32,
    /// Where its name stands; `None` if there is no room, and another name counts it.
    pub label: Option<BandLabel>,
}

/// Where the name of a band stands, so that no two names lie on each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BandLabel {
    /// In which line from the top.
    pub line: usize,
    /// Where it begins, in thousandths of the width.
    pub from: u32,
    /// How much room there is up to the next name in its line.
    pub room: u32,
    /// What has no name of its own here.
    pub others: Vec<String>,
}

/// The samples of the time that is shown.
struct Window<'a> {
    from: Instant,
    to: Instant,
    samples: &'a Samples,
    /// The first that is shown.
    first: usize,
    /// How many samples one point stands for.
    stride: usize,
    unit: ChartUnit,
}

impl<'a> Window<'a> {
    fn of(model: &'a Model, span: ChartSpan) -> Self {
        let to = model.world().now();
        let from = match span {
            ChartSpan::TwoMinutes => before(to, Span::from_ms(120_000)),
            ChartSpan::TenMinutes => before(to, Span::from_ms(600_000)),
            ChartSpan::Everything => Instant::START,
        };
        let samples = model.lag_history().samples_since(from);
        let shown = to.since(from).as_us() / samples.every().as_us();
        let stride = shown.div_ceil(POINTS_MAX).max(1) as usize;
        let first = samples.taken().partition_point(|at| *at < from);
        // Strides begin at the same samples from one drawing to the next, or the line would flicker.
        Self { from, to, samples, first: first - first % stride, stride, unit: model.chart_unit }
    }

    fn taken(&self) -> &[Instant] {
        &self.samples.taken()[self.first..]
    }

    fn lag(&self, group: usize) -> &[u64] {
        let column = match self.unit {
            ChartUnit::Records => 2 * group,
            ChartUnit::Seconds => 2 * group + 1,
        };
        &self.samples.column(column)[self.first..]
    }

    /// A lag as it is written.
    fn written(&self, lag: u64) -> String {
        match self.unit {
            ChartUnit::Records => grouped(lag),
            ChartUnit::Seconds => seconds(Span::from_ms(lag)),
        }
    }

    fn peak(&self, group: usize) -> u64 {
        self.lag(group).iter().max().copied().unwrap_or(0)
    }

    /// Each point is the highest of the samples it stands for: a peak must not fall between two points.
    fn points(&self, group: usize, scale: u64) -> Vec<(u32, u32)> {
        let strides = self.taken().chunks(self.stride).zip(self.lag(group).chunks(self.stride));
        let point = |(at, lag): (&[Instant], &[u64])| {
            Some((self.x_of(*at.last()?), (lag.iter().max()? * 1_000 / scale) as u32))
        };
        strides.filter_map(point).collect()
    }

    /// Where an instant lies, in thousandths of the width.
    fn x_of(&self, at: Instant) -> u32 {
        (at.since(self.from).as_us().saturating_mul(1_000) / self.to.since(self.from).as_us().max(1)).min(1_000) as u32
    }
}

/// The chart as it is now.
pub fn chart(model: &Model) -> ChartView {
    chart_of(model, model.chart_span)
}

/// The same over so much time.
pub(super) fn chart_of(model: &Model, span: ChartSpan) -> ChartView {
    let window = Window::of(model, span);
    let groups = model.lag_history().series();
    let least = match window.unit {
        ChartUnit::Records => SCALE_MIN,
        ChartUnit::Seconds => AGE_SCALE_MIN_MS,
    };
    let scale = round_up((0..groups.len()).map(|group| window.peak(group)).max().unwrap_or(0).max(least));
    let now: Vec<u64> = groups.iter().map(|group| lag_now(model, window.unit, group)).collect();
    let rank =
        |index: usize| now.iter().enumerate().filter(|(other, lag)| (**lag, index) > (now[index], *other)).count();
    let line = |(index, group): (usize, &Series)| ChartSeries {
        name: if model.world().is_removed(group.service) {
            Rc::from(format!("{} (removed)", group.name))
        } else {
            Rc::from(&*group.name)
        },
        index,
        points: window.points(index, scale),
        now: window.written(now[index]),
        is_named: rank(index) < NAMED_MAX,
    };
    let series: Vec<ChartSeries> = groups.iter().enumerate().map(line).collect();
    ChartView {
        span,
        bands: bands(model, &window),
        unit: window.unit,
        scale,
        scale_text: window.written(scale),
        from: clock(window.from),
        to: clock(window.to),
        rows: rows(&window, model.lag_history().series().len()),
        summary: summary(&series, &window),
        series,
    }
}

fn lag_now(model: &Model, unit: ChartUnit, group: &Series) -> u64 {
    match unit {
        ChartUnit::Records => model.world().lag(group.service),
        ChartUnit::Seconds => oldest_unread(model.world(), group.service).as_ms(),
    }
}

fn before(at: Instant, span: Span) -> Instant {
    Instant::from_us(at.as_us().saturating_sub(span.as_us()))
}

/// A pleasant number at the top of the scale: 1, 2 or 5 times a power of ten.
pub(super) fn round_up(value: u64) -> u64 {
    let mut power = 1;
    loop {
        if let Some(round) = [1, 2, 5].map(|factor| factor * power).into_iter().find(|round| *round >= value) {
            return round;
        }
        power *= 10;
    }
}

fn bands(model: &Model, window: &Window<'_>) -> Vec<ChartBand> {
    let is_shown = |outage: &&Outage| outage.to.is_none_or(|to| to > window.from);
    let groups = model.lag_history().series();
    let outages = model.outages().iter().filter(is_shown);
    let outages = outages.map(|outage| ChartBand {
        text: format!("{} off", model.name_of(outage.who)),
        is_start: false,
        index: groups.iter().position(|series| Who::Service(series.service) == outage.who),
        from: window.x_of(outage.from),
        to: window.x_of(outage.to.unwrap_or(window.to)),
        label: None,
    });
    let mut bands: Vec<ChartBand> = start(model, window).into_iter().chain(outages).collect();
    name_bands(&mut bands);
    bands
}

/// Gives each band a place for its name, in the first line that is free there; the last name before says of how many that was not so.
fn name_bands(bands: &mut [ChartBand]) {
    bands.sort_by_key(|band| band.from);
    let mut lines: [Option<(usize, u32)>; LABEL_LINES] = [None; LABEL_LINES];
    let mut latest = None;
    for index in 0..bands.len() {
        let width = (bands[index].text.chars().count() as u32 + 3) * LETTER_WIDTH;
        let from = bands[index].from.min(1_000u32.saturating_sub(width));
        let free = lines.iter().position(|line| line.is_none_or(|(_, end)| end <= from));
        if let Some(line) = free {
            if let Some((before, _)) = lines[line] {
                let ends_at = |label: &mut BandLabel| label.room = from - label.from;
                bands[before].label.iter_mut().for_each(ends_at);
            }
            bands[index].label = Some(BandLabel { line, from, room: 1_000 - from, others: Vec::new() });
            (lines[line], latest) = (Some((index, from + width)), Some(index));
        } else if let Some(latest) = latest {
            let text = bands[index].text.clone();
            bands[latest].label.iter_mut().for_each(|label: &mut BandLabel| label.others.push(text.clone()));
        }
    }
}

/// The time in which the groups form and then read what has come meanwhile: a peak of lag that nothing else explains. A run in which
/// that never ends does not begin with a peak.
fn start(model: &Model, window: &Window<'_>) -> Option<ChartBand> {
    let until = model.lag_history().started_at().unwrap_or(window.to);
    let is_worth_a_word = window.from < until && (START_MIN..=START_MAX).contains(&until.since(Instant::START));
    let text = "services start".to_owned();
    is_worth_a_word.then(|| ChartBand {
        text,
        is_start: true,
        index: None,
        from: window.x_of(Instant::START),
        to: window.x_of(until),
        label: None,
    })
}

fn rows(window: &Window<'_>, groups: usize) -> Vec<(String, Vec<String>)> {
    let stride = window.taken().len().div_ceil(ROWS).max(1);
    let lags = |index: usize| (0..groups).map(|group| window.written(window.lag(group)[index])).collect();
    let indexes = (0..window.taken().len()).step_by(stride);
    indexes.map(|index| (clock(window.taken()[index]), lags(index))).collect()
}

fn summary(series: &[ChartSeries], window: &Window<'_>) -> String {
    let tell = |series: &ChartSeries| {
        format!("{}: {} now, {} at most", series.name, series.now, window.written(window.peak(series.index)))
    };
    series.iter().map(tell).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::shipped;
    use crate::sim::Command;

    fn model() -> Model {
        Model::new(shipped("delivery").expect("a shipped scenario"), 42)
    }

    #[test]
    fn names_of_bands_never_lie_on_each_other() {
        let band = |from: u32| ChartBand {
            text: format!("service {from} off"),
            index: None,
            is_start: false,
            from,
            to: 1_000,
            label: None,
        };
        let mut bands: Vec<ChartBand> = [0, 10, 700, 710, 720, 730, 740, 995, 996].map(band).into();
        name_bands(&mut bands);
        let labels: Vec<&BandLabel> = bands.iter().filter_map(|band| band.label.as_ref()).collect();
        for (index, label) in labels.iter().enumerate() {
            assert!(label.from + label.room <= 1_000, "{label:?}");
            for other in labels[index + 1..].iter().filter(|other| other.line == label.line) {
                assert!(label.from + label.room <= other.from, "{label:?} lies on {other:?}");
            }
        }
        let told: usize = labels.iter().map(|label| 1 + label.others.len()).sum();
        assert_eq!(told, bands.len(), "each is named or counted");
        assert!(labels.len() < bands.len(), "three lines are not enough here");
    }

    #[test]
    fn a_line_keeps_its_points_while_time_goes_on() {
        let mut model = model();
        model.chart_span = ChartSpan::TenMinutes;
        model.advance_to(Instant::from_ms(700_000));
        for ms in 700_000..700_020 {
            model.advance_to(Instant::from_ms(ms));
            let points = chart(&model).series[0].points.len() as u64;
            assert!((POINTS_MAX..=POINTS_MAX + 1).contains(&points), "{points} points");
        }
    }

    #[test]
    fn lag_can_be_shown_as_the_age_of_what_is_unread() {
        let mut model = model();
        model.advance_to(Instant::from_ms(20_000));
        let command = Command::SetServiceOnline { service: "notifications".to_owned(), online: false };
        model.act(command).expect("there is such a service");
        model.advance_to(Instant::from_ms(80_000));
        model.chart_unit = ChartUnit::Seconds;
        let view = chart(&model);
        assert_eq!(view.scale_text, "1 min 40 s");
        let highest = view.series[1].points.iter().map(|(_, y)| *y).max().expect("a line");
        assert!((550..=620).contains(&highest), "a minute of a hundred seconds: {highest}");
        assert!(
            view.series[1].now.starts_with("1 min 0 s") || view.series[1].now.starts_with("59"),
            "{:?}",
            view.series[1].now
        );
    }

    #[test]
    fn the_highest_lag_is_on_the_line() {
        let mut model = model();
        model.advance_to(Instant::from_ms(20_000));
        let switch = |online| Command::SetServiceOnline { service: "notifications".to_owned(), online };
        model.act(switch(false)).expect("there is such a service");
        model.advance_to(Instant::from_ms(60_000));
        model.act(switch(true)).expect("there is such a service");
        model.advance_to(Instant::from_ms(150_000));
        let view = chart(&model);
        let highest = view.series[1].points.iter().map(|(_, y)| u64::from(*y)).max().expect("a line");
        let peak = model.lag_history().samples_since(Instant::START).column(2).iter().max().expect("samples");
        assert_eq!(highest, peak * 1_000 / view.scale);
        let bands: Vec<&str> = view.bands.iter().map(|band| &*band.text).collect();
        assert_eq!(bands, ["notifications off"], "the start is out of the picture");
    }

    #[test]
    fn the_peak_at_the_start_lies_where_services_are_said_to_start() {
        let mut model = model();
        model.advance_to(Instant::from_ms(20_000));
        let view = chart(&model);
        let [band] = &*view.bands else { panic!("{:?}", view.bands) };
        let (x, _) = view.series[1].points.iter().max_by_key(|(_, lag)| *lag).expect("a line");
        assert!(band.from == 0 && (1..500).contains(&band.to), "{band:?}");
        assert!(*x < band.to, "{band:?}, and the peak is at {x}");
    }
}

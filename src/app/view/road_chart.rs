//! The lag of two roads over time, as two lines from shortly before the instant at which they part. The chart of the run as it is looked
//! at is another one: this one also shows what came later.

use super::chart::round_up;
use super::roads::RoadSide;
use super::text::{clock, grouped, short_clock};
use crate::app::{Course, Stood};
use crate::time::{Instant, Span};

/// How wide the part of the chart is that has one point of a line, in thousandths.
const POINT_WIDTH: u32 = 8;
/// How many rows the table beside the lines has, about.
const ROWS: usize = 8;
/// The smallest scale, as in the chart of the run.
const SCALE_MIN: u64 = 50;
/// What part of the chart lies before the instant at which the roads part, at most: one in so many.
const BEFORE_FORK: u64 = 5;
/// How far apart two names are, in thousandths of the chart's height; and how long a name is, in thousandths of its width.
const NAME_HEIGHT: u32 = 180;
const NAME_WIDTH: u32 = 400;

/// The lag of all services together, on both roads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoadChart {
    /// This run's line and the other road's.
    pub lines: [RoadLine; 2],
    /// Where the roads part, in thousandths of the width, and when.
    pub fork: Option<(u32, String)>,
    /// The lag at the top, as it is written.
    pub scale: String,
    /// The times at the left and at the right; nothing at the left if there is no room for it.
    pub times: [String; 2],
    /// In words.
    pub summary: String,
    /// As a table: a time, and the lag on either.
    pub rows: Vec<(String, Vec<String>)>,
}

/// The line of a road.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoadLine {
    /// Points from left to right: thousandths of the width, thousandths of the height.
    pub points: Vec<(u32, u32)>,
    /// Where it is at the instant at which both are compared.
    pub dot: Option<(u32, u32)>,
    /// Where its name stands.
    pub name_at: (u32, u32),
}

/// What of two courses is drawn, and how large.
struct Frame {
    from: Instant,
    to: Instant,
    scale: u64,
}

impl Frame {
    fn of(courses: [&Course; 2], fork: Option<Instant>) -> Self {
        let to = courses.iter().filter_map(|course| course.to()).max().unwrap_or_default();
        let after = fork.map(|fork| to.since(fork).as_us() / (BEFORE_FORK - 1));
        let from = fork.zip(after).map(|(fork, after)| Instant::from_us(fork.as_us().saturating_sub(after)));
        let from = from.filter(|from| *from < to).unwrap_or_default();
        let [here, there] = courses.map(|course| peak(course, from, to));
        Self { from, to, scale: round_up(here.max(there).max(SCALE_MIN)) }
    }

    fn x_of(&self, at: Instant) -> u32 {
        (at.since(self.from).as_us().saturating_mul(1_000) / self.to.since(self.from).as_us().max(1)).min(1_000) as u32
    }

    fn place(&self, at: Instant, lag: u64) -> (u32, u32) {
        (self.x_of(at), (lag * 1_000 / self.scale).min(1_000) as u32)
    }

    /// Each point is the highest of the samples it stands for: a peak must not fall between two points. What is the same on both
    /// roads is the same line.
    fn points(&self, course: &Course) -> Vec<(u32, u32)> {
        let mut points: Vec<(u32, u32)> = Vec::new();
        for stood in course.since(self.from) {
            let (x, lag) = self.place(stood.at, stood.lag());
            match points.last_mut() {
                Some(last) if last.0 / POINT_WIDTH == x / POINT_WIDTH => *last = (x, lag.max(last.1)),
                Some(_) | None => points.push((x, lag)),
            }
        }
        points
    }
}

/// Both lines; `both` is how things stood on either at the instant at which they are compared.
pub(super) fn chart(courses: [&Course; 2], both: [&Stood; 2], fork: Option<Instant>) -> RoadChart {
    let frame = Frame::of(courses, fork);
    let names = apart(courses.map(|course| course.last().map_or((0, 0), |last| frame.place(last.at, last.lag()))));
    let line = |index: usize| RoadLine {
        points: frame.points(courses[index]),
        dot: (frame.from <= both[index].at).then(|| frame.place(both[index].at, both[index].lag())),
        name_at: names[index],
    };
    let lines = [line(0), line(1)];
    let fork = fork.filter(|fork| *fork < frame.to).map(|fork| (frame.x_of(fork), short_clock(fork)));
    let has_room = fork.as_ref().is_none_or(|(x, _)| *x >= 1_000 / BEFORE_FORK as u32 * 3 / 4);
    RoadChart {
        lines,
        fork,
        scale: grouped(frame.scale),
        times: [if has_room { short_clock(frame.from) } else { String::new() }, short_clock(frame.to)],
        summary: summary(courses, &frame),
        rows: rows(courses, &frame),
    }
}

/// Where the names of two lines stand, beside their ends and not on each other.
fn apart(ends: [(u32, u32); 2]) -> [(u32, u32); 2] {
    let half = NAME_HEIGHT / 2;
    let [one, other] = ends.map(|(x, y)| (x, y.clamp(half, 1_000 - half)));
    if one.0.abs_diff(other.0) >= NAME_WIDTH || one.1.abs_diff(other.1) >= NAME_HEIGHT {
        return [one, other];
    }
    let middle = one.1.midpoint(other.1).clamp(NAME_HEIGHT, 1_000 - NAME_HEIGHT);
    let (above, below) = (middle + half, middle - half);
    if one.1 >= other.1 { [(one.0, above), (other.0, below)] } else { [(one.0, below), (other.0, above)] }
}

/// The highest lag between two instants.
pub(super) fn peak(course: &Course, from: Instant, to: Instant) -> u64 {
    course.since(from).iter().filter(|stood| stood.at <= to).map(Stood::lag).max().unwrap_or(0)
}

fn summary(courses: [&Course; 2], frame: &Frame) -> String {
    let tell = |side: RoadSide, course: &Course| {
        let most = peak(course, frame.from, frame.to);
        let end = course.last().map_or(0, Stood::lag);
        format!("{}: {} at most, {} at its end", side.words(), grouped(most), grouped(end))
    };
    let [here, there] = courses;
    let [from, to] = [frame.from, frame.to].map(short_clock);
    let both = [tell(RoadSide::Here, here), tell(RoadSide::There, there)].join("; ");
    format!("Lag of all services together, from {from} to {to}. {both}.")
}

/// The lag at some instants, as it was last noted.
fn rows(courses: [&Course; 2], frame: &Frame) -> Vec<(String, Vec<String>)> {
    let all = frame.to.since(frame.from).as_us();
    let instants = (0..=ROWS as u64).map(|part| frame.from + Span::from_us(all * part / ROWS as u64));
    let lag = |course: &Course, at: Instant| course.at(at).map_or_else(|| "–".to_owned(), |it| grouped(it.lag()));
    instants.map(|at| (clock(at), courses.iter().map(|course| lag(course, at)).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rehearsal::{delivery, go_on, switch};

    #[test]
    fn the_chart_shows_both_from_shortly_before_the_fork_on() {
        let mut model = delivery();
        go_on(&mut model, 20_000);
        switch(&mut model, "notifications", false);
        go_on(&mut model, 70_000);
        model.seek(Instant::from_ms(30_000));
        switch(&mut model, "notifications", true);
        go_on(&mut model, 20_000);
        let (here, there) = (model.course(), &model.branches()[0].course);
        let both = here.together(there, model.world().now()).expect("both have been there");
        let chart = chart([&here, there], both, model.parting_from(&model.branches()[0]));
        let (fork, at) = chart.fork.expect("they part");
        assert_eq!((fork, &*at), (1_000 / BEFORE_FORK as u32, "0:30"));
        assert_eq!(chart.times, ["0:15", "1:30"]);
        let [here, there] = chart.lines;
        let common = |line: &RoadLine| line.points.iter().copied().filter(|(x, _)| *x < fork).collect::<Vec<_>>();
        assert!(common(&there).len() > 10 && here.dot.is_some_and(|(x, _)| x > fork));
        assert_eq!(common(&here), common(&there), "until then they are one line");
        assert!(there.points.len() <= 1_000 / POINT_WIDTH as usize + 1);
        let ends = [&here, &there].map(|line| line.points.last().map(|(x, _)| *x));
        assert!(ends[0] < ends[1] && ends[1] == Some(1_000), "{ends:?}");
        assert!(chart.rows.iter().any(|(_, lags)| lags[0] == "–" && lags[1] != "–"), "{:?}", chart.rows);
    }

    #[test]
    fn names_of_lines_never_lie_on_each_other_nor_outside() {
        for one in (0..=1_000).step_by(50) {
            for other in (0..=1_000).step_by(50) {
                let [above, below] = apart([(1_000, one), (1_000, other)]).map(|(_, y)| y);
                assert!(above.abs_diff(below) >= NAME_HEIGHT, "{one} and {other}");
                let half = NAME_HEIGHT / 2;
                assert!([above, below].iter().all(|y| (half..=1_000 - half).contains(y)), "{one} and {other}");
            }
        }
    }
}

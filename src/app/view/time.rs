//! Time, its controls, and the line on which the whole run lies.

use super::challenges::{ToldView, told};
use super::text::{clock, short_clock};
use crate::app::{Mark, MarkKind, Model, Outage, Speed, Who};
use crate::time::{Instant, Span};
use std::rc::Rc;

/// The most records a second that an eye can follow one by one.
const FOLLOWED_PER_S_MAX: u64 = 40;

/// Time and its controls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeView {
    /// The run's clock.
    pub clock: String,
    /// The same in milliseconds.
    pub now_ms: u64,
    /// How far the run has come, in milliseconds.
    pub end_ms: u64,
    /// When services and brokers were away: in which row, from when to when, in thousandths of the run.
    pub bands: Vec<(usize, u32, u32)>,
    /// Whether something can be taken back, and whether something can be done again.
    pub can_undo_redo: (bool, bool),
    /// How many rows there are above the line: one a service, and one for the brokers if something has happened to them.
    pub rows: usize,
    /// What else happened when.
    pub marks: Vec<TimeMark>,
    /// Whether it runs.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// Whether records come in so fast that the eye cannot follow one.
    pub is_rush: bool,
    /// Whether the device is too slow for that.
    pub is_too_slow: bool,
    /// The seed.
    pub seed: u64,
    /// What the last step was.
    pub stepped: Option<Rc<str>>,
    /// Which instant is looked at, and how far the run has come, if those are not the same.
    pub past: Option<[Rc<str>; 2]>,
    /// Since when the run takes another road than it did, if time is held there since; and the number of the road that was left.
    pub road_taken: Option<(Rc<str>, Option<usize>)>,
    /// The challenge that has just been done.
    pub told: Option<ToldView>,
}

/// Something that happened, on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeMark {
    /// In which row.
    pub row: usize,
    /// When, in thousandths of the run.
    pub at: u32,
    /// What.
    pub kind: MarkKind,
}

/// Time as it is now.
pub fn time(model: &Model) -> TimeView {
    TimeView {
        clock: clock(model.world().now()),
        now_ms: model.world().now().as_ms(),
        end_ms: model.end().as_ms(),
        rows: rows(model),
        bands: bands(model),
        marks: marks(model),
        can_undo_redo: can_undo_redo(model),
        playing: model.is_playing(),
        speed: model.speed(),
        is_rush: model.speed() > Speed::FOLLOWED_MAX || arrivals_per_s(model) > FOLLOWED_PER_S_MAX,
        is_too_slow: model.is_too_slow(),
        seed: model.world().seed(),
        stepped: model.stepped.as_deref().map(Rc::from),
        past: past(model),
        road_taken: model.road_taken.map(|at| (Rc::from(short_clock(at)), model.branches().len().checked_sub(1))),
        told: told(model),
    }
}

/// Which instant of the past is looked at. A run that is being opened is on its way to the instant it was sent at.
fn past(model: &Model) -> Option<[Rc<str>; 2]> {
    let (now, end) = (model.world().now(), model.end());
    (now < end && !model.is_opening()).then(|| told_apart(now, end))
}

/// Two instants with as many digits as it takes to tell them apart.
fn told_apart(one: Instant, other: Instant) -> [Rc<str>; 2] {
    let fraction = |at: Instant, digits: usize| {
        let us = format!("{:06}", at.as_us() % 1_000_000);
        Rc::from(format!("{}.{}", short_clock(at), &us[..digits]))
    };
    let seconds = [one, other].map(|at| Rc::from(short_clock(at)));
    let finer = [1, 3, 6].into_iter().map(|digits| [one, other].map(|at| fraction(at, digits)));
    std::iter::once(seconds).chain(finer).find(|[one, other]| one != other).unwrap_or_default()
}

/// Whether something can be taken back, and whether something can be done again.
fn can_undo_redo(model: &Model) -> (bool, bool) {
    let (can_undo, can_redo) = model.can_undo_redo();
    (can_undo || model.undo_leads_to_left_run(), can_redo)
}

/// How many records are published in a second on the clock on the wall.
fn arrivals_per_s(model: &Model) -> u64 {
    let published: u64 = model
        .world()
        .service_ids()
        .filter(|id| model.world().group_of(*id).is_none())
        .map(|id| model.moment.rates.tenths_per_s(id))
        .sum();
    model.speed().simulated(Span::from_ms(published * 100)).as_ms() / 1_000
}

/// The row above the line: one a service, and below those one for all brokers.
fn row_of(who: Who, service_rows: usize) -> usize {
    match who {
        Who::Service(id) => usize::from(id.0),
        Who::Broker(_) => service_rows,
    }
}

/// An instant as a part of the whole run.
fn part(model: &Model, at: Instant) -> u32 {
    (at.as_us().saturating_mul(1_000) / model.end().as_us().max(1)).min(1_000) as u32
}

/// Whom the run has anything to tell of.
fn named(model: &Model) -> impl Iterator<Item = Who> {
    model.all_outages().iter().map(|it| it.who).chain(model.marks().map(|it| it.who))
}

/// A row for each service that the run has anything to tell of.
fn service_rows(model: &Model) -> usize {
    let last = named(model).map(|who| match who {
        Who::Service(id) => usize::from(id.0) + 1,
        Who::Broker(_) => 0,
    });
    last.max().unwrap_or(0).max(model.world().all_service_ids().count())
}

/// The brokers have a row once something has happened to them.
fn rows(model: &Model) -> usize {
    service_rows(model) + usize::from(named(model).any(|who| matches!(who, Who::Broker(_))))
}

fn bands(model: &Model) -> Vec<(usize, u32, u32)> {
    let (end, services) = (model.end(), service_rows(model));
    let band = |outage: &Outage| {
        (row_of(outage.who, services), part(model, outage.from), part(model, outage.to.unwrap_or(end)))
    };
    model.all_outages().iter().map(band).collect()
}

/// The marks, of which only one of a kind is drawn where several would lie on each other.
fn marks(model: &Model) -> Vec<TimeMark> {
    let mut marks: Vec<TimeMark> = Vec::new();
    let services = service_rows(model);
    let mark = |mark: &Mark| TimeMark { row: row_of(mark.who, services), at: part(model, mark.at), kind: mark.kind };
    for mark in model.marks().map(mark) {
        let is_there = marks.iter().rev().take_while(|it| it.at + 2 >= mark.at);
        if !is_there.into_iter().any(|it| (it.row, it.kind) == (mark.row, mark.kind)) {
            marks.push(mark);
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Msg, update};
    use crate::scenario::shipped;
    use crate::sim::Command;

    #[test]
    fn an_instant_of_the_past_is_told_from_the_end_of_the_run() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(45_300));
        assert_eq!(time(&model).past, None);
        model.seek(Instant::from_ms(21_900));
        assert_eq!(time(&model).past, Some(["0:21", "0:45"].map(Rc::from)));
        model.seek(Instant::from_ms(45_100));
        assert_eq!(time(&model).past, Some(["0:45.1", "0:45.3"].map(Rc::from)), "seconds do not tell them apart");
        for (us, expect) in [(45_298_765, ["0:45.2", "0:45.3"]), (45_299_999, ["0:45.2", "0:45.3"])] {
            model.seek(Instant::from_us(us));
            assert_eq!(time(&model).past, Some(expect.map(Rc::from)));
        }
        for (one, other, expect) in [
            (45_300_000, 45_304_999, ["0:45.300", "0:45.304"]),
            (45_304_000, 45_304_007, ["0:45.304000", "0:45.304007"]),
        ] {
            assert_eq!(told_apart(Instant::from_us(one), Instant::from_us(other)), expect.map(Rc::from));
        }
        model.seek(Instant::from_ms(45_300));
        assert_eq!(time(&model).past, None);
    }

    #[test]
    fn another_road_is_told_until_time_goes_on_or_is_sought() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        let off = || Command::SetServiceOnline { service: "notifications".to_owned(), online: false };
        model.advance_to(Instant::from_ms(45_000));
        model.act(off()).expect("there is such a service");
        assert_eq!(time(&model).road_taken, None, "at the end there is no other road");
        let ways_on = [Msg::SetPlaying(true), Msg::SeekEnd, Msg::Undo, Msg::TakeBranch(0)];
        for (at, way_on) in [21_000, 20_000, 19_000, 18_000].into_iter().zip(ways_on) {
            update(&mut model, Msg::SetPlaying(false));
            update(&mut model, Msg::Seek(Instant::from_ms(at)));
            assert_eq!(time(&model).road_taken, None);
            update(&mut model, Msg::Do(off()));
            let left = model.branches().len() - 1;
            let from = short_clock(Instant::from_ms(at));
            assert_eq!(time(&model).road_taken, Some((Rc::from(from), Some(left))));
            update(&mut model, way_on);
            assert_eq!(time(&model).road_taken, None);
        }
    }

    #[test]
    fn the_line_shows_what_happened_and_where_it_would_be_crowded_less() {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        for s in 0..40 {
            model.advance_to(Instant::from_ms(s * 1_000));
            let online = s % 2 == 0;
            let command = Command::SetServiceOnline { service: "notifications".to_owned(), online };
            model.act(command).expect("there is such a service");
        }
        model.advance_to(Instant::from_ms(4_000_000));
        let view = time(&model);
        assert_eq!((view.now_ms, view.end_ms, view.bands.len()), (4_000_000, 4_000_000, 20));
        let rebalances = view.marks.iter().filter(|mark| (mark.row, mark.kind) == (2, MarkKind::Rebalance)).count();
        assert!((1..=5).contains(&rebalances), "{:?}", view.marks);
        assert!(view.marks.is_sorted_by_key(|mark| mark.at));
    }
}

//! The roads that were left, each beside this run: how both stood at the same instant, and how their lag went. Deliberately without a
//! judgement which of the two is the better one: that depends on what somebody wants.

use super::road_chart::{RoadChart, chart, peak};
use super::text::{clock, count, grouped, list_of};
use crate::app::{Branch, Course, Model, Standing, Stood};
use crate::time::Instant;
use std::cmp::Ordering;
use std::rc::Rc;

/// A road that was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoadView {
    /// Its name.
    pub name: String,
    /// How far it went, what was done on it, and where it parts from this run.
    pub text: String,
    /// Both side by side; `None` if nobody has been on that road.
    pub compared: Option<RoadComparison>,
}

/// This run and another road.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoadComparison {
    /// What it comes to, in a sentence.
    pub verdict: String,
    /// At which instant both are looked at, and why at that one.
    pub instant: String,
    /// The highest lag on either since they part; `None` while both are the same.
    pub peaks: Option<String>,
    /// The services; none while both roads are the same.
    pub readers: Vec<RoadReader>,
    /// How the lag went on either.
    pub chart: RoadChart,
}

/// A service on both roads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoadReader {
    /// Its name.
    pub service: Rc<str>,
    /// How it stands: lag, lost, processed again, dead letters.
    pub rows: Vec<(RoadSide, [String; 4])>,
}

/// On which road something is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoadSide {
    /// This run.
    Here,
    /// The road that was left.
    There,
    /// Both alike.
    Both,
    /// What makes the difference, in words.
    Difference,
}

impl RoadSide {
    /// The same in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Here => "this run",
            Self::There => "that road",
            Self::Both => "both alike",
            Self::Difference => "this run has",
        }
    }
}

/// All of them, the oldest first.
pub(super) fn roads(model: &Model) -> Vec<RoadView> {
    let branches = model.branches();
    if branches.is_empty() {
        return Vec::new();
    }
    let here = model.course();
    branches.iter().map(|branch| road(model, &here, branch)).collect()
}

fn road(model: &Model, here: &Course, branch: &Branch) -> RoadView {
    let fork = model.parting_from(branch);
    let changes = count(branch.commands.len() as u64, "change", "changes");
    let parts = fork.map(|fork| format!(", the same as this run up to {}", clock(fork))).unwrap_or_default();
    let known = match branch.course.to() {
        Some(to) if to < branch.end => format!(" (known up to {})", clock(to)),
        Some(_) | None => String::new(),
    };
    RoadView {
        name: branch.name.clone(),
        text: format!("{changes}, as far as {}{known}{parts}.", clock(branch.end)),
        compared: compared(model.world().now(), [here, &branch.course], fork),
    }
}

fn compared(now: Instant, courses: [&Course; 2], fork: Option<Instant>) -> Option<RoadComparison> {
    let [here, there] = courses;
    let limit = now.min(here.to()?).min(there.to()?);
    let both = here.together(there, limit)?;
    let at = both[0].at;
    let are_the_same = fork.is_none_or(|fork| at <= fork);
    let readers = if are_the_same { Vec::new() } else { readers(both) };
    Some(RoadComparison {
        verdict: if are_the_same { still_the_same(fork) } else { verdict(both, &readers) },
        instant: instant(at, now, limit),
        peaks: fork.filter(|fork| *fork < at).map(|fork| peaks(courses, fork, at)),
        readers,
        chart: chart(courses, both, fork),
    })
}

fn still_the_same(fork: Option<Instant>) -> String {
    match fork {
        Some(fork) => format!(
            "Up to {} both roads are the same. Let time go on, and what comes of it on this run stands here.",
            clock(fork)
        ),
        None => "Nothing else was done on that road: as far as both go, they are the same.".to_owned(),
    }
}

/// At which instant both are looked at.
fn instant(at: Instant, now: Instant, limit: Instant) -> String {
    let why = match (at == now, limit == now) {
        (true, _) => "the instant that you look at",
        (false, true) => "the last one before the instant that you look at of which both are noted",
        (false, false) => "the last one that both have reached",
    };
    format!("Both as they were at {}, {why}.", clock(at))
}

fn numbers(standing: &Standing) -> [u32; 4] {
    [standing.lag, standing.lost, standing.again, standing.set_aside]
}

/// The services of both, in this run's order.
fn readers([here, there]: [&Stood; 2]) -> Vec<RoadReader> {
    let find = |stood: &Stood, name: &str| stood.readers.iter().find(|it| *it.service == *name).map(numbers);
    let only_there = there.readers.iter().filter(|it| find(here, &it.service).is_none());
    let names = here.readers.iter().chain(only_there).map(|it| &*it.service);
    names.map(|name| reader(name, find(here, name), find(there, name))).collect()
}

fn reader(name: &str, here: Option<[u32; 4]>, there: Option<[u32; 4]>) -> RoadReader {
    let written = |numbers: [u32; 4]| numbers.map(|number| grouped(number.into()));
    let side = |side, numbers: Option<[u32; 4]>| (side, numbers.map_or_else(|| ["–"; 4].map(str::to_owned), written));
    let rows = match (here, there) {
        (Some(here), Some(there)) if here != there => {
            let difference = std::array::from_fn(|index| difference(here[index], there[index]));
            vec![
                side(RoadSide::Here, Some(here)),
                side(RoadSide::There, Some(there)),
                (RoadSide::Difference, difference),
            ]
        }
        (Some(_), Some(_)) => vec![side(RoadSide::Both, here)],
        (_, _) => vec![side(RoadSide::Here, here), side(RoadSide::There, there)],
    };
    RoadReader { service: name.into(), rows }
}

/// `3 fewer`, `2 more`, `the same`.
fn difference(here: u32, there: u32) -> String {
    match here.cmp(&there) {
        Ordering::Less => format!("{} fewer", grouped((there - here).into())),
        Ordering::Greater => format!("{} more", grouped((here - there).into())),
        Ordering::Equal => "the same".to_owned(),
    }
}

/// What happened to one update, and to several, in the order of the numbers behind the lag.
const FATES: [[&str; 2]; 3] = [
    ["was lost", "were lost"],
    ["was processed again", "were processed again"],
    ["was set aside as a dead letter", "were set aside as dead letters"],
];

/// What the comparison comes to.
fn verdict(both: [&Stood; 2], readers: &[RoadReader]) -> String {
    let [here, there] = both.map(totals);
    let mut told: Vec<String> = Vec::new();
    if here[0] != there[0] {
        let which = if here[0] < there[0] { "lower" } else { "higher" };
        told.push(format!("the lag is {} {which}", grouped(here[0].abs_diff(there[0]))));
    }
    for (index, [one, many]) in (1..).zip(FATES).filter(|(index, _)| here[*index] != there[*index]) {
        let number = here[index].abs_diff(there[index]);
        let which = if here[index] < there[index] { "fewer" } else { "more" };
        let (noun, fate) = if number == 1 { ("update", one) } else { ("updates", many) };
        told.push(format!("{} {which} {noun} {fate}", grouped(number)));
    }
    let together = if readers.len() > 1 { "All services together, on" } else { "On" };
    match (told.is_empty(), readers.iter().all(|reader| reader.rows.len() == 1)) {
        (false, _) => format!("{together} this run {} than on that road.", list_of(&told)),
        (true, true) => {
            "Both roads stand alike here: the lag is the same, and as much was lost, processed again and set aside."
                .to_owned()
        }
        (true, false) => {
            "All services together, it comes to the same on both roads; where they differ, the table says.".to_owned()
        }
    }
}

fn totals(stood: &Stood) -> [u64; 4] {
    let mut totals = [0; 4];
    for reader in &*stood.readers {
        for (total, number) in totals.iter_mut().zip(numbers(reader)) {
            *total += u64::from(number);
        }
    }
    totals
}

fn peaks(courses: [&Course; 2], fork: Instant, at: Instant) -> String {
    let [here, there] = courses.map(|course| grouped(peak(course, fork, at)));
    format!("Since they part, the lag was at most {here} on this run, and {there} on that road.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rehearsal::{delivery, go_on, switch};

    /// A run of a minute and a half with an outage of twenty seconds.
    fn outage() -> Model {
        let mut model = delivery();
        go_on(&mut model, 20_000);
        switch(&mut model, "notifications", false);
        go_on(&mut model, 20_000);
        switch(&mut model, "notifications", true);
        go_on(&mut model, 50_000);
        model
    }

    /// The same, ended after ten seconds, and so many milliseconds since then.
    fn ended_early(ms: u64) -> Model {
        let mut model = outage();
        model.seek(Instant::from_ms(30_000));
        switch(&mut model, "notifications", true);
        go_on(&mut model, ms);
        model
    }

    fn only(model: &Model) -> RoadView {
        let mut roads = roads(model);
        assert_eq!(roads.len(), 1);
        roads.remove(0)
    }

    fn comparison(model: &Model) -> RoadComparison {
        only(model).compared.expect("somebody was there")
    }

    #[test]
    fn a_road_says_what_was_done_on_it_and_where_it_parts() {
        let expected = "2 changes, as far as 00:01:30.0, the same as this run up to 00:00:30.0.";
        assert_eq!(only(&ended_early(0)).text, expected);
    }

    #[test]
    fn both_are_compared_at_the_instant_looked_at_or_the_last_that_both_have_reached() {
        for (ms, expected) in [
            (8_000, "Both as they were at 00:00:38.0, the instant that you look at."),
            (
                8_100,
                "Both as they were at 00:00:38.0, the last one before the instant that you look at of which both are noted.",
            ),
            (60_000, "Both as they were at 00:01:30.0, the instant that you look at."),
            (75_000, "Both as they were at 00:01:30.0, the last one that both have reached."),
        ] {
            assert_eq!(comparison(&ended_early(ms)).instant, expected, "{ms} ms after the fork");
        }
    }

    #[test]
    fn the_verdict_counts_what_is_different_and_the_table_says_where() {
        let model = ended_early(9_000);
        let (view, here, there) = (comparison(&model), model.course(), &model.branches()[0].course);
        let [here, there_then] = here.together(there, model.world().now()).expect("both have been there").map(totals);
        let fewer = there_then[0] - here[0];
        let expected = format!("All services together, on this run the lag is {fewer} lower");
        assert!(fewer > 0 && view.verdict.starts_with(&expected), "{}", view.verdict);
        let sides = |reader: &RoadReader| reader.rows.iter().map(|(side, _)| *side).collect::<Vec<_>>();
        let [logistics, notifications] = &*view.readers else { panic!("{:?}", view.readers) };
        assert_eq!((&*logistics.service, sides(logistics)), ("logistics", vec![RoadSide::Both]));
        assert_eq!(sides(notifications), [RoadSide::Here, RoadSide::There, RoadSide::Difference]);
        assert_eq!(notifications.rows[2].1[0], format!("{fewer} fewer"));
        let most = peak(there, Instant::from_ms(30_000), Instant::from_ms(39_000));
        let peaks = view.peaks.expect("they have parted");
        assert!(peaks.ends_with(&format!(" and {most} on that road.")), "{peaks}");
    }

    #[test]
    fn up_to_the_fork_there_is_nothing_to_compare() {
        for model in [ended_early(0), {
            let mut model = ended_early(20_000);
            model.seek(Instant::from_ms(25_000));
            model
        }] {
            let view = comparison(&model);
            assert!(view.verdict.starts_with("Up to 00:00:30.0 both roads are the same."), "{}", view.verdict);
            assert_eq!((view.readers, view.peaks), (Vec::new(), None));
        }
    }

    #[test]
    fn a_service_of_one_road_is_not_taken_for_one_of_the_other() {
        let [one, other] = [Some([1, 0, 0, 0]), None];
        for (here, there) in [(one, other), (other, one)] {
            let rows = reader("statistics", here, there).rows;
            assert_eq!(rows.iter().map(|(side, _)| *side).collect::<Vec<_>>(), [RoadSide::Here, RoadSide::There]);
            assert_eq!(rows.iter().filter(|(_, cells)| cells[0] == "–").count(), 1);
        }
    }
}

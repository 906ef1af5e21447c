//! What goes with the time line: what happened when, what the run is held at, and the roads that were left.

use super::roads::{RoadView, roads};
use super::text::{clock, count};
use crate::app::breakpoints::described;
use crate::app::{Deed, Mark, MarkKind, Model, MomentSign, Outage};
use crate::log::RecordRef;
use crate::sorted::sort_by_key;
use crate::time::Instant;
use std::cmp::Reverse;
use std::rc::Rc;

/// How many of the latest things that happened are listed.
const MOMENTS_MAX: usize = 60;

/// The tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolsView {
    /// What happened, the latest first.
    pub moments: Vec<MomentRow>,
    /// What the run is held at, in words that go on from "when".
    pub breakpoints: Vec<String>,
    /// The services that read, with their numbers, to choose from.
    pub readers: Rc<[(u16, Rc<str>)]>,
    /// What a record can say of its subject, to choose from.
    pub stages: Rc<[Rc<str>]>,
    /// The key of the record that is looked at.
    pub key: Option<String>,
    /// The roads that were left.
    pub roads: Vec<RoadView>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MomentRow {
    /// When.
    pub at: Instant,
    /// The same as a clock shows it.
    pub clock: String,
    /// What, with names marked.
    pub text: String,
    /// Its sign.
    pub sign: MomentSign,
}

/// The tools as they are now.
pub fn tools(model: &Model) -> ToolsView {
    ToolsView {
        moments: moments(model),
        breakpoints: model.breakpoints().map(|point| described(point, model.world())).collect(),
        readers: readers(model),
        stages: stages(model),
        key: key(model),
        roads: roads(model),
    }
}

fn readers(model: &Model) -> Rc<[(u16, Rc<str>)]> {
    model.world().readers().map(|(_, id, _)| (id.0, Rc::from(model.name(id)))).collect()
}

fn stages(model: &Model) -> Rc<[Rc<str>]> {
    let publishers = model.world().spec().services.iter().filter_map(|service| service.publishes.as_ref());
    publishers.flat_map(|publishes| publishes.stages.iter().map(|stage| Rc::from(&*stage.name))).collect()
}

fn key(model: &Model) -> Option<String> {
    let selected = model.selected()?;
    let record = model.world().broker().log(selected.partition)?.record(selected.offset)?;
    String::from_utf8(record.key?.to_vec()).ok()
}

pub(super) fn moments(model: &Model) -> Vec<MomentRow> {
    let outages = model.all_outages().iter().rev().take(MOMENTS_MAX).flat_map(|it| absences(model, it));
    let marks = model.marks().rev().filter_map(|it| moment(model, it)).take(MOMENTS_MAX);
    let deeds = model.deeds().rev().take(MOMENTS_MAX).map(deed);
    let mut rows: Vec<MomentRow> = outages.chain(marks).chain(deeds).collect();
    sort_by_key(&mut rows, |row| Reverse(row.at));
    rows.truncate(MOMENTS_MAX);
    rows
}

/// The end of an absence, and before it its beginning.
fn absences(model: &Model, outage: &Outage) -> impl Iterator<Item = MomentRow> + use<> {
    let name = model.named_who(outage.who);
    let row = |at: Instant, what: &str, sign| MomentRow { at, clock: clock(at), text: format!("{name} {what}"), sign };
    let has_left =
        |to: &Instant| model.marks().any(|mark| (mark.at, mark.who, mark.kind) == (*to, outage.who, MarkKind::Left));
    let back = outage.to.filter(|to| !has_left(to)).map(|to| row(to, "was switched back on", MomentSign::On));
    back.into_iter().chain([row(outage.from, "was switched off", MomentSign::Off)])
}

fn moment(model: &Model, mark: &Mark) -> Option<MomentRow> {
    let text = told(&model.named_who(mark.who), mark)?;
    Some(MomentRow { at: mark.at, clock: clock(mark.at), text, sign: MomentSign::Mark(mark.kind) })
}

/// A mark in words; `None` if what a person did says it already.
fn told(name: &str, mark: &Mark) -> Option<String> {
    let updates = || count(mark.times, "update", "updates");
    let instances = || count(mark.times, "instance", "instances");
    let (what, dead_letter) = record_of(mark);
    let text = match mark.kind {
        MarkKind::Rebalance => format!("the group of {name} rebalanced"),
        MarkKind::Lost => format!("{name} lost {}", updates()),
        MarkKind::Again => format!("{name} processed {} again", updates()),
        MarkKind::CaughtUp => format!("{name} caught up"),
        MarkKind::Joined => format!("{name} was added"),
        MarkKind::Left => format!("{name} was removed"),
        MarkKind::Election => {
            format!("{name} was elected to lead {}", count(mark.times, "partition", "partitions"))
        }
        MarkKind::Stuck => format!("{name} got stuck on {what}"),
        MarkKind::Processed => format!("{name} went on: it processed {what}"),
        MarkKind::Skipped => format!("{name} went on: it skipped {what}"),
        MarkKind::Retried => format!("{name} went on: it moved {what} to its retry topic"),
        MarkKind::SetAside => format!("{name} set {what} aside as {dead_letter}"),
        MarkKind::Stopped => format!("{} of {name} stopped on {what}", instances()),
        MarkKind::Started => return None,
    };
    Some(text)
}

/// The record that a mark is about, or how many they are, and what it is once it is set aside.
fn record_of(mark: &Mark) -> (String, &'static str) {
    match mark.record.filter(|_| mark.times == 1 || mark.kind == MarkKind::Stopped) {
        Some(RecordRef { partition, offset }) => {
            (format!("the record at offset {offset} of partition {}", partition.partition), "a dead letter")
        }
        None => (count(mark.times, "record", "records"), "dead letters"),
    }
}

fn deed(deed: &Deed) -> MomentRow {
    let sign = if deed.is_setting() { MomentSign::Setting } else { MomentSign::Deed };
    MomentRow { at: deed.at, clock: clock(deed.at), text: deed.text(), sign }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rehearsal::switch;
    use crate::scenario::shipped;
    use crate::sim::{Command, NewService};

    fn outage() -> Model {
        let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(20_000));
        switch(&mut model, "notifications", false);
        model.advance_to(Instant::from_ms(40_000));
        switch(&mut model, "notifications", true);
        model.advance_to(Instant::from_ms(90_000));
        model
    }

    #[test]
    fn what_happened_is_listed_from_the_latest_on() {
        let rows = tools(&outage()).moments;
        assert!(rows.is_sorted_by(|one, other| one.at >= other.at), "{rows:?}");
        let texts: Vec<&str> = rows.iter().map(|row| &*row.text).collect();
        for text in
            ["`notifications` was switched off", "`notifications` was switched back on", "`notifications` caught up"]
        {
            assert_eq!(texts.iter().filter(|it| **it == text).count(), 1, "{text} in {texts:?}");
        }
        let signs: Vec<MomentSign> =
            rows.iter().filter(|row| row.text.contains(" switched ")).map(|row| row.sign).collect();
        assert_eq!(signs, [MomentSign::On, MomentSign::Off], "off and on do not look the same");
    }

    #[test]
    fn a_changed_setting_stands_in_the_list_and_not_on_the_line() {
        let mut model = outage();
        let line = |model: &Model| crate::app::view::time(model).marks.len();
        let (marks, listed) = (line(&model), tools(&model).moments.len());
        let (service, name) = ("notifications".to_owned(), "max.poll.records".to_owned());
        model.act(Command::SetServiceConfig { service, name, value: "7".to_owned() }).expect("it takes that");
        let rows = tools(&model).moments;
        assert_eq!((rows.len(), rows[0].sign, rows[0].at), (listed + 1, MomentSign::Setting, model.world().now()));
        assert!(rows[0].text.ends_with(" to 7"), "{:?}", rows[0]);
        assert_eq!(line(&model), marks);
    }

    #[test]
    fn who_is_added_and_removed_was_not_switched_off() {
        let mut model = Model::new(shipped("shop").expect("a shipped scenario"), 42);
        model.advance_to(Instant::from_ms(20_000));
        let name = "recommendations".to_owned();
        let added = NewService::Offered(name.clone());
        model.act(Command::AddService { service: added }).expect("it is offered");
        model.advance_to(Instant::from_ms(40_000));
        model.act(Command::RemoveService { service: name }).expect("it is there");
        model.advance_to(Instant::from_ms(80_000));
        let moments = tools(&model).moments;
        let texts = moments.iter().rev().map(|row| &*row.text).filter(|text| text.starts_with("`recommendations`"));
        let came_and_went: Vec<&str> = texts.filter(|text| text.contains(" was ")).collect();
        assert_eq!(came_and_went, ["`recommendations` was added", "`recommendations` was removed"]);
        assert!(model.all_outages().is_empty());
    }
}

//! What is marked of services that fail on records.

use crate::app::view::{page, report, time, tools};
use crate::app::{MarkKind, Model, WayOut};
use crate::scenario::shipped;
use crate::sim::{Command, Named, OnFailure, POISON, ReadSetting, ServiceId};
use crate::time::{Instant, Span};

const LOGISTICS: &str = "logistics";

fn go_on(model: &mut Model, ms: u64) {
    model.advance_to(model.world().now() + Span::from_ms(ms));
}

fn set(model: &mut Model, setting: ReadSetting, value: &str) {
    let (service, name, value) = (LOGISTICS.to_owned(), setting.name().to_owned(), value.to_owned());
    model.act(Command::SetServiceConfig { service, name, value }).expect("it can be set");
}

/// A poison record that only logistics cannot read, which does `on_failure` with it.
fn poisoned(on_failure: OnFailure) -> Model {
    let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
    model.advance_to(Instant::from_ms(12_000));
    let (service, name) = ("notifications".to_owned(), ReadSetting::ReadsPoison.name().to_owned());
    model.act(Command::SetServiceConfig { service, name, value: "true".to_owned() }).expect("it can be set");
    set(&mut model, ReadSetting::OnFailure, on_failure.name());
    let (topic, key, value, partition) = ("order-status".to_owned(), None, Some("?".to_owned()), None);
    let headers = [(POISON.to_owned(), "true".to_owned())].into();
    model.act(Command::Publish { topic, key, value, headers, partition }).expect("anybody may publish");
    go_on(&mut model, 30_000);
    model
}

fn logistics(model: &Model) -> ServiceId {
    model.world().service_id(LOGISTICS).expect("there is such a service")
}

/// What the list says of failures, the earliest first.
fn told(model: &Model) -> Vec<String> {
    let failures = |kind| {
        let others = [MarkKind::Rebalance, MarkKind::Lost, MarkKind::Again, MarkKind::CaughtUp];
        !others.contains(&kind)
    };
    let kinds: Vec<_> = model.marks().filter(|mark| failures(mark.kind)).map(|mark| mark.at).collect();
    let rows = tools(model).moments.into_iter().rev().filter(|row| kinds.contains(&row.at));
    rows.map(|row| row.text).filter(|text| text.contains("record") || text.contains("instance")).collect()
}

#[test]
fn who_is_stuck_is_marked_once_and_how_it_went_on() {
    let mut stuck = poisoned(OnFailure::Retry);
    go_on(&mut stuck, 200_000);
    let trouble = stuck.stuck_at(logistics(&stuck)).expect("it fails again and again");
    assert!(trouble.failures > 5, "{trouble:?}");
    let (offset, partition) = (trouble.record.offset, trouble.record.partition.partition);
    let what = format!("the record at offset {offset} of partition {partition}");
    assert_eq!(told(&stuck), [format!("`logistics` got stuck on {what}")]);
    let ways = stuck.ways_out(logistics(&stuck));
    assert_eq!(ways.len(), 4);
    for WayOut { label, command, .. } in ways {
        let mut model = stuck.clone();
        model.act(command).expect("it is a way out");
        go_on(&mut model, 60_000);
        let how = match label {
            "Set it aside" => format!("set {what} aside as a dead letter"),
            "Use its retry topic" => format!("went on: it moved {what} to its retry topic"),
            "Skip it" => format!("went on: it skipped {what}"),
            "Fix the bug" => format!("went on: it processed {what}"),
            other => panic!("{other}"),
        };
        assert_eq!(told(&model)[1], format!("`logistics` {how}"));
        let report = report(&model);
        assert!(told(&model).iter().all(|it| report.moments.iter().any(|row| row.text == *it)), "{:?}", report.moments);
        let on_line = time(&model).marks.iter().filter(|mark| mark.kind == MarkKind::Stuck).count();
        assert_eq!(on_line, 1);
    }
}

#[test]
fn a_dead_letter_is_marked_though_nobody_was_stuck_and_many_crowd_nothing() {
    let mut model = poisoned(OnFailure::DeadLetter);
    let first = told(&model);
    assert!(matches!(&first[..], [one] if one.ends_with(" aside as a dead letter")), "{first:?}");
    set(&mut model, ReadSetting::FailurePercent, "100");
    let before = model.account_of(logistics(&model)).dead_lettered;
    go_on(&mut model, 60_000);
    let after = model.account_of(logistics(&model)).dead_lettered;
    assert!(after > before + 20, "{before} {after}");
    let all = told(&model);
    assert!((3..=9).contains(&all.len()), "{all:?}");
    assert!(all[1].ends_with(" records aside as dead letters"), "{all:?}");
}

#[test]
fn who_stops_over_a_record_is_marked_and_that_it_is_started_again() {
    let mut model = poisoned(OnFailure::Stop);
    let stopped = told(&model);
    assert!(
        matches!(&stopped[..], [one] if one.starts_with("1 instance of `logistics` stopped on the record at offset ")),
        "{stopped:?}"
    );
    set(&mut model, ReadSetting::ReadsPoison, "true");
    let back = Command::SetInstanceOnline { service: LOGISTICS.to_owned(), instance: 0, online: true };
    model.act(back).expect("it can be started");
    go_on(&mut model, 20_000);
    assert_eq!(told(&model)[1..], ["instance 0 of `logistics` was switched on"], "once");
    let kinds = [MarkKind::Stopped, MarkKind::Started];
    let marks = |model: &Model| time(model).marks.iter().map(|it| it.kind).filter(|it| kinds.contains(it)).collect();
    let on_line: Vec<MarkKind> = marks(&model);
    assert_eq!(on_line, kinds);
}

#[test]
fn who_has_stopped_is_brought_back_as_a_whole() {
    let mut model = poisoned(OnFailure::Stop);
    set(&mut model, ReadSetting::ReadsPoison, "true");
    let is_on =
        |model: &Model| page(model).services.iter().find(|it| &*it.name == LOGISTICS).is_some_and(|it| it.online);
    assert!(!is_on(&model), "nothing of it runs");
    let back = model.next_step().expect("it has stopped");
    assert_eq!(back.label(), "Bring logistics back");
    model.act(back.command).expect("it can be started");
    go_on(&mut model, 20_000);
    assert!(is_on(&model));
    let list = tools(&model).moments;
    assert_eq!(list.iter().filter(|row| row.text == "`logistics` was started again").count(), 1, "{list:?}");
    assert_eq!(model.marks().filter(|mark| mark.kind == MarkKind::Started).count(), 1, "{list:?}");
}

#[test]
fn who_is_switched_off_and_on_after_it_has_stopped_is_told_once() {
    let mut model = poisoned(OnFailure::Stop);
    for online in [false, true] {
        model.act(Command::SetServiceOnline { service: LOGISTICS.to_owned(), online }).expect("it is there");
        go_on(&mut model, 1_000);
    }
    assert!(model.marks().all(|mark| mark.kind != MarkKind::Started), "{:?}", told(&model));
}

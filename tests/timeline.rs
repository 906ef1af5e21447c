//! Going back in time, taking another road, and taking back what was done: an instant is the same however one gets there.

#![cfg(not(target_arch = "wasm32"))]

use catchup::app::view::page;
use catchup::app::{Breakpoint, BreakpointError, MarkKind, Model, Msg, Opens, update};
use catchup::log::Isolation;
use catchup::scenario::shipped;
use catchup::sim::{Command, NewService, ServiceId};
use catchup::time::{Instant, Span};

fn model() -> Model {
    Model::new(shipped("delivery").expect("a shipped scenario"), 42)
}

fn switch(model: &mut Model, online: bool) {
    model
        .act(Command::SetServiceOnline { service: "notifications".to_owned(), online })
        .expect("there is such a service");
}

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

/// An outage of ten seconds in a run of a minute, and the trace hash at each second.
fn outage() -> (Model, Vec<u64>) {
    let mut model = model();
    let mut hashes = Vec::new();
    for second in 0..=60 {
        model.advance_to(at(second * 1_000));
        hashes.push(model.world().trace_hash());
        match second {
            20 => switch(&mut model, false),
            30 => switch(&mut model, true),
            _ => {}
        }
    }
    (model, hashes)
}

#[test]
fn an_instant_is_the_same_from_either_side() {
    let (mut model, hashes) = outage();
    for second in [59, 3, 31, 29, 0, 60, 12, 45] {
        model.seek(at(second * 1_000));
        assert_eq!(model.world().now(), at(second * 1_000));
        if second != 20 && second != 30 {
            assert_eq!(model.world().trace_hash(), hashes[second as usize], "second {second}");
        }
    }
}

#[test]
fn looking_back_changes_nothing_of_what_comes() {
    let (mut model, hashes) = outage();
    model.seek(at(25_000));
    assert!(!model.world().is_online(model.world().service_id("notifications").expect("there is one")));
    model.advance_to(at(60_000));
    assert_eq!(model.world().trace_hash(), hashes[60], "what was done ahead is done again");
    assert_eq!(model.branches().len(), 0);
    model.seek(at(90_000));
    assert_eq!(model.world().now(), at(60_000), "nothing lies beyond the end");
}

#[test]
fn what_is_watched_is_that_of_the_instant() {
    let (mut model, _) = outage();
    let published = |model: &Model| {
        let group = model.world().group_of(model.world().service_id("notifications").expect("there is one"));
        model.ledger().account(group.expect("it reads")).published
    };
    let at_the_end = published(&model);
    model.seek(at(10_000));
    assert!(published(&model) < at_the_end / 2);
    assert!(model.outages().is_empty());
    model.seek(at(40_000));
    assert_eq!(model.outages().len(), 1);
}

#[test]
fn acting_in_the_past_keeps_the_road_that_was_left() {
    let (mut model, hashes) = outage();
    model.seek(at(10_000));
    switch(&mut model, false);
    model.advance_to(at(60_000));
    assert_ne!(model.world().trace_hash(), hashes[60]);
    assert_eq!((model.branches().len(), model.branches()[0].commands.len()), (1, 2));
    assert!(model.take_branch(0));
    assert_eq!((model.world().now(), model.world().trace_hash()), (at(60_000), hashes[60]));
    assert_eq!(model.branches()[0].commands.len(), 1, "the other road is the one that was left now");
    assert!(!model.take_branch(1));
}

#[test]
fn what_was_done_can_be_taken_back_and_done_again() {
    let (mut model, hashes) = outage();
    assert!(matches!(model.undo().as_deref(), Some([Command::SetServiceOnline { online: true, .. }])));
    assert_eq!(model.world().now(), at(60_000));
    assert!(!model.world().is_online(model.world().service_id("notifications").expect("there is one")));
    model.undo();
    assert_eq!(model.undo(), None);
    let calm = model.world().trace_hash();
    assert_eq!(calm, {
        let mut calm = self::model();
        calm.advance_to(at(60_000));
        calm.world().trace_hash()
    });
    model.redo();
    model.redo();
    assert_eq!(model.world().trace_hash(), hashes[60]);
    assert_eq!(model.redo(), None);
    model.undo();
    switch(&mut model, true);
    assert_eq!(model.redo(), None, "what was taken back does not fit any more");
}

#[test]
fn a_step_back_and_a_step_end_where_they_began() {
    let (mut model, _) = outage();
    model.seek(at(35_000));
    for _ in 0..20 {
        let now = model.world().now();
        model.step_back();
        assert!(model.world().now() < now);
        let before = model.world().now();
        model.step_back();
        assert!(model.world().now() < before);
        catchup::app::update(&mut model, catchup::app::Msg::Step);
        assert_eq!(model.world().now(), before);
    }
}

fn service(model: &Model, name: &str) -> ServiceId {
    model.world().service_id(name).expect("there is such a service")
}

fn play(model: &mut Model, ms: u64) {
    update(model, Msg::SetPlaying(true));
    for _ in 0..ms / 100 {
        model.owe(Span::from_ms(100));
        while model.pay() {}
        model.settle();
    }
}

#[test]
fn the_run_is_held_at_the_instant_at_which_lag_passes_the_limit() {
    let mut model = model();
    let notifications = service(&model, "notifications");
    model.hold_at(Breakpoint::LagAbove(notifications, 25)).expect("it is a new one");
    switch(&mut model, false);
    play(&mut model, 60_000);
    assert!(!model.is_playing());
    assert_eq!(model.world().lag(notifications), 26, "not a record later");
    assert_eq!(model.notice().map(|it| &*it.text), Some("Held: the lag of notifications is 26."));
    let held = model.world().now();
    play(&mut model, 10_000);
    assert_eq!(
        model.world().now(),
        held + Span::from_ms(10_000),
        "it goes on from there, and is not held again at once"
    );
    assert_eq!(model.hold_at(Breakpoint::LagAbove(notifications, 25)), Err(BreakpointError::Known));
}

#[test]
fn the_run_is_held_when_an_order_gets_somewhere() {
    let mut model = model();
    let point = |text: &str| Breakpoint::Published { key: "order-1200".to_owned(), text: text.to_owned() };
    model.hold_at(point("shipped")).expect("it is a new one");
    play(&mut model, 300_000);
    let log = |model: &Model| {
        let topic = &model.world().broker().topics()[0];
        let records = topic.logs().iter().flat_map(|log| log.records(log.log_start_offset(), Isolation::LogEnd));
        records.filter(|it| it.key == Some(b"order-1200")).map(|it| it.value.map(<[u8]>::to_vec)).last().flatten()
    };
    assert!(!model.is_playing());
    let value = String::from_utf8(log(&model).expect("it was published")).expect("a text");
    assert!(value.contains("\"status\":\"shipped\""), "{value}");
    assert_eq!(
        model.hold_at(Breakpoint::Published { key: String::new(), text: String::new() }),
        Err(BreakpointError::NoKey)
    );
}

#[test]
fn the_run_is_held_when_a_rebalance_starts_or_a_record_is_lost() {
    let mut model = model();
    let notifications = service(&model, "notifications");
    play(&mut model, 20_000);
    model.hold_at(Breakpoint::Rebalance(notifications)).expect("it is a new one");
    model.hold_at(Breakpoint::Lost).expect("it is a new one");
    let set = |model: &mut Model, name: &str, value: &str| {
        let (service, name, value) = ("notifications".to_owned(), name.to_owned(), value.to_owned());
        model.act(Command::SetServiceConfig { service, name, value }).expect("there is such a setting");
    };
    set(&mut model, "instances", "2");
    play(&mut model, 20_000);
    assert_eq!(model.notice().map(|it| &*it.text), Some("Held: the group of notifications rebalances."));
    set(&mut model, "commit_policy", "before_processing");
    play(&mut model, 10_000);
    update(&mut model, Msg::Unhold(0));
    play(&mut model, 10_000);
    switch(&mut model, false);
    let notice = model.notice().expect("it was committed and in hand");
    let Some(Opens::Record(record)) = notice.opens else { panic!("{notice:?}") };
    let place = format!(": order-status, partition {}, offset {}.", record.partition.partition, record.offset);
    assert!(notice.text.starts_with("Held: notifications lost ") && notice.text.ends_with(&place), "{notice:?}");
    assert!(!model.is_playing());
    let lost = model.marks().filter(|mark| mark.kind == MarkKind::Lost).map(|mark| mark.at).next_back();
    assert_eq!(lost, Some(model.world().now()), "the time line has a mark there");
}

#[test]
fn the_time_line_knows_what_happened_however_one_looks_at_it() {
    let (mut model, _) = outage();
    let marks = |model: &Model| model.marks().copied().collect::<Vec<_>>();
    let all = marks(&model);
    assert!(all.iter().any(|mark| mark.kind == MarkKind::CaughtUp && mark.at > at(30_000)), "{all:?}");
    model.seek(at(5_000));
    assert_eq!(marks(&model), all, "the future is known, for the run has been there");
    model.seek(at(60_000));
    model.undo();
    model.undo();
    assert!(marks(&model).iter().all(|mark| mark.at < at(20_000)), "what was taken back has left no marks");
    model.redo();
    model.redo();
    assert_eq!(marks(&model), all);
}

#[test]
fn a_road_that_is_left_keeps_its_course_from_the_beginning_to_its_end() {
    let (mut model, _) = outage();
    let left = model.course();
    assert_eq!((left.since(Instant::START).first().map(|it| it.at), left.to()), (Some(at(0)), Some(at(60_000))));
    model.seek(at(10_000));
    assert_eq!(model.course(), left, "what was watched is known also from the past");
    switch(&mut model, false);
    assert_eq!((model.branches()[0].course.clone(), model.course().to()), (left.clone(), Some(at(10_000))));
    model.advance_to(at(60_000));
    let here = model.course();
    for (limit, apart) in [(10_000, false), (20_000, true), (60_000, true)] {
        let [here, there] = here.together(&left, at(limit)).expect("both have been there");
        assert_eq!((here.at, there.at), (at(limit), at(limit)));
        assert_eq!(here.readers[1].lag > there.readers[1].lag + 30, apart, "{here:?} and {there:?}");
    }
    model.rename_branch(0, "with an outage of ten seconds").expect("it is a name");
    assert!(model.take_branch(0));
    assert_eq!((model.course(), model.branches()[0].course.clone()), (left, here));
    assert!(model.forget_branch(0));
    assert!(!model.forget_branch(0));
}

#[test]
fn a_course_is_known_no_further_than_anybody_has_been() {
    let (mut model, _) = outage();
    model.undo();
    model.seek(at(5_000));
    model.redo();
    assert_eq!(model.course().to(), Some(at(30_000)), "from there on it was never like this");
    switch(&mut model, false);
    assert_eq!(model.branches()[0].course.to(), Some(at(30_000)));
    assert!(model.take_branch(0));
    assert_eq!(model.course().to(), Some(at(60_000)), "now somebody has been there");
}

#[test]
fn a_road_that_ends_before_the_roads_part_is_known_to_its_end_and_no_further() {
    let mut model = model();
    model.advance_to(at(30_000));
    model.seek(at(20_000));
    switch(&mut model, false);
    model.undo();
    model.advance_to(at(60_000));
    switch(&mut model, false);
    model.advance_to(at(70_000));
    assert!(model.take_branch(0));
    assert_eq!((model.end(), model.course().to()), (at(30_000), Some(at(30_000))));
    assert_eq!(model.parting_from(&model.branches()[0]), Some(at(60_000)));
}

#[test]
fn all_roads_together_keep_few_samples_however_long_they_are() {
    let mut model = model();
    for _ in 0..20 {
        model.advance_to(model.world().now() + Span::from_ms(200_000));
        model.seek(Instant::from_us(model.end().as_us() - 1));
        switch(&mut model, true);
    }
    let samples = model.branches().iter().map(|branch| branch.course.since(Instant::START).len());
    let most = samples.max().expect("there are roads");
    assert!(model.branches().len() == 16 && (128..=512).contains(&most), "{most} samples");
}

#[test]
fn what_was_passed_without_being_held_at_holds_nobody_later() {
    let mut model = model();
    let notifications = service(&model, "notifications");
    model.hold_at(Breakpoint::Again).expect("it is a new one");
    model.advance_to(at(20_000));
    for ms in [10_000, 1_500, 10_000, 2_000, 10_000, 2_500, 10_000, 60_000] {
        let online = model.world().is_online(notifications);
        switch(&mut model, !online); // off while it still has much to do, and so has some in hand
        model.advance_to(model.world().now() + Span::from_ms(ms));
    }
    let again = |model: &Model| {
        let stood = model.course().last().cloned()?;
        stood.readers.iter().find(|it| &*it.service == "notifications").map(|it| it.again)
    };
    let before = again(&model);
    assert_ne!(before, Some(0), "a script went past a repetition");
    update(&mut model, Msg::SetPlaying(true));
    play(&mut model, 5_000);
    assert_eq!(again(&model), before, "nothing is processed again meanwhile");
    assert!(model.is_playing(), "{:?}", model.notice());
}

#[test]
fn a_service_that_joins_and_one_that_leaves_are_there_when_they_were_and_only_then() {
    let mut model = model();
    model.advance_to(at(20_000));
    let added = Command::AddService { service: NewService::Offered("statistics".to_owned()) };
    model.act(added).expect("the scenario offers it");
    model.advance_to(at(30_000));
    model.act(Command::RemoveService { service: "logistics".to_owned() }).expect("it is there");
    model.advance_to(at(40_000));
    let (end, there) = (model.world().trace_hash(), |model: &Model| {
        let shown = page(model);
        let names: Vec<String> = shown.services.iter().map(|service| service.name.to_string()).collect();
        (names, shown.offers.len())
    });
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (late, early) =
        (names(&["orders", "notifications", "statistics"]), names(&["orders", "logistics", "notifications"]));
    assert_eq!(there(&model), (late.clone(), 0));
    let statistics = model.world().service_id("statistics").expect("it is there");
    update(&mut model, Msg::OpenService(Some(statistics)));
    assert!(page(&model).panel.is_some());
    model.seek(at(10_000));
    assert_eq!(there(&model), (early.clone(), 1));
    assert!(page(&model).panel.is_none(), "it is not there yet");
    model.seek(at(40_000));
    assert_eq!((there(&model), model.world().trace_hash()), ((late, 0), end));
    assert!(model.undo().is_some() && model.undo().is_some());
    model.advance_to(at(40_000));
    assert_eq!(there(&model), (early, 1));
}

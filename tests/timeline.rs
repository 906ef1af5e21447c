//! Going back in time, taking another road, and taking back what was done: an instant is the same however one gets there.

#![cfg(not(target_arch = "wasm32"))]

use catchup::app::Model;
use catchup::scenario::shipped;
use catchup::sim::Command;
use catchup::time::Instant;

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
    assert!(matches!(model.undo(), Some(Command::SetServiceOnline { online: true, .. })));
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

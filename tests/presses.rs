//! What one press does is taken back, and done again, as one: also after a reload, and for whoever gets the link or the file.

#![cfg(not(target_arch = "wasm32"))]

use catchup::app::{Kept, Model, Msg, update};
use catchup::run::{file_of, of_file, of_link};
use catchup::scenario::shipped;
use catchup::sim::{Command, NewService};
use catchup::time::{Instant, Span};
use proptest::prelude::*;

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

fn model() -> Model {
    Model::new(shipped("delivery").expect("it ships"), 42)
}

fn switch(service: &str, online: bool) -> Command {
    Command::SetServiceOnline { service: service.to_owned(), online }
}

fn set(name: &str, value: &str) -> Command {
    Command::SetServiceConfig { service: "orders".to_owned(), name: name.to_owned(), value: value.to_owned() }
}

/// What one press does, of several kinds: the last begins with what may be refused.
fn press(kind: usize) -> Vec<Command> {
    let join = Command::AddService { service: NewService::Offered("statistics".to_owned()) };
    let leave = Command::RemoveService { service: "statistics".to_owned() };
    match kind {
        0 => vec![set("enable.idempotence", "false"), set("acks", "0")],
        1 => vec![set("acks", "all"), set("enable.idempotence", "true"), set("linger.ms", "100")],
        2 => vec![join, switch("notifications", false)],
        3 => vec![leave, switch("notifications", true), switch("logistics", true)],
        _ => vec![switch("statistics", false), switch("logistics", false), switch("logistics", true)],
    }
}

/// The same run after a reload, as a link and as a file has it.
fn again(model: &Model) -> Vec<Model> {
    let mut reloaded = Model::of_kept(Kept::read(&model.kept().written().expect("it fits")).expect("just written"));
    reloaded.finish_opening();
    let sent = of_link(&model.link().expect("it fits")).expect("a run");
    let saved = of_file(&file_of(&model.run()).expect("it fits")).expect("a run");
    vec![reloaded, Model::of_run(sent), Model::of_run(saved)]
}

/// All that can be taken back, the latest first.
fn all_undone(mut model: Model) -> Vec<(Vec<Command>, u64)> {
    std::iter::from_fn(|| model.undo().map(|undone| (undone, model.world().trace_hash()))).collect()
}

fn undone(model: &mut Model) -> Vec<Command> {
    model.undo().expect("something was done")
}

/// At 20 seconds a press, at 25 seconds a command and two presses.
fn pressed() -> Model {
    let mut model = model();
    model.advance_to(at(20_000));
    update(&mut model, Msg::DoAll(press(0)));
    model.advance_to(at(25_000));
    update(&mut model, Msg::Do(switch("logistics", false)));
    update(&mut model, Msg::DoAll(press(2)));
    update(&mut model, Msg::DoAll(press(3)));
    model.advance_to(at(30_000));
    model
}

#[test]
fn what_one_press_did_is_taken_back_as_one_whoever_opens_the_run() {
    for mut model in again(&pressed()).into_iter().chain([pressed()]) {
        assert_eq!(undone(&mut model), press(3));
        assert_eq!(undone(&mut model), press(2));
        assert_eq!(model.redo(), Some(press(2)));
        assert_eq!(model.redo(), Some(press(3)));
        for expect in [press(3), press(2), vec![switch("logistics", false)], press(0)] {
            assert_eq!(undone(&mut model), expect);
        }
        assert_eq!(model.undo(), None);
    }
}

#[test]
fn what_is_taken_back_in_the_past_is_a_whole_press_and_leaves_the_later_ones_whole() {
    let mut model = pressed();
    model.seek(at(22_000));
    for mut model in again(&model).into_iter().chain([model]) {
        assert_eq!(undone(&mut model), press(0));
        model.seek(at(30_000));
        assert_eq!(undone(&mut model), press(3));
        assert_eq!((model.redo(), undone(&mut model), undone(&mut model)), (Some(press(3)), press(3), press(2)));
    }
}

#[test]
fn another_road_has_presses_of_its_own() {
    let mut model = pressed();
    model.seek(at(22_000));
    update(&mut model, Msg::DoAll(press(1)));
    let mut all = again(&model);
    all[1] = model; // a link has no other roads
    for mut model in all {
        assert_eq!(undone(&mut model.clone()), press(1));
        assert!(model.take_branch(0));
        assert_eq!(undone(&mut model.clone()), press(3));
        assert!(model.take_branch(0));
        assert_eq!((undone(&mut model), undone(&mut model)), (press(1), press(0)));
    }
}

#[test]
fn what_is_left_of_a_press_that_is_not_possible_any_more_stays_together() {
    let mut model = model();
    model.advance_to(at(20_000));
    update(&mut model, Msg::DoAll(press(2)));
    model.advance_to(at(25_000));
    update(&mut model, Msg::Do(set("linger.ms", "7")));
    update(&mut model, Msg::DoAll(press(4)));
    model.seek(at(22_000));
    assert_eq!(undone(&mut model), press(2));
    model.seek(at(25_000));
    for mut model in again(&model).into_iter().chain([model]) {
        assert_eq!(undone(&mut model), press(4)[1..], "there is no such service");
        assert_eq!(undone(&mut model), [set("linger.ms", "7")]);
    }
}

#[derive(Clone, Debug)]
enum Step {
    Do(usize),
    Press(usize),
    Undo,
    Redo,
    Seek(u64),
    Advance(u64),
    Take(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0..5usize).prop_map(Step::Do),
        4 => (0..5usize).prop_map(Step::Press),
        2 => Just(Step::Undo),
        2 => Just(Step::Redo),
        1 => (0..12_000u64).prop_map(Step::Seek),
        2 => (0..4_000u64).prop_map(Step::Advance),
        1 => (0..2usize).prop_map(Step::Take),
    ]
}

fn take(model: &mut Model, step: &Step) {
    match *step {
        Step::Do(kind) => drop(update(model, Msg::Do(press(kind).remove(0)))),
        Step::Press(kind) => drop(update(model, Msg::DoAll(press(kind)))),
        Step::Undo => drop(model.undo()),
        Step::Redo => drop(model.redo()),
        Step::Seek(ms) => model.seek(at(ms)),
        Step::Advance(ms) => model.advance_to(model.world().now() + Span::from_ms(ms)),
        Step::Take(index) => drop(model.take_branch(index)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_done_before_a_reload_it_is_taken_back_as_it_would_have_been(
        steps in prop::collection::vec(any_step(), 1..16)
    ) {
        let mut model = model();
        for step in &steps {
            take(&mut model, step);
        }
        let again = again(&model);
        let expect = all_undone(model);
        for model in again {
            prop_assert_eq!(all_undone(model), expect.clone());
        }
    }
}

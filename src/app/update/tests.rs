//! What a message does to the model, and what it asks of the browser.

use super::*;
use crate::app::rehearsal::{delivery, go_on, switch};
use crate::app::view::page;
use crate::app::{Kept, Tone, snapshot};
use crate::time::{Instant, Span};
use std::rc::Rc;

#[test]
fn an_outage_is_told_from_beginning_to_end() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    assert_eq!(model.narrate().0, Tone::Calm);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 20_000);
    let lag = model.world().lag(ServiceId(2));
    let (tone, sentence) = model.narrate();
    assert_eq!(tone, Tone::Down);
    assert!(
        sentence.starts_with(&format!("notifications is offline: {lag} updates are waiting for it.")),
        "{sentence}"
    );
    switch(&mut model, "notifications", true);
    go_on(&mut model, 1_500);
    assert_eq!(model.narrate().0, Tone::CatchingUp);
    go_on(&mut model, 12_000);
    let (tone, sentence) = model.narrate();
    assert_eq!(tone, Tone::Good, "{sentence}");
    assert!(sentence.contains(&format!("the {lag} updates it missed")), "{sentence}");
    assert!(sentence.ends_with("Nothing was lost."), "{sentence}");
}

#[test]
fn a_run_that_is_left_for_another_system_can_be_gone_back_to() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    switch(&mut model, "notifications", false);
    go_on(&mut model, 5_000);
    let left = (model.world().now(), model.world().trace_hash());
    assert_eq!(update(&mut model, Msg::Load("shop".to_owned())), []);
    assert_eq!(&*model.scenario().name, "shop");
    let offer = page(&model).keeping.offer.clone().expect("it is not lost");
    assert!(offer.is_set_aside && offer.text.contains("as it was at 00:00:25.0"), "{offer:?}");
    update(&mut model, Msg::Keep(KeepMsg::GoOn));
    model.finish_opening();
    assert_eq!((model.world().now(), model.world().trace_hash()), left);
    assert_eq!(page(&model).keeping.offer, None);
}

#[test]
fn a_run_in_which_nothing_was_done_is_not_offered_again() {
    let mut model = delivery();
    go_on(&mut model, 20_000);
    update(&mut model, Msg::Load("shop".to_owned()));
    assert_eq!(page(&model).keeping.offer, None);
}

#[test]
fn a_run_that_is_started_over_or_opened_over_comes_back_with_one_press() {
    let ways = [
        Msg::Reset,
        Msg::Restart { seed: 7 },
        Msg::Load("shop".to_owned()),
        Msg::Open { text: crate::scenario::SHIPPED[1].1.to_owned(), seed: 7 },
    ];
    for (way, back) in
        ways.into_iter().flat_map(|way| [Msg::Undo, Msg::Keep(KeepMsg::GoOn)].map(|back| (way.clone(), back)))
    {
        let mut model = delivery();
        go_on(&mut model, 20_000);
        model.act(Command::SetServiceOnline { service: "logistics".to_owned(), online: false }).expect("it is there");
        go_on(&mut model, 20_000);
        let hash = model.world().trace_hash();
        update(&mut model, way.clone());
        assert_ne!(model.world().trace_hash(), hash);
        update(&mut model, Msg::Reset);
        assert!(page(&model).time.can_undo_redo.0, "what was left before is not forgotten: {way:?}");
        update(&mut model, back);
        model.finish_opening();
        assert_eq!(model.world().trace_hash(), hash, "{way:?}");
        assert_eq!(page(&model).keeping.offer, None, "nothing was done in the run between");
    }
}

#[test]
fn a_run_that_was_left_is_gone_back_to_after_a_reload_too() {
    for back in [Msg::Undo, Msg::Keep(KeepMsg::GoOn)] {
        let mut model = delivery();
        go_on(&mut model, 20_000);
        switch(&mut model, "logistics", false);
        let left = (model.world().now(), model.world().trace_hash());
        update(&mut model, Msg::Load("shop".to_owned()));
        let written = [&model.kept(), &**model.left_run().expect("it was left")].map(Kept::written);
        let [shown, left_run] = written.map(|text| Rc::new(Kept::read(&text.expect("it fits")).expect("just written")));
        let mut reloaded = delivery();
        for msg in [KeepMsg::Offer(shown), KeepMsg::GoOn, KeepMsg::SetAside(left_run)] {
            update(&mut reloaded, Msg::Keep(msg));
        }
        reloaded.finish_opening();
        assert_eq!(page(&reloaded).keeping.offer, page(&model).keeping.offer);
        assert_eq!(
            (reloaded.left_run(), reloaded.world().trace_hash()),
            (model.left_run(), model.world().trace_hash())
        );
        update(&mut reloaded, back);
        reloaded.finish_opening();
        assert_eq!((reloaded.world().now(), reloaded.world().trace_hash()), left);
        assert_eq!(reloaded.left_run(), None);
    }
}

#[test]
fn a_run_of_an_earlier_visit_was_not_left_for_this_one() {
    let mut model = delivery();
    update(&mut model, Msg::Keep(KeepMsg::Offer(Rc::new(delivery().kept()))));
    assert!(model.offer().is_some() && model.left_run().is_none());
    update(&mut model, Msg::Keep(KeepMsg::SetAside(Rc::new(delivery().kept()))));
    assert!(model.left_run().is_some());
    update(&mut model, Msg::Keep(KeepMsg::Decline));
    assert_eq!(model.left_run(), None);
}

#[test]
fn of_two_runs_with_something_done_the_one_that_is_left_is_always_kept() {
    let mut model = delivery();
    let off = || Command::SetServiceOnline { service: "logistics".to_owned(), online: false };
    go_on(&mut model, 20_000);
    model.act(off()).expect("it is there");
    let first = model.world().trace_hash();
    update(&mut model, Msg::Restart { seed: 7 });
    model.act(off()).expect("it is there");
    let second = model.world().trace_hash();
    update(&mut model, Msg::Undo);
    update(&mut model, Msg::Redo);
    for expect in [first, second, first] {
        update(&mut model, Msg::Keep(KeepMsg::GoOn));
        model.finish_opening();
        assert_eq!(model.world().trace_hash(), expect);
    }
}

#[test]
fn what_was_taken_back_is_not_told_as_if_it_were_so() {
    let mut model = delivery();
    let commands = [
        Command::SetServiceConfig { service: "orders".to_owned(), name: "linger.ms".to_owned(), value: "7".to_owned() },
        Command::SetTopicConfig {
            topic: "order-status".to_owned(),
            name: "retention.ms".to_owned(),
            value: "90000".to_owned(),
        },
        Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 90 },
        Command::SetServiceOnline { service: "logistics".to_owned(), online: false },
    ];
    for (command, expect) in commands.into_iter().zip([
        "the change of linger.ms of orders to 7",
        "the change of retention.ms of order-status to 90000",
        "the change to 90 arrivals a minute at orders",
        "logistics off",
    ]) {
        model.act(command).expect("it is one");
        for (msg, what) in [(Msg::Undo, "Undone"), (Msg::Redo, "Redone")] {
            update(&mut model, msg);
            assert_eq!(model.stepped.as_deref(), Some(&*format!("{what}: {expect}")));
        }
    }
}

#[test]
fn a_wrong_file_leaves_a_notice_and_nothing_else() {
    let mut model = delivery();
    go_on(&mut model, 5_000);
    let before = snapshot(&model);
    update(&mut model, Msg::Open { text: "{\"version\": 1, \"nmae\": 3}".to_owned(), seed: 1 });
    let notice = model.notice().expect("a notice");
    assert!(notice.is_error && notice.text.contains("nmae"), "{}", notice.text);
    assert_eq!(snapshot(&model), before);
}

#[test]
fn a_wrong_command_leaves_a_notice_and_nothing_else() {
    let mut model = delivery();
    let before = (snapshot(&model), model.world().trace_hash());
    let command = Command::SetServiceOnline { service: "nobody".to_owned(), online: true };
    update(&mut model, Msg::Do(command));
    assert!(model.notice().expect("a notice").text.contains("orders, logistics, notifications"));
    assert_eq!((snapshot(&model), model.world().trace_hash()), before);
}

#[test]
fn the_same_seed_restarts_the_same_run() {
    let mut model = delivery();
    update(&mut model, Msg::Restart { seed: 7 });
    go_on(&mut model, 5_000);
    let hash = model.world().trace_hash();
    update(&mut model, Msg::Restart { seed: 7 });
    go_on(&mut model, 5_000);
    assert_eq!(model.world().trace_hash(), hash);
    assert_eq!(model.world().seed(), 7);
}

#[test]
fn a_step_holds_the_run_and_says_what_happened() {
    let mut model = delivery();
    update(&mut model, Msg::SetPlaying(true));
    update(&mut model, Msg::Step); // to what happened at the very beginning
    let before = model.world().now();
    update(&mut model, Msg::Step);
    assert!(!model.is_playing());
    assert!(model.world().now() > before);
    assert!(page(&model).time.stepped.is_some());
}

#[test]
fn time_that_cannot_be_paid_is_forgotten() {
    let mut model = delivery();
    update(&mut model, Msg::SetPlaying(true));
    update(&mut model, Msg::SetSpeed(crate::app::Speed::OFFERED[8]));
    model.owe(Span::from_ms(16));
    assert!(model.pay());
    model.settle();
    assert!(model.is_too_slow());
    assert!(!model.pay());
    assert_eq!(model.world().now(), Instant::from_ms(100));
}

#[test]
fn a_held_run_owes_nothing() {
    let mut model = delivery();
    model.owe(Span::from_ms(16));
    assert!(!model.pay());
    assert_eq!(model.world().now(), Instant::START);
}

#[test]
fn a_record_is_looked_at_with_its_neighbours() {
    let mut model = delivery();
    go_on(&mut model, 10_000);
    let first = RecordRef { partition: crate::log::TopicPartition::default(), offset: Offset(0) };
    assert_eq!(update(&mut model, Msg::Select(Some(first))), [Effect::FocusInspector]);
    update(&mut model, Msg::SelectNeighbour(-1));
    assert_eq!(model.selected(), Some(first), "there is nothing before the first record");
    update(&mut model, Msg::SelectNeighbour(1));
    let inspected = page(&model).inspector.expect("a record is looked at");
    assert_eq!(inspected.record.offset, Offset(1));
    assert_eq!(inspected.fates.len(), 2);
    assert!(inspected.fates.iter().all(|fate| fate.processed), "{:?}", inspected.fates);
}

#[test]
fn the_focus_stays_among_the_records_that_are_shown() {
    let mut model = delivery();
    let lane = TopicPartition::default();
    let go = |model: &mut Model, from: Option<i64>, to: FocusMove| {
        let from = from.map(|offset| RecordRef { partition: lane, offset: Offset(offset) });
        match *update(model, Msg::MoveFocus { from, lane, to }) {
            [Effect::FocusRecord(record)] => Some(record.offset.0),
            _ => None,
        }
    };
    assert_eq!(go(&mut model, None, FocusMove::Previous), None, "there is no record yet");
    go_on(&mut model, 20_000);
    let last = model.world().broker().log(lane).expect("a lane").log_end_offset().0 - 1;
    let first = last + 1 - 12;
    let moves = [
        (Some(last - 3), FocusMove::Previous, last - 4),
        (Some(last - 3), FocusMove::Next, last - 2),
        (Some(last), FocusMove::Next, last),
        (Some(first), FocusMove::Previous, first),
        (Some(0), FocusMove::Next, first),
        (None, FocusMove::Previous, last),
        (Some(last), FocusMove::First, first),
        (None, FocusMove::Last, last),
    ];
    for (from, to, expect) in moves {
        assert_eq!(go(&mut model, from, to), Some(expect), "{from:?} {to:?}");
    }
}

#[test]
fn publishing_by_hand_appends_a_record_with_its_headers() {
    let mut model = delivery();
    let command = Command::Publish {
        topic: "order-status".to_owned(),
        key: Some("order-1".to_owned()),
        value: None,
        headers: [("source".to_owned(), "me".to_owned())].into(),
        partition: Some(2),
    };
    update(&mut model, Msg::Do(command));
    go_on(&mut model, 50);
    let topics = page(&model).topics;
    let cells = topics[0].lanes[2].cells.iter();
    assert!(cells.into_iter().any(|cell| &*cell.label == "order-1, tombstone"));
}

//! A run that is kept or sent shows the same instant again; the golden links and the golden file of each version do so for good.

#![cfg(not(target_arch = "wasm32"))]

use catchup::app::view::page;
use catchup::app::{Breakpoint, Copied, Effect, KeepMsg, Kept, Model, Msg, Sharing, Speed, snapshot, update};
use catchup::run::{Run, file_of, of_file, of_link};
use catchup::scenario::shipped;
use catchup::sim::{Command, SeekTo, ServiceId};
use catchup::time::Instant;

const NOTIFICATIONS: ServiceId = ServiceId(2);

fn at(ms: u64) -> Instant {
    Instant::from_ms(ms)
}

fn switch(model: &mut Model, online: bool) {
    let command = Command::SetServiceOnline { service: "notifications".to_owned(), online };
    model.act(command).expect("there is such a service");
}

/// An outage in a run of a minute that is looked at in the middle of it, and a road that was left.
fn outage() -> Model {
    let mut model = Model::new(shipped("delivery").expect("it ships"), 42);
    model.advance_to(at(50_000));
    switch(&mut model, false);
    model.seek(at(20_000));
    switch(&mut model, false);
    model.advance_to(at(30_000));
    switch(&mut model, true);
    model.advance_to(at(60_000));
    model.seek(at(25_000));
    model
}

/// Everything that a script sees of it.
fn seen(model: &Model) -> (catchup::app::Snapshot, u64, Instant) {
    (snapshot(model), model.world().trace_hash(), model.end())
}

#[test]
fn a_run_that_was_sent_shows_the_same_instant_and_the_same_future() {
    let mut model = outage();
    let sent = Model::of_run(of_link(&model.link().expect("it fits")).expect("a run"));
    assert_eq!(seen(&sent), seen(&model));
    assert_eq!((sent.branches().len(), sent.is_playing(), sent.notice()), (0, false, None));
    let mut sent = sent;
    for model in [&mut model, &mut sent] {
        model.advance_to(at(60_000));
    }
    assert_eq!(seen(&sent), seen(&model));
}

#[test]
fn a_run_that_was_saved_has_its_branches_too() {
    let mut model = outage();
    let file = file_of(&model.run()).expect("it fits");
    let mut read = Model::of_run(of_file(&file).expect("a run"));
    assert_eq!((seen(&read), read.run()), (seen(&model), model.run()));
    assert!(model.take_branch(0) && read.take_branch(0));
    assert_eq!(seen(&read), seen(&model));
}

#[test]
fn a_run_that_the_browser_kept_goes_on_as_it_did() {
    let mut model = outage();
    update(&mut model, Msg::SetSpeed(Speed::OFFERED[7]));
    update(&mut model, Msg::SetPlaying(true));
    let kept = Kept::read(&model.kept().written().expect("it fits")).expect("it was just written");
    assert_eq!(kept, model.kept());
    let mut back = Model::of_kept(kept);
    assert!(back.is_opening() && !back.is_playing());
    back.finish_opening();
    assert_eq!((seen(&back), back.speed(), back.is_playing()), (seen(&model), Speed::OFFERED[7], true));
    for damaged in ["", "catchup-kept-1 held 1\n{}", "catchup-kept-2 held 1\n{}"] {
        assert_eq!(Kept::read(damaged), None);
    }
}

#[test]
fn a_link_that_is_opened_is_run_again_slice_by_slice() {
    let model = outage();
    let link = format!("https://example.org/#{}", model.link().expect("it fits"));
    let mut page = Model::new(shipped("delivery").expect("it ships"), 1);
    update(&mut page, Msg::SetPlaying(true));
    update(&mut page, Msg::Keep(KeepMsg::OpenLink(link)));
    assert_eq!((page.opened_percent(), page.is_playing()), (Some(0), false));
    let mut slices = 0;
    while page.open_on() {
        slices += 1;
        assert_eq!(page.opened_percent(), Some(slices * 100 / 60));
    }
    assert_eq!(seen(&page), seen(&model));
}

#[test]
fn what_is_done_while_a_run_is_opened_is_done_at_its_instant() {
    let model = outage();
    let mut page = Model::opening(model.run());
    page.open_on();
    update(&mut page, Msg::Do(Command::ShutDown { service: "logistics".to_owned() }));
    assert!(!page.is_opening());
    let last = page.run().commands.pop().expect("what was just done");
    assert_eq!((last.at, last.command), (at(25_000), Command::ShutDown { service: "logistics".to_owned() }));
}

#[test]
fn a_run_need_not_be_opened_to_its_end() {
    let mut page = Model::opening(outage().run());
    for _ in 0..22 {
        page.open_on();
    }
    update(&mut page, Msg::Keep(KeepMsg::StopOpening));
    assert_eq!((page.is_opening(), page.end(), page.run().commands.len()), (false, at(22_000), 1));
}

#[test]
fn a_link_that_is_refused_leaves_a_notice_and_nothing_else() {
    let mut model = outage();
    let before = seen(&model);
    for (link, expect) in [("https://example.org/#run=AQ", "This link is damaged"), ("x", "This is not a Catchup link")]
    {
        update(&mut model, Msg::Keep(KeepMsg::OpenLink(link.to_owned())));
        let notice = model.notice().expect("a notice");
        assert!(notice.is_error && notice.text.starts_with(expect) && notice.text.ends_with("Nothing has changed."));
        assert_eq!(seen(&model), before);
    }
}

#[test]
fn a_run_that_goes_another_way_says_so() {
    let run = Run { trace_hash: Some(7), ..outage().run() };
    let notice = Model::of_run(run).notice().expect("a notice").text.clone();
    assert!(notice.contains("it goes another way here"), "{notice}");
    let mut run = outage().run();
    (run.trace_hash, run.at) = (None, run.end);
    run.commands[0].command =
        Command::SetInstanceOnline { service: "logistics".to_owned(), instance: 9, online: false };
    let notice = Model::of_run(run).notice().expect("a notice").text.clone();
    assert!(notice.ends_with("One of its commands was refused."), "{notice}");
}

#[test]
fn to_share_holds_the_run_and_copies_its_link() {
    let mut model = outage();
    update(&mut model, Msg::SetPlaying(true));
    let effects = update(&mut model, Msg::Keep(KeepMsg::Share));
    let fragment = model.link().expect("it fits");
    assert_eq!(effects, [Effect::CopyLink(fragment.as_str().into()), Effect::FocusSharing]);
    assert!(!model.is_playing() && model.is_held_to_share());
    let said = |model: &Model| page(model).keeping.sharing.clone().expect("it is being sent").text;
    assert!(said(&model).ends_with("Your run is held meanwhile, and goes on when you close this."), "{}", said(&model));
    update(&mut model, Msg::Keep(KeepMsg::Copied(Copied::Link, true)));
    let Some(Sharing::Link { fragment: shown, at: shown_at, embed, copied }) = model.sharing() else {
        panic!("a link")
    };
    assert_eq!((&**shown, *shown_at, *copied), (&*fragment, at(25_000), Some((Copied::Link, true))));
    assert_eq!(embed.tail(), format!("?embed=flow,lag#{fragment}"));
    let embed = embed.clone();
    assert_eq!(update(&mut model, Msg::Keep(KeepMsg::Copy(Copied::Embed))), [Effect::CopyEmbed(embed)]);
    update(&mut model, Msg::Keep(KeepMsg::Share)); // again
    assert_eq!(update(&mut model, Msg::Keep(KeepMsg::CloseSharing)), [Effect::FocusShare(None)]);
    assert_eq!((model.sharing(), model.is_playing()), (None, true), "it goes on as it did");
    update(&mut model, Msg::SetPlaying(false));
    for held in [None, Some(Msg::Step)] {
        update(&mut model, Msg::SetPlaying(held.is_some()));
        update(&mut model, Msg::Keep(KeepMsg::Share));
        if let Some(held) = held {
            update(&mut model, held);
        }
        assert!(!said(&model).contains("held"), "it is the person who holds it: {}", said(&model));
        update(&mut model, Msg::Keep(KeepMsg::CloseSharing));
        assert!(!model.is_playing());
    }
}

#[test]
fn what_goes_on_and_is_held_only_to_share_goes_on_in_whatever_comes_next() {
    let of_a_scenario = Msg::Open { text: include_str!("../static/scenarios/shop.json").to_owned(), seed: 1 };
    for (next, is_another) in [
        (Msg::Load("shop".to_owned()), true),
        (Msg::Reset, true),
        (Msg::Restart { seed: 7 }, true),
        (of_a_scenario, true),
        (Msg::Keep(KeepMsg::GoOn), false),
    ] {
        let mut model = outage();
        update(&mut model, Msg::SetPlaying(true));
        update(&mut model, Msg::Keep(KeepMsg::Share));
        assert!(model.is_going_on() && model.kept().playing, "a reload finds it going on");
        if is_another {
            update(&mut model, next);
            assert!(model.is_playing() && model.sharing().is_none(), "it goes on as the one before did");
        } else {
            update(&mut model, Msg::Load("shop".to_owned()));
            update(&mut model, Msg::SetPlaying(false));
            update(&mut model, next);
            model.finish_opening();
            assert!(model.is_playing(), "it is gone back to as it was left");
        }
    }
}

#[test]
fn what_holds_a_run_that_is_shared_holds_it_for_good() {
    let hold: [fn(&mut Model); 3] = [
        |model| model.seek(at(10_000)),
        |model| {
            let lag = model.world().lag(NOTIFICATIONS);
            update(model, Msg::HoldAt(Breakpoint::LagAbove(NOTIFICATIONS, lag)));
            let (service, to) = ("notifications".to_owned(), SeekTo::Earliest);
            update(model, Msg::Do(Command::Seek { service, to }));
            assert!(model.world().lag(NOTIFICATIONS) > lag, "it has everything before it again");
        },
        |model| {
            let link = outage().link().expect("it fits");
            update(model, Msg::Keep(KeepMsg::OpenLink(format!("#{link}"))));
            model.finish_opening();
        },
    ];
    for hold in hold {
        let mut model = Model::new(shipped("delivery").expect("it ships"), 42);
        model.advance_to(at(12_000));
        model.act(Command::ShutDown { service: "notifications".to_owned() }).expect("there is such a service");
        model.advance_to(at(25_000));
        update(&mut model, Msg::SetPlaying(true));
        update(&mut model, Msg::Keep(KeepMsg::Share));
        hold(&mut model);
        assert!(!model.is_held_to_share());
        update(&mut model, Msg::Keep(KeepMsg::CloseSharing));
        assert!(!model.is_playing());
    }
}

#[test]
fn who_opens_a_link_or_a_file_is_told_that_the_run_is_held_until_it_goes_on() {
    let link = outage().link().expect("it fits");
    let file = file_of(&outage().run()).expect("it can be written");
    let told = |model: &Model| page(model).keeping.arrival.clone();
    for (msg, from) in [
        (Msg::Keep(KeepMsg::OpenLink(format!("#{link}"))), "Somebody shared this run with you."),
        (Msg::Open { text: file, seed: 1 }, "This is the run from the file."),
    ] {
        let mut model = Model::new(shipped("delivery").expect("it ships"), 1);
        update(&mut model, Msg::SetPlaying(true));
        update(&mut model, msg);
        assert_eq!(told(&model), None, "it is being opened");
        model.finish_opening();
        assert_eq!(
            told(&model),
            Some(format!("{from} It is held at 00:00:25.0: press Play to see what happens next."))
        );
        let mut dismissed = model.clone();
        update(&mut dismissed, Msg::Keep(KeepMsg::DismissArrival));
        update(&mut model, Msg::SetPlaying(true));
        update(&mut model, Msg::SetPlaying(false));
        assert_eq!([told(&model), told(&dismissed)], [None, None]);
    }
}

#[test]
fn to_save_gives_a_file_that_opens_again() {
    let mut model = outage();
    let [Effect::Download { name, text }] = &*update(&mut model, Msg::Keep(KeepMsg::Save)) else { panic!("a file") };
    assert_eq!(name, "catchup-delivery-42.json");
    let mut page = Model::new(shipped("delivery").expect("it ships"), 1);
    update(&mut page, Msg::Open { text: text.clone(), seed: 1 });
    page.finish_opening();
    assert_eq!((seen(&page), page.branches().len()), (seen(&model), 1));
    let before = seen(&page);
    update(&mut page, Msg::Open { text: text.replace("delivery", "nowhere"), seed: 1 });
    assert!(page.notice().expect("a notice").text.contains("there is no scenario \"nowhere\""));
    assert_eq!(seen(&page), before);
}

#[test]
fn the_run_of_an_earlier_visit_can_be_gone_on_with() {
    let kept = outage().kept();
    let mut page = Model::new(shipped("delivery").expect("it ships"), 1);
    update(&mut page, Msg::Keep(KeepMsg::Offer(std::rc::Rc::new(kept.clone()))));
    assert_eq!(page.offer(), Some(&kept));
    update(&mut page, Msg::Keep(KeepMsg::GoOn));
    page.finish_opening();
    assert_eq!((seen(&page), page.offer()), (seen(&outage()), None));
}

/// The links and the file that each version has made open for good. When the engine changes on purpose and a run goes another way, its new
/// hash is put beside the old link: `BLESS=1 cargo test --test keeping`.
#[test]
fn golden_links_and_files_open() {
    check_golden("runs-1.txt", include_str!("golden/runs-1.txt"), include_str!("golden/run-1.json"));
    check_golden("runs-2.txt", include_str!("golden/runs-2.txt"), include_str!("golden/run-2.json"));
    let lines =
        [include_str!("golden/runs-1.txt"), include_str!("golden/runs-2.txt")].map(|golden| golden.lines().count());
    assert_eq!(lines, [5, 3], "a comment, three links and a file, and a comment, a link and a file");
}

fn check_golden(name: &str, golden: &str, file: &str) {
    let mut actual = Vec::new();
    for line in golden.lines() {
        let sent = line.rsplit(' ').next().unwrap_or_default();
        let run = match sent {
            sent if sent.starts_with("run-") => of_file(file).expect("a run"),
            sent if sent.starts_with("run=") => of_link(sent).unwrap_or_else(|error| panic!("{sent}: {error}")),
            _ => {
                actual.push(line.to_owned());
                continue;
            }
        };
        let model = Model::of_run(run);
        actual.push(format!("{:016x} {} {sent}", model.world().trace_hash(), model.world().now().as_us()));
    }
    let actual = actual.join("\n") + "\n";
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(format!("tests/golden/{name}"), &actual).expect("it can be written");
    } else {
        assert_eq!(actual, golden, "the engine has changed: if on purpose, BLESS=1 cargo test --test keeping");
    }
}

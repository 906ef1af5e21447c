//! What a search is asked, what it says, and what is played of it.

use super::*;
use crate::app::view::search as search_view;
use crate::app::{KeepMsg, Kept, Opens};
use crate::app::{Msg, update};
use crate::scenario::shipped;
use crate::sim::Command;
use crate::sim::Named;
use crate::time::Span;
use std::rc::Rc;

fn model() -> Model {
    let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), 42);
    let (name, value) = ("commit_policy".to_owned(), crate::sim::CommitPolicy::BeforeProcessing.name().to_owned());
    let command = Command::SetServiceConfig { service: "notifications".to_owned(), name, value };
    update(&mut model, Msg::Do(command));
    model
}

fn tell(model: &mut Model, msg: SearchMsg) -> Vec<Effect> {
    update(model, Msg::Search(msg))
}

/// Runs the search that the model asks for as the worker would.
fn run(job: &SearchJob) -> Vec<Report> {
    let mut search = search_of(&job.file, job.promise, job.tries_max).expect("a search");
    let mut reports = Vec::new();
    while !reports.last().is_some_and(Report::is_over) {
        search.step();
        reports.push(Report::read(&report_of(&search, &job.file)).expect("a report"));
    }
    reports
}

#[test]
fn what_is_found_is_played_from_just_before() {
    let mut model = model();
    let effects = tell(&mut model, SearchMsg::Start);
    let [Effect::StartSearch(job)] = &*effects else { panic!("{effects:?}") };
    for report in run(job) {
        tell(&mut model, SearchMsg::Report(report, 123));
    }
    let view = search_view(&model);
    let is_told = view.status.starts_with("Found: `notifications` loses an update, and the settings do not");
    assert!(!view.is_running && is_told, "{view:?}");
    assert!(view.status.ends_with(" of simulated time, at 12.3 schedules a second."), "{view:?}");
    assert!(view.found.iter().any(|step| step.contains("`notifications` crashes")), "{view:?}");
    tell(&mut model, SearchMsg::Play);
    assert!(model.is_playing());
    let lost = |model: &Model| model.account_of(crate::sim::ServiceId(2)).lost;
    assert!(model.outages().is_empty() && lost(&model) == 0, "it is just before the outage");
    let begins = model.all_outages().first().expect("it crashes").from;
    assert!(begins.since(model.world().now()) <= Span::from_ms(2_000), "and not long before it: {begins:?}");
    while model.is_playing() && model.world().now() < model.end() {
        model.owe(Span::from_ms(16));
        while model.pay() {}
    }
    assert!(!model.is_playing() && lost(&model) > 0, "it is held where it happens");
    let notice = model.notice().expect("that is said").clone();
    assert!(
        notice.text.starts_with("Held: notifications loses an update at this instant: order-status, partition "),
        "{notice:?}"
    );
    let Some(Opens::Record(record)) = notice.opens else { panic!("{notice:?}") };
    assert!(notice.text.ends_with(&format!("offset {}.", record.offset)), "{notice:?}");
    let now = model.world().now();
    model.step_back();
    assert_eq!((lost(&model), model.world().now() < now), (0, true), "not a moment later");
    model.seek(now);
    update(&mut model, Msg::SetPlaying(true));
    model.owe(Span::from_ms(100));
    while model.pay() {}
    assert!(model.is_playing(), "once");
    assert_eq!(search_view(&model).found, view.found, "it is still there to be read");
}

#[test]
fn what_is_chosen_first_can_be_found_and_what_the_settings_rule_out_comes_with_a_setting_that_allows_it() {
    let untouched = || Model::new(shipped("delivery").expect("a shipped scenario"), 42);
    let first = untouched().promise_sought();
    let mut ruled_out = 0;
    for promise in SOUGHT {
        let mut model = untouched();
        if let Outlook::Unlikely(change) = model.outlook(promise) {
            assert_ne!(promise, first, "the first is one that can be found");
            ruled_out += 1;
            let Some(change) = change else {
                assert_eq!(promise, Promise::AcknowledgedIsThere, "others come with a setting that allows them");
                continue;
            };
            for command in change.commands {
                model.act(command).expect("it can be set");
            }
        }
        assert!(matches!(model.outlook(promise), Outlook::Likely(_)), "{promise:?}");
        let options = SearchOptions { promise: promise.name().to_owned(), ..SearchOptions::default() };
        let last = run(&model.search_job(&options).expect("a job")).pop().expect("a report");
        assert_eq!(last.stage, Stage::Found, "{promise:?} after {} tries", last.tries);
    }
    assert_eq!(
        ruled_out,
        SOUGHT.len() - 2,
        "the shipped settings make all promises but two, one of a reader and one of a publisher"
    );
}

#[test]
fn a_search_that_is_left_tells_nothing_any_more() {
    let mut model = model();
    tell(&mut model, SearchMsg::Start);
    let (stage, simulated) = (Stage::Trying, Span::from_ms(60_000));
    let report = Report { stage, tries: 7, simulated, found: None, text: "".into() };
    tell(&mut model, SearchMsg::Report(report.clone(), 35));
    assert_eq!(search_view(&model).status, "7 schedules tried so far, at 3.5 schedules a second.");
    assert_eq!(tell(&mut model, SearchMsg::Cancel), [Effect::StopSearch]);
    tell(&mut model, SearchMsg::Report(report, 35));
    assert_eq!(search_view(&model).status, "Cancelled after 7 schedules; nothing was found.");
}

#[test]
fn what_cannot_be_searched_for_is_refused_with_what_can() {
    let refused = |change: &dyn Fn(&mut SearchOptions)| {
        let mut options = SearchOptions::default();
        change(&mut options);
        model().search_job(&options).expect_err("there is no such search")
    };
    let promise = refused(&|it| it.promise = "happiness".to_owned());
    assert!(promise.starts_with("promise is \"happiness\"; it must be one of nothing_is_lost, "), "{promise}");
    let horizon = "horizon is 7; it must be from 30000 to 600000 milliseconds";
    assert_eq!(refused(&|it| it.horizon_ms = 7), horizon);
    let seed = refused(&|it| it.seed = Some(SEED_MAX + 1));
    assert!(seed.starts_with("seed is 9007199254740992; it must be a whole number from 0 to "), "{seed}");
}

#[test]
fn a_search_begins_with_the_seed_and_the_length_that_were_typed() {
    let mut model = model();
    tell(&mut model, SearchMsg::SetSeed("77".to_owned()));
    tell(&mut model, SearchMsg::SetHorizon("90".to_owned()));
    let effects = tell(&mut model, SearchMsg::Start);
    let [Effect::StartSearch(job)] = &*effects else { panic!("{effects:?}") };
    let search = search_of(&job.file, job.promise, 3).expect("a search");
    assert_eq!((search.base().seed, search.base().horizon), (77, Span::from_ms(90_000)));
    tell(&mut model, SearchMsg::Cancel);
    tell(&mut model, SearchMsg::SetSeed("many".to_owned()));
    assert_eq!(tell(&mut model, SearchMsg::Start), []);
    let status = search_view(&model).status;
    assert!(status.starts_with("The search cannot be run: seed is many; it must be"), "{status}");
}

#[test]
fn what_was_found_survives_a_reload() {
    let mut model = model();
    let effects = tell(&mut model, SearchMsg::Start);
    let [Effect::StartSearch(job)] = &*effects else { panic!("{effects:?}") };
    assert_eq!(model.kept().search, None, "nothing is found yet");
    for report in run(job) {
        tell(&mut model, SearchMsg::Report(report, 123));
    }
    let kept = Kept::read(&model.kept().written().expect("it can be kept")).expect("it was kept");
    let mut again = Model::new(shipped("delivery").expect("a shipped scenario"), 1);
    update(&mut again, Msg::Keep(KeepMsg::Offer(Rc::new(kept))));
    update(&mut again, Msg::Keep(KeepMsg::GoOn));
    again.finish_opening();
    let (found, before) = (search_view(&again), search_view(&model));
    assert!(!found.found.is_empty());
    assert_eq!((found.found, found.status), (before.found, before.status));
    tell(&mut again, SearchMsg::Play);
    assert!(again.is_playing());
    update(&mut again, Msg::Load("shop".to_owned()));
    assert!(search_view(&again).found.is_empty(), "that was about another system");
}

#[test]
fn what_was_sought_in_a_system_is_not_told_of_another() {
    let file = |name: &str| shipped(name).expect("a shipped scenario").text.to_string();
    for (name, expect) in [("delivery", &[][..]), ("shop", &[Effect::StopSearch])] {
        let mut model = model();
        tell(&mut model, SearchMsg::Start);
        assert_eq!(update(&mut model, Msg::Open { text: file(name), seed: 1 }), expect, "{name}");
    }
}

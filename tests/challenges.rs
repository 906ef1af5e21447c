//! Each challenge can be done by what a person can do on the page, and none is done without. What is taken back, or lies on another
//! road, is not done in this run.

#![cfg(not(target_arch = "wasm32"))]

use catchup::app::{Model, Msg, challenges_snapshot, update, view};
use catchup::check::{AWAY_MIN, By, Challenge};
use catchup::run::Run;
use catchup::scenario::{SHIPPED, shipped};
use catchup::sim::{Command, POISON, ServiceId};
use catchup::time::{Instant, Span};

const SEED: u64 = 42;
/// The longest that anything here takes to settle.
const SETTLED_MS: u64 = 30_000;

/// A shipped scenario in the course of its day, with the service whose outage tells its story, and the one that publishes.
struct Day {
    model: Model,
    reader: &'static str,
    publisher: &'static str,
    topic: &'static str,
}

/// The day of the delivery, or of the shop.
fn day(scenario: &str) -> Day {
    let model = Model::opened(shipped(scenario).expect("a shipped scenario"), SEED);
    match scenario {
        "delivery" => Day { model, reader: "notifications", publisher: "orders", topic: "order-status" },
        _ => Day { model, reader: "payments", publisher: "storefront", topic: "purchases" },
    }
}

impl Day {
    fn apply(&mut self, command: Command) {
        self.model.act(command).expect("it can be done");
    }

    fn go_on(&mut self, ms: u64) {
        self.model.advance_to(self.model.world().now() + Span::from_ms(ms));
    }

    fn switch(&mut self, online: bool) {
        self.apply(Command::SetServiceOnline { service: self.reader.to_owned(), online });
    }

    fn connect(&mut self, connected: bool) {
        self.apply(Command::SetConnected { service: self.reader.to_owned(), connected });
    }

    fn switch_broker(&mut self, broker: u32, online: bool) {
        self.apply(Command::SetBrokerOnline { broker, online });
    }

    fn set(&mut self, name: &str, value: &str) {
        let (service, name, value) = (self.reader.to_owned(), name.to_owned(), value.to_owned());
        self.apply(Command::SetServiceConfig { service, name, value });
    }

    fn id(&self, service: &str) -> ServiceId {
        self.model.world().service_id(service).expect("there is such a service")
    }

    fn is_done(&self, challenge: Challenge) -> bool {
        self.model.challenge_done(challenge).is_some()
    }

    /// Takes the reader away in the middle of catching up, and brings it back.
    fn crash_while_busy(&mut self) {
        self.stop_for(10_000);
        let (world, reader) = (self.model.world(), self.id(self.reader));
        let group = world.group_of(reader).expect("it reads");
        let processed = |day: &Self| day.model.ledger().account(group).processed;
        let in_hand = |day: &Self| day.model.world().instances(reader).map(|instance| instance.in_hand).sum::<usize>();
        let before = processed(self);
        for _ in 0..SETTLED_MS / 10 {
            if processed(self) < before + 3 || in_hand(self) == 0 {
                self.go_on(10);
            }
        }
        self.stop_for(1_000);
        self.go_on(SETTLED_MS);
    }

    fn stop_for(&mut self, ms: u64) {
        self.switch(false);
        self.go_on(ms);
        self.switch(true);
    }

    fn stay_away(&mut self, away: Span) {
        self.stop_for(away.as_ms());
        self.go_on(SETTLED_MS);
    }

    fn do_it(&mut self, challenge: Challenge) {
        match challenge {
            Challenge::NothingLost => self.stay_away(AWAY_MIN),
            Challenge::SaidTwice => self.crash_while_busy(),
            Challenge::MissedForGood => {
                self.set("commit_policy", "before_processing");
                self.go_on(SETTLED_MS);
                self.crash_while_busy();
            }
            Challenge::Recognised => {
                self.set("deduplicate", "true");
                self.go_on(SETTLED_MS);
                self.crash_while_busy();
            }
            Challenge::Redriven => {
                self.poison();
                self.set("reads_poison", "true");
                self.apply(Command::Redrive { service: self.reader.to_owned() });
                self.go_on(SETTLED_MS);
            }
            Challenge::BrokerBack => {
                self.switch_broker(2, false);
                self.go_on(SETTLED_MS);
                self.switch_broker(2, true);
                self.go_on(SETTLED_MS);
            }
            Challenge::AcknowledgedLost => self.elect_uncleanly(),
        }
    }

    /// A record lies aside that the reader could not process.
    fn poison(&mut self) {
        self.set("on_failure", "dead_letter");
        self.go_on(SETTLED_MS);
        let headers = [(POISON.to_owned(), "true".to_owned())].into();
        let (topic, key, value) = (self.topic.to_owned(), Some("poison".to_owned()), Some("{}".to_owned()));
        self.apply(Command::Publish { topic, key, value, headers, partition: None });
        self.go_on(SETTLED_MS);
    }

    fn elect_uncleanly(&mut self) {
        let (name, value) = ("unclean.leader.election.enable".to_owned(), "true".to_owned());
        self.apply(Command::SetTopicConfig { topic: self.topic.to_owned(), name, value });
        self.switch_broker(3, false);
        self.go_on(10_000);
        self.switch_broker(1, false);
        self.switch_broker(2, false);
        self.switch_broker(3, true);
        self.go_on(SETTLED_MS);
    }
}

#[test]
fn every_challenge_can_be_done_in_every_shipped_scenario() {
    for (scenario, _) in SHIPPED {
        for challenge in Challenge::ALL {
            let mut day = day(scenario);
            let began = day.model.world().now();
            assert!(!day.is_done(challenge), "{challenge:?} in {scenario}, with nothing done");
            day.do_it(challenge);
            let done = day.model.challenge_done(challenge);
            let done = done.unwrap_or_else(|| panic!("{challenge:?} is not done in {scenario}"));
            assert!(done.at > began && done.at <= day.model.world().now());
            assert!(day.model.has_earned(challenge));
        }
    }
}

#[test]
fn a_day_without_trouble_does_none() {
    for (scenario, _) in SHIPPED {
        let mut day = day(scenario);
        day.go_on(1_200_000);
        assert_eq!(*day.model.challenges_done(), [None; Challenge::ALL.len()], "{scenario}");
        assert_eq!(day.model.earned_challenges(), "");
        let offered = day.model.challenges().count();
        assert_eq!(offered, Challenge::ALL.len(), "{scenario} has what it takes for all of them");
    }
}

#[test]
fn who_was_away_too_shortly_or_has_lost_something_has_not_done_the_first() {
    let mut short = day("delivery");
    short.stay_away(Span::from_us(AWAY_MIN.as_us() - 1_000_000));
    assert!(!short.is_done(Challenge::NothingLost));

    let mut lossy = day("delivery");
    for (name, value) in [("retention.ms", "10000"), ("segment.ms", "5000")] {
        let (topic, name, value) = (lossy.topic.to_owned(), name.to_owned(), value.to_owned());
        lossy.apply(Command::SetTopicConfig { topic, name, value });
    }
    lossy.stay_away(Span::from_ms(90_000));
    let group = lossy.model.world().group_of(lossy.id(lossy.reader)).expect("it reads");
    assert!(lossy.model.ledger().account(group).lost > 0, "retention has overtaken it");
    assert!(!lossy.is_done(Challenge::NothingLost));
    assert!(!lossy.is_done(Challenge::MissedForGood), "the log has it no longer");
}

#[test]
fn who_is_cut_off_from_the_network_is_away_too() {
    for (scenario, _) in SHIPPED {
        for (away, is_enough) in [(AWAY_MIN, true), (Span::from_us(AWAY_MIN.as_us() - 1_000_000), false)] {
            let mut day = day(scenario);
            day.connect(false);
            day.go_on(away.as_ms());
            day.connect(true);
            assert!(!day.is_done(Challenge::NothingLost), "it has still to catch up");
            day.go_on(2 * SETTLED_MS);
            assert_eq!(day.is_done(Challenge::NothingLost), is_enough, "{away:?} in {scenario}");
        }
    }
}

#[test]
fn who_is_switched_on_while_it_is_cut_off_is_still_away() {
    let mut day = day("delivery");
    day.connect(false);
    day.stop_for(1_000);
    day.go_on(AWAY_MIN.as_ms() - 1_000);
    day.connect(true);
    day.go_on(2 * SETTLED_MS);
    assert!(day.is_done(Challenge::NothingLost), "all of it is one absence");
}

#[test]
fn a_dead_letter_alone_is_not_processed() {
    let mut day = day("delivery");
    day.poison();
    assert_eq!(day.model.world().dead_letters(day.id(day.reader)), Some(1));
    assert!(!day.is_done(Challenge::Redriven));
    day.apply(Command::Redrive { service: day.reader.to_owned() });
    day.go_on(SETTLED_MS);
    assert!(!day.is_done(Challenge::Redriven), "it was tried again, and not mended");
}

#[test]
fn a_broker_is_not_back_before_everything_is_in_sync_nor_if_something_is_gone() {
    let mut away = day("delivery");
    away.switch_broker(2, false);
    away.go_on(SETTLED_MS);
    assert!(!away.is_done(Challenge::BrokerBack));

    let mut costly = day("delivery");
    costly.elect_uncleanly();
    costly.switch_broker(1, true);
    costly.switch_broker(2, true);
    costly.go_on(2 * SETTLED_MS);
    assert!(costly.is_done(Challenge::AcknowledgedLost));
    assert!(!costly.is_done(Challenge::BrokerBack));
}

#[test]
fn an_election_among_those_in_sync_throws_nothing_away() {
    let mut day = day("delivery");
    day.do_it(Challenge::BrokerBack);
    assert!(!day.is_done(Challenge::AcknowledgedLost));
    assert_eq!(
        day.model.challenge_done(Challenge::BrokerBack).map(|it| it.by),
        Some(By::Broker(catchup::broker::BrokerId(2)))
    );
}

#[test]
fn looking_back_leaves_a_challenge_done_and_the_way_there_leads_to_its_instant() {
    let mut day = day("delivery");
    day.do_it(Challenge::NothingLost);
    let done = day.model.challenge_done(Challenge::NothingLost).expect("it is done");
    day.model.seek(Instant::from_ms(15_000));
    assert_eq!(day.model.challenge_done(Challenge::NothingLost), Some(done));
    drop(update(&mut day.model, Msg::Seek(done.at)));
    let (_, sentence) = day.model.narrate();
    assert!(sentence.starts_with("notifications has caught up"), "{sentence}");
}

#[test]
fn what_is_taken_back_or_lies_on_another_road_was_done_before() {
    let mut day = day("delivery");
    day.do_it(Challenge::NothingLost);
    day.model.undo().expect("it was switched on");
    assert!(!day.is_done(Challenge::NothingLost) && day.model.has_earned(Challenge::NothingLost));
    day.model.redo().expect("it was taken back");
    assert!(day.is_done(Challenge::NothingLost));

    day.model.seek(Instant::from_ms(15_000));
    day.switch(false);
    assert!(!day.is_done(Challenge::NothingLost), "the outage lies on the road that was left");
    drop(update(&mut day.model, Msg::UnfoldChallenges(true)));
    let view = view::challenges(&day.model);
    let row = view.rows[Challenge::NothingLost as usize].done.as_ref().expect("it was done before");
    assert!(row.at.is_none() && row.when.contains("before"), "{row:?}");
    day.model.take_branch(0);
    assert!(day.is_done(Challenge::NothingLost));
}

#[test]
fn what_was_done_is_remembered_by_name_and_told_once() {
    let mut day = day("delivery");
    assert!(!day.model.renew_challenge_news(), "there is nothing to tell");
    day.do_it(Challenge::BrokerBack);
    assert!(day.model.renew_challenge_news());
    let counted = format!("(1 of {})", Challenge::ALL.len());
    assert!(day.model.challenge_news().is_some_and(|it| it.contains("One broker less") && it.contains(&counted)));
    assert!(day.model.renew_challenge_news() && day.model.challenge_news().is_none(), "and then no more");

    let names = day.model.earned_challenges();
    let mut next = Model::new(shipped("delivery").expect("a shipped scenario"), SEED);
    next.recall_challenges(&format!("{names} no-such-challenge"));
    assert_eq!(next.earned_challenges(), names);
    assert!(next.challenge_done(Challenge::BrokerBack).is_none());
    drop(update(&mut next, Msg::Load("shop".to_owned())));
    assert_eq!(next.earned_challenges(), names, "another run knows of it too");
}

/// A run that is opened in a page where these were earned.
fn opened(run: Run, earned: &str) -> Model {
    let mut model = Model::new(shipped("delivery").expect("a shipped scenario"), SEED);
    model.recall_challenges(earned);
    model.begin(Model::opening(run));
    model.finish_opening();
    model
}

#[test]
fn what_a_run_had_done_before_it_was_opened_was_done_by_somebody_else_and_what_is_done_from_there_on_counts() {
    let (mut sent, challenge) = (day("delivery"), Challenge::NothingLost);
    sent.do_it(challenge);
    let run = sent.model.run();
    let at = run.at;
    let mut here = Day { model: opened(run, ""), ..sent };
    here.model.seek(Instant::from_ms(1_000));
    here.model.advance_to(at);
    assert!(!here.is_done(challenge) && here.model.earned_challenges().is_empty(), "watching it again is not doing it");
    here.do_it(challenge);
    assert!(here.model.challenge_done(challenge).is_some_and(|done| done.at > at));
    assert!(here.model.has_earned(challenge) && here.model.renew_challenge_news());
}

#[test]
fn what_comes_after_the_instant_that_was_shared_counts_once_it_has_come() {
    let (mut sent, challenge) = (day("delivery"), Challenge::NothingLost);
    sent.do_it(challenge);
    let run = sent.model.run();
    let mut model = opened(Run { at: Instant::from_ms(1_000), ..run.clone() }, "");
    assert!(!model.has_earned(challenge) && model.challenge_done(challenge).is_none(), "it lies ahead");
    model.advance_to(run.end);
    assert_eq!(model.challenge_done(challenge), sent.model.challenge_done(challenge));
}

#[test]
fn in_a_run_of_ones_own_that_is_opened_again_it_is_seen_when_it_was_done_and_that_is_no_news() {
    let (mut day, challenge) = (day("delivery"), Challenge::NothingLost);
    day.do_it(challenge);
    let mut model = opened(day.model.run(), challenge.name());
    assert_eq!(model.challenge_done(challenge), day.model.challenge_done(challenge));
    assert!(!model.renew_challenge_news());
}

#[test]
fn folded_up_they_are_counted_and_unfolded_each_says_what_to_do_here() {
    let mut day = day("shop");
    let folded = view::challenges(&day.model);
    assert_eq!((folded.counted, folded.rows.len()), ((0, Challenge::ALL.len()), 0));
    drop(update(&mut day.model, Msg::UnfoldChallenges(true)));
    let rows = view::challenges(&day.model).rows;
    assert_eq!(rows.len(), Challenge::ALL.len());
    let is_filled_in = |text: &str| !text.is_empty() && !text.contains('{');
    assert!(rows.iter().all(|row| row.done.is_none() && is_filled_in(&row.task) && is_filled_in(&row.hint)));
    for (challenge, name) in [
        (Challenge::NothingLost, day.reader),
        (Challenge::SaidTwice, "charges made twice"),
        (Challenge::AcknowledgedLost, day.publisher),
    ] {
        let task = &rows[challenge as usize].task;
        assert!(task.contains(name), "{task}");
    }
    let snapshots = serde_json::to_value(challenges_snapshot(&day.model)).expect("they can be written");
    assert_eq!(snapshots[0]["name"], "nothing_lost");
    assert_eq!(snapshots[0]["done"], false);
    assert!(snapshots[0]["since_ms"].is_null());
}

#[test]
fn the_settings_that_hints_name_are_called_so_on_the_page() {
    let mut day = day("delivery");
    drop(update(&mut day.model, Msg::UnfoldChallenges(true)));
    let settings = day.model.settings_of(day.id(day.reader));
    let hints: String = view::challenges(&day.model).rows.into_iter().map(|row| row.hint).collect();
    let named: Vec<&str> = hints.split('“').skip(1).filter_map(|it| it.split('”').next()).collect();
    assert!(!named.is_empty());
    for name in named {
        assert!(settings.iter().any(|row| row.words == Some(name)), "{name}");
    }
}

//! A run as a link and as a file: it comes back as it was, and what is no run is refused with the reason.

#![cfg(not(target_arch = "wasm32"))]

mod sent_run;

use catchup::json::Json;
use catchup::run::{
    FILE_BYTES_MAX, FRAGMENT, LINK_CHARS_MAX, LINK_COMMANDS_MAX, LinkError, Run, file_of, is_run_file, link_of,
    of_file, of_link,
};
use catchup::scenario::parse;
use catchup::sim::{Command, StampedCommand};
use catchup::time::{Instant, Span};
use proptest::prelude::*;
use sent_run::{kept_run, pressed_run, sent_run};

/// What a link to a run of 200 commands may have, and what comes before its fragment.
const LINK_OF_200_CHARS_MAX: usize = 2_000;
const ADDRESS: &str = "https://somebody.example.org/teaching/catchup/#";

#[test]
fn two_hundred_commands_of_every_kind_fit_into_a_link() {
    let length = |seed| ADDRESS.len() + link_of(&sent_run(seed, 200)).expect("it fits").len();
    let mut lengths: Vec<usize> = (0..40).map(length).collect();
    lengths.sort_unstable();
    println!("links of 200 commands have {} to {} characters, at the median {}", lengths[0], lengths[39], lengths[20]);
    assert!(lengths[39] <= LINK_OF_200_CHARS_MAX, "{lengths:?}");
}

/// A run of a scenario that does not ship.
fn own_scenario() -> Run {
    let text = catchup::scenario::SHIPPED[0].1.replace("\"name\": \"delivery\"", "\"name\": \"mine\"");
    Run { scenario: parse(&text).expect("a scenario"), ..sent_run(1, 20) }
}

#[test]
fn a_link_holds_a_scenario_that_does_not_ship() {
    let run = own_scenario();
    let link = link_of(&run).expect("it fits");
    assert_eq!(of_link(&link), Ok(run));
    assert!(link.len() < 2_500, "it has {} characters", link.len());
}

#[test]
fn a_file_holds_a_scenario_that_does_not_ship() {
    let run = own_scenario();
    let file = file_of(&run).expect("it fits");
    let read = of_file(&file).expect("a run");
    assert_eq!((&read.scenario.world, &*read.scenario.name), (&run.scenario.world, "mine"));
    assert_eq!((&read.commands, file_of(&read)), (&run.commands, Ok(file)));
}

#[test]
fn only_the_fragment_of_a_link_counts() {
    let run = sent_run(3, 5);
    let link = link_of(&run).expect("it fits");
    for around in [link.clone(), format!("#{link}"), format!("{ADDRESS}{link}"), format!("  {ADDRESS}{link}\n")] {
        assert_eq!(of_link(&around), Ok(run.clone()), "{around}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_comes_back_from_its_link_and_from_its_file(seed: u64, commands in 0..60usize) {
        let run = sent_run(seed, commands);
        let link = link_of(&run).expect("it fits");
        let back = of_link(&link).expect("a run");
        prop_assert_eq!(&back, &run);
        prop_assert_eq!(link_of(&back), Ok(link));
        for run in [kept_run(seed, commands), pressed_run(seed, commands)] {
            let file = file_of(&run).expect("it fits");
            let back = of_file(&file).expect("a run");
            prop_assert_eq!(&back, &run);
            prop_assert_eq!(file_of(&back), Ok(file));
        }
    }

    #[test]
    fn what_was_done_with_one_press_comes_back_from_a_link(seed: u64, commands in 0..60usize) {
        let run = Run { roads: Vec::new(), ..pressed_run(seed, commands) };
        let link = link_of(&run).expect("it fits");
        let back = of_link(&link).expect("a run");
        prop_assert_eq!(&back, &run);
        prop_assert_eq!(link_of(&back), Ok(link.clone()));
        // The first byte is the version, of which the second digit has the last two bits.
        let is_of_version_2 = matches!(link.as_bytes()[FRAGMENT.len() + 1], b'g'..=b'v');
        prop_assert_eq!(is_of_version_2, !run.presses.is_each_alone(), "{}", link);
    }

    #[test]
    fn whatever_is_changed_in_a_link_it_is_refused(seed in 0..50u64, place: prop::sample::Index, by in 1..64usize) {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let link = link_of(&sent_run(seed, 4)).expect("it fits");
        let at = FRAGMENT.len() + place.index(link.len() - FRAGMENT.len());
        let mut changed = link.into_bytes();
        let digit = DIGITS.iter().position(|it| *it == changed[at]).expect("a digit");
        changed[at] = DIGITS[(digit + by) % 64];
        let changed = String::from_utf8(changed).expect("digits");
        prop_assert_eq!(of_link(&changed).unwrap_err(), LinkError::Damaged);
        prop_assert_eq!(of_link(&changed[..at]).unwrap_err(), LinkError::Damaged);
    }
}

/// What is said of a link.
fn refused(link: &str) -> String {
    of_link(link).expect_err("it is no link").to_string()
}

#[test]
fn what_is_no_link_is_refused_in_plain_words() {
    for foreign in ["", "https://example.org/", "#faults", "run", "#RUN=AQ", "AQAAAAAA"] {
        assert_eq!(of_link(foreign), Err(LinkError::Foreign), "{foreign}");
    }
    let link = link_of(&sent_run(1, 10)).expect("it fits");
    for damaged in
        ["run=", "run=AQ", "run=AQAAAAAAAAAA", &link[..link.len() - 1], &format!("{link}."), &format!("{link}AA")]
    {
        assert_eq!(of_link(damaged), Err(LinkError::Damaged), "{damaged}");
    }
    let long = format!("run={}", "A".repeat(LINK_CHARS_MAX));
    assert_eq!(refused(&long), "This link has 8004 characters, and the limit is 8000.");
}

#[test]
fn a_run_that_is_too_long_for_a_link_says_so() {
    let refused = |run: &Run| link_of(run).expect_err("it does not fit").to_string();
    let run = sent_run(1, LINK_COMMANDS_MAX + 1);
    let reason = "A link holds 2000 commands, and this run has had 2001. Save it as a file instead.";
    assert_eq!(refused(&run), reason);
    let chars = refused(&sent_run(1, LINK_COMMANDS_MAX));
    assert!(chars.contains("characters, and the limit is 8000. Save it as a file instead."), "{chars}");
    let mut run = sent_run(1, 1);
    run.commands[0].command = publish(&"x".repeat(200_000));
    assert!(refused(&run).contains("the limit is 8000"), "{}", refused(&run));
}

fn publish(value: &str) -> Command {
    Command::Publish {
        topic: "order-status".to_owned(),
        key: None,
        value: Some(value.to_owned()),
        headers: [].into(),
        partition: None,
    }
}

#[test]
fn what_was_done_to_brokers_is_sent_too() {
    let mut run = sent_run(7, 4);
    let commands = [
        Command::SetBrokerOnline { broker: 2, online: false },
        Command::SetBrokerOnline { broker: 2, online: true },
        Command::SetBrokerConnected { broker: 3, connected: false },
        Command::SetBrokerConnected { broker: 3, connected: true },
    ];
    for (stamped, command) in run.commands.iter_mut().zip(commands) {
        stamped.command = command;
    }
    let link = link_of(&run).expect("it is short");
    assert_eq!(of_link(&link).expect("it was made here").commands, run.commands);
    let file = file_of(&run).expect("it is sound");
    assert_eq!(of_file(&file).expect("it was made here").commands, run.commands);
}

/// What is said of a run that cannot be run, whichever way it would be sent.
fn check_unsound(change: impl Fn(&mut Run), expect: &str) {
    let mut run = sent_run(7, 3);
    run.commands[1] =
        StampedCommand { at: Instant::from_ms(20_000), command: Command::ShutDown { service: "orders".to_owned() } };
    run.commands[2].at = Instant::from_ms(30_000);
    (run.at, run.end) = (Instant::from_ms(35_000), Instant::from_ms(40_000));
    change(&mut run);
    let expect = format!("This run cannot be shown: {expect}.");
    assert_eq!(link_of(&run).expect_err("it is unsound").to_string(), expect);
    assert_eq!(file_of(&run).expect_err("it is unsound").to_string(), expect);
}

#[test]
fn a_run_that_cannot_be_run_is_refused_with_the_place() {
    let second = "command 2 (at 00:00:20.000000)";
    let nobody = || "nobody".to_owned();
    check_unsound(
        |run| run.commands[1].command = Command::ShutDown { service: nobody() },
        &format!("{second} names the service \"nobody\", which this scenario does not have"),
    );
    check_unsound(
        |run| {
            let (name, value) = ("retention.ms".to_owned(), "1".to_owned());
            run.commands[1].command = Command::SetTopicConfig { topic: nobody(), name, value };
        },
        &format!("{second} names the topic \"nobody\", which this scenario does not have"),
    );
    check_unsound(
        |run| {
            let (service, value) = ("orders".to_owned(), "1".to_owned());
            run.commands[1].command = Command::SetServiceConfig { service, name: nobody(), value };
        },
        &format!("{second} names the setting \"nobody\", which does not exist"),
    );
    check_unsound(
        |run| run.commands[1].command = Command::SetBrokerOnline { broker: 4, online: false },
        &format!("{second} names broker 4, and this scenario has 3, counted from 1"),
    );
    check_unsound(
        |run| run.commands[2].at = Instant::from_ms(19_000),
        "command 3 (at 00:00:19.000000) is earlier than the one before it",
    );
    check_unsound(
        |run| run.presses.join(0..2),
        &format!("{second} has \"with_previous\", and is not of the same instant as the one before it"),
    );
    check_unsound(
        |run| run.end = Instant::from_ms(29_999),
        "the run shows 00:00:35.000000, and comes only to 00:00:29.999000",
    );
    check_unsound(
        |run| (run.at, run.end) = (Instant::START, Instant::from_ms(29_999)),
        "command 3 (at 00:00:30.000000) comes after the end of the run",
    );
    check_unsound(
        |run| run.end = Instant::START + catchup::run::LENGTH_MAX + Span::from_us(1),
        "the run comes to 744:00:00.000001 of simulated time, and the limit is 744 hours",
    );
    check_unsound(
        |run| run.commands[1].command = publish(&"x".repeat(1 << 21)),
        &format!("{second} has a text of 2097152 bytes, and the limit is 1048576"),
    );
}

/// What is said of a file that differs in one place from a good one.
fn check_file(from: &str, to: &str, expect: &str) {
    let file = file_of(&kept_run(11, 3)).expect("it fits");
    assert!(file.contains(from), "{file}");
    let refused = of_file(&file.replacen(from, to, 1)).expect_err("it is wrong").to_string();
    assert!(refused.contains(expect), "{refused}");
}

#[test]
fn a_file_with_a_mistake_is_refused_with_the_place() {
    check_file(
        "\"seed\"",
        "\"sede\"",
        "This run cannot be read. sede: there is no such field; there are: format, version",
    );
    check_file("\"seed\": ", "\"seed\": -", "seed: it must be a whole number from 0");
    check_file("\"at_us\"", "\"at_ms\"", "at_ms: there is no such field");
    check_file(
        "\"command\": {\"type\":\"",
        "\"command\": {\"type\":\"un",
        "commands[0].command.type: there is no command \"un",
    );
    check_file("\"delivery\"", "\"nowhere\"", "scenario: there is no scenario \"nowhere\"; there are: delivery");
    check_file("\"delivery\"", "{\"version\": 1}", "scenario.");
    check_file("\"trace_hash\": \"", "\"trace_hash\": \"x", "trace_hash: it must be 16 hexadecimal digits");
    check_file("\"version\": 1", "\"version\": 3", "made by a newer version of Catchup (its format is 3");
    check_file("\"version\": 1", "\"version\": 0", "version: it must be 1 or 2");
    check_file(
        "\"command\": ",
        "\"with_previous\": 1, \"command\": ",
        "commands[0].with_previous: it is 1; it must be true or false",
    );
    let first = "\"with_previous\": true, \"command\": ";
    check_file("\"command\": ", first, ") has \"with_previous\", and there is none before it");
    check_file("catchup-run", "catchup-ran", "This is not a run that Catchup has saved");
    check_file("]", "", "This file is damaged, or no run: it is no JSON");
}

#[test]
fn a_file_says_of_itself_what_it_is() {
    assert!(is_run_file(&file_of(&sent_run(1, 1)).expect("it fits")));
    for other in ["scenario", "{}", ""] {
        assert!(!is_run_file(other));
    }
    assert!(!is_run_file(catchup::scenario::SHIPPED[0].1));
    assert!(!is_run_file(&" ".repeat(FILE_BYTES_MAX + 1)));
}

#[test]
fn a_file_is_laid_out_for_reading() {
    let file = file_of(&sent_run(1, 2)).expect("it fits");
    assert!(Json::read(&file).is_ok());
    let expect = "{\n  \"format\": \"catchup-run\",\n  \"version\": 1,\n  \"scenario\": \"delivery\",\n  \"seed\": ";
    assert!(file.starts_with(expect), "{file}");
    assert!(file.contains("\n  \"commands\": [\n    { \"at_us\": "), "{file}");
}

//! What a service that reads can be set to.

use super::*;
use crate::sim::Input;

fn check(setting: &str, value: &str, expect: Result<&str, &str>) {
    let mut config = ReadConfig::default();
    let setting = ReadSetting::named(setting).expect("a setting");
    let found = config.set(setting, value).map(|()| config.value(setting)).map_err(|error| error.to_string());
    assert_eq!(found.as_deref().map_err(String::as_str), expect, "{setting:?} = {value:?}");
    assert!(expect.is_ok() || config == ReadConfig::default(), "a refused value changes nothing");
}

#[test]
fn every_setting_takes_the_value_that_it_has() {
    for setting in ReadSetting::ALL {
        let mut config = ReadConfig::default();
        assert_eq!(config.set(setting, &config.value(setting)), Ok(()));
        assert_eq!(config, ReadConfig::default());
    }
}

#[test]
fn a_setting_takes_each_of_its_words() {
    for setting in ReadSetting::ALL {
        let Input::OneOf(words) = setting.input() else { continue };
        assert!(words.len() > 1, "{setting:?}");
        for word in words {
            check(setting.name(), word, Ok(word));
        }
    }
}

#[test]
fn how_long_a_record_takes_is_a_span() {
    check("processing_ms", "15 to 45", Ok("15 to 45"));
    check("processing_ms", "2.5", Ok("2.5 to 2.5"));
    check("processing_ms", "0 to 0.125", Ok("0 to 0.125"));
    for value in ["45 to 15", "", "0", "1.2345", "-1 to 3", "1 to", "3 to 86400001"] {
        let reason = format!(
            "processing_ms is \"{}\"; it must be the shortest and the longest, such as \"15 to 45\", up to 86400000",
            value.trim()
        );
        check("processing_ms", value, Err(&reason));
    }
}

#[test]
fn values_beyond_the_bounds_are_refused() {
    check("instances", "0", Err("instances is \"0\"; it must be a whole number from 1 to 64"));
    check("failure_percent", "101", Err("failure_percent is \"101\"; it must be a whole number from 0 to 100"));
    check("deduplicate", "yes", Err("deduplicate is \"yes\"; it must be true or false"));
}

#[test]
fn a_heartbeat_comes_within_the_session() {
    check(
        "session.timeout.ms",
        "3000",
        Err("session.timeout.ms is \"3000\"; it must be more than heartbeat.interval.ms, 3000"),
    );
    check(
        "heartbeat.interval.ms",
        "45000",
        Err("heartbeat.interval.ms is \"45000\"; it must be less than session.timeout.ms, 45000"),
    );
}

#[test]
fn an_answer_is_awaited_for_longer_than_the_broker_waits_for_records() {
    let expected = "more than fetch.max.wait.ms, 500: so long the broker waits for records before it answers";
    check("request.timeout.ms", "500", Err(&format!("request.timeout.ms is \"500\"; it must be {expected}")));
    check("request.timeout.ms", "501", Ok("501"));
}

#[test]
fn the_session_and_the_heartbeat_that_stand_in_each_others_way_are_known() {
    let needs = |setting: ReadSetting, value: &str| ReadConfig::default().needs(setting, value);
    let session = ReadConfig::default().session_timeout.as_ms();
    let beat = needs(ReadSetting::HeartbeatInterval, &session.to_string());
    assert_eq!(beat, Some(vec![(ReadSetting::SessionTimeout, (3 * session).to_string())]));
    assert_eq!(
        needs(ReadSetting::SessionTimeout, "1200"),
        Some(vec![(ReadSetting::HeartbeatInterval, "400".to_owned())])
    );
    assert_eq!(needs(ReadSetting::SessionTimeout, &session.to_string()), Some(Vec::new()), "it has that");
    assert_eq!(needs(ReadSetting::RequestTimeout, "500"), None, "fetch.max.wait.ms is not to be set");
    assert_eq!(needs(ReadSetting::SessionTimeout, "soon"), None);
}

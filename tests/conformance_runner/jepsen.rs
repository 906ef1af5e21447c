//! The areas `jepsen_histories` and `jepsen_invariants`: what Jepsen's Kafka workload finds in a history, and what it calls that.

use super::Case;
use super::case::{Checked, same, unknown_expectation};
use super::jepsen_case::Input;
use catchup::check::history::{Check, Severity, anomalies};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The names of the files for the checks.
const NAMES: [(&str, Check); 17] = [
    ("aborted_read", Check::AbortedRead),
    ("lost_write", Check::LostWrite),
    ("duplicate", Check::Duplicate),
    ("inconsistent_offsets", Check::InconsistentOffsets),
    ("poll_skip", Check::PollSkip),
    ("nonmonotonic_poll", Check::NonmonotonicPoll),
    ("int_poll_skip", Check::IntPollSkip),
    ("int_nonmonotonic_poll", Check::IntNonmonotonicPoll),
    ("nonmonotonic_send", Check::NonmonotonicSend),
    ("int_nonmonotonic_send", Check::IntNonmonotonicSend),
    ("int_send_skip", Check::IntSendSkip),
    ("precommitted_read", Check::PrecommittedRead),
    ("unseen", Check::Unseen),
    ("G0", Check::WriteCycle),
    ("G1c", Check::CircularInformationFlow),
    ("worst_realtime_lag", Check::WorstRealtimeLag),
    ("abort_rewind", Check::AbortRewind),
];

pub(super) fn check_history(case: &Case) -> Checked {
    if case.kind != "history" {
        return case.unknown_kind();
    }
    let (history, names) = case.input::<Input>()?.history()?;
    let found: Vec<(&str, Value)> = anomalies(&history).iter().map(|anomaly| names.finding(anomaly)).collect();
    case.expectations().try_for_each(|(key, expected)| match key {
        "errors" => {
            let expected = expected.as_object().ok_or("errors is no map")?;
            expected.iter().try_for_each(|(name, expected)| check_findings(name, &found, expected))
        }
        "no_errors_at_all" => check_none(&found, expected),
        _ => unknown_expectation(key),
    })
}

/// Only that there is nothing at all asserts something.
fn check_none(found: &[(&str, Value)], expected: &Value) -> Checked {
    match expected {
        Value::Bool(false) => Ok(()),
        Value::Bool(true) if found.is_empty() => Ok(()),
        _ => Err(format!("no_errors_at_all is expected to be {expected}, found {}", json!(found))),
    }
}

/// The findings of one check are a set.
fn check_findings(name: &str, found: &[(&str, Value)], expected: &Value) -> Checked {
    if !NAMES.iter().any(|(known, _)| *known == name) {
        return unknown_expectation(name);
    }
    let found = found.iter().filter(|(of, _)| *of == name).map(|(_, finding)| finding.clone());
    let mut left = in_the_grain_of(expected, found.collect());
    for wanted in expected.as_array().ok_or("findings are no list")? {
        let wanted = wanted.as_object().ok_or("a finding is no map")?;
        let place = left.iter().position(|finding| has_all(finding, wanted));
        let place = place.ok_or_else(|| format!("{name} has no {}, only {}", json!(wanted), json!(left)))?;
        left.remove(place);
    }
    if left.is_empty() { Ok(()) } else { Err(format!("{name} has {} besides what is expected", json!(left))) }
}

/// What nobody has seen may be told log by log, or value by value.
fn in_the_grain_of(expected: &Value, found: Vec<Value>) -> Vec<Value> {
    let by_value = |finding: &Value| {
        let (key, values) = (finding["key"].clone(), finding["values"].as_array().cloned().unwrap_or_default());
        values.into_iter().map(move |value| json!({ "key": key.clone(), "value": value })).collect::<Vec<_>>()
    };
    let tells_values = expected.as_array().is_some_and(|all| all.iter().any(|it| it.get("value").is_some()));
    let is_by_log = found.iter().all(|finding| finding.get("count").is_some() && finding.get("values").is_some());
    if tells_values && is_by_log { found.iter().flat_map(by_value).collect() } else { found }
}

fn has_all(finding: &Value, wanted: &Map<String, Value>) -> bool {
    wanted.iter().all(|(key, value)| finding.get(key) == Some(value))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    jepsen_name: String,
    #[serde(rename = "scope")]
    _scope: String,
}

/// A definition holds if there is a check of this name that says the same of what it finds. Its sentence is for people.
pub(super) fn check_definition(case: &Case) -> Checked {
    if case.kind != "invariant" {
        return case.unknown_kind();
    }
    let input: Definition = case.input()?;
    let known = NAMES.iter().find(|(name, _)| *name == input.name).map(|(_, check)| *check);
    let check = known.ok_or_else(|| format!("there is no check \"{}\"", input.name))?;
    same("jepsen_name", &json!(check.jepsen_name()), &json!(input.jepsen_name))?;
    case.expectations().try_for_each(|(key, expected)| match key {
        "invariant" => expected.as_str().map(drop).ok_or_else(|| "a sentence that is no text".to_owned()),
        "severity" => check_severity(check, expected.as_str().unwrap_or_default()),
        _ => unknown_expectation(key),
    })
}

/// The severities are sentences; how they begin, and what they except, is compared.
fn check_severity(check: Check, expected: &str) -> Checked {
    let holds = match check.severity() {
        Severity::Error => expected.starts_with("error"),
        Severity::ErrorUnlessRebalanced => expected.starts_with("error with assign; expected under subscribe"),
        Severity::Allowed => expected.starts_with("allowed"),
        Severity::Measure => expected.starts_with("measure"),
    };
    if holds && Check::ALL.contains(&check) {
        Ok(())
    } else {
        Err(format!("{check:?} is {:?}, expected \"{expected}\"", check.severity()))
    }
}

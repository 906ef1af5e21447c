//! Facts about Kafka, taken from the tests of Kafka and of other clients, held against this log and its clients.
//!
//! Reads every file in `tests/conformance`, or in the folder that the variable `CONFORMANCE_DIR` names, and prints one line
//! an area: `cargo test --test conformance -- --nocapture`. No area is passed over.

#![cfg(not(target_arch = "wasm32"))]

mod conformance_runner;

use conformance_runner::{File, Report};
use serde_json::{Value, json};
use std::path::PathBuf;

#[test]
fn the_log_and_its_clients_behave_as_kafka_does() {
    let report = Report::of(&conformance_runner::read_folder(&folder()).expect("readable conformance files"));
    println!("{}", report.lines.join("\n"));
    assert!(report.cases_checked > 0, "{} holds no case", folder().display());
    assert!(report.failures.is_empty(), "{} failures:\n{}", report.failures.len(), report.failures.join("\n"));
}

fn folder() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    std::env::var_os("CONFORMANCE_DIR").map_or_else(|| root.join("tests/conformance"), |dir| root.join(dir))
}

/// What the runner says about one case: the line of its area, and the difference that it names, if any.
fn check(area: &str, case: &Value, expect_line: &str, expect_failure: Option<&str>) {
    let file = json!({ "area": area, "part": "planted", "source": [], "notes": "", "cases": [case] });
    let file: File = serde_json::from_value(file).expect("a file of one case");
    let report = Report::of(&[file]);
    assert!(report.lines.iter().any(|line| line.starts_with(expect_line)), "{expect_line:?} in {:?}", report.lines);
    match expect_failure {
        None => assert_eq!(report.failures, Vec::<String>::new()),
        Some(part) => {
            assert!(matches!(&*report.failures, [failure] if failure.contains(part)), "{:?}", report.failures);
        }
    }
}

fn planted(kind: &str, input: &Value, expect: &Value) -> Value {
    json!({ "id": "planted", "kind": kind, "source": "this test", "input": input, "expect": expect })
}

fn hash_of_21(expect: &Value) -> Value {
    planted("hash", &json!({ "key_hex": "3231", "key_utf8": "21" }), expect)
}

#[test]
fn the_runner_accepts_a_right_answer() {
    check("murmur2_hash", &hash_of_21(&json!({ "hash_i32": -973_932_308 })), "murmur2_hash: 1 of 1", None);
}

#[test]
fn the_runner_names_the_case_and_the_difference_of_a_wrong_answer() {
    let difference = "murmur2_hash planted (this test): hash_i32 is -973932308, expected 5";
    check("murmur2_hash", &hash_of_21(&json!({ "hash_i32": 5 })), "murmur2_hash: 0 of 1", Some(difference));
}

#[test]
fn the_runner_takes_a_null_for_an_expectation() {
    let case = hash_of_21(&json!({ "hash_i32": null }));
    check("murmur2_hash", &case, "murmur2_hash: 0 of 1", Some("hash_i32 is -973932308, expected null"));
}

#[test]
fn the_runner_refuses_an_expectation_that_it_does_not_know() {
    let case = hash_of_21(&json!({ "hash_i32": -973_932_308, "hash_u64": 1 }));
    check("murmur2_hash", &case, "murmur2_hash: 0 of 1", Some("hash_u64"));
}

#[test]
fn the_runner_refuses_an_input_that_it_does_not_know() {
    let case = planted("hash", &json!({ "key_hex": "", "key_utf8": "", "seed": 1 }), &json!({}));
    check("murmur2_hash", &case, "murmur2_hash: 0 of 1", Some("unknown field `seed`"));
}

#[test]
fn the_runner_refuses_a_kind_that_it_does_not_know() {
    let case = planted("hush", &json!({ "key_hex": "", "key_utf8": "" }), &json!({}));
    check("murmur2_hash", &case, "murmur2_hash: 0 of 1", Some("no kind \"hush\""));
}

#[test]
fn the_runner_refuses_an_area_that_it_does_not_know() {
    check("quotas", &planted("script", &json!({}), &json!({})), "quotas: 0 of 1", Some("no area \"quotas\""));
}

//! Scenario files: those that ship run without a violation, and a wrong one is refused with what is wrong and where.

#![cfg(not(target_arch = "wasm32"))]

use catchup::scenario::{FILE_BYTES_MAX, SHIPPED, Scenario, ScenarioError, parse, shipped};
use serde_json::{Value, json};

const DELIVERY: &str = include_str!("../static/scenarios/delivery.json");

#[test]
fn a_shipped_scenario_that_nobody_knows_is_refused_with_those_there_are() {
    let refused = shipped("delivary").expect_err("there is no such scenario");
    assert_eq!(refused.path, "scenario");
    let known: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    assert_eq!(refused.reason, format!("there is no scenario \"delivary\"; there are: {}", known.join(", ")));
}

/// What is said of a file that is `text`: where, and a part of what.
fn check_text(text: &str, path: &str, reason: &str) {
    let refused = parse(text).expect_err("the file is wrong");
    assert_eq!(refused.path, path, "where \"{}\" is wrong", refused.reason);
    assert!(refused.reason.contains(reason), "{reason:?} is not in: {}", refused.reason);
}

/// What is said of the delivery file with `value` at `pointer`, which may be a new member, or `-` behind a list.
fn check(pointer: &str, value: Value, path: &str, reason: &str) {
    check_text(&changed(pointer, value), path, reason);
}

/// What is said of the delivery file without what is at `pointer`.
fn check_without(pointer: &str, path: &str, reason: &str) {
    let mut file = delivery();
    let (parent, name) = parent_of(&mut file, pointer);
    let removed = parent.as_object_mut().and_then(|object| object.remove(name));
    assert!(removed.is_some(), "{pointer} is not there to be removed");
    check_text(&file.to_string(), path, reason);
}

/// The delivery file with `value` at `pointer`.
fn changed(pointer: &str, value: Value) -> String {
    let mut file = delivery();
    match parent_of(&mut file, pointer) {
        (Value::Array(list), "-") => list.push(value),
        (parent, name) => match name.parse::<usize>() {
            Ok(index) => parent[index] = value,
            Err(_) => parent[name] = value,
        },
    }
    file.to_string()
}

fn parent_of<'a, 'b>(file: &'a mut Value, pointer: &'b str) -> (&'a mut Value, &'b str) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    (file.pointer_mut(parent).expect("the delivery file has the place"), name)
}

fn delivery() -> Value {
    serde_json::from_str(DELIVERY).expect("the delivery file is JSON")
}

const ORDERS: &str = "/services/0/publishes";
const LOGISTICS: &str = "/services/1/consumes";

fn at(parent: &str, member: &str) -> String {
    format!("{parent}/{member}")
}

#[test]
fn an_unchanged_file_is_taken() {
    let rewritten: Result<Scenario, ScenarioError> = parse(&delivery().to_string());
    assert_eq!(rewritten.map(|scenario| scenario.name), Ok("delivery".into()));
}

#[test]
fn what_is_not_json_is_refused_with_line_and_column() {
    check_text("", "the file", "it is no JSON: EOF while parsing a value at line 1 column 0");
    check_text("hello", "the file", "expected value at line 1 column 1");
    check_text("{\n  \"version\": 1,\n", "the file", "at line 3 column 0");
    check_text("{\n  \"version\" 1\n}", "the file", "expected `:` at line 2 column 13");
    check_text("[]", "the file", "it is a list; it must be an object");
}

#[test]
fn what_lies_too_deep_is_refused() {
    check_text(&"[".repeat(1_000), "the file", "recursion limit exceeded at line 1 column 128");
}

#[test]
fn what_follows_the_file_is_refused() {
    check_text(&format!("{DELIVERY}garbage"), "the file", "trailing characters");
    check_text(&format!("{DELIVERY}{DELIVERY}"), "the file", "trailing characters");
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let text = "x".repeat(FILE_BYTES_MAX + 1);
    check_text(&text, "the file", "it has 262145 bytes; the limit is 262144");
}

#[test]
fn another_version_is_refused() {
    check("/version", json!(2), "version", "this page reads version 1, and the file is of version 2");
}

#[test]
fn an_unknown_field_is_refused_with_the_fields_there_are() {
    check("/oops", json!(1), "oops", "there is no such field; there are: version, name, title");
    check("/services/1/consumes/oops", json!(1), "services[1].consumes.oops", "there are: topics, group");
    check(
        "/services/1/consumes/config/session.timeout",
        json!(6_000),
        "services[1].consumes.config[\"session.timeout\"]",
        "there is no such field; there are: on_failure, commit_policy",
    );
}

#[test]
fn a_missing_field_is_refused_by_name() {
    check_without("/title", "the file", "the field \"title\" is missing");
    check_without("/services/1/name", "services[1]", "the field \"name\" is missing");
    check_without(
        "/services/0/publishes/stages/2/after_ms",
        "services[0].publishes.stages[2]",
        "the field \"after_ms\" is missing",
    );
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    let must_be = "it must be a whole number from 1 to 128";
    let few = "it is 4, and there are 3 brokers";
    check("/topics/0/replication.factor", json!(4), "topics[0][\"replication.factor\"]", few);
    check("/brokers", json!(0), "brokers", "it is 0; it must be a whole number from 1 to 16");
    check("/topics/0/partitions", json!("three"), "topics[0].partitions", &format!("it is \"three\"; {must_be}"));
    check("/topics/0/partitions", json!(-1), "topics[0].partitions", &format!("it is -1; {must_be}"));
    check("/topics/0/partitions", json!(1.5), "topics[0].partitions", must_be);
    check("/topics/0/partitions", json!(u64::MAX), "topics[0].partitions", must_be);
    check("/services", json!({}), "services", "it is an object; it must be a list");
    check("/title", json!(["a"]), "title", "it is a list; it must be a text");
    check("/topics/0/config/retention.ms", json!(true), "topics[0].config[\"retention.ms\"]", "a whole number");
    let session = "services[1].consumes.config[\"session.timeout.ms\"]";
    let config = "/services/1/consumes/config/session.timeout.ms";
    check(config, json!("6s"), session, "it is 6s; it must be a whole number from 100 to 86400000");
    let city = "services[0].publishes.fields.city[1]";
    check(&at(ORDERS, "fields/city"), json!(["Lyon", 3]), city, "it is 3; it must be a text");
    let view = "services[1].consumes.effect.view";
    let reason = "there is no view \"chart\"; there are: schedule, phones";
    check(&at(LOGISTICS, "effect/view"), json!("chart"), view, reason);
}

#[test]
fn a_spread_that_is_not_two_numbers_is_refused() {
    let path = "services[0].publishes.stages[2].after_ms";
    let reason =
        |entries: u8| format!("it has {entries} entries; it must have two: the smallest number and the largest");
    check(&at(ORDERS, "stages/2/after_ms"), json!([1]), path, &reason(1));
    check(&at(ORDERS, "stages/2/after_ms"), json!([1, 2, 3]), path, &reason(3));
    check("/network/latency_us", json!([]), "network.latency_us", &reason(0));
}

#[test]
fn what_is_there_twice_is_refused() {
    let places = [
        ("\"title\": \"Delivery tracking\"", "title"),
        ("\"source\": \"orders\"", "services[0].publishes.headers.source"),
        ("\"status\": \"{stage}\"", "services[0].publishes.value.status"),
        ("\"paid\": \"slot confirmed, {window}\"", "services[1].consumes.effect.texts.paid"),
        ("\"van\": [\"van 1\", \"van 2\", \"van 3\", \"van 4\", \"van 5\"]", "services[0].publishes.fields.van"),
    ];
    for (member, path) in places {
        assert_eq!(DELIVERY.matches(member).count(), 1, "{member}");
        check_text(&DELIVERY.replace(member, &format!("{member}, {member}")), path, "it is there twice");
    }
}

#[test]
fn a_name_that_means_something_else_in_texts_is_refused() {
    for name in ["number", "stage", "key"] {
        let reason = format!("`{{{name}}}` in a text means something else already; choose another name");
        let path = format!("services[0].publishes.fields.{name}");
        check(&at(ORDERS, &format!("fields/{name}")), json!(["a"]), &path, &reason);
    }
    let reason = "`{key}` in a text means something else already";
    check(&at(ORDERS, "value/key"), json!("a"), "services[0].publishes.value.key", reason);
}

#[test]
fn a_page_that_would_open_after_too_much_is_refused() {
    let mut file = delivery();
    file["opens_at_ms"] = json!(3_600_000);
    file["services"][0]["publishes"]["arrivals_per_min"] = json!(6_000);
    let reason = "up to 2161080 records would be published before the page opens, and 2000000 may be";
    check_text(&file.to_string(), "opens_at_ms", reason);
    file["opens_at_ms"] = json!(3_000_000);
    assert!(parse(&file.to_string()).is_ok());
}

#[test]
fn a_name_that_cannot_go_into_a_link_is_refused() {
    let reason =
        |name: &str| format!("\"{name}\" is no name; a name has 1 to 64 letters, digits, dots, dashes or underscores");
    check("/name", json!("my shop"), "name", &reason("my shop"));
    check("/services/1/name", json!("log istics"), "services[1].name", &reason("log istics"));
    check(&at(LOGISTICS, "group"), json!(""), "services[1].consumes.group", &reason(""));
    let long = "n".repeat(65);
    check("/services/2/name", json!(long), "services[2].name", &reason(&long));
    check("/topics/-", json!({ "name": "ümlaut", "partitions": 1 }), "topics[7].name", &reason("ümlaut"));
}

#[test]
fn an_empty_text_is_refused() {
    check("/title", json!("  "), "title", "it is empty");
    check("/summary", json!(""), "summary", "it is empty");
    check("/entity/plural", json!(""), "entity.plural", "it is empty");
    check("/services/0/summary", json!(""), "services[0].summary", "it is empty");
    check(&at(LOGISTICS, "effect/title"), json!(" "), "services[1].consumes.effect.title", "it is empty");
    check(&at(ORDERS, "stages/0/name"), json!(""), "services[0].publishes.stages[0].name", "it is empty");
}

#[test]
fn a_second_one_of_the_same_name_is_refused() {
    check("/services/2/name", json!("logistics"), "services[2]", "there is a service \"logistics\" already");
    check(
        &at("/services/2/consumes", "group"),
        json!("logistics"),
        "services[2].consumes.group",
        "in group \"logistics\"",
    );
    let topic = json!({ "name": "order-status", "partitions": 1 });
    check("/topics/-", topic, "topics[7]", "there is a topic \"order-status\" already");
    let twice = "services[1].consumes.topics[1]";
    check(&at(LOGISTICS, "topics/-"), json!("order-status"), twice, "there is a topic \"order-status\" already");
}

#[test]
fn what_is_derived_from_a_service_s_names_is_its_own() {
    check(
        &at("/services/2/consumes", "group"),
        json!("logistics.retry"),
        "services[2].consumes.group",
        "another service reads in group \"logistics.retry\" already",
    );
    check(
        "/services/2/name",
        json!("logistics-retry"),
        "services[1].consumes.retry_topic",
        "is called \"logistics-retry-0\", as is one of the service \"logistics-retry\"",
    );
    let taken = "another service puts its records aside there already";
    check(
        &at("/services/2/consumes", "retry_topic"),
        json!("logistics-retry"),
        "services[2].consumes.retry_topic",
        taken,
    );
    check(
        &at("/services/2/consumes", "dead_letter_topic"),
        json!("logistics-retry"),
        "services[2].consumes.dead_letter_topic",
        taken,
    );
}

#[test]
fn a_topic_that_is_not_there_is_refused_with_those_there_are() {
    let reason = "there is no topic \"order-statuss\"; there are: order-status";
    check(&at(LOGISTICS, "topics/0"), json!("order-statuss"), "services[1].consumes.topics[0]", reason);
    check(&at(ORDERS, "topic"), json!("order-statuss"), "services[0].publishes.topic", reason);
}

#[test]
fn a_list_that_must_not_be_empty_is_refused() {
    let reason = "it has 0 entries; it must have from 1 to 32";
    check("/topics", json!([]), "topics", reason);
    check("/services", json!([]), "services", reason);
    check(&at(ORDERS, "stages"), json!([]), "services[0].publishes.stages", reason);
    check(&at(LOGISTICS, "topics"), json!([]), "services[1].consumes.topics", reason);
    check(&at(ORDERS, "fields/city"), json!([]), "services[0].publishes.fields.city", "it lists nothing to pick from");
}

#[test]
fn a_service_that_does_nothing_is_refused() {
    let idle = json!({ "name": "idle", "summary": "Does nothing" });
    check("/services/-", idle, "services[3]", "a service publishes, or consumes, or both; this one does neither");
}

#[test]
fn a_number_beyond_its_bounds_is_refused_with_them() {
    check("/topics/0/partitions", json!(0), "topics[0].partitions", "it is 0; it must be a whole number from 1 to 128");
    check(
        "/topics/0/partitions",
        json!(129),
        "topics[0].partitions",
        "it is 129; it must be a whole number from 1 to 128",
    );
    let known = "there is no service \"nobody\"; there are: orders, logistics, notifications";
    check("/first_outage", json!("nobody"), "first_outage", known);
    check("/opens_at_ms", json!(3_600_001), "opens_at_ms", "it must be a whole number from 0 to 3600000");
    check(
        &at(LOGISTICS, "instances"),
        json!(0),
        "services[1].consumes.instances",
        "it must be a whole number from 1 to 64",
    );
    check(
        &at(LOGISTICS, "instances"),
        json!(65),
        "services[1].consumes.instances",
        "it must be a whole number from 1 to 64",
    );
    check(&at(ORDERS, "arrivals_per_min"), json!(60_001), "services[0].publishes.arrivals_per_min", "from 0 to 60000");
    check(
        "/network/latency_us",
        json!([0, 0]),
        "network.latency_us[1]",
        "it is 0; it must be a whole number from 1 to 86400000000",
    );
}

#[test]
fn a_setting_beyond_its_bounds_is_refused_by_its_kafka_name() {
    let delay = "broker[\"group.initial.rebalance.delay.ms\"]";
    check(
        "/broker/group.initial.rebalance.delay.ms",
        json!(60_001),
        delay,
        "it must be a whole number from 0 to 60000",
    );
    let segment = "topics[0].config[\"segment.bytes\"]";
    check(
        "/topics/0/config/segment.bytes",
        json!(10),
        segment,
        "it is 10; it must be a whole number from 1024 to 1073741824",
    );
    let retention = "topics[0].config[\"retention.ms\"]";
    check(
        "/topics/0/config/retention.ms",
        json!(-2),
        retention,
        "it is -2; it must be a whole number from 0, or -1 for no limit",
    );
}

#[test]
fn a_heartbeat_that_is_not_more_frequent_than_the_session_is_refused() {
    let path = "services[1].consumes.config[\"heartbeat.interval.ms\"]";
    let reason = "it is 6000; it must be less than session.timeout.ms, 6000";
    let config = json!({ "session.timeout.ms": 6_000, "heartbeat.interval.ms": 6_000 });
    check(&at(LOGISTICS, "config"), config, path, reason);
}

#[test]
fn a_session_that_the_broker_would_refuse_is_refused() {
    let reason = "logistics has a session.timeout.ms of 5999; group.min.session.timeout.ms and group.max.session.timeout.ms of the broker permit 6000 to 1800000";
    check(&at(LOGISTICS, "config"), json!({ "session.timeout.ms": 5_999 }), "services", reason);
    let minutes = "broker[\"offsets.retention.minutes\"]";
    check("/broker/offsets.retention.minutes", json!(0), minutes, "it must be a whole number from 1 to 525600");
}

#[test]
fn a_spread_that_is_the_wrong_way_round_is_refused() {
    let reason = "the smaller number comes first, not [5, 1]";
    check("/network/latency_us", json!([5, 1]), "network.latency_us", reason);
    check(&at(LOGISTICS, "processing_us"), json!([5, 1]), "services[1].consumes.processing_us", reason);
    check(&at(ORDERS, "stages/1/after_ms"), json!([5, 1]), "services[0].publishes.stages[1].after_ms", reason);
}

#[test]
fn a_text_with_a_hole_that_nothing_fills_is_refused() {
    let path = "services[1].consumes.effect.texts.paid";
    check(&at(LOGISTICS, "effect/texts/paid"), json!("slot {windo}"), path, "`{windo}` names nothing; known are: key,");
    let path = "services[0].publishes.value.order";
    check(&at(ORDERS, "value/order"), json!("a {key"), path, "`{` at character 3 is never closed");
    let path = "services[1].consumes.effect.texts[\"out for delivery\"]";
    check(&at(LOGISTICS, "effect/texts/out for delivery"), json!("{x}"), path, "`{x}` names nothing");
}

#[test]
fn a_key_that_is_made_of_itself_is_refused() {
    check(
        &at(ORDERS, "key"),
        json!("{key}"),
        "services[0].publishes.key",
        "`{key}` names nothing; known are: number, stage",
    );
}

#[test]
fn an_effect_that_goes_by_what_no_record_has_is_refused() {
    let path = "services[1].consumes.effect.by";
    check(&at(LOGISTICS, "effect/by"), json!("state"), path, "no record has a \"state\"; they have: key,");
}

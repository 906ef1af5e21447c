//! The page in a real browser, component by component: what a person sees and does, and `window.catchup`.
//!
//! Few, and quick: what needs no browser is tested natively, and whole stories on the built page are told in `tests/e2e`.
//! Things are found by role and name, and nothing sleeps.

#![cfg(target_arch = "wasm32")]

#[path = "browser/page.rs"]
mod page;
#[path = "browser/role.rs"]
mod role;
#[path = "browser/wait.rs"]
mod wait;

use page::{Page, click, find_in, js};
use role::{all_by_role, name_of, text_of};
use serde_json::{Value, json};
use wait::{until, until_some};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Element;

wasm_bindgen_test_configure!(run_in_browser);

/// What the delivery scenario's groups have to read at most while all is well: a burst, and what is on its way.
const LAG_WHEN_WELL_MAX: u64 = 25;
/// How many steps of simulated time are taken at most until something has happened.
const STEPS_MAX: usize = 400;

#[wasm_bindgen_test]
async fn the_page_opens_with_a_run_that_goes_on() {
    let page = Page::open().await;
    for service in ["orders", "logistics", "notifications"] {
        let switch = page.by_role("switch", service).await;
        assert_eq!(switch.get_attribute("aria-checked").as_deref(), Some("true"), "{service}");
    }
    page.by_role("table", "Consumer lag").await;
    page.by_role("table", "Delivery schedule").await;
    assert!(name_of(&newest_record(&page)).starts_with("Offset "), "nobody meets an empty log");
    let opened_at_ms = page.time_ms();
    until("time goes by", || page.time_ms() > opened_at_ms).await;
}

#[wasm_bindgen_test]
async fn a_service_that_is_off_falls_behind_alone_and_comes_back() {
    let page = Page::open_held(7).await;
    page.advance(10_000).await;
    let published = page.published(0);
    page.click("switch", "notifications").await;
    page.says("notifications is offline").await;
    page.advance(20_000).await;
    assert!(page.lag("notifications") > 50, "notifications has only {} to read", page.lag("notifications"));
    assert!(page.lag("logistics") <= LAG_WHEN_WELL_MAX, "logistics has {} to read", page.lag("logistics"));
    assert!(page.published(0) > published + 50, "orders go on");
    page.says("logistics go on unaffected").await;

    page.click("switch", "notifications").await;
    page.says("notifications is back").await;
    advance_until(&page, "notifications has caught up", || lag(&page.snapshot(), "notifications") == 0);
    page.is_drawn().await;
    assert_eq!(page.lag("notifications"), 0);
    page.says("Nothing was lost").await;
}

#[wasm_bindgen_test]
async fn the_same_while_time_runs() {
    let page = Page::open_held(8).await;
    page.advance(10_000).await; // over the burst with which a run begins
    page.fill_in("combobox", "Speed", "20").await;
    page.click("button", "Play").await;
    page.click("switch", "notifications").await;
    until("notifications falls behind", || page.lag("notifications") > 30).await;
    assert!(page.lag("logistics") <= LAG_WHEN_WELL_MAX, "logistics has {} to read", page.lag("logistics"));
    let published = page.published(0);
    until("orders go on", || page.published(0) > published).await;
    page.click("switch", "notifications").await;
    until("notifications has caught up", || page.lag("notifications") == 0).await;
}

#[wasm_bindgen_test]
async fn a_record_can_be_laid_open() {
    let page = Page::open_held(7).await;
    page.advance(10_000).await;
    let record = newest_record(&page);
    let offset = name_of(&record).split(':').next().unwrap_or_default().to_lowercase();
    click(&record);

    let heading = format!("order-status · partition 0 · {offset}");
    let inspector = page.by_role("complementary", &heading).await;
    assert!(field(&inspector, "Key").starts_with("order-"), "{}", field(&inspector, "Key"));
    assert!(field(&inspector, "Value").contains("\"status\""), "{}", field(&inspector, "Value"));
    assert_eq!(field(&inspector, "Headers"), "source: orders");
    assert!(field(&inspector, "Timestamp").contains(" ms (00:00:0"), "{}", field(&inspector, "Timestamp"));
    let fates = find_in(&inspector, "list", |name| name == "What became of it").expect("the groups' fates");
    for group in ["logistics", "notifications"] {
        let fate = find_in(&fates, "listitem", |name| name.starts_with(group)).expect("one for each group");
        assert!(["processed at", "waiting, with"].iter().any(|word| text_of(&fate).contains(word)), "{fate:?}");
    }

    click(&find_in(&inspector, "button", |name| name == "Close").expect("it can be closed"));
    until("the inspector is gone", || page.find_where("complementary", |_| true).is_none()).await;
}

#[wasm_bindgen_test]
async fn a_record_can_be_published_by_hand() {
    let page = Page::open_held(7).await;
    page.click("button", "Publish a record by hand").await;
    let fields = [
        ("textbox", "Key decides the partition", "order-7"),
        ("textbox", "Value empty for a tombstone", r#"{"order":"order-7","status":"by hand"}"#),
        ("textbox", "Header name: value", "source: a test"),
        ("combobox", "Partition", "2"),
    ];
    for (role, name, value) in fields {
        page.fill_in(role, name, value).await;
        page.takes_in().await;
    }
    page.click("button", "Publish").await;
    page.says("1 sent").await;
    advance_until(&page, "both groups have seen it", || {
        let effects = page.snapshot()["effects"].clone();
        ["logistics", "notifications"].iter().all(|service| effects[*service].to_string().contains("by hand"))
    });

    let is_it = |name: &str| name.contains("order-7, by hand");
    click(&until_some("the record in its lane", || page.find_where("button", is_it)).await);
    let is_its = |name: &str| name.contains("partition 2");
    let inspector = until_some("the inspector", || page.find_where("complementary", is_its)).await;
    assert_eq!(field(&inspector, "Key"), "order-7");
    assert_eq!(field(&inspector, "Headers"), "source: a test");
}

#[wasm_bindgen_test]
async fn time_can_be_held_stepped_and_begun_anew() {
    let page = Page::open().await;
    page.click("button", "Pause").await;
    page.by_role("button", "Play").await;
    let (held_at_ms, hash) = (page.time_ms(), page.trace_hash());
    page.click("button", "Step").await;
    until("a step leads to the next event", || page.trace_hash() != hash).await;
    let steps = ["published", "processed", "committed", "took", "logistics: ", "notifications: ", "nothing happened"];
    until("the page says what happened", || steps.iter().any(|step| time_note(&page).contains(step))).await;

    page.fill_in("combobox", "Speed", "100").await;
    page.click("button", "Play").await;
    until("time flies", || page.time_ms() > held_at_ms + 20_000).await;
    page.click("button", "Pause").await;

    page.click("button", "Restart Start over").await;
    page.fill_in("spinbutton", "Seed", "9").await;
    until("the seed begins another run", || page.snapshot()["seed"] == 9).await;
    page.is_drawn().await;
    let (opened_at_ms, hash) = (page.time_ms(), page.trace_hash());
    assert_eq!(opened_at_ms, 12_000, "as its scenario says");
    page.advance(5_000).await;
    page.click("button", "Reset").await;
    until("the run begins anew", || page.time_ms() == opened_at_ms).await;
    assert_eq!((page.snapshot()["seed"].as_u64(), page.trace_hash()), (Some(9), hash));

    page.fill_in("spinbutton", "Seed", "-1").await;
    page.says("A seed is a whole number").await;
    assert_eq!(page.snapshot()["seed"], 9);
}

#[wasm_bindgen_test]
async fn a_snapshot_is_plain_data() {
    let page = Page::open_held(7).await;
    page.advance(10_000).await;
    let snapshot = page.snapshot();
    let expect = ["brokers", "effects", "groups", "playing", "scenario", "seed", "services", "time_ms", "topics"];
    assert_eq!(keys(&snapshot), expect);
    assert_eq!((&snapshot["scenario"], &snapshot["seed"]), (&json!("delivery"), &json!(7)));
    assert_eq!((&snapshot["time_ms"], &snapshot["playing"]), (&json!(10_000), &json!(false)));
    let orders = &snapshot["services"][0];
    assert_eq!(
        (&orders["name"], &orders["online"], &orders["connected"]),
        (&json!("orders"), &json!(true), &json!(true))
    );
    assert_eq!(
        (&orders["state"], &orders["lag"], &orders["arrivals_per_min"]),
        (&json!("running"), &json!(0), &json!(60))
    );
    assert_eq!((&orders["settings"]["acks"], &orders["instances"]), (&json!("all"), &json!([])));
    let notifications = &snapshot["services"][2];
    assert_eq!(notifications["arrivals_per_min"], Value::Null);
    assert_eq!(notifications["settings"]["processing_ms"], "30 to 70");
    let expect = ["in_hand", "number", "partitions", "retries", "running"];
    assert_eq!(keys(&notifications["instances"][0]), expect);
    let expect = [
        "high_watermark",
        "isr",
        "leader",
        "leader_epoch",
        "log_end_offset",
        "log_start_offset",
        "partition",
        "replicas",
    ];
    assert_eq!(keys(&snapshot["topics"][0]["partitions"][0]), expect);
    assert_eq!(keys(&snapshot["groups"][0]), ["generation", "lag", "members", "name", "partitions", "state"]);
    let expect = ["committed_offset", "lag", "log_end_offset", "partition", "topic"];
    assert_eq!(keys(&snapshot["groups"][1]["partitions"][2]), expect);
    let expect = ["offset", "partition", "text", "time_ms", "topic"];
    assert_eq!(keys(&snapshot["effects"]["notifications"][0]), expect);
}

#[wasm_bindgen_test]
async fn a_command_that_is_refused_changes_nothing() {
    let page = Page::open_held(7).await;
    page.advance(3_000).await;
    let online = |service: &str| json!({"type": "set_service_online", "service": service, "online": false});
    check_refused(&page, &online("nobody"), "there is no service \"nobody\"; there are: orders");
    check_refused(&page, &json!({"type": "fly"}), "this is not a command: ");
    check_refused(&page, &json!(null), "this is not a command: ");
    check_refused(&page, &json!({"type": "set_arrival_rate", "service": "orders"}), "arrivals_per_min");
    let rate = json!({"type": "set_arrival_rate", "service": "orders", "arrivals_per_min": 60_001});
    check_refused(&page, &rate, "arrivals_per_min is 60001, and the limit is 60000");
    check_refused(&page, &json!({"type": "publish", "topic": "elsewhere"}), "there is no topic \"elsewhere\"");
    page.apply(&online("logistics")).expect("a good command");
    assert_eq!(page.snapshot()["services"][1]["online"], json!(false));
}

#[wasm_bindgen_test]
async fn a_scenario_begins_at_time_0_or_is_refused_with_the_path() {
    let page = Page::open().await;
    page.pause();
    page.load(&"delivery".into(), 7).expect("it ships with the page");
    assert_eq!((page.time_ms(), page.published(0), page.snapshot()["seed"].as_u64()), (0, 0, Some(7)));

    page.advance(3_000).await;
    let hash = page.trace_hash();
    let mut scenario: Value = serde_json::from_str(include_str!("../static/scenarios/delivery.json")).expect("JSON");
    scenario["services"][1]["consumes"]["topics"][0] = json!("elsewhere");
    let refusal = page.load(&js(&scenario), 7).expect_err("it reads a topic that is not there");
    assert!(refusal.starts_with("services[1].consumes.topics[0]: "), "{refusal}");
    let refusal = page.load(&"nowhere".into(), 7).expect_err("no such scenario ships with the page");
    assert!(refusal.contains("nowhere"), "{refusal}");
    assert_eq!((page.time_ms(), page.trace_hash()), (3_000, hash), "what was refused changes nothing");

    scenario["services"][1]["consumes"]["topics"][0] = json!("order-status");
    scenario["name"] = json!("mine");
    page.load(&scenario.to_string().into(), 7).expect("a scenario as a text");
    assert_eq!((page.time_ms(), &page.snapshot()["scenario"]), (0, &json!("mine")));
}

#[wasm_bindgen_test]
async fn scenario_seed_and_commands_are_the_run() {
    let page = Page::open_held(1).await;
    let hash_of = |seed: u32, outage_at_ms: u32| {
        page.load(&"delivery".into(), seed).expect("it ships with the page");
        page.skip(outage_at_ms);
        let outage = json!({"type": "set_service_online", "service": "notifications", "online": false});
        page.apply(&outage).expect("a good command");
        page.skip(6_000 - outage_at_ms);
        page.trace_hash()
    };
    let hash = hash_of(7, 2_000);
    assert!(hash.len() == 16 && hash.chars().all(|digit| digit.is_ascii_hexdigit()), "{hash}");
    assert_eq!(hash_of(7, 2_000), hash);
    assert_ne!(hash_of(8, 2_000), hash);
    assert_ne!(hash_of(7, 2_001), hash);
}

/// Checks that a command is refused for a `reason`, and that nothing has changed.
fn check_refused(page: &Page, command: &Value, reason: &str) {
    let (hash, snapshot) = (page.trace_hash(), page.snapshot());
    let refusal = page.apply(command).expect_err("a bad command");
    assert!(refusal.contains(reason), "{command}: {refusal}");
    assert_eq!((page.trace_hash(), page.snapshot()), (hash, snapshot), "{command}");
}

/// Lets simulated time go by until `condition` holds.
fn advance_until(page: &Page, what: &str, condition: impl Fn() -> bool) {
    let holds = (0..STEPS_MAX).any(|_| {
        page.skip(250);
        condition()
    });
    assert!(holds, "{what}: not after {STEPS_MAX} steps");
}

fn lag(snapshot: &Value, service: &str) -> u64 {
    let services = snapshot["services"].as_array().expect("services");
    let service = services.iter().find(|it| it["name"] == service).expect("the service");
    service["lag"].as_u64().expect("a number")
}

fn newest_record(page: &Page) -> Element {
    let lane = page.find_where("group", |name| name.starts_with("Newest records of partition 0")).expect("a lane");
    all_by_role(&lane, "button", |_| true).pop().expect("a record in it")
}

/// What the inspector says of a field.
fn field(inspector: &Element, term: &str) -> String {
    let terms = inspector.query_selector_all("dt").expect("a valid selector");
    let mut terms = (0..terms.length()).filter_map(|index| terms.get(index));
    let found = terms.find(|it| it.text_content().as_deref() == Some(term));
    let found = found.unwrap_or_else(|| panic!("no field {term} in {}", text_of(inspector)));
    found.next_sibling().and_then(|it| it.text_content()).expect("what it holds")
}

/// What is said beside the clock.
fn time_note(page: &Page) -> String {
    let play = page.find_where("button", |name| name == "Play" || name == "Pause");
    play.and_then(|it| it.parent_element()).map(|bar| text_of(&bar)).unwrap_or_default()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

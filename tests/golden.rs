//! One run, and the number it must end with, natively and in the browser alike.
//!
//! Deliberately nothing but one number: what differs when it does, the other tests say.

use catchup::scenario::shipped;
use catchup::sim::{Command, World};
use catchup::time::Instant;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// The trace hash of the run below.
const GOLDEN: u64 = 0x83b2_40eb_8e4c_bb15;

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_golden_run_has_its_trace_hash() {
    let mut world = World::new(shipped("delivery").expect("the delivery scenario ships").world, 42);
    for (ms, command) in commands() {
        world.run_until(Instant::from_ms(ms), &mut |_| ());
        world.apply(command, &mut |_| ()).expect("a command of the list");
    }
    world.run_until(Instant::from_ms(120_000), &mut |_| ());
    let actual = world.trace_hash();
    assert_eq!(
        actual, GOLDEN,
        "the golden run now hashes to {actual:#018x}. If this change was meant to alter the delivery scenario, what a client, \
         the broker or a service does, or what the events tell, put that number into GOLDEN in tests/golden.rs. If not, or if \
         only one of native and browser differs, the run is no longer deterministic: look for that, and leave GOLDEN alone",
    );
}

/// An outage of each kind, and some work by hand.
fn commands() -> Vec<(u64, Command)> {
    let switch = |service: &str, online| Command::SetServiceOnline { service: service.to_owned(), online };
    let rate = Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: 240 };
    let publish = |key: Option<&str>, value: Option<&str>, partition| Command::Publish {
        topic: "order-status".to_owned(),
        key: key.map(str::to_owned),
        value: value.map(str::to_owned),
        headers: [("source".to_owned(), "hand".to_owned())].into(),
        partition,
    };
    vec![
        (5_000, switch("logistics", false)),
        (8_000, publish(Some("order-1001"), Some("{\"status\":\"héld\"}"), None)),
        (8_500, publish(None, None, Some(1))),
        (15_000, rate),
        (35_000, switch("logistics", true)),
        (50_000, switch("notifications", false)),
        (51_000, switch("notifications", true)),
        (70_000, switch("orders", false)),
        (80_000, switch("orders", true)),
    ]
}

//! One run of each scenario that ships, as it must come out, natively and in the browser alike: its trace hash, what the page says of it
//! as time goes by, and what became of every record.
//!
//! `BLESS=1 cargo test --test golden` writes the files anew. Read what has changed in them before you commit it: a change that was meant
//! to alter nothing must leave them alone.

use catchup::app::Model;
use catchup::app::view::text::{clock, plain};
use catchup::app::view::{LedgerLine, page};
use catchup::scenario::{SHIPPED, Scenario, shipped};
use catchup::sim::{Command, NewService};
use catchup::time::Instant;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// What came of each scenario.
const GOLDEN: &[(&str, &str)] =
    &[("delivery", include_str!("golden/delivery.txt")), ("shop", include_str!("golden/shop.txt"))];
const SEED: u64 = 42;
/// How long a run is, and how often it is looked at, in milliseconds.
const END_MS: u64 = 120_000;
const LOOK_EVERY_MS: u64 = 5_000;

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_scenario_goes_as_it_did() {
    for (name, _) in SHIPPED {
        let actual = story(shipped(name).expect("it ships"));
        if is_blessed() {
            std::fs::write(format!("tests/golden/{name}.txt"), &actual).expect("it can be written");
            continue;
        }
        let golden = GOLDEN.iter().find(|(known, _)| known == name).map_or("", |(_, golden)| golden);
        for (actual, golden) in actual.lines().zip(golden.lines()) {
            assert_eq!(
                actual, golden,
                "\n{name} goes another way. If this change was meant to alter the scenario, what a client, the broker or a service \
                 does, or what the events tell: BLESS=1 cargo test --test golden. If not, or if only one of native and browser \
                 differs, the run is no longer deterministic: look for that, and leave tests/golden/{name}.txt alone",
            );
        }
        assert_eq!(actual, golden, "{name} has no file in tests/golden, or one of another length");
    }
}

fn is_blessed() -> bool {
    cfg!(not(target_arch = "wasm32")) && std::env::var_os("BLESS").is_some()
}

/// The run as it can be read.
fn story(scenario: Scenario) -> String {
    let mut lines = vec![format!("{} with seed {SEED}, {} s", scenario.title, END_MS / 1_000)];
    let commands = commands(&scenario);
    let mut model = Model::new(scenario, SEED);
    for ms in (0..=END_MS).step_by(LOOK_EVERY_MS as usize) {
        model.advance_to(Instant::from_ms(ms));
        lines.push(format!("{} {}", clock(model.world().now()), plain(&page(&model).sentence)));
        for (command_ms, command) in commands.iter().filter(|(at, _)| (ms..ms + LOOK_EVERY_MS).contains(at)) {
            model.advance_to(Instant::from_ms(*command_ms));
            model.act(command.clone()).expect("a command of the list");
            lines.push(format!("{} > {}", clock(model.world().now()), command.to_json()));
        }
    }
    let account = |line: &LedgerLine| {
        let terms = line.terms.iter().map(|term| format!(" {} {} {}", term.sign, term.number, term.word));
        format!("{}:{}", line.name, terms.collect::<String>().replace("  ", " ").replace(" ;", ";"))
    };
    lines.extend(page(&model).ledger.iter().map(account));
    lines.push(format!("trace hash {:016x}", model.world().trace_hash()));
    lines.join("\n") + "\n"
}

/// An outage of each kind, some work by hand, and somebody who joins and leaves again: of the first service that publishes, and of the first and the last that read.
fn commands(scenario: &Scenario) -> Vec<(u64, Command)> {
    let services = &scenario.world.services;
    let publisher = services.iter().find(|service| service.publishes.is_some()).expect("somebody publishes");
    let mut readers = services.iter().filter(|service| service.consumes.is_some());
    let first = readers.next().expect("somebody reads");
    let last = readers.next_back().unwrap_or(first);
    let switch = |name: &str, online| Command::SetServiceOnline { service: name.to_owned(), online };
    let publish = |key: Option<&str>, value: Option<&str>, partition| Command::Publish {
        topic: scenario.world.topics[0].name.to_string(),
        key: key.map(str::to_owned),
        value: value.map(str::to_owned),
        headers: [("source".to_owned(), "hand".to_owned())].into(),
        partition,
    };
    let offered = scenario.world.offered.first().expect("somebody may join").name.to_string();
    vec![
        (5_000, switch(&first.name, false)),
        (8_000, publish(Some("order-1001"), Some("{\"status\":\"héld\"}"), None)),
        (8_500, publish(None, None, Some(0))),
        (15_000, Command::SetArrivalRate { service: publisher.name.to_string(), arrivals_per_min: 240 }),
        (35_000, switch(&first.name, true)),
        (50_000, switch(&last.name, false)),
        (51_000, switch(&last.name, true)),
        (60_000, Command::AddService { service: NewService::Offered(offered.clone()) }),
        (70_000, switch(&publisher.name, false)),
        (80_000, switch(&publisher.name, true)),
        (90_000, Command::ShutDown { service: last.name.to_string() }),
        (95_000, Command::RemoveService { service: offered }),
        (100_000, switch(&last.name, true)),
    ]
}

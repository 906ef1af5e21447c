//! The scenario files that ship: the page has exactly those of the folder, and they run without a violation.

#![cfg(not(target_arch = "wasm32"))]

use catchup::check::{Checker, Costs};
use catchup::scenario::{SHIPPED, parse, shipped};
use catchup::sim::{Command, Event, NewService, World};
use catchup::time::Instant;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The files in `static/scenarios`, by their names without `.json`.
fn files() -> io::Result<BTreeMap<String, String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/scenarios");
    let paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    let json = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    json.map(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, fs::read_to_string(path)?))
    })
    .collect()
}

#[test]
fn the_page_ships_exactly_the_files_in_the_folder() {
    let shipped = SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    assert_eq!(files().expect("the folder can be read"), shipped);
}

#[test]
fn a_shipped_file_goes_by_its_own_name() {
    for (name, text) in SHIPPED {
        let scenario = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(*scenario.name, **name);
        assert_eq!(shipped(name), Ok(scenario));
    }
}

#[test]
fn a_shipped_scenario_runs_for_a_minute_without_a_violation() {
    for (name, _) in SHIPPED {
        let scenario = shipped(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut world = World::new(scenario.world, 1);
        let (mut checker, mut events) = (Checker::default(), 0);
        world.run_until(Instant::from_ms(60_000), &mut |stamped| {
            events += 1;
            checker.observe(stamped).unwrap_or_else(|violation| panic!("{name}: {violation}"));
        });
        assert!(events > 100, "in a minute of {name} only {events} things happen");
    }
}

/// Texts that two records share would count as sent twice.
#[test]
fn in_a_shipped_scenario_nobody_is_told_the_same_twice_while_all_is_well() {
    for (name, _) in SHIPPED {
        let scenario = shipped(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let offers: Vec<String> = scenario.world.offered.iter().map(|offered| offered.name.to_string()).collect();
        let (mut world, mut costs) = (World::new(scenario.world, 42), Costs::default());
        for offer in offers {
            let joins = Command::AddService { service: NewService::Offered(offer) };
            world.apply(joins, &mut |_| ()).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let mut told = 0_u64;
        world.run_until(Instant::from_ms(600_000), &mut |stamped| {
            told += u64::from(matches!(stamped.event, Event::Outcome(_)));
            costs.observe(stamped);
        });
        assert!(told > 1_000, "{name}: {told}");
        for id in world.service_ids() {
            assert_eq!(costs.repeated(id), 0, "{name}: {}", world.service_spec(id).name);
        }
    }
}

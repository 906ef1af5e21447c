//! The house rules that the compiler does not enforce: which room may know which, and what no room below `ui` may touch.
//!
//! The order of the rooms is that of the table in `src/lib.rs`.

#![cfg(not(target_arch = "wasm32"))]

mod rust_source;

use rust_source::{Path, Token, Word, paths, tokens};
use std::path::PathBuf;
use std::{fs, io};

/// The rooms and their floors. A room knows only the rooms on lower floors.
const ROOMS: [(&str, u8); 15] = [
    ("time", 0),
    ("json", 0),
    ("sorted", 0),
    ("cow", 0),
    ("log", 1),
    ("broker", 2),
    ("client", 3),
    ("sim", 4),
    ("scenario", 5),
    ("check", 5),
    ("direct", 5),
    ("search", 6),
    ("run", 6),
    ("app", 7),
    ("ui", 8),
];
/// The files that see the whole house.
const ABOVE_ALL: [&str; 4] = ["src/lib.rs", "src/engine.rs", "src/store.rs", "src/main.rs"];
const BROWSER_CRATES: [&str; 5] = ["yew", "gloo", "web_sys", "js_sys", "wasm_bindgen"];
/// Collections whose order differs from run to run.
const UNORDERED: [&str; 3] = ["HashMap", "HashSet", "RandomState"];

/// A rule that a line of a file breaks.
#[derive(Debug, PartialEq, Eq)]
struct Broken {
    line: usize,
    what: String,
}

#[test]
fn every_room_keeps_to_its_floor() {
    let files = source_files().expect("src can be read");
    assert!(files.iter().any(|(file, _)| file == "src/sim/world.rs"), "src is not where it is looked for");
    let broken: Vec<String> = files
        .iter()
        .flat_map(|(file, source)| {
            broken_in(file, source).into_iter().map(move |it| format!("{file}:{}: {}", it.line, it.what))
        })
        .collect();
    assert!(broken.is_empty(), "{} house rules are broken:\n{}", broken.len(), broken.join("\n"));
}

#[test]
fn every_room_of_the_map_is_a_room_of_the_house() {
    let maps = [include_str!("../src/store.rs"), include_str!("../src/engine.rs"), include_str!("../src/lib.rs")];
    let declared =
        maps.iter().flat_map(|map| map.lines()).filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let mut declared: Vec<&str> = declared.collect();
    let mut known: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    declared.sort_unstable();
    known.sort_unstable();
    assert_eq!(
        declared, known,
        "the modules of src/store.rs, src/engine.rs and src/lib.rs, and the rooms of this test"
    );
}

/// All that is wrong with a file, in order of lines.
fn broken_in(file: &str, source: &str) -> Vec<Broken> {
    let mut broken = Vec::new();
    if !source.starts_with("//!") {
        broken.push(Broken { line: 1, what: "a file opens with `//!`: what it is, and what it is not".to_owned() });
    }
    if ABOVE_ALL.contains(&file) {
        return broken;
    }
    let module = module_of(file);
    match module.first().and_then(|room| floor(room)) {
        None => broken.push(Broken { line: 1, what: "it belongs to no room".to_owned() }),
        Some(floor) => {
            let paths = paths(source, &module);
            let words = tokens(source);
            let upward = paths.iter().filter_map(|path| breaks_order(module[0], path));
            let clocks = paths.iter().filter(|_| floor < UI).filter_map(reads_a_clock);
            let forbidden = words.iter().filter_map(|token| is_forbidden(floor, token));
            broken.extend(upward.chain(clocks).chain(forbidden));
        }
    }
    broken.sort_by_key(|it| it.line);
    broken
}

const LOG: u8 = 1;
const SIM: u8 = 4;
const CHECK: u8 = 5;
const UI: u8 = 8;

fn floor(room: &str) -> Option<u8> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

fn breaks_order(room: &str, path: &Path) -> Option<Broken> {
    let target = path.names.first().map_or("", String::as_str);
    let is_allowed = match floor(target) {
        None => false,
        Some(below) => target == room || Some(below) < floor(room),
    };
    (path.is_ours && !is_allowed).then(|| Broken {
        line: path.line,
        what: match floor(target) {
            Some(_) => format!("{room} uses {target}, which is not below it"),
            None => format!("{room} uses `crate::{target}`, which is no room"),
        },
    })
}

fn reads_a_clock(path: &Path) -> Option<Broken> {
    let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
    let is_clock = matches!(*names, ["std" | "core", "time", ref rest @ ..] if rest.first() != Some(&"Duration"));
    (!path.is_ours && is_clock).then(|| Broken { line: path.line, what: "only ui reads a clock".to_owned() })
}

fn is_forbidden(floor: u8, token: &Token) -> Option<Broken> {
    let what = match &token.word {
        Word::Name(name) if floor < UI && BROWSER_CRATES.iter().any(|it| is_crate(name, it)) => {
            format!("only ui touches the browser, and `{name}` is of the browser")
        }
        Word::Name(name) if floor <= CHECK && UNORDERED.contains(&name.as_str()) => {
            format!("`{name}` has another order in each run")
        }
        Word::Name(name) | Word::Float(name) if (LOG..=SIM).contains(&floor) && is_float(&token.word, name) => {
            format!("`{name}`: no floating-point number decides anything in the world")
        }
        Word::Name(_) | Word::Float(_) | Word::Integer | Word::PathSeparator | Word::Mark(_) => return None,
    };
    Some(Broken { line: token.line, what })
}

/// Whether `name` is the crate `krate`, or one of those around it, such as `gloo_timers`.
fn is_crate(name: &str, krate: &str) -> bool {
    name.strip_prefix(krate).is_some_and(|rest| rest.is_empty() || rest.starts_with('_')) || name.ends_with(krate)
}

fn is_float(word: &Word, name: &str) -> bool {
    matches!(word, Word::Float(_)) || name == "f32" || name == "f64"
}

/// The module that a file is, without the crate: `src/sim/world.rs` is `sim`, `world`.
fn module_of(file: &str) -> Vec<&str> {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<&str> = path.split('/').collect();
    if module.last() == Some(&"mod") {
        module.pop();
    }
    module
}

/// The files below `src`, with their source, each by its path from the root of the package.
fn source_files() -> io::Result<Vec<(String, String)>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.push((name, fs::read_to_string(&path)?));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A file with a planted line, and what the scan says of it.
fn check(file: &str, source: &str, expect: &[(usize, &str)]) {
    let broken = broken_in(file, &format!("//! Planted.\n{source}"));
    let found: Vec<(usize, &str)> = broken.iter().map(|it| (it.line, it.what.as_str())).collect();
    assert_eq!(found, expect, "in {file}:\n{source}");
}

#[test]
fn a_use_of_a_lower_room_is_allowed() {
    check("src/sim/world.rs", "use crate::broker::Broker;\nuse crate::{log::Offset, time::Instant};", &[]);
}

#[test]
fn a_use_of_ones_own_room_is_allowed() {
    check("src/sim/world.rs", "use super::agenda::Agenda;\nuse crate::sim::World;\nuse self::inner::It;", &[]);
}

#[test]
fn a_use_of_a_higher_room_is_found() {
    check("src/broker/mod.rs", "use crate::sim::World;", &[(2, "broker uses sim, which is not below it")]);
}

#[test]
fn a_path_within_an_expression_is_found() {
    check(
        "src/log/batch.rs",
        "fn f() { crate::client::murmur2(b\"\"); }",
        &[(2, "log uses client, which is not below it")],
    );
}

#[test]
fn a_use_group_over_several_lines_is_found_on_its_line() {
    let source =
        "use crate::{\n    broker::{Broker, Out},\n    log::Offset,\n    scenario::{\n        parse,\n    },\n};";
    check("src/client/mod.rs", source, &[(6, "client uses scenario, which is not below it")]);
}

#[test]
fn a_way_up_by_super_is_found() {
    let expect = [(2, "client uses sim, which is not below it")];
    check("src/client/producer.rs", "use super::super::sim::World;", &expect);
    check("src/client/mod.rs", "use super::sim::World;", &expect);
    check("src/client/producer.rs", "use super::{super::sim::World, records};", &expect);
}

#[test]
fn a_module_inside_a_file_is_a_level_of_its_own() {
    check(
        "src/client/producer.rs",
        "mod tests { use super::super::sim; }\nuse super::super::sim;",
        &[(3, "client uses sim, which is not below it")],
    );
}

#[test]
fn rooms_on_the_same_floor_do_not_know_each_other() {
    check("src/check/mod.rs", "use crate::scenario::Scenario;", &[(2, "check uses scenario, which is not below it")]);
    check("src/scenario/mod.rs", "use crate::check::Ledger;", &[(2, "scenario uses check, which is not below it")]);
}

#[test]
fn the_whole_house_at_once_is_no_room() {
    check("src/sim/mod.rs", "use crate::*;", &[(2, "sim uses `crate::*`, which is no room")]);
    check("src/sim/mod.rs", "use crate as house;", &[(2, "sim uses `crate::`, which is no room")]);
    check("src/sim/mod.rs", "use crate::{self as house};", &[(2, "sim uses `crate::`, which is no room")]);
}

#[test]
fn the_map_may_name_every_room() {
    check("src/lib.rs", "pub use crate::ui::mount;", &[]);
}

#[test]
fn a_file_outside_of_the_rooms_is_found() {
    check("src/helpers.rs", "", &[(1, "it belongs to no room")]);
}

#[test]
fn what_comments_and_texts_say_is_no_use() {
    let source = "//! See [`crate::ui`].\n/* crate::ui /* f64 */ yew */\nconst A: &str = \"crate::ui\";\nconst B: &str = r#\"\"yew\"\"#;";
    check("src/log/mod.rs", source, &[]);
}

#[test]
fn visibility_is_no_use() {
    check("src/time.rs", "pub(crate) struct A;\npub(super) struct B;", &[]);
}

#[test]
fn a_browser_crate_below_ui_is_found() {
    check(
        "src/app/mod.rs",
        "use gloo_timers::callback::Timeout;",
        &[(2, "only ui touches the browser, and `gloo_timers` is of the browser")],
    );
    check("src/ui/mod.rs", "use yew::prelude::*;", &[]);
}

#[test]
fn a_clock_below_ui_is_found() {
    let expect = [(2, "only ui reads a clock")];
    check("src/sim/world.rs", "use std::time::Instant;", &expect);
    check("src/sim/world.rs", "use std::{fmt, time::{Duration, SystemTime}};", &expect);
    check("src/sim/world.rs", "use std::time;", &expect);
    check("src/sim/world.rs", "use std::time::Duration;\nuse crate::time::Instant;", &[]);
    check("src/ui/frame.rs", "use std::time::Instant;", &[]);
}

#[test]
fn a_floating_point_number_in_the_world_is_found() {
    let of = |name: &str| format!("`{name}`: no floating-point number decides anything in the world");
    for number in ["f64", "0.5", "1e3", "2f32", "1."] {
        check("src/sim/random.rs", &format!("type X = [{number}];"), &[(2, &of(number))]);
    }
    check("src/sim/random.rs", "let x = (a.0.1, 0..3, 0xe5, 1_000usize, 1.max(2), 'e', \"0.5\");", &[]);
    check("src/app/mod.rs", "let x: f64 = 0.5;", &[]);
}

#[test]
fn a_collection_without_an_order_is_found() {
    check("src/check/mod.rs", "use std::collections::HashMap;", &[(2, "`HashMap` has another order in each run")]);
}

#[test]
fn a_file_that_does_not_say_what_it_is_is_found() {
    let broken = broken_in("src/log/mod.rs", "// An ordinary comment.\n");
    assert!(matches!(&*broken, [Broken { line: 1, what }] if what.contains("//!")), "{broken:?}");
}

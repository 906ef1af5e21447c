//! What it costs to watch a run: ten minutes of delivery tracking with nobody watching, with the ledger, and with the promises too,
//! in turns in one thread. Native only.

use catchup::check::{Ledger, Promises};
use catchup::sim::{Command, Stamped, World, WorldSpec};
use catchup::time::{Instant, Span};
use serde::Serialize;
use std::sync::Arc;

const SEED: u64 = 1;
const ARRIVALS_PER_MIN: u32 = 600;
const RUN: Span = Span::from_ms(600_000);
/// How often each way is measured, after one round to warm up.
const ROUNDS: usize = 7;

/// What watching costs.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Simulated seconds for each second of the clock on the wall, with nobody watching.
    simulated_s_per_s: f64,
    /// How much longer it takes with the ledger, in hundredths.
    ledger_percent: f64,
    /// How much longer than that it takes with the promises, in hundredths of a run that nobody watches.
    promises_percent: f64,
}

/// Who watches.
#[derive(Clone, Copy)]
enum Watcher {
    Nobody,
    Ledger,
    Both,
}

/// Measures in turns; `clock_s` is the clock on the wall, in seconds.
pub fn run(clock_s: &mut dyn FnMut() -> f64) -> Result<Figures, String> {
    let spec = catchup::scenario::shipped("delivery").map_err(|error| error.to_string())?.world;
    let ways = [Watcher::Nobody, Watcher::Ledger, Watcher::Both];
    let mut seconds: [Vec<f64>; 3] = Default::default();
    for round in 0..=ROUNDS {
        for (way, seconds) in ways.iter().zip(&mut seconds) {
            let began_s = clock_s();
            simulate(&spec, *way)?;
            if round > 0 {
                seconds.push(clock_s() - began_s);
            }
        }
    }
    // The fastest round of each: what else runs on a machine only ever adds.
    let [bare, ledger, both] = seconds.map(|seconds| seconds.into_iter().fold(f64::INFINITY, f64::min));
    let percent = |more: f64| more / bare * 100.0;
    Ok(Figures {
        simulated_s_per_s: RUN.as_ms() as f64 / 1_000.0 / bare,
        ledger_percent: percent(ledger - bare),
        promises_percent: percent(both - ledger),
    })
}

fn simulate(spec: &Arc<WorldSpec>, way: Watcher) -> Result<(), String> {
    let mut world = World::new(spec.clone(), SEED);
    let (mut ledger, mut promises) = (Ledger::of(&world), Promises::of(&world));
    let mut observe = |stamped: &Stamped| match way {
        Watcher::Nobody => {}
        Watcher::Ledger => ledger.observe(stamped),
        Watcher::Both => {
            ledger.observe(stamped);
            promises.observe(stamped, &ledger);
        }
    };
    let rate = Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: ARRIVALS_PER_MIN };
    world.apply(rate, &mut observe).map_err(|error| error.to_string())?;
    world.run_until(Instant::START + RUN, &mut observe);
    Ok(())
}

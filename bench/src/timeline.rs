//! An hour of delivery tracking at fifty orders a second: how long it takes to go to any instant of it. Native only.

use catchup::app::Model;
use catchup::sim::Command;
use catchup::time::Instant;
use serde::Serialize;

const SEED: u64 = 1;
const HOUR_S: u64 = 3_600;
const ARRIVALS_PER_MIN: u32 = 3_000;
/// How many instants are gone to, spread over the hour.
const SEEKS: u64 = 101;

/// What going back takes.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Simulated seconds for each second of the clock on the wall, while the hour went by.
    simulated_s_per_s: f64,
    seek_ms_median: f64,
    seek_ms_max: f64,
}

/// Lets an hour go by, then goes to instants of it in turn; `clock_s` is the clock on the wall, in seconds.
pub fn run(clock_s: &mut dyn FnMut() -> f64) -> Result<Figures, String> {
    let scenario = catchup::scenario::shipped("delivery").map_err(|error| error.to_string())?;
    let mut model = Model::new(scenario, SEED);
    let rate = Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: ARRIVALS_PER_MIN };
    model.act(rate).map_err(|error| error.to_string())?;
    let began_s = clock_s();
    for s in (0..=HOUR_S).step_by(60) {
        model.advance_to(Instant::from_ms(s * 1_000));
        eprintln!("{s} {:.1}", clock_s() - began_s);
    }
    eprintln!("weight {}", model.checkpoint_bytes());
    let simulated_s_per_s = HOUR_S as f64 / (clock_s() - began_s);
    let mut seeks_ms: Vec<f64> = (0..SEEKS).map(|index| {
        // A stride that shares no factor with their number visits every one, and never two neighbours.
        let at_ms = (index * 37 % SEEKS) * HOUR_S * 1_000 / SEEKS;
        let began_s = clock_s();
        model.seek(Instant::from_ms(at_ms));
        (clock_s() - began_s) * 1_000.0
    }).collect();
    seeks_ms.sort_by(f64::total_cmp);
    Ok(Figures { simulated_s_per_s, seek_ms_median: seeks_ms[seeks_ms.len() / 2], seek_ms_max: seeks_ms[seeks_ms.len() - 1] })
}

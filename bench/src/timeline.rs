//! An hour of delivery tracking at fifty orders a second: how long it takes to go to any instant of it. Native only.

use crate::statistics::median;
use catchup::app::Model;
use catchup::sim::Command;
use catchup::time::Instant;
use serde::Serialize;

const SEED: u64 = 1;
const HOUR_MS: u64 = 3_600_000;
const ARRIVALS_PER_MIN: u32 = 3_000;
/// How many instants are gone to, spread over the hour, and the stride in which they are: it shares no factor with their number,
/// so that all are visited, and never two neighbours.
const SEEKS: u64 = 101;
const STRIDE: u64 = 37;

/// What going back takes.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Simulated seconds for each second of the clock on the wall, while the hour went by.
    simulated_s_per_s: f64,
    seek_ms_median: f64,
    seek_ms_max: f64,
    /// About how many bytes the checkpoints take, what they share counted once.
    checkpoint_bytes: u64,
}

/// Lets an hour go by, then goes to instants of it in turn; `clock_s` is the clock on the wall, in seconds.
pub fn run(clock_s: &mut dyn FnMut() -> f64) -> Result<Figures, String> {
    let scenario = catchup::scenario::shipped("delivery").map_err(|error| error.to_string())?;
    let mut model = Model::new(scenario, SEED);
    let rate = Command::SetArrivalRate { service: "orders".to_owned(), arrivals_per_min: ARRIVALS_PER_MIN };
    model.act(rate).map_err(|error| error.to_string())?;
    let began_s = clock_s();
    model.advance_to(Instant::from_ms(HOUR_MS));
    let simulated_s_per_s = HOUR_MS as f64 / 1_000.0 / (clock_s() - began_s);
    let mut seek_ms = |index: u64| {
        let began_s = clock_s();
        model.seek(Instant::from_ms(index * STRIDE % SEEKS * HOUR_MS / SEEKS));
        (clock_s() - began_s) * 1_000.0
    };
    let mut seeks_ms: Vec<f64> = (0..SEEKS).map(&mut seek_ms).collect();
    Ok(Figures {
        simulated_s_per_s,
        seek_ms_max: seeks_ms.iter().copied().fold(0.0, f64::max),
        seek_ms_median: median(&mut seeks_ms),
        checkpoint_bytes: model.checkpoint_bytes(),
    })
}

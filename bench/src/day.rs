//! A day of the shipped delivery tracking: how much memory it takes at its fullest. Native only.

use catchup::broker::Topic;
use catchup::log::Log;
use catchup::sim::World;
use catchup::time::{Instant, Span};
use serde::Serialize;

const SEED: u64 = 1;
const DAY: Span = Span::from_ms(24 * 3_600_000);
const MINUTE: Span = Span::from_ms(60_000);

/// What a day takes.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Records published in the day, to all topics.
    records: u64,
    /// The most bytes that all logs together had at the end of any minute.
    log_bytes_peak: u64,
    /// The most memory that the process ever had, where the system tells that.
    process_bytes_peak: Option<u64>,
    /// Simulated seconds for each second of the clock on the wall.
    simulated_s_per_s: f64,
}

/// Simulates a day; `clock_s` is the clock on the wall, in seconds.
pub fn run(clock_s: &mut dyn FnMut() -> f64) -> Result<Figures, String> {
    let scenario = catchup::scenario::shipped("delivery").map_err(|error| error.to_string())?;
    let mut world = World::new(scenario.world, SEED);
    let (began_s, end) = (clock_s(), Instant::START + DAY);
    let mut log_bytes_peak = 0;
    while world.now() < end {
        world.run_until(world.now() + MINUTE, &mut |_| ());
        log_bytes_peak = logs(&world).map(|log| log.len_bytes() as u64).sum::<u64>().max(log_bytes_peak);
    }
    Ok(Figures {
        records: logs(&world).map(|log| log.log_end_offset().0.unsigned_abs()).sum(),
        log_bytes_peak,
        process_bytes_peak: process_bytes_peak(),
        simulated_s_per_s: DAY.as_ms() as f64 / 1_000.0 / (clock_s() - began_s),
    })
}

fn logs(world: &World) -> impl Iterator<Item = &Log> {
    world.broker().topics().iter().flat_map(Topic::logs)
}

/// What Linux calls the high-water mark of the resident set.
fn process_bytes_peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1_024)
}

//! Runs a benchmark natively and prints its figures as JSON: `log`, or `day`, which wants a process of its own because it tells how
//! much memory that ever had.

use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let start = Instant::now();
    let mut clock_s = || start.elapsed().as_secs_f64();
    let figures = match std::env::args().nth(1).as_deref() {
        Some("log") => Ok(serde_json::json!({ "log": catchup_bench::log::run(&mut clock_s) })),
        #[cfg(not(target_arch = "wasm32"))]
        Some("day") => catchup_bench::day::run(&mut clock_s).map(|day| serde_json::json!({ "day": day })),
        #[cfg(not(target_arch = "wasm32"))]
        Some("timeline") => {
            catchup_bench::timeline::run(&mut clock_s).map(|timeline| serde_json::json!({ "timeline": timeline }))
        }
        #[cfg(not(target_arch = "wasm32"))]
        Some("watching") => {
            catchup_bench::watching::run(&mut clock_s).map(|watching| serde_json::json!({ "watching": watching }))
        }
        Some(_) | None => Err("usage: catchup-bench log|day|timeline|watching".to_owned()),
    };
    match figures {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

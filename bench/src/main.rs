//! Runs the benchmarks natively and prints their figures as JSON.

use std::time::Instant;

fn main() {
    let start = Instant::now();
    let figures = catchup_bench::log::run(&mut || start.elapsed().as_secs_f64());
    println!("{}", serde_json::json!({ "log": figures }));
}

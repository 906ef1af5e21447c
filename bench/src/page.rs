//! What the benchmark's page calls.

use wasm_bindgen::prelude::wasm_bindgen;

/// The benchmark of the log, as JSON.
#[wasm_bindgen(js_name = benchLog)]
#[must_use]
pub fn bench_log() -> String {
    let figures = crate::log::run(&mut || now_ms() / 1_000.0);
    serde_json::json!(figures).to_string()
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now_ms() -> f64;
}

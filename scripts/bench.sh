#!/usr/bin/env bash
# Measures the engine natively and in a headless browser, prints a table and writes target/bench.json.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
need_node
need_chromium
need_wasm_opt
need_page_tools
PLAYWRIGHT_CORE=$(npm_package playwright-core)
MITT=$(npm_package mitt)
export PLAYWRIGHT_CORE

page=$PWD/target/bench
wasm=target/wasm32-unknown-unknown/release/catchup_bench.wasm
# The page is measured with the flags that the shipped page is built with.
wasm_opt_flags=$(sed -n 's/.*data-wasm-opt-params="\([^"]*\)".*/\1/p' static/index.html)

say "building the benchmarks"
# shellcheck disable=SC2086 # LOCKED is one flag or none.
{
  cargo build --quiet $LOCKED --release --package catchup-bench
  cargo build --quiet $LOCKED --release --package catchup-bench --lib --target wasm32-unknown-unknown
}
rm -rf "$page"
wasm-bindgen --target web --no-typescript --out-dir "$page" "$wasm"
# shellcheck disable=SC2086 # one word a flag.
wasm-opt $wasm_opt_flags -O3 "$page/catchup_bench_bg.wasm" -o "$page/optimised.wasm"
mv "$page/optimised.wasm" "$page/catchup_bench_bg.wasm"
cp bench/page/* "$MITT/dist/mitt.mjs" "$page/"

say "running natively (half a minute)"
# The allocator keeps its memory, as a WebAssembly one does: else a third of the time is the system's, clearing pages.
MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8589934592 MALLOC_TOP_PAD_=268435456 \
  target/release/catchup-bench log >"$page/native.json"
say "simulating a day (a minute)"
target/release/catchup-bench day >"$page/day.json"
say "going back in an hour of fifty orders a second (half a minute)"
target/release/catchup-bench timeline >"$page/timeline.json"
say "watching a run in turns with and without the ledger and the promises (half a minute)"
target/release/catchup-bench watching >"$page/watching.json"

run_in_browser() {
  say "running in $CHROMIUM (three minutes)"
  node scripts/bench.mjs "$page" dist target/bench.json
}

with_page run_in_browser

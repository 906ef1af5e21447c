#!/usr/bin/env bash
# Runs the library's tests and those in tests/browser*.rs as WebAssembly in a headless browser.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
need_wasm_target
need_chromedriver
need_wasm_bindgen

# The runner takes the browser and its flags from this file, and would prefer another browser's driver to ours.
mkdir -p target
cat >target/webdriver.json.$$ <<JSON
{
  "goog:chromeOptions": {
    "binary": "$CHROMIUM",
    "args": ["disable-gpu", "no-first-run", "disable-quic", "disable-background-networking",
      "disable-component-update", "disable-sync"]
  }
}
JSON
mv target/webdriver.json.$$ target/webdriver.json
unset GECKODRIVER GECKODRIVER_REMOTE SAFARIDRIVER SAFARIDRIVER_REMOTE CHROMEDRIVER_REMOTE
export WASM_BINDGEN_TEST_WEBDRIVER_JSON=$PWD/target/webdriver.json
export WASM_BINDGEN_USE_BROWSER=1
export WASM_BINDGEN_TEST_TIMEOUT=300 WASM_BINDGEN_TEST_DRIVER_TIMEOUT=60
export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner

say "running the WebAssembly tests in $CHROMIUM"
# shellcheck disable=SC2086 # LOCKED is one flag or none.
cargo test $LOCKED --workspace --target wasm32-unknown-unknown --lib --test 'browser*' --test golden

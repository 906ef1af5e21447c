#!/usr/bin/env bash
# Builds the page and runs the tests in tests/e2e/ on it, in a headless browser. Screenshots go to target/e2e/.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
need_node
need_chromium
need_wasm_opt
PLAYWRIGHT_CORE=$(npm_package playwright-core)
AXE_CORE=$(npm_package axe-core)
export PLAYWRIGHT_CORE AXE_CORE
need_page_tools

run_tests() {
  say "running the page's tests in $CHROMIUM"
  node --test --test-reporter=spec tests/e2e/*.test.mjs
}

with_page run_tests

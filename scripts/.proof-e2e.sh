#!/usr/bin/env bash
. "$(dirname "$0")/lib.sh"
need_rust
need_node
need_chromium
need_wasm_opt
PLAYWRIGHT_CORE=$(npm_package playwright-core)
AXE_CORE=$(npm_package axe-core)
export PLAYWRIGHT_CORE AXE_CORE
need_page_tools
run_tests() { node --test --test-reporter=spec tests/e2e/proof.test.mjs tests/e2e/outage.test.mjs; }
with_page run_tests

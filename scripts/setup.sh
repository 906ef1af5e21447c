#!/usr/bin/env bash
# Installs everything that the other commands need. They do so themselves; this is to have it done beforehand.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
need_wasm_target
need_rust_component rustfmt fmt
need_rust_component clippy clippy
need_chromedriver
need_wasm_opt
npm_package playwright-core >/dev/null
npm_package axe-core >/dev/null
need_wasm_bindgen
need_trunk
need_crates
say "everything is installed"

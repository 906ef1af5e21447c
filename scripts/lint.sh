#!/usr/bin/env bash
# Formatting, lints and documentation, for the machine's own target and for WebAssembly. A warning is an error.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
need_wasm_target
need_rust_component rustfmt fmt
need_rust_component clippy clippy

run() {
  say "$*"
  "$@"
}

wasm="--target wasm32-unknown-unknown"
# shellcheck disable=SC2086 # LOCKED and wasm are flags, or nothing.
{
  run cargo fmt --all --check
  run cargo clippy $LOCKED --workspace --all-targets -- -D warnings
  run cargo clippy $LOCKED --workspace --all-targets $wasm -- -D warnings
  export RUSTDOCFLAGS="-D warnings"
  run cargo doc $LOCKED --workspace --no-deps --document-private-items
  run cargo doc $LOCKED --workspace --no-deps --document-private-items $wasm
}

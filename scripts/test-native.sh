#!/usr/bin/env bash
# Runs the tests that need no browser.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
say "running the native tests"
# shellcheck disable=SC2086 # LOCKED is one flag or none.
cargo test $LOCKED --workspace

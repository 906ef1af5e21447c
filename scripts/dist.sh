#!/usr/bin/env bash
# Builds the static site into dist/ and prints how big it is. Host that folder anywhere, under any path.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_rust
need_wasm_opt
need_page_tools

print_sizes() {
  ! try_node || node scripts/sizes.mjs dist
}

with_page print_sizes

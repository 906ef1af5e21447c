#!/usr/bin/env bash
# Trunk's hook at the end of each build: writes into sw.js which files the page consists of, and one number for all that is in
# them. With CATCHUP_NO_CACHE=1, which `make serve` sets, there are none: a page that is worked on comes from the network.
set -euo pipefail
cd "$TRUNK_STAGING_DIR"

files=$(find . -type f ! -name sw.js | LC_ALL=C sort)
{
  if [ -n "${CATCHUP_NO_CACHE:-}" ]; then
    printf "const VERSION = 'none';\nconst FILES = [];\n"
  else
    # shellcheck disable=SC2086 # Names that Trunk makes have no spaces.
    printf "const VERSION = '%s';\n" "$(cksum $files sw.js | cksum | tr ' ' -)"
    printf 'const FILES = [\n'
    # The page itself by its folder: some hosts send who asks for index.html on to that.
    printf '%s\n' "$files" | sed -e 's|^\./index\.html$|./|' -e "s|.*|  '&',|"
    printf '];\n'
  fi
  cat sw.js
} >sw.js.new
mv sw.js.new sw.js

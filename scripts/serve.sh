#!/usr/bin/env bash
# Builds the release page and serves it on 127.0.0.1, port 8080 or $PORT; builds again when a source file changes.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

port=${PORT:-8080}
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  die "port $port is in use. Stop what listens there, or choose another: make serve PORT=9000"
fi

need_page_tools
prefer_wasm_opt
say "building the page (the first time takes minutes), then serving it on http://127.0.0.1:$port until Ctrl-C"
# Its own folder, so that the dist/ of `make dist` and of the tests is left alone.
mkdir -p target/serve
# What is worked on must not come from a cache.
export CATCHUP_NO_CACHE=1
exec trunk serve --port "$port" --dist target/serve

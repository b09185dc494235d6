#!/usr/bin/env bash
# Checks the fake language-model server with the official SDKs, in a virtual environment of its own; npm's too, where node is.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
home=$target/fake_llm_sdk
mkdir -p "$home"

cargo build --quiet --locked --manifest-path "$root/Cargo.toml" --example fake_llm
if ! cmp -s "$here/requirements.txt" "$home/requirements.txt"; then
    python3 -m venv --clear "$home/venv"
    "$home/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$home/requirements.txt"
fi

ready=$home/ready.json
rm -f "$ready"
"$target/debug/examples/fake_llm" >"$ready" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
until [ -s "$ready" ]; do
    kill -0 "$server" || { echo 'the fake did not start' >&2; exit 1; }
    sleep 0.05
done
FAKE_LLM_URL=$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$ready")
export FAKE_LLM_URL PYTHONDONTWRITEBYTECODE=1
"$home/venv/bin/python" -m pytest --quiet -p no:cacheprovider "$here"

if command -v npm >/dev/null; then
    cp "$here/package.json" "$here/check.mjs" "$home/"
    npm install --prefix "$home" --silent --no-audit --no-fund --no-package-lock
    node "$home/check.mjs"
else
    echo 'npm: skipped, it is not installed'
fi

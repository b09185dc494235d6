#!/usr/bin/env bash
# Runs both SDK suites against a server of our own on a free port, with the small model.
# usage: tests/openai/run.sh     DIARIST names the binary
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
diarist=${DIARIST:-$root/${CARGO_TARGET_DIR:-target}/debug/diarist}
work=$root/target/openai-sdks
mkdir -p "$work/npm"

# Both SDKs stay between runs; a changed version is installed anew.
if ! cmp -s "$here/requirements.txt" "$work/requirements.txt"; then
    rm -rf "$work/venv"
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$work/requirements.txt"
fi
if ! cmp -s "$here/package.json" "$work/npm/package.json"; then
    cp "$here/package.json" "$work/npm/package.new"
    rm -f "$work/npm/package.json"
    (cd "$work/npm" && cp package.new package.json && npm install --silent --no-audit --no-fund --no-package-lock) ||
        { rm -f "$work/npm/package.json"; exit 1; }
fi

data=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
    rm -rf "$data"
}
trap finish EXIT
DIARIST__WHISPER__MODEL=tiny.en "$diarist" --data-dir "$data/store" serve --bind 127.0.0.1:0 >"$data/ready" &
server=$!
for _ in $(seq 300); do
    [ -s "$data/ready" ] && break
    kill -0 "$server" 2>/dev/null || { echo "openai: the server did not start" >&2; exit 1; }
    sleep 0.1
done
url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$data/ready")
export OPENAI_BASE_URL=$url/v1 OPENAI_API_KEY=anything
export MODEL=${MODEL:-whisper-1}

(cd "$here" && PYTHONDONTWRITEBYTECODE=1 "$work/venv/bin/python" -m unittest -v test_audio)
# Node looks for the SDK beside the file that imports it.
cp "$here/audio.test.js" "$work/npm/"
(cd "$work/npm" && CLIPS=$root/tests/data/speech node --test audio.test.js)

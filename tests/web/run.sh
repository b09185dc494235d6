#!/usr/bin/env bash
# Drives the page in a real Chromium: tests, figures, or screenshots.
# usage: tests/web/run.sh [test [FILE…] | measure | screens DIR]     DIARIST names the binary, CHROMIUM the browser
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
export DIARIST=${DIARIST:-$target/debug/diarist}
export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$CHROMIUM" ] || { echo "web: no Chromium here; install the package chromium, or set CHROMIUM" >&2; exit 1; }
work=$target/web-tests
mkdir -p "$work"

# The packages stay between runs; a changed version is installed anew.
if ! cmp -s "$here/package.json" "$work/package.json"; then
    cp "$here/package.json" "$work/package.new"
    rm -f "$work/package.json"
    (cd "$work" && mv package.new package.json && npm install --silent --no-audit --no-fund --no-package-lock) ||
        { rm -f "$work/package.json"; exit 1; }
fi
# Node looks for packages beside the file that imports them.
rm -rf "$work/suite"
mkdir "$work/suite"
cp "$here"/*.mjs "$work/suite/"
export SPEECH=$root/tests/data/speech

what=${1:-test}
shift || true
case $what in
test)
    files=("$@")
    [ ${#files[@]} -gt 0 ] || files=(path crash keys engine weight)
    cd "$work/suite"
    exec node --test --test-concurrency=1 "${files[@]/%/.test.mjs}"
    ;;
measure) cd "$work/suite" && exec node measure.mjs "$@" ;;
screens)
    to=$(realpath -m "${1:-$root/docs/screens}")
    cd "$work/suite" && exec node screens.mjs "$to"
    ;;
*) sed -n '3p' "$0" >&2; exit 2 ;;
esac

#!/usr/bin/env bash
# Takes the page's libraries anew from npm into web/assets/vendor, with imports that a browser follows without a bundler.
# usage: scripts/vendor_web.sh     (change a version below first; needs npm)
set -euo pipefail
cd "$(dirname "$0")/.."

to=web/assets/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$to"
: >"$to/LICENSES.txt"

take() { # take PACKAGE@VERSION FILE-IN-PACKAGE NAME
    local dir=$work/$3
    mkdir -p "$dir"
    (cd "$dir" && npm pack --silent "$1" >/dev/null && tar xzf ./*.tgz)
    sed -e 's,//# sourceMappingURL=.*,,' \
        -e 's,"preact/hooks","./hooks.js",g' -e 's,"preact","./preact.js",g' \
        -e 's,"@preact/signals-core","./signals-core.js",g' "$dir/package/$2" >"$to/$3.js"
    if [ -f "$dir/package/LICENSE" ]; then
        { printf '%s (%s)\n\n' "$3.js" "$1"; cat "$dir/package/LICENSE"; printf '\n'; } >>"$to/LICENSES.txt"
    fi
}

take preact@11.2.0 dist/preact.mjs preact
take preact@11.2.0 hooks/dist/hooks.mjs hooks
take htm@3.1.1 dist/htm.mjs htm
take @preact/signals-core@1.14.5 dist/signals-core.mjs signals-core
take @preact/signals@2.11.4 dist/signals.mjs signals
ls -l "$to"

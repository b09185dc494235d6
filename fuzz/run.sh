#!/usr/bin/env bash
# Fuzzes all targets at once, each for the same time, and says what came of it; findings lie in fuzz/artifacts.
# usage: fuzz/run.sh [SECONDS] [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."

stop() { printf 'fuzz: %s\n' "$*" >&2; exit 1; }
toolchain=(+nightly)
if ! rustc +nightly --version >/dev/null 2>&1; then
    # The address sanitizer is a flag of nightly's. A stable compiler has it behind the same lock, and this is its key:
    # right for a harness, never for the product.
    echo 'fuzz: no nightly Rust here, using the stable one with RUSTC_BOOTSTRAP=1' >&2
    toolchain=()
    export RUSTC_BOOTSTRAP=1
fi
command -v cargo-fuzz >/dev/null || stop "cargo-fuzz is needed: cargo install --locked cargo-fuzz"

seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(probe decode worker)

cargo run --quiet --locked --example fuzz_seeds fuzz/corpus
hostile=$(mktemp -d)
trap 'rm -rf "$hostile"' EXIT
scripts/hostile_corpus.py "$hostile" >/dev/null
for target in probe decode; do
    # Only the small ones, under plain names: a seed is tried often.
    find "$hostile" -type f -size -120k -print0 | while IFS= read -r -d '' seed; do
        sum=$(cksum <"$seed")
        cp "$seed" "fuzz/corpus/$target/hostile-${sum%% *}"
    done
done

# A sanitizer keeps what was freed for a while; little of it, or it would count as memory of ours.
export ASAN_OPTIONS="quarantine_size_mb=16:detect_leaks=0:allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
limits=(-timeout=10 -rss_limit_mb=600 -malloc_limit_mb=512 -max_len=65536 -reload=0 -print_final_stats=1)
cargo "${toolchain[@]}" fuzz build
status=0
running=()
mkdir -p fuzz/artifacts
for target in "${targets[@]}"; do
    FUZZ_PANICS=fuzz/artifacts nice -n 19 cargo "${toolchain[@]}" fuzz run "$target" -- \
        -max_total_time="$seconds" "${limits[@]}" >"fuzz/artifacts/$target.log" 2>&1 &
    running+=($!)
done
for n in "${!running[@]}"; do
    wait "${running[$n]}" || status=1
    target=${targets[$n]}
    printf '%-8s %s\n' "$target" "$(grep -E 'DONE|SUMMARY|^==.*ERROR' "fuzz/artifacts/$target.log" | tail -n 1)"
    [ ! -s "fuzz/artifacts/$target/decoder-panics/counts.txt" ] || {
        echo "         panics of decoders, which end only their child in the product:"
        cat "fuzz/artifacts/$target/decoder-panics/counts.txt"
    }
done
exit $status

#!/usr/bin/env bash
# Takes jobs that do nothing through their life: Diarist's engine and other job queues in turn, on fresh databases; prints Markdown.
# usage: [DIARIST_QUEUE_BENCH='COMMAND'] benches/peers/queues.sh [--rounds 5] [--jobs 20000] [--in-flight 128] [--folder ON-A-REAL-DISK]
# COMMAND measures Diarist: it gets `sqlite FILE` or `postgres URL`, then `--jobs` and `--in-flight`, and prints the lines of JSON
# that benches/peers/queues prints. Without it that is `cargo bench --bench queue`; where it is empty, only the peers run.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'queues: %s\n' "$*" >&2; }
stop() { say "$@"; exit 1; }

rounds=5 jobs=20000 in_flight=128 folder=${TMPDIR:-/tmp}
while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || stop "$1 wants a value"
    case $1 in
        --rounds) rounds=$2 ;;
        --jobs) jobs=$2 ;;
        --in-flight) in_flight=$2 ;;
        --folder) folder=$2 ;;
        *) stop "unknown option $1" ;;
    esac
    shift 2
done
read -ra ours <<<"${DIARIST_QUEUE_BENCH-cargo bench --quiet --locked --bench queue --}"
load=(--jobs "$jobs" --in-flight "$in_flight")

say "building the peers"
cargo build --release --locked --quiet --manifest-path benches/peers/queues/Cargo.toml --target-dir target/peers/queues
queues=$PWD/target/peers/queues/release/queues

# A server of our own, as tests/it/kit/postgres.rs starts one, with the settings of a fresh installation.
bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1) || true
[ -n "$bin" ] || bin=$(command -v initdb) || stop "PostgreSQL is needed; run scripts/setup.sh test"
bin=$(dirname "$bin")
as=()
[ "$(id -u)" != 0 ] || as=(runuser -u postgres --)
dir=$(mktemp -d "$folder/diarist-queues-XXXXXX")
postgres() { (cd / && "${as[@]}" "$bin/$1" "${@:2}"); }
clean() {
    trap - EXIT
    [ ! -f "$dir/cluster/data/postmaster.pid" ] || postgres pg_ctl -D "$dir/cluster/data" -m immediate -w stop >/dev/null || true
    rm -rf "$dir"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

chmod 711 "$dir"
mkdir "$dir/cluster"
[ ${#as[@]} = 0 ] || chown postgres "$dir/cluster"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
postgres initdb -D "$dir/cluster/data" -U diarist -A trust -E UTF8 --no-locale --no-sync >/dev/null
options="-p $port -k $dir/cluster -c listen_addresses=127.0.0.1"
postgres pg_ctl -D "$dir/cluster/data" -l "$dir/cluster/log" -w -o "$options" start >/dev/null ||
    stop "PostgreSQL did not start: $(tail -n 3 "$dir/cluster/log")"

database=0
fresh() { # fresh: a new database, its URL in $url, without the last one
    [ $database = 0 ] || postgres dropdb -h 127.0.0.1 -p "$port" -U diarist --force "queue_$database"
    database=$((database + 1))
    postgres createdb -h 127.0.0.1 -p "$port" -U diarist "queue_$database"
    url=postgres://diarist@127.0.0.1:$port/queue_$database
}
measure() { # measure DATABASE COMMAND…: keeps its lines of JSON
    # What the last one left for the disk is not the next one's to wait for.
    sync
    "${@:2}" "${load[@]}" | tee /dev/stderr | sed "s/^/$1 /" >>"$dir/figures"
}

file=$dir/queue.db
for round in $(seq "$rounds"); do
    say "round $round of $rounds"
    for peer in ours sqlite; do
        rm -rf "$file" "$file-wal" "$file-shm"
        case $peer in
            ours) [ ${#ours[@]} = 0 ] || measure SQLite "${ours[@]}" sqlite "$file" ;;
            *) measure SQLite "$queues" "$peer" "$file" ;;
        esac
    done
    for peer in ours postgres graphile; do
        fresh
        case $peer in
            ours) [ ${#ours[@]} = 0 ] || measure PostgreSQL "${ours[@]}" postgres "$url" ;;
            *) measure PostgreSQL "$queues" "$peer" "$url" ;;
        esac
    done
done
benches/peers/queues.py "$in_flight" "$(stat -f -c %T "$dir")" <"$dir/figures"

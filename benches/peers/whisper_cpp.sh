#!/usr/bin/env bash
# Times `diarist transcribe` against whisper.cpp (the Python package pywhispercpp) and prints Markdown.
# usage: [DIARIST=target/release/diarist] benches/peers/whisper_cpp.sh [--runs 5] [--model tiny.en] [--weights FILE]… [--speech FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=target/peers/venv
if [ ! -x $venv/bin/python ] || ! $venv/bin/python -c 'import pywhispercpp' 2>/dev/null; then
    echo "making $venv with pywhispercpp" >&2
    python3 -m venv $venv || { echo "python3 has no venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
    $venv/bin/pip install -q pywhispercpp==1.5.1
fi
exec $venv/bin/python benches/peers/whisper_cpp.py --diarist "${DIARIST:-target/release/diarist}" "$@"

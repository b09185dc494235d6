"""Diarist beside whisper.cpp: the same speech, the same weights, two threads; start and model load included.

Every run is a process of its own. Runs alternate (A B A B …), so that a busy machine troubles both alike,
and Diarist gets a fresh data folder each time, so that no transcript is taken from an earlier run.
"""

import argparse
import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import wave

PAUSE_S = 0.6
THREADS = 2


def peer(weights, speech):
    """Runs in a child: what a Python program does with whisper.cpp, with its defaults."""
    from pywhispercpp.model import Model

    model = Model(weights, n_threads=THREADS, print_progress=False, print_realtime=False, redirect_whispercpp_logs_to=None)
    print(" ".join(segment.text.strip() for segment in model.transcribe(speech)))


def make_speech(folder, seconds, out):
    """Joins the clips with pauses, from the first again, until there is enough; returns length and reference."""
    clips = sorted(pathlib.Path(folder).glob("*.wav"))
    if not clips:
        sys.exit(f"no clips in {folder}; name a folder of 16 kHz mono WAV files with their texts: --speech FOLDER")
    frames, words, rate = bytearray(), [], 16_000
    turn = 0
    while len(frames) / 2 / rate < seconds:
        clip = clips[turn % len(clips)]
        with wave.open(str(clip)) as sound:
            if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (rate, 1, 2):
                sys.exit(f"{clip} is not 16 kHz mono 16 bit")
            frames += sound.readframes(sound.getnframes()) + bytes(2 * int(rate * PAUSE_S))
        words.append(clip.with_suffix(".txt").read_text(encoding="utf-8"))
        turn += 1
    with wave.open(str(out), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(frames)
    return len(frames) / 2 / rate, " ".join(words)


def word_errors(reference, heard):
    """Word error rate in percent, without regard to case and punctuation."""
    plain = lambda text: re.sub(r"[^a-z0-9' ]", " ", text.lower().replace("’", "'")).split()
    want, got = plain(reference), plain(heard)
    row = list(range(len(got) + 1))
    for i, word in enumerate(want, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return 100 * row[-1] / max(1, len(want))


def timed(command, environment):
    """Wall seconds, CPU seconds of the process and its children, and what it printed."""
    before, start = os.times(), time.monotonic()
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wall, after = time.monotonic() - start, os.times()
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, done.stdout


def find_weights(model):
    """The file that Diarist itself uses, so that both read the same weights."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    found = sorted((cache / "diarist" / "models").glob(f"**/*{model}*.bin"), key=lambda file: file.stat().st_mtime)
    if not found:
        sys.exit(f"no weights of {model} in {cache}/diarist/models; run `diarist models pull {model}` or name --weights FILE")
    return [found[-1]]


def machine():
    processor = platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
        processor = names[0] if names else processor
    return f"{processor}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the start"


def busy_seconds():
    """CPU seconds that the whole machine has worked since its start; 0 where nobody counts."""
    if not os.path.exists("/proc/stat"):
        return 0.0
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def compare(options):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        speech = folder / "speech.wav"
        seconds, reference = make_speech(options.speech, options.seconds, speech)
        told = machine()
        ours = f"diarist, `{options.model}`"

        def run_ours(turn):
            environment = dict(os.environ, DIARIST__STORAGE__DATA_DIR=str(folder / f"data{turn}"))
            command = [options.diarist, "transcribe", str(speech), "-m", options.model, "-f", "txt"]
            return timed(command, environment)

        runs = {} if options.peer_only else {ours: run_ours}
        for weights in options.weights or find_weights(options.model):
            command = [sys.executable, __file__, "--run-peer", str(weights), str(speech)]
            runs[f"whisper.cpp, `{pathlib.Path(weights).name}`"] = lambda turn, command=command: timed(command, None)

        results = {name: [] for name in runs}
        busy, start = busy_seconds(), time.monotonic()
        for turn in range(options.runs):
            for name, run in runs.items():
                results[name].append(run(turn))
                print(f"run {turn + 1}/{options.runs} {name}: {results[name][-1][0]:.2f} s", file=sys.stderr)
        own = sum(run[1] for all_runs in results.values() for run in all_runs)
        others = (busy_seconds() - busy - own) / (time.monotonic() - start)
        report(results, ours, seconds, reference, f"{told}; others kept {max(0, others):.2f} cores busy")


def report(results, ours, seconds, reference, told):
    runs = min(len(all_runs) for all_runs in results.values())
    print(f"{seconds:.1f} s of speech, {len(reference.split())} words, {runs} runs each, alternating; start and model load included.")
    print(f"Machine: {told}. Date: {datetime.date.today()}.")
    print("whisper.cpp waits in spinning barriers: on a machine that is busy elsewhere its time explodes, so only a run on an idle one counts.\n")
    print("| | wall s, median | min | max | CPU s, median | × real time | WER |")
    print("|---|---|---|---|---|---|---|")
    medians = {}
    for name, all_runs in results.items():
        walls = [run[0] for run in all_runs]
        medians[name] = statistics.median(walls)
        cpu = statistics.median(run[1] for run in all_runs)
        errors = {round(word_errors(reference, run[2]), 1) for run in all_runs}
        shown = "–".join(f"{rate}" for rate in sorted({min(errors), max(errors)}))
        print(f"| {name} | {medians[name]:.2f} | {min(walls):.2f} | {max(walls):.2f} | {cpu:.2f} | {seconds / medians[name]:.1f} | {shown} % |")
    for name in results:
        if name != ours and ours in medians:
            print(f"\nRatio of medians, diarist to {name}: **{medians[ours] / medians[name]:.2f}**.")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--diarist", default="target/release/diarist")
    options.add_argument("--model", default="tiny.en")
    options.add_argument("--weights", action="append", help="ggml file for whisper.cpp; again for a second one")
    options.add_argument("--speech", default="tests/data/speech", help="folder of 16 kHz mono WAV clips with .txt references")
    options.add_argument("--seconds", type=float, default=120.0)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--peer-only", action="store_true", help="time whisper.cpp alone")
    options.add_argument("--run-peer", nargs=2, metavar=("WEIGHTS", "WAV"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.run_peer:
        peer(*chosen.run_peer)
    else:
        compare(chosen)


if __name__ == "__main__":
    main()

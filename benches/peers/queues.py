#!/usr/bin/env python3
"""Reads the figures of benches/peers/queues.sh, a database and a line of JSON each, and prints medians and ratios as Markdown."""

import collections
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import sys

OURS = "diarist"


def machine():
    names = []
    if os.path.exists("/proc/cpuinfo"):
        names = re.findall(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    processor = names[0] if names else platform.machine()
    return f"{processor}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the end"


def main():
    in_flight, disk = sys.argv[1:]
    # The peers of one table worked on one kind of database, in the order in which they ran.
    tables = collections.defaultdict(lambda: collections.defaultdict(list))
    settings = {}
    for line in sys.stdin:
        database, figure = line.split(" ", 1)
        figure = json.loads(figure)
        # A line may tell something else than a rate.
        if "jobs_per_s" in figure:
            tables[database, figure["what"]][figure["peer"], figure.get("version", "")].append(figure["jobs_per_s"])
            settings[database, figure["what"], figure["peer"]] = figure.get("settings", "")

    print(f"Jobs/s, {in_flight} in flight in the closed loop. Machine: {machine()}, {disk}. Date: {datetime.date.today()}.")
    if disk in ("tmpfs", "ramfs"):
        print("\nThe databases lay in memory: these are no figures of durable work; name a folder on a disk with --folder.")
    print("\n| database | measured | | runs | median | min | max | diarist to it |\n|---|---|---|---|---|---|---|---|")
    for (database, what), peers in sorted(tables.items()):
        ours = next((statistics.median(rates) for (peer, _), rates in peers.items() if peer == OURS), None)
        for (peer, version), rates in peers.items():
            median = statistics.median(rates)
            ratio = f"{ours / median:.2f}" if ours and peer != OURS else ""
            cells = (len(rates), f"{median:,.0f}", f"{min(rates):,.0f}", f"{max(rates):,.0f}", ratio)
            name = f"{peer} {version}".strip()
            print(f"| {database} | {what} | {name} | {' | '.join(map(str, cells))} |")
    print()
    for (database, what, peer), told in settings.items():
        print(f"- {peer}, {database}, {what}: {told}")


if __name__ == "__main__":
    main()

"""What the programs that measure readers of ESE databases share: their command line, the clock, the JSON line."""

import argparse
import json
import os
import resource
import statistics
import sys
import time


def arguments(description, modes=("ese-read",)):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--mode", choices=modes, default=modes[0])
    parser.add_argument("--file", required=True, help="the database")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="measure N times, print the medians")
    return parser


def peak(who):
    """The largest resident size, KiB."""
    unit = 1024 if sys.platform == "darwin" else 1
    return resource.getrusage(who).ru_maxrss // unit


def measure(peer, options, run, count=lambda counts: counts, who=resource.RUSAGE_SELF, memory=None):
    """Calls `run` as often as asked. `count` makes rows and values from what it returned, and is not measured. `who` is
    whose CPU time counts, and whose memory unless `memory` gives its peak in KiB."""
    walls, cpus = [], []
    for _ in range(options.repeat):
        before, start = resource.getrusage(who), time.perf_counter()
        result = run()
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(who)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    peak_kb = memory() if memory else peak(who)
    rows, values = count(result)
    line = {
        "peer": peer, "mode": options.mode, "file": options.file, "rows": rows, "values": values,
        "bytes": os.path.getsize(options.file), "wall_s": round(statistics.median(walls), 6),
        "cpu_s": round(statistics.median(cpus), 6), "peak_rss_kb": peak_kb,
    }
    print(json.dumps(line, separators=(",", ":")))

#!/usr/bin/env python3
"""Measures a program that exports a database as text files: the whole process, then counts what it wrote.

    ese_export.py --peer NAME [--mode ese-export] --file DATABASE [--repeat N] -- COMMAND ARGUMENT...

`{file}` in an argument becomes the database, `{out}` a path in a temporary directory. Each file there is a table with
one line of names first: commas and quotes if it is called *.csv, else tabs. Values are the fields that are not empty.
"""

import csv
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time

from ese_measure import arguments, measure, peak


def count(directory):
    rows = values = 0
    csv.field_size_limit(1 << 30)
    for folder, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace", newline="") as handle:
                if name.endswith(".csv"):
                    lines = csv.reader(handle)
                else:
                    # esedbexport ends each value with a tab.
                    lines = (line.rstrip("\r\n").split("\t") for line in handle)
                next(lines, None)
                for fields in lines:
                    rows += 1
                    values += sum(1 for field in fields if field)
    return rows, values


class Memory:
    """The peak of programs that this one starts. Until a program runs, its process counts with this one's memory: what
    is no larger than that comes from looking at it while it runs instead."""

    def __init__(self):
        self.seen = 0

    def watch(self, process):
        while process.returncode is None:
            try:
                with open(f"/proc/{process.pid}/status") as status:
                    self.seen = max([self.seen] + [int(line.split()[1]) for line in status if line[:6] == "VmHWM:"])
            except OSError:
                return
            time.sleep(0.001)

    def peak(self):
        own, theirs = peak(resource.RUSAGE_SELF), peak(resource.RUSAGE_CHILDREN)
        return theirs if theirs > own or not self.seen else self.seen


def export(command, file, directory, memory):
    """Runs the command into a directory of its own and returns that."""
    out = os.path.join(tempfile.mkdtemp(dir=directory), "out")
    command = [part.replace("{file}", file).replace("{out}", out) for part in command]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    threading.Thread(target=memory.watch, args=(process,), daemon=True).start()
    said = process.communicate()[0].decode(errors="replace")
    if process.returncode != 0:
        sys.exit(f"{command[0]} ends with {process.returncode}: {said[-300:].strip()}")
    return os.path.dirname(out)


parser = arguments(__doc__.split("\n")[0], ["ese-export"])
parser.add_argument("--peer", required=True)
parser.add_argument("command", nargs="+", metavar="COMMAND")
options = parser.parse_args()
memory = Memory()
with tempfile.TemporaryDirectory() as directory:
    measure(
        options.peer, options, lambda: export(options.command, options.file, directory, memory), count,
        resource.RUSAGE_CHILDREN, memory.peak)

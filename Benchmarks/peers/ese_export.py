#!/usr/bin/env python3
"""Measures a program that exports a database as text files: the whole process, then counts what it wrote.

    ese_export.py --peer NAME [--mode ese-export] --file DATABASE [--repeat N] -- COMMAND ARGUMENT...

`{file}` in an argument becomes the database, `{out}` a path in a temporary directory. Each file there is a table with one
line of names first: commas and quotes if it is called *.csv, else tabs. Values are the fields that are not empty.
"""

import csv
import os
import resource
import subprocess
import sys
import tempfile

from ese_measure import arguments, measure


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


def export(command, file, directory):
    """Runs the command into a directory of its own and returns that."""
    out = os.path.join(tempfile.mkdtemp(dir=directory), "out")
    command = [part.replace("{file}", file).replace("{out}", out) for part in command]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ends with {done.returncode}: {done.stdout.decode(errors='replace')[-300:].strip()}")
    return os.path.dirname(out)


parser = arguments(__doc__.split("\n")[0], ["ese-export"])
parser.add_argument("--peer", required=True)
parser.add_argument("command", nargs="+", metavar="COMMAND")
options = parser.parse_args()
with tempfile.TemporaryDirectory() as directory:
    measure(
        options.peer, options, lambda: export(options.command, options.file, directory), count,
        resource.RUSAGE_CHILDREN)

#!/usr/bin/env python3
"""Reads every value of every row of every table with dissect.esedb, decoded to Python's types.

    ese_dissect.py [--mode ese-read] --file DATABASE [--repeat N]

Needs dissect.esedb; .build/peers/python/bin/python has it.
"""

from dissect.esedb import EseDB
from ese_measure import arguments, measure


def read(path):
    rows = values = 0
    with open(path, "rb") as handle:
        for table in EseDB(handle).tables():
            names = table.column_names
            for record in table.records():
                rows += 1
                for name in names:
                    value = record.get(name)
                    if value is not None:
                        values += len(value) if isinstance(value, list) else 1
    return rows, values


options = arguments(__doc__.split("\n")[0]).parse_args()
measure("dissect.esedb", options, lambda: read(options.file))

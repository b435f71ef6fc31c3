#!/usr/bin/env python3
"""Reads every value of every row of every table with pyesedb (libesedb), decoded to Python's types.

    ese_pyesedb.py [--mode ese-read] --file DATABASE [--repeat N]

Several values of one column come as one, because pyesedb gives only their bytes. Needs libesedb-python;
.build/peers/python/bin/python has it.
"""

import uuid

import pyesedb
from ese_measure import arguments, measure

TYPES = pyesedb.column_types
TEXTS = {TYPES.TEXT, TYPES.LARGE_TEXT}
FLOATS = {TYPES.FLOAT_32BIT, TYPES.DOUBLE_64BIT}
INTEGERS = {
    TYPES.INTEGER_8BIT_UNSIGNED, TYPES.INTEGER_16BIT_SIGNED, TYPES.INTEGER_32BIT_SIGNED, TYPES.CURRENCY,
    TYPES.INTEGER_32BIT_UNSIGNED, TYPES.INTEGER_64BIT_SIGNED, TYPES.INTEGER_16BIT_UNSIGNED,
}


def decode(record, number):
    """The value, None for NULL; what pyesedb can't decode as its type comes as bytes."""
    if record.is_long_value(number):
        value = record.get_value_data_as_long_value(number)
        return value.get_data_as_string() if record.get_column_type(number) in TEXTS else value.data
    if record.is_multi_value(number):
        return record.get_value_data(number)
    type_ = record.get_column_type(number)
    if type_ in INTEGERS:
        return record.get_value_data_as_integer(number)
    if type_ in TEXTS:
        return record.get_value_data_as_string(number)
    if type_ in FLOATS:
        return record.get_value_data_as_floating_point(number)
    if type_ == TYPES.BOOLEAN:
        return record.get_value_data_as_boolean(number)
    data = record.get_value_data(number)
    return uuid.UUID(bytes_le=data) if type_ == TYPES.GUID and data else data


def read(path):
    rows = values = 0
    database = pyesedb.open(path)
    for table in database.tables:
        for record in table.records:
            rows += 1
            for number in range(record.number_of_values):
                if decode(record, number) is not None:
                    values += 1
    database.close()
    return rows, values


options = arguments(__doc__.split("\n")[0]).parse_args()
measure("pyesedb", options, lambda: read(options.file))

#!/usr/bin/env python3
"""Prints what a database holds, as two independent readers see it: the reference for our own reader.

    reference.py [--compare] [--cache DIRECTORY] DATABASE

--cache prints what an earlier run left in the directory for the same file, script and readers, if there is such.

Fields are separated by tabs, one statement a line; a table's lines follow its T line:

    T  name  objid  rows       a table, system tables too, in the catalog's order
    C  id  name  type  codepage  flags   a column, in id order; type is the JET_coltyp; codepage 0 is none
    R  cell  cell  ...         a live row, in the order of the primary index; a cell for each column, in their order
    I  name  entries  sha256   an index, the primary one too; the digest is over each live leaf node in order: length of
                               its key (u32 LE), key, length of its data (u32 LE), data; the primary's digest is "-"
    X  rows  rows              live rows as dissect.esedb walks them, and as pyesedb counts them ("-": it refuses)
    V  equal  filler  differs  skipped   with --compare: cells as pyesedb reads them, see below
    N  text                    something to know about the table or the file

A cell is "-" for NULL, else its values' bytes in hexadecimal, several values separated by commas: the uncompressed
bytes as stored, so that text, floating point numbers and GUIDs compare exactly. A value of no bytes is an empty field.

Values, and the NULL bitmap with them, come from dissect.esedb, whose parts for pages, trees, tags and records are used
as they are. Where its results are known to be wrong, a rule of the format decides instead:

  deleted nodes   dissect returns nodes with the node flag "deleted" as live, in the catalog too. They are left out
                  here; pyesedb leaves them out by itself, and the X lines compare both counts.
  7-bit text      dissect ignores how many bits of the last byte are used, and returns one NUL too many for lengths of
                  8n + 7. The first byte's low three bits give the right length.
  long values     dissect adds up chunk offsets, and from the third chunk on takes raw chunks for compressed ones.
                  A chunk is compressed if it is shorter than the distance to the next one's offset.
  multi-values    dissect decompresses the first value even if it is separated, when the chunks are already plain.
  fixed columns   dissect adds up the sizes of the columns to find one; here the catalog's RecordOffset decides, except
                  for the catalog's own columns, where it is always 4.
  deleted columns are catalog rows of type 0 and left out.

Columns that a record does not have get the default value of the catalog, as in the engine: fixed and variable columns
beyond the record's last ones, tagged columns that are absent. Defaults that a program computes are noted and are NULL.

If dissect refuses a table, its rows come from pyesedb, which has no NULL bitmap: its fixed columns can't be trusted,
and an N line that begins with "pyesedb" says so.

--compare reads all cells with pyesedb as well: "equal"; "filler", NULL here and the engine's filler bytes there;
"differs"; and "skipped", which are the multi-valued and compressed ones, and long values that pyesedb can't read.

Exit status 0: printed. 1: neither reader opens it. 2: wrong arguments.
"""

import argparse
import functools
import gc
import hashlib
import os
import shutil
import struct
import sys
import tempfile

NODE_DELETED = 2
HEADER_COMPRESSED, HEADER_SEPARATED, HEADER_MULTI, HEADER_TWO = 2, 4, 8, 16
COLUMN_USER_DEFAULT, FIRST_TAGGED = 0x80, 256
CATALOGS = ("MSysObjects", "MSysObjectsShadow")


def live_leaf_nodes(page, depth=0):
    """The leaf nodes below `page` without the deleted ones. Replaces dissect's walk, for the catalog as well."""
    if depth > 32:
        raise ValueError(f"page {page.num}: a tree that does not end")
    for number in range(page.node_count):
        node = page.node(number)
        if not page.is_leaf:
            yield from live_leaf_nodes(page.esedb.page(node.child), depth + 1)
        elif not node.tag.flags.value & NODE_DELETED:
            yield node


def load_readers():
    """Imports the readers, which takes longer than many a database, and puts the rules about nodes in place."""
    global pyesedb, EseDB, compression, RecordData
    import pyesedb
    from dissect.esedb import EseDB, compression
    from dissect.esedb.page import Page
    from dissect.esedb.record import RecordData

    Page.iter_leaf_nodes = live_leaf_nodes
    # dissect keeps pages only after it has read the catalog, which is most of some files.
    EseDB.page = functools.lru_cache(4096)(EseDB.page)


def decompress(data):
    """The plain bytes of compressed `data`; dissect decompresses, the stored length decides how much of it counts."""
    scheme = data[0] >> 3
    if scheme in (1, 2):
        units = (8 * (len(data) - 2) + (data[0] & 7) + 1) // 7
        length = units * scheme
    elif scheme == 3:
        length = struct.unpack_from("<H", data, 1)[0]
    else:
        raise NotImplementedError(f"compression scheme {scheme}")
    plain = compression.decompress(bytes(data))
    if len(plain) < length:
        raise ValueError(f"decompressed to {len(plain)} bytes instead of {length}")
    return plain[:length]


class Table:
    """One table of the catalog, its columns in id order."""

    def __init__(self, table):
        self.table, self.name, self.esedb = table, table.name, table.esedb
        self.notes = []
        self.columns = sorted((c for c in table.columns if c.type.value != 0), key=lambda c: c.identifier)
        self.objid = table.record.get("ObjidTable")
        self.long_values = None
        for column in self.columns:
            if column.record.get("Flags") & COLUMN_USER_DEFAULT:
                self.notes.append(f"column {column.name} has a default that a program computes")
                column.default = None  # the catalog has the program's name there
            offset = column.record.get("RecordOffset")
            if self.name in CATALOGS or column.identifier >= 128 or offset is None or offset == column.offset + 4:
                continue
            self.notes.append(f"column {column.name}: RecordOffset {offset}, sizes add up to {column.offset + 4}")
            column._offset = offset - 4
        if table.record.get("TemplateTable"):
            self.notes.append(f"derived from {table.record.get('TemplateTable')}, whose columns are missing here")

    def rows(self):
        """A list of cells for each live row; a cell is None or a list of byte strings."""
        untagged = [column for column in self.columns if column.identifier < FIRST_TAGGED]
        tagged = [column for column in self.columns if column.identifier >= FIRST_TAGGED]
        defaults = [None if column.default is None else [bytes(column.default)] for column in tagged]
        shift = len(untagged)
        places = {column.identifier: shift + number for number, column in enumerate(tagged)}
        for node in self.table.root.iter_leaf_nodes():
            record = RecordData(self.table, node)
            cells = [self.untagged_cell(record, column) for column in untagged]
            cells += defaults
            for index in range(record._tagged_data_count):
                field = record._get_tag_field(index)
                # Columns that are deleted by now are not in the catalog.
                if (place := places.get(field.identifier)) is not None:
                    cells[place] = None if field.is_null else self.tagged_cell(record, tagged[place - shift], field)
            yield cells

    def untagged_cell(self, record, column):
        value = record._get_fixed(column) if column.identifier < 128 else record._get_variable(column)
        return None if value is None else [bytes(value)]

    def tagged_cell(self, record, column, field):
        value = record._get_tagged(column)[1]
        flags = field.flags.value if field.has_extended_info else 0
        if flags & (HEADER_MULTI | HEADER_TWO):
            return self.values(bytes(value), flags)
        return [self.value(bytes(value), flags & HEADER_SEPARATED, flags & HEADER_COMPRESSED)]

    def value(self, data, is_separated, is_compressed):
        if is_separated:
            return self.long_value(data)
        return decompress(data) if is_compressed and data else data

    def values(self, data, flags):
        if flags & HEADER_TWO:
            first = 1 + data[0]
            values = [(data[1:first], False), (data[first:], False)]
        else:
            count = (struct.unpack_from("<H", data)[0] & 0x7FFF) // 2
            starts = struct.unpack_from(f"<{count}H", data)
            ends = [start & 0x7FFF for start in starts[1:]] + [len(data)]
            values = [(data[start & 0x7FFF : end], start & 0x8000) for start, end in zip(starts, ends)]
        first_compressed = flags & HEADER_COMPRESSED
        return [self.value(part, lid, first_compressed and i == 0) for i, (part, lid) in enumerate(values)]

    def long_value(self, lid):
        if self.long_values is None:
            self.long_values = self.read_long_values()
        key = lid[::-1]
        if key not in self.long_values:
            raise KeyError(f"no long value {key.hex()}")
        size, chunks = self.long_values[key]
        chunks = sorted(chunks)
        parts = []
        for index, (offset, data) in enumerate(chunks):
            end = chunks[index + 1][0] if index + 1 < len(chunks) else size
            parts.append(data if len(data) == end - offset else decompress(data))
        plain = b"".join(bytes(part) for part in parts)
        if len(plain) != size:
            raise ValueError(f"long value {key.hex()} has {len(plain)} of {size} bytes")
        return plain

    def read_long_values(self):
        """LID as in the keys to (size, [(offset, stored chunk)])."""
        found = {}
        for node in self.table.lv_page.iter_leaf_nodes():
            key = bytes(node.key)
            if len(key) in (4, 8) and key not in found and key[:-4] not in found:
                found[key] = (struct.unpack_from("<II", node.data)[1], [])
            else:
                found[key[:-4]][1].append((struct.unpack(">I", key[-4:])[0], node.data))
        return found

    def index_lines(self, rows):
        for index in self.table.indexes:
            if index.is_primary:
                yield f"I\t{index.name}\t{rows}\t-"
                continue
            digest, count = hashlib.sha256(), 0
            for node in index.root.iter_leaf_nodes():
                for part in (bytes(node.key), bytes(node.data)):
                    digest.update(struct.pack("<I", len(part)) + part)
                count += 1
            yield f"I\t{index.name}\t{count}\t{digest.hexdigest()}"


def text(cell):
    return "-" if cell is None else ",".join(value.hex() for value in cell)


def row_line(row):
    return "R\t" + "\t".join(map(text, row))


def foreign_tables(path):
    """pyesedb's tables by name, and why there are none."""
    try:
        database = pyesedb.open(path)
        return database, {table.name: table for table in database.tables}, None
    except OSError as error:
        return None, {}, str(error).splitlines()[0]


def foreign_value(record, number):
    """The cell as pyesedb has it, or an exception if it has none of the plain kind."""
    if record.is_multi_value(number) or record.get_value_data_flags(number) & pyesedb.value_flags.COMPRESSED:
        raise OSError("not plain")
    if record.is_long_value(number):
        return record.get_value_data_as_long_value(number).data
    return record.get_value_data(number)


def foreign_rows(foreign):
    for record in foreign.records:
        cells = []
        for number in range(record.number_of_values):
            value = foreign_value(record, number)
            cells.append(None if value is None else [value])
        yield cells


def compared(table, foreign, rows):
    """Counts of equal, filler, different and skipped cells. A cell is found by its column's identifier."""
    places = {column.identifier: number for number, column in enumerate(foreign.columns)}
    equal = filler = differs = skipped = 0
    for number, row in enumerate(rows):
        try:
            record = foreign.get_record(number)
        except OSError:
            skipped += len(row)
            continue
        for column, cell in zip(table.columns, row):
            try:
                value = foreign_value(record, places[column.identifier])
            except (OSError, KeyError):  # not plain, or a column that pyesedb does not know
                skipped += 1
                continue
            if (value or None) == (cell[0] or None if cell else None):
                equal += 1
            elif cell is None:
                filler += 1
            else:
                differs += 1
                if differs <= 3:
                    yield f"N\tdiffers: {column.name}: {cell[0].hex()[:80]} here, {(value or b'').hex()[:80]} there"
    yield f"V\t{equal}\t{filler}\t{differs}\t{skipped}"


def table_lines(dissected, foreign, compare):
    table = Table(dissected)
    try:
        rows = list(table.rows() if compare else map(row_line, table.rows()))
        walked = len(rows)
    except Exception as error:  # whatever dissect raises: the table is then pyesedb's
        walked = "-"
        reason = f"{type(error).__name__}: {error}"
        if foreign is None:
            table.notes.append(f"neither reader has this table: {reason}")
            rows = []
        else:
            table.notes.append(f"pyesedb has this table's rows, without NULLs; dissect said: {reason}")
            rows = list(foreign_rows(foreign) if compare else map(row_line, foreign_rows(foreign)))
    yield f"T\t{table.name}\t{table.objid}\t{len(rows)}"
    for column in table.columns:
        codepage = column.record.get("PagesOrLocale") if column.is_text else 0
        flags = column.record.get("Flags")
        yield f"C\t{column.identifier}\t{column.name}\t{column.type.value}\t{codepage}\t{flags}"
    yield from map(row_line, rows) if compare else rows
    yield from table.index_lines(len(rows))
    yield f"X\t{walked}\t{'-' if foreign is None else foreign.number_of_records}"
    if compare and foreign is not None and walked == foreign.number_of_records:
        yield from compared(table, foreign, rows)
    for note in table.notes:
        yield "N\t" + " ".join(note.split())


def lines(path, compare):
    database, foreign, refusal = foreign_tables(path)
    if refusal:
        yield f"N\tpyesedb does not open this file: {refusal}"
    with open(path, "rb") as handle:
        esedb = EseDB(handle)
        names = {table.name for table in esedb.tables()}
        for name in foreign.keys() - names:
            yield f"N\ttable {name} is pyesedb's alone"
        for table in esedb.tables():
            yield from table_lines(table, foreign.get(table.name), compare)


def write_lines(path, compare, output):
    # Nothing here is cyclic, and the collector would look at every row again and again.
    gc.disable()
    load_readers()
    for line in lines(path, compare):
        output.write(line + "\n")


def cached(path, compare, directory):
    """The path of the output for this file below `directory`, made now if it is not there."""
    digest = hashlib.sha256(b"compare" if compare else b"")
    here = os.path.dirname(os.path.abspath(__file__))
    for part in (__file__, os.path.join(here, "requirements.txt"), path):
        with open(part, "rb") as handle:
            digest.update(hashlib.sha256(handle.read()).digest())
    result = os.path.join(directory, digest.hexdigest()[:32] + ".txt")
    if not os.path.exists(result):
        os.makedirs(directory, exist_ok=True)
        # Renamed when complete: another process may look for it meanwhile.
        with tempfile.NamedTemporaryFile("w", dir=directory, delete=False) as output:
            try:
                write_lines(path, compare, output)
            except BaseException:
                os.unlink(output.name)
                raise
        os.replace(output.name, result)
    return result


def main(arguments):
    parser = argparse.ArgumentParser(description="Prints what a database holds, as two independent readers see it.")
    parser.add_argument("--compare", action="store_true", help="compare all cells with pyesedb's")
    parser.add_argument("--cache", metavar="DIRECTORY", help="keep the output there, and take it from there")
    parser.add_argument("database")
    options = parser.parse_args(arguments)
    try:
        if not options.cache:
            write_lines(options.database, options.compare, sys.stdout)
        else:
            with open(cached(options.database, options.compare, options.cache)) as output:
                shutil.copyfileobj(output, sys.stdout)
    except Exception as error:
        print(f"reference.py: {options.database}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

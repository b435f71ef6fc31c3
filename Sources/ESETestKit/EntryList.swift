// Layer: ESETestKit. Uses: ESEFormat. Used by: TableWriter.
// Nodes that come in any order and leave sorted: entries of secondary indexes, rows that were added unsorted.

import ESEFormat

/// Keys with data in one run of bytes.
struct EntryList {
    private var storage: [UInt8] = []
    private var entries: [Entry] = []

    private struct Entry {
        /// The first eight bytes of the key, so that most comparisons look no further.
        var head: UInt64
        var start: Int
        var keyByteCount: UInt32
        var dataByteCount: UInt32
        var flags: NodeFlags

        var key: Range<Int> { start..<(start + Int(keyByteCount)) }
        var all: Range<Int> { start..<(start + Int(keyByteCount) + Int(dataByteCount)) }
    }

    /// Adds a node.
    mutating func add(key: RawSpan, data: RawSpan, flags: NodeFlags) {
        let start = storage.count
        storage.append(contentsOf: key, 0..<key.byteCount)
        storage.append(contentsOf: data, 0..<data.byteCount)
        var head: UInt64 = 0
        for index in 0..<8 { head = head << 8 | (index < key.byteCount ? UInt64(storage[start + index]) : 0) }
        entries.append(
            Entry(
                head: head, start: start, keyByteCount: UInt32(key.byteCount), dataByteCount: UInt32(data.byteCount),
                flags: flags))
    }

    /// Adds all nodes to a tree, in order of key, then data.
    mutating func drain(into tree: inout TreeBuilder, pages: any PageSource) throws {
        let bytes = storage
        entries.sort { a, b in
            if a.head != b.head { return a.head < b.head }
            let span = bytes.span.bytes
            let order = KeyOrder.compare(span.extracting(a.key), span.extracting(b.key))
            return order != 0 ? order < 0 : KeyOrder.compare(span.extracting(a.all), span.extracting(b.all)) < 0
        }
        for entry in entries {
            let span = bytes.span.bytes
            try tree.add(
                key: span.extracting(entry.key), data: span.extracting(entry.key.upperBound..<entry.all.upperBound),
                flags: entry.flags, pages: pages)
        }
        self = EntryList()
    }
}

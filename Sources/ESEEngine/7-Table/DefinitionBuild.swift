// Layer: ESEEngine/7-Table. Uses: Table, KeyPlan, Tree. Used by: data definition.
// Fills a new index with the entries of all records: in order of keys, a limited amount at a time.

import ESEFormat

/// The building of an index. No record of the table is changed meanwhile; nobody sees the index yet, so entries are
/// inserted without revisions.
struct IndexBuild {
    private let index: TableIndex
    private let table: Table
    private let session: TableSession
    private let lender: (any LongValueLender)?

    /// Bytes of entries that are sorted at a time.
    private static let chunkByteCount = 32 << 20

    init(_ index: TableIndex, _ table: Table, _ session: TableSession) {
        self.index = index
        self.table = table
        self.session = session
        lender = table.existingLongValues.map { LongValueReader($0, session.worker) }
    }

    /// - Throws: `writeConflict` if there is a change of a record that the session does not see; `keyDuplicate`,
    ///   `nullKeyDisallowed`, `keyTruncated`; what trees and log throw. The index is no use then.
    func run() throws(JetError) {
        if index.isOutdated { throw .unicodeNormalizationNotSupported }
        var entries = EntryChunk()
        var page = RecordPage()
        var after: [UInt8]?
        let shape = table.schema.shape
        while try page.read(table.tree, after: after, session) {
            for place in page.records.indices {
                let key = page.records[place].key
                try page.records[place].data.lend { (data: Bytes) throws(JetError) in
                    let record = try RecordView(data.buffer, shape: shape)
                    _ = try index.plan.forEachKey(of: record, session.scratch, longValues: lender) {
                        (entry) throws(JetError) in
                        entries.append(entry, key)
                    }
                }
            }
            if entries.byteCount > Self.chunkByteCount { try write(&entries) }
            guard let last = page.last else { break }
            after = last
        }
        try write(&entries)
    }

    private func write(_ entries: inout EntryChunk) throws(JetError) {
        let isUnique = index.isUnique
        try entries.forEachSorted { (bytes, keyByteCount) throws(JetError) in
            let bookmark =
                isUnique ? Bookmark(key: bytes.prefix(keyByteCount)) : Bookmark(bytes, keyByteCount: keyByteCount)
            try index.tree.insertUnversioned(bookmark, data: bytes.dropFirst(keyByteCount), session.worker)
        }
        entries = EntryChunk()
    }
}

/// Records of one leaf, copied so that no page is latched while keys are made.
private struct RecordPage {
    var records: [(key: [UInt8], data: [UInt8])] = []
    /// The greatest key of the page; nil behind the last page.
    private(set) var last: [UInt8]?

    /// Reads the records behind a key, of the first page that has any node there. What is on pages is what the session
    /// sees, or it is a conflict.
    mutating func read(_ tree: Tree, after: [UInt8]?, _ session: TableSession) throws(JetError) -> Bool {
        records.removeAll(keepingCapacity: true)
        last = nil
        var held: HeldPage
        if let after {
            held = try after.lend { (key: Bytes) throws(JetError) in try tree.leaf(for: key, .shared) }
        } else {
            held = try tree.firstLeaf(.shared)
        }
        defer { tree.database.release(held) }
        while true {
            let page = held.page
            let first = after.map { key in key.lend { (key: Bytes) in page.upperBound(key) } } ?? 0
            if first < page.nodeCount {
                for line in first..<page.nodeCount {
                    let node = page.node(line)
                    if node.isVersioned, session.versions.hasActiveOther(tree.name(node), session.transaction) {
                        throw .writeConflict
                    }
                    if !node.isDeleted { records.append((node.key.array(), node.data.array())) }
                }
                last = page.node(page.nodeCount - 1).key.array()
                return true
            }
            let next = page.next
            guard next != .none else { return false }
            let following = try tree.database.latch(next, .shared)
            tree.database.release(held)
            held = following
        }
    }
}

/// Entries to be sorted: key and record's key, one behind the other in one piece of memory.
private struct EntryChunk {
    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    private struct Entry {
        let start: Int
        let byteCount: Int32
        let keyByteCount: Int32
    }

    var byteCount: Int { bytes.count + entries.count * MemoryLayout<Entry>.stride }

    mutating func append(_ key: UnsafeRawBufferPointer, _ recordKey: [UInt8]) {
        entries.append(
            Entry(
                start: bytes.count, byteCount: Int32(key.count + recordKey.count), keyByteCount: Int32(key.count)))
        bytes.append(contentsOf: key)
        bytes.append(contentsOf: recordKey)
    }

    /// Hands out all entries in the order of the tree: by key, and then by the record's.
    mutating func forEachSorted(
        _ body: (_ bytes: Bytes, _ keyByteCount: Int) throws(JetError) -> Void
    ) throws(JetError) {
        var entries = entries
        try bytes.lend { (all: Bytes) throws(JetError) in
            func part(_ entry: Entry, key: Bool) -> Bytes {
                let whole = all.dropFirst(entry.start).prefix(Int(entry.byteCount))
                return key ? whole.prefix(Int(entry.keyByteCount)) : whole.dropFirst(Int(entry.keyByteCount))
            }
            entries.sort { a, b in
                let order = Bytes.compare(part(a, key: true), part(b, key: true))
                return order != 0 ? order < 0 : Bytes.compare(part(a, key: false), part(b, key: false)) < 0
            }
            for entry in entries {
                try body(all.dropFirst(entry.start).prefix(Int(entry.byteCount)), Int(entry.keyByteCount))
            }
        }
    }
}

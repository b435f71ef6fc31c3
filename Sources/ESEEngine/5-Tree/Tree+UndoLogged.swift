// Layer: ESEEngine/5-Tree. Uses: Tree+Nodes. Used by: recovery.
// Takes a change back that only the log knows of: as `undo` of a revision does, without one.

import ESEFormat

/// A change of a node that a log tells of.
struct LoggedChange {
    /// What was done.
    var operation: RevisionOperation
    /// The revision that it made.
    var id: UInt32
    /// The level of the transaction that it belongs to.
    var level: UInt8
    /// The data before, for `replace`.
    var before = Bytes.empty
    /// What was added, for `delta` and `delta64`.
    var delta: Int64 = 0
    /// Where in the data, for these.
    var offset = 0
}

extension Tree {
    /// Takes a change back and logs that.
    /// - Parameter removesNode: Whether the node goes for good if the change made it: nothing else of it is to be undone.
    /// - Throws: `databaseCorrupted` if the node isn't there or has no room; what log and buffers throw.
    func undo(
        _ change: LoggedChange, _ bookmark: Bookmark, removesNode: Bool, _ worker: Worker
    ) throws(JetError) {
        let held = try leaf(for: bookmark.bytes, .exclusive)
        defer { database.release(held) }
        let found = find(bookmark, on: held.page)
        guard found.isExact else { throw .databaseCorrupted }
        let line = found.line
        let page = held.page
        let old = page.node(line).data.byteCount
        switch change.operation {
        case .insert, .flagDelete: break
        case .replace:
            guard !change.before.isEmpty, change.before.byteCount - old <= page.freeByteCount else {
                throw .databaseCorrupted
            }
        case .delta: guard change.offset + 4 <= old else { throw .databaseCorrupted }
        case .delta64: guard change.offset + 8 <= old else { throw .databaseCorrupted }
        default: throw .databaseCorrupted
        }

        database.announce(held)
        let time = database.nextTime()
        let record = UndoRecord(
            node: nodeFields(held, time: time, line: line, revision: change.id, worker),
            keyByteCount: UInt16(truncatingIfNeeded: bookmark.key.byteCount),
            dataByteCount: UInt16(truncatingIfNeeded: bookmark.data.byteCount),
            operation: change.operation.rawValue, level: change.level)
        let span = try database.append(record, worker, bookmark.bytes.buffer)
        switch change.operation {
        case .insert: page.setNodeFlags(at: line, page.nodeFlags(line).union(.deleted))
        case .flagDelete: page.setNodeFlags(at: line, page.nodeFlags(line).subtracting(.deleted))
        case .replace:
            page.replaceData(at: line, with: BytePieces(change.before))
            page.uncommittedFreeByteCount = min(page.uncommittedFreeByteCount, page.freeByteCount)
        case .delta: subtract(Int32(truncatingIfNeeded: change.delta), at: change.offset, page, line)
        default: subtract(change.delta, at: change.offset, page, line)
        }
        page.databaseTime = time
        database.changed(held, span)
        // A page keeps its last node.
        if removesNode, change.operation == .insert, page.nodeCount > 1 { try removeNode(held, at: line, worker) }
    }

    private func subtract<Number: FixedWidthInteger & BitwiseCopyable>(
        _ delta: Number, at offset: Int, _ page: Page, _ line: Int
    ) {
        let data = page.node(line).data
        let value = Number(littleEndian: data.start.loadUnaligned(fromByteOffset: offset, as: Number.self))
        withUnsafeBytes(of: (value &- delta).littleEndian) {
            page.overwriteData(at: line, from: offset, with: Bytes($0))
        }
    }
}

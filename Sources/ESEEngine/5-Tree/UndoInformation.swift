// Layer: ESEEngine/5-Tree. Uses: 2-Log, 4-Version. Used by: DatabaseFile, splits, merges.
// What undoing takes, in the log: before a page is written, and when nodes with open changes leave their page.

import ESEFormat

/// Logs what the log does not have of open changes.
enum UndoInformation {
    /// Logs what is needed to undo the open changes of a page that is going to be written: after a crash the page
    /// has them and the memory of what was before is gone. ESE: LRUNDOINFO.
    /// - Parameter objectID: The number of the tree with a root, if it is known.
    /// - Returns: Where the last of it ends; `none` if there was nothing.
    static func log(
        of page: PageNumber, _ slot: UInt8, _ versions: VersionStore, _ log: LogStream,
        objectID: (PageNumber) -> ObjectID?
    ) throws(JetError) -> LogPosition {
        guard versions.needsUndo(database: slot, page: page) else { return .none }
        var failure: JetError?
        var end = LogPosition.none
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
        defer { memory.deallocate() }
        _ = versions.logUndo(database: slot, page: page) { revision in
            let isUnique = revision.data.isEmpty
            let fields = LoggedNode(
                page: LoggedPage(
                    session: revision.session, database: slot, page: page, databaseTime: DatabaseTime(.max),
                    databaseTimeBefore: DatabaseTime(.max), transaction: revision.begin.logged,
                    level: UInt8(truncatingIfNeeded: revision.level), line: 0,
                    flags: isUnique ? [.versioned, .unique] : .versioned),
                revision: revision.id, treeRoot: revision.tree, tree: objectID(revision.tree) ?? ObjectID(0))
            let before = revision.operation == .replace ? revision.payload : .none
            let record = UndoInfoRecord(
                node: fields, keyByteCount: UInt16(truncatingIfNeeded: revision.key.count),
                dataByteCount: UInt16(truncatingIfNeeded: revision.data.count), operation: revision.operation.rawValue,
                greatestByteCount: Int16(truncatingIfNeeded: revision.greatestDataByteCount),
                sizeChange: Int16(truncatingIfNeeded: revision.reservedByteCount),
                beforeByteCount: UInt16(truncatingIfNeeded: before.count))
            do throws(JetError) {
                record.encodeFixed(into: memory)
                let head = UnsafeRawBufferPointer(start: memory, count: record.fixedByteCount)
                let span = try log.append(LogPieces(head, revision.key, revision.data, before))
                end = max(end, span.end)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        return end
    }
}

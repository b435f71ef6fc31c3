// Layer: ESEEngine/5-Tree. Uses: Tree+Nodes, 4-Version. Used by: rollback, background work, recovery.
// Takes changes back, and removes nodes that nobody sees any more.

import ESEFormat

extension Tree {
    /// Undoes what a revision did to its node. The revision is taken away while the page is still latched, so that
    /// nobody sees one without the other.
    func undo(_ revision: Revision, _ worker: Worker) throws(JetError) {
        let bookmark = bookmark(of: revision)
        let held = try leaf(for: bookmark.bytes, .exclusive)
        defer { database.release(held) }
        let found = find(bookmark, on: held.page)
        guard found.isExact else { throw .databaseCorrupted }
        let line = found.line
        let page = held.page

        database.announce(held)
        let time = database.nextTime()
        let record = UndoRecord(
            node: nodeFields(held, time: time, line: line, revision: revision.id, worker),
            keyByteCount: UInt16(truncatingIfNeeded: bookmark.key.byteCount),
            dataByteCount: UInt16(truncatingIfNeeded: bookmark.data.byteCount),
            operation: revision.operation.rawValue, level: UInt8(truncatingIfNeeded: revision.level))
        let span = try database.append(record, worker, bookmark.bytes.buffer)
        switch revision.operation {
        case .insert:
            page.setNodeFlags(at: line, page.nodeFlags(line).union(.deleted))
        case .flagDelete:
            page.setNodeFlags(at: line, page.nodeFlags(line).subtracting(.deleted))
        case .replace:
            page.replaceData(at: line, with: BytePieces(Bytes(revision.payload)))
            page.uncommittedFreeByteCount = max(
                0, min(page.uncommittedFreeByteCount - revision.reservedByteCount, page.freeByteCount))
        case .delta: add(Int64(-revision.delta), at: revision.offset, byteCount: 4, page, line)
        case .delta64: add(-revision.delta, at: revision.offset, byteCount: 8, page, line)
        default: break
        }
        page.databaseTime = time
        database.changed(held, span.fromBegin(of: worker))
        let wasInsert = revision.operation == .insert
        database.log?.holdPages(until: span.end)
        database.versions.removeUndone(worker.transaction, revision)
        // The node of an insert that never was goes at once if it can.
        if wasInsert { try? removeIfDead(held, line, worker) }
    }

    /// Removes the node of a revision that everybody sees, if that was its deletion.
    /// - Returns: Whether there is nothing more to do about it.
    func clean(_ revision: Revision, _ worker: Worker) -> CleanOutcome {
        guard revision.operation == .flagDelete else { return .done }
        let bookmark = bookmark(of: revision)
        guard let held = try? leaf(for: bookmark.bytes, .exclusive) else { return .later }
        let found = find(bookmark, on: held.page)
        guard found.isExact else {
            database.release(held)
            return .done
        }
        do throws(JetError) {
            try removeIfDead(held, found.line, worker)
        } catch {
            database.release(held)
            return .later
        }
        database.release(held)
        return .done
    }

    /// Removes a deleted node that nobody can see, unless it is the last one of its page.
    private func removeIfDead(_ held: HeldPage, _ line: Int, _ worker: Worker) throws(JetError) {
        let node = held.page.node(line)
        guard node.isDeleted, held.page.nodeCount > 1,
            !database.versions.isActive(name(node), after: database.versions.clock.oldest)
        else { return }
        try removeNode(held, at: line, worker)
    }

    private func add(_ delta: Int64, at offset: Int, byteCount: Int, _ page: Page, _ line: Int) {
        let data = page.node(line).data
        guard offset + byteCount <= data.byteCount else { return }
        var value: Int64 = 0
        for index in (0..<byteCount).reversed() { value = value << 8 | Int64(data[offset + index]) }
        var sum = UInt64(bitPattern: value &+ delta).littleEndian
        withUnsafeBytes(of: &sum) { page.overwriteData(at: line, from: offset, with: Bytes($0).prefix(byteCount)) }
    }

    /// The bookmark of a revision's node; lent for as long as the revision is there.
    private func bookmark(of revision: Revision) -> Bookmark {
        // The data lies behind the key.
        let key = Bytes(revision.key)
        return Bookmark(Bytes(key.start, key.byteCount + revision.data.count), keyByteCount: key.byteCount)
    }
}

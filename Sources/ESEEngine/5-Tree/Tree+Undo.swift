// Layer: ESEEngine/5-Tree. Uses: Tree+Nodes, 4-Version. Used by: rollback, background work, recovery.
// Takes changes back, and removes nodes that nobody sees any more.

import ESEFormat

extension Tree {
    /// Undoes what a revision did to its node. The revision is taken away while the page is still latched, so that
    /// nobody sees one without the other.
    func undo(_ revision: Revision, _ worker: Worker) throws(JetError) {
        let bookmark = bookmark(of: revision)
        let held = try leaf(for: bookmark.bytes, .exclusive)
        let found = find(bookmark, on: held.page)
        guard found.isExact else { throw corrupted(held) }
        let wasInsert = revision.operation == .insert
        do throws(JetError) {
            try undo(revision, bookmark, held, at: found.line, worker)
        } catch {
            database.release(held)
            throw error
        }
        // The node of an insert that never was goes at once if it can; if not, it stays, unseen.
        if wasInsert, isDead(held.page, found.line) {
            _ = try? removeDead(held, at: found.line, worker)
        } else {
            database.release(held)
        }
    }

    private func undo(
        _ revision: Revision, _ bookmark: Bookmark, _ held: HeldPage, at line: Int, _ worker: Worker
    ) throws(JetError) {
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
        database.changed(held, span)
        database.log?.holdPages(until: span.end)
        database.versions.removeUndone(worker.transaction, revision)
    }

    /// Removes the node of a revision that everybody sees, if that was its deletion.
    /// - Returns: Whether there is nothing more to do about it.
    func clean(_ revision: Revision, _ worker: Worker) -> CleanOutcome {
        if revision.isDeferredDelete { return cleanReferences(revision, worker) }
        guard revision.operation == .flagDelete else { return .done }
        let bookmark = bookmark(of: revision)
        guard let held = try? leaf(for: bookmark.bytes, .exclusive) else { return .later }
        let found = find(bookmark, on: held.page)
        guard found.isExact, isDead(held.page, found.line) else {
            database.release(held)
            return .done
        }
        do throws(JetError) { return try removeDead(held, at: found.line, worker) } catch { return .later }
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

// Layer: ESEEngine/5-Tree. Uses: Tree, TreeLog. Used by: versioned changes, space, cleaning, rollback.
// Changes of single nodes on a page that is latched exclusively and has room: logged, then applied (rules L1, L3).

import ESEFormat

/// What is done to a node, as one value for the plain way and for the way through a split.
struct NodeChange {
    /// What is done.
    enum Kind {
        /// The node is new.
        case insert
        /// A deleted node comes back with other data.
        case revive
        /// The data is replaced.
        case replace
    }

    let kind: Kind
    /// The node: key, and data in trees that are not unique.
    let bookmark: Bookmark
    /// The data that it gets.
    let data: Bytes
    /// Whether others keep seeing what was before, and a rollback brings it back.
    let isVersioned: Bool
    /// The update it belongs to; 0 for none.
    var update: UInt32 = 0
}

/// The revisions of one change: none, one, or for a revived node two.
struct ChangeRevisions {
    var insert: Revision?
    var replace: Revision?

    /// What the record names.
    @inline(__always)
    var id: UInt32 { insert?.id ?? replace?.id ?? 0 }
}

extension Tree {
    /// The name of a node for the version store.
    @inline(__always)
    func name(_ node: PageNode) -> NodeName {
        NodeName(
            database: database.slot.rawValue, tree: root, keyPrefix: node.prefix.buffer, key: node.suffix.buffer,
            data: isUnique ? .none : node.data.buffer)
    }

    /// The same of a bookmark.
    @inline(__always)
    func name(_ bookmark: Bookmark) -> NodeName {
        NodeName(
            database: database.slot.rawValue, tree: root, key: bookmark.key.buffer, data: bookmark.data.buffer)
    }

    /// Where a bookmark is, or would be, on its leaf.
    @inline(__always)
    func find(_ bookmark: Bookmark, on page: Page) -> FoundLine {
        isUnique
            ? page.lowerBound(bookmark.bytes)
            : page.lowerBound(BytePieces(bookmark.key), data: BytePieces(bookmark.data))
    }

    // MARK: Revisions.

    /// Makes the revisions of a change whose page is latched exclusively. Throws `writeConflict` and what the version
    /// store throws; then nothing was made.
    @inline(__always)
    func makeRevisions(
        _ change: NodeChange, old: PageNode?, _ worker: Worker
    ) throws(JetError) -> ChangeRevisions {
        guard change.isVersioned else { return ChangeRevisions() }
        let versions = database.versions
        let name = name(change.bookmark)
        var revisions = ChangeRevisions()
        if change.kind != .replace {
            revisions.insert = try versions.modify(worker.transaction, name, .insert.of(update: change.update))
        }
        // A node that comes back in a tree that is not unique has the data that it had.
        if change.kind == .replace || change.kind == .revive && isUnique, let old {
            do throws(JetError) {
                revisions.replace = try versions.modify(
                    worker.transaction, name, .replace(old.data.buffer).of(update: change.update))
            } catch {
                cancel(revisions)
                throw error
            }
        }
        return revisions
    }

    /// Takes them back: the page can't be changed.
    func cancel(_ revisions: ChangeRevisions) {
        if let replace = revisions.replace { database.versions.cancel(replace) }
        if let insert = revisions.insert { database.versions.cancel(insert) }
    }

    /// The page was changed: they belong to the transaction.
    @inline(__always)
    func confirm(_ revisions: ChangeRevisions, on page: PageNumber, _ worker: Worker) {
        if let insert = revisions.insert { database.versions.confirm(worker.transaction, insert) }
        if let replace = revisions.replace {
            database.versions.confirm(worker.transaction, replace, page: database.log == nil ? .none : page)
        }
    }

    // MARK: One change.

    /// How many bytes more the change takes on the page.
    @inline(__always)
    func growth(_ change: NodeChange, at line: Int, on page: Page) -> Int {
        switch change.kind {
        case .insert:
            page.insertByteCount(key: BytePieces(change.bookmark.key), dataByteCount: change.data.byteCount)
        case .revive, .replace: change.data.byteCount &- page.node(line).data.byteCount
        }
    }

    /// Logs a change and does it. There is room; the revisions were made and are not confirmed here.
    /// - Throws: What the log throws; nothing was changed then.
    @inline(__always)
    func perform(
        _ change: NodeChange, _ held: HeldPage, at line: Int, _ revisions: ChangeRevisions, _ worker: Worker
    ) throws(JetError) {
        if change.isVersioned { try worker.logBegin(database) }
        database.announce(held)
        let time = database.nextTime()
        let span = try log(change, held, at: line, time: time, revisions, worker)
        let page = held.page
        let versioned: NodeFlags = change.isVersioned ? .versioned : []
        switch change.kind {
        case .insert:
            page.insert(
                at: line, key: BytePieces(change.bookmark.key), data: BytePieces(change.data), flags: versioned)
        case .revive:
            page.setNodeFlags(at: line, versioned)
            replaceData(held, at: line, with: change.data, revisions.replace)
        case .replace:
            if change.isVersioned { page.setNodeFlags(at: line, page.nodeFlags(line).union(.versioned)) }
            replaceData(held, at: line, with: change.data, revisions.replace)
        }
        page.databaseTime = time
        database.changed(held, span)
    }

    /// Appends the record of a change; `time` is what the page gets.
    @inline(__always)
    func log(
        _ change: NodeChange, _ held: HeldPage, at line: Int, time: DatabaseTime, _ revisions: ChangeRevisions,
        _ worker: Worker
    ) throws(JetError) -> LogSpan {
        let fields = nodeFields(held, time: time, line: line, revision: revisions.id, worker)
        let data = change.data
        let key = change.bookmark.key
        switch change.kind {
        case .insert:
            let shared = held.page.sharedByteCount(BytePieces(key))
            return try database.append(
                InsertRecord(
                    node: fields, keyPrefixByteCount: UInt16(truncatingIfNeeded: shared),
                    keySuffixByteCount: UInt16(truncatingIfNeeded: key.byteCount &- shared),
                    dataByteCount: UInt16(truncatingIfNeeded: data.byteCount)), worker, key.buffer, data.buffer)
        case .revive where !isUnique:
            return try database.append(
                FlagInsertRecord(
                    node: fields, keyByteCount: UInt16(truncatingIfNeeded: key.byteCount),
                    dataByteCount: UInt16(truncatingIfNeeded: data.byteCount)), worker, key.buffer, data.buffer)
        case .revive:
            return try database.append(
                FlagInsertAndReplaceRecord(
                    node: fields, keyByteCount: UInt16(truncatingIfNeeded: key.byteCount),
                    dataByteCount: UInt16(truncatingIfNeeded: data.byteCount),
                    replaceRevision: revisions.replace?.id ?? 0), worker, key.buffer, data.buffer)
        case .replace:
            let old = held.page.node(line).data
            return try database.append(
                ReplaceRecord(
                    node: fields, oldDataByteCount: UInt16(truncatingIfNeeded: old.byteCount),
                    newDataByteCount: UInt16(truncatingIfNeeded: data.byteCount)), worker, data.buffer)
        }
    }

    /// Replaces data, and keeps the bytes free that a rollback needs.
    @inline(__always)
    private func replaceData(_ held: HeldPage, at line: Int, with data: Bytes, _ revision: Revision?) {
        let old = held.page.node(line).data.byteCount
        held.page.replaceData(at: line, with: BytePieces(data))
        if let revision, old != data.byteCount {
            let more = database.versions.setDataByteCount(revision, from: old, to: data.byteCount)
            let kept = held.page.uncommittedFreeByteCount &+ more
            held.page.uncommittedFreeByteCount = max(0, min(kept, held.page.freeByteCount))
        }
    }

    // MARK: Others.

    /// Flags a node as deleted.
    func flagDelete(
        _ held: HeldPage, at line: Int, revision: UInt32, isVersioned: Bool, _ worker: Worker
    ) throws(JetError) {
        if isVersioned { try worker.logBegin(database) }
        database.announce(held)
        let time = database.nextTime()
        let fields = nodeFields(held, time: time, line: line, revision: revision, worker)
        let span = try database.append(FlagDeleteRecord(node: fields), worker)
        held.page.setNodeFlags(at: line, isVersioned ? [.deleted, .versioned] : .deleted)
        held.page.databaseTime = time
        database.changed(held, span)
    }

    /// Removes a node for good. ESE: NDDelete.
    func removeNode(_ held: HeldPage, at line: Int, _ worker: Worker) throws(JetError) {
        database.announce(held)
        let time = database.nextTime()
        let span = try database.append(
            DeleteRecord(node: nodeFields(held, time: time, line: line, revision: 0, worker)), worker)
        held.page.delete(at: line)
        held.page.databaseTime = time
        database.changed(held, span)
    }

    /// Sets the external header of a page, which has room.
    func setExternalHeader(_ held: HeldPage, _ bytes: [UInt8], _ worker: Worker) throws(JetError) {
        database.announce(held)
        let time = database.nextTime()
        let record = SetExternalHeaderRecord(
            node: nodeFields(held, time: time, line: 0, revision: 0, worker),
            byteCount: UInt16(truncatingIfNeeded: bytes.count))
        try bytes.lend { (bytes) throws(JetError) in
            let span = try database.append(record, worker, bytes.buffer)
            held.page.setExternalHeader(BytePieces(bytes))
            held.page.databaseTime = time
            database.changed(held, span)
        }
    }
}

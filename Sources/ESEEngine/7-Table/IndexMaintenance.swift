// Layer: ESEEngine/7-Table. Uses: RowCursor, KeyPlan. Used by: updates of rows, the building of indexes.
// Entries of secondary indexes follow the records.

import ESEFormat

extension RowCursor {
    /// The cursor that keeps an index up to date.
    private func maintainer(_ place: Int) -> TreeCursor {
        if maintainers.isEmpty { maintainers = Array(repeating: nil, count: schema.indexes.count) }
        if let cursor = maintainers[place] { return cursor }
        let new = TreeCursor(schema.indexes[place].tree, session.worker)
        maintainers[place] = new
        return new
    }

    /// Adds all entries of a new record.
    func insertEntries(of record: RecordView, key: Bytes, _ number: UInt32) throws(JetError) {
        for place in schema.indexes.indices {
            let index = schema.indexes[place]
            if index.isOutdated { throw .secondaryIndexCorrupted }
            let cursor = maintainer(place)
            try index.plan.forEachKey(of: record, session.scratch, longValues: longValueLender) {
                (entry) throws(JetError) in
                try insert(Bytes(entry), key, cursor, number)
            }
        }
    }

    /// Takes out all entries of a record.
    func deleteEntries(of record: RecordView, key: Bytes, _ number: UInt32) throws(JetError) {
        for place in schema.indexes.indices {
            let index = schema.indexes[place]
            if index.isOutdated { throw .secondaryIndexCorrupted }
            let cursor = maintainer(place)
            try index.plan.forEachKey(of: record, session.scratch, longValues: longValueLender) {
                (entry) throws(JetError) in
                try delete(Bytes(entry), key, cursor, number)
            }
        }
    }

    /// Changes the entries that a change of these columns changes.
    func changeEntries(
        from old: RecordView, to new: RecordView, _ changed: ColumnSet, key: Bytes, _ number: UInt32
    ) throws(JetError) {
        for place in schema.indexes.indices where schema.indexes[place].plan.isAffected(by: changed) {
            let index = schema.indexes[place]
            if index.isOutdated { throw .secondaryIndexCorrupted }
            let cursor = maintainer(place)
            var before: [[UInt8]] = []
            try index.plan.forEachKey(of: old, session.scratch, longValues: longValueLender) {
                (entry) throws(JetError) in
                before.append([UInt8](entry))
            }
            var after: [[UInt8]] = []
            try index.plan.forEachKey(of: new, session.scratch, longValues: longValueLender) {
                (entry) throws(JetError) in
                after.append([UInt8](entry))
            }
            if before == after { continue }
            let kept = before.count + after.count > 2 ? Set(before).intersection(after) : []
            for entry in before where !kept.contains(entry) {
                try entry.lend { (entry) throws(JetError) in try delete(entry, key, cursor, number) }
            }
            for entry in after where !kept.contains(entry) {
                try entry.lend { (entry) throws(JetError) in try insert(entry, key, cursor, number) }
            }
        }
    }

    /// Adds an entry.
    /// - Throws: `keyDuplicate` in a unique index.
    private func insert(_ entry: Bytes, _ key: Bytes, _ cursor: TreeCursor, _ number: UInt32) throws(JetError) {
        if cursor.tree.isUnique { return try cursor.insert(Bookmark(key: entry), data: key, update: number) }
        let bookmark = session.join(entry, key)
        try cursor.insert(bookmark, data: bookmark.data, update: number)
    }

    /// Takes an entry out.
    /// - Throws: `secondaryIndexCorrupted` if it is not there.
    private func delete(_ entry: Bytes, _ key: Bytes, _ cursor: TreeCursor, _ number: UInt32) throws(JetError) {
        let bookmark = cursor.tree.isUnique ? Bookmark(key: entry) : session.join(entry, key)
        guard try cursor.go(to: bookmark) else { throw .secondaryIndexCorrupted }
        cursor.release()
        try cursor.delete(update: number)
    }
}

// Layer: ESEEngine/9-Session. Uses: Store, 5-Tree's space. Used by: the Swift and the C API.
// What is told about the space of databases and tables, and what part of a request was wrong.

public import ESEFormat

/// Pages of a tree.
public struct SpaceUsage: Hashable, Sendable {
    /// Pages that it owns, those of its children included.
    public var ownedPageCount: UInt32 = 0
    /// Pages of these that nobody uses, which it may take.
    public var availablePageCount: UInt32 = 0
}

extension OpenDatabase {
    /// The pages of the database. What reading throws.
    public func spaceUsage(_ session: SessionStore) throws(JetError) -> SpaceUsage {
        try root.spaceUsage(session.worker)
    }

    /// The pages of a table, of its indexes and long values too; available ones are counted in all of them.
    /// What reading throws.
    public func spaceUsage(of table: Table, _ session: SessionStore) throws(JetError) -> SpaceUsage {
        var usage = try table.tree.spaceUsage(session.worker)
        for index in table.schema.indexes {
            usage.availablePageCount += try index.tree.spaceUsage(session.worker).availablePageCount
        }
        if let values = table.existingLongValues {
            usage.availablePageCount += try values.tree.spaceUsage(session.worker).availablePageCount
        }
        return usage
    }

    /// The pages of an index; nil means the records' own tree.
    public func spaceUsage(
        of index: TableIndex?, in table: Table, _ session: SessionStore
    ) throws(JetError) -> SpaceUsage {
        try (index?.tree ?? table.tree).spaceUsage(session.worker)
    }
}

extension OpenDatabase {
    /// Counts what a table and its indexes have, and keeps that in the catalog. In a transaction.
    /// - Throws: `databaseFileReadOnly`; what `Catalog.computeStatistics` throws. C name: JetComputeStats.
    public func computeStatistics(of table: Table, _ session: SessionStore) throws(JetError) {
        if isReadOnly { throw .databaseFileReadOnly }
        try catalog().computeStatistics(of: table, store.clock.logTime(), session.tables)
    }
}

extension Tree {
    /// The pages it owns, and those of them that nobody uses. What reading throws.
    fileprivate func spaceUsage(_ worker: Worker) throws(JetError) -> SpaceUsage {
        guard case .space(let space) = pages else { return SpaceUsage() }
        var usage = SpaceUsage()
        for extent in try space.ownedExtents(of: self, worker) { usage.ownedPageCount += extent.pageCount }
        let available =
            if let extents = space.extents {
                try Space.all(in: extents.available, worker)
            } else {
                try Space.header(of: self).availableExtents(root: root)
            }
        for extent in available { usage.availablePageCount += extent.pageCount }
        return usage
    }
}

extension DatabaseFile {
    /// The header of a file that nobody needs to have open: of the first copy that is whole.
    /// - Throws: `fileNotFound` and JET's errors for failed I/O, `readVerifyFailure` if it is no database.
    public static func header(
        ofFileAt path: String, _ storage: any StorageSystem
    ) throws(JetError) -> DatabaseHeader {
        var bytes: [UInt8] = []
        do throws(StorageError) {
            let file = try storage.open(path, .reading)
            defer { file.close() }
            let count = Int(min(try file.byteCount(), UInt64(DatabaseHeader.usefulStartByteCount)))
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
            defer { buffer.deallocate() }
            let read = try file.read(into: buffer, at: 0)
            bytes = [UInt8](UnsafeRawBufferPointer(rebasing: buffer[..<read]))
        } catch { throw JetError(error) }
        do throws(FormatError) {
            return try DatabaseHeader.read(start: bytes.span.bytes).header
        } catch { throw .readVerifyFailure }
    }
}

extension RowCursor {
    /// Sets a column of the row that is prepared.
    /// - Throws: `updateNotPrepared`, what setting throws.
    public func setPrepared(_ key: ColumnKey, _ bytes: [UInt8]) throws(JetError) {
        try preparedRecord().set(key, octets: bytes)
    }
}

/// The part of a table's request that is wrong.
public enum FaultyPart: Hashable, Sendable {
    /// The column at this place.
    case column(Int)
    /// The index at this place.
    case index(Int)
}

extension Catalog {
    /// Which part of a request can't be made, as far as that does not depend on what tables there are; nil if none.
    public func faultyPart(of request: TableRequest, _ session: TableSession) -> FaultyPart? {
        let template = request.templateName.flatMap { try? table(named: $0, session) }
        func isSound(_ columns: Int, _ indexes: Int) -> Bool {
            var part = request
            part.columns = Array(request.columns.prefix(columns))
            part.indexes = Array(request.indexes.prefix(indexes))
            return (try? TablePlan(part, template: template, self)) != nil
        }
        guard isSound(0, 0) else { return nil }
        if let column = request.columns.indices.first(where: { !isSound($0 + 1, 0) }) { return .column(column) }
        let all = request.columns.count
        return request.indexes.indices.first { !isSound(all, $0 + 1) }.map { .index($0) }
    }
}

extension OpenDatabase {
    /// Makes the database's file longer, so that it has at least so many pages.
    /// - Returns: How many it has then, without the two of its header.
    /// - Throws: `databaseFileReadOnly`, `outOfDatabaseSpace` beyond the limit that it was attached with, `diskFull`,
    ///   `diskIO`; what log and buffers throw. C name: JetResizeDatabase.
    public func grow(toPageCount count: UInt32, _ session: SessionStore) throws(JetError) -> UInt32 {
        if isReadOnly { throw .databaseFileReadOnly }
        guard case .space(let space) = root.pages else { throw .databaseCorrupted }
        let last = database.lastPage
        guard count > last else { return last }
        if greatestPageCount != 0, count > greatestPageCount { throw .outOfDatabaseSpace }
        try space.reserve(count - last, for: root, session.worker)
        return database.lastPage
    }

    /// Whether a session has it open for itself.
    public func isExclusive(to session: SessionStore) -> Bool { isOwned(by: session) }
}

extension Store {
    /// Whether half of the version store's memory, or more, is in use. C name: JET_bitIdleStatus.
    public var isVersionStoreHalfFull: Bool { memory.versionBucketCount * 2 > running.options.versions.bucketLimit }

    /// Removes versions that nobody needs any more, now. C name: JET_bitIdleCompact.
    public func cleanVersions() { _ = cleanForRoom() }
}

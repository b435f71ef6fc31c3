// Layer: ESEEngine/7-Table. Uses: Catalog, TreeCursor. Used by: the C API.
// Counts of records, keys and pages, which somebody asked to be made (JetComputeStats) and the catalog keeps. Nobody
// keeps them up to date: they are as of then.

public import ESEFormat

/// What was counted of a tree. ESE's names: SR, LE_SR; C names: cRecord, cPage, cEntry, cKey.
public struct TreeStatistics: Hashable, Sendable {
    /// Records, or entries of an index.
    public var entryCount: UInt32 = 0
    /// Different keys.
    public var keyCount: UInt32 = 0
    /// Leaves that have some of them.
    public var pageCount: UInt32 = 0
    /// When it was counted: days since the end of 1899. C name: JET_DATESERIAL.
    public var date: Double = 0

    /// Nothing was counted yet.
    public init() {}

    /// Reads what the catalog has, in its column Stats; nothing if that is no statistics.
    init(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 20 else { return }
        entryCount = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
        keyCount = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        pageCount = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        date = Double(
            bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt64.self)))
    }

    /// The same as bytes.
    var octets: [UInt8] {
        [entryCount, keyCount, pageCount].flatMap { withUnsafeBytes(of: $0.littleEndian) { [UInt8]($0) } }
            + withUnsafeBytes(of: date.bitPattern.littleEndian) { [UInt8]($0) }
    }
}

extension LogTime {
    /// Days since 30 December 1899, with the time of day as a fraction. C name: JET_DATESERIAL.
    var serialDate: Double {
        // Days from March on, so that a leap day is a year's last one.
        let year = month > 2 ? self.year : self.year - 1
        let fromMarch = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let days = 365 * year + year / 4 - year / 100 + year / 400 + fromMarch - 693_899
        return Double(days) + Double((hour * 60 + minute) * 60 + second) / 86_400
    }
}

extension Catalog {
    /// Counts records, entries, keys and pages of a table and of the indexes that the session sees, and keeps that. In
    /// a transaction. C name: JetComputeStats.
    /// - Throws: `catalogCorrupted`, `writeConflict`; what trees, versions and log throw.
    public func computeStatistics(of table: Table, _ time: LogTime, _ session: TableSession) throws(JetError) {
        precondition(session.transaction.level > 0, "statistics are kept in transactions")
        try session.inLevel { () throws(JetError) in
            let schema = table.schema
            let writer = CatalogWriter(tables, session)
            try keep(
                try table.tree.statistics(session, time), table.objectID, .table, table.objectID.rawValue, writer)
            for index in schema.indexes where index.state.isVisible(to: session.transaction) {
                try keep(
                    try index.tree.statistics(session, time), table.objectID, .index,
                    index.definition.objectID.rawValue, writer)
            }
        }
    }

    private func keep(
        _ statistics: TreeStatistics, _ table: ObjectID, _ kind: CatalogRowKind, _ id: UInt32, _ writer: CatalogWriter
    ) throws(JetError) {
        try writer.change(table, kind, id) { (record) throws(JetError) in
            try record.set(CatalogColumn.statistics, octets: statistics.octets)
        }
    }

    /// What was counted of a table's records, or of an index.
    /// - Throws: What reading throws.
    public func statistics(
        of index: TableIndex? = nil, in table: Table, _ session: TableSession
    ) throws(JetError) -> TreeStatistics {
        let cursor = RowCursor(tables.objects, session)
        let key =
            index.map { CatalogKey.of(table.objectID, .index, $0.definition.objectID.rawValue) }
            ?? CatalogKey.of(table.objectID, .table, table.objectID.rawValue)
        return try cursor.find(key) ? try cursor.statistics() : TreeStatistics()
    }
}

extension RowCursor {
    /// The statistics in the row of the catalog.
    func statistics() throws(JetError) -> TreeStatistics {
        try withRecord { (record) throws(JetError) in
            let field = try record.field(CatalogColumn.statistics)
            return field.isNull ? TreeStatistics() : TreeStatistics(field.bytes)
        }
    }
}

extension Tree {
    /// Counts the nodes that a session sees.
    fileprivate func statistics(_ session: TableSession, _ time: LogTime) throws(JetError) -> TreeStatistics {
        var statistics = TreeStatistics()
        statistics.date = time.serialDate
        let cursor = TreeCursor(self, session.worker)
        defer { cursor.release() }
        var page = PageNumber.none
        var key: [UInt8] = []
        var isThere = try cursor.first()
        while isThere {
            statistics.entryCount &+= 1
            if cursor.heldNumber != page {
                page = cursor.heldNumber
                statistics.pageCount &+= 1
            }
            if !isUnique, statistics.keyCount == 0 || key.lend({ (key: Bytes) in cursor.compareKey(key) }) != 0 {
                key = cursor.key.array()
                statistics.keyCount &+= 1
            }
            isThere = try cursor.next()
        }
        if isUnique { statistics.keyCount = statistics.entryCount }
        return statistics
    }
}

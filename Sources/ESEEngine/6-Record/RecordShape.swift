// Layer: ESEEngine/6-Record. Uses: RecordColumn, RecordBuffer (for the default record). Used by: everything with
// records.
// What a table's columns look like to record code: made once for each version of the schema, then only read.

public import ESEFormat

/// The tables of a shape. Trivial, so that views and buffers read them without reference counting.
struct ShapeTables {
    /// By number, 0...127.
    let fixed: UnsafePointer<RecordColumn>
    /// By number less 128, 0...127.
    let variable: UnsafePointer<RecordColumn>
    /// In the order of records.
    let tagged: UnsafePointer<RecordColumn>
    let taggedCount: Int
    /// The greatest fixed column, 0 for none.
    let lastFixed: Int
    /// The greatest variable column, 127 for none.
    let lastVariable: Int
    /// Whether tagged columns have the form of large pages.
    let isLarge: Bool
    /// The most bytes of a record.
    let limit: Int
    /// The most bytes of a page, for the thresholds of separation.
    let pageByteCount: Int
    /// The most bytes of any value in a record (ESE: CbLVIntrinsicTableMost).
    let intrinsicMost: Int
    /// The most bytes of a long value that stays in the record without being asked to.
    let preferredIntrinsicMost: Int
    /// The least bytes of a value that XPRESS is tried for.
    let minimumForXpress: Int
    /// The record of an insert before anything is set: fixed and variable defaults.
    var defaultRecord: UnsafeRawPointer
    var defaultByteCount: Int

    /// The column of a key; nil if there is none. Fixed and variable numbers are unique; of tagged ones the exact key
    /// wins, else the only one of that number.
    @inline(__always)
    func find(_ key: ColumnKey) -> UnsafePointer<RecordColumn>? {
        let number = Int(key.rawValue & 0xffff)
        if number < 256 {
            // 0...127 and 128...255 are rows of two tables that lie behind each other.
            let column = fixed + number
            return column.pointee.exists && key.rawValue & 0x7fff_0000 == 0 ? column : nil
        }
        return findTagged(key)
    }

    private func findTagged(_ key: ColumnKey) -> UnsafePointer<RecordColumn>? {
        guard key.rawValue & 0x7fff_0000 == 0 else { return nil }
        if let index = taggedIndex(key.order) { return tagged + index }
        return taggedIndex(key.order ^ 0x1_0000).map { tagged + $0 }
    }

    /// The position of the column with just this order.
    func taggedIndex(_ order: UInt32) -> Int? {
        var low = 0
        var high = taggedCount
        while low < high {
            let middle = (low &+ high) >> 1
            let found = tagged[middle].key.order
            if found == order { return middle }
            if found < order { low = middle &+ 1 } else { high = middle }
        }
        return nil
    }

    /// The column of a tagged field.
    @inline(__always)
    func column(ofField order: UInt32) -> UnsafePointer<RecordColumn>? { taggedIndex(order).map { tagged + $0 } }

    /// Bits of a tagged field's word that are its offset.
    @inline(__always)
    var offsetMask: Int { isLarge ? 0x7fff : 0x1fff }
}

/// What the columns of one version of a table look like to record code. Never changes; any number of threads read it.
/// Views and buffers keep pointers into it: who has them keeps the shape alive. ESE's name: TDB.
public final class RecordShape: @unchecked Sendable {
    /// What may be set beyond what the catalog says.
    public struct Limits: Sendable {
        /// The most bytes of a long value that stays in the record without being asked to; 0: 1,023.
        /// ESE: CbPreferredIntrinsicLV.
        public var preferredIntrinsicByteCount = 0
        /// The least bytes of a value that XPRESS is tried for (JET_paramMinDataForXpress).
        public var minimumForXpress = 1_024

        /// The documented values.
        public init() {}
    }

    /// The columns, in the catalog's order.
    public let definitions: [ColumnDefinition]
    /// The size of the pages.
    public let pageSize: PageSize
    /// The column that the engine numbers; nil without one.
    public let autoincrement: ColumnKey?
    /// The column that counts changes; nil without one.
    public let version: ColumnKey?

    let tables: UnsafePointer<ShapeTables>
    private let columns: UnsafeMutablePointer<RecordColumn>
    private let taggedColumns: UnsafeMutablePointer<RecordColumn>
    private let defaults: UnsafeMutableRawPointer

    /// What records fill bytes with that mean nothing, as ESE does (chRECFill).
    static let fill: UInt8 = 0x2a

    /// Makes a shape.
    /// - Parameters:
    ///   - columns: The columns of the table, without deleted ones; a template's with their mark.
    ///   - pageSize: The size of the pages.
    ///   - keyByteCount: The most bytes of a key of the primary index; 4 for tables without one.
    /// - Throws: `databaseCorrupted` if numbers, offsets or sizes of columns are impossible, or if the defaults don't
    ///   fit into a record.
    public init(
        columns definitions: [ColumnDefinition], pageSize: PageSize, keyByteCount: Int = 4, limits: Limits = Limits()
    ) throws(JetError) {
        self.definitions = definitions
        self.pageSize = pageSize
        let taggedDefinitions = definitions.filter { $0.id.storage == .tagged }.sorted {
            ColumnKey($0.id, isFromTemplate: $0.isFromTemplate).order
                < ColumnKey($1.id, isFromTemplate: $1.isFromTemplate).order
        }
        let defaultByteCount = definitions.reduce(0) { $0 + ($1.defaultValue?.count ?? 0) }
        let columns = UnsafeMutablePointer<RecordColumn>.allocate(capacity: 256)
        columns.initialize(repeating: .none, count: 256)
        let taggedColumns = UnsafeMutablePointer<RecordColumn>.allocate(capacity: max(1, taggedDefinitions.count))
        let defaults = UnsafeMutableRawPointer.allocate(
            byteCount: defaultByteCount + pageSize.byteCount, alignment: 8)
        self.columns = columns
        self.taggedColumns = taggedColumns
        self.defaults = defaults
        var defaultEnd = 0
        var autoincrement: ColumnKey?
        var version: ColumnKey?
        var isSound = true
        var taggedCount = 0

        func add(_ definition: ColumnDefinition) {
            guard let storage = definition.id.storage else { return isSound = false }
            var place: UnsafeRawBufferPointer?
            if let value = definition.defaultValue, !definition.flags.contains(.userDefinedDefault) {
                value.withUnsafeBytes { bytes in
                    if let start = bytes.baseAddress {
                        (defaults + defaultEnd).copyMemory(from: start, byteCount: bytes.count)
                    }
                }
                place = UnsafeRawBufferPointer(start: defaults + defaultEnd, count: value.count)
                defaultEnd += value.count
            }
            let column = RecordColumn(definition, storage, defaultBytes: place)
            let number = Int(definition.id.rawValue)
            if storage == .tagged {
                if taggedCount > 0, taggedColumns[taggedCount - 1].key.order >= column.key.order { isSound = false }
                (taggedColumns + taggedCount).initialize(to: column)
                taggedCount += 1
            } else {
                if columns[number].exists { isSound = false }
                columns[number] = column
                if definition.flags.contains(.autoincrement) { autoincrement = column.key }
                if definition.flags.contains(.version) { version = column.key }
            }
        }
        for definition in definitions where definition.id.storage != .tagged { add(definition) }
        for definition in taggedDefinitions { add(definition) }
        self.autoincrement = autoincrement
        self.version = version

        var end = RecordLayout.headerByteCount
        var lastFixed = 0
        for number in 1...127 where columns[number].exists {
            let column = columns[number]
            if Int(column.offset) < end || column.maximumByteCount == 0 || column.fixedEnd > pageSize.byteCount {
                isSound = false
            }
            if let value = column.defaultBytes, value.count != Int(column.maximumByteCount) { isSound = false }
            end = column.fixedEnd
            lastFixed = number
        }
        let lastVariable = (128...255).last { columns[$0].exists } ?? 127
        let limit = Self.recordLimit(pageSize, keyByteCount: keyByteCount)
        let intrinsicMost = limit - 4 - 4 - 1
        let preferred = limits.preferredIntrinsicByteCount == 0 ? 1_023 : limits.preferredIntrinsicByteCount
        let record = defaults + defaultByteCount
        record.setWord(0, 127 << 8)
        record.setWord(2, RecordLayout.headerByteCount)
        let tables = UnsafeMutablePointer<ShapeTables>.allocate(capacity: 1)
        tables.initialize(
            to: ShapeTables(
                fixed: UnsafePointer(columns), variable: UnsafePointer(columns + 128),
                tagged: UnsafePointer(taggedColumns), taggedCount: taggedCount, lastFixed: lastFixed,
                lastVariable: lastVariable, isLarge: pageSize.isLarge, limit: limit,
                pageByteCount: pageSize.byteCount, intrinsicMost: intrinsicMost,
                preferredIntrinsicMost: min(max(preferred, LongValueID(0).recordBytes.count), intrinsicMost),
                minimumForXpress: limits.minimumForXpress, defaultRecord: UnsafeRawPointer(record),
                defaultByteCount: RecordLayout.headerByteCount))
        self.tables = UnsafePointer(tables)
        // The stored properties are all there: from here on `deinit` frees what was allocated.
        guard isSound else { throw .databaseCorrupted }
        let buffer = RecordBuffer(pageSize: pageSize)
        buffer.startInsert(self)
        do throws(JetError) {
            for number in 1...255 where columns[number].hasDefault {
                try buffer.set(columns[number].key, columns[number].defaultBytes)
            }
        } catch {
            throw .databaseCorrupted
        }
        record.copyMemory(from: buffer.bytes.baseAddress.unsafelyUnwrapped, byteCount: buffer.byteCount)
        tables.pointee.defaultByteCount = buffer.byteCount
    }

    deinit {
        UnsafeMutablePointer(mutating: tables).deallocate()
        columns.deallocate()
        taggedColumns.deallocate()
        defaults.deallocate()
    }

    /// The most bytes of a record. ESE: CbRecordMost.
    /// - Parameter keyByteCount: The most bytes of a key of the primary index; 4 without one.
    public static func recordLimit(_ pageSize: PageSize, keyByteCount: Int) -> Int {
        // A page's data, less the tag of the external header and the node's own.
        let nodeMost = pageSize.byteCount - pageSize.headerByteCount - 4 - 4
        return pageSize.isLarge ? nodeMost - 4 - keyByteCount : nodeMost - 2 - max(255, 2 + keyByteCount)
    }

    /// The most bytes of a record of this table.
    public var limit: Int { tables.pointee.limit }

    /// The column of a key, nil if there is none.
    public func column(_ key: ColumnKey) -> RecordColumn? { tables.pointee.find(key)?.pointee }

    /// The record of an insert before anything is set.
    public var defaultRecord: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: tables.pointee.defaultRecord, count: tables.pointee.defaultByteCount)
    }
}

// Layer: ESEFormat/Catalog. Uses: CatalogRow, RecordBuilder. Used by: the engine's DDL, the test kit's databases.
// Rows of the catalog in the writing direction, byte for byte as the engine writes them.

extension CatalogRow {
    /// The row as a record. Which fixed columns it has depends on what it describes, as the engine does it.
    /// - Throws: `badRecord` if it is too large for any page.
    public func record(isLarge: Bool) throws(FormatError) -> [UInt8] {
        var record = RecordBuilder(isLarge: isLarge)
        record.set(1, 4, tableID.rawValue)
        record.set(2, 8, kind.rawValue)
        record.set(3, 10, id)
        record.set(4, 14, typeOrPage)
        record.set(5, 18, spaceUsage)
        record.set(6, 22, flags)
        record.set(7, 26, pagesOrLocale)
        let last = lastFixedColumn
        if last >= 8 { record.set(8, 30, isRoot.map { $0 ? 0xff : 0 } as UInt8?) }
        if last >= 9 { record.set(9, 31, recordOffset) }
        if last >= 10 { record.set(10, 33, lcMapFlags) }
        if last >= 11 { record.set(11, 37, keyMost) }
        if last >= 12 { record.set(12, 39, longValueChunk) }
        let variables: [(UInt16, [UInt8]?)] = [
            (128, Self.narrow(name)), (130, templateOrCallback.map(Self.narrow)), (131, defaultValue),
            (132, keySegments.isEmpty ? nil : keySegments.flatMap(\.bytes)),
            (133, variableSegmentMost.map { Self.bytes($0) }),
            (134, conditions.isEmpty ? nil : conditions.flatMap(\.bytes)), (135, tupleLimits?.bytes),
            (136, sortVersion.map { Self.bytes($0) }), (137, sortID?.bytes),
        ]
        // Beyond the last one that has a value nothing is stored.
        for (column, value) in variables {
            guard let value else { continue }
            record.setVariable(ColumnID(column), value.span.bytes)
        }
        if let localeName {
            var text: [UInt8] = []
            for unit in localeName.utf16 { text.append(little: unit) }
            text.append(little: UInt16(0))
            record.setTagged(ColumnID(261), flags: .longValue, text.span.bytes)
        }
        return try record.bytes()
    }

    /// The last fixed column that the record has.
    private var lastFixedColumn: Int {
        if longValueChunk != nil { return 12 }
        if keyMost != nil { return 11 }
        if lcMapFlags != nil { return 10 }
        if recordOffset != nil { return 9 }
        if isRoot != nil { return 8 }
        return 7
    }

    /// Names are stored in code page 1252, of which only what Latin-1 has too is written here; else a question mark.
    private static func narrow(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3f }
    }

    private static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(little: value)
        return bytes
    }
}

extension RecordBuilder {
    fileprivate mutating func set<T: FixedWidthInteger>(_ column: UInt16, _ offset: Int, _ value: T?) {
        guard let value else {
            return setFixed(ColumnID(column), offset: offset, byteCount: T.bitWidth / 8, nil)
        }
        var bytes: [UInt8] = []
        bytes.append(little: value)
        setFixed(ColumnID(column), offset: offset, byteCount: bytes.count, bytes.span.bytes)
    }
}

extension IndexSegment {
    /// The four bytes of the catalog. ESE's name: IDXSEG.
    public var bytes: [UInt8] {
        [
            (isFromTemplate ? 0x80 : 0) | (isDescending ? 0x40 : 0) | (mustBeNull ? 0x20 : 0), 0,
            UInt8(truncatingIfNeeded: column.rawValue), UInt8(truncatingIfNeeded: column.rawValue >> 8),
        ]
    }
}

extension TupleLimits {
    /// The 20 bytes of the catalog.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for number in [minimumLength, maximumLength, indexedCharacterCount, increment, start] {
            bytes.append(little: number)
        }
        return bytes
    }
}

extension CatalogRow {
    /// The row of a table.
    public init(table: TableDefinition) {
        self.init(
            tableID: table.objectID, kind: .table, id: table.objectID.rawValue, typeOrPage: table.rootPage.rawValue,
            name: table.name)
        spaceUsage = table.density
        flags = table.flags.rawValue
        pagesOrLocale = table.initialPageCount
        isRoot = true
        templateOrCallback = table.templateName
    }

    /// The row of a column of a table.
    public init(column: ColumnDefinition, of table: ObjectID) {
        self.init(
            tableID: table, kind: .column, id: UInt32(column.id.rawValue), typeOrPage: UInt32(column.type.rawValue),
            name: column.name)
        spaceUsage = column.maximumByteCount
        flags = column.flags.rawValue
        pagesOrLocale = column.codePage
        recordOffset = column.id.storage == .fixed ? column.recordOffset : nil
        defaultValue = column.defaultValue
        templateOrCallback = column.callback
    }

    /// The row of an index of a table. `keyMost` is stored if it isn't 255, the limit of segments if it isn't that.
    public init(index: IndexDefinition, of table: ObjectID) {
        self.init(
            tableID: table, kind: .index, id: index.objectID.rawValue, typeOrPage: index.rootPage.rawValue,
            name: index.name)
        spaceUsage = index.density
        flags = index.flags.rawValue
        pagesOrLocale = index.lcid
        lcMapFlags = index.lcMapFlags
        let most = index.maximumKeyByteCount
        keyMost = most == 255 ? nil : UInt16(truncatingIfNeeded: most)
        let segmentMost = index.maximumSegmentByteCount
        variableSegmentMost = segmentMost == most ? nil : UInt16(truncatingIfNeeded: segmentMost)
        keySegments = index.segments
        conditions = index.conditions
        tupleLimits = index.tupleLimits
        sortVersion = index.sortVersion
        sortID = index.sortID
        localeName = index.localeName
    }

    /// The row of the tree of a table's long values.
    public init(longValuesOf table: ObjectID, id: ObjectID, rootPage: PageNumber, chunkByteCount: Int? = nil) {
        self.init(tableID: table, kind: .longValues, id: id.rawValue, typeOrPage: rootPage.rawValue, name: "LV")
        spaceUsage = 100
        pagesOrLocale = 1
        longValueChunk = chunkByteCount.map { UInt32(truncatingIfNeeded: $0) }
    }
}

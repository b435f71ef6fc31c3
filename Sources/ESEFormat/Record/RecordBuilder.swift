// Layer: ESEFormat/Record. Uses: TaggedFlags, LongValueID. Used by: catalog rows, the engine, the test kit's databases.
// Records in the writing direction: each kind of column is set in order of ID, then the record is put together.

/// A tagged column's value on its way into a record.
public enum TaggedInput: Hashable, Sendable {
    /// The bytes of the value.
    case plain([UInt8])
    /// The compressed bytes of the value; of several values only the first may be.
    case compressed([UInt8])
    /// A long value that stands in its tree.
    case separated(LongValueID)

    /// What goes into the record.
    fileprivate var bytes: [UInt8] {
        switch self {
        case .plain(let bytes), .compressed(let bytes): bytes
        case .separated(let id): id.recordBytes
        }
    }

    fileprivate var isCompressed: Bool { if case .compressed = self { true } else { false } }
    fileprivate var isSeparated: Bool { if case .separated = self { true } else { false } }
}

/// A record that is put together column by column; can be used again and again.
public struct RecordBuilder: Sendable {
    /// Whether tagged columns have the form of large pages.
    public let isLarge: Bool

    private var lastFixed = 0
    private var fixed: [UInt8] = []
    /// The bits that say NULL, also for columns that nobody set.
    private var nullBits: [UInt8] = Array(repeating: 0xff, count: 16)
    private var variableEnds: [UInt16] = []
    private var variable: [UInt8] = []
    private var tagged: [TaggedEntry] = []
    private var taggedData: [UInt8] = []

    private struct TaggedEntry {
        var column: UInt16
        /// The bits of the offset that are no offset.
        var bits: UInt16
        var start: Int
    }

    /// Starts a record without values.
    public init(isLarge: Bool) { self.isLarge = isLarge }

    /// Forgets all values; keeps the room.
    public mutating func removeAll() {
        lastFixed = 0
        fixed.removeAll(keepingCapacity: true)
        for index in nullBits.indices { nullBits[index] = 0xff }
        variableEnds.removeAll(keepingCapacity: true)
        variable.removeAll(keepingCapacity: true)
        tagged.removeAll(keepingCapacity: true)
        taggedData.removeAll(keepingCapacity: true)
    }

    /// The bytes of the record as it is now.
    public var byteCount: Int {
        RecordLayout.headerByteCount + fixed.count + (lastFixed + 7) / 8 + 2 * variableEnds.count + variable.count
            + 4 * tagged.count + taggedData.count
    }

    // MARK: Columns.

    /// Sets a fixed column. Columns below it that are left out are NULL.
    /// - Parameters:
    ///   - column: 1...127, greater than those before.
    ///   - offset: Where the column starts in the record, as the catalog says.
    ///   - byteCount: The column's size; a value must have just that.
    ///   - value: nil for NULL, whose bytes are 0.
    public mutating func setFixed(_ column: ColumnID, offset: Int, byteCount: Int, _ value: RawSpan?) {
        precondition(column.storage == .fixed && Int(column.rawValue) > lastFixed, "fixed columns come in order")
        let start = offset - RecordLayout.headerByteCount
        precondition(start >= fixed.count, "fixed columns don't overlap")
        fixed.append(contentsOf: repeatElement(0, count: start - fixed.count))
        lastFixed = Int(column.rawValue)
        guard let value else {
            fixed.append(contentsOf: repeatElement(0, count: byteCount))
            return
        }
        precondition(value.byteCount == byteCount, "a fixed value has its column's size")
        nullBits[(lastFixed - 1) / 8] &= ~(1 << UInt8((lastFixed - 1) % 8))
        fixed.append(contentsOf: value, 0..<byteCount)
    }

    /// Sets a variable column. Columns below it that are left out are NULL.
    /// - Parameters:
    ///   - column: 128...255, greater than those before.
    ///   - value: nil for NULL.
    public mutating func setVariable(_ column: ColumnID, _ value: RawSpan?) {
        precondition(column.storage == .variable, "no variable column")
        let index = Int(column.rawValue) - 128
        precondition(index >= variableEnds.count, "variable columns come in order")
        let null = UInt16(truncatingIfNeeded: variable.count) | 0x8000
        variableEnds.append(contentsOf: repeatElement(null, count: index - variableEnds.count))
        guard let value else {
            variableEnds.append(null)
            return
        }
        variable.append(contentsOf: value, 0..<value.byteCount)
        variableEnds.append(UInt16(truncatingIfNeeded: variable.count) & 0x7fff)
    }

    /// Sets a tagged column to one value, or to NULL where its default is something else.
    /// - Parameters:
    ///   - column: 256...65248; the template's columns come first, then the others, each in order.
    ///   - flags: `longValue` for columns of that type, with `compressed`, `separated` and `encrypted` as they apply to
    ///     the bytes; `null` for NULL.
    ///   - value: The bytes, or the long value's ID; empty for NULL.
    public mutating func setTagged(
        _ column: ColumnID, isFromTemplate: Bool = false, flags: TaggedFlags, _ value: RawSpan
    ) {
        precondition(flags.isDisjoint(with: [.multiValues, .twoValues]), "that is one value")
        if flags.contains(.null) {
            startTagged(column, isFromTemplate, isLarge ? .null : [], isNull: true)
        } else {
            startTagged(column, isFromTemplate, flags, isNull: false)
            taggedData.append(contentsOf: value, 0..<value.byteCount)
        }
    }

    /// Sets a tagged column to any number of values; none is NULL.
    /// - Parameters:
    ///   - column: 256...65248; the template's columns come first, then the others, each in order.
    ///   - isLongValue: Whether its type is LongText or LongBinary.
    public mutating func setTagged(
        _ column: ColumnID, isFromTemplate: Bool = false, isLongValue: Bool, isEncrypted: Bool = false,
        _ values: [TaggedInput]
    ) {
        precondition(!values.dropFirst().contains { $0.isCompressed }, "only the first value may be compressed")
        var flags: TaggedFlags = isLongValue ? .longValue : []
        if isEncrypted { flags.insert(.encrypted) }
        guard let first = values.first else {
            return startTagged(column, isFromTemplate, isLarge ? .null : [], isNull: true)
        }
        if first.isCompressed { flags.insert(.compressed) }
        if values.count == 1 {
            if first.isSeparated { flags.insert(.separated) }
            startTagged(column, isFromTemplate, flags, isNull: false)
            taggedData += first.bytes
            return
        }
        let parts = values.map(\.bytes)
        if values.count == 2, !isLongValue, !isEncrypted, parts[0].count <= 255, parts[1].count <= 255 {
            startTagged(column, isFromTemplate, .twoValues, isNull: false)
            taggedData.append(UInt8(truncatingIfNeeded: parts[0].count))
            taggedData += parts[0] + parts[1]
            return
        }
        startTagged(column, isFromTemplate, flags.union(.multiValues), isNull: false)
        var offset = 2 * parts.count
        for (value, bytes) in zip(values, parts) {
            taggedData.append(little: UInt16(truncatingIfNeeded: offset) & 0x7fff | (value.isSeparated ? 0x8000 : 0))
            offset += bytes.count
        }
        for bytes in parts { taggedData += bytes }
    }

    private mutating func startTagged(
        _ column: ColumnID, _ isFromTemplate: Bool, _ flags: TaggedFlags, isNull: Bool
    ) {
        precondition(column.storage == .tagged, "no tagged column")
        let isOwn: UInt16 = isFromTemplate ? 0 : 1
        if let last = tagged.last {
            let lastIsOwn: UInt16 = last.bits & 0x8000 == 0 ? 1 : 0
            precondition(
                (lastIsOwn, last.column) < (isOwn, column.rawValue),
                "tagged columns come in order, the template's first")
        }
        var bits: UInt16 = isFromTemplate ? 0x8000 : 0
        let start = taggedData.count
        if isLarge {
            taggedData.append(flags.rawValue)
        } else if isNull {
            bits |= 0x2000
        } else if !flags.isEmpty {
            bits |= 0x4000
            taggedData.append(flags.rawValue)
        }
        tagged.append(TaggedEntry(column: column.rawValue, bits: bits, start: start))
    }

    // MARK: The record.

    /// Appends the record to `bytes`.
    /// - Throws: `badRecord` with the record's size if it is beyond what its offsets can say: 32,767 bytes of variable
    ///   data or tagged data, 8,191 of tagged data on small pages.
    public func append(to bytes: inout [UInt8]) throws(FormatError) {
        let arrayByteCount = 4 * tagged.count
        guard variable.count <= 0x7fff, arrayByteCount + taggedData.count <= (isLarge ? 0x7fff : 0x1fff) else {
            throw FormatError(.badRecord, at: byteCount)
        }
        let bitByteCount = (lastFixed + 7) / 8
        bytes.append(UInt8(truncatingIfNeeded: lastFixed))
        bytes.append(UInt8(truncatingIfNeeded: 127 + variableEnds.count))
        bytes.append(
            little: UInt16(truncatingIfNeeded: RecordLayout.headerByteCount + fixed.count + bitByteCount))
        bytes.append(contentsOf: fixed)
        bytes.append(contentsOf: nullBits[..<bitByteCount])
        for end in variableEnds { bytes.append(little: end) }
        bytes.append(contentsOf: variable)
        for entry in tagged {
            bytes.append(little: entry.column)
            bytes.append(little: UInt16(truncatingIfNeeded: arrayByteCount + entry.start) | entry.bits)
        }
        bytes.append(contentsOf: taggedData)
    }

    /// The record.
    /// - Throws: As `append(to:)`.
    public func bytes() throws(FormatError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        try append(to: &bytes)
        return bytes
    }
}

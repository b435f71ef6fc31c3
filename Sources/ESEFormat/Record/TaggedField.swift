// Layer: ESEFormat/Record. Uses: RecordLayout. Used by: catalog rows, the reader's rows, verification, carving.
// Tagged columns: an array of column IDs and offsets, then the data, each with a byte of flags before it (on small
// pages only if it is needed). A column may have several values; long ones may stand outside.

/// The byte before a tagged column's data. ESE's name: TAGFLD_HEADER.
public struct TaggedFlags: OptionSet, Hashable, Sendable {
    /// The bits as stored.
    public let rawValue: UInt8

    /// Makes a set of flags.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The column is a LongText or LongBinary.
    public static let longValue = TaggedFlags(rawValue: 1)
    /// The value, of several the first, is compressed.
    public static let compressed = TaggedFlags(rawValue: 2)
    /// The value stands in the long-value tree; the data is its ID.
    public static let separated = TaggedFlags(rawValue: 4)
    /// Several values, found through an array of offsets.
    public static let multiValues = TaggedFlags(rawValue: 8)
    /// Two values; the first byte is the count of the first's bytes.
    public static let twoValues = TaggedFlags(rawValue: 0x10)
    /// NULL, where the default is something else.
    public static let null = TaggedFlags(rawValue: 0x20)
    /// Encrypted.
    public static let encrypted = TaggedFlags(rawValue: 0x40)
}

/// The entry of a tagged column. Ranges are in the bytes that were passed to `RecordLayout`.
public struct TaggedField: Hashable, Sendable {
    /// The column.
    public let column: ColumnID
    /// Whether the column is one of the table's template.
    public let isFromTemplate: Bool
    /// The flags; none if there is no such byte.
    public let flags: TaggedFlags
    /// The data behind the flags.
    public let data: Range<Int>

    /// Makes a field.
    @inlinable
    public init(column: ColumnID, isFromTemplate: Bool, flags: TaggedFlags, data: Range<Int>) {
        self.column = column
        self.isFromTemplate = isFromTemplate
        self.flags = flags
        self.data = data
    }

    /// Whether the column is NULL.
    @inlinable
    public var isNull: Bool { flags.contains(.null) }
}

/// One of a tagged column's values.
public struct TaggedValue: Hashable, Sendable {
    /// The bytes: the value, or the ID of a long value.
    public let range: Range<Int>
    /// Whether they are the ID of a long value.
    public let isSeparated: Bool
    /// Whether they are compressed.
    public let isCompressed: Bool
    /// Whether they are encrypted.
    public let isEncrypted: Bool

    /// Makes a value.
    @inlinable
    public init(range: Range<Int>, isSeparated: Bool, isCompressed: Bool, isEncrypted: Bool) {
        self.range = range
        self.isSeparated = isSeparated
        self.isCompressed = isCompressed
        self.isEncrypted = isEncrypted
    }
}

extension RecordLayout {
    /// The entry at a position of the array.
    /// - Parameter index: 0..<taggedCount; others are the caller's mistake.
    /// - Throws: `badRecord` if its data lies outside.
    @inlinable
    public func taggedField(_ index: Int, in bytes: RawSpan) throws(FormatError) -> TaggedField {
        precondition(index >= 0 && index < taggedCount, "no such tagged column")
        let place = tagged.lowerBound &+ 4 &* index
        let column: UInt16 = try bytes.little(place)
        let word: UInt16 = try bytes.little(place &+ 2)
        let mask: UInt16 = isLarge ? 0x7fff : 0x1fff
        var start = Int(word & mask)
        var end = tagged.count
        if index &+ 1 < taggedCount { end = Int(try bytes.little(place &+ 6, as: UInt16.self) & mask) }
        guard start >= 4 &* taggedCount, start <= end, end <= tagged.count else {
            throw FormatError(.badRecord, at: place)
        }
        var flags: TaggedFlags = []
        // On large pages the byte of flags is always there; on small ones a bit of the offset says so, another that the
        // column is NULL.
        if isLarge || word & 0x4000 != 0 {
            guard start < end else { throw FormatError(.badRecord, at: place) }
            flags = TaggedFlags(rawValue: try bytes.byte(tagged.lowerBound &+ start))
            start &+= 1
        }
        if !isLarge, word & 0x2000 != 0 { flags.insert(.null) }
        return TaggedField(
            column: ColumnID(column), isFromTemplate: word & 0x8000 != 0, flags: flags,
            data: (tagged.lowerBound &+ start)..<(tagged.lowerBound &+ end))
    }

    /// The entry of a column; nil if the record has none, so that the column's default holds.
    ///
    /// The array is in order: the template's columns first, then by ID.
    /// - Throws: `badRecord` if the data of the entry lies outside.
    @inlinable
    public func taggedField(
        _ column: ColumnID, isFromTemplate: Bool, in bytes: RawSpan
    ) throws(FormatError) -> TaggedField? {
        let wanted = UInt32(column.rawValue) | (isFromTemplate ? 0 : 0x1_0000)
        var low = 0
        var high = taggedCount
        while low < high {
            let middle = (low &+ high) / 2
            let place = tagged.lowerBound &+ 4 &* middle
            let isOwn = try bytes.little(place &+ 2, as: UInt16.self) & 0x8000 == 0
            let found = UInt32(try bytes.little(place, as: UInt16.self)) | (isOwn ? 0x1_0000 : 0)
            if found == wanted { return try taggedField(middle, in: bytes) }
            if found < wanted { low = middle &+ 1 } else { high = middle }
        }
        return nil
    }

    /// How many values a field has; 0 if it is NULL.
    /// - Throws: `badRecord` if the array of offsets doesn't fit.
    @inlinable
    public func valueCount(of field: TaggedField, in bytes: RawSpan) throws(FormatError) -> Int {
        if field.isNull { return 0 }
        if field.flags.contains(.twoValues) { return 2 }
        guard field.flags.contains(.multiValues) else { return 1 }
        guard field.data.count >= 2 else { throw FormatError(.badRecord, at: field.data.lowerBound) }
        let first = Int(try bytes.little(field.data.lowerBound, as: UInt16.self) & 0x7fff)
        guard first >= 2, first & 1 == 0, first <= field.data.count else {
            throw FormatError(.badRecord, at: field.data.lowerBound)
        }
        return first / 2
    }

    /// One of a field's values.
    /// - Parameters:
    ///   - index: 0..<count; others are the caller's mistake.
    ///   - count: what `valueCount` says.
    /// - Throws: `badRecord` if it lies outside.
    @inlinable
    public func value(
        _ index: Int, of count: Int, in field: TaggedField, _ bytes: RawSpan
    ) throws(FormatError) -> TaggedValue {
        precondition(index >= 0 && index < count, "no such value")
        let data = field.data
        let isEncrypted = field.flags.contains(.encrypted)
        if field.flags.contains(.twoValues) {
            guard !data.isEmpty else { throw FormatError(.badRecord, at: data.lowerBound) }
            let start = data.lowerBound &+ 1
            let middle = start &+ Int(try bytes.byte(data.lowerBound))
            guard middle <= data.upperBound else { throw FormatError(.badRecord, at: data.lowerBound) }
            return TaggedValue(
                range: index == 0 ? start..<middle : middle..<data.upperBound, isSeparated: false, isCompressed: false,
                isEncrypted: isEncrypted)
        }
        guard field.flags.contains(.multiValues) else {
            return TaggedValue(
                range: data, isSeparated: field.flags.contains(.separated),
                isCompressed: field.flags.contains(.compressed), isEncrypted: isEncrypted)
        }
        let place = data.lowerBound &+ 2 &* index
        let word: UInt16 = try bytes.little(place)
        let start = Int(word & 0x7fff)
        var end = data.count
        if index &+ 1 < count { end = Int(try bytes.little(place &+ 2, as: UInt16.self) & 0x7fff) }
        guard start >= 2 &* count, start <= end, end <= data.count else { throw FormatError(.badRecord, at: place) }
        let isSeparated = word & 0x8000 != 0
        return TaggedValue(
            range: (data.lowerBound &+ start)..<(data.lowerBound &+ end), isSeparated: isSeparated,
            isCompressed: index == 0 && !isSeparated && field.flags.contains(.compressed), isEncrypted: isEncrypted)
    }
}

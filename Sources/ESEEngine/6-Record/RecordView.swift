// Layer: ESEEngine/6-Record. Uses: RecordShape. Used by: cursors, key plans, RecordBuffer.
// Values out of the bytes of a record, mostly where they lie in a page.
//
// Unsafe: the head's parts are checked against the record's end when a view is made, each value's place when it is
// looked up; loads stand behind these checks.

public import ESEFormat

/// One value of a column, where it lies. Valid as long as the record's bytes (of a default: as long as the shape).
public struct RecordField {
    /// How the bytes are to be read.
    public struct Traits: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Makes a set.
        @inlinable
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// No value.
        public static let null = Traits(rawValue: 1)
        /// The record says nothing; the default's bytes.
        public static let isDefault = Traits(rawValue: 2)
        /// The bytes are the ID of a long value.
        public static let separated = Traits(rawValue: 4)
        /// The bytes are compressed.
        public static let compressed = Traits(rawValue: 8)
        /// The bytes are encrypted.
        public static let encrypted = Traits(rawValue: 16)
    }

    /// The bytes; none for NULL and for values without bytes.
    public let bytes: UnsafeRawBufferPointer
    /// How they are to be read.
    public let traits: Traits

    /// Makes a field.
    @inline(__always)
    init(_ start: UnsafeRawPointer?, _ count: Int, _ traits: Traits = []) {
        bytes = UnsafeRawBufferPointer(start: start, count: count)
        self.traits = traits
    }

    /// NULL.
    static var null: RecordField { RecordField(nil, 0, .null) }

    /// Whether there is no value. A value without bytes is one.
    @inlinable
    public var isNull: Bool { traits.contains(.null) }

    /// Whether the bytes are the value itself.
    @inlinable
    public var isPlain: Bool { traits.isDisjoint(with: [.null, .separated, .compressed, .encrypted]) }

    /// The ID of the long value; nil if the value stands here.
    /// - Throws: `databaseCorrupted` if the ID has neither 4 nor 8 bytes.
    public func longValueID() throws(JetError) -> LongValueID? {
        guard traits.contains(.separated) else { return nil }
        guard let id = try? LongValueID(inRecord: RawSpan(_unsafeBytes: bytes)) else { throw .databaseCorrupted }
        return id
    }

    /// How many bytes the value has when it is expanded; for a separated one those of its ID.
    /// - Throws: As `expand`.
    public func byteCount() throws(JetError) -> Int {
        guard traits.contains(.compressed) else { return bytes.count }
        if traits.contains(.encrypted) { throw .columnNoEncryptionKey }
        guard let count = try? Compression.expandedByteCount(of: RawSpan(_unsafeBytes: bytes)) else {
            throw .decompressionFailed
        }
        return count
    }

    /// Copies the value, expanded, from an offset on into a buffer, as far as it has room.
    /// - Returns: How many bytes the value has from the offset on; 0 beyond its end.
    /// - Throws: `decompressionFailed`; `columnNoEncryptionKey` for encrypted values.
    public func copy(
        into buffer: UnsafeMutableRawBufferPointer, from offset: Int = 0
    ) throws(JetError) -> Int {
        if traits.contains(.compressed) || traits.contains(.encrypted) {
            var plain: [UInt8] = []
            try expand(into: &plain)
            return plain.withUnsafeBytes { Self.copy($0, into: buffer, from: offset) }
        }
        return Self.copy(bytes, into: buffer, from: offset)
    }

    @inline(__always)
    private static func copy(
        _ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer, from offset: Int
    ) -> Int {
        guard let source = bytes.baseAddress, offset < bytes.count, offset >= 0 else { return 0 }
        let count = bytes.count &- offset
        if let target = buffer.baseAddress {
            target.copyMemory(from: source + offset, byteCount: min(count, buffer.count))
        }
        return count
    }

    /// Appends the value, expanded.
    /// - Throws: `decompressionFailed`; `columnNoEncryptionKey` for encrypted values.
    public func expand(into output: inout [UInt8]) throws(JetError) {
        if traits.contains(.encrypted) { throw .columnNoEncryptionKey }
        guard traits.contains(.compressed) else { return output.append(contentsOf: bytes) }
        guard (try? Compression.expand(RawSpan(_unsafeBytes: bytes), into: &output, limit: 0xffff)) != nil else {
            throw .decompressionFailed
        }
    }
}

/// A record, read. Trivial; the bytes and the shape must stay where they are.
public struct RecordView {
    let base: UnsafeRawPointer
    let byteCount: Int
    let shape: UnsafePointer<ShapeTables>
    private let lastFixed: Int
    private let nullBits: Int
    private let variableOffsets: Int
    private let variableCount: Int
    let tagged: Int
    let taggedCount: Int

    /// Looks at the bytes of a record.
    /// - Throws: `databaseCorrupted` if the parts don't fit into it.
    @inline(__always)
    public init(_ bytes: UnsafeRawBufferPointer, shape: RecordShape) throws(JetError) {
        try self.init(bytes, shape.tables)
    }

    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ shape: UnsafePointer<ShapeTables>) throws(JetError) {
        guard let base = bytes.baseAddress, bytes.count >= RecordLayout.headerByteCount else {
            throw .databaseCorrupted
        }
        self.base = base
        byteCount = bytes.count
        self.shape = shape
        let head = Int(UInt32(littleEndian: base.loadUnaligned(as: UInt32.self)))
        lastFixed = head & 0xff
        let lastVariable = head >> 8 & 0xff
        let offsets = head >> 16
        let bits = offsets &- (lastFixed &+ 7) >> 3
        let count = lastVariable &- 127
        let data = offsets &+ 2 &* count
        guard lastFixed <= 127, count >= 0, bits >= RecordLayout.headerByteCount, data <= bytes.count else {
            throw .databaseCorrupted
        }
        nullBits = bits
        variableOffsets = offsets
        variableCount = count
        let start = data &+ (count == 0 ? 0 : base.word(data &- 2) & 0x7fff)
        tagged = start
        if start == bytes.count {
            taggedCount = 0
        } else {
            guard start &+ 4 <= bytes.count else { throw .databaseCorrupted }
            let first = base.word(start &+ 2) & shape.pointee.offsetMask
            guard first >= 4, first & 3 == 0, first <= bytes.count &- start else { throw .databaseCorrupted }
            taggedCount = first >> 2
        }
    }

    // MARK: One value.

    /// A column's value.
    /// - Parameters:
    ///   - occurrence: Which of several, from 1; only tagged columns have more than one. ESE: itagSequence.
    ///   - ignoresDefault: NULL where the record says nothing. C name: JET_bitRetrieveIgnoreDefault.
    /// - Throws: `columnNotFound` if there is no such column; `databaseCorrupted` if the value would lie outside.
    @inline(__always)
    public func field(
        _ key: ColumnKey, occurrence: Int = 1, ignoresDefault: Bool = false
    ) throws(JetError) -> RecordField {
        guard let column = shape.pointee.find(key) else { throw .columnNotFound }
        let number = Int(key.rawValue & 0xffff)
        if number >= 256 {
            return try taggedField(column, occurrence: occurrence, ignoresDefault: ignoresDefault)
        }
        if number < 128 {
            return try fixedField(number, column, ignoresDefault)
        }
        return try variableField(number, column, ignoresDefault)
    }

    @inline(__always)
    private func fixedField(
        _ number: Int, _ column: UnsafePointer<RecordColumn>, _ ignoresDefault: Bool
    ) throws(JetError) -> RecordField {
        guard number <= lastFixed else { return defaultField(column, ignoresDefault) }
        let bit = number &- 1
        if base.byte(nullBits &+ bit >> 3) & 1 << UInt8(bit & 7) != 0 { return .null }
        // The shape's offsets are not below the head's end.
        guard column.pointee.fixedEnd <= nullBits else { throw .databaseCorrupted }
        return RecordField(base + Int(column.pointee.offset), Int(column.pointee.maximumByteCount))
    }

    @inline(__always)
    private func variableField(
        _ number: Int, _ column: UnsafePointer<RecordColumn>, _ ignoresDefault: Bool
    ) throws(JetError) -> RecordField {
        let index = number &- 128
        guard index < variableCount else { return defaultField(column, ignoresDefault) }
        let place = variableOffsets &+ 2 &* index
        let word = base.word(place)
        if word & 0x8000 != 0 { return .null }
        let start = index == 0 ? 0 : base.word(place &- 2) & 0x7fff
        let data = variableOffsets &+ 2 &* variableCount
        guard start <= word, data &+ word <= tagged else { throw .databaseCorrupted }
        return RecordField(base + data + start, word &- start)
    }

    @inline(__always)
    private func defaultField(_ column: UnsafePointer<RecordColumn>, _ ignoresDefault: Bool) -> RecordField {
        guard !ignoresDefault, let value = column.pointee.defaultBytes else { return .null }
        return RecordField(value.baseAddress, value.count, .isDefault)
    }

    private func taggedField(
        _ column: UnsafePointer<RecordColumn>, occurrence: Int, ignoresDefault: Bool
    ) throws(JetError) -> RecordField {
        guard let entry = try find(column.pointee.key.order) else {
            return occurrence == 1 ? defaultField(column, ignoresDefault) : .null
        }
        let count = try valueCount(entry)
        guard occurrence >= 1, occurrence <= count else { return .null }
        return try value(occurrence &- 1, of: count, entry)
    }

    /// How many values a column has: 0 for NULL; defaults count, unless they are ignored.
    /// - Throws: As `field`.
    public func valueCount(_ key: ColumnKey, ignoresDefault: Bool = false) throws(JetError) -> Int {
        guard let column = shape.pointee.find(key) else { throw .columnNotFound }
        if column.pointee.storage != .tagged {
            return try field(key, ignoresDefault: ignoresDefault).isNull ? 0 : 1
        }
        guard let entry = try find(column.pointee.key.order) else {
            return defaultField(column, ignoresDefault).isNull ? 0 : 1
        }
        return try valueCount(entry)
    }

    // MARK: Tagged fields.

    /// A tagged field: offsets are in the record.
    struct Entry {
        var order: UInt32
        var start: Int
        var end: Int
        var flags: TaggedFlags
        /// Whether the byte of flags stands in the record.
        var hasFlagByte: Bool
    }

    /// The field at a position.
    func entry(_ index: Int) throws(JetError) -> Entry {
        let place = tagged &+ 4 &* index
        let isLarge = shape.pointee.isLarge
        let mask = isLarge ? 0x7fff : 0x1fff
        let word = base.word(place &+ 2)
        let size = byteCount &- tagged
        var start = word & mask
        let end = index &+ 1 < taggedCount ? base.word(place &+ 6) & mask : size
        guard start >= 4 &* taggedCount, start <= end, end <= size else { throw .databaseCorrupted }
        var flags: TaggedFlags = []
        let hasFlagByte = isLarge || word & 0x4000 != 0
        if hasFlagByte {
            guard start < end else { throw .databaseCorrupted }
            flags = TaggedFlags(rawValue: base.byte(tagged &+ start))
            start &+= 1
        }
        if !isLarge, word & 0x2000 != 0 { flags.insert(.null) }
        return Entry(
            order: UInt32(base.word(place)) | (word & 0x8000 == 0 ? 0x1_0000 : 0), start: tagged &+ start,
            end: tagged &+ end, flags: flags, hasFlagByte: hasFlagByte)
    }

    /// The position of a field, or where it would be.
    @inline(__always)
    func position(_ order: UInt32) -> (index: Int, isThere: Bool) {
        var low = 0
        var high = taggedCount
        while low < high {
            let middle = (low &+ high) >> 1
            let place = tagged &+ 4 &* middle
            let found = UInt32(base.word(place)) | (base.word(place &+ 2) & 0x8000 == 0 ? 0x1_0000 : 0)
            if found == order { return (middle, true) }
            if found < order { low = middle &+ 1 } else { high = middle }
        }
        return (low, false)
    }

    private func find(_ order: UInt32) throws(JetError) -> Entry? {
        let (index, isThere) = position(order)
        return isThere ? try entry(index) : nil
    }

    /// How many values a field has.
    func valueCount(_ entry: Entry) throws(JetError) -> Int {
        if entry.flags.contains(.null) { return 0 }
        if entry.flags.contains(.twoValues) { return 2 }
        guard entry.flags.contains(.multiValues) else { return 1 }
        let size = entry.end &- entry.start
        guard size >= 2 else { throw .databaseCorrupted }
        let first = base.word(entry.start) & 0x7fff
        guard first >= 2, first & 1 == 0, first <= size else { throw .databaseCorrupted }
        return first >> 1
    }

    /// One of a field's values.
    /// - Parameter index: 0..<count.
    func value(_ index: Int, of count: Int, _ entry: Entry) throws(JetError) -> RecordField {
        var traits: RecordField.Traits = entry.flags.contains(.encrypted) ? .encrypted : []
        if entry.flags.contains(.twoValues) {
            guard entry.start < entry.end else { throw .databaseCorrupted }
            let middle = entry.start &+ 1 &+ Int(base.byte(entry.start))
            guard middle <= entry.end else { throw .databaseCorrupted }
            return index == 0
                ? RecordField(base + entry.start + 1, middle &- entry.start &- 1, traits)
                : RecordField(base + middle, entry.end &- middle, traits)
        }
        guard entry.flags.contains(.multiValues) else {
            if entry.flags.contains(.separated) {
                traits.insert(.separated)
            } else if entry.flags.contains(.compressed) {
                traits.insert(.compressed)
            }
            return RecordField(base + entry.start, entry.end &- entry.start, traits)
        }
        let place = entry.start &+ 2 &* index
        let word = base.word(place)
        let size = entry.end &- entry.start
        let start = word & 0x7fff
        let end = index &+ 1 < count ? base.word(place &+ 2) & 0x7fff : size
        guard start >= 2 &* count, start <= end, end <= size else { throw .databaseCorrupted }
        if word & 0x8000 != 0 {
            traits.insert(.separated)
        } else if index == 0, entry.flags.contains(.compressed) {
            traits.insert(.compressed)
        }
        return RecordField(base + entry.start + start, end &- start, traits)
    }
}

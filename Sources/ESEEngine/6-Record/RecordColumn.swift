// Layer: ESEEngine/6-Record. Uses: ColumnKey, Definitions. Used by: RecordShape, records, key plans.
// One column as record code needs it, and words in records' bytes.

public import ESEFormat

/// A column as record code needs it. Trivial; lives in its `RecordShape`. ESE's name: FIELD.
public struct RecordColumn: @unchecked Sendable {
    /// Its number.
    public let key: ColumnKey
    /// Its flags.
    public let flags: ColumnFlags
    /// The most bytes of a value; 0: no limit. Fixed columns have just that many.
    public let maximumByteCount: UInt32
    /// The code page of text.
    public let codePage: UInt32
    /// Where a fixed column starts in the record, in bytes.
    public let offset: UInt16
    /// Its type.
    public let type: ColumnType
    /// How it is stored.
    public let storage: ColumnID.Storage
    /// Whether it stands in the record as one of the template's.
    let isFromTemplate: Bool
    /// Whether there is such a column; numbers of deleted ones stay empty.
    let exists: Bool
    /// The default's bytes, owned by the shape; nil without one.
    let defaultBytes: UnsafeRawBufferPointer?

    /// Whether there is a default that stands in the catalog.
    public var hasDefault: Bool { defaultBytes != nil }

    /// The place of no column.
    static let none = RecordColumn()

    private init() {
        key = ColumnKey(rawValue: 0)
        flags = []
        maximumByteCount = 0
        codePage = 0
        offset = 0
        type = .bit
        storage = .fixed
        isFromTemplate = false
        exists = false
        defaultBytes = nil
    }

    init(_ column: ColumnDefinition, _ storage: ColumnID.Storage, defaultBytes: UnsafeRawBufferPointer?) {
        key = ColumnKey(column.id, isFromTemplate: column.isFromTemplate)
        flags = column.flags
        maximumByteCount =
            storage == .fixed
            ? UInt32(column.type.fixedByteCount ?? Int(column.maximumByteCount))
            : column.maximumByteCount
        codePage = column.codePage
        offset = column.recordOffset
        type = column.type
        self.storage = storage
        isFromTemplate = column.isFromTemplate
        exists = true
        self.defaultBytes = defaultBytes
    }

    /// Where a fixed column ends in the record.
    @inline(__always)
    var fixedEnd: Int { Int(offset) &+ Int(maximumByteCount) }
}

extension UnsafeRawPointer {
    /// A little-endian word; the caller knows that it lies inside.
    @inline(__always)
    func word(_ offset: Int) -> Int {
        Int(UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    }

    /// A byte; the caller knows that it lies inside.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }
}

extension UnsafeMutableRawPointer {
    /// A little-endian word; the caller knows that it lies inside.
    @inline(__always)
    func word(_ offset: Int) -> Int { UnsafeRawPointer(self).word(offset) }

    /// Stores the low 16 bits, little-endian.
    @inline(__always)
    func setWord(_ offset: Int, _ value: Int) {
        storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, toByteOffset: offset, as: UInt16.self)
    }

    /// A byte; the caller knows that it lies inside.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

    /// Stores a byte.
    @inline(__always)
    func setByte(_ offset: Int, _ value: UInt8) { storeBytes(of: value, toByteOffset: offset, as: UInt8.self) }
}

extension UnsafeMutableRawPointer {
    /// Moves bytes, which may overlap. Most moves of records are of nothing or of few bytes.
    @inline(__always)
    func take(_ source: UnsafeRawPointer, _ count: Int) {
        if count == 0 { return }
        copyMemory(from: source, byteCount: count)
    }
}

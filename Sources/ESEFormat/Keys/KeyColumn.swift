// Layer: ESEFormat/Keys. Uses: Definitions. Used by: KeyBuilder, KeyReader, IndexEntryPlan.
// What the parts of the key machinery share: a key column joined with its definition, and the bytes that keys are made
// of.

/// A key column with what its definition says.
struct KeyColumn: Hashable, Sendable {
    let segment: IndexSegment
    let type: ColumnType
    /// Text in UTF-16; other text is in a code page of single bytes.
    let isUnicode: Bool
    /// Bytes of a column that is stored at a fixed place, else nil.
    let fixedByteCount: Int?
    let isTagged: Bool
    let isMultivalued: Bool

    /// What descending columns' bytes are combined with by exclusive or.
    var mask: UInt8 { segment.isDescending ? 0xff : 0 }
    /// Bytes of a character; 1 for binary.
    var characterByteCount: Int { isUnicode ? 2 : 1 }
    /// Whether values may have no bytes without being NULL.
    var mayBeEmpty: Bool { type.fixedByteCount == nil }

    init(_ segment: IndexSegment, in columns: [ColumnDefinition], at index: Int) throws(FormatError) {
        // The template's own catalog rows don't all agree on the mark, so a column that is the only one of its number
        // will do.
        let named = columns.filter { $0.id == segment.column }
        let exact = named.filter { $0.isFromTemplate == segment.isFromTemplate }
        guard let column = exact.first ?? (named.count == 1 ? named.first : nil),
            let storage = column.id.storage, column.type != .superLongValue
        else { throw FormatError(.badCatalogRow, at: index) }
        self.segment = segment
        type = column.type
        isUnicode = column.type.isText && column.codePage == 1_200
        fixedByteCount = storage == .fixed ? column.type.fixedByteCount ?? Int(column.maximumByteCount) : nil
        isTagged = storage == .tagged
        isMultivalued = isTagged && column.flags.contains(.multivalued)
    }

    static func all(of index: IndexDefinition, in columns: [ColumnDefinition]) throws(FormatError) -> [KeyColumn] {
        guard !index.segments.isEmpty, index.maximumKeyByteCount > 0 else { throw FormatError(.badCatalogRow, at: 0) }
        var all: [KeyColumn] = []
        for (position, segment) in index.segments.enumerated() {
            all.append(try KeyColumn(segment, in: columns, at: position))
        }
        return all
    }
}

/// The first byte of a segment tells what follows, so that NULL, nothing and something sort in this order.
enum KeyPrefix {
    /// NULL; nothing follows.
    static let null: UInt8 = 0x00
    /// A value without bytes; nothing follows.
    static let empty: UInt8 = 0x40
    /// A value; its bytes follow.
    static let data: UInt8 = 0x7f
    /// NULL where it sorts after all values; nothing follows.
    static let nullHigh: UInt8 = 0xc0
    /// Greater than every segment: fills search keys that stand for the end of a range.
    static let end: UInt8 = 0xff
}

/// The numbers of variable binary segments: groups of 8 bytes and a count.
enum KeyBinary {
    static let groupByteCount = 8
    static let storedGroupByteCount = 9
    /// Instead of a count: another group follows.
    static let continues: UInt8 = 9
}

/// What old engines' limit of keys was; keys of indexes with this limit are still made the old way.
let legacyKeyByteCount = 255

extension IndexDefinition {
    /// The most bytes of a variable column's segment, `Int.max` without a limit of its own. ESE's term: cbVarSegMac.
    var segmentLimit: Int {
        maximumSegmentByteCount > 0 && maximumSegmentByteCount < maximumKeyByteCount ? maximumSegmentByteCount : .max
    }
}

extension Array where Element == UInt8 {
    /// Appends what is in a span.
    mutating func append(contentsOf span: RawSpan) throws(FormatError) {
        for index in 0..<span.byteCount { append(try span.byte(index)) }
    }
}

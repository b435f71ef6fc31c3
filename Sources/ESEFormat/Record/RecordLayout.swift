// Layer: ESEFormat/Record. Used by: catalog rows, the reader's rows, verification, carving.
// Where the fields of a record lie. Ranges are in the bytes that the caller passes to every call (usually a page),
// and every offset is checked against the record before it is used.

/// Where a record has the value of a column.
public enum FieldPlace: Hashable, Sendable {
    /// The record says nothing: the column's default holds, or NULL.
    case absent
    /// NULL.
    case null
    /// Here.
    case at(Range<Int>)
}

/// The parts of a record. ESE's name: REC.
public struct RecordLayout: Hashable, Sendable {
    /// The record.
    public let range: Range<Int>
    /// The last fixed column that it has; 0 for none.
    public let lastFixed: UInt8
    /// The last variable column that it has; 127 for none.
    public let lastVariable: UInt8
    /// Where the bits that say NULL start.
    public let nullBits: Int
    /// Where the offsets of variable columns start.
    public let variableOffsets: Int
    /// Where the data of variable columns start.
    public let variableData: Int
    /// The tagged columns' array and data; empty if there are none.
    public let tagged: Range<Int>
    /// How many tagged columns there are.
    public let taggedCount: Int
    /// Whether tagged columns have the form of large pages.
    public let isLarge: Bool

    /// Bytes before the fixed columns.
    public static let headerByteCount = 4

    /// Reads the head of a record.
    /// - Throws: `badRecord` if its parts don't fit into `range`.
    @inlinable
    public init(_ bytes: RawSpan, _ range: Range<Int>, isLarge: Bool) throws(FormatError) {
        let start = range.lowerBound
        let end = range.upperBound
        guard range.count >= Self.headerByteCount else { throw FormatError(.badRecord, at: start) }
        self.range = range
        self.isLarge = isLarge
        lastFixed = try bytes.byte(start)
        lastVariable = try bytes.byte(start &+ 1)
        variableOffsets = start &+ Int(try bytes.little(start &+ 2, as: UInt16.self))
        guard lastFixed <= 127, lastVariable >= 127 else { throw FormatError(.badRecord, at: start) }
        let bitByteCount = (Int(lastFixed) &+ 7) / 8
        nullBits = variableOffsets &- bitByteCount
        guard nullBits >= start &+ Self.headerByteCount, variableOffsets <= end else {
            throw FormatError(.badRecord, at: start &+ 2)
        }
        let variableCount = Int(lastVariable) &- 127
        variableData = variableOffsets &+ 2 &* variableCount
        guard variableData <= end else { throw FormatError(.badRecord, at: variableOffsets) }
        var place = variableData
        if variableCount > 0 {
            place &+= Int(try bytes.little(variableData &- 2, as: UInt16.self) & 0x7fff)
            guard place <= end else { throw FormatError(.badRecord, at: variableData &- 2) }
        }
        tagged = place..<end
        if tagged.isEmpty {
            taggedCount = 0
        } else {
            guard tagged.count >= 4 else { throw FormatError(.badRecord, at: place) }
            let first = Int(try bytes.little(place &+ 2, as: UInt16.self) & (isLarge ? 0x7fff : 0x1fff))
            guard first >= 4, first & 3 == 0, first <= tagged.count else { throw FormatError(.badRecord, at: place) }
            taggedCount = first / 4
        }
    }

    /// Where a fixed column's value is.
    /// - Parameters:
    ///   - column: 1...127; others are the caller's mistake.
    ///   - offset: where the column starts in the record, as the catalog says.
    ///   - count: its size in bytes.
    /// - Throws: `badRecord` if the record has the column but not the room for it.
    @inlinable
    public func fixed(_ column: ColumnID, offset: Int, count: Int, in bytes: RawSpan) throws(FormatError) -> FieldPlace
    {
        precondition(column.rawValue >= 1 && column.rawValue <= 127, "no fixed column")
        guard column.rawValue <= UInt16(lastFixed) else { return .absent }
        let bit = Int(column.rawValue) &- 1
        if try bytes.byte(nullBits &+ bit >> 3) & (1 << UInt8(bit & 7)) != 0 { return .null }
        let start = range.lowerBound + offset
        guard offset >= Self.headerByteCount, count >= 0, start &+ count <= nullBits else {
            throw FormatError(.badRecord, at: start)
        }
        return .at(start..<(start &+ count))
    }

    /// Where a variable column's value is.
    /// - Parameter column: 128...255; others are the caller's mistake.
    /// - Throws: `badRecord` if it would lie outside.
    @inlinable
    public func variable(_ column: ColumnID, in bytes: RawSpan) throws(FormatError) -> FieldPlace {
        precondition(column.rawValue >= 128 && column.rawValue <= 255, "no variable column")
        guard column.rawValue <= UInt16(lastVariable) else { return .absent }
        let index = Int(column.rawValue) &- 128
        let place = variableOffsets &+ 2 &* index
        let word: UInt16 = try bytes.little(place)
        if word & 0x8000 != 0 { return .null }
        let start = index == 0 ? 0 : Int(try bytes.little(place &- 2, as: UInt16.self) & 0x7fff)
        let end = Int(word & 0x7fff)
        guard start <= end, variableData &+ end <= tagged.lowerBound else { throw FormatError(.badRecord, at: place) }
        return .at((variableData &+ start)..<(variableData &+ end))
    }
}

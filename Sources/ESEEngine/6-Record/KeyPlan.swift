// Layer: ESEEngine/6-Record. Uses: RecordView, IndexEntryPlan. Used by: index maintenance, seeks.
// The keys of a record in one index. Keys of plain columns are made here without going through general code.
//
// Unsafe: the fast path writes behind a check that the buffer has room for the longest key of the index and one byte.

public import ESEFormat

/// What came of making a key.
public struct KeyResult: Hashable, Sendable {
    /// Bytes of the key.
    public var byteCount: Int
    /// Which of the key columns were NULL.
    public var nulls: KeyReport.Nulls
    /// Whether the key was cut.
    public var isTruncated: Bool

    @inline(__always)
    init(_ byteCount: Int, _ nulls: KeyReport.Nulls = .none, isTruncated: Bool = false) {
        self.byteCount = byteCount
        self.nulls = nulls
        self.isTruncated = isTruncated
    }
}

/// A key column of the fast path. Trivial.
struct FastSegment {
    enum Kind: UInt8 {
        case unsigned, signed, floating, bit, guid, fixedBytes, variableBinary, asciiText
    }

    let kind: Kind
    let byteCount: UInt8
    /// 0, or 0xff for descending columns.
    let mask: UInt8
    let key: ColumnKey
}

/// How the keys of one index are made. Never changes; any number of threads use it, each with a `KeyScratch` of its
/// own.
public final class KeyPlan: @unchecked Sendable {
    /// The index.
    public let index: IndexDefinition
    /// The columns that the keys and conditions depend on.
    public let columns: ColumnSet
    /// Room that a key's buffer must have: the longest key, and a byte for limits.
    public let bufferByteCount: Int
    /// Whether records have exactly one key, or none: no several values, no substrings.
    public let isSingle: Bool
    /// The number of key columns.
    public let segmentCount: Int

    let segments: UnsafeMutablePointer<FastSegment>
    /// How many of `segments` are there; 0 if some column needs the general path.
    let fastCount: Int
    private let entryPlan: IndexEntryPlan
    private let keyBuilder: KeyBuilder
    let guidOrder: UnsafeMutablePointer<UInt8>
    let maximum: Int
    private let nullPrefix: UInt8

    /// Prepares for an index.
    /// - Parameters:
    ///   - index: The index.
    ///   - shape: Its table.
    ///   - collator: The order of Unicode text that the index asks for; nil if not available.
    /// - Throws: `databaseCorrupted` if the index names columns that are not there or limits that are impossible.
    public init(
        index: IndexDefinition, shape: RecordShape, collator: (any TextCollator)? = nil
    ) throws(JetError) {
        do throws(FormatError) {
            entryPlan = try IndexEntryPlan(index: index, columns: shape.definitions, collator: collator)
            keyBuilder = try KeyBuilder(index: index, columns: shape.definitions, collator: collator)
        } catch { throw .databaseCorrupted }
        self.index = index
        maximum = index.maximumKeyByteCount
        bufferByteCount = maximum + 1
        segmentCount = index.segments.count
        nullPrefix = index.flags.contains(.nullsSortHigh) ? 0xc0 : 0
        var columns = ColumnSet()
        for segment in index.segments + index.conditions { columns.insert(segment.column) }
        self.columns = columns
        segments = .allocate(capacity: index.segments.count)
        guidOrder = .allocate(capacity: 16)
        let isDotNet = index.flags.contains(.dotNetGUID)
        let order: [UInt8] =
            isDotNet
            ? [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
            : [10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3]
        for (place, byte) in order.enumerated() { guidOrder[place] = byte }
        var fast: [FastSegment] = []
        var most = 0
        var expands = false
        for segment in index.segments {
            let key = ColumnKey(segment.column, isFromTemplate: segment.isFromTemplate)
            guard let column = shape.column(key) else { throw .databaseCorrupted }
            let isMultivalued = column.storage == .tagged && column.flags.contains(.multivalued)
            if isMultivalued, index.flags.contains(.multivalued) { expands = true }
            guard let (kind, count) = Self.kind(of: column) else { continue }
            most += 1 + count
            fast.append(
                FastSegment(
                    kind: kind, byteCount: UInt8(truncatingIfNeeded: count), mask: segment.isDescending ? 0xff : 0,
                    key: column.key))
        }
        isSingle = !index.flags.contains(.tuples) && (!expands || index.flags.contains(.primary))
        let hasLimit = index.maximumSegmentByteCount > 0 && index.maximumSegmentByteCount < maximum
        let isFast =
            fast.count == index.segments.count && most <= maximum && !hasLimit && isSingle
            && !index.flags.contains(.tuples)
        for (place, segment) in fast.enumerated() where isFast { (segments + place).initialize(to: segment) }
        fastCount = isFast ? fast.count : 0
    }

    deinit {
        segments.deallocate()
        guidOrder.deallocate()
    }

    /// How the fast path makes a column's segment; with the bytes that follow the prefix, 0 where that depends.
    private static func kind(of column: RecordColumn) -> (FastSegment.Kind, Int)? {
        guard column.storage != .tagged else { return nil }
        let size = Int(column.maximumByteCount)
        switch column.type {
        case .bit: return (.bit, 1)
        case .unsignedByte, .unsignedShort, .unsignedLong, .unsignedLongLong: return (.unsigned, size)
        case .short, .long, .longLong, .currency: return (.signed, size)
        case .single, .double, .dateTime: return (.floating, size)
        case .guid: return (.guid, 16)
        case .binary: return column.storage == .fixed ? (.fixedBytes, size) : (.variableBinary, 0)
        case .text:
            guard column.codePage != 1_200, column.storage == .variable else { return nil }
            return (.asciiText, 0)
        default: return nil
        }
    }

    /// Whether a change of these columns may change the record's keys.
    @inline(__always)
    public func isAffected(by changed: ColumnSet) -> Bool { columns.mayIntersect(changed) }

    // MARK: One key.

    /// Makes the key of a record in a primary index, or the first key in an index where it has one.
    /// - Parameters:
    ///   - record: The record.
    ///   - buffer: Gets the key; has room for `bufferByteCount` bytes.
    ///   - longValues: Lends long values; nil if no key column is one.
    /// - Throws: `nullKeyDisallowed`, `keyTruncated` where the index forbids these; `databaseCorrupted`;
    ///   `unicodeNormalizationNotSupported` if the order of some text is not known.
    @inline(__always)
    public func makeKey(
        of record: RecordView, into buffer: UnsafeMutableRawBufferPointer, _ scratch: KeyScratch,
        longValues: (any LongValueLender)? = nil
    ) throws(JetError) -> KeyResult {
        guard fastCount > 0, let target = buffer.baseAddress, buffer.count >= bufferByteCount else {
            return try makeSlowKey(of: record, into: buffer, scratch, longValues)
        }
        let count = try fastKey(of: record, into: target)
        guard count >= 0 else { return try makeSlowKey(of: record, into: buffer, scratch, longValues) }
        return KeyResult(count)
    }

    /// The key of plain columns without NULL; -1 if the general path is needed.
    @inline(__always)
    private func fastKey(of record: RecordView, into target: UnsafeMutableRawPointer) throws(JetError) -> Int {
        let segments = segments
        var length = 0
        for place in 0..<fastCount {
            let field = try record.field(segments[place].key)
            guard !field.isNull, let start = field.bytes.baseAddress, field.bytes.count > 0 else { return -1 }
            let added = append(segments + place, start, field.bytes.count, to: target + length, room: maximum &- length)
            guard added > 0 else { return -1 }
            length &+= added
        }
        return length
    }

    /// Writes one segment; 0 if it doesn't fit whole, or needs the general path.
    @inline(__always)
    func append(
        _ segment: UnsafePointer<FastSegment>, _ value: UnsafeRawPointer, _ count: Int,
        to target: UnsafeMutableRawPointer, room: Int
    ) -> Int {
        let mask = segment.pointee.mask
        let kind = segment.pointee.kind
        if kind == .signed || kind == .unsigned || kind == .floating {
            let size = Int(segment.pointee.byteCount)
            guard size < room else { return 0 }
            target.setByte(0, 0x7f ^ mask)
            let wide: UInt64 = mask == 0 ? 0 : ~0
            switch size {
            case 8:
                let bits = UInt64(littleEndian: value.loadUnaligned(as: UInt64.self))
                (target + 1).storeBytes(of: (Self.order(bits, 1 << 63, kind) ^ wide).bigEndian, as: UInt64.self)
            case 4:
                let bits = UInt64(UInt32(littleEndian: value.loadUnaligned(as: UInt32.self)))
                let ordered = UInt32(truncatingIfNeeded: Self.order(bits, 1 << 31, kind) ^ wide)
                (target + 1).storeBytes(of: ordered.bigEndian, as: UInt32.self)
            case 2:
                let bits = UInt64(UInt16(littleEndian: value.loadUnaligned(as: UInt16.self)))
                let ordered = UInt16(truncatingIfNeeded: Self.order(bits, 1 << 15, kind) ^ wide)
                (target + 1).storeBytes(of: ordered.bigEndian, as: UInt16.self)
            default:
                target.setByte(1, value.byte(0) ^ mask)
            }
            return 1 &+ size
        }
        return appendBytes(segment, value, count, to: target, room: room)
    }

    @inline(__always)
    private static func order(_ bits: UInt64, _ sign: UInt64, _ kind: FastSegment.Kind) -> UInt64 {
        switch kind {
        case .signed: bits ^ sign
        case .floating: bits & sign != 0 ? ~bits : bits ^ sign
        default: bits
        }
    }

    private func appendBytes(
        _ segment: UnsafePointer<FastSegment>, _ value: UnsafeRawPointer, _ count: Int,
        to target: UnsafeMutableRawPointer, room: Int
    ) -> Int {
        var end = 1
        target.setByte(0, 0x7f)
        switch segment.pointee.kind {
        case .bit:
            guard room >= 2 else { return 0 }
            target.setByte(1, value.byte(0) == 0 ? 0 : 0xff)
            end = 2
        case .guid:
            guard room >= 17, count == 16 else { return 0 }
            for place in 0..<16 { target.setByte(1 &+ place, value.byte(Int(guidOrder[place]))) }
            end = 17
        case .fixedBytes:
            guard count < room else { return 0 }
            (target + 1).copyMemory(from: value, byteCount: count)
            end = 1 &+ count
        case .variableBinary:
            let groups = (count &+ 7) >> 3
            guard 1 &+ 9 &* groups < room else { return 0 }
            for group in 0..<groups {
                let left = min(8, count &- 8 &* group)
                (target + end).copyMemory(from: value + 8 &* group, byteCount: left)
                for place in left..<8 { target.setByte(end &+ place, 0) }
                target.setByte(end &+ 8, group &+ 1 == groups ? UInt8(truncatingIfNeeded: left) : 9)
                end &+= 9
            }
        case .asciiText:
            guard count &+ 2 < room else { return 0 }
            for place in 0..<count {
                let byte = value.byte(place)
                if byte == 0 { break }
                target.setByte(end, byte >= 0x61 && byte <= 0x7a ? byte &- 0x20 : byte)
                end &+= 1
            }
            target.setByte(end, 0)
            end &+= 1
        default: return 0
        }
        if segment.pointee.mask != 0 {
            for place in 0..<end { target.setByte(place, ~target.byte(place)) }
        }
        return end
    }

    // MARK: The general path.

    @inline(never)
    private func makeSlowKey(
        of record: RecordView, into buffer: UnsafeMutableRawBufferPointer, _ scratch: KeyScratch,
        _ longValues: (any LongValueLender)?
    ) throws(JetError) -> KeyResult {
        precondition(buffer.count >= bufferByteCount, "room for the longest key")
        scratch.prepare(self)
        let row = RecordRow(record, longValues)
        let report: KeyReport
        do throws(FormatError) {
            report = try scratch.buildKey(of: row)
        } catch {
            throw row.error(error)
        }
        guard report.isExact else { throw .unicodeNormalizationNotSupported }
        if index.flags.contains(.noNullSegment), report.nulls != .none { throw .nullKeyDisallowed }
        if index.flags.contains(.disallowTruncation), report.isTruncated { throw .keyTruncated }
        let key = scratch.key
        key.withUnsafeBytes { buffer.copyMemory(from: $0) }
        return KeyResult(key.count, report.nulls, isTruncated: report.isTruncated)
    }

    /// Hands out all keys of a record, each once, in the engine's order; none if the index leaves the record out.
    /// - Parameters:
    ///   - record: The record.
    ///   - body: Gets each key; the bytes are its only during the call.
    /// - Returns: How many keys there were.
    /// - Throws: As `makeKey`; `recordTooBig` if there are more than `IndexEntryPlan.maximumEntryCount`; what `body`
    ///   throws.
    @discardableResult
    public func forEachKey(
        of record: RecordView, _ scratch: KeyScratch, longValues: (any LongValueLender)? = nil,
        _ body: (UnsafeRawBufferPointer) throws(JetError) -> Void
    ) throws(JetError) -> Int {
        if fastCount > 0, index.conditions.isEmpty {
            let buffer = scratch.room(bufferByteCount)
            let count = try fastKey(of: record, into: buffer)
            if count >= 0 {
                try body(UnsafeRawBufferPointer(start: buffer, count: count))
                return 1
            }
        }
        scratch.prepare(self)
        let row = RecordRow(record, longValues)
        var failure: JetError?
        let entries: IndexEntries
        do throws(FormatError) {
            entries = try scratch.forEachKey(of: row) { (key: RawSpan) throws(FormatError) in
                do throws(JetError) {
                    try key.withUnsafeBytes { (bytes) throws(JetError) in try body(bytes) }
                } catch {
                    failure = error
                    throw FormatError(.badKey, at: 0)
                }
            }
        } catch {
            throw failure ?? row.error(error)
        }
        guard entries.isExact else { throw .unicodeNormalizationNotSupported }
        if entries.hasDisallowedNull { throw .nullKeyDisallowed }
        if entries.isTruncated, index.flags.contains(.disallowTruncation) { throw .keyTruncated }
        guard entries.isComplete else { throw .recordTooBig }
        return entries.count
    }

    /// Copies of the general machinery, which keeps buffers.
    var machinery: (entries: IndexEntryPlan, builder: KeyBuilder) { (entryPlan, keyBuilder) }
}

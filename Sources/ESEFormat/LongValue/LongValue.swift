// Layer: ESEFormat/LongValue. Used by: the reader's long values, verification.
// Long values that stand outside their record: a tree with a root node and chunks for each.

/// The number of a long value in its table's tree: 32 bits, in newest formats 64 with the highest set. ESE's name: LID.
public struct LongValueID: Hashable, Comparable, Sendable {
    /// The number.
    public let rawValue: UInt64
    /// Whether it has 64 bits.
    public let isWide: Bool

    /// Makes an ID of 32 bits.
    public init(_ value: UInt32) {
        rawValue = UInt64(value)
        isWide = false
    }

    /// Makes an ID of 64 bits.
    public init(wide value: UInt64) {
        rawValue = value
        isWide = true
    }

    /// Reads it as a record has it: 4 or 8 bytes, little-endian.
    /// - Throws: `badLongValue` for any other count of bytes.
    public init(inRecord bytes: RawSpan) throws(FormatError) {
        switch bytes.byteCount {
        case 4: self.init(try bytes.little(0, as: UInt32.self))
        case 8: self.init(wide: try bytes.little(0))
        default: throw FormatError(.badLongValue, at: 0)
        }
    }

    /// As a record has it.
    public var recordBytes: [UInt8] { keyBytes.reversed() }

    /// The key of its root node: 4 or 8 bytes, big-endian.
    public var keyBytes: [UInt8] {
        let count = isWide ? 8 : 4
        return (0..<count).map { UInt8(truncatingIfNeeded: rawValue >> (8 * (count - 1 - $0))) }
    }

    /// The key of the chunk that starts at `offset` bytes of the value.
    public func chunkKey(at offset: UInt32) -> [UInt8] {
        keyBytes + (0..<4).map { UInt8(truncatingIfNeeded: offset >> (8 * (3 - $0))) }
    }

    /// Orders by kind, then number, as their keys do.
    public static func < (a: Self, b: Self) -> Bool { a.keyBytes.lexicographicallyPrecedes(b.keyBytes) }
}

extension LongValueID: CustomStringConvertible {
    /// The number in decimal, wide ones in hexadecimal.
    public var description: String {
        isWide ? "0x" + String(rawValue, radix: 16) : String(rawValue)
    }
}

/// The key of a node of a long-value tree.
public struct LongValueKey: Hashable, Sendable {
    /// Whose.
    public let id: LongValueID
    /// Where the chunk starts in the uncompressed value, in bytes; nil for the root node.
    public let offset: UInt32?

    /// Makes a key.
    public init(id: LongValueID, offset: UInt32?) {
        self.id = id
        self.offset = offset
    }

    /// Reads a key of 4, 8 or 12 bytes. Eight are a chunk of a 32-bit ID unless the highest bit is set: then they are
    /// the root of a 64-bit one.
    /// - Throws: `badKey` for any other count of bytes.
    public init(_ key: RawSpan) throws(FormatError) {
        switch key.byteCount {
        case 4: self.init(id: LongValueID(try key.big(0, as: UInt32.self)), offset: nil)
        case 8:
            let whole: UInt64 = try key.big(0)
            if whole >> 63 == 1 {
                self.init(id: LongValueID(wide: whole), offset: nil)
            } else {
                self.init(id: LongValueID(UInt32(truncatingIfNeeded: whole >> 32)), offset: try key.big(4))
            }
        case 12: self.init(id: LongValueID(wide: try key.big(0)), offset: try key.big(8))
        default: throw FormatError(.badKey, at: 0)
        }
    }
}

/// The root node of a long value. ESE's name: LVROOT, LVROOT2.
public struct LongValueRoot: Hashable, Sendable {
    /// How many records have it; 0 for one that was left behind.
    public var referenceCount: UInt32
    /// Bytes of the uncompressed value.
    public var byteCount: UInt32
    /// The flags of newer formats; nil where there are none. Bit 0: encrypted.
    public var flags: UInt8?

    /// Makes a root.
    public init(referenceCount: UInt32, byteCount: UInt32, flags: UInt8? = nil) {
        self.referenceCount = referenceCount
        self.byteCount = byteCount
        self.flags = flags
    }

    /// Reads the data of a root node: 8 bytes, 9 in newer formats.
    /// - Throws: `badLongValue` for any other count of bytes.
    public init(_ data: RawSpan) throws(FormatError) {
        guard data.byteCount == 8 || data.byteCount == 9 else { throw FormatError(.badLongValue, at: 0) }
        referenceCount = try data.little(0)
        byteCount = try data.little(4)
        flags = data.byteCount == 9 ? try data.byte(8) : nil
    }

    /// The data of the node.
    public var bytes: [UInt8] {
        var bytes = (0..<4).map { UInt8(truncatingIfNeeded: referenceCount >> (8 * $0)) }
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: byteCount >> (8 * $0)) }
        if let flags { bytes.append(flags) }
        return bytes
    }

    /// Whether the value is encrypted.
    public var isEncrypted: Bool { (flags ?? 0) & 1 != 0 }
}

// Layer: SNMPCodec. Uses: BERTag, BERError. Used by: message layouts, bindings.
// Reads BER elements out of a bounds-checked span. A reader is two numbers (where it stands, where its container ends);
// the bytes are handed to each call, so that layouts can be kept while the bytes stay where they are.

extension RawSpan {
    /// The octet at `offset`. Out of range traps: callers compare with the end of their container first.
    @inlinable
    @inline(__always)
    func octet(_ offset: Int) -> UInt8 {
        // `unsafeLoad` of a single octet has no alignment to get wrong, and checks its bounds.
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The octets of `range` as an array. The range comes out of a reader over these bytes.
    @inlinable
    public func octets(_ range: Range<Int>) -> [UInt8] {
        extracting(range).withUnsafeBytes { [UInt8]($0) }
    }
}

/// A position inside a BER container.
@frozen
public struct BERReader: Sendable {
    /// Offset of the next octet from the start of the message.
    public var offset: Int
    /// Offset behind the last octet of the container.
    public let end: Int

    /// A reader over `range` of the bytes that are handed to its methods.
    @inlinable
    public init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    /// A reader over all of `bytes`.
    @inlinable
    public init(_ bytes: RawSpan) {
        offset = 0
        end = bytes.byteCount
    }

    /// Whether the container is exhausted.
    @inlinable
    public var isAtEnd: Bool { offset >= end }

    /// Reads a tag and a length and steps over the content, whose range it returns.
    ///
    /// Lengths of up to four octets are read, minimal or not; the content must lie inside the container.
    @inlinable
    public mutating func element(_ bytes: RawSpan) throws(BERError) -> (tag: UInt8, content: Range<Int>) {
        guard end - offset >= 2 else { throw BERError(.truncated, at: offset) }
        let tag = bytes.octet(offset)
        let first = bytes.octet(offset + 1)
        var start = offset + 2
        var length = Int(first)
        if first >= 0x80 {
            let octetCount = Int(first & 0x7F)
            guard octetCount >= 1, octetCount <= 4 else { throw BERError(.badLength, at: offset + 1) }
            guard end - start >= octetCount else { throw BERError(.truncated, at: start) }
            length = 0
            for index in 0..<octetCount { length = length << 8 | Int(bytes.octet(start + index)) }
            start += octetCount
        }
        guard length <= end - start else { throw BERError(.lengthBeyondContainer, at: offset) }
        offset = start + length
        return (tag, start..<start + length)
    }

    /// Reads an element that must have `tag`.
    @inlinable
    public mutating func content(_ tag: UInt8, _ bytes: RawSpan) throws(BERError) -> Range<Int> {
        let start = offset
        let (found, content) = try element(bytes)
        guard found == tag else { throw BERError(.unexpectedTag, at: start) }
        return content
    }

    /// Reads an INTEGER that must fit into 32 bits after tolerated padding.
    @inlinable
    public mutating func integer(_ bytes: RawSpan, _ deviations: inout Deviations) throws(BERError) -> Int32 {
        let start = offset
        let range = try content(BERTag.integer, bytes)
        guard !range.isEmpty else { throw BERError(.badInteger, at: start) }
        return try BER.signed(bytes, range, &deviations)
    }
}

/// Content octets to values.
public enum BER {
    /// The longest number that is tolerated: eight octets and a leading zero, doubled for devices that pad.
    @usableFromInline
    static let maximumIntegerByteCount = 18

    /// A signed 32-bit number from content octets; not empty.
    @inlinable
    public static func signed(
        _ bytes: RawSpan, _ range: Range<Int>, _ deviations: inout Deviations
    ) throws(BERError) -> Int32 {
        let count = range.count
        guard count >= 1, count <= maximumIntegerByteCount else { throw BERError(.badInteger, at: range.lowerBound) }
        let first = bytes.octet(range.lowerBound)
        let sign: Int64 = first & 0x80 == 0 ? 0 : -1
        var value = sign
        // Octets above the low eight that are not only sign.
        var lost: Int64 = 0
        var index = range.lowerBound
        while index < range.upperBound {
            lost |= (value >> 56) ^ sign
            value = value << 8 | Int64(bytes.octet(index))
            index += 1
        }
        if count > 1 {
            let second = bytes.octet(range.lowerBound + 1)
            if (first == 0 && second & 0x80 == 0) || (first == 0xFF && second & 0x80 != 0) {
                deviations.insert(.paddedInteger)
            }
            if count > 4 {
                // Five octets and more: either padding of a 32-bit number, or a number that does not fit.
                if lost != 0 || value != Int64(Int32(truncatingIfNeeded: value)) {
                    deviations.insert(.oversizedInteger)
                }
            }
        }
        return Int32(truncatingIfNeeded: value)
    }

    /// An unsigned number of at most `bits` (32 or 64) from content octets; not empty.
    @inlinable
    public static func unsigned(
        _ bytes: RawSpan, _ range: Range<Int>, bits: Int, _ deviations: inout Deviations
    ) throws(BERError) -> UInt64 {
        let count = range.count
        guard count >= 1, count <= maximumIntegerByteCount else { throw BERError(.badInteger, at: range.lowerBound) }
        let first = bytes.octet(range.lowerBound)
        var value: UInt64 = 0
        var lost: UInt64 = 0
        var index = range.lowerBound
        while index < range.upperBound {
            lost |= value >> 56
            value = value << 8 | UInt64(bytes.octet(index))
            index += 1
        }
        if count > 1 {
            if first == 0, bytes.octet(range.lowerBound + 1) & 0x80 == 0 { deviations.insert(.paddedInteger) }
        }
        if first & 0x80 != 0 { deviations.insert(.unsignedWithoutLeadingZero) }
        if bits == 32 {
            if lost != 0 || value > 0xFFFF_FFFF { deviations.insert(.oversizedInteger) }
            return value & 0xFFFF_FFFF
        }
        if lost != 0 { deviations.insert(.oversizedInteger) }
        return value
    }

    /// An object identifier from content octets, replacing what `name` held.
    @inlinable
    public static func objectIdentifier(
        _ bytes: RawSpan, _ range: Range<Int>, into name: inout ObjectIdentifier, _ deviations: inout Deviations
    ) throws(BERError) {
        name.removeAll()
        guard !range.isEmpty else {
            deviations.insert(.emptyObjectIdentifier)
            name.append(0)
            name.append(0)
            return
        }
        var index = range.lowerBound
        let end = range.upperBound
        while index < end {
            var octet = bytes.octet(index)
            index += 1
            var arc = UInt64(octet & 0x7F)
            if octet & 0x80 != 0 {
                if octet == 0x80 { deviations.insert(.paddedSubidentifier) }
                repeat {
                    guard index < end else { throw BERError(.badObjectIdentifier, at: index) }
                    octet = bytes.octet(index)
                    index += 1
                    arc = arc << 7 | UInt64(octet & 0x7F)
                    // The first sub-identifier holds two arcs: 40 * x + y, so up to 2^32 + 79.
                    guard arc <= 0xFFFF_FFFF + 80 else { throw BERError(.badObjectIdentifier, at: index - 1) }
                } while octet & 0x80 != 0
            }
            if name.isEmpty {
                let root = min(arc / 40, 2)
                name.append(UInt32(root))
                arc -= root * 40
            }
            guard arc <= 0xFFFF_FFFF, name.append(UInt32(arc)) else {
                throw BERError(.badObjectIdentifier, at: index - 1)
            }
        }
    }
}

/// One variable binding as it lies in a message: the value's tag and where its content is.
@frozen
public struct RawBinding: Sendable {
    /// Content octets of the name.
    public var name: Range<Int>
    /// Tag of the value.
    public var tag: UInt8
    /// Content octets of the value.
    public var content: Range<Int>

    /// Makes a binding from its parts.
    @inlinable
    public init(name: Range<Int>, tag: UInt8, content: Range<Int>) {
        self.name = name
        self.tag = tag
        self.content = content
    }
}

extension BERReader {
    /// Reads the next variable binding of a list without allocating; nil at the end of the list.
    @inlinable
    public mutating func binding(
        _ bytes: RawSpan, _ deviations: inout Deviations
    ) throws(BERError) -> RawBinding? {
        guard !isAtEnd else { return nil }
        let pair = try content(BERTag.sequence, bytes)
        var inner = BERReader(pair)
        let name = try inner.content(BERTag.objectIdentifier, bytes)
        let (tag, value) = try inner.element(bytes)
        if !inner.isAtEnd { deviations.insert(.octetsAfterPDU) }
        return RawBinding(name: name, tag: tag, content: value)
    }
}

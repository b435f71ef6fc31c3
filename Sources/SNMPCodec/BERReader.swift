// Layer: SNMPCodec. Uses: BERTag, BERError. Used by: message layouts, bindings.
// Reads BER elements out of a bounds-checked span. A reader is two numbers (where it stands, where its container ends);
// the bytes are handed to each call, so that layouts can be kept while the bytes stay where they are.
//
// This file is one of two in the module that read or write without a check for each octet. Every function that does so
// first calls `requireInside` for all it may touch (B1), and then stays inside by comparing with that range's end.
// Offsets inside are at most the bytes' count, so sums of an offset and a length field of 32 bits can't overflow.

extension RawSpan {
    /// Checks that `range` lies inside (B1): a reader or layout used with other bytes than its own is our own bug.
    @inlinable
    @inline(__always)
    func requireInside(_ lower: Int, _ upper: Int) {
        precondition(lower >= 0 && lower <= upper && upper <= byteCount, "octets outside the message")
    }

    /// The octet at `offset`. Outside is our own bug.
    @inlinable
    @inline(__always)
    func octet(_ offset: Int) -> UInt8 {
        // A single octet has no alignment to get wrong; the bounds are checked.
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The octet at `offset`, which lies in a range that `requireInside` was called for (B1). Only for this file.
    @inlinable
    @inline(__always)
    func uncheckedOctet(_ offset: Int) -> UInt8 {
        unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// The number made of the octets of `range`, 1...8 of them, high octet first. Unchecked like `uncheckedOctet`.
    @inlinable
    @inline(__always)
    func uncheckedNumber(_ range: Range<Int>) -> UInt64 {
        var value: UInt64 = 0
        var index = range.lowerBound
        while index < range.upperBound {
            value = value &<< 8 | UInt64(uncheckedOctet(index))
            index &+= 1
        }
        return value
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
    @inline(__always)
    public mutating func element(_ bytes: RawSpan) throws(BERError) -> (tag: UInt8, content: Range<Int>) {
        bytes.requireInside(offset, end)
        guard end &- offset >= 2 else { throw BERError(.truncated, at: offset) }
        let tag = bytes.uncheckedOctet(offset)
        var length = Int(bytes.uncheckedOctet(offset &+ 1))
        var start = offset &+ 2
        if length >= 0x80 { length = try longLength(bytes, length & 0x7F, &start) }
        guard length <= end &- start else { throw BERError(.lengthBeyondContainer, at: offset) }
        offset = start &+ length
        return (tag, Range(uncheckedBounds: (start, start &+ length)))
    }

    /// A length of `octetCount` octets at `start`; steps over it. `element` has checked the bytes.
    @usableFromInline
    func longLength(_ bytes: RawSpan, _ octetCount: Int, _ start: inout Int) throws(BERError) -> Int {
        guard octetCount >= 1, octetCount <= 4 else { throw BERError(.badLength, at: start - 1) }
        guard end - start >= octetCount else { throw BERError(.truncated, at: start) }
        let length = bytes.uncheckedNumber(start..<start + octetCount)
        start += octetCount
        return Int(truncatingIfNeeded: length)
    }

    /// Reads an element that must have `tag`.
    @inlinable
    @inline(__always)
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
        bytes.requireInside(range.lowerBound, range.upperBound)
        guard count >= 1, count <= 4 else { return try longSigned(bytes, range, &deviations) }
        let first = bytes.uncheckedOctet(range.lowerBound)
        if count > 1, first &+ 1 <= 1, (first ^ bytes.uncheckedOctet(range.lowerBound &+ 1)) & 0x80 == 0 {
            deviations.insert(.paddedInteger)
        }
        // The number moves to the top, and comes back with its sign.
        let shift = 32 &- 8 &* Int32(truncatingIfNeeded: count)
        return (Int32(truncatingIfNeeded: bytes.uncheckedNumber(range)) &<< shift) &>> shift
    }

    /// A signed number of five octets and more: either padding of a 32-bit number, or a number that does not fit.
    @usableFromInline
    static func longSigned(
        _ bytes: RawSpan, _ range: Range<Int>, _ deviations: inout Deviations
    ) throws(BERError) -> Int32 {
        guard range.count >= 1, range.count <= maximumIntegerByteCount else {
            throw BERError(.badInteger, at: range.lowerBound)
        }
        let first = bytes.uncheckedOctet(range.lowerBound)
        let sign: UInt8 = first & 0x80 == 0 ? 0 : 0xFF
        if first == sign, (first ^ bytes.uncheckedOctet(range.lowerBound + 1)) & 0x80 == 0 {
            deviations.insert(.paddedInteger)
        }
        let low = range.upperBound - 4
        let value = Int32(truncatingIfNeeded: bytes.uncheckedNumber(low..<range.upperBound))
        let isOnlySign = (range.lowerBound..<low).allSatisfy { bytes.uncheckedOctet($0) == sign }
        if !isOnlySign || UInt8(truncatingIfNeeded: value >> 31) != sign { deviations.insert(.oversizedInteger) }
        return value
    }

    /// An unsigned number of at most `bits` (32 or 64) from content octets; not empty.
    @inlinable
    public static func unsigned(
        _ bytes: RawSpan, _ range: Range<Int>, bits: Int, _ deviations: inout Deviations
    ) throws(BERError) -> UInt64 {
        let count = range.count
        bytes.requireInside(range.lowerBound, range.upperBound)
        guard count >= 1, count <= maximumIntegerByteCount else { throw BERError(.badInteger, at: range.lowerBound) }
        let first = bytes.uncheckedOctet(range.lowerBound)
        var value: UInt64
        var isTooLarge = false
        if count <= 8 {
            value = bytes.uncheckedNumber(range)
        } else {
            let low = range.upperBound &- 8
            value = bytes.uncheckedNumber(low..<range.upperBound)
            // Nine octets are usual: a leading zero and all bits of a Counter64.
            isTooLarge = first != 0
            var index = range.lowerBound &+ 1
            while index < low {
                if bytes.uncheckedOctet(index) != 0 { isTooLarge = true }
                index &+= 1
            }
        }
        if first == 0 {
            if count > 1, bytes.uncheckedOctet(range.lowerBound &+ 1) & 0x80 == 0 { deviations.insert(.paddedInteger) }
        } else if first & 0x80 != 0 {
            deviations.insert(.unsignedWithoutLeadingZero)
        }
        if bits == 32, value > 0xFFFF_FFFF {
            isTooLarge = true
            value &= 0xFFFF_FFFF
        }
        if isTooLarge { deviations.insert(.oversizedInteger) }
        return value
    }

    /// An object identifier from content octets, replacing what `name` held. When it throws, `name` is some identifier.
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
        bytes.requireInside(range.lowerBound, range.upperBound)
        var index = range.lowerBound
        let end = range.upperBound
        // The first sub-identifier holds two arcs: 40 * x + y, so up to 2^32 + 79.
        let first = try subidentifier(bytes, &index, end, limit: 0xFFFF_FFFF + 80, &deviations)
        let root = min(first / 40, 2)
        name.inline[0] = UInt32(truncatingIfNeeded: root)
        name.inline[1] = UInt32(truncatingIfNeeded: first - root * 40)
        var count = 2
        while index < end, count < ObjectIdentifier.inlineCapacity {
            let octet = bytes.uncheckedOctet(index)
            if octet < 0x80 {
                name.inline[count] = UInt32(octet)
                index &+= 1
            } else {
                let arc = try subidentifier(bytes, &index, end, limit: 0xFFFF_FFFF, &deviations)
                name.inline[count] = UInt32(truncatingIfNeeded: arc)
            }
            count &+= 1
        }
        name.arcCount = UInt32(truncatingIfNeeded: count)
        if index < end { try restOfObjectIdentifier(bytes, index..<end, into: &name, &deviations) }
    }

    /// The arcs that do not fit inline.
    @usableFromInline
    static func restOfObjectIdentifier(
        _ bytes: RawSpan, _ range: Range<Int>, into name: inout ObjectIdentifier, _ deviations: inout Deviations
    ) throws(BERError) {
        var index = range.lowerBound
        while index < range.upperBound {
            let arc = try subidentifier(bytes, &index, range.upperBound, limit: 0xFFFF_FFFF, &deviations)
            guard name.append(UInt32(truncatingIfNeeded: arc)) else {
                throw BERError(.badObjectIdentifier, at: index - 1)
            }
        }
    }

    /// The sub-identifier at `index`, which is less than `end`; steps over it. Throws when it is greater than `limit`.
    @inlinable
    static func subidentifier(
        _ bytes: RawSpan, _ index: inout Int, _ end: Int, limit: UInt64, _ deviations: inout Deviations
    ) throws(BERError) -> UInt64 {
        var octet = bytes.uncheckedOctet(index)
        index &+= 1
        var arc = UInt64(octet & 0x7F)
        if octet == 0x80 { deviations.insert(.paddedSubidentifier) }
        while octet & 0x80 != 0 {
            guard index < end else { throw BERError(.badObjectIdentifier, at: index) }
            octet = bytes.uncheckedOctet(index)
            index &+= 1
            arc = arc &<< 7 | UInt64(octet & 0x7F)
            guard arc <= limit else { throw BERError(.badObjectIdentifier, at: index - 1) }
        }
        return arc
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

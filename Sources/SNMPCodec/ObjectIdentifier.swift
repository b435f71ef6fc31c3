// Layer: SNMPCodec. Uses: nothing. Used by: everything that names a managed object.
// An object identifier with inline storage: the OIDs of real devices fit without allocation (the median of
// recorded walks has 13 arcs), longer ones up to the limit of 128 move to the heap.

/// A sequence of up to 128 sub-identifiers ("arcs") of 32 bits each (RFC 2578, section 3.5).
///
/// Ordered lexicographically, as GETNEXT walks. Values of up to 20 arcs need no heap allocation.
public struct ObjectIdentifier: Sendable {
    /// The greatest number of arcs that SNMP allows (RFC 2578, section 3.5).
    public static let maximumArcCount = 128

    /// The number of arcs kept without allocation.
    @usableFromInline
    static let inlineCapacity = 20

    @usableFromInline
    var inline: InlineArray<20, UInt32>
    /// All arcs, when there are more than fit inline; otherwise nil.
    @usableFromInline
    var spill: [UInt32]?
    @usableFromInline
    var arcCount: UInt32

    /// The empty identifier: the start of every walk, and never the name of an object.
    @inlinable
    public init() {
        inline = InlineArray(repeating: 0)
        spill = nil
        arcCount = 0
    }

    /// Makes an identifier from arcs; nil if there are more than 128.
    public init?(arcs: some Sequence<UInt32>) {
        self.init()
        for arc in arcs {
            guard append(arc) else { return nil }
        }
    }

    /// Makes an identifier from a span of arcs; nil if there are more than 128.
    public init?(span: Span<UInt32>) {
        self.init()
        for index in span.indices {
            guard append(span[index]) else { return nil }
        }
    }

    /// Reads dotted decimal, with or without a leading dot: `1.3.6.1.2.1.1.3.0`. Nil if malformed, if an arc does not
    /// fit into 32 bits, or if there are more than 128.
    public init?(_ text: some StringProtocol) {
        self.init()
        var value: UInt64 = 0
        var digits = 0
        var bytes = text.utf8.makeIterator()
        var first = true
        while let byte = bytes.next() {
            defer { first = false }
            switch byte {
            case 0x30...0x39:
                value = value * 10 + UInt64(byte - 0x30)
                digits += 1
                guard value <= 0xFFFF_FFFF else { return nil }
            case 0x2E where first: continue
            case 0x2E:
                guard digits > 0, append(UInt32(value)) else { return nil }
                value = 0
                digits = 0
            default: return nil
            }
        }
        guard digits > 0, append(UInt32(value)) else { return nil }
    }

    /// The number of arcs, 0...128.
    @inlinable
    public var count: Int { Int(arcCount) }

    /// Whether there are no arcs.
    @inlinable
    public var isEmpty: Bool { arcCount == 0 }

    /// The arc at `index`, 0..<count.
    @inlinable
    public subscript(index: Int) -> UInt32 {
        precondition(index >= 0 && index < count, "arc index out of range")
        if let spill { return spill[index] }
        // Through its span, because the subscript of the inline array copies all of it.
        return inline.span[index]
    }

    /// Lends the arcs to `body`: faster in loops than the subscript, which looks for the storage each time.
    @inlinable
    @inline(__always)
    public func withSpan<R, E: Error>(_ body: (Span<UInt32>) throws(E) -> R) throws(E) -> R {
        if let spill { return try body(spill.span) }
        return try body(inline.span.extracting(first: Int(arcCount)))
    }

    /// The last arc, or nil if there is none.
    @inlinable
    public var last: UInt32? { isEmpty ? nil : self[count - 1] }

    /// Adds an arc at the end; false, and no change, if there are 128 already.
    @inlinable
    @discardableResult
    public mutating func append(_ arc: UInt32) -> Bool {
        let count = Int(arcCount)
        if count < ObjectIdentifier.inlineCapacity {
            inline[count] = arc
        } else {
            guard count < ObjectIdentifier.maximumArcCount else { return false }
            spillAppend(arc)
        }
        arcCount += 1
        return true
    }

    @usableFromInline
    mutating func spillAppend(_ arc: UInt32) {
        if spill == nil {
            var arcs = [UInt32]()
            arcs.reserveCapacity(count + 12)
            for index in 0..<count { arcs.append(inline[index]) }
            spill = arcs
        }
        spill?.append(arc)
    }

    /// Removes all arcs.
    @inlinable
    public mutating func removeAll() {
        arcCount = 0
        if spill != nil { spill = nil }
    }

    /// The arcs as an array.
    public var arcs: [UInt32] { spill ?? (0..<count).map { inline[$0] } }

    /// This identifier with `arc` added. More than 128 arcs are our own bug.
    public func appending(_ arc: UInt32) -> ObjectIdentifier {
        var copy = self
        let fits = copy.append(arc)
        precondition(fits, "object identifier of more than 128 arcs")
        return copy
    }

    /// This identifier with `suffix` added; nil if there would be more than 128 arcs.
    public func appending(contentsOf suffix: some Sequence<UInt32>) -> ObjectIdentifier? {
        var copy = self
        for arc in suffix {
            guard copy.append(arc) else { return nil }
        }
        return copy
    }

    /// The first `length` arcs (all, if there are fewer).
    public func prefix(_ length: Int) -> ObjectIdentifier {
        var result = ObjectIdentifier()
        for index in 0..<min(max(length, 0), count) { result.append(self[index]) }
        return result
    }

    /// The arcs from `index` on; empty if there are none.
    public func suffix(from index: Int) -> [UInt32] {
        index >= count ? [] : (max(index, 0)..<count).map { self[$0] }
    }

    /// Whether this identifier begins with all arcs of `prefix` (and may equal it).
    @inlinable
    public func starts(with prefix: ObjectIdentifier) -> Bool {
        guard prefix.arcCount <= arcCount else { return false }
        return withSpan { arcs in
            prefix.withSpan { prefix in
                // Arcs differ most often at the end.
                var index = prefix.count - 1
                while index >= 0 {
                    if arcs[index] != prefix[index] { return false }
                    index -= 1
                }
                return true
            }
        }
    }

    /// The first identifier after this one and all below it: the last arc plus one, carrying to the left.
    /// Nil if there is none.
    public var nextSibling: ObjectIdentifier? {
        var length = count
        while length > 0 {
            let arc = self[length - 1]
            if arc < .max { return prefix(length - 1).appending(arc + 1) }
            length -= 1
        }
        return nil
    }
}

extension ObjectIdentifier: Hashable {
    /// Whether both have the same arcs.
    @inlinable
    public static func == (a: ObjectIdentifier, b: ObjectIdentifier) -> Bool {
        a.arcCount == b.arcCount && a.starts(with: b)
    }

    /// Feeds all arcs to the hasher.
    public func hash(into hasher: inout Hasher) {
        withSpan { arcs in
            hasher.combine(arcs.count)
            for index in arcs.indices { hasher.combine(arcs[index]) }
        }
    }
}

extension ObjectIdentifier: Comparable {
    /// Lexicographic order, as defined for GETNEXT (RFC 3416, section 4.2.2).
    @inlinable
    public static func < (a: ObjectIdentifier, b: ObjectIdentifier) -> Bool {
        a.withSpan { a in
            b.withSpan { b in
                let common = min(a.count, b.count)
                var index = 0
                while index < common {
                    let x = a[index], y = b[index]
                    if x != y { return x < y }
                    index += 1
                }
                return a.count < b.count
            }
        }
    }
}

extension ObjectIdentifier: ExpressibleByArrayLiteral {
    /// Makes an identifier from literal arcs; more than 128 are our own bug.
    public init(arrayLiteral arcs: UInt32...) {
        self.init()
        for arc in arcs {
            let fits = append(arc)
            precondition(fits, "object identifier of more than 128 arcs")
        }
    }
}

extension ObjectIdentifier: CustomStringConvertible {
    /// Dotted decimal without a leading dot; empty for the empty identifier.
    public var description: String {
        var text = ""
        for index in 0..<count {
            if index > 0 { text.append(".") }
            text.append(String(self[index]))
        }
        return text
    }
}

// Layer: SNMPCodec. Uses: BERTag. Used by: messages, bindings.
// Writes BER backwards, from the end of the caller's buffer to its start: every length is known when its header is
// written, so nothing is moved or measured twice. This file is one of two in the module that touch memory without
// a check for each octet (the other is BERReader): all writes go through `claim`, which checks the room that is left.

/// Encodes BER elements into a caller's buffer, last element first.
///
/// When the buffer is too small, `overflowed` becomes true and nothing more is written; check it once at the end.
public struct BERWriter: ~Copyable {
    @usableFromInline
    let base: UnsafeMutablePointer<UInt8>
    /// Octets that the buffer holds.
    public let capacity: Int
    /// Offset of the first octet written; everything from here to `capacity` is finished.
    public private(set) var start: Int
    /// Whether something did not fit.
    public private(set) var overflowed = false

    /// A writer into `buffer`, which must stay valid and unmoved as long as the writer is used.
    public init(_ buffer: UnsafeMutableRawBufferPointer) {
        if let address = buffer.baseAddress, buffer.count > 0 {
            base = address.assumingMemoryBound(to: UInt8.self)
            capacity = buffer.count
        } else {
            // Never written to: the capacity is zero.
            base = UnsafeMutablePointer(bitPattern: 1).unsafelyUnwrapped
            capacity = 0
        }
        start = capacity
    }

    /// Octets written so far.
    public var byteCount: Int { capacity - start }

    /// Makes room for `count` octets and returns where they go; nil when they do not fit.
    /// The one place that hands out memory: `start - count >= 0` holds for what it returns.
    @inline(__always)
    private mutating func claim(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
        guard !overflowed, count <= start else {
            overflowed = true
            return nil
        }
        start -= count
        return base + start
    }

    /// Writes a header for the content written since `mark`, an earlier value of `byteCount`.
    public mutating func header(_ tag: UInt8, since mark: Int) {
        header(tag, length: byteCount - mark)
    }

    /// Writes a tag and a length in the shortest form.
    @inline(__always)
    mutating func header(_ tag: UInt8, length: Int) {
        if length < 0x80 {
            guard let to = claim(2) else { return }
            to[0] = tag
            to[1] = UInt8(truncatingIfNeeded: length)
        } else if length < 0x100 {
            guard let to = claim(3) else { return }
            to[0] = tag
            to[1] = 0x81
            to[2] = UInt8(truncatingIfNeeded: length)
        } else if length < 0x1_0000 {
            guard let to = claim(4) else { return }
            to[0] = tag
            to[1] = 0x82
            to[2] = UInt8(truncatingIfNeeded: length >> 8)
            to[3] = UInt8(truncatingIfNeeded: length)
        } else if length < 0x100_0000 {
            guard let to = claim(5) else { return }
            to[0] = tag
            to[1] = 0x83
            to[2] = UInt8(truncatingIfNeeded: length >> 16)
            to[3] = UInt8(truncatingIfNeeded: length >> 8)
            to[4] = UInt8(truncatingIfNeeded: length)
        } else {
            guard let to = claim(6) else { return }
            to[0] = tag
            to[1] = 0x84
            for index in 0..<4 { to[2 + index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index)) }
        }
    }

    /// Writes a signed number under `tag` in the fewest octets.
    public mutating func signed(_ value: Int32, tag: UInt8 = BERTag.integer) {
        // All bits that are not only sign, and one sign bit.
        let bitCount = 33 - (value ^ (value >> 31)).leadingZeroBitCount
        number(UInt64(truncatingIfNeeded: Int64(value)), byteCount: (bitCount + 7) / 8, tag: tag)
    }

    /// Writes an unsigned number under `tag` in the fewest octets, with a leading zero where the highest bit is set.
    public mutating func unsigned(_ value: UInt64, tag: UInt8) {
        let bitCount = 65 - value.leadingZeroBitCount
        number(value, byteCount: (bitCount + 7) / 8, tag: tag)
    }

    /// Writes the low `count` octets, 1...9, of a number under `tag`.
    @inline(__always)
    private mutating func number(_ value: UInt64, byteCount count: Int, tag: UInt8) {
        guard let to = claim(count + 2) else { return }
        to[0] = tag
        to[1] = UInt8(truncatingIfNeeded: count)
        var rest = value
        var index = count + 1
        while index >= 2 {
            to[index] = UInt8(truncatingIfNeeded: rest)
            rest >>= 8
            index -= 1
        }
    }

    /// Writes octets as they are, without a header.
    public mutating func raw(_ bytes: RawSpan) {
        let count = bytes.byteCount
        guard count > 0, let to = claim(count) else { return }
        bytes.withUnsafeBytes { from in
            guard let source = from.baseAddress else { return }
            UnsafeMutableRawPointer(to).copyMemory(from: source, byteCount: count)
        }
    }

    /// Writes octets under `tag`.
    public mutating func octets(_ bytes: RawSpan, tag: UInt8 = BERTag.octetString) {
        raw(bytes)
        header(tag, length: bytes.byteCount)
    }

    /// Writes octets under `tag`.
    public mutating func octets(_ bytes: [UInt8], tag: UInt8 = BERTag.octetString) {
        octets(bytes.span.bytes, tag: tag)
    }

    /// Writes `count` zero octets under `tag` and returns the offset of the first, counted from the end of the buffer.
    public mutating func zeros(_ count: Int, tag: UInt8 = BERTag.octetString) -> Int {
        if count > 0, let to = claim(count) {
            for index in 0..<count { to[index] = 0 }
        }
        let fromEnd = byteCount
        header(tag, length: count)
        return fromEnd
    }

    /// Writes the eight octets of a privacy salt, high octet first, under OCTET STRING.
    mutating func saltOctets(_ salt: UInt64) {
        if let to = claim(8) {
            for index in 0..<8 { to[index] = UInt8(truncatingIfNeeded: salt >> UInt64(56 - 8 * index)) }
        }
        header(BERTag.octetString, length: 8)
    }

    /// Writes one octet under OCTET STRING.
    mutating func flagOctet(_ octet: UInt8) {
        if let to = claim(1) { to[0] = octet }
        header(BERTag.octetString, length: 1)
    }

    /// Adds zero octets behind all that was written, until its length is a multiple of `block`, as block ciphers need.
    public mutating func padAtEnd(toMultipleOf block: Int) {
        precondition(block > 0)
        let count = byteCount
        let padding = (block - count % block) % block
        guard padding > 0, let to = claim(padding) else { return }
        // `to` is the new start; the content moves down by `padding`, which leaves that many octets at the end.
        UnsafeMutableRawPointer(to).copyMemory(from: UnsafeRawPointer(to + padding), byteCount: count)
        for index in 0..<padding { to[count + index] = 0 }
    }

    /// Writes an element without content.
    public mutating func empty(_ tag: UInt8) { header(tag, length: 0) }

    /// Writes an object identifier. Fewer than two arcs, or a first pair that BER can't express, are written as 0.0
    /// (RFC 3416 messages use 0.0 for "none").
    public mutating func objectIdentifier(_ name: ObjectIdentifier, tag: UInt8 = BERTag.objectIdentifier) {
        name.withSpan { arcs in objectIdentifier(arcs, tag) }
    }

    private mutating func objectIdentifier(_ arcs: Span<UInt32>, _ tag: UInt8) {
        let count = arcs.count
        guard count >= 2, arcs[0] < 2 ? arcs[1] <= 39 : arcs[0] == 2 else {
            // One arc alone has no encoding of its own; its first octet stands for two arcs.
            let only = count == 1 && arcs[0] <= 2 ? arcs[0] * 40 : 0
            if let to = claim(1) { to[0] = UInt8(truncatingIfNeeded: only) }
            header(tag, length: 1)
            return
        }
        let first = UInt64(arcs[0]) * 40 + UInt64(arcs[1])
        // The most that the arcs can take is claimed, and what they leave is given back: no measuring. Only close to
        // the start of the buffer they have to be measured.
        let most = 5 * count
        let claimed = most <= start ? most : BERWriter.byteCount(arcs, first)
        guard let to = claim(claimed) else { return }
        var offset = claimed
        var index = count
        while index > 2 {
            index &-= 1
            let arc = arcs[index]
            if arc < 0x80 {
                offset &-= 1
                to[offset] = UInt8(truncatingIfNeeded: arc)
            } else {
                BERWriter.subidentifier(UInt64(arc), to, &offset)
            }
        }
        BERWriter.subidentifier(first, to, &offset)
        start += offset
        header(tag, length: claimed - offset)
    }

    /// Octets that the sub-identifiers of a name take, at most five each: one for each seven bits.
    private static func byteCount(_ arcs: Span<UInt32>, _ first: UInt64) -> Int {
        func one(_ value: UInt64) -> Int { max(1, (70 - value.leadingZeroBitCount) / 7) }
        var total = one(first)
        for index in 2..<arcs.count { total += one(UInt64(arcs[index])) }
        return total
    }

    /// Writes a sub-identifier so that it ends in front of `offset`, and moves `offset` to its first octet.
    /// The caller has claimed five octets for it, or exactly what `byteCount` says.
    @inline(__always)
    private static func subidentifier(_ value: UInt64, _ to: UnsafeMutablePointer<UInt8>, _ offset: inout Int) {
        offset &-= 1
        to[offset] = UInt8(truncatingIfNeeded: value & 0x7F)
        var rest = value >> 7
        while rest > 0 {
            offset &-= 1
            to[offset] = UInt8(truncatingIfNeeded: rest & 0x7F) | 0x80
            rest >>= 7
        }
    }

    /// Writes a value with its tag.
    public mutating func value(_ value: SNMPValue) {
        switch value {
        case .integer(let number): signed(number)
        case .octetString(let bytes): octets(bytes)
        case .null: empty(BERTag.null)
        case .objectIdentifier(let name): objectIdentifier(name)
        case .ipAddress(let address):
            if let to = claim(4) {
                for index in 0..<4 { to[index] = UInt8(truncatingIfNeeded: address >> (24 - 8 * UInt32(index))) }
            }
            header(BERTag.ipAddress, length: 4)
        case .counter32(let number): unsigned(UInt64(number), tag: BERTag.counter32)
        case .gauge32(let number): unsigned(UInt64(number), tag: BERTag.gauge32)
        case .timeTicks(let number): unsigned(UInt64(number), tag: BERTag.timeTicks)
        case .uinteger32(let number): unsigned(UInt64(number), tag: BERTag.uinteger32)
        case .counter64(let number): unsigned(number, tag: BERTag.counter64)
        case .opaque(let bytes): octets(bytes, tag: BERTag.opaque)
        case .float(let number): opaqueNumber(UInt64(number.bitPattern), byteCount: 4, tag: BERTag.opaqueFloat)
        case .double(let number): opaqueNumber(number.bitPattern, byteCount: 8, tag: BERTag.opaqueDouble)
        case .noSuchObject: empty(BERTag.noSuchObject)
        case .noSuchInstance: empty(BERTag.noSuchInstance)
        case .endOfMibView: empty(BERTag.endOfMibView)
        case .other(let tag, let content): octets(content, tag: tag)
        }
    }

    private mutating func opaqueNumber(_ bits: UInt64, byteCount count: Int, tag: UInt8) {
        guard let to = claim(count + 3) else { return }
        to[0] = BERTag.opaqueExtension
        to[1] = tag
        to[2] = UInt8(count)
        for index in 0..<count { to[3 + index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * (count - 1 - index))) }
        header(BERTag.opaque, length: count + 3)
    }

    /// Writes a variable binding.
    public mutating func binding(_ binding: VarBind) {
        let mark = byteCount
        value(binding.value)
        objectIdentifier(binding.name)
        header(BERTag.sequence, since: mark)
    }

    /// Writes a binding of NULL to `name`, as requests carry.
    public mutating func request(_ name: ObjectIdentifier) {
        let mark = byteCount
        empty(BERTag.null)
        objectIdentifier(name)
        header(BERTag.sequence, since: mark)
    }

    /// Writes the bindings, in their order, as a list with its header.
    public mutating func bindingList(_ bindings: [VarBind]) {
        let mark = byteCount
        // A span lends each binding; the array would copy it.
        let bindings = bindings.span
        var index = bindings.count - 1
        while index >= 0 {
            binding(bindings[index])
            index -= 1
        }
        header(BERTag.sequence, since: mark)
    }

    /// The finished octets as an array; empty when something did not fit.
    public var finished: [UInt8] {
        overflowed ? [] : [UInt8](UnsafeBufferPointer(start: base + start, count: byteCount))
    }

    /// Runs `body` with the finished octets, mutable for patching in place (authentication).
    public func withFinished<R, E: Error>(_ body: (UnsafeMutableRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeMutableRawBufferPointer(start: base + start, count: overflowed ? 0 : byteCount))
    }
}

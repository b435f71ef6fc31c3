// Layer: ESEEngine/1-Page. Used by: pages, trees, records.
// Borrowed bytes, one piece or two: keys lie in two places on a page (its prefix and the rest). Trivial values, no
// ownership: whoever makes one sees to it that the bytes stay where they are while it is used.
//
// Unsafe: every load below lies inside the counts that were passed, which the caller vouches for.

/// Some borrowed bytes.
public struct Bytes {
    /// Where they start.
    public let start: UnsafeRawPointer
    /// How many they are.
    public let byteCount: Int

    /// Lends `byteCount` bytes from `start` on.
    @inline(__always)
    public init(_ start: UnsafeRawPointer, _ byteCount: Int) {
        self.start = start
        self.byteCount = byteCount
    }

    /// Lends the bytes of a buffer.
    @inline(__always)
    public init(_ buffer: UnsafeRawBufferPointer) {
        if let start = buffer.baseAddress {
            self.init(start, buffer.count)
        } else {
            self = Bytes.empty
        }
    }

    /// No bytes.
    @inline(__always)
    public static var empty: Bytes { Bytes(UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped, 0) }

    /// Whether there are none.
    @inline(__always)
    public var isEmpty: Bool { byteCount == 0 }

    /// The address behind the last byte.
    @inline(__always)
    public var end: UnsafeRawPointer { start + byteCount }

    /// The byte at an index, 0..<byteCount.
    @inline(__always)
    public subscript(index: Int) -> UInt8 {
        assert(index >= 0 && index < byteCount, "no such byte")
        return start.load(fromByteOffset: index, as: UInt8.self)
    }

    /// The first bytes, as many as there are up to `count`.
    @inline(__always)
    public func prefix(_ count: Int) -> Bytes { Bytes(start, min(count, byteCount)) }

    /// What follows the first `count` bytes; nothing if there are no more.
    @inline(__always)
    public func dropFirst(_ count: Int) -> Bytes {
        let dropped = min(count, byteCount)
        return Bytes(start + dropped, byteCount &- dropped)
    }

    /// The same as a buffer of the standard library.
    @inline(__always)
    public var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: byteCount) }

    /// A copy.
    public func array() -> [UInt8] { [UInt8](buffer) }

    /// How many bytes at the start are the same in both.
    @inline(__always)
    public func commonByteCount(with other: Bytes) -> Int {
        let count = min(byteCount, other.byteCount)
        var place = 0
        while place &+ 8 <= count {
            let x = start.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let y = other.start.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            if x != y { return place &+ UInt64(littleEndian: x ^ y).trailingZeroBitCount >> 3 }
            place &+= 8
        }
        while place < count, self[place] == other[place] { place &+= 1 }
        return place
    }

    /// Negative, 0 or positive as `a` sorts before, with or after `b`: as unsigned bytes, and the shorter first.
    @inline(__always)
    public static func compare(_ a: Bytes, _ b: Bytes) -> Int {
        let count = min(a.byteCount, b.byteCount)
        let order = compare(a.start, b.start, byteCount: count)
        return order != 0 ? order : a.byteCount &- b.byteCount
    }

    /// Compares as many bytes at both places.
    @inline(__always)
    static func compare(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, byteCount: Int) -> Int {
        if byteCount >= 8 {
            var place = 0
            while place &+ 8 <= byteCount {
                let order = compareWords(a + place, b + place)
                if order != 0 { return order }
                place &+= 8
            }
            // The last word overlaps bytes that are known to be equal.
            return place == byteCount ? 0 : compareWords(a + (byteCount &- 8), b + (byteCount &- 8))
        }
        // Fewer bytes are put together to one word, some of them twice, in their order.
        let x: UInt64
        let y: UInt64
        if byteCount >= 4 {
            (x, y) = (halves(a, byteCount), halves(b, byteCount))
        } else if byteCount > 0 {
            (x, y) = (few(a, byteCount), few(b, byteCount))
        } else {
            return 0
        }
        return x == y ? 0 : (x < y ? -1 : 1)
    }

    @inline(__always)
    private static func compareWords(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Int {
        let x = UInt64(bigEndian: a.loadUnaligned(as: UInt64.self))
        let y = UInt64(bigEndian: b.loadUnaligned(as: UInt64.self))
        return x == y ? 0 : (x < y ? -1 : 1)
    }

    /// 4...7 bytes.
    @inline(__always)
    private static func halves(_ a: UnsafeRawPointer, _ count: Int) -> UInt64 {
        let first = UInt32(bigEndian: a.loadUnaligned(as: UInt32.self))
        let last = UInt32(bigEndian: a.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        return UInt64(first) << 32 | UInt64(last)
    }

    /// 1...3 bytes.
    @inline(__always)
    private static func few(_ a: UnsafeRawPointer, _ count: Int) -> UInt64 {
        UInt64(a.load(as: UInt8.self)) << 16 | UInt64(a.load(fromByteOffset: count >> 1, as: UInt8.self)) << 8
            | UInt64(a.load(fromByteOffset: count &- 1, as: UInt8.self))
    }
}

/// Bytes that lie in two places, in order.
public struct BytePieces {
    /// The first piece.
    public let first: Bytes
    /// The second piece, empty if there is only one.
    public let second: Bytes

    /// Puts two pieces together; if the second lies right behind the first they become one.
    @inline(__always)
    public init(_ first: Bytes, _ second: Bytes) {
        if second.isEmpty {
            (self.first, self.second) = (first, second)
        } else if first.isEmpty {
            (self.first, self.second) = (second, first)
        } else if first.end == second.start {
            self.first = Bytes(first.start, first.byteCount &+ second.byteCount)
            self.second = Bytes.empty
        } else {
            (self.first, self.second) = (first, second)
        }
    }

    /// One piece.
    @inline(__always)
    public init(_ bytes: Bytes) {
        first = bytes
        second = Bytes.empty
    }

    /// No bytes.
    @inline(__always)
    public static var empty: BytePieces { BytePieces(Bytes.empty) }

    /// Bytes of both.
    @inline(__always)
    public var byteCount: Int { first.byteCount &+ second.byteCount }

    /// Whether there are none.
    @inline(__always)
    public var isEmpty: Bool { first.isEmpty && second.isEmpty }

    /// The byte at an index, 0..<byteCount.
    @inline(__always)
    public subscript(index: Int) -> UInt8 {
        index < first.byteCount ? first[index] : second[index &- first.byteCount]
    }

    /// What follows the first `count` bytes.
    @inline(__always)
    public func dropFirst(_ count: Int) -> BytePieces {
        count <= first.byteCount
            ? BytePieces(first.dropFirst(count), second) : BytePieces(second.dropFirst(count &- first.byteCount))
    }

    /// The first bytes, as many as there are up to `count`.
    public func prefix(_ count: Int) -> BytePieces {
        BytePieces(first.prefix(count), second.prefix(max(0, count - first.byteCount)))
    }

    /// Writes them one behind the other, where `byteCount` bytes must have room.
    @inline(__always)
    public func copy(to target: UnsafeMutableRawPointer) {
        target.copyMemory(from: first.start, byteCount: first.byteCount)
        if !second.isEmpty { (target + first.byteCount).copyMemory(from: second.start, byteCount: second.byteCount) }
    }

    /// A copy.
    public func array() -> [UInt8] { first.array() + second.array() }

    /// Lends a copy in one piece, on the stack if it is not longer than keys usually are.
    @inline(__always)
    func withOnePiece<Result>(_ body: (Bytes) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: max(1, byteCount), alignment: 1) { memory in
            copy(to: memory.baseAddress.unsafelyUnwrapped)
            return body(Bytes(UnsafeRawPointer(memory.baseAddress.unsafelyUnwrapped), byteCount))
        }
    }

    /// Negative, 0 or positive as `a` sorts before, with or after `b`.
    public static func compare(_ a: BytePieces, _ b: BytePieces) -> Int {
        var (x, restOfX) = (a.first, a.second)
        var (y, restOfY) = (b.first, b.second)
        while true {
            let count = min(x.byteCount, y.byteCount)
            let order = Bytes.compare(x.start, y.start, byteCount: count)
            if order != 0 { return order }
            (x, y) = (x.dropFirst(count), y.dropFirst(count))
            if x.isEmpty { (x, restOfX) = (restOfX, Bytes.empty) }
            if y.isEmpty { (y, restOfY) = (restOfY, Bytes.empty) }
            if x.isEmpty || y.isEmpty { return x.byteCount &- y.byteCount }
        }
    }

    /// How many bytes at the start are the same in both.
    public func commonByteCount(with other: BytePieces) -> Int {
        var (x, restOfX) = (first, second)
        var (y, restOfY) = (other.first, other.second)
        var total = 0
        while true {
            let count = min(x.byteCount, y.byteCount)
            let common = x.commonByteCount(with: y)
            total &+= common
            if common < count { return total }
            (x, y) = (x.dropFirst(count), y.dropFirst(count))
            if x.isEmpty { (x, restOfX) = (restOfX, Bytes.empty) }
            if y.isEmpty { (y, restOfY) = (restOfY, Bytes.empty) }
            if x.isEmpty || y.isEmpty { return total }
        }
    }
}

extension [UInt8] {
    /// Lends the bytes for the time of a call.
    @inline(__always)
    public func lend<Result, Failure: Error>(
        _ body: (Bytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try span.bytes.withUnsafeBytes { (buffer) throws(Failure) -> Result in try body(Bytes(buffer)) }
    }
}

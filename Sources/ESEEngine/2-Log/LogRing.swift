// Layer: ESEEngine/2-Log. Uses: ESEFormat. Used by: LogStream, which holds its lock around every call.
// The log buffer: segments in a ring, in the form in which they are written. Records are copied to the end of the
// last one. Segments are counted from the start of the stream; the slot of one is its number modulo the ring's size.
// Unsafe: every copy goes to `entryByte ..< entryByte + count` of a slot, and all callers have made sure that this lies
// inside the slot's 4096 bytes; a slot is used again only after the writer has said `release`.

import ESEFormat

/// The memory of the log buffer. Never changes but for what it points to, so the writer reads it without the lock.
struct LogSlots: @unchecked Sendable {
    /// The slots, one behind the other.
    let bytes: UnsafeMutableRawPointer
    /// The position of each slot's segment, as a raw `LogPosition` whose byte is 0.
    let positions: UnsafeMutablePointer<UInt64>
    /// How many slots there are less one; a power of two less one.
    let mask: Int

    init(byteCount: Int) {
        var count = 32
        while count * LogSegment.byteCount < byteCount, count < 1 << 20 { count *= 2 }
        bytes = .allocate(byteCount: count * LogSegment.byteCount, alignment: LogSegment.byteCount)
        positions = .allocate(capacity: count)
        positions.initialize(repeating: 0, count: count)
        mask = count - 1
    }

    /// Gives the memory back.
    func deallocate() {
        bytes.deallocate()
        positions.deallocate()
    }

    /// The slot of a segment.
    @inline(__always)
    subscript(_ index: Int) -> UnsafeMutableRawPointer { bytes + (index & mask) &* LogSegment.byteCount }

    /// The position of a segment.
    func position(_ index: Int) -> LogPosition { LogPosition(rawValue: positions[index & mask]) }
}

/// The log buffer and the place of the next record. ESE's term: LOG_BUFFER.
struct LogRing {
    /// The slots.
    let slots: LogSlots
    /// The last segment of a file that records may use. The one behind it is for a shadow.
    let lastSector: Int

    /// The number of the segment that records go to.
    private(set) var entryIndex = 0
    /// Where in it the next record goes; 4096 if it is full or nothing more shall go there.
    private(set) var entryByte = LogSegment.headerByteCount
    /// Its position, raw, byte 0.
    private(set) var entryPosition: UInt64
    /// The number of the first segment that the writer still needs; `entryIndex + 1` if none.
    private(set) var firstIndex = 0

    private static let size = LogSegment.byteCount
    private static let fragmentBodyByteCount = LogSegment.bodyByteCount - LogSegment.fragmentHeaderByteCount

    /// Makes a ring of at least so many bytes whose first segment is `sector` of `generation`.
    init(byteCount: Int, lastSector: Int, generation: UInt32, sector: Int, time: LogTime) {
        slots = LogSlots(byteCount: byteCount)
        self.lastSector = lastSector
        entryPosition = 0
        begin(0, UInt64(generation) << 32 | UInt64(sector) << 16, time)
    }

    /// Behind the last record, raw.
    @inline(__always)
    var end: UInt64 { entryPosition | UInt64(truncatingIfNeeded: entryByte) }

    /// Copies a record that fits into the last segment; nil if it doesn't.
    @inline(__always)
    mutating func appendWhole(_ pieces: LogPieces, byteCount: Int) -> LogSpan? {
        let start = entryByte
        guard byteCount <= Self.size &- start else { return nil }
        var target = slots[entryIndex] + start
        Self.copy(pieces.first, &target)
        Self.copy(pieces.second, &target)
        Self.copy(pieces.third, &target)
        Self.copy(pieces.fourth, &target)
        entryByte = start &+ byteCount
        return LogSpan(startRaw: entryPosition | UInt64(truncatingIfNeeded: start), endRaw: end)
    }

    @inline(__always)
    private static func copy(_ piece: UnsafeRawBufferPointer, _ target: inout UnsafeMutableRawPointer) {
        guard piece.count > 0 else { return }
        target.copyMemory(from: piece.baseAddress.unsafelyUnwrapped, byteCount: piece.count)
        target += piece.count
    }

    /// How a record that doesn't fit into the last segment is stored.
    struct Placement {
        /// Nothing of it goes to the last segment.
        var skipsRest: Bool
        /// It begins the next file.
        var rolls: Bool
        /// How many segments it begins.
        var segmentCount: Int
    }

    /// Where a record of that size would go; nil if it is greater than a file or the ring.
    func placement(byteCount: Int) -> Placement? {
        let sector = Int(entryPosition >> 16 & 0xffff)
        let room = Self.size - entryByte
        let whole = Self.more(byteCount, LogSegment.bodyByteCount)
        var result: Placement
        if byteCount <= room || room >= LogSegment.smallestFragmentByteCount {
            result = Placement(skipsRest: false, rolls: false, segmentCount: Self.more(byteCount, room))
        } else {
            result = Placement(skipsRest: true, rolls: false, segmentCount: 1 + whole)
        }
        // A record stays in one file.
        if sector + result.segmentCount > lastSector {
            result = Placement(skipsRest: true, rolls: true, segmentCount: 1 + whole)
            if result.segmentCount > lastSector { return nil }
        }
        return result.segmentCount <= slots.mask ? result : nil
    }

    /// How many segments follow one in which `room` bytes are left to the record.
    private static func more(_ byteCount: Int, _ room: Int) -> Int {
        guard byteCount > room else { return 0 }
        let left = byteCount - (room - LogSegment.firstFragmentHeaderByteCount)
        return (left + fragmentBodyByteCount - 1) / fragmentBodyByteCount
    }

    /// Slots that are free.
    var freeCount: Int { slots.mask - (entryIndex - firstIndex) }

    /// Copies a record as `placement` says; that many slots must be free. `time` goes to segments begun.
    mutating func append(_ pieces: LogPieces, byteCount: Int, _ placement: Placement, time: LogTime) -> LogSpan {
        if placement.skipsRest { advance(rolls: placement.rolls, time) }
        if let span = appendWhole(pieces, byteCount: byteCount) { return span }
        let start = end
        var cursor = PieceCursor(pieces)
        let room = Self.size - entryByte - LogSegment.firstFragmentHeaderByteCount
        let target = slots[entryIndex] + entryByte
        target.storeBytes(of: UInt8(76), as: UInt8.self)
        target.storeBytes(of: UInt32(byteCount).littleEndian, toByteOffset: 1, as: UInt32.self)
        target.storeBytes(of: UInt16(room).littleEndian, toByteOffset: 5, as: UInt16.self)
        cursor.copy(room, target + LogSegment.firstFragmentHeaderByteCount)
        entryByte = Self.size
        var left = byteCount - room
        while left > 0 {
            advance(rolls: false, time)
            let count = min(left, Self.fragmentBodyByteCount)
            let target = slots[entryIndex] + entryByte
            target.storeBytes(of: UInt8(77), as: UInt8.self)
            target.storeBytes(of: UInt16(count).littleEndian, toByteOffset: 1, as: UInt16.self)
            cursor.copy(count, target + LogSegment.fragmentHeaderByteCount)
            entryByte += LogSegment.fragmentHeaderByteCount + count
            left -= count
        }
        return LogSpan(startRaw: start, endRaw: end)
    }

    /// Begins the next segment, of this or the next file; a slot must be free.
    mutating func advance(rolls: Bool, _ time: LogTime) {
        let next = rolls ? ((entryPosition >> 32) + 1) << 32 | 1 << 16 : entryPosition + 1 << 16
        begin(entryIndex + 1, next, time)
    }

    private mutating func begin(_ index: Int, _ position: UInt64, _ time: LogTime) {
        let slot = slots[index]
        // What stays unused must be zero: NOP records.
        slot.initializeMemory(as: UInt8.self, repeating: 0, count: Self.size)
        slot.storeBytes(of: time.rawValue.littleEndian, toByteOffset: 16, as: UInt64.self)
        slots.positions[index & slots.mask] = position
        entryIndex = index
        entryPosition = position
        entryByte = LogSegment.headerByteCount
    }

    /// Lets no more records go to the last segment.
    mutating func closeEntry() { entryByte = Self.size }

    /// Says that the bytes up to `byte` of the last segment are there: they were read from a file.
    mutating func reopen(at byte: Int) { entryByte = byte }

    /// Says that the writer needs no segment before `index`.
    mutating func release(before index: Int) { firstIndex = index }
}

/// Copies a record's pieces part by part.
private struct PieceCursor {
    private var pieces: LogPieces

    init(_ pieces: LogPieces) { self.pieces = pieces }

    /// Copies the next `count` bytes, which must be there.
    mutating func copy(_ count: Int, _ target: UnsafeMutableRawPointer) {
        var target = target
        var left = count
        while left > 0 {
            if pieces.first.count == 0 {
                pieces = LogPieces(pieces.second, pieces.third, pieces.fourth)
                continue
            }
            let part = min(left, pieces.first.count)
            target.copyMemory(from: pieces.first.baseAddress.unsafelyUnwrapped, byteCount: part)
            pieces.first = UnsafeRawBufferPointer(rebasing: pieces.first[part...])
            target += part
            left -= part
        }
    }
}

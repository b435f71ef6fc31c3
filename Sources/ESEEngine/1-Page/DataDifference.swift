// Layer: ESEEngine/1-Page. Uses: Bytes. Used by: trees when they log a replacement, redo.
// What changed between the old and the new data of a node, as the record ReplaceD has it: entries in ascending order of
// their place in the old data, each with new bytes and how many old ones they take the place of.
//
// Unsafe: writes go through a place that is checked against the end of the target before each entry; differences come
// from outside and every count of theirs is checked before use.

/// Differences of two values. ESE's names: LGSetColumnDiffs, ErrLGGetAfterImage.
public enum DataDifference {
    // The flags of an entry's header, in the two bytes of small pages; large ones have them in a byte of their own.
    private static let sameLength = 0x2000
    private static let insertion = 0x4000
    private static let wideLengths = 0x8000

    /// Writes the entries that make `new` out of `old`.
    /// - Parameters:
    ///   - isLarge: Whether entries have the header of pages of 16 and 32 KiB.
    ///   - target: Where to; may be too small.
    /// - Returns: The bytes written, 0 if nothing changed; nil if the target is too small: then the whole data is
    ///   cheaper to log.
    public static func encode(
        from old: Bytes, to new: Bytes, isLarge: Bool, into target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        var writer = Writer(target: target, isLarge: isLarge)
        let shorter = min(old.byteCount, new.byteCount)
        let head = old.commonByteCount(with: new)
        if head == shorter, old.byteCount == new.byteCount { return 0 }
        var tail = 0
        while tail < shorter - head, old[old.byteCount - 1 - tail] == new[new.byteCount - 1 - tail] { tail += 1 }
        let end = old.byteCount - tail
        if old.byteCount != new.byteCount {
            let middle = new.dropFirst(head).prefix(new.byteCount - tail - head)
            guard writer.append(at: head, old: end - head, new: middle) else { return nil }
            return writer.byteCount
        }
        // As long as before: fields changed here and there. A gap is worth an entry if it is longer than its header.
        let gap = isLarge ? 4 : 3
        var start = head
        while start < end {
            var stop = start + 1
            var equal = 0
            var place = stop
            while place < end, equal <= gap {
                if old[place] == new[place] {
                    equal += 1
                } else {
                    equal = 0
                    stop = place + 1
                }
                place += 1
            }
            guard writer.append(at: start, old: stop - start, new: new.dropFirst(start).prefix(stop - start)) else {
                return nil
            }
            start = stop + old.dropFirst(stop).commonByteCount(with: new.dropFirst(stop))
        }
        return writer.byteCount
    }

    private struct Writer {
        let target: UnsafeMutableRawBufferPointer
        let isLarge: Bool
        var byteCount = 0

        mutating func append(at offset: Int, old: Int, new: Bytes) -> Bool {
            let count = new.byteCount
            var flags = 0
            if old == count { flags |= sameLength }
            if old == 0 { flags |= insertion }
            if old > 255 || count > 255 { flags |= wideLengths }
            let lengths = (flags & wideLengths != 0 ? 2 : 1) * (flags & (sameLength | insertion) != 0 ? 1 : 2)
            guard byteCount + (isLarge ? 3 : 2) + lengths + count <= target.count,
                offset <= (isLarge ? 0x7fff : 0x1fff)
            else { return false }
            if isLarge {
                put(offset, isWide: true)
                put(flags >> 8, isWide: false)
            } else {
                put(offset | flags, isWide: true)
            }
            put(count, isWide: flags & wideLengths != 0)
            if flags & (sameLength | insertion) == 0 { put(old, isWide: flags & wideLengths != 0) }
            UnsafeMutableRawBufferPointer(rebasing: target[byteCount..<(byteCount + count)]).copyMemory(
                from: new.buffer)
            byteCount += count
            return true
        }

        private mutating func put(_ value: Int, isWide: Bool) {
            target[byteCount] = UInt8(truncatingIfNeeded: value)
            byteCount += 1
            if isWide {
                target[byteCount] = UInt8(truncatingIfNeeded: value >> 8)
                byteCount += 1
            }
        }
    }

    /// Makes the new value.
    /// - Parameters:
    ///   - isLarge: Whether entries have the header of pages of 16 and 32 KiB.
    ///   - target: Where to; as many bytes as the new value may have at most.
    /// - Returns: The bytes of the new value.
    /// - Throws: `logFileCorrupt` if the difference is malformed, does not fit `old` or makes more than `target` holds.
    public static func apply(
        _ difference: Bytes, to old: Bytes, isLarge: Bool, into target: UnsafeMutableRawBufferPointer
    ) throws(JetError) -> Int {
        var rest = difference
        var (read, written) = (0, 0)
        while !rest.isEmpty {
            var flags = try take(&rest, isWide: true)
            let offset: Int
            if isLarge {
                offset = flags
                flags = try take(&rest, isWide: false) << 8
            } else {
                offset = flags & 0x1fff
            }
            let isWide = flags & wideLengths != 0
            let newByteCount = try take(&rest, isWide: isWide)
            // An insertion says so even if it has the flag of the same length.
            var oldByteCount = 0
            if flags & insertion == 0 {
                oldByteCount = flags & sameLength != 0 ? newByteCount : try take(&rest, isWide: isWide)
            }
            guard offset >= read, offset <= old.byteCount, oldByteCount <= old.byteCount - offset,
                newByteCount <= rest.byteCount
            else { throw .logFileCorrupt }
            try copy(old.dropFirst(read).prefix(offset - read), to: target, &written)
            try copy(rest.prefix(newByteCount), to: target, &written)
            rest = rest.dropFirst(newByteCount)
            read = offset + oldByteCount
        }
        try copy(old.dropFirst(read), to: target, &written)
        return written
    }

    private static func take(_ rest: inout Bytes, isWide: Bool) throws(JetError) -> Int {
        let count = isWide ? 2 : 1
        guard rest.byteCount >= count else { throw .logFileCorrupt }
        let value = isWide ? Int(rest[0]) | Int(rest[1]) << 8 : Int(rest[0])
        rest = rest.dropFirst(count)
        return value
    }

    private static func copy(
        _ bytes: Bytes, to target: UnsafeMutableRawBufferPointer, _ written: inout Int
    ) throws(JetError) {
        guard bytes.byteCount <= target.count - written else { throw .logFileCorrupt }
        UnsafeMutableRawBufferPointer(rebasing: target[written..<(written + bytes.byteCount)]).copyMemory(
            from: bytes.buffer)
        written += bytes.byteCount
    }
}

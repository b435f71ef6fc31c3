// Layer: ESEFormat/Compression. Used by: SevenBit, LZXpress, LZ4.
// Words into memory that is being filled, and copies inside it: the only place of the codecs that touches bytes
// unchecked. Every function states its check; whoever calls has made sure that it holds, and what doesn't hold traps.

extension MutableRawSpan {
    /// Stores an integer, little-endian. Bounds-checked by the span.
    @inline(__always)
    mutating func put<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }

    /// Copies `count` bytes from another place.
    @inline(__always)
    mutating func copy(_ source: RawSpan, from place: Int, count: Int, to offset: Int) {
        // Both ranges are checked as a whole here; each load and store below lies in them.
        precondition(count >= 0 && place >= 0 && place <= source.byteCount &- count, "source of a copy")
        precondition(offset >= 0 && offset <= byteCount &- count, "target of a copy")
        var done = 0
        while done &+ 8 <= count {
            let word = source.unsafeLoadUnaligned(fromUncheckedByteOffset: place &+ done, as: UInt64.self)
            storeBytes(of: word, toUncheckedByteOffset: offset &+ done, as: UInt64.self)
            done &+= 8
        }
        while done < count {
            let byte = source.unsafeLoad(fromUncheckedByteOffset: place &+ done, as: UInt8.self)
            storeBytes(of: byte, toUncheckedByteOffset: offset &+ done, as: UInt8.self)
            done &+= 1
        }
    }

    /// Copies 32 bytes, of which fewer may be wanted: the rest is overwritten later.
    @inline(__always)
    mutating func copy32(_ source: RawSpan, from place: Int, to offset: Int) {
        precondition(place >= 0 && place <= source.byteCount &- 32, "source of a copy")
        precondition(offset >= 0 && offset <= byteCount &- 32, "target of a copy")
        let block = source.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: SIMD32<UInt8>.self)
        storeBytes(of: block, toUncheckedByteOffset: offset, as: SIMD32<UInt8>.self)
    }

    /// Repeats the bytes that start `distance` before `offset`; they may be among those that are written.
    /// Up to seven bytes behind the end may be overwritten if they lie inside.
    @inline(__always)
    mutating func repeatBytes(at offset: Int, distance: Int, count: Int) {
        // The source starts at 0 or later, and the target ends inside: so does everything between.
        precondition(distance >= 1 && distance <= offset, "source of a match")
        precondition(count >= 0 && offset <= byteCount &- count, "target of a match")
        // Words that start before the end may reach seven bytes beyond it if those lie inside; otherwise they end at
        // it.
        let wordEnd = offset <= byteCount &- count &- 8 ? count &+ 7 : count
        var done = 0
        var back = distance
        if distance < 8, wordEnd >= 8 {
            // Eight bytes one by one; then the first multiple of the distance from 8 on, at most distance + 7, is as
            // good as the distance itself, and what lies that far back is written.
            while done < 8 {
                moveByte(offset &+ done &- distance, offset &+ done)
                done &+= 1
            }
            back = (7 / distance &+ 1) &* distance
        }
        while done &+ 8 <= wordEnd {
            let word = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ done &- back, as: UInt64.self)
            storeBytes(of: word, toUncheckedByteOffset: offset &+ done, as: UInt64.self)
            done &+= 8
            // A word that was stored just now is slow to load. Twice the distance does as well once it is written.
            if back <= 32, done >= 2 &* back { back &*= 2 }
        }
        while done < count {
            moveByte(offset &+ done &- distance, offset &+ done)
            done &+= 1
        }
    }

    @inline(__always)
    private mutating func moveByte(_ source: Int, _ target: Int) {
        let byte = bytes.unsafeLoad(fromUncheckedByteOffset: source, as: UInt8.self)
        storeBytes(of: byte, toUncheckedByteOffset: target, as: UInt8.self)
    }
}

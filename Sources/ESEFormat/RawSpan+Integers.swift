// Layer: ESEFormat. Used by: every decoder of the ESE stack.
// Integers out of bytes, always bounds-checked, with the byte order in the name. The unchecked loads stand right
// behind the check that throws, so that bad bytes are an error and never a trap.

extension RawSpan {
    /// A little-endian integer; throws `truncated` when it doesn't lie wholly inside.
    @inlinable @inline(__always)
    public func little<T: FixedWidthInteger & BitwiseCopyable>(
        _ offset: Int, as type: T.Type = T.self
    )
        throws(FormatError) -> T
    {
        guard offset >= 0, offset <= byteCount &- MemoryLayout<T>.size else {
            throw FormatError(.truncated, at: offset)
        }
        return T(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
    }

    /// A big-endian integer; throws `truncated` when it doesn't lie wholly inside.
    @inlinable @inline(__always)
    public func big<T: FixedWidthInteger & BitwiseCopyable>(
        _ offset: Int, as type: T.Type = T.self
    )
        throws(FormatError) -> T
    {
        guard offset >= 0, offset <= byteCount &- MemoryLayout<T>.size else {
            throw FormatError(.truncated, at: offset)
        }
        return T(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
    }

    /// One byte; throws `truncated` when it lies outside.
    @inlinable @inline(__always)
    public func byte(_ offset: Int) throws(FormatError) -> UInt8 { try little(offset, as: UInt8.self) }

    /// A little-endian integer that the caller knows to lie inside; out of range traps, as in an array.
    @inlinable @inline(__always)
    public func inside<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type = T.self) -> T {
        T(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// The bytes of a range that lies inside; out of range traps, as in an array.
    @inlinable
    public func bytes(_ range: Range<Int>) -> [UInt8] {
        let part = extracting(range)
        return part.withUnsafeBytes { [UInt8]($0) }
    }
}

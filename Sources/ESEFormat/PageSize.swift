// Layer: ESEFormat. Used by: everything of the ESE stack.
// The sizes a page may have, and what depends on them (format map, section 1.3).

/// The size of the pages of a database.
public enum PageSize: Int, CaseIterable, Sendable, Comparable {
    /// 2 KiB: old databases only; today's Windows no longer makes them.
    case kibibytes2 = 2_048
    /// 4 KiB, the default.
    case kibibytes4 = 4_096
    /// 8 KiB.
    case kibibytes8 = 8_192
    /// 16 KiB: "large".
    case kibibytes16 = 16_384
    /// 32 KiB: "large".
    case kibibytes32 = 32_768

    /// Bytes in a page.
    @inlinable
    public var byteCount: Int { rawValue }

    /// Whether pages have the layout of large ones: a header of 80 bytes, 15-bit offsets, flags inside the nodes.
    @inlinable
    public var isLarge: Bool { rawValue > 8_192 }

    /// Bytes of the page header.
    @inlinable
    public var headerByteCount: Int { isLarge ? 80 : 40 }

    /// The bits of a tag's offset and count that mean something.
    @inlinable
    public var tagMask: UInt16 { isLarge ? 0x7fff : 0x1fff }

    /// Bytes of a long value that each chunk but the last holds, for databases of revision 0x11 and above.
    public var longValueChunkByteCount: Int {
        switch self {
        case .kibibytes2, .kibibytes4, .kibibytes8: rawValue - 82
        case .kibibytes16: 4_050
        case .kibibytes32: 8_150
        }
    }

    /// Where page `number` starts in the file: two header pages come first.
    @inlinable
    public func fileOffset(of number: PageNumber) -> UInt64 { (UInt64(number.rawValue) + 1) * UInt64(rawValue) }

    /// Orders by size.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

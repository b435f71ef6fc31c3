// Layer: ESEFormat/Log. Uses: BlockChecksum. Used by: LogReader, log stream.
// A log file is its header and then segments of 4096 bytes, each with a header and a checksum of its own. The number of
// a segment (ESE: isec) is its place in the file: the header is 0, the first segment 1. While the last segment is only
// partly full it is written twice, at its place and one behind: the copy, called shadow, is the same bytes.

/// Sealing and checking segments. ESE's term: LGSEGHDR.
public enum LogSegment {
    /// Bytes of a segment. ESE's term: LOG_SEGMENT_SIZE.
    public static let byteCount = 4_096
    /// Bytes of a segment's header: checksum (8), position (8), time (8), 12 reserved, flags (4).
    public static let headerByteCount = 40
    /// Bytes of a segment that hold records.
    public static let bodyByteCount = byteCount - headerByteCount
    /// With fewer bytes left than this a record that doesn't fit isn't begun: zeros (NOP) fill the segment. ESE's term:
    /// LOG_MIN_FRAGMENT_SIZE.
    public static let smallestFragmentByteCount = 32
    /// Bytes of a FragBegin record before the fragment: type, total (4), count (2).
    public static let firstFragmentHeaderByteCount = 7
    /// Bytes of a Frag record before the fragment: type, count (2).
    public static let fragmentHeaderByteCount = 3

    /// The last segment of a file that may hold records; the one behind it is kept for a shadow.
    @inlinable
    public static func lastUsable(sectorCount: UInt16) -> UInt16 { sectorCount >= 2 ? sectorCount - 2 : 0 }

    /// Makes 4096 bytes ready to be written at `position`'s sector, or behind it as its shadow: writes position, time
    /// and flags and then the checksum. What is left unused behind the last record must be zero. The position's byte
    /// must be 0. Time is when the first byte was put into the segment.
    public static func seal(_ segment: UnsafeMutableRawPointer, position: LogPosition, time: LogTime) {
        precondition(position.byte == 0 && position.sector > 0, "the position of a segment")
        segment.put(position.rawValue, 8)
        segment.put(time.rawValue, 16)
        segment.put(UInt64(0), 24)
        segment.put(UInt32(0), 32)
        segment.put(PageChecksum.newFormatFlag, 36)
        let bytes = UnsafeRawBufferPointer(start: segment, count: byteCount).bytes
        segment.put(checksum(of: bytes, sector: position.sector).rawValue, 0)
    }

    /// What a segment is worth at its place.
    public enum Verdict: Hashable, Sendable {
        /// It belongs there: of this log file and this place.
        case valid
        /// All zero: not written yet.
        case empty
        /// Left over from an earlier use of the file: of a smaller generation, at its place or as a shadow.
        case stale
        /// The shadow of the segment before it, of this generation.
        case shadow
        /// It would be right but for this bit, counted from the first of the first byte.
        case correctable(bitIndex: Int)
        /// The checksum is right, but the position in its header is beyond this one.
        case misplaced
        /// None of these: torn or damaged.
        case invalid
    }

    /// Checks the segment found at `position`, whose byte doesn't matter. Allocates nothing. Fewer or more than 4096
    /// bytes are invalid.
    public static func check(_ segment: RawSpan, at position: LogPosition) -> Verdict {
        guard segment.byteCount == byteCount else { return .invalid }
        let place = LogPosition(generation: position.generation, sector: position.sector, byte: 0)
        let found = LogPosition(rawValue: segment.inside(8))
        let stored = BlockChecksum(rawValue: segment.inside(0))
        let computed = checksum(of: segment, sector: place.sector)
        if computed == stored { return found == place ? .valid : found < place ? .stale : .misplaced }
        if segment.isAllZero { return .empty }
        switch computed.difference(from: stored, byteCount: byteCount, holdsCode: true) {
        case .xor(let change) where found == place:
            return change.nonzeroBitCount == 1 ? .correctable(bitIndex: change.trailingZeroBitCount) : .invalid
        case .xor(let change) where UInt32(place.sector) ^ change == UInt32(place.sector) &- 1:
            // The checksum of the segment before.
            return found.generation == place.generation ? .shadow : .stale
        case .dataBit(let index), .codeBit(let index):
            return .correctable(bitIndex: index)
        default:
            return .invalid
        }
    }

    /// Whether this is the shadow of the segment at `position`, to be taken if that is damaged: it was found one place
    /// behind it.
    public static func isShadow(_ segment: RawSpan, of position: LogPosition) -> Bool {
        check(segment, at: position) == .valid
    }

    /// The number that a segment is checked by is its own place, or for a shadow the place of what it is a copy of.
    private static func checksum(of segment: RawSpan, sector: UInt16) -> BlockChecksum {
        BlockChecksum(
            segment, at: 0, byteCount: byteCount, number: PageNumber(UInt32(sector)), holdsCode: true)
    }
}

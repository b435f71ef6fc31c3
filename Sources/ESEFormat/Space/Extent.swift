// Layer: ESEFormat/Space. Used by: space headers and trees, verification.
// A run of pages, and how a node of a space tree holds one: the key is the last page, big-endian, the data the count.

/// A run of pages; never empty, and all of its pages have legal numbers.
public struct Extent: Hashable, Sendable {
    /// The last page.
    public let last: PageNumber
    /// How many pages, from 1.
    public let pageCount: UInt32

    /// Which pages of the available ones. ESE's term: space pool.
    public enum Pool: UInt8, Sendable {
        /// For everybody.
        case general = 0
        /// Kept for runs of pages. ESE: ContinuousPool.
        case continuous = 1
        /// Not used any more, at the end of the file. ESE: ShelvedPool.
        case shelved = 2
    }

    /// Made of parts that were checked.
    init(last: PageNumber, pageCount: UInt32) {
        self.last = last
        self.pageCount = pageCount
    }

    /// Makes an extent of its last page and count; nil if it is empty, or has pages before 1 or beyond the greatest
    /// number.
    public init?(checkedLast last: PageNumber, pageCount: UInt32) {
        guard pageCount >= 1, pageCount <= last.rawValue, last <= .greatest else { return nil }
        self.init(last: last, pageCount: pageCount)
    }

    /// Makes an extent of its first page and count; nil as above.
    public init?(first: PageNumber, pageCount: UInt32) {
        guard pageCount >= 1, first != .none else { return nil }
        let (end, overflow) = first.rawValue.addingReportingOverflow(pageCount - 1)
        guard !overflow else { return nil }
        self.init(checkedLast: PageNumber(end), pageCount: pageCount)
    }

    /// Makes an extent of a range of page numbers; nil if it has numbers that no page has.
    public init?(_ pages: ClosedRange<UInt32>) {
        guard pages.lowerBound >= 1, pages.upperBound <= PageNumber.greatest.rawValue else { return nil }
        self.init(last: PageNumber(pages.upperBound), pageCount: pages.upperBound - pages.lowerBound + 1)
    }

    /// The first page.
    public var first: PageNumber { PageNumber(last.rawValue - pageCount + 1) }

    /// The numbers of the pages.
    public var pages: ClosedRange<UInt32> { first.rawValue...last.rawValue }

    /// Whether a page is in it.
    public func contains(_ page: PageNumber) -> Bool { pages.contains(page.rawValue) }

    /// Whether a page is in both.
    public func overlaps(_ other: Extent) -> Bool { pages.overlaps(other.pages) }

    /// Decodes a node of a tree of owned or available extents, given its whole key and its data. Keys of five bytes
    /// start with the pool. Throws `badSpace` for other sizes, unknown pools and impossible extents. An empty extent,
    /// which the engine leaves behind for a moment when it takes the last page of one, is nil.
    public static func decode(key: RawSpan, data: RawSpan) throws(FormatError) -> (extent: Extent?, pool: Pool) {
        var pool = Pool.general
        var offset = 0
        if key.byteCount == 5 {
            let byte = try key.byte(0)
            guard byte & 0x80 != 0, let found = Pool(rawValue: byte & 0x7f) else { throw FormatError(.badSpace, at: 0) }
            pool = found
            offset = 1
        }
        guard key.byteCount == offset + 4 else { throw FormatError(.badSpace, at: key.byteCount) }
        guard data.byteCount == 4 else { throw FormatError(.badSpace, at: data.byteCount) }
        let last = PageNumber(try key.big(offset))
        let count: UInt32 = try data.little(0)
        if count == 0 { return (nil, pool) }
        guard let extent = Extent(checkedLast: last, pageCount: count) else {
            throw FormatError(.badSpace, at: offset)
        }
        return (extent, pool)
    }

    /// The key of its node: four bytes, or five in a pool of its own.
    public func key(pool: Pool = .general) -> [UInt8] {
        let number = (0..<4).map { UInt8(truncatingIfNeeded: last.rawValue >> UInt32(24 - 8 * $0)) }
        return pool == .general ? number : [0x80 | pool.rawValue] + number
    }

    /// The data of its node: four bytes.
    public var data: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: pageCount >> UInt32(8 * $0)) } }
}

extension Extent: CustomStringConvertible {
    /// The pages, such as `7...15`.
    public var description: String { "\(first)...\(last)" }
}

// Layer: ESEFormat/Header. Uses: DatabaseHeader, PageChecksum. Used by: reader, verification.
// Which of the two headers of a file to believe, and the size of pages when neither can be believed.

/// What was found at the start of a database.
public struct DatabaseHeaderReading: Hashable, Sendable {
    /// Where the header came from.
    public enum Source: Sendable {
        /// The first page; its checksum fits.
        case primary
        /// The second page, since the first is damaged; the second one's checksum fits.
        case shadow
        /// The first or second page, although no checksum fits: any field may be wrong.
        case damaged
        /// Nowhere: only the size of pages is known, from the pages themselves.
        case pages
    }

    /// What a reader should tell whoever asked.
    public enum Warning: Hashable, Sendable {
        /// The first header is damaged; the shadow was taken.
        case primaryDamaged
        /// The shadow is damaged.
        case shadowDamaged
        /// Both are damaged.
        case bothDamaged
        /// Both are whole, but not the same: a write of the header was interrupted. The first was taken.
        case copiesDiffer
        /// The format is newer than the known ones.
        case newerFormat(FormatVersion)
        /// The format is none that is known.
        case unknownFormat(FormatVersion)
    }

    /// The header; all zero but the page size if `source` is `pages`.
    public let header: DatabaseHeader
    /// Where it came from.
    public let source: Source
    /// What a reader should tell.
    public let warnings: [Warning]
}

extension DatabaseHeader {
    /// How many bytes of a file `read(start:)` can use: more don't hurt.
    public static let usefulStartByteCount = 262_144

    /// Reads the header of a file out of its first bytes: best `usefulStartByteCount`, or all if the file is shorter.
    /// Takes the first copy, else the shadow, else what is left of them, else the page size alone.
    /// Throws `notADatabase` if there are no pages of a database either.
    public static func read(start: RawSpan) throws(FormatError) -> DatabaseHeaderReading {
        if let header = whole(start) {
            let size = header.pageSize.byteCount
            guard start.byteCount > size else { return reading(header, .primary, []) }
            let shadow = start.extracting(size..<min(2 * size, start.byteCount))
            return reading(header, .primary, warnings(primary: header, shadow: shadow))
        }
        for size in PageSize.allCases where start.byteCount >= 2 * size.byteCount {
            let shadow = start.extracting(size.byteCount..<2 * size.byteCount)
            if let header = whole(shadow), header.pageSize == size {
                return reading(header, .shadow, [.primaryDamaged])
            }
        }
        let found = pageSize(ofPagesIn: start)
        if let header = try? DatabaseHeader(decoding: start, pageSize: found) {
            return reading(header, .damaged, [.bothDamaged])
        }
        for size in PageSize.allCases where start.byteCount >= 2 * size.byteCount && (found ?? size) == size {
            let shadow = start.extracting(size.byteCount..<2 * size.byteCount)
            if let header = try? DatabaseHeader(decoding: shadow, pageSize: found), header.pageSize == size {
                return reading(header, .damaged, [.bothDamaged])
            }
        }
        guard let found else { throw FormatError(.notADatabase, at: 0) }
        return DatabaseHeaderReading(
            header: DatabaseHeader(pageSize: found), source: .pages, warnings: [.bothDamaged])
    }

    /// Same for the two copies by themselves, a page each.
    public static func read(primary: RawSpan, shadow: RawSpan?) throws(FormatError) -> DatabaseHeaderReading {
        if let header = whole(primary) {
            guard let shadow else { return reading(header, .primary, []) }
            return reading(header, .primary, warnings(primary: header, shadow: shadow))
        }
        if let shadow, let header = whole(shadow) { return reading(header, .shadow, [.primaryDamaged]) }
        if let header = try? DatabaseHeader(decoding: primary) { return reading(header, .damaged, [.bothDamaged]) }
        guard let shadow else { return reading(try DatabaseHeader(decoding: primary), .damaged, [.bothDamaged]) }
        return reading(try DatabaseHeader(decoding: shadow), .damaged, [.bothDamaged])
    }

    /// The page size for which most of the pages in the first bytes of a file have valid checksums; nil if none has.
    /// The header pages are not looked at.
    public static func pageSize(ofPagesIn start: RawSpan) -> PageSize? {
        var best: (size: PageSize, byteCount: Int)?
        for size in PageSize.allCases {
            var byteCount = 0
            var number: UInt32 = 1
            var offset = 2 * size.byteCount
            while offset + size.byteCount <= start.byteCount, number <= 64 {
                let page = start.extracting(offset..<offset + size.byteCount)
                if PageChecksum.verify(page, number: PageNumber(number), size: size) == .valid {
                    byteCount += size.byteCount
                }
                number += 1
                offset += size.byteCount
            }
            if byteCount > best?.byteCount ?? 0 { best = (size, byteCount) }
        }
        return best?.size
    }

    /// The header at the start of these bytes if its checksum fits.
    private static func whole(_ bytes: RawSpan) -> DatabaseHeader? {
        guard let size = pageSize(in: bytes), bytes.byteCount >= size.byteCount,
            XORChecksum.isValid(bytes.extracting(0..<size.byteCount))
        else { return nil }
        return try? DatabaseHeader(decoding: bytes)
    }

    private static func warnings(primary: DatabaseHeader, shadow: RawSpan) -> [DatabaseHeaderReading.Warning] {
        guard let other = whole(shadow) else { return [.shadowDamaged] }
        return other == primary ? [] : [.copiesDiffer]
    }

    private static func reading(
        _ header: DatabaseHeader, _ source: DatabaseHeaderReading.Source, _ warnings: [DatabaseHeaderReading.Warning]
    ) -> DatabaseHeaderReading {
        let more: [DatabaseHeaderReading.Warning] =
            switch header.format.support {
            case .known: []
            case .newer: [.newerFormat(header.format)]
            case .unknown: [.unknownFormat(header.format)]
            }
        return DatabaseHeaderReading(header: header, source: source, warnings: warnings + more)
    }
}

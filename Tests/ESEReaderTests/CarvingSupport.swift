// Layer: ESEReaderTests. Used by: tests of deleted rows.
// Changes databases in memory as the engine does when rows go: tags are removed, bytes stay.

import ESEFormat
import ESEReader

/// The bytes of a database, changed page by page.
struct EditedDatabase {
    private(set) var bytes: [UInt8]
    let size: PageSize

    init(_ bytes: [UInt8], size: PageSize) {
        self.bytes = bytes
        self.size = size
    }

    func open() throws -> ESEDatabase { try ESEDatabase(readingFrom: MemorySource(bytes)) }

    func page(_ number: PageNumber) -> [UInt8] {
        let start = Int(size.fileOffset(of: number))
        return Array(bytes[start..<(start + size.byteCount)])
    }

    /// Changes a page and seals it.
    mutating func edit(_ number: PageNumber, _ body: (inout [UInt8]) throws -> Void) throws {
        var page = page(number)
        try body(&page)
        try put(page, at: number)
    }

    /// Puts a page in place, sealed.
    mutating func put(_ page: [UInt8], at number: PageNumber) throws {
        var page = page
        if size.isLarge { Self.set(UInt64(number.rawValue), &page, 64, count: 8) }
        let isOld = try page.span.bytes.little(36, as: UInt32.self) & PageChecksum.newFormatFlag == 0
        if isOld {
            try PageChecksum.sealOld(&page, number: number, size: size)
        } else {
            try PageChecksum.seal(&page, number: number, size: size)
        }
        let start = Int(size.fileOffset(of: number))
        if bytes.count < start + size.byteCount {
            bytes.append(contentsOf: repeatElement(0, count: start + size.byteCount - bytes.count))
        }
        bytes.replaceSubrange(start..<(start + size.byteCount), with: page)
    }

    /// Removes a node as the engine does: the tags behind it move, the bytes stay.
    mutating func removeNode(_ index: Int, on number: PageNumber) throws {
        let size = size
        try edit(number) { page in
            let layout = try PageLayout(page.span.bytes, size: size)
            let range = try layout.tag(index + layout.reservedTagCount, in: page.span.bytes).range
            for tag in (index + layout.reservedTagCount)..<(layout.tagCount - 1) {
                let place = size.byteCount - 4 * (tag + 1)
                for byte in 0..<4 { page[place + byte] = page[place - 4 + byte] }
            }
            let state = Self.word(page, 34)
            Self.set(UInt64(state - 1), &page, 34, count: 2)
            Self.set(UInt64(Self.word(page, 28) + range.count + 4), &page, 28, count: 2)
            if range.upperBound == layout.usedEnd {
                Self.set(UInt64(range.lowerBound - size.headerByteCount), &page, 32, count: 2)
            }
        }
    }

    /// Flags a node as deleted.
    mutating func flagNode(_ index: Int, on number: PageNumber) throws {
        let size = size
        try edit(number) { page in
            let layout = try PageLayout(page.span.bytes, size: size)
            let tag = index + layout.reservedTagCount
            let range = try layout.tag(tag, in: page.span.bytes).range
            let place = size.isLarge ? range.lowerBound + 1 : size.byteCount - 4 * (tag + 1) + 3
            page[place] |= 0x40
        }
    }

    /// The bytes of a page from the end of the used part to the tags.
    func slack(of number: PageNumber) throws -> Range<Int> {
        let layout = try PageLayout(page(number).span.bytes, size: size)
        return layout.usedEnd..<(size.byteCount - 4 * layout.tagCount)
    }

    static func word(_ page: [UInt8], _ place: Int) -> Int { Int(page[place]) | Int(page[place + 1]) << 8 }

    static func set(_ value: UInt64, _ page: inout [UInt8], _ place: Int, count: Int) {
        for byte in 0..<count { page[place + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte)) }
    }
}

extension RowCursor {
    /// All values of all columns.
    func everything() throws -> [[ColumnValue]] {
        var all: [[ColumnValue]] = []
        for column in columns.indices { all.append(try values(column)) }
        return all
    }
}

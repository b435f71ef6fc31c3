// Layer: ESETestKit. Uses: PageBuilder, PageChecksum. Used by: TreeBuilder, TreeSpace, DatabaseBuilder.
// Where finished pages go: they get their count of changes and their checksum and are handed out.

import ESEFormat

/// Takes the pages of one database.
final class PageSink {
    let size: PageSize
    let hasOldChecksum: Bool
    let reservedTagCount: Int
    private let write: (RawSpan, UInt64) throws -> Void
    private(set) var databaseTime: UInt64 = 0x40
    private(set) var lastWritten = PageNumber.none

    init(
        size: PageSize, hasOldChecksum: Bool, reservedTagCount: Int, write: @escaping (RawSpan, UInt64) throws -> Void
    ) {
        self.size = size
        self.hasOldChecksum = hasOldChecksum
        self.reservedTagCount = reservedTagCount
        self.write = write
    }

    /// Starts a page of this database.
    func page(flags: PageFlags, objectID: ObjectID) -> PageBuilder {
        PageBuilder(
            size: size, flags: flags.union(.newRecordFormat), objectID: objectID, reservedTagCount: reservedTagCount)
    }

    /// Seals a page and hands it out.
    func put(_ page: PageBuilder, _ number: PageNumber) throws {
        var page = page
        databaseTime += 1
        page.databaseTime = DatabaseTime(databaseTime)
        var bytes = page.bytes(number: number)
        if hasOldChecksum {
            try PageChecksum.sealOld(&bytes, number: number, size: size)
        } else {
            try PageChecksum.seal(&bytes, number: number, size: size)
        }
        try write(bytes.span.bytes, size.fileOffset(of: number))
        lastWritten = max(lastWritten, number)
    }

    /// Hands out bytes that are no page of a tree.
    func put(_ bytes: [UInt8], at offset: UInt64) throws { try write(bytes.span.bytes, offset) }
}

// Layer: ESETestKit. Uses: TableWriter, SystemTables, TreeSpace. Used by: tests of the ESE stack, oriel-bench.
// Whole well-formed databases out of descriptions: for features that no sample has, for damage with a known truth,
// and for benchmarks. The same description makes the same bytes.

public import ESEFormat

/// Makes databases.
///
///     var table = TableDescription("People")
///     table.addColumn("Id", .long)
///     table.addColumn("Name", .longText, codePage: 1_200)
///     table.addIndex("Primary", on: ["Id"], flags: .defaultPrimary)
///     table.addRow(["Id": .value(.signed(1)), "Name": .value(.text("Ada"))])
///     var builder = DatabaseBuilder(pageSize: .kibibytes8, revision: 300)
///     builder.tables.append(table)
///     let bytes = try builder.build()
public struct DatabaseBuilder: Sendable {
    /// The size of pages.
    public var pageSize: PageSize
    /// The major revision of the format: 9 has the old checksum; below 0x12 locales are numbers; from 30 on tables
    /// with a counter note it in the root; from 270 on the header of pages counts reserved tags.
    public var revision: UInt32
    /// The minor revision; nil for the usual one.
    public var minorRevision: UInt32?
    /// Whether the database says that it was not closed.
    public var isDirty = false
    /// Whether trees with many extents keep pages for splits.
    public var keepsSplitBuffers = false
    /// The most pages that a tree takes at once, at least 16: the fewer, the more extents.
    public var mostExtentPages: UInt32 = 512
    /// The tables, templates before those that are made after them.
    public var tables: [TableDescription] = []

    /// A database without tables of its own.
    public init(pageSize: PageSize = .kibibytes4, revision: UInt32 = 20) {
        self.pageSize = pageSize
        self.revision = revision
    }

    /// Makes the whole file.
    /// - Throws: `FormatError`: `badKey` for rows whose keys are the same, out of order or can't be made, `badRecord`
    ///   for one that is too large.
    public func build() throws -> [UInt8] {
        let file = Memory()
        try write(to: file.write)
        return file.bytes
    }

    private final class Memory {
        var bytes: [UInt8] = []

        func write(_ part: RawSpan, at offset: UInt64) {
            let end = Int(offset) + part.byteCount
            if bytes.count == Int(offset) {
                bytes.append(contentsOf: part, 0..<part.byteCount)
                return
            }
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.replaceSubrange(Int(offset)..<end, with: part.bytes(0..<part.byteCount))
        }
    }

    /// Makes the file part by part.
    /// - Parameter write: Gets parts in any order, with the offset in the file where they belong; what nobody writes
    ///   is 0.
    /// - Throws: As `build`, and what `write` throws.
    public func write(to write: @escaping (RawSpan, UInt64) throws -> Void) throws {
        let sink = PageSink(
            size: pageSize, hasOldChecksum: revision < 0x0b, reservedTagCount: revision >= 270 ? 1 : 0, write: write)
        let options = TreeSpace.Options(
            notesLastExtent: revision >= 0x0e, keepsSplitBuffers: keepsSplitBuffers, hasRootFields: revision >= 30,
            mostExtentPages: mostExtentPages)
        let space = try TreeSpace(
            sink, objectID: ObjectID(1), parent: nil, pageCount: 254, isMultiple: true, options: options)
        var context = WriterContext(
            sink: sink, revision: revision, options: options, databaseSpace: space,
            lastObjectID: SystemTables.lastObjectID)
        var system = try SystemTables(&context)
        var rows: [CatalogRow] = []
        for table in tables {
            var writer = try TableWriter(table, &context)
            try writer.write(&context)
            rows += writer.catalogRows
        }
        try system.write(rows, &context)
        // The root's own tree has no nodes; what counts is its space.
        var root = TreeBuilder(sink, objectID: ObjectID(1), root: .databaseRoot, flags: [])
        try root.finish(space)
        try space.finish()
        if sink.lastWritten < space.lastOwned {
            // The file reaches to the last page that it owns.
            try sink.put(
                Array(repeating: 0, count: pageSize.byteCount), at: pageSize.fileOffset(of: space.lastOwned))
        }
        let header = try headerBytes(databaseTime: sink.databaseTime, lastObjectID: context.lastObjectID)
        try sink.put(header, at: 0)
        try sink.put(header, at: UInt64(pageSize.byteCount))
    }

    // MARK: The header.

    private func headerBytes(databaseTime: UInt64, lastObjectID: UInt32) throws -> [UInt8] {
        var page: [UInt8] = Array(repeating: 0, count: pageSize.byteCount)
        func put<T: FixedWidthInteger>(_ value: T, _ offset: Int) {
            for index in 0..<(T.bitWidth / 8) {
                page[offset + index] = UInt8(truncatingIfNeeded: value >> T(truncatingIfNeeded: 8 * index))
            }
        }
        // 1 January 2024, noon; every time in the header is this one.
        let time: UInt64 = 0x7c_01_01_0c_00_00
        let (attach, detach): (UInt64, UInt64) = (0x1_0014_0268, 0x1_0016_0000)
        put(0x89ab_cdef as UInt32, 4)
        put(0x620 as UInt32, 8)
        put(databaseTime, 16)
        put(0x4f52_4945 as UInt32, 24)
        put(time, 28)
        put((isDirty ? 2 : 3) as UInt32, 52)
        put(time, 72)
        put(attach, 80)
        if !isDirty {
            put(detach, 56)
            put(time, 64)
            put(time, 88)
            put(detach, 96)
        }
        put(1 as UInt32, 104)
        put(0x4c4f_4753 as UInt32, 108)
        put(time, 112)
        put(lastObjectID, 212)
        put(6 as UInt32, 216)
        put(2 as UInt32, 220)
        put(9_200 as UInt32, 224)
        put(revision, 232)
        put(UInt32(pageSize.byteCount), 236)
        put(0x620 as UInt32, 340)
        put(min(revision, 20), 344)
        put(UInt64.max, 508)
        put(minorRevision ?? Self.usualMinorRevision(revision), 644)
        put(1 as UInt32, 667)
        var span = page.mutableSpan
        var bytes = span.mutableBytes
        XORChecksum.seal(&bytes)
        return page
    }

    private static func usualMinorRevision(_ revision: UInt32) -> UInt32 {
        switch revision {
        case 110: 240
        case 230: 500
        case 270: 560
        case 300: 620
        default: revision <= 20 ? 0 : 2 * revision + 20
        }
    }
}

extension IndexFlags {
    /// The primary index of most tables: unique, NULL allowed.
    public static let defaultPrimary: IndexFlags = [
        .unique, .primary, .allowAllNulls, .allowFirstNull, .allowSomeNulls,
    ]
}

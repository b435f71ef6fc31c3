// Layer: ESEInterchangeTests. Tests: databases that Windows made, changed by us: rows, tables and indexes. Readers see
// what the engine sees, what was not changed is as it was, and the verifier finds nothing new.

import ESE
import ESEEngine
import ESEFormat
import ESEReader
import PeerRig
import PlatformIO
import Testing

@Suite(.enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"), .serialized) struct WindowsTests {
    /// Clean databases of the page sizes and versions that there are. Left out: misc/Catalog1.edb, which was damaged
    /// before; dissect/large.edb (32 KiB pages, takes two minutes) and databases of 7,000 rows, for the time.
    static let names = [
        "dissect/basic.edb", "dissect/binary.edb", "dissect/default.edb", "dissect/index.edb", "dissect/multi.edb",
        "dissect/text.edb", "dissect/SRUDB.dat", "dissect/Current.mdb", "misc/decompress_test.edb",
        "srum-server2022-full-chain/expected-t1/SRUDB.dat",
    ]

    static let samples = names.compactMap { name in ESESamples.all.first { $0.name == name } }

    private static let added = TableSpec(
        "Added by us",
        columns: [
            ColumnSpec("id", Int32.self, .autoincrement), ColumnSpec("name", .text),
            ColumnSpec("data", [UInt8].self, .compressed),
        ], indexes: [.primary(on: ["id"]), IndexSpec("byName", on: ["name"])])

    @Test(arguments: samples)
    func changedSampleIsReadByAll(sample: ESESample) async throws {
        let directory = try TestDirectory()
        let path = directory.path + "/sample.edb"
        try copy(sample.path, to: path)
        let before = try Readers.findings(path)
        let original = try ESEDatabase(readingFrom: path)
        let names = original.tables.map(\.name).filter { !$0.hasPrefix("MSys") }
        var old: [String: TableImage] = [:]
        for name in names { old[name] = try TableImage(try original.table(name)) }
        var images: [String: TableImage] = [:]
        do {
            let instance = try directory.open(original.pageSize)
            let session = try instance.makeSession()
            let database = try session.openDatabase(path, .existing)
            for name in names {
                let table = try database.table(name)
                let unchanged = try TableImage(table).difference(from: try #require(old[name]))
                #expect(unchanged == nil, "\(name), as the engine first sees it: \(unchanged ?? "")")
                var changes = Changes()
                try session.transaction { () throws(JetError) in changes = try change(table) }
                if changes.inserted + changes.replaced + changes.deleted == 0, old[name]?.rows.isEmpty == false {
                    Issue.record("\(name): nothing was changed")
                }
                let image = try TableImage(table)
                #expect(
                    image.rows.count == (old[name]?.rows.count ?? 0) + changes.inserted - changes.deleted, "\(name)")
                let kept = Set(old[name]?.rows ?? []).intersection(image.rows).count
                let distinct = Set(old[name]?.rows ?? []).count
                #expect(kept >= distinct - changes.replaced - changes.deleted, "\(name)")
                images[name] = image
                try indexOneColumn(table)
                try table.close()
            }
            let table = try database.table(Self.added)
            let text: Column<String> = try table.column("name"), data: Column<[UInt8]> = try table.column("data")
            try session.transaction { () throws(JetError) in
                for number in 0..<60 {
                    try table.insert { (row) throws(JetError) in
                        try row.set(text, "name \(number % 7)")
                        try row.set(data, [UInt8](repeating: UInt8(number & 0xff), count: number * 100))
                    }
                }
            }
            images[Self.added.name] = try TableImage(table)
            try table.close()
            try database.detach()
            try instance.close()
        }
        let changed = try ESEDatabase(readingFrom: path)
        #expect(Set(changed.tables.map(\.name).filter { !$0.hasPrefix("MSys") }) == Set(images.keys))
        for (name, image) in images {
            let difference = try TableImage(try changed.table(name)).difference(from: image)
            #expect(difference == nil, "\(name), reader: \(difference ?? "")")
        }
        let after = try Readers.findings(path)
        let new = after.filter { before[$0.key] != $0.value }
        #expect(new.isEmpty, "\(new), before \(before)")
        try await Readers.compareWithDissect(images, path)
    }

    /// How many rows were changed.
    struct Changes {
        var inserted = 0
        var replaced = 0
        var deleted = 0
    }

    /// Deletes some rows, replaces others, inserts copies of others; up to 200 of each table.
    private func change(_ table: TableCursor) throws(JetError) -> Changes {
        try table.access { (cursor) throws(JetError) in
            var changes = Changes()
            let columns = cursor.table.columnInfo(cursor.session)
            let key = Set(
                (cursor.table.schema.definition.indexes.flatMap(\.segments)).map(\.column))
            // A column of no index, to be set.
            let free = columns.first {
                !key.contains($0.key.id) && $0.definition.flags.isDisjoint(with: [.autoincrement, .version])
                    && ($0.definition.type.isText || $0.definition.type.isLong || $0.definition.type == .binary)
            }
            var bookmarks: [[UInt8]] = []
            var isThere = try cursor.first()
            while isThere, bookmarks.count < 600 {
                bookmarks.append([UInt8](try cursor.bookmark().buffer))
                isThere = try cursor.next()
            }
            for (place, bookmark) in bookmarks.enumerated() {
                try bookmark.lend { (bytes: Bytes) throws(JetError) in try cursor.go(to: bytes) }
                switch place % 3 {
                case 0:
                    do throws(JetError) {
                        try cursor.prepare(.insertCopy)
                        try cursor.update()
                        changes.inserted += 1
                    } catch {
                        // Where the key comes from the columns.
                        guard error == .keyDuplicate else { throw error }
                        if cursor.isPrepared { try cursor.cancelUpdate() }
                        try cursor.delete()
                        changes.deleted += 1
                    }
                case 1:
                    guard let free else { continue }
                    try cursor.prepare(.replace)
                    let bytes = [UInt8](repeating: 0x41, count: 2 * (1 + place % 50))
                    let most = Int(free.definition.maximumByteCount)
                    try bytes.lend { (bytes: Bytes) throws(JetError) in
                        let count = most == 0 ? bytes.byteCount : min(most, bytes.byteCount)
                        _ = try cursor.set(free.key, bytes.start, byteCount: count)
                    }
                    try cursor.update()
                    changes.replaced += 1
                default:
                    if place % 2 == 0 {
                        try cursor.delete()
                        changes.deleted += 1
                    }
                }
            }
            return changes
        }
    }

    /// Makes an index of the first column that may have one.
    private func indexOneColumn(_ table: TableCursor) throws {
        guard let column = try table.columns().first(where: { !$0.type.isLong }) else { return }
        do throws(JetError) {
            try table.createIndex(IndexSpec("Added index", on: [column.name]))
        } catch {
            #expect(error == .fixedDDL)
        }
    }

    private func copy(_ source: String, to path: String) throws {
        let from = try RandomAccessFile(reading: source)
        let file = try FileStorage().open(path, .creating)
        defer { file.close() }
        var offset: UInt64 = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try from.read(at: offset, into: &buffer, count: 1 << 20)
            if count == 0 { return }
            try buffer.withUnsafeBytes { bytes in
                _ = try Result { () throws(StorageError) in
                    try file.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)), at: offset)
                }.get()
            }
            offset += UInt64(count)
        }
    }
}

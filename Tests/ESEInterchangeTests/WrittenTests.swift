// Layer: ESEInterchangeTests. Tests: what is written through the Swift API on real files is read value by value by our
// reader, by dissect.esedb and by esedbexport, and the verifier finds nothing.

import ESE
import ESEEngine
import ESEFormat
import ESEReader
import ESEVerify
import PeerRig
import Primitives
import Testing

@Suite(.serialized) struct WrittenTests {
    @Test(arguments: [PageSize.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32])
    func everyTypeAndEveryIndex(pageSize: PageSize) async throws {
        let directory = try TestDirectory()
        let path = directory.path + "/written.edb"
        let seed: UInt64 = 0x0e5e + UInt64(pageSize.byteCount)
        var images: [String: TableImage] = [:]
        do {
            let instance = try directory.open(pageSize)
            let session = try instance.makeSession()
            let database = try session.openDatabase(path)
            for (name, ids) in [("one", [7]), ("every", (0..<80).map { ($0 * 37) % 80 })] {
                let table = try database.table(EveryType.spec(name))
                let every = try EveryType(table)
                for id in ids {
                    try session.transaction(.lazy()) { () throws(JetError) in
                        try table.insert { (row) throws(JetError) in
                            try every.write(EveryType.row(id, seed: seed), to: row)
                        }
                    }
                }
                // Some go again, some are changed.
                try session.transaction { () throws(JetError) in
                    for id in ids where id % 10 == 3 {
                        guard try table.seek(.equal, Int32(id)) == .equal else { throw .recordNotFound }
                        try table.delete()
                    }
                    for id in ids where id % 10 == 5 {
                        guard try table.seek(.equal, Int32(id)) == .equal else { throw .recordNotFound }
                        let plain: Column<[UInt8]> = try table.column("plain Binary")
                        let text: Column<String> = try table.column("variable Text")
                        try table.replace { (row) throws(JetError) in
                            try row.set(plain, [UInt8](repeating: UInt8(id), count: 6_000))
                            try row.set(text, nil)
                        }
                    }
                }
                var expected = TableImage(names: every.columns.map(\.name), rows: [])
                for id in ids.sorted() where id % 10 != 3 {
                    var row = EveryType.row(id, seed: seed)
                    if id % 10 == 5 {
                        row["plain Binary"] = [.binary([UInt8](repeating: UInt8(id), count: 6_000))]
                        row["variable Text"] = nil
                    }
                    expected.rows.append(ReferenceRow.text(of: every.cells(row)))
                }
                images[name] = expected
                let difference = try TableImage(table).difference(from: expected)
                #expect(difference == nil, "seed \(seed), \(name), engine: \(difference ?? "")")
            }
            try instance.close()
        }
        let database = try ESEDatabase(readingFrom: path)
        for (name, expected) in images {
            let difference = try TableImage(try database.table(name)).difference(from: expected)
            #expect(difference == nil, "seed \(seed), \(name), reader: \(difference ?? "")")
        }
        try Readers.expectSound(path)
        try await Readers.compareWithDissect(images, path)
    }

    /// A table of its own: esedbexport gives up at the type UnsignedLongLong, which is newer than it.
    @Test(
        .enabled(if: ExportedText.isAvailable, "esedbexport is not installed"),
        arguments: [PageSize.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32])
    func exportOfEveryTypeButTheNewest(pageSize: PageSize) async throws {
        let directory = try TestDirectory()
        let path = directory.path + "/exported.edb"
        let seed: UInt64 = 0xe5 + UInt64(pageSize.byteCount)
        var expected: [[ExportedText.Cell]] = []
        var names: [String] = []
        do {
            let instance = try directory.open(pageSize)
            let session = try instance.makeSession()
            let table = try session.openDatabase(path).table(EveryType.spec("old", without: [.unsignedLongLong]))
            let every = try EveryType(table)
            names = every.columns.map(\.name)
            try session.transaction { () throws(JetError) in
                for id in 0..<40 {
                    let row = EveryType.row(id, seed: seed)
                    try table.insert { (writer) throws(JetError) in try every.write(row, to: writer) }
                    expected.append(ExportedText.cells(row, every))
                }
            }
            try instance.close()
        }
        try await ExportedText.compare(expected, names, "old", path)
    }

    @Test(arguments: [PageSize.kibibytes4, .kibibytes8, .kibibytes16, .kibibytes32])
    func longValuesUpToTenMegabytes(pageSize: PageSize) async throws {
        let directory = try TestDirectory()
        let path = directory.path + "/long.edb"
        let chunk = InstanceParameters.longValueChunkMost(pageByteCount: pageSize.byteCount)
        var sizes = [0, 1, 1_500, chunk - 1, chunk, chunk + 1, 3 * chunk, 200_000]
        if pageSize == .kibibytes8 { sizes.append(10 << 20) }
        var expected = TableImage(names: ["id", "packed", "plain"], rows: [])
        do {
            let instance = try directory.open(pageSize)
            let session = try instance.makeSession()
            let database = try session.openDatabase(path)
            let table = try database.table(
                TableSpec(
                    "long",
                    columns: [
                        ColumnSpec("id", Int32.self, .notNull), ColumnSpec("packed", [UInt8].self, .compressed),
                        ColumnSpec("plain", [UInt8].self),
                    ], indexes: [.primary(on: ["id"])]))
            let id: Column<Int32> = try table.column("id")
            let packed: Column<[UInt8]> = try table.column("packed"), plain: Column<[UInt8]> = try table.column("plain")
            for (number, size) in sizes.enumerated() {
                let values = Self.values(size)
                try session.transaction { () throws(JetError) in
                    try table.insert { (row) throws(JetError) in
                        try row.set(id, Int32(number))
                        try row.set(packed, values.soft)
                        // In parts.
                        try row.set(plain, [])
                        for start in stride(from: 0, to: size, by: 300_000) {
                            try row.append(plain, Array(values.hard[start..<min(size, start + 300_000)]))
                        }
                    }
                }
                let key = [UInt8(number), 0, 0, 0]
                expected.rows.append(ReferenceRow.text(of: [[key], [values.soft], [values.hard]]))
            }
            try instance.close()
        }
        let difference = try TableImage(try ESEDatabase(readingFrom: path).table("long")).difference(from: expected)
        #expect(difference == nil, "reader: \(difference ?? "")")
        try Readers.expectSound(path)
        try await Readers.compareWithDissect(["long": expected], path)
    }

    /// Bytes that can be compressed, and such that can't.
    private static func values(_ size: Int) -> (soft: [UInt8], hard: [UInt8]) {
        var soft: [UInt8] = [], hard: [UInt8] = []
        soft.reserveCapacity(size)
        hard.reserveCapacity(size)
        var random = SeededRandom(seed: UInt64(size))
        var word: UInt64 = 0
        for place in 0..<size {
            if place & 7 == 0 { word = random.next() }
            soft.append(UInt8(truncatingIfNeeded: place / 60 &+ place % 5))
            hard.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * (place & 7))))
        }
        return (soft, hard)
    }

    /// Files of Windows may be longer than what their database owns, with anything in what is beyond.
    @Test func growthOverwritesWhatLiesBehindTheDatabase() throws {
        let directory = try TestDirectory()
        let path = directory.path + "/tail.edb"
        let instance = try directory.open(.kibibytes4)
        let session = try instance.makeSession()
        try session.openDatabase(path).detach()
        let file = try FileStorage().open(path, .writing)
        let end = try file.byteCount()
        let garbage = [UInt8](repeating: 0x5a, count: 3 << 20)
        try garbage.withUnsafeBytes { bytes in
            try Result { () throws(StorageError) in try file.write(bytes, at: end) }.get()
        }
        file.close()
        let table = try session.openDatabase(path).table(
            TableSpec("rows", columns: [ColumnSpec("data", [UInt8].self)]))
        let data: Column<[UInt8]> = try table.column("data")
        try session.transaction { () throws(JetError) in
            for number in 0..<20 {
                try table.insert { (row) throws(JetError) in
                    try row.set(data, [UInt8](repeating: UInt8(number), count: 40_000))
                }
            }
        }
        try instance.close()
        try Readers.expectSound(path)
    }

    @Test func hundredThousandRows() async throws {
        let directory = try TestDirectory()
        let path = directory.path + "/many.edb"
        let count = 100_000
        do {
            let instance = try directory.open(.kibibytes8)
            let session = try instance.makeSession()
            let database = try session.openDatabase(path)
            let table = try database.table(
                TableSpec(
                    "many",
                    columns: [
                        ColumnSpec("id", Int32.self, .notNull), ColumnSpec("number", Int64.self),
                        ColumnSpec("name", .text, isUnicode: false),
                    ], indexes: [.primary(on: ["id"]), IndexSpec("byNumber", on: ["number"])]))
            let id: Column<Int32> = try table.column("id"), number: Column<Int64> = try table.column("number")
            let name: Column<String> = try table.column("name")
            for start in stride(from: 0, to: count, by: 1_000) {
                try session.transaction(.lazy()) { () throws(JetError) in
                    for place in start..<start + 1_000 {
                        try table.insert { (row) throws(JetError) in
                            try row.set(id, Int32(place))
                            try row.set(number, Int64(place % 977))
                            if place % 10 != 0 { try row.set(name, "name") }
                        }
                    }
                }
            }
            try instance.close()
        }
        let rows = try ESEDatabase(readingFrom: path).table("many").rows()
        var seen: Int64 = 0
        while rows.next() {
            let isRight = try rows.integer(0) == seen && rows.integer(1) == seen % 977
            if !isRight { Issue.record("row \(seen)") }
            seen += 1
        }
        #expect(seen == Int64(count))
        try Readers.expectSound(path)
    }
}

import Foundation
import PeerRig
import Testing

@Suite struct ESEReferencePresenceTests {
    /// The suites below skip without the foreign readers; this one makes sure that `make test` never skips them.
    @Test(.enabled(if: PeerRig.isRequired, "ORIEL_REQUIRE_PEERS is not 1"))
    func readersArePresentWhereTheyAreRequired() {
        #expect(ESEReference.skipReason == nil)
        #expect(PeerRig.path(of: "esedbexport") != nil, "run Scripts/install-deps test")
    }
}

@Suite(
    .enabled(if: ESEReference.isAvailable, "\(ESEReference.skipReason ?? "")"),
    .enabled(if: ESESamples.isAvailable, "\(ESESamples.skipReason ?? "")"))
struct ESEReferenceTests {
    /// dissect's own tests of this file expect these values.
    @Test func readsEveryType() async throws {
        let path = try #require(ESESamples.path(of: "dissect/basic.edb"))
        let tables = try await ESEReference.tables(of: path)
        #expect(tables.map(\.name) == ["MSysObjects", "MSysObjectsShadow", "MSysObjids", "MSysLocales", "basic"])
        #expect(tables.map(\.rows.count) == [87, 87, 7, 7, 2])
        #expect(tables.allSatisfy { $0.walkedRows == $0.rows.count && $0.countedRows == $0.rows.count })
        let basic = try #require(tables.last)
        #expect(basic.columns.map(\.id) == Array(1...13))
        #expect(basic.columns.map(\.type) == [4, 1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17])
        #expect(basic.indexes.map(\.name) == ["IxId"])
        #expect(basic.indexes.map(\.entries) == [2])
        let second = try #require(basic.rows.last)
        // Id, Bit, the integers, Currency, Single, Double, DateTime; then four NULLs.
        let cells: [[[UInt8]]?] = [
            [[2, 0, 0, 0]], [[0xff]], [[0xff]], [[0x3b, 5]], [[0xeb, 0x55, 0xcc, 0]],
            [[0x15, 0x1f, 0xc9, 0x96, 0x10, 0x3e, 0xfb, 0xff]], [[0, 0, 0, 0xc0]],
            [[0xbc, 4, 0x49, 0x64, 0xbd, 0x8a, 0x69, 0xc1]], [[0, 0, 0, 0, 0xf0, 0x14, 9, 0xc1]], nil, nil, nil, nil,
        ]
        #expect(second.cells == cells.map(ReferenceCell.init))
        #expect(second.text == ReferenceRow.text(of: cells))
    }

    /// Several values, values of no bytes, NULL: what the printed form must keep apart.
    @Test func printedCellsStayApart() async throws {
        let path = try #require(ESESamples.path(of: "dissect/multi.edb"))
        let multi = try await ESEReference.table("multi", of: path)
        let first = try #require(multi.rows.first)
        #expect(first.cells[1] == ReferenceCell([[0], [0xff]]))
        #expect(first.cells[3] == ReferenceCell([[0, 0], [1, 0x80], [0xff, 0x7f]]))
        #expect(ReferenceRow.text(of: first.cells.map(\.values)) == first.text)
        #expect(ReferenceRow.text(of: [nil, [[]], [[], [1]]]) == "-\t\t,01")
    }

    /// User rows that are known from elsewhere: Velocidex/go-ese's and plaso's expectations, and other readers' counts.
    @Test(arguments: [
        ("misc/SRUDB-win10-7284rows.dat", 7284), ("misc/Catalog1.edb", 3463),
        ("srum-server2022-full-chain/expected-t1/SRUDB.dat", 263), ("dissect/SRUDB.dat", 326),
    ])
    func hasTheRowsThatOthersCount(name: String, rows: Int) async throws {
        let path = try #require(ESESamples.path(of: name))
        let tables = try await ESEReference.tables(of: path)
        #expect(tables.filter { !$0.name.hasPrefix("MSys") }.map(\.rows.count).reduce(0, +) == rows)
        for table in tables { #expect(table.walkedRows == table.countedRows, "\(table.name)") }
    }

    /// The first row with its node's flag "deleted" set: dissect by itself would still return it.
    @Test func leavesOutDeletedRows() async throws {
        let original = try #require(ESESamples.path(of: "dissect/basic.edb"))
        var bytes = try Data(contentsOf: URL(fileURLWithPath: original))
        // Page 31 is the table's root and only leaf. Tag 1 is the second from the page's end; its flags are the upper
        // three bits of its last byte, 2 of them is "deleted".
        bytes[(31 + 2) * 4096 - 5] |= 2 << 5
        let copy = FileManager.default.temporaryDirectory.appending(path: "oriel-\(UUID().uuidString).edb")
        try bytes.write(to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let rows = try await ESEReference.table("basic", of: original).rows.map(\.text)
        let table = try await ESEReference.table("basic", of: copy.path)
        #expect(table.rows.map(\.text) == [rows.last])
        #expect(table.countedRows == 1)
    }

    @Test func namesWhatItCannotRead() async throws {
        await #expect(throws: PeerRigError.self) { try await ESEReference.tables(of: "/nowhere.edb") }
        let path = try #require(ESESamples.path(of: "dissect/basic.edb"))
        await #expect(throws: PeerRigError.self) { try await ESEReference.table("nothing", of: path) }
    }
}

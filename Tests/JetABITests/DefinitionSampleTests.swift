// Databases that Windows made: attached, told of, and defined in.

import CJet
import ESEFormat
import ESEReader
import ESEVerify
import Foundation
import JetABI
import Testing

extension InProcessTests {
    struct DefinitionSampleTests {
        private static let root: String = {
            let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().path
            return ProcessInfo.processInfo.environment["ORIEL_SAMPLES"] ?? "\(package)/shared/samples"
        }()

        private static let isAvailable = FileManager.default.fileExists(atPath: "\(root)/dissect/basic.edb")

        private static func errors(_ path: String) throws -> [String] {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            return Verification(MemorySource(bytes)).run().findings.filter { $0.severity == .error }.map { "\($0)" }
        }

        @Test(
            .enabled(if: isAvailable, "no sample databases here: ORIEL_SAMPLES names their directory"),
            arguments: ["basic.edb", "index.edb", "text.edb", "multi.edb", "binary.edb", "Current.mdb", "SRUDB.dat"])
        func tablesAreAddedToSamples(name: String) throws {
            let directory = try Scratch()
            let path = "\(directory.path)/\(name)"
            let original = try Data(contentsOf: URL(fileURLWithPath: "\(Self.root)/dissect/\(name)"))
            try original.write(to: URL(fileURLWithPath: path))
            let before = try Self.errors(path)
            let expected = try ESEDatabase(readingFrom: path).tables.map(\.definition)

            let data = try OpenedDatabase(try Running(directory: directory), name: name)
            let session = data.session
            for table in expected {
                let handle = try data.open(table.name)
                for column in table.columns {
                    let told = try #require(data.column(column.name, of: handle), "\(table.name) \(column.name)")
                    #expect(told.coltyp == UInt32(column.type.rawValue), "\(table.name) \(column.name)")
                }
                var count: UInt32 = 0
                #expect(JetGetTableIndexInfoA(session, handle, nil, &count, 4, JET_IdxInfoCount) == JET_errSuccess)
                #expect(count == UInt32(1 + table.indexes.count { !$0.flags.contains(.primary) }))
                var indexes = JET_INDEXLIST()
                let size = UInt32(MemoryLayout<JET_INDEXLIST>.size)
                #expect(JetGetTableIndexInfoW(session, handle, nil, &indexes, size, JET_IdxInfoList) == JET_errSuccess)
                #expect(indexes.cRecord == UInt32(table.indexes.reduce(0) { $0 + $1.segments.count }))
                #expect(JetCloseTable(session, indexes.tableid) == JET_errSuccess)
                var pages: [UInt32] = [0, 0]
                #expect(JetGetTableInfoA(session, handle, &pages, 8, JET_TblInfoSpaceUsage) == JET_errSuccess)
                #expect(pages[0] > 0 && pages[1] < pages[0])
                #expect(JetCloseTable(session, handle) == JET_errSuccess)
            }

            let table = try data.create("OurTable")
            let id = try data.add("id", JET_coltypLong, JET_bitColumnNotNULL, to: table)
            let text = try data.add("text", JET_coltypLongText, to: table)
            #expect(data.createIndex("primary", "+id\0", JET_bitIndexPrimary, on: table) == JET_errSuccess)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            for number in 0..<100 as Range<UInt8> {
                let row: [(JET_COLUMNID, [UInt8]?)] = [
                    (id, [number, 0, 0, 0]), (text, [UInt8](repeating: 0x61 + number % 26, count: Int(number) * 40)),
                ]
                #expect(data.insert(table, row) == JET_errSuccess)
            }
            #expect(JetCommitTransaction(session, 0) == JET_errSuccess)
            #expect(data.createIndex("byText", "+text\0", on: table) == JET_errSuccess)
            #expect(JetCloseTable(session, table) == JET_errSuccess)
            #expect(JetEndSession(session, 0) == JET_errSuccess)
            #expect(data.instance.terminate(JET_bitTermComplete) == JET_errSuccess)
            let after = try Self.errors(path)
            #expect(Set(after).subtracting(before).isEmpty, "\(Set(after).subtracting(before))")
            let reader = try ESEDatabase(readingFrom: path)
            #expect(try reader.table("OurTable").definition.indexes.count == 2)
            #expect(reader.tables.count == expected.count + 1)
        }
    }
}

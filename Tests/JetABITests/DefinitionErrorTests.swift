// Errors and warnings of definitions, by what causes them.

import CJet
import Foundation
import JetABI
import Testing

extension InProcessTests {
    struct DefinitionErrorTests {
        @Test func columns() throws {
            let data = try OpenedDatabase(try Running())
            let table = try data.create("t")
            try data.add("there", JET_coltypLong, to: table)
            try data.add("auto", JET_coltypLong, JET_bitColumnAutoincrement, to: table)
            let cases: [(String, Int32, Int32, UInt32, UInt16, [UInt8], JET_ERR)] = [
                ("", JET_coltypLong, 0, 0, 0, [], JET_errInvalidName),
                ("a!b", JET_coltypLong, 0, 0, 0, [], JET_errInvalidName),
                (" a", JET_coltypLong, 0, 0, 0, [], JET_errInvalidName),
                (String(repeating: "x", count: 65), JET_coltypLong, 0, 0, 0, [], JET_errInvalidName),
                ("THERE", JET_coltypLong, 0, 0, 0, [], JET_errColumnDuplicate),
                ("x", JET_coltypNil, 0, 0, 0, [], JET_errInvalidColumnType),
                ("x", 19, 0, 0, 0, [], JET_errInvalidColumnType),
                ("x", JET_coltypText, 0, 0, 850, [], JET_errInvalidCodePage),
                ("x", JET_coltypLong, JET_bitColumnMultiValued, 0, 0, [], JET_errMultiValuedColumnMustBeTagged),
                ("x", JET_coltypLong, JET_bitColumnFixed | JET_bitColumnTagged, 0, 0, [], JET_errInvalidGrbit),
                ("x", JET_coltypLong, JET_bitColumnAutoincrement, 0, 0, [], JET_errColumnRedundant),
                ("x", JET_coltypText, JET_bitColumnVersion, 0, 0, [], JET_errInvalidGrbit),
                ("x", JET_coltypLong, JET_bitColumnEscrowUpdate, 0, 0, [], JET_errInvalidGrbit),
                ("x", JET_coltypLong, JET_bitColumnFinalize, 0, 0, [], JET_errInvalidGrbit),
                ("x", JET_coltypLong, JET_bitColumnCompressed, 0, 0, [], JET_errColumnCannotBeCompressed),
                ("x", JET_coltypBinary, 0, 10, 0, [UInt8](repeating: 1, count: 11), JET_errDefaultValueTooBig),
                ("cut", JET_coltypBinary, 0, 1_000, 0, [], JET_wrnColumnMaxTruncated),
                ("counter", JET_coltypLong, JET_bitColumnEscrowUpdate, 0, 0, [0, 0, 0, 0], JET_errSuccess),
            ]
            for (name, type, grbit, most, cp, value, expected) in cases {
                var id: JET_COLUMNID = 0
                let result = data.addResult(name, type, grbit, to: table, most: most, cp: cp, default: value, &id)
                #expect(result == expected, "\(name) \(type) \(grbit)")
            }
            var definition = JET_COLUMNDEF()
            #expect(JetAddColumnA(data.session, table, "y", &definition, nil, 0, nil) == JET_errInvalidParameter)
            #expect(JetAddColumnA(data.session, table, "y", nil, nil, 0, nil) == JET_errInvalidParameter)
            #expect(JetDeleteColumnA(data.session, table, "none") == JET_errColumnNotFound)
            #expect(JetRenameColumnA(data.session, table, "none", "x", 0) == JET_errColumnNotFound)
            #expect(JetRenameColumnA(data.session, table, "cut", "there", 0) == JET_errColumnDuplicate)
            #expect(JetRenameColumnA(data.session, table, "cut", "a.b", 0) == JET_errInvalidName)
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)
            _ = try data.end()
        }

        @Test func indexes() throws {
            let data = try OpenedDatabase(try Running())
            let table = try data.create("t")
            try data.add("a", JET_coltypLong, to: table)
            try data.add("text", JET_coltypText, to: table)
            try data.add("many", JET_coltypLong, JET_bitColumnMultiValued | JET_bitColumnTagged, to: table)
            #expect(data.createIndex("there", "+a\0", on: table) == JET_errSuccess)
            let cases: [(String, String, Int32, JET_ERR)] = [
                ("x", "a\0", 0, JET_errIndexInvalidDef), ("x", "+a", 0, JET_errIndexInvalidDef),
                ("x", "+none\0", 0, JET_errColumnNotFound), ("There", "+a\0", 0, JET_errIndexDuplicate),
                ("", "+a\0", 0, JET_errInvalidName), ("x", "+many\0", JET_bitIndexPrimary, JET_errIndexInvalidDef),
                ("x", "+a\0", JET_bitIndexPrimary | JET_bitIndexIgnoreNull, JET_errInvalidGrbit),
                ("x", "+a\0", JET_bitIndexEmpty, JET_errInvalidGrbit),
                ("x", "+a\0", JET_bitIndexCrossProduct | JET_bitIndexNestedTable, JET_errInvalidGrbit),
                ("x", "+a\0", JET_bitIndexTuples, JET_errIndexTuplesTextBinaryColumnsOnly),
                ("x", "+text\0", JET_bitIndexTuples | JET_bitIndexUnique, JET_errIndexTuplesNonUniqueOnly),
                ("x", "+text\0", JET_bitIndexUnicode, JET_errIndexInvalidDef),
                ("p", "+a\0", JET_bitIndexPrimary, JET_errSuccess),
                ("q", "+a\0", JET_bitIndexPrimary, JET_errIndexHasPrimary),
            ]
            for (name, key, grbit, expected) in cases {
                let result = data.createIndex(name, key, grbit, on: table)
                #expect(result == expected, "\(name) \(key) \(grbit)")
            }
            #expect(JetCreateIndexA(data.session, table, "x", 0, "+a", 0, 80) == JET_errInvalidParameter)
            #expect(JetDeleteIndexA(data.session, table, "p") == JET_errIndexMustStay)
            #expect(JetDeleteIndexA(data.session, table, "none") == JET_errIndexNotFound)
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)
            _ = try data.end()
        }

        @Test func tables() throws {
            let data = try OpenedDatabase(try Running())
            let table = try data.create("t")
            var other: JET_TABLEID = 0
            let (session, database) = (data.session, data.database)
            #expect(JetCreateTableA(session, database, "T", 1, 80, &other) == JET_errTableDuplicate)
            #expect(JetCreateTableA(session, database, "x", 1, 101, &other) == JET_errDensityInvalid)
            #expect(JetCreateTableA(session, database, "x[", 1, 80, &other) == JET_errInvalidName)
            #expect(JetCreateTableA(session, 77, "x", 1, 80, &other) == JET_errInvalidDatabaseId)
            #expect(JetCreateTableA(session, database, "x", 1, 80, nil) == JET_errInvalidParameter)
            #expect(JetCreateTableA(4_711, database, "x", 1, 80, &other) == JET_errInvalidSesid)
            #expect(JetOpenTableA(session, database, "x", nil, 0, 0, &other) == JET_errObjectNotFound)
            #expect(JetDeleteTableA(session, database, "MSysObjects") == JET_errCannotDeleteSystemTable)
            #expect(JetRenameTableA(session, database, "x", "y") == JET_errObjectNotFound)
            #expect(other == JET_TABLEID.max)
            // What fails in a structure says so.
            let arena = Arena()
            var good = JET_COLUMNCREATE_A()
            good.cbStruct = UInt32(MemoryLayout<JET_COLUMNCREATE_A>.size)
            good.szColumnName = arena.text("good")
            good.coltyp = JET_COLTYP(JET_coltypLong)
            var bad = good
            bad.szColumnName = arena.text("bad")
            bad.grbit = JET_GRBIT(JET_bitColumnMultiValued)
            var index = JET_INDEXCREATE_A()
            index.cbStruct = UInt32(MemoryLayout<JET_INDEXCREATE_A>.size)
            index.szIndexName = arena.text("i")
            index.szKey = arena.text("+none\0")
            index.cbKey = 7
            let columns = arena.array([good, bad])
            let indexes = arena.array([index])
            var create = JET_TABLECREATE_A()
            create.cbStruct = UInt32(MemoryLayout<JET_TABLECREATE_A>.size)
            create.szTableName = arena.text("made")
            create.rgcolumncreate = columns
            create.cColumns = 2
            create.rgindexcreate = indexes
            create.cIndexes = 1
            let expected = JET_errMultiValuedColumnMustBeTagged
            #expect(JetCreateTableColumnIndexA(session, database, &create) == expected)
            #expect(columns[0].err == 0 && columns[1].err == expected && create.cCreated == 2)
            create.cColumns = 1
            #expect(JetCreateTableColumnIndexA(session, database, &create) == JET_errColumnNotFound)
            #expect(indexes[0].err == JET_errColumnNotFound && create.tableid == JET_TABLEID.max)
            create.cIndexes = 0
            create.cbStruct -= 8
            #expect(JetCreateTableColumnIndexA(session, database, &create) == JET_errInvalidParameter)
            create.cbStruct += 8
            create.grbit = 0x8000
            #expect(JetCreateTableColumnIndexA(session, database, &create) == JET_errInvalidGrbit)
            create.grbit = JET_GRBIT(JET_bitTableCreateFixedDDL)
            #expect(JetCreateTableColumnIndexA(session, database, &create) == JET_errSuccess)
            #expect(JetCloseTable(session, create.tableid) == JET_errSuccess)
            let fixed = try data.open("made")
            var id: JET_COLUMNID = 0
            #expect(data.addResult("more", JET_coltypLong, to: fixed, &id) == JET_errFixedDDL)
            #expect(JetCloseTable(session, fixed) == JET_errSuccess)
            #expect(JetCloseTable(session, table) == JET_errSuccess)
            _ = try data.end()
        }

        @Test func databases() throws {
            let running = try Running()
            let data = try OpenedDatabase(running)
            var number: JET_DBID = 0
            let session = data.session
            #expect(JetCreateDatabaseA(session, data.path, nil, &number, 0) == JET_errDatabaseDuplicate)
            #expect(JetCreateDatabaseA(session, "", nil, &number, 0) == JET_errDatabaseInvalidPath)
            #expect(JetCreateDatabaseA(session, nil, nil, &number, 0) == JET_errInvalidParameter)
            #expect(JetCreateDatabaseA(session, data.path, nil, &number, 0x4000_0000) == JET_errInvalidGrbit)
            #expect(JetAttachDatabaseA(session, data.path + "x", 0) == JET_errDatabaseNotFound)
            #expect(JetOpenDatabaseA(session, data.path + "x", nil, &number, 0) == JET_errDatabaseNotFound)
            #expect(JetDetachDatabaseA(session, data.path) == JET_errDatabaseInUse)
            #expect(JetDetachDatabase2A(session, data.path, 1) == JET_errForceDetachNotAllowed)
            #expect(JetBeginTransaction(session) == JET_errSuccess)
            #expect(JetAttachDatabaseA(session, data.path + "x", 0) == JET_errInTransaction)
            #expect(JetRollback(session, 0) == JET_errSuccess)
            #expect(JetIdle(session, 0) == JET_wrnNoIdleActivity)
            #expect(JetIdle(session, JET_GRBIT(JET_bitIdleStatus)) == JET_errSuccess)
            #expect(JetIdle(session, JET_GRBIT(JET_bitIdleFlushBuffers | JET_bitIdleCompact)) == JET_errSuccess)
            #expect(JetIdle(session, 0x100) == JET_errInvalidGrbit)
            _ = try data.end()
        }
    }
}

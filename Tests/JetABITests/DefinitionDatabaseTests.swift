// Databases that grow and are told of, and tables made after templates, through the C functions.

import CJet
import ESEFormat
import ESEReader
import Foundation
import JetABI
import Testing

extension InProcessTests {
    struct DefinitionDatabaseTests {
        @Test func databasesGrow() throws {
            let data = try OpenedDatabase(try Running())
            var count: UInt32 = 0
            #expect(JetGrowDatabase(data.session, data.database, 1_000, &count) == JET_errSuccess)
            #expect(count >= 1_000 && count < 1_400)
            let grown = count
            #expect(JetGrowDatabase(data.session, data.database, 10, &count) == JET_errSuccess && count == grown)
            #expect(JetResizeDatabase(data.session, data.database, 10, &count, 0) == JET_wrnShrinkNotPossible)
            #expect(JetResizeDatabase(data.session, data.database, 2_000, &count, 2) == JET_errSuccess)
            #expect(count == grown)
            #expect(JetResizeDatabase(data.session, data.database, 2_000, &count, 0) == JET_errSuccess)
            #expect(count >= 2_000)
            #expect(JetSetDatabaseSizeA(data.session, data.path, 4_000, &count) == JET_errFileAccessDenied)
            #expect(JetSetDatabaseSizeA(data.session, data.path + "x", 4_000, &count) == JET_errFileNotFound)
            #expect(JetSetDatabaseSizeA(data.session, data.path, 100, &count) == JET_errInvalidParameter)
            let table = try data.create("t")
            try data.add("a", JET_coltypLong, to: table)
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)
            #expect(JetCloseDatabase(data.session, data.database, 0) == JET_errSuccess)
            #expect(JetDetachDatabaseA(data.session, data.path) == JET_errSuccess)
            #expect(JetSetDatabaseSizeA(data.session, data.path, 4_000, &count) == JET_errSuccess)
            #expect(count >= 4_000)
            var bytes: UInt64 = 0
            #expect(JetGetDatabaseFileInfoA(data.path, &bytes, 8, UInt32(JET_DbInfoFilesize)) == 0)
            #expect(bytes >= 4_000 * 4_096)
            _ = try data.end()
        }

        @Test func derivedTablesHaveWhatTheirTemplateHas() throws {
            let data = try OpenedDatabase(try Running())
            let arena = Arena()
            func create(
                _ name: String, _ column: String, _ index: String, template: String? = nil, _ grbit: Int32 = 0
            ) -> JET_ERR {
                var one = JET_COLUMNCREATE_A()
                one.cbStruct = UInt32(MemoryLayout<JET_COLUMNCREATE_A>.size)
                one.szColumnName = arena.text(column)
                one.coltyp = JET_COLTYP(JET_coltypLong)
                var two = one
                two.szColumnName = arena.text(column + " tagged")
                two.grbit = JET_GRBIT(JET_bitColumnTagged)
                var key = JET_INDEXCREATE_A()
                key.cbStruct = UInt32(MemoryLayout<JET_INDEXCREATE_A>.size)
                key.szIndexName = arena.text(index)
                key.szKey = arena.text("+\(column)\0")
                key.cbKey = UInt32(column.utf8.count + 3)
                var table = JET_TABLECREATE_A()
                table.cbStruct = UInt32(MemoryLayout<JET_TABLECREATE_A>.size)
                table.szTableName = arena.text(name)
                table.szTemplateTableName = template.map { arena.text($0) }
                table.rgcolumncreate = arena.array([one, two])
                table.cColumns = 2
                table.rgindexcreate = arena.array([key])
                table.cIndexes = 1
                table.grbit = JET_GRBIT(grbit)
                let result = JetCreateTableColumnIndexA(data.session, data.database, &table)
                return result == JET_errSuccess ? JetCloseTable(data.session, table.tableid) : result
            }
            #expect(create("template", "a", "byA", JET_bitTableCreateTemplateTable) == JET_errSuccess)
            #expect(create("derived", "b", "byB", template: "template") == JET_errSuccess)
            #expect(create("x", "b", "byB", template: "derived") == JET_errDDLNotInheritable)
            #expect(create("x", "b", "byB", template: "none") == JET_errObjectNotFound)
            #expect(create("x", "a", "byX", template: "template") == JET_errColumnDuplicate)
            #expect(create("x", "b", "byA", template: "template") == JET_errIndexDuplicate)
            let table = try data.open("derived")
            let inherited = try #require(data.column("a tagged", of: table))
            #expect(inherited.columnid & 0x8000_0000 != 0)
            var base = JET_COLUMNBASE_A()
            let size = UInt32(MemoryLayout<JET_COLUMNBASE_A>.size)
            #expect(JetGetTableColumnInfoA(data.session, table, "a", &base, size, JET_ColInfoBase) == 0)
            let name = withUnsafeBytes(of: base.szBaseTableName) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            #expect(name == "template")
            var text = [CChar](repeating: 1, count: 100)
            #expect(JetGetTableInfoA(data.session, table, &text, 100, JET_TblInfoTemplateTableName) == 0)
            #expect(text.prefix(9) == Array("template".utf8CString)[...])
            var list = JET_COLUMNLIST()
            let listSize = UInt32(MemoryLayout<JET_COLUMNLIST>.size)
            let own = JET_ColInfoGrbitNonDerivedColumnsOnly
            #expect(JetGetTableColumnInfoA(data.session, table, nil, &list, listSize, JET_ColInfoList | own) == 0)
            #expect(data.texts(list.tableid, list.columnidcolumnname) == ["b", "b tagged"])
            #expect(JetDeleteColumnA(data.session, table, "a") == JET_errFixedInheritedDDL)
            #expect(JetDeleteColumn2A(data.session, table, "a", 1) == JET_errColumnNotFound)
            #expect(
                data.insert(table, [(inherited.columnid, [1, 0, 0, 0]), (base.columnid, [2, 0, 0, 0])])
                    == JET_errSuccess)
            #expect(data.numbers(table, inherited.columnid) == [1])
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)
            #expect(JetDeleteTableA(data.session, data.database, "template") == JET_errCannotDeleteTemplateTable)
            let definition = try data.end().table("derived").definition
            #expect(definition.columns.count == 4 && definition.indexes.count == 2)
        }

        @Test func databasesAreToldOf() throws {
            let data = try OpenedDatabase(try Running())
            let (session, database) = (data.session, data.database)
            var text = [CChar](repeating: 1, count: 512)
            #expect(JetGetDatabaseInfoA(session, database, &text, 512, UInt32(JET_DbInfoFilename)) == 0)
            #expect(text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }.hasSuffix("test.edb"))
            #expect(
                JetGetDatabaseInfoA(session, database, &text, 5, UInt32(JET_DbInfoFilename)) == JET_errBufferTooSmall)
            var number: UInt32 = 0
            for (level, expected) in [
                (JET_DbInfoCountry, 1), (JET_DbInfoLCID, 0x409), (JET_DbInfoCp, 1_252), (JET_DbInfoTransactions, 7),
                (JET_DbInfoVersion, 0x620), (JET_DbInfoPageSize, 4_096), (JET_DbInfoFilesize, 256),
            ] as [(Int32, UInt32)] {
                #expect(JetGetDatabaseInfoA(session, database, &number, 4, UInt32(level)) == 0, "\(level)")
                #expect(number == expected, "\(level)")
            }
            #expect(JetGetDatabaseInfoA(session, database, &number, 4, UInt32(JET_DbInfoSpaceOwned)) == 0)
            #expect(number == 254)
            #expect(JetGetDatabaseInfoA(session, database, &number, 4, UInt32(JET_DbInfoSpaceAvailable)) == 0)
            #expect(number > 100 && number < 254)
            var misc = JET_DBINFOMISC4()
            let size = UInt32(MemoryLayout<JET_DBINFOMISC4>.size)
            #expect(JetGetDatabaseInfoA(session, database, &misc, size, UInt32(JET_DbInfoMisc)) == 0)
            #expect(misc.ulVersion == 0x620 && misc.dbstate == 2 && misc.cbPageSize == 4_096)
            #expect(
                JetGetDatabaseInfoA(session, database, &misc, size - 1, UInt32(JET_DbInfoMisc))
                    == JET_errInvalidBufferSize)
            #expect(JetGetDatabaseInfoA(session, 99, &number, 4, 0) == JET_errInvalidDatabaseId)
            var used: UInt32 = 9
            #expect(JetGetDatabaseFileInfoA(data.path, &used, 4, UInt32(JET_DbInfoDBInUse)) == 0)
            #expect(used == 1)
            let path = data.path
            _ = try data.end()
            #expect(JetGetDatabaseFileInfoA(path, &used, 4, UInt32(JET_DbInfoDBInUse)) == 0)
            #expect(used == 0)
            #expect(JetGetDatabaseFileInfoA(path, &misc, size, UInt32(JET_DbInfoMisc)) == 0)
            #expect(misc.dbstate == 3 && misc.lgposConsistent.lGeneration > 0)
            var bytes: UInt64 = 0
            #expect(JetGetDatabaseFileInfoA(path, &bytes, 8, UInt32(JET_DbInfoFilesize)) == 0)
            #expect(bytes == 256 * 4_096)
            #expect(JetGetDatabaseFileInfoA(path, &number, 4, UInt32(JET_DbInfoFileType)) == 0)
            #expect(number == 1)
            #expect(JetGetDatabaseFileInfoA(path + "x", &bytes, 8, UInt32(JET_DbInfoFilesize)) == JET_errFileNotFound)
        }
    }
}

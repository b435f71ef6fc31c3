// Databases, tables, columns and indexes are defined through the C functions, told of, and read back from the file.

import CJet
import ESEFormat
import ESEReader
import Foundation
import JetABI
import Testing

extension InProcessTests {
    struct DefinitionTests {
        /// Type, grbit, size, code page.
        private static let kinds: [(String, Int32, Int32, UInt32, UInt16)] = [
            ("Bit", JET_coltypBit, 0, 0, 0), ("UnsignedByte", JET_coltypUnsignedByte, 0, 0, 0),
            ("Short", JET_coltypShort, 0, 0, 0), ("Long", JET_coltypLong, JET_bitColumnNotNULL, 0, 0),
            ("Currency", JET_coltypCurrency, 0, 0, 0), ("Single", JET_coltypIEEESingle, 0, 0, 0),
            ("Double", JET_coltypIEEEDouble, 0, 0, 0), ("DateTime", JET_coltypDateTime, 0, 0, 0),
            ("Binary", JET_coltypBinary, 0, 40, 0), ("FixedBinary", JET_coltypBinary, JET_bitColumnFixed, 7, 0),
            ("Text", JET_coltypText, 0, 100, 1_252), ("WideText", JET_coltypText, 0, 0, 1_200),
            ("LongBinary", JET_coltypLongBinary, 0, 0, 0),
            ("LongText", JET_coltypLongText, JET_bitColumnCompressed, 0, 1_200),
            ("UnsignedLong", JET_coltypUnsignedLong, 0, 0, 0), ("LongLong", JET_coltypLongLong, 0, 0, 0),
            ("Guid", JET_coltypGUID, 0, 0, 0), ("UnsignedShort", JET_coltypUnsignedShort, 0, 0, 0),
            ("UnsignedLongLong", JET_coltypUnsignedLongLong, 0, 0, 0),
            ("Tags", JET_coltypLong, JET_bitColumnTagged | JET_bitColumnMultiValued, 0, 0),
            ("Number", JET_coltypLong, JET_bitColumnAutoincrement, 0, 0),
            ("Version", JET_coltypLong, JET_bitColumnVersion, 0, 0),
        ]

        @Test func columnsOfAllTypesAreTheSameEverywhere() throws {
            let data = try OpenedDatabase(try Running())
            let table = try data.create("All types")
            var ids: [JET_COLUMNID] = []
            for (name, type, grbit, most, cp) in Self.kinds {
                ids.append(try data.add(name, type, grbit, to: table, most: most, cp: cp))
            }
            for (place, (name, type, grbit, most, cp)) in Self.kinds.enumerated() {
                let column = try #require(data.column(name.lowercased(), of: table))
                #expect(column.columnid == ids[place] && column.coltyp == JET_COLTYP(type), "\(name)")
                #expect(column.grbit & JET_GRBIT(grbit) == JET_GRBIT(grbit), "\(name)")
                #expect(column.grbit & JET_GRBIT(JET_bitColumnUpdatable) != 0)
                if cp != 0 { #expect(column.cp == cp) }
                if most != 0 { #expect(column.cbMax == most) }
                var base = JET_COLUMNBASE_W()
                let arena = Arena()
                let size = UInt32(MemoryLayout<JET_COLUMNBASE_W>.size)
                #expect(
                    JetGetTableColumnInfoW(data.session, table, arena.wide(name), &base, size, JET_ColInfoBase)
                        == JET_errSuccess)
                #expect(base.columnid == ids[place] && base.cbStruct == size && base.coltyp == JET_COLTYP(type))
            }
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)
            let definition = try data.end().table("All types").definition
            #expect(definition.columns.count == Self.kinds.count)
            for (place, (name, type, _, _, cp)) in Self.kinds.enumerated() {
                let column = try #require(definition.columns.first { $0.name == name })
                #expect(UInt32(column.id.rawValue) == ids[place] && Int32(column.type.rawValue) == type, "\(name)")
                if cp != 0 { #expect(column.codePage == UInt32(cp)) }
            }
        }

        @Test func tableWithAllKindsOfIndexes() throws {
            let data = try OpenedDatabase(try Running())
            let arena = Arena()
            func column(_ name: String, _ type: Int32, _ grbit: Int32 = 0, cp: UInt32 = 0) -> JET_COLUMNCREATE_W {
                var column = JET_COLUMNCREATE_W()
                column.cbStruct = UInt32(MemoryLayout<JET_COLUMNCREATE_W>.size)
                column.szColumnName = arena.wide(name)
                column.coltyp = JET_COLTYP(type)
                column.grbit = JET_GRBIT(grbit)
                column.cp = cp
                return column
            }
            let columns = arena.array([
                column("id", JET_coltypLong, JET_bitColumnNotNULL), column("größe", JET_coltypLong),
                column("text", JET_coltypText, cp: 1_252), column("wide", JET_coltypText, cp: 1_200),
                column("tags", JET_coltypLong, JET_bitColumnTagged | JET_bitColumnMultiValued),
                column("more", JET_coltypLong, JET_bitColumnTagged | JET_bitColumnMultiValued),
                column("guid", JET_coltypGUID),
            ])
            func index(_ name: String, _ key: String, _ grbit: Int32) -> JET_INDEXCREATE3_W {
                var index = JET_INDEXCREATE3_W()
                index.cbStruct = UInt32(MemoryLayout<JET_INDEXCREATE3_W>.size)
                index.szIndexName = arena.wide(name)
                index.szKey = arena.wide(key)
                index.cbKey = UInt32(2 * (key.utf16.count + 1))
                index.grbit = JET_GRBIT(grbit)
                index.ulDensity = 90
                return index
            }
            var conditional = index("conditional", "+größe\0", 0)
            var condition = JET_CONDITIONALCOLUMN_W()
            condition.cbStruct = UInt32(MemoryLayout<JET_CONDITIONALCOLUMN_W>.size)
            condition.szColumnName = arena.wide("text")
            condition.grbit = JET_GRBIT(JET_bitIndexColumnMustBeNull)
            conditional.rgconditionalcolumn = arena.array([condition])
            conditional.cConditionalColumn = 1
            var long = index("long", "-text\0+größe\0", JET_bitIndexKeyMost)
            long.cbKeyMost = 1_000
            var tuples = index("tuples", "+text\0", JET_bitIndexTupleLimits)
            tuples.ptuplelimits = arena.array([
                JET_TUPLELIMITS(chLengthMin: 2, chLengthMax: 8, chToIndexMax: 100, cchIncrement: 2, ichStart: 1)
            ])
            var localized = index("localized", "+wide\0", JET_bitIndexUnicode)
            localized.pidxunicode = arena.array([
                JET_UNICODEINDEX2(szLocaleName: arena.wide("en-US"), dwMapFlags: 0x30401)
            ])
            let all = [
                index("primary", "+id\0", JET_bitIndexPrimary), index("unique", "+größe\0", JET_bitIndexUnique),
                index("noNull", "+größe\0", JET_bitIndexDisallowNull),
                index("ignoreNull", "+größe\0-text\0", JET_bitIndexIgnoreNull),
                index("ignoreAny", "+größe\0-text\0", JET_bitIndexIgnoreAnyNull),
                index("ignoreFirst", "+größe\0-text\0", JET_bitIndexIgnoreFirstNull),
                index("nullsHigh", "+größe\0", JET_bitIndexSortNullsHigh),
                index("cross", "+tags\0+more\0", JET_bitIndexCrossProduct),
                index("nested", "+tags\0+more\0", JET_bitIndexNestedTable),
                index("dotNet", "+guid\0", JET_bitIndexDotNetGuid), conditional, long, tuples, localized,
            ]
            let indexes = arena.array(all)
            var create = JET_TABLECREATE4_W()
            create.cbStruct = UInt32(MemoryLayout<JET_TABLECREATE4_W>.size)
            create.szTableName = arena.wide("Örtlich")
            create.rgcolumncreate = columns
            create.cColumns = 7
            create.rgindexcreate = indexes
            create.cIndexes = UInt32(all.count)
            let result = JetCreateTableColumnIndex4W(data.session, data.database, &create)
            let failed = (0..<all.count).filter { indexes[$0].err != 0 }.map { indexes[$0].err }
            try #require(result == JET_errSuccess, "\(result) \(failed)")
            #expect(create.cCreated == UInt32(1 + 7 + all.count))
            #expect((0..<7).allSatisfy { columns[$0].err == 0 && columns[$0].columnid != 0 })
            let table = create.tableid

            // Each is told of as it was made.
            for (place, one) in all.enumerated() {
                let info = UnsafeMutableRawPointer.allocate(byteCount: 2_048, alignment: 16)
                defer { info.deallocate() }
                let told = JetGetTableIndexInfoW(
                    data.session, table, one.szIndexName, info, 2_048, JET_IdxInfoCreateIndex3)
                #expect(told == JET_errSuccess, "\(place)")
                let copy = info.assumingMemoryBound(to: JET_INDEXCREATE3_W.self)
                let known = JET_GRBIT(JET_bitIndexUnicode | JET_bitIndexKeyMost)
                var expected = one.grbit & ~known
                if expected & JET_GRBIT(JET_bitIndexPrimary) != 0 { expected |= JET_GRBIT(JET_bitIndexUnique) }
                if expected & JET_GRBIT(JET_bitIndexTupleLimits) != 0 { expected |= JET_GRBIT(JET_bitIndexTuples) }
                #expect(copy.pointee.grbit & ~known == expected, "\(place)")
                #expect(copy.pointee.cbKey == one.cbKey && copy.pointee.ulDensity == 90)
                #expect(memcmp(copy.pointee.szKey, one.szKey, Int(one.cbKey)) == 0)
                #expect(copy.pointee.cConditionalColumn == one.cConditionalColumn)
            }
            var count: UInt32 = 0
            #expect(JetGetTableIndexInfoA(data.session, table, nil, &count, 4, JET_IdxInfoCount) == 0)
            #expect(count == UInt32(all.count))
            var most: UInt16 = 0
            #expect(JetGetTableIndexInfoA(data.session, table, "long", &most, 2, JET_IdxInfoKeyMost) == 0)
            #expect(most == 1_000)
            var language: UInt32 = 0
            #expect(JetGetTableIndexInfoA(data.session, table, "localized", &language, 4, JET_IdxInfoLCID) == 0)
            #expect(language == 0x409)
            var id = JET_INDEXID()
            let size = UInt32(MemoryLayout<JET_INDEXID>.size)
            #expect(JetGetTableIndexInfoA(data.session, table, "unique", &id, size, JET_IdxInfoIndexId) == 0)
            #expect(JetSetCurrentIndex4A(data.session, table, nil, &id, 0, 1) == JET_errSuccess)
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)

            let definition = try data.end().table("Örtlich").definition
            #expect(
                definition.indexes.map(\.name).sorted() == [
                    "conditional", "cross", "dotNet", "ignoreAny", "ignoreFirst", "ignoreNull", "localized", "long",
                    "nested",
                    "noNull", "nullsHigh", "primary", "tuples", "unique",
                ])
            let tupled = try #require(definition.indexes.first { $0.name == "tuples" }?.tupleLimits)
            #expect(tupled.minimumLength == 2 && tupled.maximumLength == 8 && tupled.increment == 2)
        }

        @Test func listsAreTemporaryTables() throws {
            let data = try OpenedDatabase(try Running())
            let table = try data.create("rows")
            try data.add("b", JET_coltypLong, to: table, default: [1, 2, 3, 4])
            try data.add("a", JET_coltypText, to: table, cp: 1_252)
            try data.add("c", JET_coltypLongBinary, to: table)
            #expect(data.createIndex("second", "+a\0-b\0", on: table) == JET_errSuccess)
            #expect(data.createIndex("first", "+b\0", JET_bitIndexPrimary, on: table) == JET_errSuccess)

            var columns = JET_COLUMNLIST()
            let columnSize = UInt32(MemoryLayout<JET_COLUMNLIST>.size)
            #expect(JetGetTableColumnInfoA(data.session, table, nil, &columns, columnSize, JET_ColInfoList) == 0)
            #expect(columns.cRecord == 3)
            #expect(data.texts(columns.tableid, columns.columnidcolumnname) == ["a", "b", "c"])
            let types = [JET_coltypText, JET_coltypLong, JET_coltypLongBinary].map { UInt32($0) }
            #expect(data.numbers(columns.tableid, columns.columnidcoltyp) == types)
            #expect(data.values(columns.tableid, columns.columnidDefault) == [nil, [1, 2, 3, 4], nil])
            #expect(JetCloseTable(data.session, columns.tableid) == JET_errSuccess)
            #expect(
                JetGetColumnInfoA(
                    data.session, data.database, "rows", nil, &columns, columnSize, JET_ColInfoListSortColumnid) == 0)
            #expect(data.texts(columns.tableid, columns.columnidcolumnname) == ["b", "a", "c"])

            var indexes = JET_INDEXLIST()
            let indexSize = UInt32(MemoryLayout<JET_INDEXLIST>.size)
            #expect(
                JetGetIndexInfoA(data.session, data.database, "rows", nil, &indexes, indexSize, JET_IdxInfoList) == 0)
            #expect(indexes.cRecord == 3)
            #expect(data.texts(indexes.tableid, indexes.columnidindexname) == ["first", "second", "second"])
            #expect(data.texts(indexes.tableid, indexes.columnidcolumnname) == ["b", "a", "b"])
            #expect(data.numbers(indexes.tableid, indexes.columnidiColumn) == [0, 0, 1])
            #expect(data.numbers(indexes.tableid, indexes.columnidgrbitColumn) == [0, 0, 1])
            #expect(JetGetTableIndexInfoA(data.session, table, "none", &indexes, indexSize, JET_IdxInfo) == -1_404)

            var objects = JET_OBJECTLIST()
            let objectSize = UInt32(MemoryLayout<JET_OBJECTLIST>.size)
            #expect(
                JetGetObjectInfoA(
                    data.session, data.database, JET_OBJTYP(JET_objtypTable), nil, nil, &objects, objectSize,
                    JET_ObjInfoListNoStats) == 0)
            let names = data.texts(objects.tableid, objects.columnidobjectname)
            #expect(names == ["MSysLocales", "MSysObjects", "MSysObjectsShadow", "MSysObjids", "rows"])
            #expect(Set(data.texts(objects.tableid, objects.columnidcontainername)) == ["Tables"])

            // The same in UTF-16.
            #expect(
                JetGetObjectInfoW(
                    data.session, data.database, 0, nil, nil, &objects, objectSize, JET_ObjInfoListNoStats) == 0)
            let wide = data.values(objects.tableid, objects.columnidobjectname).map { $0?.count }
            #expect(wide == names.map { 2 * $0.utf16.count })
            _ = try data.end()
        }

        @Test func rollbackTakesDefinitionsBack() throws {
            let data = try OpenedDatabase(try Running())
            let kept = try data.create("kept")
            try data.add("a", JET_coltypLong, to: kept)
            #expect(JetCloseTable(data.session, kept) == JET_errSuccess)
            #expect(JetBeginTransaction(data.session) == JET_errSuccess)
            let table = try data.create("gone")
            try data.add("a", JET_coltypLong, to: table)
            let other = try data.open("kept")
            try data.add("b", JET_coltypLong, to: other)
            #expect(data.createIndex("i", "+a\0", on: other) == JET_errSuccess)
            #expect(JetRollback(data.session, 0) == JET_errSuccess)
            #expect(JetCloseTable(data.session, table) == JET_errInvalidTableId)
            var handle: JET_TABLEID = 0
            #expect(JetOpenTableA(data.session, data.database, "gone", nil, 0, 0, &handle) == JET_errObjectNotFound)
            let again = try data.open("kept")
            #expect(data.column("b", of: again) == nil && data.column("a", of: again) != nil)
            #expect(data.createIndex("i", "+b\0", on: again) == JET_errColumnNotFound)
            #expect(JetCloseTable(data.session, again) == JET_errSuccess)
            let reader = try data.end()
            #expect(!reader.tables.contains { $0.name == "gone" })
            #expect(try reader.table("kept").definition.columns.map(\.name) == ["a"])
        }

        @Test func namesChangeAndThingsGo() throws {
            let data = try OpenedDatabase(try Running())
            let table = try data.create("before")
            try data.add("a", JET_coltypLong, to: table)
            try data.add("b", JET_coltypText, to: table)
            #expect(data.createIndex("i", "+a\0", on: table) == JET_errSuccess)
            #expect(JetDeleteColumnA(data.session, table, "a") == JET_errColumnInUse)
            #expect(JetRenameColumnA(data.session, table, "a", "z", 0) == JET_errSuccess)
            #expect(data.column("a", of: table) == nil && data.column("Z", of: table) != nil)
            #expect(JetDeleteIndexA(data.session, table, "i") == JET_errSuccess)
            #expect(JetDeleteIndexA(data.session, table, "i") == JET_errIndexNotFound)
            #expect(JetDeleteColumn2A(data.session, table, "z", 0) == JET_errSuccess)
            #expect(JetDeleteTableA(data.session, data.database, "before") == JET_errTableInUse)
            #expect(JetCloseTable(data.session, table) == JET_errSuccess)
            #expect(JetRenameTableA(data.session, data.database, "before", "after") == JET_errSuccess)
            #expect(JetDeleteTableA(data.session, data.database, "before") == JET_errObjectNotFound)
            let second = try data.create("second")
            #expect(JetCloseTable(data.session, second) == JET_errSuccess)
            #expect(JetDeleteTableA(data.session, data.database, "second") == JET_errSuccess)
            let reader = try data.end()
            #expect(try reader.table("after").definition.columns.map(\.name) == ["b"])
            #expect(!reader.tables.contains { $0.name == "second" || $0.name == "before" })
        }

        @Test func otherSessionsAreKeptAway() throws {
            let running = try Running()
            let data = try OpenedDatabase(running)
            let other = try running.session()
            var database: JET_DBID = 0
            #expect(JetOpenDatabaseA(other, data.path, nil, &database, 0) == JET_errSuccess)
            let made = try data.create("t")
            var handle: JET_TABLEID = 0
            // Who makes a table has it alone until it is closed.
            #expect(JetOpenTableA(other, database, "t", nil, 0, 0, &handle) == JET_errTableLocked)
            #expect(JetCloseTable(data.session, made) == JET_errSuccess)
            #expect(JetOpenTableA(other, database, "t", nil, 0, 0, &handle) == JET_errSuccess)
            var mine: JET_TABLEID = 0
            let denyRead = JET_GRBIT(JET_bitTableDenyRead)
            #expect(JetOpenTableA(data.session, data.database, "t", nil, 0, denyRead, &mine) == JET_errTableInUse)
            #expect(JetCloseTable(other, handle) == JET_errSuccess)
            let denyWrite = JET_GRBIT(JET_bitTableDenyWrite)
            #expect(JetOpenTableA(data.session, data.database, "t", nil, 0, denyWrite, &mine) == JET_errSuccess)
            #expect(JetOpenTableA(other, database, "t", nil, 0, 0, &handle) == JET_errTableLocked)
            let readOnly = JET_GRBIT(JET_bitTableReadOnly)
            #expect(JetOpenTableA(other, database, "t", nil, 0, readOnly, &handle) == JET_errSuccess)
            var id: JET_COLUMNID = 0
            #expect(JetDupCursor(data.session, mine, &mine, 0) == JET_errSuccess)
            var definition = JET_COLUMNDEF()
            definition.cbStruct = UInt32(MemoryLayout<JET_COLUMNDEF>.size)
            definition.coltyp = JET_COLTYP(JET_coltypLong)
            #expect(JetAddColumnA(other, handle, "x", &definition, nil, 0, &id) == JET_errPermissionDenied)
            // Closing the database closes its cursors.
            #expect(JetCloseDatabase(other, database, 0) == JET_errSuccess)
            #expect(JetCloseTable(other, handle) == JET_errInvalidTableId)
            #expect(JetCloseDatabase(other, database, 0) == JET_errInvalidDatabaseId)
            #expect(JetDetachDatabaseA(other, data.path) == JET_errDatabaseInUse)
            #expect(JetCloseDatabase(data.session, data.database, 0) == JET_errSuccess)
            #expect(JetDetachDatabaseA(other, data.path) == JET_errSuccess)
            #expect(JetOpenDatabaseA(other, data.path, nil, &database, 0) == JET_errDatabaseNotFound)
            #expect(JetAttachDatabaseA(other, data.path, readOnly & 1) == JET_errSuccess)
            #expect(JetAttachDatabaseA(other, data.path, 0) == JET_wrnDatabaseAttached)
            _ = running.terminate(JET_bitTermComplete)
            _ = try OpenedDatabase.verify(data.path)
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

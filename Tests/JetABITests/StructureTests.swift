// Structures of callers, read and answered.

import CJet
import ESEEngine
import Jet
@testable import JetABI
import Testing

@Suite struct StructureTests {
    /// Texts in memory that lasts as long as the object.
    final class Texts<Unit: TextUnit> {
        private var pointers: [UnsafeMutablePointer<Unit>] = []
        deinit { for pointer in pointers { pointer.deallocate() } }

        /// A text with its NUL, as a pointer of the A structures.
        func callAsFunction(_ text: String) -> UnsafeMutablePointer<CChar> {
            let units = Unit.encode(text) + [0]
            let pointer = UnsafeMutablePointer<Unit>.allocate(capacity: units.count)
            for (index, unit) in units.enumerated() { (pointer + index).initialize(to: unit) }
            pointers.append(pointer)
            return UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: CChar.self)
        }
    }

    private static let key = "+first\0-zwölf 🐟\0third\0"
    private static let columns = [
        KeyColumn(name: "first"), KeyColumn(name: "zwölf 🐟", isDescending: true), KeyColumn(name: "third"),
    ]

    /// The A structures are read for W too.
    @Test func layoutsOfBothKindsAgree() {
        #expect(MemoryLayout<JET_COLUMNCREATE_A>.size == MemoryLayout<JET_COLUMNCREATE_W>.size)
        #expect(MemoryLayout<JET_USERDEFINEDDEFAULT_A>.size == MemoryLayout<JET_USERDEFINEDDEFAULT_W>.size)
        #expect(MemoryLayout<JET_CONDITIONALCOLUMN_A>.size == MemoryLayout<JET_CONDITIONALCOLUMN_W>.size)
        #expect(MemoryLayout<JET_INDEXCREATE_A>.size == MemoryLayout<JET_INDEXCREATE_W>.size)
        #expect(MemoryLayout<JET_INDEXCREATE2_A>.size == MemoryLayout<JET_INDEXCREATE2_W>.size)
        #expect(MemoryLayout<JET_INDEXCREATE3_A>.size == MemoryLayout<JET_INDEXCREATE3_W>.size)
        #expect(MemoryLayout<JET_TABLECREATE_A>.size == MemoryLayout<JET_TABLECREATE_W>.size)
        #expect(MemoryLayout<JET_TABLECREATE2_A>.size == MemoryLayout<JET_TABLECREATE2_W>.size)
        #expect(MemoryLayout<JET_TABLECREATE3_A>.size == MemoryLayout<JET_TABLECREATE3_W>.size)
        #expect(MemoryLayout<JET_TABLECREATE3_A>.size == MemoryLayout<JET_TABLECREATE4_A>.size)
        #expect(MemoryLayout<JET_TABLECREATE4_A>.size == MemoryLayout<JET_TABLECREATE4_W>.size)
        let err = MemoryLayout<JET_INDEXCREATE_A>.offset(of: \.err)
        #expect(MemoryLayout<JET_INDEXCREATE2_W>.offset(of: \.err) == err)
        #expect(MemoryLayout<JET_INDEXCREATE3_W>.offset(of: \.err) == err)
        #expect(MemoryLayout<JET_INDEXCREATE3_W>.offset(of: \.cbKeyMost) == IndexStructure.oldByteCount)
    }

    @Test func keys() throws {
        func read<Unit: TextUnit>(_ text: String, _ unit: Unit.Type) throws -> [KeyColumn] {
            let units = Unit.encode(text)
            return try units.withUnsafeBytes { bytes in
                try readKey(bytes.baseAddress, UInt32(bytes.count), text: unit)
            }
        }
        #expect(try read(Self.key + "\0", CChar.self) == Self.columns)
        #expect(try read(Self.key + "\0", WCHAR.self) == Self.columns)
        for wrong in ["first\0\0", "+first\0", "+first", "+a\0\0\0", "+a\0\0x\0\0", "\0\0", "+"] {
            #expect(throws: JetError.indexInvalidDef) { _ = try read(wrong, CChar.self) }
            #expect(throws: JetError.indexInvalidDef) { _ = try read(wrong, WCHAR.self) }
        }
        #expect(throws: JetError.invalidParameter) { _ = try readKey(nil, 4, text: CChar.self) }
        #expect(throws: JetError.invalidParameter) { _ = try read("", CChar.self) }
    }

    private func checkColumns<Unit: TextUnit>(_ unit: Unit.Type) throws {
        let texts = Texts<Unit>()
        var given = JET_COLUMNCREATE_A()
        given.szColumnName = texts("näme")
        #expect(throws: JetError.invalidParameter) { _ = try ColumnCreation(given, text: unit) }
        given.cbStruct = UInt32(MemoryLayout<JET_COLUMNCREATE_A>.size)
        given.coltyp = JET_COLTYP(JET_coltypLongText)
        given.cp = 1200
        given.cbMax = 100
        given.grbit = JET_GRBIT(JET_bitColumnTagged)
        var column = ColumnCreation(
            name: "näme",
            definition: ColumnDefinition(
                type: UInt32(JET_coltypLongText), codePage: 1200, byteCountMost: 100,
                flags: UInt32(JET_bitColumnTagged)))
        #expect(try ColumnCreation(given, text: unit) == column)
        given.cbDefault = 3
        #expect(throws: JetError.invalidParameter) { _ = try ColumnCreation(given, text: unit) }
        var value: [UInt8] = [1, 2, 3]
        try value.withUnsafeMutableBytes { bytes throws -> Void in
            given.pvDefault = bytes.baseAddress
            column.defaultValue = .value([1, 2, 3])
            #expect(try ColumnCreation(given, text: unit) == column)
        }
        var computed = JET_USERDEFINEDDEFAULT_A()
        computed.szCallback = texts("module!function")
        computed.szDependantColumns = texts("a\0b\0")
        given.grbit |= JET_GRBIT(JET_bitColumnUserDefinedDefault)
        column.definition.flags = given.grbit
        column.defaultValue = .computed(callback: "module!function", userData: [], dependentColumns: ["a", "b"])
        try withUnsafeMutableBytes(of: &computed) { bytes throws -> Void in
            given.pvDefault = bytes.baseAddress
            #expect(throws: JetError.invalidParameter) { _ = try ColumnCreation(given, text: unit) }
            given.cbDefault = UInt32(bytes.count)
            #expect(try ColumnCreation(given, text: unit) == column)
        }
        given.szColumnName = nil
        #expect(throws: JetError.invalidParameter) { _ = try ColumnCreation(given, text: unit) }
    }

    @Test func columnsOfBothKinds() throws {
        try checkColumns(CChar.self)
        try checkColumns(WCHAR.self)
    }

    private func checkIndexes<Unit: TextUnit>(_ unit: Unit.Type) throws {
        let texts = Texts<Unit>()
        let byteCount = (Unit.encode(Self.key).count + 1) * MemoryLayout<Unit>.size
        var locale = JET_UNICODEINDEX(lcid: 0x407, dwMapFlags: 7)
        var limits = JET_TUPLELIMITS(chLengthMin: 2, chLengthMax: 3, chToIndexMax: 4, cchIncrement: 5, ichStart: 6)
        var condition = JET_CONDITIONALCOLUMN_A(
            cbStruct: UInt32(MemoryLayout<JET_CONDITIONALCOLUMN_A>.size), szColumnName: texts("c"), grbit: 1)
        var array = [JET_INDEXCREATE_A(), JET_INDEXCREATE_A()]
        for index in array.indices {
            array[index].cbStruct = UInt32(MemoryLayout<JET_INDEXCREATE_A>.size)
            array[index].szIndexName = texts("index \(index)")
            array[index].szKey = texts(Self.key)
            array[index].cbKey = UInt32(byteCount)
            array[index].ulDensity = 80
        }
        array[0].lcid = 0x409
        array[0].cbVarSegMac = 99
        array[1].grbit = JET_GRBIT(JET_bitIndexUnicode | JET_bitIndexTupleLimits | JET_bitIndexKeyMost)
        array[1].cbKeyMost = 500
        array[1].cConditionalColumn = 1
        var first = IndexCreation(name: "index 0", key: Self.columns, density: 80)
        first.locale = .number(0x409)
        first.variableByteCountMost = 99
        var second = IndexCreation(name: "index 1", key: Self.columns, flags: array[1].grbit, density: 80)
        second.locale = .numberAndFlags(0x407, mapFlags: 7)
        second.tupleLimits = TupleLimits(lengthMin: 2, lengthMax: 3, toIndexMax: 4, increment: 5, start: 6)
        second.conditions = [IndexCondition(column: "c", flags: 1)]
        second.keyByteCountMost = 500
        try withUnsafeMutablePointer(to: &locale) { locale throws -> Void in
            try withUnsafeMutablePointer(to: &limits) { limits throws -> Void in
                try withUnsafeMutablePointer(to: &condition) { condition throws -> Void in
                    array[1].pidxunicode = locale
                    array[1].ptuplelimits = limits
                    array[1].rgconditionalcolumn = condition
                    try array.withUnsafeMutableBytes { bytes throws -> Void in
                        let indexes = try givenIndexes(bytes.baseAddress, 2, .first)
                        #expect(try indexes[0].creation(text: unit) == first)
                        #expect(try indexes[1].creation(text: unit) == second)
                        indexes[1].setResult(-5)
                        #expect(throws: JetError.invalidParameter) {
                            _ = try givenIndexes(bytes.baseAddress, 2, .third)
                        }
                        #expect(throws: JetError.invalidParameter) { _ = try givenIndexes(nil, 2, .first) }
                    }
                    #expect(array[0].err == 0 && array[1].err == -5)
                }
            }
        }
    }

    @Test func indexesOfBothKinds() throws {
        try checkIndexes(CChar.self)
        try checkIndexes(WCHAR.self)
    }

    @Test func indexesOfTheThirdVersion() throws {
        let texts = Texts<WCHAR>()
        let locale = UnsafeMutablePointer<JET_UNICODEINDEX2>.allocate(capacity: 1)
        let hints = UnsafeMutablePointer<JET_SPACEHINTS>.allocate(capacity: 1)
        defer {
            locale.deallocate()
            hints.deallocate()
        }
        let name = UnsafeMutableRawPointer(texts("de-DE")).assumingMemoryBound(to: WCHAR.self)
        locale.initialize(to: JET_UNICODEINDEX2(szLocaleName: name, dwMapFlags: 9))
        hints.initialize(to: JET_SPACEHINTS())
        hints.pointee.cbInitial = 65_536
        var given = JET_INDEXCREATE3_A()
        given.cbStruct = UInt32(MemoryLayout<JET_INDEXCREATE3_A>.size)
        given.szIndexName = texts("i")
        given.szKey = texts("+a\0")
        given.cbKey = 8
        given.pidxunicode = locale
        given.pSpacehints = hints
        try withUnsafeMutablePointer(to: &given) { given throws -> Void in
            // The locale counts with its option only; the hints must be whole.
            #expect(throws: JetError.invalidParameter) {
                _ = try GivenIndex(given, .third).creation(text: WCHAR.self)
            }
            hints.pointee.cbStruct = UInt32(MemoryLayout<JET_SPACEHINTS>.size)
            #expect(try GivenIndex(given, .third).creation(text: WCHAR.self).locale == .standard)
            given.pointee.grbit = JET_GRBIT(JET_bitIndexUnicode)
            let index = try GivenIndex(given, .third).creation(text: WCHAR.self)
            #expect(index.locale == .nameAndFlags("de-DE", mapFlags: 9))
            #expect(index.spaceHints?.initialByteCount == 65_536)
        }
    }

    private func checkTables<Unit: TextUnit>(_ unit: Unit.Type) throws {
        let texts = Texts<Unit>()
        var columns = [JET_COLUMNCREATE_A(), JET_COLUMNCREATE_A()]
        for index in columns.indices {
            columns[index].cbStruct = UInt32(MemoryLayout<JET_COLUMNCREATE_A>.size)
            columns[index].szColumnName = texts("c\(index)")
        }
        var first = JET_TABLECREATE_A()
        var second = JET_TABLECREATE2_A()
        var fourth = JET_TABLECREATE4_A()
        first.cbStruct = UInt32(MemoryLayout<JET_TABLECREATE_A>.size)
        second.cbStruct = UInt32(MemoryLayout<JET_TABLECREATE2_A>.size)
        fourth.cbStruct = UInt32(MemoryLayout<JET_TABLECREATE4_A>.size)
        first.szTableName = texts("table")
        second.szTableName = texts("table")
        fourth.szTableName = texts("table")
        second.szCallback = texts("callback")
        second.cbtyp = 4
        fourth.cbSeparateLV = 1000
        first.ulPages = 16
        try columns.withUnsafeMutableBufferPointer { columns throws -> Void in
            first.rgcolumncreate = columns.baseAddress
            first.cColumns = 2
            let table = try GivenTable(&first, text: unit)
            #expect(table.creation == TableCreation(name: "table", pageCount: 16))
            #expect(try table.columns.map { try ColumnCreation($0, text: unit).name } == ["c0", "c1"])
            table.columns[1].columnid = 257
        }
        #expect(columns[1].columnid == 257)
        try withUnsafeMutablePointer(to: &second) {
            let table = try GivenTable($0, text: unit)
            #expect(table.creation.callback == "callback" && table.creation.callbackEvents == 4)
            table.setResults(cursor: 99, createdCount: 3)
        }
        #expect(second.tableid == 99 && second.cCreated == 3)
        try withUnsafeMutablePointer(to: &fourth) {
            let table = try GivenTable($0, text: unit)
            #expect(table.creation.separationByteCount == 1000 && table.indexes.isEmpty)
            table.setResults(cursor: 98, createdCount: 1)
        }
        #expect(fourth.tableid == 98 && fourth.cCreated == 1)
        fourth.cIndexes = 1
        #expect(throws: JetError.invalidParameter) { _ = try GivenTable(&fourth, text: unit) }
        #expect(throws: JetError.invalidParameter) {
            _ = try GivenTable(nil as UnsafeMutablePointer<JET_TABLECREATE_A>?, text: unit)
        }
        first.cbStruct -= 1
        #expect(throws: JetError.invalidParameter) { _ = try GivenTable(&first, text: unit) }
    }

    @Test func tablesOfBothKinds() throws {
        try checkTables(CChar.self)
        try checkTables(WCHAR.self)
    }

    @Test func placesOfValues() throws {
        var setting = JET_SETINFO(cbStruct: 12, ibLongValue: 5, itagSequence: 2)
        #expect(try ValuePlace(&setting) == ValuePlace(byteOffset: 5, valueNumber: 2))
        setting.cbStruct = 16
        #expect(throws: JetError.invalidParameter) { _ = try ValuePlace(&setting) }
        #expect(try ValuePlace(nil as UnsafePointer<JET_RETINFO>?) == ValuePlace())
        var column = JET_SETCOLUMN()
        column.cbData = 10
        #expect(throws: JetError.invalidParameter) { _ = try column.value() }
        column.grbit = JET_GRBIT(JET_bitSetSizeLV)
        #expect(try column.value().isEmpty)
    }
}

// Layer: ESEEngineTests. Tests: RecordBuffer, RecordShape, RecordView.

import ESEFormat
import Testing

@testable import ESEEngine

@Suite struct RecordBufferTests {
    let table = shape()
    let buffer = RecordBuffer(pageSize: .kibibytes4)

    private func failure(_ body: () throws -> Void) -> JetError? {
        do { try body() } catch { return error as? JetError }
        return nil
    }

    @Test func rowOfTheCatalogIsThatOfWindows() throws {
        // The golden row of table MSysObjects (format map, 6.2).
        let sizes: [(ColumnType, Int)] = [
            (.long, 4), (.short, 2), (.long, 4), (.long, 4), (.long, 4), (.long, 4), (.long, 4), (.bit, 1),
        ]
        var columns: [ColumnDefinition] = []
        var offset: UInt16 = 4
        for (index, (type, count)) in sizes.enumerated() {
            columns.append(
                ColumnDefinition(id: ColumnID(UInt16(index + 1)), name: "", type: type, recordOffset: offset))
            offset += UInt16(count)
        }
        columns.append(
            ColumnDefinition(id: ColumnID(128), name: "", type: .text, codePage: 1_252, maximumByteCount: 255))
        let catalog = shape(columns)
        buffer.startInsert(catalog)
        try buffer.put(1, [2, 0, 0, 0])
        try buffer.put(2, [1, 0])
        try buffer.put(3, [2, 0, 0, 0])
        try buffer.put(4, [4, 0, 0, 0])
        try buffer.put(5, [0x50, 0, 0, 0])
        try buffer.put(6, [0, 0, 0, 0xc0])
        try buffer.put(7, [0x14, 0, 0, 0])
        try buffer.put(8, [1])
        try buffer.put(128, Array("MSysObjects".utf8))
        #expect(
            buffer.array == [
                0x08, 0x80, 0x20, 0, 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0x50, 0, 0, 0, 0, 0, 0, 0xc0, 0x14, 0, 0,
                0, 0xff, 0, 0x0b, 0,
            ] + Array("MSysObjects".utf8))
    }

    @Test func fixedColumnsThatAreSkippedAreNullWithWindowsFill() throws {
        buffer.startInsert(table)
        try buffer.put(2, [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(
            buffer.array == [2, 127, 17, 0, 0x2a, 0x2a, 0x2a, 0x2a, 1, 2, 3, 4, 5, 6, 7, 8, 0b1111_1101])
        #expect(try buffer.value(1) == nil)
        #expect(try buffer.value(3) == nil)
    }

    @Test func valuesOfTheWrongSizeAreRefused() throws {
        buffer.startInsert(table)
        #expect(failure { try buffer.put(1, [1, 2]) } == .invalidBufferSize)
        #expect(failure { try buffer.put(4, Array("seventh".utf8)) } == .invalidBufferSize)
        #expect(failure { try buffer.put(257, [1]) } == .invalidBufferSize)
        #expect(failure { try buffer.put(1, nil) } == .nullInvalid)
        #expect(failure { try buffer.put(77, [1]) } == .columnNotFound)
        #expect(failure { try buffer.put(300, [1]) } == .columnNotFound)
        #expect(failure { try buffer.put(260, Array(repeating: 1, count: 256)) } == .columnTooBig)
        #expect(failure { try buffer.put(256, [1], offset: 5, options: .overwrite) } == .columnNoChunk)
        #expect(failure { try buffer.put(257, [1, 0, 0, 0], options: [.unique, .append]) } == .invalidGrbit)
        #expect(failure { try buffer.put(256, [1], options: .contiguous) } == .invalidGrbit)
        #expect(failure { try buffer.put(256, [1], options: [.contiguous, .separate]) } == .invalidBufferSize)
        #expect(buffer.byteCount == 4, "nothing was set")
    }

    @Test func shortFixedTextIsFilledWithSpacesAndBitIsNormalised() throws {
        buffer.startInsert(table)
        try buffer.put(4, Array("ab".utf8))
        try buffer.put(3, [1])
        #expect(try buffer.value(4) == Array("ab    ".utf8))
        #expect(try buffer.value(3) == [0xff])
        try buffer.put(3, [], options: .zeroLength)
        #expect(try buffer.value(3) == nil, "fixed columns have no values without bytes")
    }

    @Test func longVariableValuesAreCutWithAWarning() throws {
        buffer.startInsert(table)
        #expect(try buffer.put(129, Array(repeating: 65, count: 25)).isTruncated)
        #expect(try buffer.value(129) == Array(repeating: 65, count: 20))
        #expect(try buffer.value(128) == nil)
        try buffer.put(128, [], options: .zeroLength)
        #expect(try buffer.value(128) == [])
        try buffer.put(128, [])
        #expect(try buffer.value(128) == nil)
    }

    @Test func engineColumnsAreOnlyTheEngines() throws {
        let table = shape([
            ColumnDefinition(id: ColumnID(1), name: "n", type: .long, flags: [.autoincrement], recordOffset: 4),
            ColumnDefinition(id: ColumnID(2), name: "v", type: .long, flags: [.version], recordOffset: 8),
        ])
        #expect(table.autoincrement == key(1) && table.version == key(2))
        buffer.startInsert(table)
        #expect(failure { try buffer.put(1, [1, 0, 0, 0]) } == .invalidColumnType)
        try buffer.put(2, [1, 0, 0, 0])
        try [UInt8]([9, 0, 0, 0]).withUnsafeBytes { try buffer.setByEngine(key(1), $0) }
        #expect(try buffer.value(1) == [9, 0, 0, 0])
        try buffer.load(buffer.array, table)
        #expect(failure { try buffer.put(2, [1, 0, 0, 0]) } == .invalidColumnType)
        buffer.startInsert(table, mustSetNumber: true)
        #expect(failure { try buffer.put(1, nil) } == .autoIncrementNotSet)
        try buffer.put(1, [5, 0, 0, 0])
    }

    @Test func defaultsStandInNewRecordsAndReachOldOnes() throws {
        let first = Array(testColumns[0..<1])
        var later = first
        later.append(
            ColumnDefinition(
                id: ColumnID(2), name: "d", type: .short, flags: .hasDefault, recordOffset: 8, defaultValue: [5, 0]))
        later.append(ColumnDefinition(id: ColumnID(3), name: "e", type: .short, recordOffset: 10))
        for (index, text) in ["x", "yz"].enumerated() {
            later.append(
                ColumnDefinition(
                    id: ColumnID(UInt16(128 + index)), name: "v", type: .text, flags: .hasDefault, codePage: 1_252,
                    maximumByteCount: 9, defaultValue: Array(text.utf8)))
        }
        later.append(
            ColumnDefinition(id: ColumnID(130), name: "w", type: .text, codePage: 1_252, maximumByteCount: 9))
        let old = shape(first)
        let new = shape(later)
        buffer.startInsert(old)
        try buffer.put(1, [1, 0, 0, 0])
        let record = buffer.array
        try buffer.load(record, new)
        #expect(try buffer.value(2) == [5, 0])
        #expect(try buffer.value(129) == Array("yz".utf8))
        try buffer.put(3, [1, 1])
        try buffer.put(130, [65])
        #expect(try buffer.value(2) == [5, 0])
        #expect(try buffer.value(128) == Array("x".utf8))
        #expect(try buffer.value(129) == Array("yz".utf8))
        #expect(try buffer.value(130) == [65])
        // A record that has them keeps them when the table no longer has the default.
        #expect(buffer.array.count > record.count)
        buffer.startInsert(new)
        #expect(buffer.array == [UInt8](new.defaultRecord))
        #expect(try buffer.value(2) == [5, 0])
    }

    @Test func taggedNullHidesTheDefaultUntilReverted() throws {
        for size in [PageSize.kibibytes4, .kibibytes32] {
            let table = shape(testColumns, size)
            let buffer = RecordBuffer(pageSize: size)
            buffer.startInsert(table)
            #expect(try buffer.value(259) == [7, 0])
            #expect(try buffer.view().field(key(259)).traits.contains(.isDefault))
            #expect(try buffer.view().field(key(259), ignoresDefault: true).isNull)
            try buffer.put(259, nil)
            #expect(try buffer.value(259) == nil)
            try buffer.put(259, [1, 0])
            try buffer.put(259, nil)
            #expect(try buffer.value(259) == nil)
            try buffer.put(259, nil, options: .revertToDefault)
            #expect(try buffer.value(259) == [7, 0])
            try buffer.put(259, [], options: .zeroLength)
            #expect(try buffer.value(259) == [])
            #expect(buffer.array.count > 4)
        }
    }

    @Test func deletedValueShiftsTheRestDown() throws {
        for size in [PageSize.kibibytes4, .kibibytes32] {
            let table = shape(testColumns, size)
            let buffer = RecordBuffer(pageSize: size)
            buffer.startInsert(table)
            for value in 1...4 { try buffer.put(257, [UInt8(value), 0, 0, 0], occurrence: 0) }
            try buffer.put(257, nil, occurrence: 2)
            #expect(try buffer.values(257) == [[1, 0, 0, 0], [3, 0, 0, 0], [4, 0, 0, 0]])
            try buffer.put(257, [9, 0, 0, 0], occurrence: 7)
            #expect(try buffer.values(257).count == 4)
            for _ in 0..<3 { try buffer.put(257, nil, occurrence: 1) }
            #expect(try buffer.values(257) == [[9, 0, 0, 0]])
            try buffer.put(257, nil)
            #expect(buffer.byteCount == 4)
        }
    }

    @Test func twoShortValuesHaveAFormOfTheirOwnOnSmallPages() throws {
        buffer.startInsert(table)
        try buffer.put(260, [65], occurrence: 0)
        #expect(buffer.array.suffix(5) == [4, 1, 4, 0, 65])
        try buffer.put(260, [66, 67], occurrence: 0)
        #expect(buffer.array.suffix(9) == [4, 1, 4, 0x40, 0x18, 1, 65, 66, 67])
        try buffer.put(260, [68], occurrence: 0)
        #expect(buffer.array.suffix(11) == [8, 6, 0, 7, 0, 9, 0, 65, 66, 67, 68])
        // Once it has left the form it does not come back to it.
        try buffer.put(260, nil, occurrence: 1)
        #expect(buffer.array.suffix(8) == [8, 4, 0, 6, 0, 66, 67, 68])
        try buffer.put(260, nil, occurrence: 2)
        #expect(buffer.array.suffix(6) == [4, 1, 4, 0, 66, 67])
        // Large pages never have it.
        let large = shape(testColumns, .kibibytes32)
        let buffer = RecordBuffer(pageSize: .kibibytes32)
        buffer.startInsert(large)
        try buffer.put(260, [65], occurrence: 0)
        try buffer.put(260, [66], occurrence: 0)
        #expect(buffer.array.suffix(11) == [4, 1, 4, 0, 8, 4, 0, 5, 0, 65, 66])
    }

    @Test func equalValuesAreRefusedWhereTheyShallDiffer() throws {
        buffer.startInsert(table)
        try buffer.put(260, Array("abc".utf8), occurrence: 0)
        try buffer.put(260, Array("ABC".utf8), occurrence: 0, options: .unique)
        #expect(
            failure { try buffer.put(260, Array("abc".utf8), occurrence: 0, options: .unique) }
                == .multiValuedDuplicate)
        try buffer.put(260, Array("abc".utf8), occurrence: 1, options: .unique)
        #expect(
            failure { try buffer.put(260, Array("aBc".utf8), occurrence: 0, options: .uniqueNormalized) }
                == .multiValuedDuplicate)
        try buffer.put(260, Array("abd".utf8), occurrence: 0, options: .uniqueNormalized)
        #expect(try buffer.values(260).count == 3)
    }

    @Test func longValuesGrowShrinkAndAreOverwritten() throws {
        buffer.startInsert(table)
        try buffer.put(256, [1, 2, 3])
        try buffer.put(256, [4, 5], options: .append)
        #expect(try buffer.value(256) == [1, 2, 3, 4, 5])
        try buffer.put(256, [9, 9], offset: 1, options: .overwrite)
        #expect(try buffer.value(256) == [1, 9, 9, 4, 5])
        try buffer.put(256, [8, 8], offset: 4, options: .overwrite)
        #expect(try buffer.value(256) == [1, 9, 9, 4, 8, 8])
        try buffer.put(256, [7], offset: 2, options: [.overwrite, .setSize])
        #expect(try buffer.value(256) == [1, 9, 7])
        try buffer.set(key(256), nil, byteCount: 5, options: .setSize)
        #expect(try buffer.value(256) == [1, 9, 7, 0, 0])
        try buffer.set(key(256), nil, byteCount: 1, options: .setSize)
        #expect(try buffer.value(256) == [1])
        try buffer.put(256, [], options: .append)
        #expect(try buffer.value(256) == [1])
        try buffer.put(256, [], options: .zeroLength)
        #expect(try buffer.value(256) == [])
        try buffer.put(256, [])
        #expect(try buffer.value(256) == nil)
    }

    @Test func separatedValuesAskForTheTree() throws {
        buffer.startInsert(table)
        let large = [UInt8](repeating: 3, count: 1_024)
        let asked = try buffer.put(256, large)
        #expect(asked.edit == LongValueEdit(operation: .replace, isCompressed: false, isContiguous: false))
        #expect(try buffer.value(256) == nil, "nothing was changed")
        try buffer.setLongValue(key(256), LongValueID(77))
        #expect(try buffer.view().field(key(256)).longValueID() == LongValueID(77))
        let more = try buffer.put(256, [1], options: .append)
        #expect(more.edit?.existing == LongValueID(77) && more.edit?.operation == .append)
        let small = try buffer.put(256, [1, 2])
        #expect(small.released == LongValueID(77) && small.edit == nil)
        #expect(try buffer.value(256) == [1, 2])
        #expect(try buffer.put(256, [1, 2, 3, 4], options: .separate).edit == nil)
        #expect(try buffer.put(256, [1, 2, 3, 4, 5], options: .separate).edit != nil)
        #expect(try buffer.put(256, large, options: .intrinsic).edit == nil)
        #expect(try buffer.value(256) == large)
    }

    @Test func compressedColumnsHoldTheFirstValueCompressed() throws {
        buffer.startInsert(table)
        let text = Array("hello, world".utf16).flatMap { [UInt8($0 & 0xff), 0] }
        try buffer.put(258, text, occurrence: 0)
        #expect(try buffer.view().field(key(258)).traits.contains(.compressed))
        try buffer.put(258, text + text, occurrence: 0)
        #expect(try buffer.view().field(key(258), occurrence: 1).traits.contains(.compressed))
        #expect(try !buffer.view().field(key(258), occurrence: 2).traits.contains(.compressed))
        #expect(try buffer.values(258) == [text, text + text])
        try buffer.put(258, nil, occurrence: 1)
        #expect(try buffer.values(258) == [text + text])
        try buffer.put(258, text, options: .uncompressed)
        #expect(try buffer.view().field(key(258)).isPlain)
        try buffer.put(258, text, options: .append)
        #expect(try buffer.view().field(key(258)).traits.contains(.compressed))
        #expect(try buffer.value(258) == text + text)
    }

    @Test func fullRecordGivesAwayItsLongValues() throws {
        buffer.startInsert(table)
        var number: UInt32 = 0
        for _ in 0..<12 {
            try buffer.put(258, Array(repeating: 200, count: 300), occurrence: 0, options: .uncompressed)
        }
        let before = buffer.array
        #expect(failure { try buffer.put(258, Array(repeating: 201, count: 300), occurrence: 0) } == .recordTooBig)
        #expect(buffer.array == before)
        for threshold in SeparationThresholds(pageSize: .kibibytes4) {
            var position = 0
            while let candidate = try buffer.nextSeparationCandidate(above: threshold, from: &position) {
                number += 1
                try buffer.setLongValue(
                    candidate.column.key, occurrence: candidate.occurrence, LongValueID(number))
            }
            if failure({
                try buffer.put(258, Array(repeating: 201, count: 300), occurrence: 0, threshold: threshold)
            }) == nil {
                break
            }
        }
        #expect(number == 12)
        #expect(try buffer.view().valueCount(key(258)) == 13)
        #expect(Array(SeparationThresholds(pageSize: .kibibytes4)) == [2_048, 1_024, 512, 256, 128, 64, 4])
    }

    @Test func recordsEndAtTheirLimit() throws {
        // 4 KiB: 4,048 bytes of a node, less 2 and 255.
        #expect(RecordShape.recordLimit(.kibibytes4, keyByteCount: 5) == 3_791)
        #expect(RecordShape.recordLimit(.kibibytes4, keyByteCount: 255) == 3_789)
        #expect(RecordShape.recordLimit(.kibibytes32, keyByteCount: 255) == 32_768 - 80 - 8 - 4 - 255)
        buffer.startInsert(table)
        try buffer.put(128, [1])
        var added = 0
        while failure({ try buffer.put(260, Array(repeating: 65, count: 40), occurrence: 0) }) == nil { added += 1 }
        #expect(buffer.byteCount <= table.limit && buffer.byteCount > table.limit - 42)
        while failure({ try buffer.put(260, [65], occurrence: 0) }) == nil {}
        let before = buffer.array
        #expect(failure { try buffer.put(128, Array(repeating: 1, count: 100)) } == .recordTooBig)
        #expect(failure { try buffer.put(4, [65]) } == .recordTooBig)
        #expect(buffer.array == before)
    }

    @Test func columnsAreEnumeratedInOrder() throws {
        buffer.startInsert(table)
        try buffer.put(1, [1, 0, 0, 0])
        try buffer.put(257, [1, 0, 0, 0], occurrence: 0)
        try buffer.put(257, [2, 0, 0, 0], occurrence: 0)
        try buffer.put(260, [65])
        var seen: [String] = []
        try buffer.view().forEachColumn { column throws(JetError) in
            seen.append("\(column.column.key.id):\(column.valueCount)\(column.isDefault ? "d" : "")")
        }
        #expect(seen == ["1:1", "2:0", "3:0", "4:0", "128:0", "129:0", "257:2", "259:1d", "260:1"])
        let view = try buffer.view()
        #expect(try view.taggedValue(2)?.occurrence == 2)
        #expect(try view.taggedValue(3)?.column.key == key(260))
        #expect(try view.taggedValue(4) == nil)
    }

    @Test func templateColumnsComeFirst() throws {
        let table = shape([
            ColumnDefinition(id: ColumnID(256), name: "own", type: .long),
            ColumnDefinition(id: ColumnID(300), name: "t", type: .long, isFromTemplate: true),
        ])
        buffer.startInsert(table)
        try buffer.put(256, [1, 0, 0, 0])
        // The only column of its number is found without the mark too.
        try buffer.put(300, [2, 0, 0, 0])
        #expect(buffer.array[4..<8] == [0x2c, 1, 8, 0x80])
        #expect(try buffer.view().field(ColumnKey(ColumnID(300), isFromTemplate: true)).array() == [2, 0, 0, 0])
        #expect(try buffer.value(256) == [1, 0, 0, 0])
    }

    @Test func fieldsOfDeletedColumnsAreSkippedAndRemoved() throws {
        buffer.startInsert(table)
        try buffer.put(257, [1, 0, 0, 0])
        try buffer.setLongValue(key(258), LongValueID(5))
        try buffer.put(260, [65])
        let record = buffer.array
        let smaller = shape(testColumns.filter { $0.id != ColumnID(258) })
        try buffer.load(record, smaller)
        var released: [LongValueID] = []
        try buffer.removeDeletedColumns { id throws(JetError) in released.append(id) }
        #expect(released == [LongValueID(5)])
        #expect(buffer.byteCount == record.count - 9)
        #expect(try buffer.value(257) == [1, 0, 0, 0])
        #expect(try buffer.value(260) == [65])
    }

    @Test func impossibleColumnsMakeNoShape() {
        func make(_ columns: [ColumnDefinition]) -> JetError? {
            failure { _ = try RecordShape(columns: columns, pageSize: .kibibytes4) }
        }
        var column = testColumns[1]
        column.recordOffset = 6
        #expect(make([testColumns[0], column]) == .databaseCorrupted)
        column.recordOffset = 2
        #expect(make([column]) == .databaseCorrupted)
        #expect(make([testColumns[0], testColumns[0]]) == .databaseCorrupted)
        var wrong = testColumns[0]
        wrong.defaultValue = [1]
        #expect(make([wrong]) == .databaseCorrupted)
    }
}

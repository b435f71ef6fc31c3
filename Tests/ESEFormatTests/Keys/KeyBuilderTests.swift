// Layer: ESEFormatTests/Keys. Tests: values into keys, back, their order, their limits.

import ESEFormat
import Primitives
import Testing

@Suite struct KeyBuilderTests {
    /// Keys that Windows stored: index.edb of the sample databases (fox-it/dissect.esedb, tests/_data), one row.
    static let golden: [(ColumnType, UInt16, UInt32, String, String)] = [
        (.bit, 2, 0, "00", "7f00"),
        (.unsignedByte, 3, 0, "d5", "7fd5"),
        (.short, 4, 0, "c7fa", "7f7ac7"),
        (.long, 5, 0, "37f833ff", "7f7f33f837"),
        (.currency, 6, 0, "c9b000b41dc00400", "7f8004c01db400b0c9"),
        (.single, 7, 0, "0000803f", "7fbf800000"),
        (.double, 8, 0, "43614724f9806941", "7fc16980f924476143"),
        (.dateTime, 9, 0, "0000000080afe140", "7fc0e1af8000000000"),
        (.unsignedLong, 10, 0, "c907cc00", "7f00cc07c9"),
        (.longLong, 11, 0, "37f833ffffffffff", "7f7fffffffff33f837"),
        (.guid, 12, 0, "f10a363f6667dc469af20dacf295c2a1", "7f0dacf295c2a19af2dc466667f10a363f"),
        (.unsignedShort, 13, 0, "3905", "7f0539"),
        (
            .binary, 128, 0, "746573742062696e6172792064617461",
            "7f746573742062696e09617279206461746108"
        ),
        (
            .text, 129, 1_252, "53696d706c652041534349492074657874",
            "7f53494d504c45204153434949205445585400"
        ),
    ]

    @Test(arguments: golden)
    func keysThatWindowsStored(type: ColumnType, id: UInt16, codePage: UInt32, value: String, key: String) throws {
        let columns = [column(id, type, codePage: codePage)]
        let made = try makeKey(index(columns), columns, [hex(value)])
        #expect(made.key == hex(key))
        #expect(made.report == KeyReport())
    }

    @Test func longBinaryFillsTheKey() throws {
        // index.edb, IxLongBinary: 1,022 bytes.
        let columns = [column(256, .longBinary)]
        let value = Array("test long binary data ".utf8) + [UInt8](repeating: 0x61, count: 1_000)
        let made = try makeKey(index(columns), columns, [value])
        #expect(made.key.count == 255)
        #expect(Array(made.key.prefix(19)) == hex("7f74657374206c6f6e09672062696e61727909"))
        #expect(Array(made.key.suffix(4)) == hex("61096161"))
        #expect(made.report.isTruncated)
    }

    @Test func longASCIITextFillsTheKey() throws {
        // index.edb, IxLongASCII: 1,040 bytes.
        let columns = [column(257, .longText, codePage: 1_252)]
        let value = Array("Long ASCII text ".utf8) + [UInt8](repeating: 0x61, count: 1_024)
        let made = try makeKey(index(columns), columns, [value])
        #expect(made.key == [0x7f] + Array("LONG ASCII TEXT ".utf8) + [UInt8](repeating: 0x41, count: 238))
        #expect(made.report.isTruncated)
    }

    @Test func catalogKeys() throws {
        // MSysObjects of the same database: the primary key of a column's row, and the index "Name".
        let columns = [column(1, .long), column(2, .short), column(3, .long), column(128, .text, codePage: 1_252)]
        let primary = try makeKey(
            index(Array(columns[..<3])), columns, [little(Int32(2)), little(Int16(2)), little(Int32(1))])
        #expect(primary.key == hex("7f800000027f80027f80000001"))
        let byName = try makeKey(
            index([columns[0], columns[1], columns[3]]), columns,
            [little(Int32(2)), little(Int16(2)), Array("CallbackData".utf8)])
        #expect(byName.key == hex("7f800000027f80027f43414c4c4241434b4441544100"))
    }

    @Test func descendingKeyThatWindowsStored() throws {
        // Catalog1.edb of Windows File History, index "filePathIndex": the third column sorts from high to low.
        let columns = [column(2, .long), column(3, .long), column(9, .long)]
        let definition = index(columns, descending: [2])
        let made = try makeKey(definition, columns, [little(Int32(4)), little(Int32(0xca)), little(Int32(2))])
        #expect(made.key == hex("7f80000004 7f800000ca 807ffffffd"))
        let reader = try KeyReader(index: definition, columns: columns)
        #expect(try contents(reader, made.key) == [.value(.signed(4)), .value(.signed(0xca)), .value(.signed(2))])
    }

    @Test func recordNumbersHaveNoPrefix() throws {
        var key: [UInt8] = [9]
        KeyBuilder.build(sequentialRecord: 0x0102_0304, into: &key)
        #expect(key == [1, 2, 3, 4])
        #expect(try KeyReader.sequentialRecord(of: key.span.bytes) == 0x0102_0304)
        #expect(throws: FormatError(.badKey, at: 3)) {
            try KeyReader.sequentialRecord(of: key.span.bytes.extracting(0..<3))
        }
    }

    @Test func dotNetGUIDs() throws {
        let columns = [column(1, .guid)]
        let made = try makeKey(index(columns, flags: [.dotNetGUID]), columns, [(0..<16).map { UInt8($0) }])
        #expect(made.key == [0x7f, 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15])
    }

    // MARK: NULL and nothing.

    @Test func nullEmptyAndValueSortInThisOrder() throws {
        let columns = [column(128, .text, codePage: 1_252)]
        for (isHigh, isDescending) in [(false, false), (true, false), (false, true), (true, true)] {
            let flags: IndexFlags = isHigh ? [.nullsSortHigh] : []
            let definition = index(columns, flags: flags, descending: isDescending ? [0] : [])
            let keys = try [nil, [], [1], [0xff]].map { try makeKey(definition, columns, [$0]).key }
            var order = isHigh ? [1, 2, 3, 0] : [0, 1, 2, 3]
            if isDescending { order.reverse() }
            #expect(keys.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) } == order)
        }
        #expect(try makeKey(index(columns), columns, [nil]).report.nulls == .all)
    }

    @Test func whichValuesAreNull() throws {
        let columns = [column(1, .long), column(2, .long)]
        let one = little(Int32(1))
        let expected: [([[UInt8]?], KeyReport.Nulls)] = [
            ([one, one], .none), ([one, nil], .some), ([nil, one], .first), ([nil, nil], .all),
        ]
        for (values, nulls) in expected {
            #expect(try makeKey(index(columns), columns, values).report.nulls == nulls)
        }
    }

    // MARK: Limits.

    @Test func whatDoesNotFitIsCut() throws {
        let columns = [column(1, .longLong), column(2, .long), column(3, .short)]
        let values: [[UInt8]?] = [little(Int64(0)), little(Int32(0)), little(Int16(0))]
        let whole = try makeKey(index(columns), columns, values)
        #expect(whole.key == hex("7f8000000000000000 7f80000000 7f8000"))
        for most in 1..<whole.key.count {
            let cut = try makeKey(index(columns, keyMost: most), columns, values)
            #expect(cut.key == Array(whole.key.prefix(most)))
            #expect(cut.report.isTruncated)
        }
    }

    @Test func columnsOwnLimitIsNotTruncation() throws {
        let columns = [column(256, .longBinary), column(1, .short)]
        let definition = index(columns, keyMost: 64, segmentMost: 12)
        let made = try makeKey(definition, columns, [[UInt8](repeating: 5, count: 20), little(Int16(0))])
        #expect(made.key == hex("7f 0505050505050505 09 0505 7f8000"))
        #expect(!made.report.isTruncated)
        let parts = try KeyReader(index: definition, columns: columns).segments(of: made.key.span.bytes)
        #expect(parts.map(\.content) == [.cut(hex("0505050505050505 0505")), .value(.signed(0))])
    }

    @Test func binaryThatEndsWithAGroupDiffersFromCutBinary() throws {
        let columns = [column(128, .binary)]
        let eight = [UInt8](repeating: 7, count: 8)
        let whole = try makeKey(index(columns, keyMost: 10), columns, [eight])
        let cut = try makeKey(index(columns, keyMost: 10), columns, [eight + [7]])
        #expect(whole.key.last == 8)
        #expect(cut.key.last == 9)
        #expect(!whole.report.isTruncated)
        #expect(cut.report.isTruncated)
    }

    @Test func lastByteOfCutASCIITextLosesItsCaseBitWhateverItIs() throws {
        let columns = [column(128, .text, codePage: 1_252)]
        let made = try makeKey(index(columns, keyMost: 5), columns, [Array("ab1!5678".utf8)])
        #expect(made.key == [0x7f] + Array("AB1".utf8) + [0x01])
        #expect(made.report.isTruncated)
    }

    @Test func textEndsAtNUL() throws {
        let columns = [column(128, .text, codePage: 1_252)]
        #expect(try makeKey(index(columns), columns, [Array("ab\0cd".utf8)]).key == hex("7f 41 42 00"))
        // Also where the limit falls behind it.
        let made = try makeKey(index(columns, keyMost: 5), columns, [Array("ab\0cd".utf8)])
        #expect(made.key == hex("7f 41 42 00"))
        #expect(!made.report.isTruncated)
    }

    @Test func oldKeysUseOnlyTheFirst255Bytes() throws {
        // Characters without weight use up the source; a longer key asks for more of it.
        struct SkippingCollator: TextCollator {
            mutating func appendSortKey(of text: RawSpan, to key: inout [UInt8], limit: Int) -> Int? {
                var whole: [UInt8] = []
                for place in stride(from: 0, to: text.byteCount, by: 2) {
                    guard let unit = try? text.little(place, as: UInt16.self) else { return nil }
                    if unit != 0x20 { whole += [14, UInt8(truncatingIfNeeded: unit)] }
                }
                whole += [1, 1, 1, 1, 0]
                key += whole.prefix(limit)
                return whole.count
            }
        }
        let columns = [column(256, .longText, codePage: 1_200)]
        let text = utf16(String(repeating: " ", count: 500) + "a")
        var key: [UInt8] = []
        var old = try KeyBuilder(index: index(columns), columns: columns, collator: SkippingCollator())
        _ = try old.build(of: [text], into: &key)
        #expect(key == hex("7f 0101010100"))
        var new = try KeyBuilder(index: index(columns, keyMost: 300), columns: columns, collator: SkippingCollator())
        _ = try new.build(of: [text], into: &key)
        #expect(key == hex("7f 0e61 0101010100"))
    }

    @Test func textWithoutCollationIsSaid() throws {
        let columns = [column(128, .text, codePage: 1_200)]
        var key: [UInt8] = []
        var builder = try KeyBuilder(index: index(columns), columns: columns)
        #expect(try builder.build(of: [utf16("a")], into: &key).isExact == false)
        #expect(try makeKey(index(columns), columns, [utf16("\u{3042}")]).report.isExact == false)
        #expect(try makeKey(index(columns), columns, [utf16("a")]).report.isExact)
    }

    @Test func valuesOfTheWrongSizeAreErrors() throws {
        for type in ColumnType.allCases {
            guard let size = type.fixedByteCount else { continue }
            let columns = [column(1, type)]
            for count in [0, size - 1, size + 1] where count != size {
                #expect(throws: FormatError(.badValue, at: 0)) {
                    try makeKey(index(columns), columns, [[UInt8](repeating: 0, count: count)])
                }
            }
        }
        let text = [column(128, .text, codePage: 1_200)]
        #expect(throws: FormatError(.badValue, at: 0)) { try makeKey(index(text), text, [[0x41]]) }
        #expect(throws: FormatError(.badValue, at: 2)) { try makeKey(index(text), text, [nil, nil]) }
        #expect(throws: FormatError(.badCatalogRow, at: 0)) { try makeKey(index(text), [], [nil]) }
    }
}

@Suite struct KeyOrderTests {
    /// A value of a type, as stored and as something comparable.
    private static func random(_ type: ColumnType, _ random: inout SeededRandom) -> ([UInt8], Double) {
        switch type {
        case .bit:
            let value = Bool.random(using: &random)
            return ([value ? 0xff : 0], value ? 1 : 0)
        case .unsignedByte:
            let value = UInt8.random(in: .min ... .max, using: &random)
            return ([value], Double(value))
        case .short:
            let value = Int16.random(in: .min ... .max, using: &random)
            return (little(value), Double(value))
        case .unsignedShort:
            let value = UInt16.random(in: .min ... .max, using: &random)
            return (little(value), Double(value))
        case .long:
            let value = Int32.random(in: .min ... .max, using: &random)
            return (little(value), Double(value))
        case .unsignedLong:
            let value = UInt32.random(in: .min ... .max, using: &random)
            return (little(value), Double(value))
        case .longLong, .currency:
            let value = Int64.random(in: -(1 << 52)...1 << 52, using: &random)
            return (little(value), Double(value))
        case .unsignedLongLong:
            let value = UInt64.random(in: 0...1 << 53, using: &random)
            return (little(value), Double(value))
        case .single:
            let value = Float.random(in: -1e6...1e6, using: &random)
            return (little(value.bitPattern), Double(value))
        default:
            let value = Double.random(in: -1e9...1e9, using: &random)
            return (little(value.bitPattern), value)
        }
    }

    @Test(arguments: ColumnType.allCases.filter { $0.fixedByteCount != nil && $0 != .guid }, [false, true])
    func keysSortAsNumbersDo(type: ColumnType, isDescending: Bool) throws {
        var source = SeededRandom(seed: 0x4b45_5953)
        let columns = [column(1, type)]
        let definition = index(columns, descending: isDescending ? [0] : [])
        let reader = try KeyReader(index: definition, columns: columns)
        var last: (key: [UInt8], value: Double)?
        for _ in 0..<200 {
            let (stored, value) = Self.random(type, &source)
            let key = try makeKey(definition, columns, [stored]).key
            if let last {
                let order = compare(last.key, key)
                let expected = last.value == value ? 0 : (last.value < value) != isDescending ? -1 : 1
                #expect(order.signum() == expected, "seed 4b455953, \(last.value) and \(value)")
            }
            #expect(try contents(reader, key) == [.value(Self.typed(stored, type))])
            last = (key, value)
        }
    }

    private static func typed(_ bytes: [UInt8], _ type: ColumnType) -> ColumnValue {
        let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return switch type {
        case .bit: .bit(bits != 0)
        case .short: .signed(Int64(Int16(truncatingIfNeeded: bits)))
        case .long: .signed(Int64(Int32(truncatingIfNeeded: bits)))
        case .longLong, .currency: .signed(Int64(truncatingIfNeeded: bits))
        case .single: .single(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .double: .double(Double(bitPattern: bits))
        case .dateTime: .dateTime(Double(bitPattern: bits))
        default: .unsigned(bits)
        }
    }

    @Test(arguments: [false, true])
    func keysOfBytesSortAsBytesDo(isDescending: Bool) throws {
        var source = SeededRandom(seed: 0x4259_5445)
        let binary = [column(256, .longBinary)]
        let guid = [column(1, .guid)]
        let definition = index(binary, descending: isDescending ? [0] : [], keyMost: 2_000)
        let guids = index(guid, flags: isDescending ? [.dotNetGUID] : [])
        let reader = try KeyReader(index: definition, columns: binary)
        let guidReader = try KeyReader(index: guids, columns: guid)
        for _ in 0..<1_000 {
            let values = (0..<2).map { _ in
                (0..<Int.random(in: 0...40, using: &source)).map { _ in UInt8.random(in: 0...2, using: &source) }
            }
            let keys = try values.map { try makeKey(definition, binary, [$0]).key }
            let expected = values[0] == values[1] ? 0 : values[0].lexicographicallyPrecedes(values[1]) ? -1 : 1
            let order = compare(keys[0], keys[1]).signum()
            #expect(order == (isDescending ? -expected : expected), "seed 42595445, \(values)")
            #expect(try contents(reader, keys[0]) == [.value(.binary(values[0]))])
            let id = GUID(low: source.next(), high: source.next())
            let key = try makeKey(guids, guid, [id.bytes]).key
            #expect(try contents(guidReader, key) == [.value(.guid(id))])
        }
    }

    @Test func comparisonAgreesWithComparisonOfBytes() {
        var source = SeededRandom(seed: 0x434d_5030)
        for _ in 0..<5_000 {
            let start = (0..<Int.random(in: 0...20, using: &source)).map { _ in
                UInt8.random(in: 0...255, using: &source)
            }
            let a =
                start
                + (0..<Int.random(in: 0...12, using: &source)).map { _ in UInt8.random(in: 0...1, using: &source) }
            let b =
                start
                + (0..<Int.random(in: 0...12, using: &source)).map { _ in UInt8.random(in: 0...1, using: &source) }
            let expected = a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
            #expect(compare(a, b).signum() == expected, "seed 434d5030")
            let cut = Int.random(in: 0...a.count, using: &source)
            let order = KeyOrder.compare(
                prefix: a.span.bytes.extracting(0..<cut), suffix: a.span.bytes.extracting(cut..<a.count),
                to: b.span.bytes)
            #expect(order.signum() == expected, "seed 434d5030, \(a) cut at \(cut), \(b)")
        }
    }

    /// Keys of all kinds of indexes split where they were put together, cut or not.
    @Test func whatWasMadeCanBeRead() throws {
        var source = SeededRandom(seed: 0x4d41_4445)
        let kinds: [(ColumnType, UInt16, UInt32)] = [
            (.short, 0, 0), (.double, 0, 0), (.guid, 0, 0), (.binary, 60, 0), (.longBinary, 255, 0),
            (.text, 127, 1_252), (.longText, 255, 1_200),
        ]
        for round in 0..<1_500 {
            var columns: [ColumnDefinition] = []
            var values: [[UInt8]?] = []
            for number in 1...UInt16.random(in: 1...4, using: &source) {
                let (type, base, codePage) = kinds.randomElement(using: &source) ?? kinds[0]
                let size = type.fixedByteCount ?? (base == 60 ? 5 : 2 * Int.random(in: 0...20, using: &source))
                columns.append(column(base + number, type, codePage: codePage, size: UInt32(size)))
                let bytes = (0..<size).map { _ in UInt8.random(in: 1...0x1f, using: &source) }
                values.append(source.oneIn(6) ? nil : bytes)
            }
            let most = source.oneIn(2) ? 255 : Int.random(in: 1...80, using: &source)
            let definition = index(
                columns, flags: source.oneIn(2) ? [.nullsSortHigh] : [], descending: source.oneIn(2) ? [0, 2] : [],
                keyMost: most, segmentMost: Int.random(in: 1...most, using: &source))
            let made = try makeKey(definition, columns, values)
            #expect(made.key.count <= most)
            let reader = try KeyReader(index: definition, columns: columns)
            let parts = try reader.segments(of: made.key.span.bytes)
            #expect(parts.last?.range.upperBound == made.key.count, "seed 4d414445, round \(round)")
            #expect(parts.count == columns.count || made.key.count == most, "seed 4d414445, round \(round)")
            for (part, value) in zip(parts, values) where value == nil {
                #expect(part.content == .value(.null), "seed 4d414445, round \(round)")
            }
        }
    }

    @Test func anyBytesAreAKeyOrAnError() throws {
        var source = SeededRandom(seed: 0x4d41_4c46)
        let columns = [
            column(1, .long), column(128, .text, codePage: 1_252), column(129, .binary),
            column(256, .longText, codePage: 1_200), column(2, .guid),
        ]
        let definition = index(columns, descending: [1, 3], keyMost: 60)
        let reader = try KeyReader(index: definition, columns: columns)
        let good = try makeKey(
            definition, columns,
            [little(Int32(5)), Array("text".utf8), [1, 2, 3], utf16("t"), [UInt8](repeating: 3, count: 16)]
        ).key
        #expect(try reader.segments(of: good.span.bytes).count == 5)
        var errors = 0
        for _ in 0..<3_000 {
            var bad = good
            for _ in 0..<Int.random(in: 0...3, using: &source) {
                bad[Int.random(in: 0..<bad.count, using: &source)] = UInt8.random(in: 0...255, using: &source)
            }
            bad.removeLast(Int.random(in: 0...bad.count, using: &source))
            do {
                let parts = try reader.segments(of: bad.span.bytes)
                #expect(parts.map(\.range.count).reduce(0, +) == bad.count)
            } catch {
                #expect(error.code == .badKey)
                errors += 1
            }
        }
        #expect(errors > 1_000)
    }
}

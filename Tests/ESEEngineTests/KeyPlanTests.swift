// Layer: ESEEngineTests. Tests: KeyPlan, SearchKey against ESEFormat's KeyBuilder.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

@Suite struct KeyPlanTests {
    static let columns: [ColumnDefinition] = {
        let types: [ColumnType] = [
            .bit, .unsignedByte, .short, .long, .currency, .single, .double, .dateTime, .unsignedLong, .longLong,
            .guid, .unsignedShort, .unsignedLongLong,
        ]
        var offset: UInt16 = 4
        var columns: [ColumnDefinition] = []
        for (place, type) in types.enumerated() {
            columns.append(
                ColumnDefinition(
                    id: ColumnID(UInt16(place + 1)), name: type.name, type: type, recordOffset: offset))
            offset += UInt16(type.fixedByteCount ?? 0)
        }
        columns.append(
            ColumnDefinition(
                id: ColumnID(14), name: "FixedBinary", type: .binary, maximumByteCount: 11, recordOffset: offset))
        columns.append(ColumnDefinition(id: ColumnID(128), name: "Binary", type: .binary, maximumByteCount: 255))
        columns.append(
            ColumnDefinition(id: ColumnID(129), name: "Text", type: .text, codePage: 1_252, maximumByteCount: 255))
        columns.append(ColumnDefinition(id: ColumnID(256), name: "Many", type: .long, flags: .multivalued))
        return columns
    }()

    private static func index(_ numbers: [UInt16], _ flags: IndexFlags, descending: Bool = false) -> IndexDefinition {
        IndexDefinition(
            objectID: ObjectID(2), name: "i", rootPage: .none, flags: flags,
            segments: numbers.map { IndexSegment(column: ColumnID($0), isDescending: descending) })
    }

    private func value(_ column: ColumnDefinition, _ generator: inout SeededRandom) -> [UInt8] {
        let size = column.id.storage == .fixed ? column.type.fixedByteCount ?? Int(column.maximumByteCount) : nil
        let count = column.type == .long ? 4 : size ?? Int(generator.next() % (generator.oneIn(6) ? 250 : 30)) + 1
        var bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        if column.type == .text { bytes = bytes.map { $0 & 0x7f } }
        if column.type == .bit { bytes = [bytes[0] & 1 == 0 ? 0 : 0xff] }
        return bytes
    }

    @Test func keysEqualThoseOfTheBuilder() throws {
        let table = shape(Self.columns)
        let buffer = RecordBuffer(pageSize: .kibibytes4)
        let scratch = KeyScratch()
        var fastCount = 0
        for seed in UInt64(1)...600 {
            var generator = SeededRandom(seed: seed)
            let count = Int(generator.next() % 4) + 1
            let numbers = (0..<count).map { _ in Self.columns[Int(generator.next() % 16)].id.rawValue }
            let flags: IndexFlags = generator.oneIn(3) ? [.primary, .dotNetGUID] : [.primary]
            let index = Self.index(numbers, flags, descending: generator.oneIn(3))
            let plan = try KeyPlan(index: index, shape: table)
            if plan.fastCount > 0 { fastCount += 1 }
            buffer.startInsert(table)
            for column in Self.columns where !generator.oneIn(12) {
                try buffer.put(column.id.rawValue, value(column, &generator))
            }
            var expected: [UInt8] = []
            var builder = try KeyBuilder(index: index, columns: Self.columns)
            let values = try numbers.map { try buffer.value($0) }
            let report = try builder.build(of: values, into: &expected)
            var key = [UInt8](repeating: 0xee, count: plan.bufferByteCount)
            let result = try key.withUnsafeMutableBytes {
                try plan.makeKey(of: buffer.view(), into: $0, scratch)
            }
            #expect(Array(key[..<result.byteCount]) == expected, "seed \(seed) columns \(numbers)")
            #expect(result.nulls == report.nulls && result.isTruncated == report.isTruncated, "seed \(seed)")
        }
        #expect(fastCount > 300)
    }

    @Test func searchKeysEqualThoseOfTheBuilder() throws {
        let table = shape(Self.columns)
        let scratch = KeyScratch()
        let search = SearchKey()
        let limits: [(MakeKeyOptions, KeyLimit)] = [
            ([], .none), (.fullColumnStartLimit, .fullColumnStart), (.fullColumnEndLimit, .fullColumnEnd),
            (.stringLimit, .string), (.subStringLimit, .subString),
            (.partialColumnStartLimit, .partialColumnStart), (.partialColumnEndLimit, .partialColumnEnd),
        ]
        for seed in UInt64(1)...600 {
            var generator = SeededRandom(seed: seed)
            let count = Int(generator.next() % 3) + 1
            let picked = (0..<count).map { _ in Self.columns[Int(generator.next() % 16)] }
            let index = Self.index(picked.map(\.id.rawValue), [], descending: generator.oneIn(3))
            let plan = try KeyPlan(index: index, shape: table)
            let given = Int(generator.next() % UInt64(count)) + 1
            let values = picked[..<given].map { generator.oneIn(8) ? nil : value($0, &generator) }
            let (options, limit) = limits[Int(generator.next() % 7)]
            var expected: [UInt8] = []
            var builder = try KeyBuilder(index: index, columns: Self.columns)
            let isMade = (try? builder.buildSearchKey(of: Array(values), limit: limit, into: &expected)) != nil
            var failure: JetError?
            for (place, value) in values.enumerated() {
                var how: MakeKeyOptions = place == 0 ? .newKey : []
                if place == given - 1 { how.formUnion(options) }
                do {
                    if let value {
                        try value.withUnsafeBytes { try search.add($0, how, plan, table, scratch) }
                    } else {
                        try search.add(nil, how, plan, table, scratch)
                    }
                } catch { failure = error as? JetError }
            }
            #expect((failure == nil) == isMade, "seed \(seed)")
            if failure == nil { #expect(try [UInt8](search.bytes()) == expected, "seed \(seed)") }
            if !isMade { #expect(failure == .invalidGrbit, "seed \(seed)") }
        }
    }

    @Test func searchKeyRules() throws {
        let table = shape(Self.columns)
        let scratch = KeyScratch()
        let search = SearchKey()
        let plan = try KeyPlan(index: Self.index([4, 128], []), shape: table)
        func add(_ value: [UInt8]?, _ options: MakeKeyOptions) -> JetError? {
            do {
                guard let value else {
                    try search.add(nil, options, plan, table, scratch)
                    return nil
                }
                try value.withUnsafeBytes { try search.add($0, options, plan, table, scratch) }
                return nil
            } catch { return error as? JetError }
        }
        #expect(add([1, 0, 0, 0], []) == .keyNotMade)
        #expect(throws: JetError.keyNotMade) { _ = try search.bytes() }
        #expect(add([1, 0, 0], .newKey) == .invalidBufferSize)
        #expect(add([1, 0, 0, 0], .newKey) == nil)
        #expect(add([], .zeroLength) == nil)
        #expect(try [UInt8](search.bytes()) == [0x7f, 0x80, 0, 0, 1, 0x40])
        #expect(add([1], []) == .keyIsMade)
        #expect(add([1, 0, 0, 0], [.newKey, .fullColumnEndLimit]) == nil)
        #expect(search.byteCount == 256 && search.isLimit)
        #expect(add([1], []) == .keyIsMade)
        #expect(add([1, 0, 0, 0], [.newKey, .partialColumnEndLimit]) == .invalidGrbit)
        #expect(add([1, 0, 0, 0], [.newKey, .fullColumnEndLimit, .stringLimit]) == .invalidGrbit)
        #expect(add(Array(repeating: 1, count: 257), .normalizedKey) == .invalidParameter)
        #expect(add([9, 9], .normalizedKey) == nil)
        #expect(try [UInt8](search.bytes()) == [9, 9])
        #expect(throws: JetError.noCurrentIndex) { try search.add(nil, .newKey, nil, table, scratch) }
        search.reset()
        #expect(add([1], []) == .keyNotMade)
    }

    @Test func entriesOfSeveralValuesAndConditions() throws {
        let table = shape(Self.columns)
        let scratch = KeyScratch()
        let buffer = RecordBuffer(pageSize: .kibibytes4)
        buffer.startInsert(table)
        for value in [5, 3, 5] { try buffer.put(256, [UInt8(value), 0, 0, 0], occurrence: 0) }
        var index = Self.index([256], [.multivalued, .allowSomeNulls])
        index.conditions = [IndexSegment(column: ColumnID(4))]
        let plan = try KeyPlan(index: index, shape: table)
        #expect(!plan.isSingle)
        func keys() throws -> [[UInt8]] {
            var keys: [[UInt8]] = []
            try plan.forEachKey(of: buffer.view(), scratch) { key throws(JetError) in keys.append([UInt8](key)) }
            return keys
        }
        #expect(try keys() == [])
        try buffer.put(4, [1, 0, 0, 0])
        #expect(try keys() == [[0x7f, 0x80, 0, 0, 5], [0x7f, 0x80, 0, 0, 3]])
        #expect(plan.isAffected(by: buffer.changed))
        try buffer.load(buffer.array, table)
        try buffer.put(128, [1])
        #expect(!plan.isAffected(by: buffer.changed))
    }

    @Test func forbiddenKeysAreErrors() throws {
        let table = shape(Self.columns)
        let scratch = KeyScratch()
        let buffer = RecordBuffer(pageSize: .kibibytes4)
        buffer.startInsert(table)
        var key = [UInt8](repeating: 0, count: 256)
        let noNull = try KeyPlan(index: Self.index([4], [.primary, .noNullSegment]), shape: table)
        #expect(throws: JetError.nullKeyDisallowed) {
            try key.withUnsafeMutableBytes { _ = try noNull.makeKey(of: buffer.view(), into: $0, scratch) }
        }
        try buffer.put(128, Array(repeating: 1, count: 255))
        let whole = try KeyPlan(index: Self.index([128], [.primary, .disallowTruncation]), shape: table)
        #expect(throws: JetError.keyTruncated) {
            try key.withUnsafeMutableBytes { _ = try whole.makeKey(of: buffer.view(), into: $0, scratch) }
        }
        #expect(throws: JetError.databaseCorrupted) {
            _ = try KeyPlan(index: Self.index([77], []), shape: table)
        }
    }
}

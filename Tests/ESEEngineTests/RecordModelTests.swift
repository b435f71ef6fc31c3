// Layer: ESEEngineTests. Tests: RecordBuffer and RecordView against a model, RecordBuilder and random bytes.

import ESEFormat
import Primitives
import Testing

@testable import ESEEngine

/// What a record should hold.
private struct Model {
    var single: [UInt16: [UInt8]?] = [:]
    var many: [UInt16: [[UInt8]]] = [:]
    /// Tagged columns with a mark that they are NULL.
    var hidden: Set<UInt16> = []
}

private func random(_ count: Int, _ generator: inout SeededRandom) -> [UInt8] {
    let isText = generator.oneIn(2)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) & (isText ? 0x7f : 0xff) }
}

@Suite struct RecordModelTests {
    private static let sizes: [UInt16: Int] = [1: 4, 2: 8, 3: 1, 4: 6, 257: 4, 259: 2]

    /// One step of changing a record, in the model too.
    private func step(
        _ buffer: RecordBuffer, _ model: inout Model, _ generator: inout SeededRandom
    ) throws {
        let numbers: [UInt16] = [1, 2, 3, 4, 128, 129, 256, 257, 258, 259, 260]
        let number = numbers[Int(generator.next() % 11)]
        let isNull = generator.oneIn(3) && number != 1
        var count = Self.sizes[number] ?? Int(generator.next() % 40)
        if number == 129 { count %= 21 }
        if count > 0, number == 256, generator.oneIn(8) { count += 300 }
        var value = random(count, &generator)
        let occurrence = number < 256 ? 1 : Int(generator.next() % 5)
        if number == 256, occurrence != 1 { return }
        let isReverted = number == 259 && generator.oneIn(4)
        do throws(JetError) {
            try buffer.put(
                number, isNull ? nil : value, occurrence: occurrence,
                options: isNull ? (isReverted ? .revertToDefault : []) : .zeroLength)
        } catch {
            #expect(error == .recordTooBig)
            return
        }
        if number == 3, !isNull { value = [value[0] == 0 ? 0 : 0xff] }
        if number < 256 {
            model.single[number] = .some(isNull ? nil : value)
            return
        }
        var values = model.many[number] ?? []
        if isNull {
            if occurrence >= 1, occurrence <= values.count {
                let wasOnly = values.count == 1
                values.remove(at: occurrence - 1)
                if wasOnly, number == 259, !isReverted { model.hidden.insert(number) }
            } else if values.isEmpty {
                if isReverted {
                    model.hidden.remove(number)
                } else if number == 259, occurrence == 1 {
                    model.hidden.insert(number)
                }
            }
        } else {
            model.hidden.remove(number)
            if occurrence >= 1, occurrence <= values.count {
                values[occurrence - 1] = value
            } else {
                values.append(value)
            }
        }
        model.many[number] = values
    }

    @Test(arguments: [PageSize.kibibytes4, .kibibytes32])
    func randomChangesAgreeWithAModel(size: PageSize) throws {
        let table = shape(testColumns, size)
        let buffer = RecordBuffer(pageSize: size)
        for seed in UInt64(1)...60 {
            var generator = SeededRandom(seed: seed)
            var model = Model()
            buffer.startInsert(table)
            for number in 0..<80 {
                try step(buffer, &model, &generator)
                if number % 16 == 0 { try buffer.load(buffer.array, table) }
                try buffer.view().check()
            }
            for column in testColumns {
                let number = column.id.rawValue
                if number < 256 {
                    let expected = model.single[number] ?? nil
                    #expect(try buffer.value(number) == expected, "seed \(seed) column \(number)")
                } else {
                    var expected = model.many[number] ?? []
                    if number == 259, expected.isEmpty, !model.hidden.contains(259) { expected = [[7, 0]] }
                    #expect(try buffer.values(number) == expected, "seed \(seed) column \(number)")
                }
            }
        }
    }

    /// Takes bytes that mean nothing out of a record: those of fixed columns that are NULL.
    private func masked(_ record: [UInt8], _ columns: [ColumnDefinition]) -> [UInt8] {
        var record = record
        let last = Int(record[0])
        let bits = Int(record[2]) + Int(record[3]) << 8 - (last + 7) / 8
        for column in columns where column.id.storage == .fixed && Int(column.id.rawValue) <= last {
            let bit = Int(column.id.rawValue) - 1
            guard record[bits + bit / 8] & 1 << UInt8(bit % 8) != 0 else { continue }
            let count = column.type.fixedByteCount ?? Int(column.maximumByteCount)
            for place in Int(column.recordOffset)..<Int(column.recordOffset) + count { record[place] = 0 }
        }
        return record
    }

    @Test func recordsEqualThoseOfTheBuilder() throws {
        let table = shape()
        let buffer = RecordBuffer(pageSize: .kibibytes4)
        for seed in UInt64(1)...200 {
            var generator = SeededRandom(seed: seed)
            var builder = RecordBuilder(isLarge: false)
            buffer.startInsert(table)
            // In random order into the buffer, in order of columns into the builder.
            var values: [UInt16: [[UInt8]]] = [:]
            for column in testColumns where !generator.oneIn(3) {
                let number = column.id.rawValue
                var several = column.flags.contains(.multivalued) ? Int(generator.next() % 4) + 1 : 1
                // The builder marks the form of two values by one bit, Windows by two.
                if several == 2, !column.type.isLong { several = 3 }
                values[number] = (0..<several).map { _ in
                    var value = random(Self.sizes[number] ?? Int(generator.next() % 20), &generator)
                    if number == 3 { value = [value[0] & 1 == 0 ? 0 : 0xff] }
                    return value
                }
            }
            for (number, all) in values.sorted(by: { ($0.key ^ UInt16(seed & 3)) < ($1.key ^ UInt16(seed & 3)) }) {
                for value in all {
                    try buffer.put(number, value, occurrence: 0, options: [.zeroLength, .uncompressed])
                }
            }
            for column in testColumns {
                guard let all = values[column.id.rawValue] else { continue }
                let first = all[0]
                switch column.id.storage {
                case .fixed:
                    builder.setFixed(
                        column.id, offset: Int(column.recordOffset), byteCount: first.count, first.span.bytes)
                case .variable: builder.setVariable(column.id, first.span.bytes)
                default:
                    builder.setTagged(column.id, isLongValue: column.type.isLong, all.map { .plain($0) })
                }
            }
            let built = try builder.bytes()
            #expect(masked(buffer.array, testColumns) == masked(built, testColumns), "seed \(seed)")
        }
    }

    @Test func malformedRecordsAreErrors() throws {
        for size in [PageSize.kibibytes4, .kibibytes16] {
            let table = shape(testColumns, size)
            let buffer = RecordBuffer(pageSize: size)
            buffer.startInsert(table)
            for column in testColumns {
                for _ in 0..<(column.flags.contains(.multivalued) ? 3 : 1) {
                    try buffer.put(
                        column.id.rawValue, Array(repeating: 1, count: Self.sizes[column.id.rawValue] ?? 9),
                        occurrence: 0)
                }
            }
            let good = buffer.array
            for seed in UInt64(1)...3_000 {
                var generator = SeededRandom(seed: seed)
                var bad = generator.oneIn(10) ? random(Int(generator.next() % 60), &generator) : good
                for _ in 0..<(generator.next() % 4 + 1) where !bad.isEmpty {
                    bad[Int(generator.next() % UInt64(bad.count))] = UInt8(truncatingIfNeeded: generator.next())
                }
                if generator.oneIn(3) { bad.removeLast(Int(generator.next() % UInt64(bad.count + 1))) }
                exercise(bad, table, buffer, &generator)
            }
        }
    }

    /// Reads and changes what may be no record; errors are fine, traps are not.
    private func exercise(
        _ bytes: [UInt8], _ table: RecordShape, _ buffer: RecordBuffer, _ generator: inout SeededRandom
    ) {
        // Behind the record is memory that is not the record's: an own allocation finds what reads beyond.
        bytes.withUnsafeBytes { record in
            guard let view = try? RecordView(record, shape: table) else { return }
            try? view.forEachColumn { column throws(JetError) in
                for occurrence in 0..<min(column.valueCount + 2, 50) {
                    let value = try column.value(occurrence)
                    for place in value.bytes.indices { _ = value.bytes[place] }
                    _ = try? value.array()
                }
            }
            for ordinal in 1..<6 { _ = try? view.taggedValue(ordinal) }
        }
        guard (try? buffer.load(bytes, table)) != nil else { return }
        var model = Model()
        for _ in 0..<12 {
            do { try step(buffer, &model, &generator) } catch { Issue.record("\(error)") }
            #expect(throws: Never.self) { try buffer.view().check() }
        }
    }
}

// Layer: ESEVerify. Uses: RecordLayout, TaggedField, Compression. Used by: Checker.
// Every record of a table against the catalog: sizes, order, NULLs; and which long values its records name.

import ESEFormat
import ESEReader

/// Sums over references to long values: equal sums mean the same references, so that they need not be kept. 128 bits of
/// hash make a chance agreement as good as impossible.
struct ReferenceSum: Hashable {
    var count: UInt64 = 0
    var low: UInt64 = 0
    var high: UInt64 = 0

    mutating func add(_ hash: (low: UInt64, high: UInt64), times: UInt64 = 1) {
        count &+= times
        low &+= hash.low &* times
        high &+= hash.high &* times
    }
}

/// Checks the records of a table, leaf by leaf.
final class RecordCheck {
    typealias Reference = (_ id: LongValueID, _ page: PageNumber, _ node: Int, _ column: String) -> Void

    private let checker: Checker
    private let tree: TreeSpec
    private let isLarge: Bool
    private var fixed: [ColumnDefinition?]
    private var variable: [ColumnDefinition?]
    /// By number, the template's without the bit 16.
    private var tagged: [UInt32: ColumnDefinition] = [:]
    private let onReference: Reference?
    private var scratch: [UInt8] = []
    /// The long values that records name.
    private(set) var references = ReferenceSum()

    init(_ table: TableDefinition, _ tree: TreeSpec, _ checker: Checker, onReference: Reference? = nil) {
        self.checker = checker
        self.tree = tree
        self.onReference = onReference
        isLarge = checker.size.isLarge
        fixed = Array(repeating: nil, count: 128)
        variable = Array(repeating: nil, count: 128)
        for column in table.columns {
            switch column.id.storage {
            case .fixed: fixed[Int(column.id.rawValue)] = column
            case .variable: variable[Int(column.id.rawValue) - 128] = column
            case .tagged: tagged[Self.order(column.id, column.isFromTemplate)] = column
            case nil: break
            }
        }
    }

    /// The order of tagged columns: the template's first.
    private static func order(_ column: ColumnID, _ isFromTemplate: Bool) -> UInt32 {
        UInt32(column.rawValue) | (isFromTemplate ? 0 : 0x1_0000)
    }

    func visit(_ number: PageNumber, _ page: RawSpan, _ layout: PageLayout) {
        for index in 0..<layout.nodeCount {
            // Malformed nodes were reported with the page.
            guard let node = try? layout.node(index, in: page) else { continue }
            if node.isDeleted {
                if !tree.isQuiet { checker.counts.deletedNodes += 1 }
                continue
            }
            if !tree.isQuiet { checker.counts.records += 1 }
            do {
                let record = try RecordLayout(page, node.data, isLarge: isLarge)
                if onReference == nil {
                    try checkFixed(record, page, number, index)
                    try checkVariable(record, page, number, index)
                }
                try checkTagged(record, page, number, index)
            } catch {
                checker.add(.recordMalformed, tree, page: number, node: index, "\(error)")
            }
        }
    }

    private func add(
        _ kind: Finding.Kind, _ number: PageNumber, _ node: Int, _ column: ColumnDefinition, _ found: String,
        _ expected: String = ""
    ) {
        checker.add(kind, tree, page: number, node: node, column: column.name, found, expected: expected)
    }

    private func checkFixed(
        _ record: RecordLayout, _ page: RawSpan, _ number: PageNumber, _ node: Int
    ) throws(FormatError) {
        let last = Int(record.lastFixed)
        guard last > 0 else { return }
        for id in 1...last {
            guard let column = fixed[id] else { continue }
            let count = column.type.fixedByteCount ?? Int(column.maximumByteCount)
            let place = try record.fixed(column.id, offset: Int(column.recordOffset), count: count, in: page)
            if case .null = place, column.flags.contains(.notNull) { add(.recordNull, number, node, column, "NULL") }
            if id == last {
                let end = record.range.lowerBound + Int(column.recordOffset) + count
                if end != record.nullBits {
                    add(
                        .recordFixedSize, number, node, column,
                        "the fixed part ends at byte \(record.nullBits - record.range.lowerBound)",
                        "\(end - record.range.lowerBound)")
                }
            }
        }
        if last % 8 != 0 {
            let unused = UInt8(truncatingIfNeeded: 0xff << (last % 8))
            let bits = try page.byte(record.nullBits + last / 8)
            if bits & unused != unused {
                checker.add(
                    .recordNullBits, tree, page: number, node: node, "the last NULL bits are \(hex(UInt64(bits)))",
                    expected: "\(hex(UInt64(unused))) set")
            }
        }
    }

    private func checkVariable(
        _ record: RecordLayout, _ page: RawSpan, _ number: PageNumber, _ node: Int
    ) throws(FormatError) {
        let last = Int(record.lastVariable)
        guard last >= 128 else { return }
        for id in 128...last {
            let place = try record.variable(ColumnID(UInt16(id)), in: page)
            guard let column = variable[id - 128] else { continue }
            switch place {
            case .null: if column.flags.contains(.notNull) { add(.recordNull, number, node, column, "NULL") }
            case .at(let range): checkSize(range.count, column, number, node)
            case .absent: break
            }
        }
    }

    private func checkTagged(
        _ record: RecordLayout, _ page: RawSpan, _ number: PageNumber, _ node: Int
    ) throws(FormatError) {
        var last: UInt32?
        for index in 0..<record.taggedCount {
            let field = try record.taggedField(index, in: page)
            let order = Self.order(field.column, field.isFromTemplate)
            if let last, order <= last {
                checker.add(
                    .recordTaggedOrder, tree, page: number, node: node,
                    "column \(field.column) after column \(last & 0xffff)", expected: "ascending numbers")
            }
            last = order
            // Columns that were deleted stay in the records.
            guard let column = tagged[order] else { continue }
            let count = try record.valueCount(of: field, in: page)
            if count == 0, column.flags.contains(.notNull) { add(.recordNull, number, node, column, "NULL") }
            for occurrence in 0..<count {
                let value = try record.value(occurrence, of: count, in: field, page)
                checkValue(value, column, page, number, node)
            }
        }
    }

    private func checkValue(
        _ value: TaggedValue, _ column: ColumnDefinition, _ page: RawSpan, _ number: PageNumber, _ node: Int
    ) {
        if value.isSeparated {
            guard column.type.isLong else {
                return add(.recordValueSize, number, node, column, "a long value", "one of type \(column.type.name)")
            }
            do {
                let id = try LongValueID(inRecord: page.extracting(value.range))
                references.add(Self.hash(of: id))
                onReference?(id, number, node, column.name)
            } catch {
                add(.recordValueSize, number, node, column, "\(value.range.count) bytes of a long value's ID", "4 or 8")
            }
            return
        }
        guard onReference == nil, !value.isEncrypted else { return }
        guard value.isCompressed else { return checkSize(value.range.count, column, number, node) }
        scratch.removeAll(keepingCapacity: true)
        do {
            // A value inside a record was shorter than a page before it was compressed, or a few of them.
            try Compression.expand(
                page.extracting(value.range), into: &scratch, limit: checker.size.byteCount * 64)
            checkSize(scratch.count, column, number, node)
        } catch {
            add(
                error.code == .unsupportedCompression ? .compressionUnknown : .recordCompression, number, node, column,
                "\(error)")
        }
    }

    private func checkSize(_ count: Int, _ column: ColumnDefinition, _ number: PageNumber, _ node: Int) {
        if let expected = column.type.fixedByteCount {
            if count != expected {
                add(.recordValueSize, number, node, column, "\(count) bytes", "\(expected), as \(column.type.name)")
            }
        } else if column.maximumByteCount > 0, count > Int(column.maximumByteCount) {
            add(.recordValueLength, number, node, column, "\(count) bytes", "at most \(column.maximumByteCount)")
        }
    }

    static func hash(of id: LongValueID) -> (low: UInt64, high: UInt64) {
        var hash = PairHash()
        hash.add(id.rawValue)
        return hash.value
    }
}

/// Two hashes at once, of 64 bits each. Not meant to resist those who look for collisions: the worst that they can
/// get is a
/// damaged database of their own that is told to be sound.
struct PairHash {
    private var low: UInt64 = 0x9e37_79b9_7f4a_7c15
    private var high: UInt64 = 0xc2b2_ae3d_27d4_eb4f

    mutating func add(_ word: UInt64) {
        let a = (low ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
        let b = (high ^ word).multipliedFullWidth(by: 0xe703_7ed1_a0b4_28db)
        low = a.high ^ a.low ^ (high &>> 7)
        high = b.high ^ b.low &+ 0x8ebc_6af0_9c88_c6e3
    }

    /// Adds bytes and their count, so that parts can't be mistaken for others.
    mutating func add(_ bytes: [UInt8]) {
        let span = bytes.span.bytes
        var place = 0
        while let word: UInt64 = try? span.little(place) {
            add(word)
            place += 8
        }
        var rest: UInt64 = 0
        while place < bytes.count {
            rest = rest << 8 | UInt64(bytes[place])
            place += 1
        }
        add(rest)
        add(UInt64(bytes.count))
    }

    var value: (low: UInt64, high: UInt64) {
        var copy = self
        copy.add(0)
        return (copy.low, copy.high)
    }
}

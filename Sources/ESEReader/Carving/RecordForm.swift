// Layer: ESEReader/Carving. Uses: TableDefinition, RecordLayout's rules. Used by: PageCarver.
// Tells records of a table from other bytes. Everything that the definition says of records is asked for, because most
// of what is looked at was never a record.

import ESEFormat

/// What all records of a table have in common.
struct RecordForm {
    private struct Column {
        /// Of types with a size: its bytes.
        let byteCount: Int?
        /// The most bytes; `Int.max` without a limit.
        let limit: Int
        let isLong: Bool
        let isBit: Bool
        /// Bytes of which values have a whole number.
        let unit: Int
        let isNotNull: Bool
        /// Of fixed columns.
        let offset: Int

        init(_ column: ColumnDefinition) {
            byteCount = column.type.fixedByteCount
            isLong = column.type.isLong
            isBit = column.type == .bit
            unit = column.type.isText && column.codePage == 1_200 ? 2 : 1
            isNotNull = column.flags.contains(.notNull)
            offset = Int(column.recordOffset)
            let most = column.maximumByteCount == 0 ? Int.max : Int(column.maximumByteCount)
            limit = column.type.isLong ? most : min(most, 255)
        }
    }

    /// Where a record may end, and what it says.
    struct Match {
        /// The first place where it may end.
        var leastEnd: Int
        /// The last one; the same if the end is known.
        var mostEnd: Int
        /// If the end is not known: the bytes from `leastEnd` on are a multiple of it.
        var unit = 1
        /// How many columns have a value.
        var valueCount = 0

        var isEndKnown: Bool { leastEnd == mostEnd }
    }

    /// Two places between which a part of a record ends.
    private typealias Ends = (least: Int, most: Int, unit: Int)

    private let isLarge: Bool
    /// By the last fixed column: where the offsets of variable columns start; 0 where that can't be.
    private var fixedEnds: [Int] = [4]
    private var fixed: [Column?] = [nil]
    private var variable: [Column?] = []
    private var tagged: [UInt32: Column] = [:]

    init(_ table: TableDefinition, isLarge: Bool) {
        self.isLarge = isLarge
        for definition in table.columns {
            let column = Column(definition)
            let id = Int(definition.id.rawValue)
            switch definition.id.storage {
            case .fixed: Self.set(column, at: id, in: &fixed)
            case .variable: Self.set(column, at: id - 128, in: &variable)
            case .tagged: tagged[Self.code(definition.id.rawValue, isFromTemplate: definition.isFromTemplate)] = column
            case nil: continue
            }
        }
        for id in fixed.indices.dropFirst() {
            var end = 0
            if let column = fixed[id] {
                end = column.offset + (column.byteCount ?? column.limit)
            } else if id + 1 < fixed.count, let next = fixed[id + 1] {
                // A column that was deleted keeps its place.
                end = next.offset
            }
            fixedEnds.append(end >= 4 ? end + (id + 7) / 8 : 0)
        }
    }

    private static func set(_ column: Column, at index: Int, in columns: inout [Column?]) {
        while columns.count <= index { columns.append(nil) }
        columns[index] = column
    }

    /// The template's columns come first, then the table's own.
    private static func code(_ id: UInt16, isFromTemplate: Bool) -> UInt32 {
        UInt32(id) | (isFromTemplate ? 0 : 0x1_0000)
    }

    /// Looks whether a record starts at a place.
    /// - Parameters:
    ///   - limit: where the bytes end that it may have.
    ///   - isWhole: whether it must end there.
    /// - Returns: nil if it is none.
    func match(_ bytes: RawSpan, at start: Int, limit: Int, isWhole: Bool) -> Match? {
        // Nearly all places are refused here.
        guard limit <= bytes.byteCount, start <= limit - 4,
            let lastVariable = try? bytes.byte(start + 1), lastVariable >= 127,
            let lastFixed = try? bytes.byte(start), Int(lastFixed) < fixedEnds.count,
            Int(lastVariable) - 127 <= variable.count,
            let fixedEnd = try? bytes.little(start + 2, as: UInt16.self), fixedEnd > 0,
            Int(fixedEnd) == fixedEnds[Int(lastFixed)], Int(fixedEnd) <= limit - start
        else { return nil }
        var match = Match(leastEnd: start, mostEnd: start)
        do {
            guard
                try matchFixed(bytes, start, last: Int(lastFixed), end: start + Int(fixedEnd), &match),
                let tail = try matchVariable(
                    bytes, start + Int(fixedEnd), count: Int(lastVariable) - 127, limit, &match)
            else { return nil }
            if isWhole, tail == limit {
                (match.leastEnd, match.mostEnd) = (limit, limit)
                return match
            }
            if !tagged.isEmpty, let ends = try matchTagged(bytes, tail, limit, isWhole: isWhole, &match) {
                (match.leastEnd, match.mostEnd, match.unit) = ends
            } else {
                if isWhole { return nil }
                (match.leastEnd, match.mostEnd) = (tail, tail)
            }
            return match
        } catch {
            return nil
        }
    }

    private func matchFixed(
        _ bytes: RawSpan, _ start: Int, last: Int, end: Int, _ match: inout Match
    ) throws(FormatError) -> Bool {
        guard last > 0 else { return true }
        let bits = end - (last + 7) / 8
        if last % 8 != 0, try bytes.byte(end - 1) >> UInt8(last % 8) != 0xff >> UInt8(last % 8) { return false }
        for id in 1...last {
            guard let column = fixed[id] else { continue }
            if try bytes.byte(bits + (id - 1) / 8) >> UInt8((id - 1) % 8) & 1 == 1 {
                if column.isNotNull { return false }
                continue
            }
            match.valueCount += 1
            guard column.isBit else { continue }
            switch try bytes.byte(start + column.offset) {
            case 0, 1, 0xff: continue
            default: return false
            }
        }
        return true
    }

    /// Gives where the variable columns' data end.
    private func matchVariable(
        _ bytes: RawSpan, _ offsets: Int, count: Int, _ limit: Int, _ match: inout Match
    ) throws(FormatError) -> Int? {
        let data = offsets + 2 * count
        guard data <= limit else { return nil }
        var last = 0
        for index in 0..<count {
            let word: UInt16 = try bytes.little(offsets + 2 * index)
            let end = Int(word & 0x7fff)
            guard end >= last, data + end <= limit else { return nil }
            if word & 0x8000 != 0 {
                guard end == last, variable[index]?.isNotNull != true else { return nil }
            } else {
                guard end - last <= variable[index]?.limit ?? 255 else { return nil }
                match.valueCount += 1
            }
            last = end
        }
        return data + last
    }

    private func matchTagged(
        _ bytes: RawSpan, _ start: Int, _ limit: Int, isWhole: Bool, _ match: inout Match
    ) throws(FormatError) -> Ends? {
        guard start <= limit - 4 else { return nil }
        let mask: UInt16 = isLarge ? 0x7fff : 0x1fff
        let first = Int(try bytes.little(start + 2, as: UInt16.self) & mask)
        let count = first / 4
        guard count > 0, first & 3 == 0, count <= tagged.count, first <= limit - start else { return nil }
        var last: UInt32 = 0
        var valueCount = 0
        for index in 0..<count {
            let place = start + 4 * index
            let word: UInt16 = try bytes.little(place + 2)
            let code = Self.code(try bytes.little(place), isFromTemplate: word & 0x8000 != 0)
            guard code > last || index == 0, let column = tagged[code] else { return nil }
            last = code
            let field = start + Int(word & mask)
            let isLast = index == count - 1
            var end = limit
            if !isLast { end = start + Int(try bytes.little(place + 6, as: UInt16.self) & mask) }
            guard field >= start + first, field <= end, end <= limit else { return nil }
            guard
                let ends = try matchField(
                    bytes, field..<end, word, column, isWhole: !isLast || isWhole, &valueCount)
            else { return nil }
            if isLast {
                match.valueCount += valueCount
                return ends
            }
        }
        return nil
    }

    private func matchField(
        _ bytes: RawSpan, _ range: Range<Int>, _ word: UInt16, _ column: Column, isWhole: Bool,
        _ valueCount: inout Int
    ) throws(FormatError) -> Ends? {
        var start = range.lowerBound
        var flags: TaggedFlags = []
        if isLarge || word & 0x4000 != 0 {
            guard start < range.upperBound else { return nil }
            flags = TaggedFlags(rawValue: try bytes.byte(start))
            start += 1
        }
        guard flags.rawValue & 0x80 == 0 else { return nil }
        if flags.contains(.null) || (!isLarge && word & 0x2000 != 0) {
            return isWhole && start != range.upperBound ? nil : (start, start, 1)
        }
        valueCount += 1
        let rest = start..<range.upperBound
        guard flags.contains(.longValue) == column.isLong else { return nil }
        if flags.contains(.twoValues) {
            guard !column.isLong, !rest.isEmpty, flags.isDisjoint(with: [.multiValues, .separated]) else { return nil }
            let middle = start + 1 + Int(try bytes.byte(start))
            guard middle <= rest.upperBound,
                try ends(bytes, (start + 1)..<middle, flags, column, isWhole: true) != nil
            else { return nil }
            return try ends(bytes, middle..<rest.upperBound, flags.subtracting(.compressed), column, isWhole: isWhole)
        }
        guard flags.contains(.multiValues) else { return try ends(bytes, rest, flags, column, isWhole: isWhole) }
        return try matchValues(bytes, rest, flags, column, isWhole: isWhole)
    }

    private func matchValues(
        _ bytes: RawSpan, _ range: Range<Int>, _ flags: TaggedFlags, _ column: Column, isWhole: Bool
    ) throws(FormatError) -> Ends? {
        guard range.count >= 2, !flags.contains(.separated) else { return nil }
        let start = range.lowerBound
        let first = Int(try bytes.little(start, as: UInt16.self) & 0x7fff)
        guard first >= 2, first & 1 == 0, first <= range.count else { return nil }
        var flags = flags
        for index in 0..<(first / 2) {
            let word: UInt16 = try bytes.little(start + 2 * index)
            let value = start + Int(word & 0x7fff)
            let isLast = index == first / 2 - 1
            var end = range.upperBound
            if !isLast { end = start + Int(try bytes.little(start + 2 * index + 2, as: UInt16.self) & 0x7fff) }
            guard value >= start + first, value <= end, end <= range.upperBound else { return nil }
            // Only the first may be compressed.
            if index > 0 { flags.remove(.compressed) }
            let own = word & 0x8000 == 0 ? flags : [.separated]
            if word & 0x8000 != 0, !column.isLong { return nil }
            guard let ends = try ends(bytes, value..<end, own, column, isWhole: !isLast || isWhole) else { return nil }
            if isLast { return ends }
        }
        return nil
    }

    /// Where a value ends that starts where the range does.
    private func ends(
        _ bytes: RawSpan, _ range: Range<Int>, _ flags: TaggedFlags, _ column: Column, isWhole: Bool
    ) throws(FormatError) -> Ends? {
        var least = 0
        var most = column.limit
        var unit = column.unit
        if flags.contains(.separated) {
            guard column.isLong else { return nil }
            least = 4
            // No number of 32 bits is so great.
            if range.count >= 8, try bytes.little(range.lowerBound, as: UInt32.self) > 0x7fff_ff00 { least = 8 }
            if isWhole { least = range.count == 8 ? 8 : 4 }
            most = least
        } else if !flags.isDisjoint(with: [.compressed, .encrypted]) {
            (least, most, unit) = (1, .max, 1)
        } else if let count = column.byteCount {
            (least, most) = (count, count)
        }
        most = min(most, range.count)
        guard least <= most else { return nil }
        if isWhole { return most == range.count ? (range.upperBound, range.upperBound, 1) : nil }
        return (range.lowerBound + least, range.lowerBound + most, unit)
    }
}

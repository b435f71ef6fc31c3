// Layer: OrielCommand/Commands/Database. Uses: ESEFormat (KeyBuilder), ESECollation. Used by: dump, export.
// --where-key: a range of keys as people write it, made into keys as the index has them.

import ESECollation
import ESEFormat

/// A range of keys: the values of the first key columns on either side; nil where it is open.
struct KeyRange: Equatable {
    /// A value as it was written.
    enum Word: Equatable {
        case null
        case text(String)
    }

    let lower: [Word]?
    let upper: [Word]?

    static let help =
        "only rows whose key is A, lies between two keys, from one on, or up to one (both ends belong to it). Of a"
        + " key of"
        + " several columns the first ones are enough: 1,2..1,9. A value with a comma or two dots in it stands in"
        + " double"
        + " quotes; NULL is no value; dates are written as 2026-01-31T12:00:00, bytes in hexadecimal. The order is that"
        + " of the primary index, or of --index"

    /// Reads `A`, `A..B`, `A..`, `..B`, where each side is values with commas between.
    init(_ text: String) throws(UsageError) {
        var sides: [[Word]] = [[]]
        var word = ""
        var isQuoted = false
        var wasQuoted = false
        var rest = Substring(text)
        func finished() -> Word { !wasQuoted && word.uppercased() == "NULL" ? .null : .text(word) }
        func isOpen() -> Bool { word.isEmpty && !wasQuoted && (sides.last ?? []).isEmpty }
        while let character = rest.popFirst() {
            if isQuoted {
                guard character == "\"" else {
                    word.append(character)
                    continue
                }
                if rest.first == "\"" { word.append(rest.removeFirst()) } else { isQuoted = false }
            } else if character == "\"", word.isEmpty {
                (isQuoted, wasQuoted) = (true, true)
            } else if character == "," {
                sides[sides.count - 1].append(finished())
                (word, wasQuoted) = ("", false)
            } else if character == ".", rest.first == "." {
                rest.removeFirst()
                guard sides.count == 1 else { throw UsageError("has two dots twice; take A..B") }
                if !isOpen() { sides[0].append(finished()) }
                sides.append([])
                (word, wasQuoted) = ("", false)
            } else {
                word.append(character)
            }
        }
        guard !isQuoted else { throw UsageError("a double quote is missing") }
        if !isOpen() { sides[sides.count - 1].append(finished()) }
        lower = sides[0].isEmpty ? nil : sides[0]
        upper = sides.count == 1 ? lower : sides[1].isEmpty ? nil : sides[1]
        guard lower != nil || upper != nil else { throw UsageError("takes A, A..B, A.. or ..B") }
    }

    /// The keys of an index for the ends: those that rows must not come before and after. Both sides are nil for
    /// open ends.
    /// - Parameter index: nil for a table without a primary index, whose keys are numbers of records.
    func keys(
        of index: IndexDefinition?, _ table: TableDefinition
    ) throws(UsageError) -> (lower: [UInt8]?, upper: [UInt8]?) {
        var lower = try lower.map { words throws(UsageError) in try Self.key(words, index, table) }
        var upper = try upper.map { words throws(UsageError) in try Self.key(words, index, table) }
        if let first = lower, let last = upper, last.lexicographicallyPrecedes(first), !first.starts(with: last) {
            // From low to high values is from back to front in a descending index.
            guard index?.segments.contains(where: \.isDescending) ?? false else {
                throw UsageError("the range ends before it starts in the order of the index")
            }
            (lower, upper) = (last, first)
        }
        return (lower, upper)
    }

    private static func key(
        _ words: [Word], _ index: IndexDefinition?, _ table: TableDefinition
    ) throws(UsageError) -> [UInt8] {
        var key: [UInt8] = []
        guard let index else {
            guard words.count == 1, case .text(let text) = words[0], let number = UInt32(text) else {
                throw UsageError("\(table.name) has no primary index; take the number of a record, from 1")
            }
            KeyBuilder.build(sequentialRecord: number, into: &key)
            return key
        }
        guard words.count <= index.segments.count else {
            throw UsageError(
                "the key of \(index.name) has only \(DatabaseText.count(index.segments.count, "column", "columns"))")
        }
        var values: [[UInt8]?] = []
        for (word, segment) in zip(words, index.segments) {
            let column = table.columns.first {
                $0.id == segment.column && $0.isFromTemplate == segment.isFromTemplate
            }
            guard let column else { throw UsageError("the key columns of \(index.name) are not known") }
            switch word {
            case .null: values.append(nil)
            case .text(let text): values.append(try ValueParser.bytes(of: text, for: column))
            }
        }
        let report: KeyReport
        do throws(FormatError) {
            let collator = index.flags.contains(.localized) ? WindowsCollator(index: index) : nil
            var builder = try KeyBuilder(index: index, columns: table.columns, collator: collator)
            report = try builder.buildSearchKey(of: values, into: &key)
        } catch {
            throw UsageError("no key of \(index.name) can be made of this: \(error)")
        }
        guard report.isExact else {
            throw UsageError("how \(index.name) sorts this text is not known; take another index")
        }
        return key
    }
}

/// Values as people write them, made into what records store.
enum ValueParser {
    static func bytes(of text: String, for column: ColumnDefinition) throws(UsageError) -> [UInt8] {
        guard let value = value(text, column.type) else {
            throw UsageError("\"\(text)\" is no \(column.type.name), which \(column.name) is")
        }
        guard let bytes = value.encoded(as: column.type, codePage: column.codePage) else {
            throw UsageError("\"\(text)\" does not fit into \(column.name), a \(column.type.name)")
        }
        return bytes
    }

    static func value(_ text: String, _ type: ColumnType) -> ColumnValue? {
        switch type {
        case .bit:
            switch text.lowercased() {
            case "true", "1", "yes": .bit(true)
            case "false", "0", "no": .bit(false)
            default: nil
            }
        case .unsignedByte, .unsignedShort, .unsignedLong, .unsignedLongLong: number(text).map { .unsigned($0) }
        case .short, .long, .longLong, .currency: number(text).map { .signed($0) }
        case .single: Float(text).map { .single($0) }
        case .double: Double(text).map { .double($0) }
        case .dateTime: days(text).map { .dateTime($0) }
        case .guid: guid(text).map { .guid($0) }
        case .text, .longText: .text(text)
        case .binary, .longBinary, .superLongValue:
            octets(text.lowercased().hasPrefix("0x") ? text.dropFirst(2) : Substring(text)).map { .binary($0) }
        }
    }

    /// A whole number, in decimal or as `0x1f`.
    private static func number<T: FixedWidthInteger>(_ text: String) -> T? {
        text.lowercased().hasPrefix("0x") ? T(text.dropFirst(2), radix: 16) : T(text)
    }

    /// Hexadecimal digits, two for each byte.
    static func octets(_ text: Substring) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// The usual form, with or without braces.
    static func guid(_ text: String) -> GUID? {
        let bare = text.filter { $0 != "{" && $0 != "}" && $0 != "-" }
        guard let bytes = octets(Substring(bare)), bytes.count == 16 else { return nil }
        let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
        let stored = order.map { bytes[$0] }
        func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
        return GUID(low: number(stored[..<8]), high: number(stored[8...]))
    }

    /// `2026-01-31`, `2026-01-31T12:34`, `2026-01-31 12:34:56.789Z`, as days since 1899-12-30; or such a number itself.
    static func days(_ text: String) -> Double? {
        if let number = Double(text) { return number }
        var halves = text.split(whereSeparator: { $0 == "T" || $0 == " " }).map(String.init)
        guard halves.count == 1 || halves.count == 2 else { return nil }
        if halves.count == 2, halves[1].hasSuffix("Z") { halves[1].removeLast() }
        let date = halves[0].split(separator: "-").compactMap { Int($0) }
        guard date.count == 3, (100...9_999).contains(date[0]), (1...12).contains(date[1]), (1...31).contains(date[2])
        else { return nil }
        var seconds = 0.0
        if halves.count == 2 {
            let parts = halves[1].split(separator: ":").compactMap { Double($0) }
            guard (2...3).contains(parts.count), parts[0] >= 0, parts[0] < 24, parts[1] >= 0, parts[1] < 60 else {
                return nil
            }
            let rest = parts.count == 3 ? parts[2] : 0
            guard rest >= 0, rest < 61 else { return nil }
            seconds = parts[0] * 3_600 + parts[1] * 60 + rest
        }
        // Days of the Gregorian calendar, with the year beginning in March so that leap days come last.
        let month = (date[1] + 9) % 12
        let year = date[0] - month / 10
        let day = 365 * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + date[2] - 1
        let whole = Double(day - 693_899)
        return whole >= 0 ? whole + seconds / 86_400 : whole - seconds / 86_400
    }
}

// Layer: SNMPNames. Used by: OrielCommand.
// Reads what people type: numbers, names with or without a module, paths of names, and indexes.

extension NameTable {
    /// Reads an object identifier from text.
    ///
    /// Forms: `1.3.6.1`, `.1.3.6`, `.iso.org.dod`, `iso.3.6`, `sysDescr.0`, `IF-MIB::ifDescr.3`, `system.sysDescr.0`.
    /// Behind a column the index may be given as numbers, which are taken whether they fit the index or not, or as the
    /// table's definition reads it: labels (`ipv4`), addresses, `"text"` for strings with a length, `'text'` for those
    /// without, in dots or in brackets (`ifRcvAddressType[2]["x"]`). In quotes, a backslash takes the next character as
    /// it is.
    ///
    /// - Throws: `NameError`; unknown names come with the nearest known ones.
    public func parse(_ text: String) throws(NameError) -> [UInt32] {
        var parser = NameParser(self, text)
        return try parser.parse()
    }
}

/// One reading of one text.
private struct NameParser {
    private static let maximumCount = 128
    private static let maximumByteCount = 4096

    private let table: NameTable
    private let bytes: [UInt8]
    private var position = 0
    private var oid: [UInt32] = []
    /// The deepest named node so far.
    private var node: Int?

    init(_ table: NameTable, _ text: String) {
        self.table = table
        bytes = Array(text.utf8)
    }

    mutating func parse() throws(NameError) -> [UInt32] {
        guard bytes.count <= Self.maximumByteCount else { throw .tooLong }
        try parseHead()
        var shape = indexShape
        while position < bytes.count {
            if !shape.isEmpty {
                try parseIndex(shape)
                shape = []
            } else {
                try parsePart(takeSeparator())
                shape = indexShape
            }
        }
        return oid
    }

    /// The index that comes next: behind a column, or behind an unknown column of a known row.
    private var indexShape: [IndexPart] {
        guard let node else { return [] }
        let entry = table.entries[node]
        let known = entry.oid.count
        if entry.kind == .column, known == oid.count { return table.shapes[entry.shape] }
        if entry.kind == .row, known + 1 == oid.count { return table.shapes[entry.shape] }
        return []
    }

    // MARK: Reading bytes

    private func isDigits(_ part: ArraySlice<UInt8>) -> Bool {
        !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func string(_ part: ArraySlice<UInt8>) -> String { String(decoding: part, as: UTF8.self) }

    /// Everything up to the next dot or bracket.
    private mutating func takeWord() throws(NameError) -> ArraySlice<UInt8> {
        let word = bytes[position...].prefix {
            $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]")
        }
        guard !word.isEmpty else { throw .empty }
        position = word.endIndex
        return word
    }

    /// A dot, or the bracket that opens a part; true for a bracket.
    private mutating func takeSeparator() throws(NameError) -> Bool {
        let byte = bytes[position]
        guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "[") else {
            throw .unbalanced(Self.string(bytes[position...]))
        }
        position += 1
        return byte == UInt8(ascii: "[")
    }

    private mutating func closeBracket() throws(NameError) {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "]") else {
            throw .unbalanced(Self.string(bytes[min(position, bytes.count)...]))
        }
        position += 1
    }

    private var nextIsQuote: Bool {
        position < bytes.count && (bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'"))
    }

    /// The text in the quotes that start here.
    private mutating func takeQuoted() throws(NameError) -> (octets: [UInt8], isDouble: Bool) {
        let start = position
        let quote = bytes[position]
        var octets: [UInt8] = []
        position += 1
        while position < bytes.count, bytes[position] != quote {
            if bytes[position] == UInt8(ascii: "\\") { position += 1 }
            if position < bytes.count { octets.append(bytes[position]) }
            position += 1
        }
        guard position < bytes.count else { throw .unbalanced(Self.string(bytes[start...])) }
        position += 1
        return (octets, quote == UInt8(ascii: "\""))
    }

    private mutating func append(_ number: UInt32) throws(NameError) {
        guard oid.count < Self.maximumCount else { throw .tooLong }
        oid.append(number)
    }

    private func number(_ word: ArraySlice<UInt8>) throws(NameError) -> UInt32 {
        guard isDigits(word), let number = UInt32(Self.string(word)) else { throw .badNumber(Self.string(word)) }
        return number
    }

    // MARK: Names

    private mutating func parseHead() throws(NameError) {
        let text = bytes[...]
        let beforeQuotes = text.prefix {
            $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "[")
        }
        if let colon = beforeQuotes.firstRange(of: "::".utf8) {
            let module = Self.string(text[..<colon.lowerBound])
            guard let number = table.modules.firstIndex(of: module), !module.isEmpty else {
                throw .unknownModule(module, suggestions: Suggestions.nearest(to: module, among: table.moduleNames))
            }
            position = colon.upperBound
            return try start(Self.string(takeWord())) { $0.module == number }
        }
        let isAbsolute = text.first == UInt8(ascii: ".")
        if isAbsolute { position = 1 }
        let word = try takeWord()
        if isDigits(word) {
            try append(number(word))
            node = table.deepest(oid)
        } else {
            try start(Self.string(word)) { !isAbsolute || $0.parent < 0 }
        }
    }

    /// Begins with the first node of a label that meets a condition.
    private mutating func start(_ label: String, where condition: (NameTable.Entry) -> Bool) throws(NameError) {
        guard let found = table.entries(labelled: label).first(where: { condition(table.entries[$0]) }) else {
            throw unknown(label, among: table.entries.indices.filter { condition(table.entries[$0]) })
        }
        oid = Array(table.numbers[table.entries[found].oid])
        node = found
    }

    private func unknown(_ label: String, among candidates: [Int]) -> NameError {
        .unknownName(
            label, suggestions: Suggestions.nearest(to: label, among: candidates.lazy.map { table.entries[$0].label }))
    }

    /// A number, a name below the node so far, or a quoted string behind everything known.
    private mutating func parsePart(_ isBracket: Bool) throws(NameError) {
        if nextIsQuote {
            let (octets, isDouble) = try takeQuoted()
            if isDouble { try append(UInt32(octets.count)) }
            for octet in octets { try append(UInt32(octet)) }
        } else {
            let word = try takeWord()
            if let first = word.first, (0x30...0x39).contains(first) {
                try append(number(word))
                if let deepest = table.deepest(oid), table.entries[deepest].oid.count == oid.count { node = deepest }
            } else {
                try descend(Self.string(word))
            }
        }
        if isBracket { try closeBracket() }
    }

    private mutating func descend(_ label: String) throws(NameError) {
        let children = table.entries(labelled: label).filter { table.entries[$0].parent == node ?? -1 }
        guard let child = children.first(where: { table.numbers[table.entries[$0].oid].starts(with: oid) }) else {
            let siblings = node.map { node in table.entries.indices.filter { table.entries[$0].parent == node } }
            throw unknown(label, among: siblings ?? [])
        }
        oid = Array(table.numbers[table.entries[child].oid])
        node = child
    }

    // MARK: Indexes

    private mutating func parseIndex(_ shape: [IndexPart]) throws(NameError) {
        var addressType: UInt32?
        for part in shape where position < bytes.count {
            let isBracket = try takeSeparator()
            let first = oid.count
            switch part.syntax.base {
            case .octets, .bits:
                try parseOctets(part, isBracket, addressType)
            case .ipAddress:
                // May end early: `ipRouteIfIndex.10` is the start of a walk.
                try append(number(takeWord()))
                for _ in 1..<4 where position < bytes.count && bytes[position] == UInt8(ascii: ".") {
                    position += 1
                    try append(number(takeWord()))
                }
            case .objectIdentifier:
                try parseNumbers(hasLength: !part.isImplied, fixedCount: nil)
            default:
                let word = try takeWord()
                if isDigits(word) {
                    try append(number(word))
                } else if let value = part.syntax.number(of: Self.string(word)) {
                    try append(UInt32(bitPattern: value))
                } else {
                    throw .badIndex(Self.string(word), index: part.name)
                }
            }
            if isBracket { try closeBracket() }
            addressType = part.syntax.name == "InetAddressType" && oid.count > first ? oid[first] : nil
        }
    }

    private mutating func parseOctets(_ part: IndexPart, _ isBracket: Bool, _ type: UInt32?) throws(NameError) {
        let hasLength = !part.isImplied && part.syntax.fixedByteCount == nil
        let octets: [UInt32]
        if nextIsQuote {
            let text = try takeQuoted().octets
            octets =
                type.flatMap { InternetAddress.octets(Substring(Self.string(text[...])), type: $0) }
                ?? text.map { UInt32($0) }
        } else if isBracket {
            octets = try takeBracketed(part)
        } else {
            return try parseNumbers(hasLength: hasLength, fixedCount: part.syntax.fixedByteCount)
        }
        if let count = part.syntax.fixedByteCount, !part.isImplied, count != octets.count {
            throw .badIndex("\(octets.count) octets", index: part.name)
        }
        if hasLength { try append(UInt32(octets.count)) }
        for octet in octets { try append(octet) }
    }

    /// A part as plain numbers, its length first where the definition has one; may end early.
    private mutating func parseNumbers(hasLength: Bool, fixedCount: Int?) throws(NameError) {
        let first = try number(takeWord())
        try append(first)
        var left = hasLength ? Int(first) : (fixedCount ?? Int.max) - 1
        while left > 0, position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try append(number(takeWord()))
            left -= 1
        }
    }

    /// Octets in brackets without quotes: hexadecimal digits with colons where the hint has them, or text.
    private mutating func takeBracketed(_ part: IndexPart) throws(NameError) -> [UInt32] {
        let all = bytes[position...].prefix { $0 != UInt8(ascii: "]") }
        position = all.endIndex
        let typed = "STRING: ".utf8
        let content = all.starts(with: typed) ? all.dropFirst(typed.count) : all
        guard part.syntax.hint == "1x:", !content.isEmpty else { return content.map { UInt32($0) } }
        var octets: [UInt32] = []
        for digits in content.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard digits.count <= 2, let octet = UInt8(Self.string(digits), radix: 16) else {
                throw .badIndex(Self.string(content), index: part.name)
            }
            octets.append(UInt32(octet))
        }
        return octets
    }
}

// Layer: SNMPNames. Used by: NameTable. Reads the facts in Tables/, once, at first use.
//
// A table is text because large array literals compile slowly. One line per fact:
//
//     tc MacAddress OCTETS size=6 hint=1x:          a textual convention: name, base, attributes
//     1.3.6.1.2.1.2 interfaces                      a node: number from the root, name
//      2 ifTable table                              a node below: one space deeper, number from its parent
//       1 ifEntry row index=ifIndex                 index=a,b,*c (* is IMPLIED) or augments=otherEntry
//        7 ifAdminStatus INTEGER enum=up(1),down(2) syntax: a base type or textual convention
//        5 example Gauge32 units=kB                 units= takes the rest of the line
//     1.3.6.1.6.3.1.1.5.3 linkDown notification objects=ifIndex
//
// Attributes: size= (the only length), hint=, enum=, bits=.

/// The facts of one module as text.
struct FactTable: Sendable {
    let module: String
    let text: String
}

/// A table's text that can't be read. The built-in tables have none of these; tests make them.
struct FactError: Error, Equatable {
    let module: String
    /// Counted from 1.
    let line: Int
    let problem: String
}

/// Collects the entries of several tables; NameTable sorts and links them.
struct FactReader {
    /// A node as its line says it.
    struct Entry {
        var label: String
        var module: Int
        var oid: [UInt32]
        var kind = NodeKind.branch
        var syntax: Int?
        var units: String?
        /// `index=` of a row, each name with a star before it when implied.
        var index: [String] = []
        var augments: String?
        var objects: [String] = []
    }

    private(set) var modules: [String] = []
    private(set) var entries: [Entry] = []
    private(set) var syntaxes: [Syntax] = []
    private var syntaxNumbers: [String: Int] = [:]

    init(_ tables: [FactTable]) throws(FactError) {
        for base in BaseType.allCases where base != .enumeration && base != .bits {
            add(Syntax(name: base.rawValue, base: base, hint: nil, labels: [], fixedByteCount: nil))
        }
        // Conventions first: a module may use those of any other.
        for table in tables { try read(table, conventions: true) }
        for table in tables {
            modules.append(table.module)
            try read(table, conventions: false)
        }
    }

    private mutating func add(_ syntax: Syntax) {
        syntaxNumbers[syntax.name] = syntaxes.count
        syntaxes.append(syntax)
    }

    private mutating func read(_ table: FactTable, conventions: Bool) throws(FactError) {
        let bytes = Array(table.text.utf8)
        let start = Array("tc ".utf8)
        var number = 0
        var parents: [Int] = []
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard line.starts(with: start) == conventions else { continue }
            let problem = conventions ? readConvention(line.dropFirst(3)) : readNode(line, parents: &parents)
            if let problem { throw FactError(module: table.module, line: number, problem: problem) }
        }
    }

    private mutating func readConvention(_ line: Bytes) -> String? {
        var attributes = Attributes(line)
        guard let name = attributes.next(), let base = attributes.next() else { return "incomplete convention" }
        guard syntaxNumbers[name] == nil else { return "convention \(name) stands twice" }
        return readSyntax(base: base, name: name, attributes) != nil ? nil : "bad syntax of \(name)"
    }

    /// The number of the syntax that a base, or a convention, and attributes describe.
    private mutating func readSyntax(base: String, name: String?, _ attributes: Attributes) -> Int? {
        let known = syntaxNumbers[base]
        if name == nil, attributes.isPlain, let known { return known }
        let parent = known.map { syntaxes[$0] }
        guard let type = parent?.base ?? BaseType(rawValue: base) else { return nil }
        var labels = parent?.labels ?? []
        if let text = attributes.value(of: type == .bits ? "bits" : "enum") {
            guard let read = Self.readLabels(text) else { return nil }
            labels = read
        }
        guard !labels.isEmpty || (type != .enumeration && type != .bits) else { return nil }
        var size = parent?.fixedByteCount
        if let text = attributes.value(of: "size") {
            guard type == .octets, let read = Self.number(text) else { return nil }
            size = Int(read)
        }
        let hint = attributes.value(of: "hint").map(Self.string) ?? parent?.hint
        let syntax = Syntax(name: name ?? base, base: type, hint: hint, labels: labels, fixedByteCount: size)
        if name != nil { add(syntax) } else { syntaxes.append(syntax) }
        return syntaxes.count - 1
    }

    /// Reads `up(1),down(2)`; the numbers must ascend.
    private static func readLabels(_ text: Bytes) -> [ValueLabel]? {
        var labels: [ValueLabel] = []
        for item in text.split(separator: UInt8(ascii: ",")) {
            guard let open = item.firstIndex(of: UInt8(ascii: "(")), item.last == UInt8(ascii: ")"),
                let number = Int32(string(item[(open + 1)...].dropLast())), number > labels.last?.number ?? .min
            else { return nil }
            labels.append(ValueLabel(number: number, name: string(item[..<open])))
        }
        return labels
    }

    private mutating func readNode(_ line: Bytes, parents: inout [Int]) -> String? {
        let depth = line.prefix { $0 == UInt8(ascii: " ") }.count
        guard depth <= parents.count else { return "indented deeper than a child" }
        parents.removeSubrange(depth...)
        var attributes = Attributes(line.dropFirst(depth))
        guard let numbers = attributes.next(), let label = attributes.next() else { return "incomplete node" }
        var oid = parents.last.map { entries[$0].oid } ?? []
        for part in numbers.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard let number = Self.number(Array(part)[...]) else { return "bad number \(numbers)" }
            oid.append(number)
        }
        var entry = Entry(label: label, module: modules.count - 1, oid: oid)
        let parentKind = parents.last.map { entries[$0].kind }
        switch attributes.next() {
        case nil: break
        case "table": entry.kind = .table
        case "row":
            entry.kind = .row
            entry.index = attributes.list(of: "index")
            entry.augments = attributes.value(of: "augments").map(Self.string)
            if entry.index.isEmpty == (entry.augments == nil) { return "\(label) needs index= or augments=" }
        case "notification":
            entry.kind = .notification
            entry.objects = attributes.list(of: "objects")
        case let base?:
            entry.kind = parentKind == .row ? .column : .scalar
            entry.syntax = readSyntax(base: base, name: nil, attributes)
            entry.units = attributes.units
            if entry.syntax == nil { return "bad syntax of \(label)" }
        }
        parents.append(entries.count)
        entries.append(entry)
        return nil
    }

    fileprivate static func string(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }

    /// A decimal number of 32 bits.
    private static func number(_ digits: Bytes) -> UInt32? {
        guard !digits.isEmpty, digits.count <= 10 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + UInt64(digit - 0x30)
        }
        return UInt32(exactly: value)
    }
}

private typealias Bytes = ArraySlice<UInt8>

/// The words of a line, taken one after the other; what is left are `key=value` pairs.
private struct Attributes {
    private var words: ArraySlice<Bytes>
    let units: String?

    init(_ line: Bytes) {
        let all = line.split(separator: UInt8(ascii: " "))
        let last = all.firstIndex { Self.value(in: $0, of: "units") != nil } ?? all.endIndex
        words = all[..<last]
        units = last < all.endIndex ? FactReader.string(line[(all[last].startIndex + "units=".utf8.count)...]) : nil
    }

    var isPlain: Bool { words.isEmpty }

    mutating func next() -> String? { words.popFirst().map(FactReader.string) }

    func value(of key: String) -> Bytes? {
        for word in words {
            if let value = Self.value(in: word, of: key) { return value }
        }
        return nil
    }

    private static func value(in word: Bytes, of key: String) -> Bytes? {
        let count = key.utf8.count
        guard word.count > count, word[word.startIndex + count] == UInt8(ascii: "="), word.starts(with: key.utf8) else {
            return nil
        }
        return word.dropFirst(count + 1)
    }

    func list(of key: String) -> [String] {
        value(of: key).map { $0.split(separator: UInt8(ascii: ",")).map(FactReader.string) } ?? []
    }
}

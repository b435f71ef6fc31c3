// Layer: SNMPNames. Used by: NameTable.parse and its callers.

/// Why a text does not name an object.
public enum NameError: Error, Equatable, Sendable {
    /// Nothing, or nothing between two dots.
    case empty
    /// More than 128 numbers (RFC 2578 section 3.5), or a text of more than 4,096 bytes.
    case tooLong
    /// A number above 4,294,967,295, or digits mixed with other characters.
    case badNumber(String)
    /// No module of this name is built in.
    case unknownModule(String, suggestions: [String])
    /// No object of this name is known (in the module, or below the name before it); the nearest names, best first.
    case unknownName(String, suggestions: [String])
    /// The part does not fit the table's index of this name.
    case badIndex(String, index: String)
    /// A quote or bracket that does not end, or something other than a dot behind it.
    case unbalanced(String)
}

extension NameError: CustomStringConvertible {
    /// The error as a sentence for people.
    public var description: String {
        switch self {
        case .empty: "a part of the name is empty"
        case .tooLong: "the name is too long"
        case .badNumber(let part): "\"\(part)\" is not a number from 0 to 4294967295"
        case .unknownModule(let name, let suggestions): "unknown module \(name)" + Self.hint(suggestions)
        case .unknownName(let name, let suggestions): "unknown name \(name)" + Self.hint(suggestions)
        case .badIndex(let part, let index): "\"\(part)\" does not fit the index \(index)"
        case .unbalanced(let part): "quotes or brackets do not match in \(part)"
        }
    }

    private static func hint(_ suggestions: [String]) -> String {
        suggestions.isEmpty ? "" : "; did you mean " + suggestions.joined(separator: ", ") + "?"
    }
}

/// Finds names that look like a misspelt one.
public enum Suggestions {
    /// At most three of `names` within a third of the word's length in edits, nearest first; case does not count.
    public static func nearest(to word: String, among names: some Sequence<String>) -> [String] {
        let target = folded(word).prefix(64)
        let limit = max(2, target.count / 3)
        var best: [(distance: Int, name: String)] = []
        for name in names where abs(name.utf8.count - target.count) <= limit {
            if let distance = edits(Array(target), folded(name), atMost: limit),
                !best.contains(where: { $0.name == name })
            {
                best.append((distance, name))
            }
        }
        return best.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    private static func folded(_ name: String) -> [UInt8] {
        name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`; nil when more.
    private static func edits(_ a: [UInt8], _ b: [UInt8], atMost limit: Int) -> Int? {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            var smallest = i + 1
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
                smallest = min(smallest, cost)
            }
            // A swap looks back two rows, but never gets cheaper than the row between.
            if smallest > limit { return nil }
            beforeLast = last
            last = row
        }
        return last[b.count] <= limit ? last[b.count] : nil
    }
}

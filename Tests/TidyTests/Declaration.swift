// Layer: TidyTests. Used by: SourceFile, the layer and docstring rules.
// What a line of code declares, read from its first words. Knows nothing of the rest of the grammar.

/// The declaration that starts on a line, if any.
struct Declaration {
    /// The introducing word: `func`, `import`, `case`; empty when the line declares nothing.
    private(set) var keyword = ""
    /// True when `public` or `open` stands among the modifiers.
    private(set) var isPublic = false
    /// True when the line holds attributes and nothing else.
    private(set) var isOnlyAttributes = false
    /// The code behind the introducing word.
    private(set) var rest: Substring = ""

    private static let modifiers: Set<String> = [
        "public", "open", "internal", "package", "private", "fileprivate", "static", "class", "final", "indirect",
        "mutating", "nonmutating", "consuming", "borrowing", "nonisolated", "override", "convenience", "required",
        "lazy", "weak", "unowned", "isolated", "distributed", "prefix", "postfix", "infix", "dynamic", "optional",
    ]
    private static let keywords: Set<String> = [
        "func", "var", "let", "init", "deinit", "struct", "class", "enum", "case", "actor", "typealias", "subscript",
        "protocol", "associatedtype", "extension", "import", "operator", "precedencegroup", "macro",
    ]

    init(_ code: String) {
        var text = code.drop { $0.isWhitespace }
        var sawAttribute = false
        while let first = text.first {
            if first == "@" {
                sawAttribute = true
                text = Self.dropArguments(text.dropFirst().drop { $0.isLetter || $0.isNumber || $0 == "_" })
            } else {
                let word = String(text.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
                let after = text.dropFirst(word.count)
                // `class` modifies a member (`class func`) or introduces a type (`class Name`).
                let next = String(after.drop { $0.isWhitespace }.prefix { $0.isLetter })
                if word == "class", Self.keywords.contains(next) {
                    text = after
                } else if Self.modifiers.contains(word), word != "class" {
                    isPublic = isPublic || word == "public" || word == "open"
                    text = Self.dropArguments(after)
                } else {
                    keyword = Self.keywords.contains(word) ? word : ""
                    rest = after.drop { $0.isWhitespace }
                    return
                }
            }
            text = text.drop { $0.isWhitespace }
        }
        isOnlyAttributes = sawAttribute
    }

    /// The module that an `import` names, also in `import struct Module.Type`.
    var importedModule: String {
        let words = rest.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        let kinds: Set = ["typealias", "struct", "class", "enum", "protocol", "let", "var", "func"]
        guard let first = words.first else { return "" }
        return kinds.contains(first) && words.count > 1 ? words[1] : first
    }

    /// Drops a parenthesised argument list that starts right here.
    private static func dropArguments(_ text: Substring) -> Substring {
        guard text.first == "(" else { return text }
        var depth = 0
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            if depth == 0 { return text[text.index(after: index)...] }
        }
        return ""
    }
}

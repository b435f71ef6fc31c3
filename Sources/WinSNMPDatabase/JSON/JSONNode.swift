// Layer: WinSNMPDatabase/JSON. Used by: JSONReader, the entries, JSONDatabase.
// JSON values that remember the line they were read from, the order of their members and the exact digits of their
// numbers. A reader of our own, because an error must name the line, members that other programs put into the file must
// survive a rewrite as they were, and Foundation would more than double the size of the C library.

/// A JSON value (RFC 8259).
struct JSONNode: Sendable {
    enum Value: Sendable, Equatable {
        case null
        case bool(Bool)
        /// The text of the number, which is well-formed.
        case number(String)
        case string(String)
        case array([JSONNode])
        case object([Field])
    }

    /// A member of an object.
    struct Field: Sendable, Equatable {
        var name: String
        var node: JSONNode

        init(_ name: String, _ node: JSONNode) {
            self.name = name
            self.node = node
        }
    }

    var value: Value
    /// The line in the file, from 1; 0 for a value that was not read from one.
    var line: Int

    init(_ value: Value, line: Int = 0) {
        self.value = value
        self.line = line
    }

    static func string(_ text: some CustomStringConvertible) -> JSONNode { JSONNode(.string(text.description)) }

    static func number(_ number: some FixedWidthInteger) -> JSONNode { JSONNode(.number(String(number))) }

    /// What the value is, for error messages.
    var kind: String {
        switch value {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The members of an object; nil for anything else.
    var fields: [Field]? {
        if case .object(let fields) = value { fields } else { nil }
    }

    /// The elements of an array; nil for anything else.
    var elements: [JSONNode]? {
        if case .array(let elements) = value { elements } else { nil }
    }

    /// The member of an object; nil if there is none, and for anything but an object.
    subscript(name: String) -> JSONNode? { fields?.first { $0.name == name }?.node }
}

extension JSONNode: Equatable {
    /// Compares contents; lines don't count.
    static func == (a: JSONNode, b: JSONNode) -> Bool { a.value == b.value }
}

extension JSONNode {
    /// The value over several lines, with a line end behind it.
    var text: String {
        var text = ""
        append(to: &text, margin: "")
        return text + "\n"
    }

    private func append(to text: inout String, margin: String) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let string): Self.append(string, to: &text)
        case .array(let elements):
            guard !elements.isEmpty else {
                text += "[]"
                return
            }
            let inner = margin + "  "
            text += "["
            for (index, element) in elements.enumerated() {
                text += (index > 0 ? ",\n" : "\n") + inner
                element.append(to: &text, margin: inner)
            }
            text += "\n\(margin)]"
        case .object(let fields):
            guard !fields.isEmpty else {
                text += "{}"
                return
            }
            // What holds one plain value stays on its line: references to secrets are read more easily so.
            let isShort = fields.count == 1 && fields[0].node.fields == nil && fields[0].node.elements == nil
            let inner = margin + "  "
            text += "{"
            for (index, field) in fields.enumerated() {
                text += isShort ? " " : (index > 0 ? ",\n" : "\n") + inner
                Self.append(field.name, to: &text)
                text += ": "
                field.node.append(to: &text, margin: inner)
            }
            text += isShort ? " }" : "\n\(margin)}"
        }
    }

    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

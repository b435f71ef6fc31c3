// Layer: JSON. Uses: JSONValue. Used by: JSONReader, whoever reads JSON.
// JSON values that remember the line they were read from, the order of their members and the exact digits of their
// numbers. A reader of our own, because an error must name the line, members that other programs put into the file must
// survive a rewrite as they were, and Foundation would more than double the size of the C libraries.

/// A JSON value (RFC 8259).
public struct JSONNode: Sendable {
    /// What it holds.
    public enum Value: Sendable, Equatable {
        /// null
        case null
        /// true or false
        case bool(Bool)
        /// The text of the number, which is well-formed.
        case number(String)
        /// A string.
        case string(String)
        /// An array.
        case array([JSONNode])
        /// An object: its members in their order.
        case object([Field])
    }

    /// A member of an object.
    public struct Field: Sendable, Equatable {
        /// The name.
        public var name: String
        /// The value.
        public var node: JSONNode

        /// Makes a member.
        public init(_ name: String, _ node: JSONNode) {
            self.name = name
            self.node = node
        }
    }

    /// What it holds.
    public var value: Value
    /// The line in the file, from 1; 0 for a value that was not read from one.
    public var line: Int

    /// Makes a value.
    public init(_ value: Value, line: Int = 0) {
        self.value = value
        self.line = line
    }

    /// A string.
    public static func string(_ text: some CustomStringConvertible) -> JSONNode { JSONNode(.string(text.description)) }

    /// A whole number.
    public static func number(_ number: some FixedWidthInteger) -> JSONNode { JSONNode(.number(String(number))) }

    /// What the value is, for error messages.
    public var kind: String {
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
    public var fields: [Field]? {
        if case .object(let fields) = value { fields } else { nil }
    }

    /// The elements of an array; nil for anything else.
    public var elements: [JSONNode]? {
        if case .array(let elements) = value { elements } else { nil }
    }

    /// The member of an object; nil if there is none, and for anything but an object.
    public subscript(name: String) -> JSONNode? { fields?.first { $0.name == name }?.node }
}

extension JSONNode: Equatable {
    /// Compares contents; lines don't count.
    public static func == (a: JSONNode, b: JSONNode) -> Bool { a.value == b.value }
}

extension JSONNode {
    /// The value over several lines, with a line end behind it.
    public var text: String {
        var text = ""
        append(to: &text, margin: "")
        return text + "\n"
    }

    private func append(to text: inout String, margin: String) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let string): JSONValue.append(string, to: &text)
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
                JSONValue.append(field.name, to: &text)
                text += ": "
                field.node.append(to: &text, margin: inner)
            }
            text += isShort ? " }" : "\n\(margin)}"
        }
    }
}

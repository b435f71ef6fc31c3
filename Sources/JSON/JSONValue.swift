// Layer: JSON. Used by: everything that writes JSON.
// JSON on one line (RFC 8259). Fields keep the order in which they were added.

/// A JSON value to write.
public enum JSONValue: Sendable {
    /// null
    case null
    /// true or false
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A whole number that is not negative.
    case unsigned(UInt64)
    /// A number; what is not finite is written as null, because JSON has no infinities.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// Appends the value as text.
    public func append(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.append(value, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.append(to: &text)
            }
            text += "]"
        case .object(let object): object.append(to: &text)
        }
    }

    /// The value on one line.
    public var text: String {
        var text = ""
        append(to: &text)
        return text
    }

    /// Appends a string in double quotes.
    static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // C1 controls are legal in JSON, but some terminals obey them. The line separators break JavaScript.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

/// A JSON object, built field by field.
public struct JSONObject: Sendable {
    private var fields: [(name: String, value: JSONValue)] = []

    /// An object without fields.
    public init() {}

    /// Whether it has no fields.
    public var isEmpty: Bool { fields.isEmpty }

    /// Adds a field; nil is left out.
    public mutating func add(_ name: String, _ value: JSONValue?) {
        if let value { fields.append((name, value)) }
    }

    /// Adds a string; nil is left out.
    public mutating func add(_ name: String, _ value: String?) { add(name, value.map { .string($0) }) }

    /// Adds a number.
    public mutating func add(_ name: String, _ value: Int) { add(name, .integer(Int64(value))) }

    /// Adds a number; nil is left out.
    public mutating func add(_ name: String, _ value: Double?) { add(name, value.map { .number($0) }) }

    /// Adds strings; none are left out.
    public mutating func add(_ name: String, _ values: [String]) {
        if !values.isEmpty { add(name, .array(values.map { .string($0) })) }
    }

    /// Appends the object as text.
    public func append(to text: inout String) {
        text += "{"
        for (index, field) in fields.enumerated() {
            if index > 0 { text += "," }
            JSONValue.append(field.name, to: &text)
            text += ":"
            field.value.append(to: &text)
        }
        text += "}"
    }

    /// The object on one line.
    public var text: String {
        var text = ""
        append(to: &text)
        return text
    }
}

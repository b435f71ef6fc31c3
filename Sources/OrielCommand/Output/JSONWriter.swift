// Layer: OrielCommand/Output. Used by: everything with --json.
// JSON on one line (RFC 8259). Fields keep the order in which they were added.

/// A JSON value.
enum JSONValue {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    func append(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        // JSON has no infinities.
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

    fileprivate static func append(_ string: String, to text: inout String) {
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
struct JSONObject {
    private var fields: [(name: String, value: JSONValue)] = []

    init() {}

    /// Whether it has no fields.
    var isEmpty: Bool { fields.isEmpty }

    /// Adds a field; nil is left out.
    mutating func add(_ name: String, _ value: JSONValue?) {
        if let value { fields.append((name, value)) }
    }

    /// Adds a string; nil is left out.
    mutating func add(_ name: String, _ value: String?) { add(name, value.map { .string($0) }) }

    /// Adds a number.
    mutating func add(_ name: String, _ value: Int) { add(name, .integer(Int64(value))) }

    /// Adds strings; none are left out.
    mutating func add(_ name: String, _ values: [String]) {
        if !values.isEmpty { add(name, .array(values.map { .string($0) })) }
    }

    func append(to text: inout String) {
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
    var text: String {
        var text = ""
        append(to: &text)
        return text
    }

    /// What stands for a failure, as the last line of the output.
    static func failure(_ error: CommandError) -> JSONObject {
        var object = JSONObject()
        object.add("error", error.kind.rawValue)
        object.add("message", error.message)
        return object
    }
}

// Layer: JSON. Uses: JSONValue, JSONNode. Used by: whoever writes what was read.

extension JSONValue {
    /// A value that was read, to be written again.
    public init(_ node: JSONNode) {
        switch node.value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map { JSONValue($0) })
        case .object(let fields):
            var object = JSONObject()
            for field in fields { object.add(field.name, JSONValue(field.node)) }
            self = .object(object)
        case .number(let digits):
            if let whole = Int64(digits) {
                self = .integer(whole)
            } else if let whole = UInt64(digits) {
                self = .unsigned(whole)
            } else {
                self = .number(Double(digits) ?? .nan)
            }
        }
    }
}

// Layer: JSON. Uses: JSONNode. Used by: Codable conformances of what has a form in JSON.
// Lets an entry's one description, its members in the file, serve every encoder and decoder of Swift's as well.

/// The name of a member.
private struct MemberKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }

    init?(stringValue: String) { self.init(stringValue) }

    init?(intValue: Int) { nil }
}

extension JSONNode: Codable {
    /// Reads a value; members of objects come in the order of their names.
    public init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: MemberKey.self) {
            let keys = container.allKeys.sorted { $0.stringValue < $1.stringValue }
            self.init(.object(try keys.map { Field($0.stringValue, try container.decode(JSONNode.self, forKey: $0)) }))
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self.init(.null)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else if let flag = try? container.decode(Bool.self) {
            self.init(.bool(flag))
        } else {
            self.init(.array(try container.decode([JSONNode].self)))
        }
    }

    /// Writes a value. Throws for numbers that are not whole.
    public func encode(to encoder: any Encoder) throws {
        switch value {
        case .object(let fields):
            var container = encoder.container(keyedBy: MemberKey.self)
            for field in fields { try container.encode(field.node, forKey: MemberKey(field.name)) }
        case .array(let elements):
            var container = encoder.singleValueContainer()
            try container.encode(elements)
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let flag):
            var container = encoder.singleValueContainer()
            try container.encode(flag)
        case .string(let text):
            var container = encoder.singleValueContainer()
            try container.encode(text)
        case .number(let digits):
            var container = encoder.singleValueContainer()
            // Entries hold whole numbers only.
            guard let number = Int64(digits) else {
                let context = EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "no whole number")
                throw EncodingError.invalidValue(digits, context)
            }
            try container.encode(number)
        }
    }
}

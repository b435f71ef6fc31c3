// Layer: WinSNMPStore. Uses: JSON, WinSNMPDatabase (EntryList). Used by: EntryTables, EntryReading.
// Which columns an entry's members stand in, and the way from members to columns and back. No rows, no files.

import JSON
import WinSNMPDatabase

/// The columns of a list's table.
struct EntryColumns {
    /// How a member stands in columns.
    enum Kind {
        case text
        case number
        /// Three columns: where the secret is, what says so, and for a sealed one the file with the key.
        case secret
    }

    let list: EntryList
    /// The members besides the name, with their columns.
    let members: [(member: String, column: String, kind: Kind)]

    static let key = "key"
    static let name = "name"
    /// The members that nobody here knows, as a JSON object.
    static let other = "other"

    static func of(_ list: EntryList) -> EntryColumns { list == .entities ? entities : contexts }

    static let entities = EntryColumns(
        list: .entities,
        members: [
            ("transport", "transport", .text), ("address", "address", .text),
            ("requestPort", "request_port", .number), ("notificationPort", "notification_port", .number),
            ("version", "version", .text), ("timeoutCentiseconds", "timeout_cs", .number),
            ("retries", "retries", .number), ("engineID", "engine_id", .text),
            ("maximumMessageByteCount", "max_message_bytes", .number), ("context", "context", .text),
        ])

    static let contexts = EntryColumns(
        list: .contexts,
        members: [
            ("community", "community", .secret), ("user", "user", .text), ("contextName", "context_name", .text),
            ("contextEngineID", "context_engine_id", .text), ("level", "level", .text), ("auth", "auth", .text),
            ("authPassword", "auth_password", .secret), ("priv", "priv", .text),
            ("keyExtension", "key_extension", .text), ("privPassword", "priv_password", .secret),
        ])

    /// The places where secrets are, and the member that says so.
    private static let sources = ["literal", "environment", "file", "sealed"]

    static func source(_ column: String) -> String { column + "_source" }
    static func keyFile(_ column: String) -> String { column + "_key_file" }

    /// The columns of texts, the name's and that of other members among them.
    var textColumns: [String] {
        var names = [Self.name]
        for (_, column, kind) in members {
            switch kind {
            case .text: names.append(column)
            case .number: continue
            case .secret: names += [column, Self.source(column), Self.keyFile(column)]
            }
        }
        return names + [Self.other]
    }

    /// The columns of numbers.
    var numberColumns: [String] { members.filter { $0.kind == .number }.map(\.column) }

    /// The values of columns; those that are missing are NULL.
    struct Values: Equatable {
        var texts: [String: String] = [:]
        var numbers: [String: Int32] = [:]
    }

    /// Takes an entry apart. What fits in no column goes to the other members.
    func values(of node: JSONNode) -> Values {
        var values = Values()
        var others: [JSONNode.Field] = []
        for field in node.fields ?? [] where !put(field, into: &values) { others.append(field) }
        if !others.isEmpty { values.texts[Self.other] = JSONNode(.object(others)).text }
        return values
    }

    private func put(_ field: JSONNode.Field, into values: inout Values) -> Bool {
        if field.name == Self.name, case .string(let text) = field.node.value {
            values.texts[Self.name] = text
            return true
        }
        guard let (_, column, kind) = members.first(where: { $0.member == field.name }) else { return false }
        switch (kind, field.node.value) {
        case (.text, .string(let text)): values.texts[column] = text
        case (.number, .number(let digits)):
            guard let number = Int32(digits) else { return false }
            values.numbers[column] = number
        case (.secret, .object(let parts)):
            guard let part = parts.first, Self.sources.contains(part.name), case .string(let text) = part.node.value
            else { return false }
            values.texts[Self.source(column)] = part.name
            values.texts[column] = text
            if let keyFile = parts.first(where: { $0.name == "keyFile" }), case .string(let path) = keyFile.node.value {
                values.texts[Self.keyFile(column)] = path
            }
        default: return false
        }
        return true
    }

    /// Puts an entry together. Nil if the other members are no JSON object.
    func node(of values: Values) -> JSONNode? {
        var fields: [JSONNode.Field] = []
        if let name = values.texts[Self.name] { fields.append(.init(Self.name, .string(name))) }
        for (member, column, kind) in members {
            switch kind {
            case .text: if let text = values.texts[column] { fields.append(.init(member, .string(text))) }
            case .number: if let number = values.numbers[column] { fields.append(.init(member, .number(number))) }
            case .secret:
                guard let source = values.texts[Self.source(column)], let text = values.texts[column] else { continue }
                var parts = [JSONNode.Field(source, .string(text))]
                if let path = values.texts[Self.keyFile(column)] { parts.append(.init("keyFile", .string(path))) }
                fields.append(.init(member, JSONNode(.object(parts))))
            }
        }
        guard let others = others(of: values) else { return nil }
        return JSONNode(.object(fields + others))
    }

    /// The members that nobody here knows; nil if they are no JSON object.
    func others(of values: Values) -> [JSONNode.Field]? {
        guard let text = values.texts[Self.other] else { return [] }
        return (try? JSONReader.read(Array(text.utf8)))?.fields
    }
}

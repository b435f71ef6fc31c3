// Layer: WinSNMPDatabase. Uses: JSONNode, JSONReader, the entries. Used by: JSONDatabase.
// The file's contents as a tree, so that a change of one entry leaves everything else as it is.

import JSON

/// The contents of a database's file.
struct JSONFile: Equatable {
    /// The layout that this module reads and writes.
    static let version = 1

    private(set) var root: JSONNode

    /// The contents of a file that does not exist yet.
    init() {
        root = JSONNode(
            .object([
                .init("version", .number(Self.version)), .init(EntryList.entities.rawValue, JSONNode(.array([]))),
                .init(EntryList.contexts.rawValue, JSONNode(.array([]))),
            ]))
    }

    /// A file of these entries.
    init(_ entries: [(list: EntryList, node: JSONNode)]) {
        self.init()
        for list in EntryList.allCases { set(list, entries.filter { $0.list == list }.map(\.node)) }
    }

    /// Reads a file; `path` is for errors. An empty file is an empty database.
    init(_ bytes: [UInt8], _ path: String) throws(DatabaseError) {
        if bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
            root = JSONFile().root
            return
        }
        root = try Self.read(bytes, path)
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws(DatabaseError) -> JSONNode {
        do throws(JSONError) { return try JSONReader.read(bytes) } catch {
            throw .malformed(
                file: path, line: error.line, member: "", problem: "no JSON: \(error.problem); correct it there")
        }
    }

    /// The entries, every one of them checked.
    func table(_ path: String) throws(DatabaseError) -> EntryTable {
        do throws(MemberError) { return try table() } catch {
            throw .malformed(file: path, line: max(error.line, 1), member: error.path, problem: error.problem)
        }
    }

    private func table() throws(MemberError) -> EntryTable {
        let members = try MemberReader(root, "")
        if let version: Int64 = try members.number("version", 1...Int64.max), version > Self.version {
            throw members.failure(
                "version", "this is layout \(version), and only layout 1 is known; take a newer program")
        }
        var table = EntryTable()
        for (index, node) in try members.elements(EntryList.entities.rawValue).enumerated() {
            let entry = try MemberReader(node, "entities[\(index)]")
            if table.put(try EntityEntry(entry)) { throw Self.twice(entry) }
        }
        for (index, node) in try members.elements(EntryList.contexts.rawValue).enumerated() {
            let entry = try MemberReader(node, "contexts[\(index)]")
            if table.put(try ContextEntry(entry)) { throw Self.twice(entry) }
        }
        return table
    }

    private static func twice(_ entry: MemberReader) -> MemberError {
        entry.failure("name", "another entry above has the same name; rename or remove one")
    }

    /// Puts an entry in the place of one of the same name, or behind all others; returns whether there was one. Members
    /// of the old one that this module doesn't know stay.
    mutating func put(_ node: JSONNode, in list: EntryList, named name: String) -> Bool {
        var elements = root[list.rawValue]?.elements ?? []
        let position = elements.firstIndex { Self.name(of: $0) == name }
        if let position {
            let unknown = list.unknown(elements[position].fields ?? []).filter { node[$0.name] == nil }
            elements[position].value = .object((node.fields ?? []) + unknown)
        } else {
            elements.append(node)
        }
        set(list, elements)
        return position != nil
    }

    /// Removes the entry of a name; returns whether there was one.
    mutating func remove(_ name: String, from list: EntryList) -> Bool {
        let elements = root[list.rawValue]?.elements ?? []
        guard let position = elements.firstIndex(where: { Self.name(of: $0) == name }) else { return false }
        var rest = elements
        rest.remove(at: position)
        set(list, rest)
        return true
    }

    /// The entries of a list, each as this module writes it, with the members that it doesn't know behind.
    /// - Precondition: `table` was made of this very content.
    func nodes(_ list: EntryList, _ table: EntryTable) -> [(name: String, node: JSONNode)] {
        (root[list.rawValue]?.elements ?? []).compactMap { element in
            guard let name = Self.name(of: element) else { return nil }
            let known = list == .entities ? table.entities[name]?.node : table.contexts[name]?.node
            guard let known else { return nil }
            return (name, JSONNode(.object((known.fields ?? []) + list.unknown(element.fields ?? []))))
        }
    }

    private static func name(of element: JSONNode) -> String? {
        if case .string(let name)? = element["name"]?.value { name } else { nil }
    }

    private mutating func set(_ list: EntryList, _ elements: [JSONNode]) {
        var fields = root.fields ?? []
        let node = JSONNode(.array(elements))
        if let position = fields.firstIndex(where: { $0.name == list.rawValue }) {
            fields[position].node = node
        } else {
            fields.append(.init(list.rawValue, node))
        }
        root.value = .object(fields)
    }
}

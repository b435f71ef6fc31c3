// Layer: OrielCommand/Commands/Database. Uses: ESEReader. Used by: PageReport.
// Whose page it is: the tree of an object ID, and how the keys of that tree are read.

import ESEFormat
import ESEReader
import JSON

/// The tree that a page belongs to.
struct PageOwner {
    /// What a tree holds.
    enum Kind {
        case database
        case records
        case entries(IndexDefinition)
        case longValues
        case unknown
    }

    let kind: Kind
    let table: ESETable?

    /// Finds the owner of an object ID.
    init(_ id: ObjectID, in database: ESEDatabase) {
        for table in database.tables {
            let definition = table.definition
            if definition.objectID == id {
                self.init(.records, table)
                return
            }
            if definition.longValueObjectID == id {
                self.init(.longValues, table)
                return
            }
            if let index = definition.indexes.first(where: { $0.objectID == id }) {
                self.init(.entries(index), table)
                return
            }
        }
        self.init(id == ObjectID(1) ? .database : .unknown, nil)
    }

    private init(_ kind: Kind, _ table: ESETable?) {
        self.kind = kind
        self.table = table
    }

    /// What the tree is, for people.
    var text: String {
        let name = DatabaseText.oneLine(table?.name ?? "")
        return switch kind {
        case .database: "the database's space"
        case .records: "records of table \(name)"
        case .entries(let index): "index \(DatabaseText.oneLine(index.name)) of table \(name)"
        case .longValues: "long values of table \(name)"
        case .unknown: "no object of the catalog"
        }
    }

    /// As JSON.
    var json: JSONObject {
        var object = JSONObject()
        object.add("table", table?.name)
        switch kind {
        case .database: object.add("tree", "database")
        case .records: object.add("tree", "records")
        case .entries(let index):
            object.add("tree", "index")
            object.add("index", index.name)
        case .longValues: object.add("tree", "longValues")
        case .unknown: object.add("tree", "unknown")
        }
        return object
    }

    /// The parts of a key of this tree, decoded; none if it is none, as the separators of branches are.
    func parts(ofKey key: [UInt8]) -> [KeyPart] {
        guard let table else { return [] }
        switch kind {
        case .entries(let index): return Self.parts(key, index, table.definition)
        case .records: return primaryParts(ofKey: key)
        case .longValues:
            guard let key = try? LongValueKey(key.span.bytes) else { return [] }
            let id = KeyPart(name: "long value", text: "\(key.id)")
            return key.offset.map { [id, KeyPart(name: "from byte", text: "\($0)")] } ?? [id]
        case .database, .unknown: return []
        }
    }

    /// The parts of a primary key of the table.
    func primaryParts(ofKey key: [UInt8]) -> [KeyPart] {
        guard let table else { return [] }
        if let index = table.definition.primaryIndex { return Self.parts(key, index, table.definition) }
        guard let number = try? KeyReader.sequentialRecord(of: key.span.bytes) else { return [] }
        return [KeyPart(name: "record", text: "\(number)")]
    }

    private static func parts(_ key: [UInt8], _ index: IndexDefinition, _ table: TableDefinition) -> [KeyPart] {
        guard let reader = try? KeyReader(index: index, columns: table.columns),
            let segments = try? reader.segments(of: key.span.bytes)
        else { return [] }
        return segments.map { segment in
            let column = table.columns.first {
                $0.id == segment.segment.column && $0.isFromTemplate == segment.segment.isFromTemplate
            }
            let text =
                switch segment.content {
                case .value(.text(let text)): "\"\(DatabaseText.oneLine(text))\""
                case .value(let value): DatabaseText.text(value, limit: 160)
                case .sortKey(let bytes): "(sort key of \(bytes.count) bytes)"
                case .cut(let bytes): "\(DatabaseText.hex(bytes))… (cut)"
                }
            return KeyPart(name: column?.name ?? "column \(segment.segment.column)", text: text)
        }
    }
}

/// A part of a key: a column and its value.
struct KeyPart {
    let name: String
    let text: String
}

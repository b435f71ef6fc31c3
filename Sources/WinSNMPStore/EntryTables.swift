// Layer: WinSNMPStore. Uses: ESE, EntryColumns. Used by: EntryWriting.
// The tables of the database while a writer has it open.

import ESE
import JSON
import WinSNMPDatabase

/// The tables as they are made: docs/winsnmp/database.md, "In the directory".
enum EntrySpecs {
    /// The layout that this program writes, in the setting `format`.
    static let format = 1
    static let settings = TableSpec(
        "settings", columns: [ColumnSpec("key", .text, .notNull), ColumnSpec("value", String.self)],
        indexes: [.primary(on: ["key"])])

    /// The table of a list. The order is that of the names' UTF-8.
    static func table(_ list: EntryList) -> TableSpec {
        let columns = EntryColumns.of(list)
        var primary = IndexSpec.primary(on: [EntryColumns.key])
        // Room for a name of 255 octets, so that no two are taken for the same because their keys were cut.
        primary.maximumKeyByteCount = 400
        return TableSpec(
            list.rawValue,
            columns: [ColumnSpec(EntryColumns.key, .binary, .notNull)]
                + columns.numberColumns.map { ColumnSpec($0, Int32.self) }
                + columns.textColumns.map { ColumnSpec($0, String.self) },
            indexes: [primary])
    }
}

/// A session with the tables open. Used by one thread.
final class EntryTables {
    private let session: Session
    private let entities: OpenList
    private let contexts: OpenList
    private let settings: TableCursor

    /// Opens the tables, which are made in a database that is new.
    init(_ session: Session, _ name: String, _ mode: DatabaseMode) throws(JetError) {
        self.session = session
        let database = try session.openDatabase(name, mode)
        entities = try OpenList(database, .entities)
        contexts = try OpenList(database, .contexts)
        settings = try database.table(EntrySpecs.settings)
    }

    /// The layout of the tables; nil in a database that is new.
    func format() throws(JetError) -> Int? {
        let value: Column<String> = try settings.column("value")
        return try session.transaction(isReadOnly: true) { () throws(JetError) -> Int? in
            guard try settings.seek(.equal, [.text("format")]) == .equal else { return nil }
            return try settings.withRow { (row) throws(JetError) in try row[value] }.flatMap { Int($0) }
        }
    }

    /// Does all changes, durably, or none of them.
    /// - Returns: Of each whether the name was there.
    func apply(_ changes: [EntryChange], isNew: Bool = false) throws(JetError) -> [Bool] {
        try session.transaction { () throws(JetError) -> [Bool] in
            if isNew { try setFormat() }
            var results: [Bool] = []
            for change in changes {
                switch change {
                case .put(let list, let node, let name): results.append(try open(list).put(node, name))
                case .remove(let list, let name): results.append(try open(list).remove(name))
                }
            }
            return results
        }
    }

    private func open(_ list: EntryList) -> OpenList { list == .entities ? entities : contexts }

    private func setFormat() throws(JetError) {
        let (key, value): (Column<String>, Column<String>) = (try settings.column("key"), try settings.column("value"))
        try settings.insert { (row) throws(JetError) in
            try row.set(key, "format")
            try row.set(value, String(EntrySpecs.format))
        }
    }
}

/// The open table of a list.
private struct OpenList {
    let columns: EntryColumns
    let cursor: TableCursor
    let key: Column<[UInt8]>
    let texts: [(name: String, column: Column<String>)]
    let numbers: [(name: String, column: Column<Int32>)]

    init(_ database: SessionDatabase, _ list: EntryList) throws(JetError) {
        columns = EntryColumns.of(list)
        cursor = try database.table(EntrySpecs.table(list))
        key = try cursor.column(EntryColumns.key)
        var texts: [(String, Column<String>)] = []
        for name in columns.textColumns { texts.append((name, try cursor.column(name))) }
        var numbers: [(String, Column<Int32>)] = []
        for name in columns.numberColumns { numbers.append((name, try cursor.column(name))) }
        self.texts = texts
        self.numbers = numbers
    }

    /// Goes to the row of a name.
    private func find(_ name: String) throws(JetError) -> Bool {
        if try cursor.seek(.equal, [.bytes(Array(name.utf8))]) == .equal { return true }
        // A text with accents can be written in two ways; they are the same name.
        guard name.utf8.contains(where: { $0 >= 0x80 }) else { return false }
        guard let column = texts.first(where: { $0.name == EntryColumns.name })?.column else { return false }
        var isThere = try cursor.first()
        while isThere {
            if try cursor.withRow({ (row) throws(JetError) in try row[column] }) == name { return true }
            isThere = try cursor.next()
        }
        return false
    }

    func remove(_ name: String) throws(JetError) -> Bool {
        guard try find(name) else { return false }
        try cursor.delete()
        return true
    }

    func put(_ node: JSONNode, _ name: String) throws(JetError) -> Bool {
        guard try find(name) else {
            let values = columns.values(of: node)
            try cursor.insert { (row) throws(JetError) in
                try row.set(key, Array(name.utf8))
                try write(values, to: row)
            }
            return false
        }
        // Members that nobody here knows stay, unless they are given anew.
        var old = EntryColumns.Values()
        if let column = texts.first(where: { $0.name == EntryColumns.other })?.column {
            old.texts[EntryColumns.other] = try cursor.withRow { (row) throws(JetError) in try row[column] }
        }
        let kept = (columns.others(of: old) ?? []).filter { node[$0.name] == nil }
        let values = columns.values(of: JSONNode(.object((node.fields ?? []) + kept)))
        try cursor.replace { (row) throws(JetError) in try write(values, to: row) }
        return true
    }

    private func write(_ values: EntryColumns.Values, to row: borrowing RowWriter) throws(JetError) {
        for (name, column) in texts { try row.set(column, values.texts[name]) }
        for (name, column) in numbers { try row.set(column, values.numbers[name]) }
    }
}

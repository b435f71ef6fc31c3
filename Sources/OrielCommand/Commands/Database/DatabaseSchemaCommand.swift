// Layer: OrielCommand/Commands/Database. Uses: DatabaseCommand, DatabaseNames. Used by: Command.db.

import ESEFormat
import ESEReader
import JSON

extension Command {
    static let databaseSchema = Command(
        "db schema", "describes tables with their columns and indexes",
        usage: ["[options] FILE [TABLE...]"],
        explanation: [
            "Of each column: its ID (1 to 127 fixed, 128 to 255 variable, above tagged), type, most bytes, code page of"
                + " text, flags, default, and whether it comes from a template. Of each index: its key columns (+ from"
                + " low to high, - from high to low), flags, conditions, and how text is compared.",
            databaseFileNote, databaseStatusNote,
        ],
        options: [OptionGroup(title: "Options", options: [OptionGroup.allTables, OptionGroup.json])],
        examples: [
            "oriel db schema SRUDB.dat SruDbIdMapTable",
            "oriel db schema --json ntds.dit datatable | jq -r '.columns[].name'",
        ]
    ) { invocation throws(CommandError) in try invocation.describeTables() }
}

extension Invocation {
    fileprivate func describeTables() throws(CommandError) -> ExitStatus {
        let database = try openDatabase()
        var tables = database.tables.filter { settings.database.includesSystemTables || !$0.isSystem }
        if operands.count > 1 {
            tables = []
            for name in operands.dropFirst() { tables.append(try table(name, of: database)) }
        }
        for (number, table) in tables.enumerated() {
            let schema = SchemaText(table.definition)
            guard !settings.display.isJSON else {
                try console.writeLine(schema.json.text)
                continue
            }
            if number > 0 { try console.writeLine("") }
            for line in schema.lines { try console.writeLine(line) }
        }
        return finish(database)
    }
}

/// A table's definition as text and JSON.
struct SchemaText {
    private let table: TableDefinition

    init(_ table: TableDefinition) { self.table = table }

    // MARK: Text

    var lines: [String] {
        var head = "Table \(DatabaseText.oneLine(table.name)): object \(table.objectID), root page \(table.rootPage)"
        head += ", density \(table.density) %"
        if let object = table.longValueObjectID, let page = table.longValueRootPage {
            head += ", long values in object \(object), root page \(page)"
        }
        if let chunk = table.longValueChunkByteCount { head += " in chunks of \(chunk) bytes" }
        var lines = [head]
        if let template = table.templateName {
            lines.append("Made after the template \(DatabaseText.oneLine(template))")
        }
        let flags = DatabaseNames.names(of: table.flags)
        if !flags.isEmpty { lines.append("Flags: \(flags.joined(separator: ", "))") }
        lines += ["", "Columns:"]
        lines += columnTable.lines(width: nil).map { "  " + $0 }
        lines += ["", table.indexes.isEmpty ? "No indexes: rows in order of insertion" : "Indexes:"]
        for index in table.indexes { lines += self.lines(of: index).map { "  " + $0 } }
        return lines
    }

    private var columnTable: TableText {
        var text = TableText(titles: ["ID", "NAME", "TYPE", "BYTES", "CODE PAGE", "FLAGS", "DEFAULT"])
        for column in table.columns {
            var flags = DatabaseNames.names(of: column.flags.subtracting(.hasDefault))
            if column.isFromTemplate { flags.append("from-template") }
            if let callback = column.callback { flags.append("callback \(DatabaseText.oneLine(callback))") }
            text.add([
                .number(column.id), .init(DatabaseText.oneLine(column.name)), .init(column.type.name),
                column.maximumByteCount == 0 ? .empty : .number(column.maximumByteCount),
                column.type.isText ? .number(column.codePage) : .empty, .init(flags.joined(separator: ", ")),
                .init(Self.defaultText(of: column)),
            ])
        }
        return text
    }

    private static func defaultText(of column: ColumnDefinition) -> String {
        guard let bytes = column.defaultValue else { return column.flags.contains(.hasDefault) ? "(computed)" : "" }
        guard let value = value(bytes, of: column) else { return "0x" + DatabaseText.hex(bytes) }
        if case .text(let text) = value { return "\"\(DatabaseText.oneLine(text))\"" }
        return DatabaseText.text(value, limit: 80)
    }

    private static func value(_ bytes: [UInt8], of column: ColumnDefinition) -> ColumnValue? {
        try? ColumnValue(decoding: bytes.span.bytes, type: column.type, codePage: column.codePage)
    }

    private func lines(of index: IndexDefinition) -> [String] {
        let key = index.segments.map { ($0.isDescending ? "-" : "+") + DatabaseText.oneLine(name(of: $0)) }
        let flags = DatabaseNames.names(of: index.flags.subtracting(.extendedColumns))
        var lines = ["\(DatabaseText.oneLine(index.name)): \(key.joined(separator: " "))"]
        lines.append(
            "  \(flags.joined(separator: ", ")); object \(index.objectID), root page \(index.rootPage), density"
                + " \(index.density) %, keys up to \(index.maximumKeyByteCount) bytes"
                + (index.maximumSegmentByteCount == index.maximumKeyByteCount
                    ? "" : ", of each column up to \(index.maximumSegmentByteCount)"))
        if let locale = Self.locale(of: index) {
            var line = "  text by the rules of \(locale)"
            let names = DatabaseNames.lcMapNames(index.lcMapFlags)
            line += ", LCMap flags \(DatabaseText.hex(index.lcMapFlags)) (\(names.joined(separator: ", ")))"
            if let version = index.sortVersion { line += ", sort version \(Self.text(ofSortVersion: version))" }
            if let order = index.sortID { line += ", sort \(order)" }
            lines.append(line)
        }
        for condition in index.conditions {
            lines.append(
                "  only rows where \(DatabaseText.oneLine(name(of: condition))) is"
                    + (condition.mustBeNull ? " NULL" : " not NULL"))
        }
        if let limits = index.tupleLimits {
            lines.append(
                "  substrings of \(limits.minimumLength) to \(limits.maximumLength) characters, of the first"
                    + " \(limits.indexedCharacterCount), each \(limits.increment) on, from \(limits.start)")
        }
        return lines
    }

    private func name(of segment: IndexSegment) -> String {
        let column = table.columns.first { $0.id == segment.column && $0.isFromTemplate == segment.isFromTemplate }
        return column?.name ?? "(column \(segment.column))"
    }

    private static func locale(of index: IndexDefinition) -> String? {
        guard index.flags.contains(.localized) else { return nil }
        if let name = index.localeName { return name.isEmpty ? "the invariant locale" : DatabaseText.oneLine(name) }
        return "locale \(DatabaseText.hex(index.lcid))"
    }

    /// The NLS version and the defined version.
    private static func text(ofSortVersion version: UInt64) -> String {
        "\(DatabaseText.hex(version & 0xffff_ffff)), \(DatabaseText.hex(version >> 32))"
    }

    // MARK: JSON

    var json: JSONObject {
        var object = JSONObject()
        object.add("name", table.name)
        object.add("objectID", Int(table.objectID.rawValue))
        object.add("rootPage", Int(table.rootPage.rawValue))
        object.add("density", Int(table.density))
        object.add("flags", DatabaseNames.names(of: table.flags))
        object.add("template", table.templateName)
        object.add("longValueObjectID", table.longValueObjectID.map { .unsigned(UInt64($0.rawValue)) })
        object.add("longValueRootPage", table.longValueRootPage.map { .unsigned(UInt64($0.rawValue)) })
        object.add("longValueChunkBytes", table.longValueChunkByteCount.map { .integer(Int64($0)) })
        object.add("columns", .array(table.columns.map { .object(Self.json(of: $0)) }))
        object.add("indexes", .array(table.indexes.map { .object(json(of: $0)) }))
        return object
    }

    private static func json(of column: ColumnDefinition) -> JSONObject {
        var object = JSONObject()
        object.add("id", Int(column.id.rawValue))
        object.add("name", column.name)
        object.add("type", column.type.name)
        object.add("maximumBytes", Int(column.maximumByteCount))
        if column.type.isText { object.add("codePage", Int(column.codePage)) }
        if column.id.storage == .fixed { object.add("recordOffset", Int(column.recordOffset)) }
        object.add("flags", DatabaseNames.names(of: column.flags))
        if let bytes = column.defaultValue {
            object.add("default", value(bytes, of: column).map(DatabaseText.json))
            object.add("defaultBytes", DatabaseText.hex(bytes))
        }
        if column.isFromTemplate { object.add("fromTemplate", .bool(true)) }
        object.add("callback", column.callback)
        return object
    }

    private func json(of index: IndexDefinition) -> JSONObject {
        var object = JSONObject()
        object.add("name", index.name)
        object.add("objectID", Int(index.objectID.rawValue))
        object.add("rootPage", Int(index.rootPage.rawValue))
        object.add("flags", DatabaseNames.names(of: index.flags))
        object.add("key", .array(index.segments.map { .object(json(of: $0)) }))
        object.add("density", Int(index.density))
        object.add("maximumKeyBytes", index.maximumKeyByteCount)
        object.add("maximumColumnBytes", index.maximumSegmentByteCount)
        if index.flags.contains(.localized) {
            object.add("locale", index.localeName)
            object.add("lcid", Int(index.lcid))
            object.add("lcMapFlags", Int(index.lcMapFlags))
            object.add("sortVersion", index.sortVersion.map { .string(DatabaseText.hex($0)) })
            object.add("sortID", index.sortID?.description)
        }
        if !index.conditions.isEmpty {
            object.add(
                "conditions",
                .array(
                    index.conditions.map {
                        var condition = JSONObject()
                        condition.add("column", name(of: $0))
                        condition.add("mustBe", $0.mustBeNull ? "null" : "notNull")
                        return .object(condition)
                    }))
        }
        if let limits = index.tupleLimits {
            var tuples = JSONObject()
            tuples.add("minimumLength", Int(limits.minimumLength))
            tuples.add("maximumLength", Int(limits.maximumLength))
            tuples.add("indexedCharacters", Int(limits.indexedCharacterCount))
            tuples.add("increment", Int(limits.increment))
            tuples.add("start", Int(limits.start))
            object.add("tuples", .object(tuples))
        }
        return object
    }

    private func json(of segment: IndexSegment) -> JSONObject {
        var object = JSONObject()
        object.add("column", name(of: segment))
        object.add("id", Int(segment.column.rawValue))
        object.add("order", segment.isDescending ? "descending" : "ascending")
        return object
    }
}

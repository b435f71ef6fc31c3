// Layer: OrielCommand/Commands/Database. Uses: DatabaseCommand, TableText. Used by: Command.db.

import ESEExport
import ESEFormat
import ESEReader
import JSON

extension Command {
    static let databaseTables = Command(
        "db tables", "lists the tables",
        usage: ["[options] FILE"],
        explanation: [
            "Of each table: the object ID, the root page of its tree, the numbers of its columns and indexes,"
                + " whether it"
                + " has a tree of long values, and with --count its rows.",
            databaseStatusNote,
        ],
        options: [
            OptionGroup(
                title: "Options",
                options: [
                    OptionGroup.allTables,
                    Option(flag: nil, "--count", "count the rows, which reads every table") { settings in
                        settings.database.isCounting = true
                    },
                    OptionGroup.json,
                ])
        ],
        examples: ["oriel db tables SRUDB.dat", "oriel db tables --all --count --json ntds.dit | jq -c '{name, rows}'"]
    ) { invocation throws(CommandError) in try invocation.listDatabaseTables() }
}

extension Invocation {
    fileprivate func listDatabaseTables() throws(CommandError) -> ExitStatus {
        try expect(atMost: 1)
        let database = try openDatabase()
        let isCounting = settings.database.isCounting
        var text = TableText(
            titles: ["NAME", "OBJECT", "ROOT", "COLUMNS", "INDEXES", "LONG VALUES"] + (isCounting ? ["ROWS"] : [])
                + ["KIND"])
        let progress = WorkProgress(console)
        for table in database.tables where settings.database.includesSystemTables || !table.isSystem {
            guard !Task.isCancelled else { break }
            let definition = table.definition
            var rows: Int?
            if isCounting {
                let cursor = table.rows()
                while cursor.next() {
                    progress.show { "counting \(table.name): \(cursor.rowCount) rows" }
                    if Task.isCancelled { break }
                }
                rows = cursor.rowCount
            }
            guard !settings.display.isJSON else {
                var object = JSONObject()
                object.add("name", definition.name)
                object.add("title", WellKnownTables.title(of: definition.name))
                object.add("objectID", Int(definition.objectID.rawValue))
                object.add("rootPage", Int(definition.rootPage.rawValue))
                object.add("columns", definition.columns.count)
                object.add("indexes", definition.indexes.count)
                object.add("longValueObjectID", definition.longValueObjectID.map { .unsigned(UInt64($0.rawValue)) })
                object.add("longValueRootPage", definition.longValueRootPage.map { .unsigned(UInt64($0.rawValue)) })
                object.add("flags", DatabaseNames.names(of: definition.flags))
                object.add("template", definition.templateName)
                object.add("rows", rows.map { .integer(Int64($0)) })
                progress.clear()
                try console.writeLine(object.text)
                continue
            }
            text.add(
                [
                    .init(DatabaseText.oneLine(definition.name)), .number(definition.objectID),
                    .number(definition.rootPage), .number(definition.columns.count),
                    .number(definition.indexes.count),
                    definition.longValueRootPage.map { .init("page \($0)") } ?? .empty,
                ] + (rows.map { [.number($0)] } ?? (isCounting ? [.empty] : [])) + [.init(Self.kind(definition))])
        }
        progress.clear()
        if !settings.display.isJSON {
            for line in text.lines(width: nil) { try console.writeLine(line) }
            if text.rows.isEmpty { console.note("\(database.name) has no tables but the engine's own (--all)") }
        }
        let status = finish(database)
        return Task.isCancelled ? .incomplete : status
    }

    private static func kind(_ table: TableDefinition) -> String {
        var words: [String] = []
        if let title = WellKnownTables.title(of: table.name) { words.append(title) }
        if !table.flags.isDisjoint(with: [.system, .systemDynamic]) { words.append("system") }
        if table.flags.contains(.template) { words.append("template") }
        if let template = table.templateName { words.append("after \(DatabaseText.oneLine(template))") }
        return words.joined(separator: ", ")
    }
}

extension ESETable {
    /// Whether it is one of the engine's own.
    var isSystem: Bool {
        !definition.flags.isDisjoint(with: [.system, .systemDynamic]) || name.hasPrefix("MSys")
    }
}

extension TableText.Cell {
    /// A number.
    static func number(_ number: some CustomStringConvertible) -> Self { Self("\(number)", isNumber: true) }
}

// Layer: OrielCommand/Commands/Database. Uses: DatabaseCommand. Used by: Command.db.

import ESEFormat
import ESEReader
import JSON

extension Command {
    static let databaseInfo = Command(
        "db info", "shows the header: state, logs needed, format, every field",
        usage: ["[options] FILE"],
        explanation: [
            "Says in which state the database is, which logs it needs, its format and which Windows writes that, its"
                + " page"
                + " size and size, and then every field of its header with ESE's name for it.",
            databaseStatusNote,
        ],
        options: [OptionGroup(title: "Options", options: [OptionGroup.json])],
        examples: ["oriel db info SRUDB.dat", "oriel db info --json ntds.dit | jq .state"]
    ) { invocation throws(CommandError) in try invocation.showHeader() }
}

extension Invocation {
    fileprivate func showHeader() throws(CommandError) -> ExitStatus {
        try expect(atMost: 1)
        let database = try openDatabase(allowsMissingCatalog: true)
        if settings.display.isJSON {
            try console.writeLine(Self.json(database).text)
        } else {
            for line in Self.lines(database) { try console.writeLine(line) }
        }
        return finish(database)
    }

    private static func byteCount(_ database: ESEDatabase) -> UInt64 {
        database.pageSize.fileOffset(of: database.lastPage) + UInt64(database.pageSize.byteCount)
    }

    private static func lines(_ database: ESEDatabase) -> [String] {
        let header = database.header
        var lines: [String] = []
        func add(_ name: String, _ text: String) {
            lines.append(name + String(repeating: " ", count: max(0, 13 - name.count)) + text)
        }
        func generations(_ range: ClosedRange<UInt32>) -> String {
            let names = [range.lowerBound, range.upperBound].map { DatabaseHeader.logNumbers(ofGeneration: $0)[0] }
            return range.count == 1 ? "generation \(names[0])" : "generations \(names[0]) to \(names[1])"
        }
        add("File", DatabaseText.oneLine(database.name))
        add("State", header.state.description)
        var logs = header.requiredLogs.map(generations) ?? "none"
        if let committed = header.committedLogs, committed != header.requiredLogs {
            logs += ", and up to \(generations(committed)) so that nothing is lost"
        }
        add("Logs needed", logs)
        add("Format", "\(header.format)" + (header.format.writer.map { ", written by \($0)" } ?? ""))
        add("Page size", "\(database.pageSize.byteCount) bytes")
        add("Size", "\(DatabaseText.size(byteCount(database))), pages 1 to \(database.lastPage)")
        let own = database.tables.filter { !$0.isSystem }.count
        add("Tables", "\(own), and \(database.tables.count - own) of the engine")
        lines += ["", "Header:"]
        var table = TableText(titles: ["BYTE", "ESE NAME", "NAME", "VALUE"])
        for field in header.fields() {
            table.add([
                .number(field.byteOffset), .init(field.eseName), .init(field.name),
                .init(DatabaseText.oneLine(field.value.text)),
            ])
        }
        return lines + table.lines(width: nil).map { "  " + $0 }
    }

    private static func json(_ database: ESEDatabase) -> JSONObject {
        let header = database.header
        func range(_ generations: ClosedRange<UInt32>?) -> JSONValue? {
            generations.map { .array([.unsigned(UInt64($0.lowerBound)), .unsigned(UInt64($0.upperBound))]) }
        }
        var object = JSONObject()
        object.add("file", database.name)
        object.add("state", header.state.description)
        object.add("clean", .bool(header.isClean))
        object.add("requiredLogs", range(header.requiredLogs))
        object.add("committedLogs", range(header.committedLogs))
        object.add("format", header.format.description)
        object.add("writer", header.format.writer)
        object.add("pageSize", database.pageSize.byteCount)
        object.add("bytes", .unsigned(byteCount(database)))
        object.add("lastPage", Int(database.lastPage.rawValue))
        object.add("tables", database.tables.filter { !$0.isSystem }.count)
        object.add("systemTables", database.tables.filter(\.isSystem).count)
        object.add("warnings", database.warnings.map(\.description))
        object.add("fields", .array(header.fields().map { .object(json($0)) }))
        return object
    }

    private static func json(_ field: HeaderField) -> JSONObject {
        var object = JSONObject()
        object.add("offset", field.byteOffset)
        object.add("eseName", field.eseName)
        object.add("name", field.name)
        switch field.value {
        case .number(let number): object.add("value", .unsigned(number))
        case .named(let number, let text):
            object.add("value", .unsigned(number))
            object.add("text", text)
        default: object.add("value", field.value.isZero ? .null : .string(field.value.text))
        }
        return object
    }
}

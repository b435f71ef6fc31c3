// Layer: OrielCommand/Commands/Database. Uses: DatabaseCommand, DatabaseText, TableText. Used by: Command.db.

import ESEExport
import ESEFormat
import ESEReader
import JSON

extension Command {
    static let databaseDump = Command(
        "db dump", "shows the first rows of a table",
        usage: ["[options] FILE TABLE"],
        explanation: [
            "Prints rows side by side if they fit the terminal, else one column per line; columns that are NULL are"
                + " then"
                + " left out, side by side those that are NULL in all rows. Long texts and bytes are cut, which --json"
                + " does not do. oriel db export writes whole tables.",
            databaseFileNote, databaseStatusNote,
        ],
        options: [
            OptionGroup(
                title: "Options",
                options: [
                    Option("-n", "--rows", "NUMBER", "how many rows; without it 10") {
                        settings, text throws(UsageError) in
                        settings.database.maximumRows = try OptionGroup.number(text, 1...Int(Int32.max))
                    },
                    OptionGroup.columns, OptionGroup.rowsInOrder, OptionGroup.whereKey, OptionGroup.deletedRows,
                    OptionGroup.json,
                ])
        ],
        examples: [
            "oriel db dump SRUDB.dat SruDbIdMapTable",
            "oriel db dump -n 100 --columns IdIndex,IdType SRUDB.dat srudbidmaptable",
            "oriel db dump --where-key 5..9 SRUDB.dat SruDbIdMapTable",
            "oriel db dump --deleted --json qmgr.db Jobs",
        ]
    ) { invocation throws(CommandError) in try invocation.dumpTable() }
}

/// A row as it is shown.
struct ShownRow {
    /// The values of a column; an error has a sentence.
    enum Cell {
        case values([ColumnValue])
        case error(String)
    }

    let cells: [Cell]
    let isDeleted: Bool
    let page: PageNumber
    let node: Int

    /// Reads columns of the row that a cursor stands on.
    /// - Parameter renderings: what is known of the table's columns beyond their types; empty to go by the types.
    init(_ cursor: RowCursor, _ columns: [Int], _ renderings: [ValueRendering] = []) {
        cells = columns.map { column in
            if !renderings.isEmpty, let texts = WellKnownTables.texts(column, of: cursor, renderings) {
                return .values(texts.map(ColumnValue.text))
            }
            do throws(FormatError) { return .values(try cursor.values(column)) } catch { return .error("\(error)") }
        }
        isDeleted = cursor.isDeleted
        page = cursor.page
        node = cursor.position
    }

    /// A column's values for people; nil for NULL.
    func text(_ column: Int, limit: Int?) -> String? {
        switch cells[column] {
        case .values(let values): values.isEmpty ? nil : DatabaseText.text(values, limit: limit)
        case .error(let error): "<can't be read: \(error)>"
        }
    }
}

extension Invocation {
    fileprivate func dumpTable() throws(CommandError) -> ExitStatus {
        try expect(atMost: 2)
        let name = try operand(1, "TABLE")
        let database = try openDatabase()
        let table = try table(name, of: database)
        let columns = try columns(of: table)
        let cursor = try rows(of: table)
        var printer = RowPrinter(
            console, table.definition, columns, showsDeleted: settings.database.includesDeleted)
        let count = settings.database.maximumRows ?? 10
        let renderings = WellKnownTables.renderings(of: table.definition)
        while cursor.rowCount < count, !Task.isCancelled, cursor.next() {
            let row = ShownRow(cursor, columns, renderings)
            if settings.display.isJSON {
                try console.writeLine(json(row, table.definition, columns).text)
            } else {
                try printer.add(row)
            }
        }
        if !settings.display.isJSON {
            try printer.end()
            if cursor.rowCount == 0 { console.note("the table \(table.name) has no rows") }
        }
        return finish(database)
    }

    /// The rows of a table that were asked for, in the order that was asked for.
    func rows(of table: ESETable) throws(CommandError) -> RowCursor {
        var order: IndexDefinition?
        if let name = settings.database.index { order = try index(name, of: table) }
        var options = RowOptions()
        options.includesDeleted = settings.database.includesDeleted
        if let range = settings.database.keyRange {
            do throws(UsageError) {
                let keys = try range.keys(of: order ?? table.definition.primaryIndex, table.definition)
                options.lowerKey = keys.lower ?? []
                options.upperKey = keys.upper
            } catch {
                throw CommandError(.usage, "--where-key: \(error.message)")
            }
        }
        guard let order else { return table.rows(options) }
        do throws(ESEError) {
            return try table.rows(inOrderOf: order.name, options)
        } catch {
            throw CommandError(error)
        }
    }

    private func json(_ row: ShownRow, _ table: TableDefinition, _ columns: [Int]) -> JSONObject {
        var object = JSONObject()
        object.add("table", table.name)
        object.add("page", Int(row.page.rawValue))
        object.add("node", row.node)
        if row.isDeleted { object.add("deleted", .bool(true)) }
        var values = JSONObject()
        var errors = JSONObject()
        for (cell, column) in zip(row.cells, columns) {
            switch cell {
            case .values(let list): if !list.isEmpty { values.add(table.columns[column].name, DatabaseText.json(list)) }
            case .error(let error): errors.add(table.columns[column].name, error)
            }
        }
        object.add("values", .object(values))
        if !errors.isEmpty { object.add("errors", .object(errors)) }
        return object
    }
}

/// Prints rows, in blocks so that many of them need no more memory than a few.
struct RowPrinter {
    private static let blockCount = 1_000
    /// The most characters of a cell, side by side and one below the other.
    private static let cellLimit = 40
    private static let lineLimit = 160

    private let console: Console
    private let table: TableDefinition
    private let columns: [Int]
    private let showsDeleted: Bool
    private var block: [ShownRow] = []
    private var rowCount = 0
    private var isSideBySide: Bool?

    init(_ console: Console, _ table: TableDefinition, _ columns: [Int], showsDeleted: Bool) {
        self.console = console
        self.table = table
        self.columns = columns
        self.showsDeleted = showsDeleted
    }

    mutating func add(_ row: ShownRow) throws(CommandError) {
        block.append(row)
        if block.count >= Self.blockCount { try end() }
    }

    /// Prints what has not been printed.
    mutating func end() throws(CommandError) {
        guard !block.isEmpty else { return }
        defer {
            rowCount += block.count
            block = []
        }
        if isSideBySide != false {
            let lines = sideBySide()
            let width = console.outputWidth() ?? 120
            let fits = isSideBySide ?? !lines.contains { TableText.columns(of: $0) > width }
            isSideBySide = fits
            if fits {
                if rowCount > 0 { try console.writeLine("") }
                for line in lines { try console.writeLine(line) }
                return
            }
        }
        for (number, row) in block.enumerated() { try write(row, rowCount + number + 1) }
    }

    private func sideBySide() -> [String] {
        let shown = columns.indices.filter { column in block.contains { $0.text(column, limit: 1) != nil } }
        // So many columns fit no terminal.
        guard shown.count <= 200 else { return [String(repeating: " ", count: 10_000)] }
        var text = TableText(
            titles: (showsDeleted ? ["DELETED"] : [])
                + shown.map { DatabaseText.oneLine(table.columns[columns[$0]].name) })
        for row in block {
            let mark: [TableText.Cell] = showsDeleted ? [.init(row.isDeleted ? "deleted" : "")] : []
            text.add(
                mark
                    + shown.map { column in
                        let text = row.text(column, limit: Self.cellLimit) ?? ""
                        return TableText.Cell(text, isNumber: table.columns[columns[column]].type.isNumber)
                    })
        }
        return text.lines(width: nil)
    }

    private func write(_ row: ShownRow, _ number: Int) throws(CommandError) {
        if number > 1 { try console.writeLine("") }
        try console.writeLine(
            "Row \(number) (page \(row.page), node \(row.node)\(row.isDeleted ? ", deleted" : ""))")
        let texts = columns.indices.compactMap { column in
            row.text(column, limit: Self.lineLimit).map {
                (DatabaseText.oneLine(table.columns[columns[column]].name), $0)
            }
        }
        let width = min(40, texts.map { TableText.columns(of: $0.0) }.max() ?? 0)
        for (name, text) in texts {
            let padding = String(repeating: " ", count: max(0, width - TableText.columns(of: name)))
            try console.writeLine("  \(name)\(padding)  \(text)")
        }
        if texts.isEmpty { try console.writeLine("  (all columns are NULL)") }
    }
}

extension ColumnType {
    /// Whether values are put to the right of a column of a table.
    var isNumber: Bool {
        switch self {
        case .unsignedByte, .short, .long, .currency, .single, .double, .unsignedLong, .longLong, .unsignedShort,
            .unsignedLongLong:
            true
        case .bit, .dateTime, .binary, .text, .longBinary, .longText, .superLongValue, .guid: false
        }
    }
}

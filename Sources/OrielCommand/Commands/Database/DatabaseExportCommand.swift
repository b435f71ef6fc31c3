// Layer: OrielCommand/Commands/Database. Uses: ESEExport, ExportRun, KeyRange. Used by: Command.db.

import ESEExport
import ESEFormat
import ESEReader
import PlatformIO

extension Command {
    static let databaseExport = Command(
        "db export", "writes tables as CSV, JSON lines or SQLite",
        usage: ["[options] FILE"],
        explanation: [
            "Writes all tables but the engine's own, or those of --table. One table goes to standard output, or to"
                + " the file"
                + " of --out. Several go to standard output as JSON lines, each row with its table as _table, to a"
                + " SQLite"
                + " database, or to a directory that --out names (it ends with / or is there), a file for each."
                + " Files that"
                + " are there are replaced, SQLite databases are not.",
            "CSV has a line of names; NULL is an empty field, an empty text or value \"\". A column with several values"
                + " becomes an array of JSON. Dates are ISO 8601. Columns of well-known tables are written as what they"
                + " mean (times, security identifiers, texts in binary columns) unless --raw is given.",
            "Memory does not grow with the tables. Standard error says how many rows each had and what could not be"
                + " read;"
                + " in the output such values begin with #unreadable, in JSON lines they are objects.",
            databaseFileNote, databaseStatusNote,
        ],
        options: [
            OptionGroup(
                title: "What",
                options: [
                    Option(nil, "--table", "TABLE", "only this table; may be given several times") { settings, text in
                        settings.database.tables.append(text)
                    },
                    OptionGroup.allTables, OptionGroup.columns, OptionGroup.rowsInOrder, OptionGroup.whereKey,
                    Option(
                        flag: nil, "--deleted",
                        "also rows that were deleted: flagged ones, and what is left of others in unused bytes and"
                            + " freed pages; a column _origin says which, and which are uncertain"
                    ) { settings in
                        settings.database.includesDeleted = true
                    },
                ]),
            OptionGroup(
                title: "Output",
                options: [
                    OptionGroup.word(
                        "--format", DatabaseSettings.ExportFormat.allCases,
                        "without it what the end of --out's name says, else csv for one table and jsonl for several",
                        \.format),
                    Option(nil, "--out", "PATH", "the file or directory to write") {
                        settings, text throws(UsageError) in
                        guard !text.isEmpty else { throw UsageError("takes the path of a file or directory") }
                        settings.database.outputPath = text
                    },
                    Option(flag: nil, "--raw", "values by the types of their columns alone") { settings in
                        settings.database.isRaw = true
                    },
                    OptionGroup.word(
                        "--binary", BinaryForm.allCases, "how bytes are written as text; without it hex", \.binary),
                ]),
        ],
        examples: [
            "oriel db export SRUDB.dat --table SruDbIdMapTable > ids.csv",
            "oriel db export SRUDB.dat --out srum.sqlite", "oriel db export SRUDB.dat --out srum/ --format csv",
            "oriel db export qmgr.db | jq -c 'select(._table==\"Jobs\")'",
            "oriel db export ntds.dit --table datatable --columns DNT_col,ATTm3 --where-key 5000..6000",
        ]
    ) { invocation throws(CommandError) in try invocation.exportTables() }
}

extension CommandError {
    init(_ error: ExportError) {
        switch error {
        case .system(let error): self.init(error)
        case .sqlite: self.init(.localFailure, error.description)
        }
    }
}

extension Invocation {
    fileprivate func exportTables() throws(CommandError) -> ExitStatus {
        try expect(atMost: 1)
        let database = try openDatabase()
        var tables: [ESETable] = []
        for name in settings.database.tables {
            let table = try table(name, of: database)
            if !tables.contains(where: { $0.name == table.name }) { tables.append(table) }
        }
        if settings.database.tables.isEmpty {
            tables = database.tables.filter { settings.database.includesSystemTables || !$0.isSystem }
        }
        for (form, isGiven) in [
            ("--columns", settings.database.columns != nil), ("--index", settings.database.index != nil),
            ("--where-key", settings.database.keyRange != nil),
        ] where isGiven && tables.count != 1 {
            throw CommandError(.usage, "\(form) is for one table; name it with --table")
        }
        let plan = try ExportPlan(settings.database, tables, database: database.name)
        let run = ExportRun(console, database, plan, tableCount: tables.count)
        // What is wrong with the names is said before anything is written.
        var work: [(cursors: [RowCursor], exporter: Exporter)] = []
        for table in tables {
            var options = ExportOptions()
            options.columns = try settings.database.columns.map { _ throws(CommandError) in
                try columns(of: table).map { table.definition.columns[$0].name }
            }
            options.isRaw = settings.database.isRaw
            options.hasOrigin = settings.database.includesDeleted
            let cursors = try cursors(of: table)
            do throws(ESEError) {
                work.append((cursors, try Exporter(table.definition, options: options)))
            } catch {
                throw CommandError(error)
            }
        }
        do throws(ExportError) {
            try run.begin()
            for (cursors, exporter) in work where !Task.isCancelled { try run.write(cursors, exporter) }
            try run.end()
        } catch {
            throw CommandError(error)
        }
        run.report()
        let status = finish(database)
        guard !Task.isCancelled else {
            console.note("interrupted; what was written is not all")
            return .incomplete
        }
        return run.leftOutCount > 0 ? .incomplete : status
    }

    /// The rows of a table that are asked for; with `--deleted` also those that are no rows any more. Those have no
    /// order, so that of a range only the ones that still stand in it are given.
    private func cursors(of table: ESETable) throws(CommandError) -> [RowCursor] {
        let isWhole = settings.database.keyRange == nil && settings.database.index == nil
        guard settings.database.includesDeleted, isWhole else { return [try rows(of: table)] }
        return [table.rows(), table.deletedRows()]
    }
}

/// Where an export goes, and how.
struct ExportPlan {
    enum Place: Equatable {
        case standardOutput
        case file(String)
        case directory(String)
    }

    let place: Place
    let format: DatabaseSettings.ExportFormat
    let binary: BinaryForm
    /// Whether rows of several tables share a stream.
    let isShared: Bool
    private let names: [String]

    /// - Throws: when the options don't go together, or the output would replace the database.
    init(_ settings: DatabaseSettings, _ tables: [ESETable], database: String) throws(CommandError) {
        let path = settings.outputPath
        let ending = path.flatMap { path in path.split(separator: "/").last?.split(separator: ".").dropFirst().last }
        let format =
            settings.format ?? Self.format(ofEnding: ending?.lowercased() ?? "")
            ?? (tables.count == 1 ? .csv : .jsonl)
        if let path {
            let status = try? FileAccess.status(path)
            if let status, let source = try? FileAccess.status(database),
                status.device == source.device, status.inode == source.inode
            {
                throw CommandError(.usage, "--out names the database itself, which must not be replaced")
            }
            let isDirectory = status?.isDirectory ?? path.hasSuffix("/")
            if format == .sqlite, status != nil {
                throw CommandError(.usage, "--out: \(path) is there already; remove it, or name another")
            }
            let isFile = !isDirectory && !(tables.count > 1 && format == .csv && status == nil)
            place = isFile ? .file(path) : .directory(path)
            if isFile, tables.count > 1, format == .csv {
                throw CommandError(.usage, "--out: \(path) is a file; CSV of several tables takes a directory")
            }
        } else {
            place = .standardOutput
            if format == .sqlite { throw CommandError(.usage, "a SQLite database needs a file; name it with --out") }
            guard format != .csv || tables.count == 1 else {
                throw CommandError(
                    .usage,
                    "CSV holds one table; name it with --table, or a directory with --out, or take --format jsonl")
            }
        }
        self.format = format
        binary = settings.binary ?? .hex
        if case .directory = place { isShared = false } else { isShared = tables.count > 1 }
        names = Self.fileNames(tables.map(\.name), format)
    }

    private static func format(ofEnding ending: String) -> DatabaseSettings.ExportFormat? {
        ["db", "sqlite3"].contains(ending) ? .sqlite : DatabaseSettings.ExportFormat(rawValue: ending)
    }

    /// The file of a table in the directory.
    func path(_ table: Int) -> String {
        guard case .directory(let directory) = place else { return "" }
        return directory + (directory.hasSuffix("/") ? "" : "/") + names[table]
    }

    /// Names of tables as names of files: what a file system or a shell may trip over becomes `_`, and no two are
    /// the same,
    /// not even where upper and lower case are.
    static func fileNames(_ tables: [String], _ format: DatabaseSettings.ExportFormat) -> [String] {
        var taken: Set<String> = []
        return tables.map { table in
            var base = String(
                table.unicodeScalars.prefix(100).map { scalar -> Character in
                    let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    return isPlain || "-_{} ()".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
                })
            if base.isEmpty { base = "_" }
            var name = base
            var number = 2
            while !taken.insert(name.lowercased()).inserted {
                name = "\(base)_\(number)"
                number += 1
            }
            return "\(name).\(format.rawValue)"
        }
    }
}

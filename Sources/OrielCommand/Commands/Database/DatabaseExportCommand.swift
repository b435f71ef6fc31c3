// Layer: OrielCommand/Commands/Database. Uses: ExportWriter, KeyRange, WorkProgress. Used by: Command.db.

import ESEFormat
import ESEReader
import PlatformIO

extension Command {
    static let databaseExport = Command(
        "db export", "writes tables as CSV or JSON lines",
        usage: ["[options] FILE"],
        explanation: [
            "Writes all tables but the engine's own, or those of --table. One table goes to standard output or to the file"
                + " of --out. Several go to standard output as JSON lines, each row with its table, or to a directory"
                + " that --out names, a file for each. Files that are there are replaced.",
            "CSV has a line of names; NULL is an empty field, an empty text or value \"\"; of JSON lines NULL is left out."
                + " A column with several values becomes an array of JSON. Dates are ISO 8601, as the program that wrote"
                + " them meant them.",
            "Memory does not grow with the tables. Standard error says how many rows each had and what could not be read.",
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
                    OptionGroup.deletedRows,
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
                    OptionGroup.word(
                        "--binary", DatabaseSettings.BinaryForm.allCases, "how bytes are written; without it hex",
                        \.binary),
                ]),
        ],
        examples: [
            "oriel db export SRUDB.dat --table SruDbIdMapTable > ids.csv",
            "oriel db export SRUDB.dat --out srum/ --format csv",
            "oriel db export qmgr.db | jq -c 'select(.table == \"Jobs\")'",
            "oriel db export ntds.dit --table datatable --columns DNT_col,ATTm3 --where-key 5000..6000",
        ]
    ) { invocation throws(CommandError) in try invocation.exportTables() }
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
        var run = ExportRun(console, database)
        var shared: ExportOutput?
        do throws(IOError) {
            switch plan.place {
            case .standardOutput: shared = ExportOutput(console)
            case .file(let path): shared = try ExportOutput(writing: path)
            case .directory(let path): try FileAccess.createDirectory(path)
            }
        } catch {
            throw CommandError(error)
        }
        for (number, table) in tables.enumerated() where !Task.isCancelled {
            let columns = try columns(of: table)
            let rows = try rows(of: table)
            let output: ExportOutput
            do throws(IOError) {
                output = if let shared { shared } else { try ExportOutput(writing: plan.path(number)) }
            } catch {
                throw CommandError(error)
            }
            try run.write(rows, columns, plan.style, to: output)
            if shared == nil { try output.close() }
        }
        if let shared { try shared.close() }
        run.report()
        let status = finish(database)
        guard !Task.isCancelled else {
            console.note("interrupted; what was written is not all")
            return .incomplete
        }
        return status
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
    let style: ExportStyle
    private let names: [String]

    /// - Throws: when the options don't go together, or the output would replace the database.
    init(_ settings: DatabaseSettings, _ tables: [ESETable], database: String) throws(CommandError) {
        let path = settings.outputPath
        var isOneStream = true
        let ending = path.flatMap { path in path.split(separator: "/").last?.split(separator: ".").dropFirst().last }
        let format =
            settings.format ?? DatabaseSettings.ExportFormat(rawValue: ending?.lowercased() ?? "")
            ?? (tables.count == 1 ? .csv : .jsonl)
        if let path {
            let status = try? FileAccess.status(path)
            if let status, let source = try? FileAccess.status(database),
                status.device == source.device, status.inode == source.inode
            {
                throw CommandError(.usage, "--out names the database itself, which must not be replaced")
            }
            let isDirectory = status?.isDirectory ?? path.hasSuffix("/")
            isOneStream = !isDirectory && !(tables.count > 1 && format == .csv && status == nil)
            place = isOneStream ? .file(path) : .directory(path)
            if isOneStream, tables.count > 1, format == .csv {
                throw CommandError(.usage, "--out: \(path) is a file; CSV of several tables takes a directory")
            }
        } else {
            place = .standardOutput
            guard format != .csv || tables.count == 1 else {
                throw CommandError(
                    .usage,
                    "CSV holds one table; name it with --table, or a directory with --out, or take --format jsonl")
            }
        }
        style = ExportStyle(
            format: format, binary: settings.binary ?? .hex, showsDeleted: settings.includesDeleted,
            showsTable: tables.count > 1 && isOneStream)
        names = Self.fileNames(tables.map(\.name), format)
    }

    /// The file of a table in the directory.
    func path(_ table: Int) -> String {
        guard case .directory(let directory) = place else { return "" }
        return directory + (directory.hasSuffix("/") ? "" : "/") + names[table]
    }

    /// Names of tables as names of files: what a file system or a shell may trip over becomes `_`, and no two are the same,
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

/// Writes tables and counts what it wrote.
private struct ExportRun {
    private let console: Console
    private let lastPage: UInt32
    private let progress: WorkProgress
    private var counts: [(table: String, rows: Int)] = []
    private var rowCount = 0
    private var byteCount: UInt64 = 0
    private var pageCount = 0

    init(_ console: Console, _ database: ESEDatabase) {
        self.console = console
        lastPage = max(1, database.lastPage.rawValue)
        progress = WorkProgress(console)
    }

    mutating func write(
        _ rows: RowCursor, _ columns: [Int], _ style: ExportStyle, to output: ExportOutput
    ) throws(CommandError) {
        let before = output.byteCount
        var page = PageNumber.none
        defer {
            progress.clear()
            byteCount += output.byteCount - before
            rowCount += rows.rowCount
            counts.append((rows.table.name, rows.rowCount))
        }
        try output.write(style.head(rows.table, columns))
        while rows.next() {
            try output.write(style.line(rows, columns))
            if rows.page != page {
                page = rows.page
                pageCount += 1
                if Task.isCancelled { break }
            }
            progress.show {
                let written = DatabaseText.size(byteCount + output.byteCount - before)
                let share = min(100, pageCount * 100 / Int(lastPage))
                return "\(rows.table.name): \(rowCount + rows.rowCount) rows, \(written), \(share) % of the pages"
            }
        }
    }

    /// Rows of each table on standard error.
    func report() {
        for count in counts {
            console.note("\(DatabaseText.oneLine(count.table)): \(DatabaseText.count(count.rows, "row", "rows"))")
        }
        if counts.count > 1 { console.note("\(rowCount) rows of \(counts.count) tables") }
    }
}
